"""Endpoints in an Azure ML workspace: deploying, asking and deleting them.

The workspace on this computer remembers where each is and keeps the packages of its
versions. The keys are Azure's; see :mod:`designer.serving.key_ring`.
"""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.serving import key_ring
from designer.serving.local import answer_here, refused, sample_of
from designer.serving.options import TITLES, TargetOptions
from designer.serving.place import Order, Ready
from designer.serving.problem import ServingError
from designer.serving.records import Records
from designer.serving.status import STATES, Keys, State, Status
from designer.serving.steps import Steps
from designer.serving.undoing import Undoing, undone_on_failure

if TYPE_CHECKING:
    from designer.azure.deployment import Cloud, Found
    from designer.azure.workspace import WorkspaceConfig

SIZES = ("cores", "memory", "instances", "instance_type", "cluster")

TOLERANCE = 1e-6
"""Answers of here and there may differ by so much, relatively."""


class AzurePlace:
    """Looks after the endpoints of one Azure target; a :class:`designer.serving.place.Place`.

    Parameters
    ----------
    target : str
        ``aci``, ``aks`` or ``managed``.
    """

    def __init__(self, records: Records, target: str) -> None:
        self._records = records
        self._target = target
        self._cloud: Cloud | None = None
        self._here = b""

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Refuse what is wrong without a network."""
        self._config(options)
        if self._target == "aks" and options.cluster is None:
            raise ServingError("No AKS cluster is named.", "Name one.", remedy="cluster")
        if self._target == "managed" and key is not None:
            raise ServingError(
                "Azure makes the keys of a managed endpoint itself.", "Leave the key out."
            )

    def prepare(self, order: Order, steps: Steps) -> None:
        """Let the package answer here, sign in, and look for cluster and name."""
        steps.begin("local")
        self._here = answer_here(order.package, own_code=order.own_code)
        steps.begin("compute")
        config = self._config(order.options)
        known = order.name in self._records.names()
        if known and self._record_of(config) != self._records.read(order.name).get("azure"):
            raise ServingError(
                f"“{order.name}” is deployed to another Azure ML workspace already.",
                "Take another name, or delete it there.",
                remedy="delete",
                subject=order.name,
            )
        with _in_words(order.name):
            cloud = self._connect(config, order.options.sign_in, steps.say)
            steps.say(cloud.choose(order.options.cluster))
            if not known and cloud.find(order.name) is not None:
                raise ServingError(
                    f"The workspace “{config.name}” has an endpoint “{order.name}” that was "
                    "not deployed from here.",
                    "Take another name.",
                )

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Register the model, deploy the next version and test it."""
        from designer.azure.deployment import page

        name, records = order.name, self._records
        config = self._config(order.options)
        sizes = {each: getattr(order.options, each) for each in SIZES}
        with records.locked(name), undone_on_failure() as made, _in_words(name, begun=True):
            cloud = self._connect(config, order.options.sign_in, steps.say)
            number = records.next_version(name)
            before = int(records.read(name)["version"]) if number > 1 else None
            steps.begin("register", "in Azure")
            tags = {"version": str(number), "made with": "ModelDesk"}
            model = cloud.register(name, order.package / "model", tags)
            made.add(f"the registered model “{model}”", lambda: cloud.unregister(model))
            steps.begin("deploy")
            found = self._bring_up(
                cloud, name, number, order.package, model, sizes, made, steps, key=order.key
            )
            keys = Keys(*cloud.keys(name))
            steps.begin("test")
            said = self._test(cloud, config, name, number, found, keys.primary, order.package)
            cloud.release(name, number, before)
            record = {
                "target": self._target,
                "azure": self._record_of(config),
                "sign_in": order.options.sign_in,
                "sizes": sizes,
                "url": found.url,
                "portal": page(config, name),
                "state": "running",
                "checked": time.time(),
                "before": before,
            }
            about = {**order.about, "azure_model": model}
            records.add(name, order.package, about, record)
            records.change(name, version=number, **record)
        key_ring.keep(self._account(name), keys)
        return Ready(number, found.url, keys.primary, None, str(record["portal"]), said)

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state: the last answer of Azure, or a new one."""
        if ask:
            with _in_words(name):
                found = self._cloud_of(name).find(name)
            state = found.state if found is not None else "failed"
            self._records.change(name, state=state, checked=time.time())
        record = self._records.read(name)
        version = int(record["version"])
        known: State = next((each for each in STATES if each == record.get("state")), "failed")
        return Status(
            name,
            known,
            version,
            self._records.versions(name),
            None,
            str(record.get("url", "")),
            compiled=self._records.about(name, version).get("compiled"),
            target=self._target,
            checked=record.get("checked"),
            portal=str(record.get("portal", "")),
        )

    def keys(self, name: str) -> Keys:
        """Return the keys: those of the keyring, or Azure's."""
        found = key_ring.find(self._account(name))
        if found is None:
            with _in_words(name):
                found = Keys(*self._cloud_of(name).keys(name))
            key_ring.keep(self._account(name), found)
        return found

    def renew_key(self, name: str, which: str) -> None:
        """Let Azure make another key."""
        with self._records.locked(name), _in_words(name):
            self._cloud_of(name).renew_key(name, which)
        key_ring.forget(self._account(name))

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Refuse: it runs as long as it is there."""
        raise ServingError(
            f"“{name}” is on {TITLES[self._target]}, where it runs as long as it is there.",
            "Its state can be asked for.",
            remedy="show",
            subject=name,
        )

    def stop(self, name: str) -> None:
        """Refuse: Azure has no way to stop one and keep it."""
        raise ServingError(
            f"“{name}” can't be stopped: on {TITLES[self._target]} an endpoint runs, and is "
            "paid for, as long as it is there.",
            "Delete it.",
            remedy="delete",
            subject=name,
        )

    def rollback(self, name: str, version: int) -> None:
        """Give the traffic back to an earlier version, or deploy it again."""
        record, config = self._records.read(name), self._config_of(name)
        with self._records.locked(name), undone_on_failure() as made, _in_words(name, begun=True):
            cloud = self._cloud_of(name)
            current = int(record["version"])
            if not cloud.has(name, version):
                self._records.check_whole(name, version)
                model = self._model(name, version)
                package = self._records.package(name, version)
                steps = Steps(lambda step, status, text: None)
                found = self._bring_up(
                    cloud, name, version, package, model, record["sizes"], made, steps
                )
                key = cloud.keys(name)[0]
                self._test(cloud, config, name, version, found, key, package)
            cloud.release(name, version, current)
            self._records.change(name, version=version, state="running", checked=time.time())

    def delete(self, name: str) -> None:
        """Delete it in Azure; the registered models stay there."""
        with self._records.locked(name), _in_words(name):
            self._cloud_of(name).delete(name)
        key_ring.forget(self._account(name))

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log, without secrets."""
        from designer.azure.errors import without_secrets

        version = int(self._records.read(name)["version"])
        with _in_words(name):
            cloud = self._cloud_of(name)
            text = cloud.logs(name, version, lines)
            keys = cloud.keys(name)
        for key in keys:
            text = text.replace(key, "***")
        return without_secrets(text).splitlines()[-lines:]

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send rows; Azure's servers have no other address."""
        from designer.azure.deployment import ask

        if path != "/score" or body is None:
            raise ServingError(
                f"Azure counts the requests of “{name}” itself.",
                f"See its page: {self._records.read(name).get('portal', '')}",
                wrong_input=False,
            )
        url, config = str(self._records.read(name)["url"]), self._config_of(name)
        with _in_words(name):
            status, answer = ask(url, self.keys(name).primary, body, config=config)
            if status in (401, 403):
                # Somebody may have renewed the key in the studio.
                key_ring.forget(self._account(name))
                status, answer = ask(url, self.keys(name).primary, body, config=config)
        return status, answer

    def _bring_up(
        self,
        cloud: Cloud,
        name: str,
        version: int,
        package: Path,
        model: str,
        sizes: Mapping[str, Any],
        made: Undoing,
        steps: Steps,
        *,
        key: str | None = None,
    ) -> Found:
        """Deploy a version, and remember how that is undone."""
        from designer.azure import deployment

        before = self._redeploy(cloud, name, version, steps)
        if self._target == "managed" or before is None:
            made.add(f"the endpoint “{name}”", lambda: cloud.withdraw(name, version))
        else:
            made.add(f"the endpoint “{name}”, of which version {version} failed", before)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            code = _without_model(package, Path(place))
            conda = package / "environment" / "conda.yml"
            order = deployment.Order(name, version, model, code, conda, **sizes, key=key)
            return cloud.deploy(order, steps.say)

    def _redeploy(
        self, cloud: Cloud, name: str, version: int, steps: Steps
    ) -> Callable[[], object] | None:
        """Return what puts the current version back in the place of one that failed."""
        if name not in self._records.names():
            return None
        record = self._records.read(name)
        current = int(record["version"])

        def again() -> None:
            package, model = self._records.package(name, current), self._model(name, current)
            steps.say(f"version {current} again")
            self._bring_up(cloud, name, current, package, model, record["sizes"], Undoing(), steps)

        return again

    def _test(
        self,
        cloud: Cloud,
        config: WorkspaceConfig,
        name: str,
        version: int,
        found: Found,
        key: str,
        package: Path,
    ) -> tuple[str, ...]:
        """Send the sample request; return what the person should know of the answer."""
        from designer.azure.deployment import LOG_LINES, ask
        from designer.azure.errors import AzureError, without_secrets

        only = version if self._target == "managed" else None
        status, body = ask(found.url, key, sample_of(package), config=config, version=only)
        if status != 200:
            log = "no log could be read."
            with contextlib.suppress(AzureError):
                log = cloud.logs(name, version, LOG_LINES).replace(key, "***")
            raise ServingError(
                refused(status, body),
                f"The end of its log:\n{without_secrets(log)}",
                wrong_input=False,
            )
        said = []
        if self._here and not _same(json.loads(body), json.loads(self._here)):
            said.append("Its answer to the sample request is not the one of this computer.")
        if found.url.startswith("http://"):
            said.append(
                "Its address begins with http: keys and rows travel unencrypted until you set "
                "up a certificate in Azure."
            )
        return tuple(said)

    def _model(self, name: str, version: int) -> str:
        return str(self._records.about(name, version)["azure_model"])

    def _connect(self, config: WorkspaceConfig, sign_in: str, say: Callable[[str], None]) -> Cloud:
        from designer.azure.deployment import connect

        if self._cloud is None:
            self._cloud = connect(self._target, config, sign_in, say=say)
        return self._cloud

    def _cloud_of(self, name: str) -> Cloud:
        record = self._records.read(name)
        sign_in = str(record.get("sign_in", "browser"))
        # The stream of now: while an SDK is asked, what it prints there is dropped.
        stream = sys.stderr
        return self._connect(
            self._config_of(name),
            sign_in,
            lambda text: print(text, file=stream),
        )

    def _config_of(self, name: str) -> WorkspaceConfig:
        from designer.azure.workspace import WorkspaceConfig

        plain = self._records.read(name)["azure"]
        return WorkspaceConfig(
            plain["subscription"], plain["resource_group"], plain["workspace"], plain["tenant"]
        )

    def _config(self, options: TargetOptions) -> WorkspaceConfig:
        from designer.azure.workspace import read_config

        with _in_words():
            return read_config(options.config or Path("config.json"))

    def _record_of(self, config: WorkspaceConfig) -> dict[str, Any]:
        return {
            "subscription": config.subscription,
            "resource_group": config.resource_group,
            "workspace": config.name,
            "tenant": config.tenant,
        }

    def _account(self, name: str) -> str:
        plain = self._records.read(name)["azure"]
        parts = (plain["subscription"], plain["resource_group"], plain["workspace"])
        return "/".join((*parts, self._target, name))


@contextlib.contextmanager
def _in_words(name: str = "", *, begun: bool = False) -> Iterator[None]:
    """Turn errors of Azure's into those of serving.

    Parameters
    ----------
    name : str
        The endpoint that Azure is asked about.
    begun : bool
        Whether everything that was asked for has been checked, so that it is not to blame.
    """
    from designer.azure.errors import AzureError, GoneError
    from designer.azure.problems import CompileError

    try:
        yield
    except GoneError as error:
        raise ServingError(
            error.message, error.hint, remedy="delete", subject=name, wrong_input=not begun
        ) from None
    except AzureError as error:
        wrong = not (begun or error.passing)
        raise ServingError(error.message, error.hint, wrong_input=wrong) from None
    except CompileError as error:
        problem = error.problems[0]
        raise ServingError(problem.message, problem.hint) from None


def _without_model(package: Path, place: Path) -> Path:
    """Copy the code of a package; the model travels as a registered model."""
    code = place / "package"
    shutil.copytree(
        package,
        code,
        ignore=lambda folder, names: {
            name
            for name in names
            if name == "__pycache__" or (name == "model" and Path(folder) == package)
        },
    )
    return code


def _same(one: Any, two: Any) -> bool:
    """Tell whether two documents are equal, numbers nearly."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, float) or isinstance(two, float):
        numbers = all(isinstance(each, (int, float)) for each in (one, two))
        return numbers and math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == two)
