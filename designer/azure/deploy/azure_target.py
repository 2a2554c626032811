"""Shared parts of the deployment targets in an Azure ML workspace.

The workspace on this computer remembers where each endpoint is and keeps the packages of its
versions. The keys are Azure's; see :mod:`designer.azure.deploy.key_ring`.
"""

from __future__ import annotations

import sys
import time
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from designer.azure.clouds import CLOUDS
from designer.azure.compile.problems import check_sdk
from designer.azure.deploy import key_ring
from designer.azure.deploy.endpoint_records import (
    keyring_account,
    model_of,
    workspace_of,
    workspace_record,
)
from designer.azure.deploy.error_translation import as_serving_errors
from designer.azure.deploy.service_client import ServiceClient, page, send, tags_of
from designer.azure.deploy.versions import Versions
from designer.azure.errors import without_secrets
from designer.azure.sign_in import SIGN_INS
from designer.azure.workspace import CONFIG as CONFIG_NAME
from designer.azure.workspace import Notify, WorkspaceConfig, read_config
from designer.deployment.checking import local_response
from designer.deployment.options import Option
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.rollback import rolled_back_on_failure
from designer.deployment.status import STATES, Keys, State, Status
from designer.deployment.steps import Steps, steps_of
from designer.deployment.target import DeploymentTarget, DeployRequest, DeployResult
from designer.packaging.errors import PackagingError
from designer.pipeline.problem import Problem


def _read(path: Path, cloud: str = "config") -> WorkspaceConfig:
    with as_serving_errors(option="config"):
        return read_config(path, None if cloud == "config" else cloud)


CONFIG = Option(
    "config",
    "Workspace",
    "The config.json of the Azure ML workspace.",
    "file",
    default_text="the one beside FILE, or in the current folder",
    required="Choose the config.json of the Azure ML workspace.",
    placeholder="Its config.json",
    file_name=CONFIG_NAME,
    in_files=False,
    check=_read,
)

CLOUD = Option(
    "cloud",
    "Cloud",
    "Cloud of Azure.",
    "choice",
    default="config",
    choices={"config": "As in config.json", **CLOUDS},
    invalid="“{}” isn't a cloud of Azure.",
    in_files=False,
)

SIGN_IN = Option(
    "sign_in",
    "Sign in",
    "How to sign in to Azure.",
    "choice",
    default="browser",
    choices=SIGN_INS,
    invalid="“{}” isn't a way to sign in.",
    in_files=False,
)


class AzureTarget(DeploymentTarget):
    """Manages the endpoints of one kind in Azure ML workspaces.

    Attributes
    ----------
    sdk : str
        The SDK that it needs: ``v1`` or ``v2``.
    side_by_side : bool
        Whether the version before stays while the next one is deployed.
    """

    remote = True
    steps = steps_of("local", "compute", "register", "deploy", "test")
    sdk: ClassVar[str]
    side_by_side: ClassVar[bool] = False

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._client: ServiceClient | None = None
        self._versions = Versions(records, side_by_side=self.side_by_side)
        self._here: bytes | None = None

    @abstractmethod
    def connect(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> ServiceClient:
        """Sign in to a workspace; raises AzureError and PackagingError."""

    @classmethod
    def needs(cls) -> list[Problem]:
        """Return that the SDK is missing or too old, if so."""
        try:
            check_sdk(cls.sdk)
        except PackagingError as error:
            return list(error.problems)
        return []

    @classmethod
    def leftovers(cls, name: str) -> str:
        """Return what may remain of a deployment that was ended by force."""
        return (
            f"In Azure, an endpoint “{name}” and a registered model “{name}” may remain, for "
            "which you pay. Check Azure ML studio, and delete them there."
        )

    def prepare(self, request: DeployRequest, steps: Steps) -> None:
        """Test the package here, sign in, and look for cluster and name."""
        steps.begin("local")
        self._here = local_response(request.package, request.allowed)
        steps.begin("compute")
        config = _read(request.options["config"], request.options["cloud"])
        known = request.name in self.records.names()
        if known and workspace_record(config) != self.records.read(request.name).get("azure"):
            raise ServingError(
                f"“{request.name}” is already deployed to another Azure ML workspace.",
                "Choose another name, or delete it there.",
                remedy="delete",
                subject=request.name,
            )
        with as_serving_errors(request.name):
            client = self._connected(config, request.options["sign_in"], steps.notify)
            steps.notify(client.choose(request.options))
            if not known and client.find(request.name) is not None:
                raise ServingError(
                    f"The workspace “{config.name}” has an endpoint “{request.name}” that "
                    "wasn't deployed from here.",
                    "Choose another name.",
                )

    def deploy(self, request: DeployRequest, steps: Steps) -> DeployResult:
        """Register the model, deploy the next version and test it."""
        name, records = request.name, self.records
        config = _read(request.options["config"], request.options["cloud"])
        sizes = {each.name: request.options[each.name] for each in self.options if each.in_files}
        with (
            records.locked(name),
            rolled_back_on_failure() as made,
            as_serving_errors(name, begun=True),
        ):
            client = self._connected(config, request.options["sign_in"], steps.notify)
            number = records.next_version(name)
            before = int(records.read(name)["version"]) if number > 1 else None
            steps.begin("register", "in Azure")
            model = client.register(name, request.package / "model", tags_of(number))
            made.add(f"the registered model “{model}”", lambda: client.unregister(model))
            steps.begin("deploy")
            found = self._versions.deploy_version(
                client, name, number, request.package, model, sizes, made, steps, key=request.key
            )
            keys = Keys(*client.keys(name))
            steps.begin("test")
            messages = self._versions.test(
                client, config, name, number, found, keys.primary, request.package, self._here
            )
            client.release(name, number, before)
            record = {
                "target": self.name,
                "azure": workspace_record(config),
                "sign_in": request.options["sign_in"],
                "sizes": sizes,
                "url": found.url,
                "portal": page(config, name),
                "state": "running",
                "checked": time.time(),
                "before": before,
            }
            about = {**request.about, "azure_model": model}
            records.add(name, request.package, about, record)
            records.change(name, version=number, **record)
        key_ring.keep(keyring_account(self.records, name), keys)
        return DeployResult(
            name,
            self.name,
            number,
            found.url,
            keys.primary,
            portal=str(record["portal"]),
            messages=messages,
        )

    def status(self, name: str, *, refresh: bool = False) -> Status:
        """Return the last known state, or a new one."""
        if refresh:
            with as_serving_errors(name):
                found = self._client_of(name).find(name)
            state = found.state if found is not None else "failed"
            self.records.change(name, state=state, checked=time.time())
        record = self.records.read(name)
        version = int(record["version"])
        known: State = next((each for each in STATES if each == record.get("state")), "failed")
        return Status(
            name,
            known,
            version,
            self.records.versions(name),
            None,
            str(record.get("url", "")),
            compiled=self.records.about(name, version).get("compiled"),
            target=self.name,
            checked=record.get("checked"),
            portal=str(record.get("portal", "")),
        )

    def keys(self, name: str) -> Keys:
        """Return the keys: those of the keyring, or Azure's."""
        found = key_ring.find(keyring_account(self.records, name))
        if found is None:
            with as_serving_errors(name):
                found = Keys(*self._client_of(name).keys(name))
            key_ring.keep(keyring_account(self.records, name), found)
        return found

    def renew_key(self, name: str, which: str) -> None:
        """Regenerate a key in Azure."""
        with self.records.locked(name), as_serving_errors(name):
            self._client_of(name).renew_key(name, which)
        key_ring.forget(keyring_account(self.records, name))

    def stop(self, name: str) -> None:
        """Raise: Azure can't stop an endpoint and keep it."""
        raise ServingError(
            f"“{name}” can't be stopped: an endpoint on “{self.title}” runs, and costs money, as "
            "long as it exists.",
            "Delete it.",
            remedy="delete",
            subject=name,
        )

    def rollback(self, name: str, version: int) -> None:
        """Route the traffic back to an earlier version, or deploy it again."""
        record, config = self.records.read(name), workspace_of(self.records, name)
        with (
            self.records.locked(name),
            rolled_back_on_failure() as made,
            as_serving_errors(name, begun=True),
        ):
            client = self._client_of(name)
            current = int(record["version"])
            if not client.has(name, version):
                self.records.check_whole(name, version)
                model = model_of(self.records, name, version)
                package = self.records.package(name, version)
                steps = Steps(lambda step, status, text: None)
                found = self._versions.deploy_version(
                    client, name, version, package, model, record["sizes"], made, steps
                )
                key = client.keys(name)[0]
                self._versions.test(client, config, name, version, found, key, package, None)
            client.release(name, version, current)
            self.records.change(name, version=version, state="running", checked=time.time())

    def delete(self, name: str) -> None:
        """Delete it in Azure; the registered models stay there."""
        with self.records.locked(name), as_serving_errors(name):
            self._client_of(name).delete(name)
        key_ring.forget(keyring_account(self.records, name))

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log, without secrets."""
        version = int(self.records.read(name)["version"])
        with as_serving_errors(name):
            client = self._client_of(name)
            text = client.logs(name, version, lines)
            keys = client.keys(name)
        for key in keys:
            text = text.replace(key, "***")
        return without_secrets(text).splitlines()[-lines:]

    def send(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send rows; Azure's servers have no other route."""
        if path != "/score" or body is None:
            raise ServingError(
                f"The metrics of “{name}” are in Azure.",
                f"See its page: {self.records.read(name).get('portal', '')}",
                wrong_input=False,
            )
        url, config = str(self.records.read(name)["url"]), workspace_of(self.records, name)
        with as_serving_errors(name):
            status, response = send(url, self.keys(name).primary, body, config=config)
            if status in (401, 403):
                # The key may have been renewed in the studio.
                key_ring.forget(keyring_account(self.records, name))
                status, response = send(url, self.keys(name).primary, body, config=config)
        return status, response

    def _connected(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> ServiceClient:
        """Sign in, once."""
        if self._client is None:
            self._client = self.connect(config, sign_in, notify)
        return self._client

    def _client_of(self, name: str) -> ServiceClient:
        """Sign in to where an endpoint is."""
        sign_in = str(self.records.read(name).get("sign_in", "browser"))
        # The stream of now: what an SDK prints there is dropped later.
        stream = sys.stderr
        return self._connected(
            workspace_of(self.records, name),
            sign_in,
            lambda text: print(text, file=stream),
        )
