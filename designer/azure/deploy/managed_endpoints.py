"""Managed online endpoints, with Azure ML's SDK v2.

Each version is a deployment within the endpoint: it is tested before it gets
traffic, and the one before stays, without traffic, to go back to.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from designer.azure.deploy.service_client import (
    ENTRY_SCRIPT,
    LOG_LINES,
    PATIENCE,
    WAIT,
    FoundService,
    OnProgress,
    ServiceSpec,
    deployment_name,
    failure,
)
from designer.azure.errors import AzureError, GoneError, translated_errors
from designer.azure.sdk_output import no_git, quiet
from designer.azure.workspace import Notify, WorkspaceConfig, connect_v2
from designer.packaging.environment import IMAGE

STATES = {
    "succeeded": "running",
    "failed": "failed",
    "canceled": "failed",
    "deleting": "failed",
}

KEY_PATIENCE = 300.0
"""Seconds in which a regenerated key has to change."""

BEFORE = "storage-initializer"
"""The container that fetches model and code before the server starts."""


class ManagedEndpoints:
    """A :class:`designer.azure.deploy.service_client.ServiceClient` of managed online endpoints."""

    def __init__(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> None:
        self._config = config
        self._sign_in = sign_in
        _, self.client = connect_v2(config, sign_in, notify=notify)

    def choose(self, options: Mapping[str, Any]) -> str:
        """Return what a managed endpoint runs on; Azure checks the size when it deploys."""
        return "machines that Azure manages"

    def find(self, name: str) -> FoundService | None:
        """Return an endpoint, or None if there is none of this name."""
        with self._translated_errors():
            endpoint = self._find(name)
            if endpoint is None:
                return None
            # An enumeration whose text isn't its value.
            reported = getattr(endpoint.provisioning_state, "value", endpoint.provisioning_state)
            state = STATES.get(str(reported).lower(), "starting")
            if state == "running" and not any((endpoint.traffic or {}).values()):
                state = "unresponsive"
            return FoundService(state, str(endpoint.scoring_uri or ""))

    def register(self, name: str, model: Path, tags: dict[str, str]) -> str:
        """Register the folder of a model."""
        from azure.ai.ml.entities import Model

        with self._translated_errors():
            made = self.client.models.create_or_update(
                Model(name=name, path=str(model), type="custom_model", tags=tags)
            )
            return f"{made.name}:{made.version}"

    def unregister(self, model: str) -> None:
        """Archive a registered model; this SDK deletes none."""
        name, _, version = model.rpartition(":")
        with self._translated_errors():
            self.client.models.archive(name, version=version)

    def deploy(self, spec: ServiceSpec, on_progress: OnProgress) -> FoundService:
        """Deploy a version beside the others, without traffic, and wait for it."""
        from azure.ai.ml.entities import (
            CodeConfiguration,
            Environment,
            ManagedOnlineDeployment,
            ManagedOnlineEndpoint,
            OnlineRequestSettings,
        )

        with self._translated_errors():
            if self._find(spec.name) is None:
                on_progress("the endpoint")
                new = ManagedOnlineEndpoint(
                    name=spec.name, auth_mode="key", tags={"made with": "ModelDesk"}
                )
                self._wait(self.client.online_endpoints.begin_create_or_update(new), on_progress)
            deployment = ManagedOnlineDeployment(
                name=deployment_name(spec.version),
                endpoint_name=spec.name,
                model=f"azureml:{spec.model}",
                environment=Environment(name=spec.name, image=IMAGE, conda_file=str(spec.conda)),
                code_configuration=CodeConfiguration(
                    code=str(spec.code), scoring_script=ENTRY_SCRIPT
                ),
                instance_type=spec.options["instance_type"],
                instance_count=spec.options["instances"],
                request_settings=OnlineRequestSettings(request_timeout_ms=60_000),
                tags={"version": str(spec.version)},
            )
            poller = self.client.online_deployments.begin_create_or_update(deployment)
            try:
                self._wait(poller, on_progress)
            except AzureError as error:
                log = self._log(spec.name, spec.version, LOG_LINES)
                raise failure(
                    f"The deployment failed. {error.message}", log, *self._keys(spec.name)
                ) from None
            return FoundService("running", str(self._endpoint(spec.name).scoring_uri))

    def has(self, name: str, version: int) -> bool:
        """Return whether a version is there."""
        with self._translated_errors():
            found = self.client.online_deployments.list(name)
            return deployment_name(version) in {each.name for each in found}

    def release(self, name: str, version: int, keep: int | None) -> None:
        """Route all traffic to a version; others but one are deleted."""
        with self._translated_errors():
            endpoint = self._endpoint(name)
            endpoint.traffic = {deployment_name(version): 100}
            self.client.online_endpoints.begin_create_or_update(endpoint).result()
            kept = {deployment_name(each) for each in (version, keep) if each is not None}
            for each in list(self.client.online_deployments.list(name)):
                if each.name not in kept:
                    self.client.online_deployments.begin_delete(each.name, name).result()

    def withdraw(self, name: str, version: int) -> None:
        """Delete a version, and the endpoint with its last one."""
        with self._translated_errors():
            if self._find(name) is None:
                return
            names = {each.name for each in self.client.online_deployments.list(name)}
            if names <= {deployment_name(version)}:
                self.client.online_endpoints.begin_delete(name).result()
            elif deployment_name(version) in names:
                self.client.online_deployments.begin_delete(deployment_name(version), name).result()

    def keys(self, name: str) -> tuple[str, str]:
        """Return the primary and the secondary key."""
        with self._translated_errors():
            self._endpoint(name)
            return self._keys(name)

    def renew_key(self, name: str, which: str) -> None:
        """Regenerate a key in Azure, and wait until it has changed."""
        from azure.ai.ml._restclient.arm_ml_service.models import RegenerateEndpointKeysRequest

        with self._translated_errors():
            self._endpoint(name)
            before = self._keys(name)
            # The SDK's own method sends the key of now along, which Azure then takes for the
            # new one. What it calls has the addresses of the cloud that the workspace is in.
            self.client.online_endpoints._online_operation.begin_regenerate_keys(
                resource_group_name=self._config.resource_group,
                workspace_name=self._config.name,
                endpoint_name=name,
                body=RegenerateEndpointKeysRequest(key_type=which.capitalize()),
            ).result()
            index = ("primary", "secondary").index(which)
            end = time.monotonic() + KEY_PATIENCE
            while self._keys(name)[index] == before[index]:
                if time.monotonic() >= end:
                    raise AzureError(
                        f"Azure hasn't changed the {which} key of “{name}” yet.",
                        "Check its keys later, or regenerate it in Azure ML studio.",
                        passing=True,
                    )
                time.sleep(WAIT)

    def logs(self, name: str, version: int, lines: int) -> str:
        """Return the end of the log of the server."""
        with self._translated_errors():
            self._endpoint(name)
            return str(
                self.client.online_deployments.get_logs(deployment_name(version), name, lines)
            )

    def delete(self, name: str) -> None:
        """Delete an endpoint; a missing one counts as deleted."""
        with self._translated_errors():
            if self._find(name) is not None:
                self.client.online_endpoints.begin_delete(name).result()

    def _wait(self, poller: Any, on_progress: OnProgress) -> None:
        began = time.monotonic()
        while not poller.done():
            poller.wait(WAIT)
            seconds = time.monotonic() - began
            if seconds > PATIENCE:
                raise AzureError(f"It isn't ready after {PATIENCE / 60:.0f} minutes.")
            on_progress(f"{str(poller.status()).lower()}, {seconds:.0f} s")
        with translated_errors(self._config, self._sign_in):
            poller.result()

    def _log(self, name: str, version: int, lines: int) -> str:
        """Return the log of a deployment that failed, of the server or of what comes before."""
        for container in (None, BEFORE):
            with contextlib.suppress(Exception):
                log = self.client.online_deployments.get_logs(
                    deployment_name(version), name, lines, container_type=container
                )
                if str(log or "").strip():
                    return str(log)
        return ""

    def _keys(self, name: str) -> tuple[str, str]:
        keys = self.client.online_endpoints.get_keys(name)
        return str(keys.primary_key), str(keys.secondary_key)

    def _endpoint(self, name: str) -> Any:
        endpoint = self._find(name)
        if endpoint is None:
            raise GoneError(
                f"The workspace “{self._config.name}” no longer has an endpoint “{name}”.",
                "Delete it here too.",
            )
        return endpoint

    def _find(self, name: str) -> Any:
        from azure.core.exceptions import ResourceNotFoundError

        try:
            return self.client.online_endpoints.get(name)
        except ResourceNotFoundError:
            return None

    @contextlib.contextmanager
    def _translated_errors(self) -> Iterator[None]:
        with translated_errors(self._config, self._sign_in), quiet(), no_git():
            yield
