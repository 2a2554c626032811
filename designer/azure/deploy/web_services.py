"""Web services on Azure Container Instances and Kubernetes, with Azure ML's SDK v1."""

from __future__ import annotations

import contextlib
import json
import re
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from designer.azure.deploy.service_client import (
    ENTRY_SCRIPT,
    PATIENCE,
    WAIT,
    FoundService,
    OnProgress,
    ServiceSpec,
    failure,
    tags_of,
)
from designer.azure.errors import AzureError, GoneError, translated_errors
from designer.azure.runs.remote import read_from
from designer.azure.sdk_output import no_git, quiet
from designer.azure.workspace import Notify, WorkspaceConfig, connect_v1
from designer.packaging.environment import IMAGE

STATES = {
    "healthy": "running",
    "transitioning": "starting",
    "unhealthy": "unresponsive",
    "unschedulable": "failed",
    "failed": "failed",
}


class WebServices(ABC):
    """A :class:`designer.azure.deploy.service_client.ServiceClient` of one kind of web service."""

    def __init__(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> None:
        self.config = config
        self._sign_in = sign_in
        self.workspace = connect_v1(config, sign_in, notify=notify)

    @abstractmethod
    def choose(self, options: Mapping[str, Any]) -> str:
        """Check that the compute target is there; return its description."""

    @abstractmethod
    def configuration(self, options: Mapping[str, Any], **common: Any) -> Any:
        """Return the SDK's deployment configuration."""

    def compute(self, options: Mapping[str, Any]) -> Any:
        """Return the SDK's compute target; None for a kind that has none."""
        return None

    def find(self, name: str) -> FoundService | None:
        """Return a web service, or None if there is none of this name."""
        with self.translated_errors():
            service = self._find(name)
            return _found(service) if service is not None else None

    def register(self, name: str, model: Path, tags: dict[str, str]) -> str:
        """Register the folder of a model."""
        from designer.azure.sdk_v1.private import register_model

        with self.translated_errors():
            return register_model(self.workspace, name, model, tags)

    def unregister(self, model: str) -> None:
        """Delete a registered model."""
        from azureml.core import Model

        with self.translated_errors():
            Model(self.workspace, id=model).delete()

    def deploy(self, spec: ServiceSpec, on_progress: OnProgress) -> FoundService:
        """Deploy a version replacing the previous one, and wait for it."""
        from azureml.core import Environment, Model
        from azureml.core.model import InferenceConfig

        with self.translated_errors():
            environment = Environment.from_conda_specification(spec.name, str(spec.conda))
            environment.docker.base_image = IMAGE
            environment.inferencing_stack_version = "latest"
            inference = InferenceConfig(
                entry_script=ENTRY_SCRIPT,
                source_directory=str(spec.code),
                environment=environment,
            )
            service = Model.deploy(
                self.workspace,
                spec.name,
                [Model(self.workspace, id=spec.model)],
                inference,
                self._configuration(spec),
                self.compute(spec.options),
                overwrite=True,
            )
            self._wait(service, spec, on_progress)
            return _found(service)

    def has(self, name: str, version: int) -> bool:
        """Return whether a version is there; of a web service there is only the current one."""
        with self.translated_errors():
            service = self._find(name)
            return service is not None and (service.tags or {}).get("version") == str(version)

    def release(self, name: str, version: int, keep: int | None) -> None:  # noqa: B027
        """Do nothing: a web service has one version, which has all traffic."""

    def withdraw(self, name: str, version: int) -> None:
        """Delete the web service."""
        self.delete(name)

    def keys(self, name: str) -> tuple[str, str]:
        """Return the primary and the secondary key."""
        with self.translated_errors():
            primary, secondary = self._service(name).get_keys()
            return str(primary), str(secondary)

    def renew_key(self, name: str, which: str) -> None:
        """Regenerate a key in Azure."""
        with self.translated_errors():
            self._service(name).regen_key(which.capitalize())

    def logs(self, name: str, version: int, lines: int) -> str:
        """Return the end of the log."""
        with self.translated_errors():
            return str(self._service(name).get_logs(num_lines=lines) or "")

    def delete(self, name: str) -> None:
        """Delete a web service; a missing one counts as deleted."""
        with self.translated_errors():
            service = self._find(name)
            if service is not None:
                service.delete()

    def _configuration(self, spec: ServiceSpec) -> Any:
        common: dict[str, Any] = {
            "cpu_cores": spec.options["cores"],
            "memory_gb": spec.options["memory"],
            "auth_enabled": True,
            "tags": tags_of(spec.version),
        }
        if spec.key:
            common |= {"primary_key": spec.key}
        return self.configuration(spec.options, **common)

    def _wait(self, service: Any, spec: ServiceSpec, on_progress: OnProgress) -> None:
        from azureml.exceptions import WebserviceException

        began = time.monotonic()
        while True:
            try:
                service.wait_for_deployment(show_output=False, timeout_sec=WAIT)
                return
            except WebserviceException as error:
                text = str(error)
                seconds = time.monotonic() - began
                if "exceeded timeout override" not in text:
                    raise self._failed(service, text, spec) from None
                if seconds > PATIENCE:
                    raise AzureError(
                        f"The web service isn't ready after {PATIENCE / 60:.0f} minutes."
                    ) from None
            on_progress(f"{str(service.state or 'waiting').lower()}, {seconds:.0f} s")

    def _failed(self, service: Any, text: str, spec: ServiceSpec) -> AzureError:
        """Return why a deployment failed; its log is gone when the web service is deleted."""
        log = ""
        build_log = re.search(r"More information can be found here: (https?://\S+)", text)
        with contextlib.suppress(Exception):
            if build_log:
                log = read_from(build_log[1], 0).decode("utf-8", "replace")
            else:
                log = str(service.get_logs() or "")
        keys: tuple[str | None, ...] = (spec.key,)
        with contextlib.suppress(Exception):
            keys = (*keys, *service.get_keys())
        what = "The image couldn't be built" if build_log else "The web service didn't start"
        return failure(f"{what}: {_message(text)}", log, *keys)

    def _service(self, name: str) -> Any:
        service = self._find(name)
        if service is None:
            raise GoneError(
                f"The workspace “{self.config.name}” no longer has a web service “{name}”.",
                "Delete it here too.",
            )
        return service

    def _find(self, name: str) -> Any:
        from azureml.core import Webservice
        from azureml.exceptions import WebserviceException

        try:
            return Webservice(self.workspace, name)
        except WebserviceException as error:
            if "WebserviceNotFound" in str(error):
                return None
            raise

    @contextlib.contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn what the SDK raises into AzureError, and drop what it prints."""
        with (
            translated_errors(self.config, self._sign_in),
            quiet(),
            no_git(),
            warnings.catch_warnings(),
        ):
            # Of the SDK's age.
            warnings.simplefilter("ignore", FutureWarning)
            yield


def _found(service: Any) -> FoundService:
    state = STATES.get(str(service.state).lower(), "starting")
    return FoundService(state, str(service.scoring_uri or ""))


def _message(text: str) -> str:
    """Return the service's own message in an error of the SDK."""
    _, _, plain = text.partition("Error:\n")
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        content = json.loads(plain[: plain.rindex("}") + 1])
        details = content.get("details") or [content]
        return str(details[-1].get("message") or content["message"]).rstrip(".") + "."
    found = re.findall(r'"message":\s*"((?:[^"\\]|\\.)+)"', text)
    return (found[-1] if found else text.splitlines()[0]).rstrip(".") + "."
