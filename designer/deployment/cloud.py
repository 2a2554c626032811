"""Endpoints in an Azure ML workspace: deploying, asking and deleting them.

The workspace on this computer remembers where each is and keeps the packages of its
versions. The keys are Azure's; see :mod:`designer.deployment.key_ring`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from designer.deployment import key_ring
from designer.deployment.checking import answer_here
from designer.deployment.cloud_records import CloudRecords
from designer.deployment.cloud_versions import CloudVersions
from designer.deployment.cloud_words import in_words
from designer.deployment.options import TITLES, TargetOptions
from designer.deployment.place import Order, Ready
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.rollback import undone_on_failure
from designer.deployment.status import STATES, Keys, State, Status
from designer.deployment.steps import Steps

SIZES = ("cores", "memory", "instances", "instance_type", "cluster")


class AzurePlace:
    """Looks after the endpoints of one Azure target; a :class:`designer.deployment.place.Place`.

    Parameters
    ----------
    target : str
        ``aci``, ``aks`` or ``managed``.
    """

    def __init__(self, records: Records, target: str) -> None:
        self._records = records
        self._target = target
        self._azure = CloudRecords(records, target)
        self._versions = CloudVersions(records, self._azure, target)
        self._here: bytes | None = None

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Refuse what is wrong without a network."""
        self._azure.config(options)
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
        config = self._azure.config(order.options)
        known = order.name in self._records.names()
        if known and self._azure.record_of(config) != self._records.read(order.name).get("azure"):
            raise ServingError(
                f"“{order.name}” is deployed to another Azure ML workspace already.",
                "Take another name, or delete it there.",
                remedy="delete",
                subject=order.name,
            )
        with in_words(order.name):
            cloud = self._azure.connect(config, order.options.sign_in, steps.say)
            steps.say(cloud.choose(order.options.cluster))
            if not known and cloud.find(order.name) is not None:
                raise ServingError(
                    f"The workspace “{config.name}” has an endpoint “{order.name}” that was "
                    "not deployed from here.",
                    "Take another name.",
                )

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Register the model, deploy the next version and test it."""
        from designer.azure.deploy.deployment import page

        name, records = order.name, self._records
        config = self._azure.config(order.options)
        sizes = {each: getattr(order.options, each) for each in SIZES}
        with records.locked(name), undone_on_failure() as made, in_words(name, begun=True):
            cloud = self._azure.connect(config, order.options.sign_in, steps.say)
            number = records.next_version(name)
            before = int(records.read(name)["version"]) if number > 1 else None
            steps.begin("register", "in Azure")
            tags = {"version": str(number), "made with": "ModelDesk"}
            model = cloud.register(name, order.package / "model", tags)
            made.add(f"the registered model “{model}”", lambda: cloud.unregister(model))
            steps.begin("deploy")
            found = self._versions.bring_up(
                cloud, name, number, order.package, model, sizes, made, steps, key=order.key
            )
            keys = Keys(*cloud.keys(name))
            steps.begin("test")
            said = self._versions.test(
                cloud, config, name, number, found, keys.primary, order.package, self._here
            )
            cloud.release(name, number, before)
            record = {
                "target": self._target,
                "azure": self._azure.record_of(config),
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
        key_ring.keep(self._azure.account(name), keys)
        return Ready(number, found.url, keys.primary, None, str(record["portal"]), said)

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state: the last answer of Azure, or a new one."""
        if ask:
            with in_words(name):
                found = self._azure.cloud_of(name).find(name)
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
        found = key_ring.find(self._azure.account(name))
        if found is None:
            with in_words(name):
                found = Keys(*self._azure.cloud_of(name).keys(name))
            key_ring.keep(self._azure.account(name), found)
        return found

    def renew_key(self, name: str, which: str) -> None:
        """Let Azure make another key."""
        with self._records.locked(name), in_words(name):
            self._azure.cloud_of(name).renew_key(name, which)
        key_ring.forget(self._azure.account(name))

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
        record, config = self._records.read(name), self._azure.config_of(name)
        with self._records.locked(name), undone_on_failure() as made, in_words(name, begun=True):
            cloud = self._azure.cloud_of(name)
            current = int(record["version"])
            if not cloud.has(name, version):
                self._records.check_whole(name, version)
                model = self._azure.model(name, version)
                package = self._records.package(name, version)
                steps = Steps(lambda step, status, text: None)
                found = self._versions.bring_up(
                    cloud, name, version, package, model, record["sizes"], made, steps
                )
                key = cloud.keys(name)[0]
                self._versions.test(cloud, config, name, version, found, key, package, None)
            cloud.release(name, version, current)
            self._records.change(name, version=version, state="running", checked=time.time())

    def delete(self, name: str) -> None:
        """Delete it in Azure; the registered models stay there."""
        with self._records.locked(name), in_words(name):
            self._azure.cloud_of(name).delete(name)
        key_ring.forget(self._azure.account(name))

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log, without secrets."""
        from designer.azure.errors import without_secrets

        version = int(self._records.read(name)["version"])
        with in_words(name):
            cloud = self._azure.cloud_of(name)
            text = cloud.logs(name, version, lines)
            keys = cloud.keys(name)
        for key in keys:
            text = text.replace(key, "***")
        return without_secrets(text).splitlines()[-lines:]

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send rows; Azure's servers have no other address."""
        from designer.azure.deploy.deployment import ask

        if path != "/score" or body is None:
            raise ServingError(
                f"Azure counts the requests of “{name}” itself.",
                f"See its page: {self._records.read(name).get('portal', '')}",
                wrong_input=False,
            )
        url, config = str(self._records.read(name)["url"]), self._azure.config_of(name)
        with in_words(name):
            status, answer = ask(url, self.keys(name).primary, body, config=config)
            if status in (401, 403):
                # Somebody may have renewed the key in the studio.
                key_ring.forget(self._azure.account(name))
                status, answer = ask(url, self.keys(name).primary, body, config=config)
        return status, answer
