"""Web services on Azure Container Instances and Kubernetes, with Azure ML's SDK v1."""

from __future__ import annotations

import contextlib
import json
import re
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from designer.azure.deploy.deployment import (
    ENTRY_SCRIPT,
    PATIENCE,
    WAIT,
    Found,
    OnProgress,
    Order,
    failure,
)
from designer.azure.errors import AzureError, GoneError, in_words
from designer.azure.runs.remote import read_from
from designer.azure.sdk_output import no_git, quiet
from designer.azure.workspace import Say, WorkspaceConfig, connect_v1
from designer.packaging.environment import IMAGE

STATES = {
    "healthy": "running",
    "transitioning": "starting",
    "unhealthy": "unresponsive",
    "unschedulable": "failed",
    "failed": "failed",
}

CLUSTER = "AKS"
"""The kind of compute that AksWebservice runs on."""


class WebServices:
    """A :class:`designer.azure.deploy.deployment.Cloud` of one kind of web service.

    Parameters
    ----------
    target : str
        ``aci`` or ``aks``.
    """

    def __init__(self, target: str, config: WorkspaceConfig, sign_in: str, say: Say) -> None:
        self._target = target
        self._config = config
        self._sign_in = sign_in
        self.workspace = connect_v1(config, sign_in, say=say)

    def choose(self, cluster: str | None) -> str:
        """Check that the cluster is there; Container Instances need none."""
        if self._target == "aci":
            return "Azure Container Instances"
        with self._in_words():
            found = self.workspace.compute_targets
        known = sorted(name for name, each in found.items() if each.type == CLUSTER)
        if cluster in known:
            return f"the cluster “{cluster}”"
        has = f"It has: {', '.join(known)}." if known else "It has none; attach one in the studio."
        if cluster is None:
            raise AzureError("No AKS cluster is named.", f"Name one. {has}")
        raise AzureError(f"The workspace “{self._config.name}” has no cluster “{cluster}”.", has)

    def find(self, name: str) -> Found | None:
        """Return a web service, or None if there is none of this name."""
        with self._in_words():
            service = self._find(name)
            return _found(service) if service is not None else None

    def register(self, name: str, model: Path, tags: dict[str, str]) -> str:
        """Register the folder of a model."""
        from azureml.core import Model

        # The SDK takes only what is below the current folder.
        with self._in_words(), contextlib.chdir(model.parent):
            made = Model.register(self.workspace, model.name, name, tags=tags)
            return str(made.id)

    def unregister(self, model: str) -> None:
        """Delete a registered model."""
        from azureml.core import Model

        with self._in_words():
            Model(self.workspace, id=model).delete()

    def deploy(self, order: Order, on_progress: OnProgress) -> Found:
        """Deploy a version in place of the one before, and wait for it."""
        from azureml.core import Environment, Model
        from azureml.core.model import InferenceConfig

        with self._in_words():
            environment = Environment.from_conda_specification(order.name, str(order.conda))
            environment.docker.base_image = IMAGE
            environment.inferencing_stack_version = "latest"
            inference = InferenceConfig(
                entry_script=ENTRY_SCRIPT,
                source_directory=str(order.code),
                environment=environment,
            )
            cluster = None
            if self._target == "aks":
                cluster = self.workspace.compute_targets[order.cluster]
            service = Model.deploy(
                self.workspace,
                order.name,
                [Model(self.workspace, id=order.model)],
                inference,
                self._configuration(order),
                cluster,
                overwrite=True,
            )
            self._wait(service, order, on_progress)
            return _found(service)

    def has(self, name: str, version: int) -> bool:
        """Tell whether a version is there; of a web service there is only the current one."""
        with self._in_words():
            service = self._find(name)
            return service is not None and (service.tags or {}).get("version") == str(version)

    def release(self, name: str, version: int, keep: int | None) -> None:
        """Do nothing: a web service has one version, which has all traffic."""

    def withdraw(self, name: str, version: int) -> None:
        """Delete the web service."""
        self.delete(name)

    def keys(self, name: str) -> tuple[str, str]:
        """Return the primary and the secondary key."""
        with self._in_words():
            primary, secondary = self._service(name).get_keys()
            return str(primary), str(secondary)

    def renew_key(self, name: str, which: str) -> None:
        """Let Azure make a new key."""
        with self._in_words():
            self._service(name).regen_key(which.capitalize())

    def logs(self, name: str, version: int, lines: int) -> str:
        """Return the end of the log."""
        with self._in_words():
            return str(self._service(name).get_logs(num_lines=lines) or "")

    def delete(self, name: str) -> None:
        """Delete a web service; one that is not there is taken for deleted."""
        with self._in_words():
            service = self._find(name)
            if service is not None:
                service.delete()

    def _configuration(self, order: Order) -> Any:
        from azureml.core.webservice import AciWebservice, AksWebservice

        common: dict[str, Any] = {
            "cpu_cores": order.cores,
            "memory_gb": order.memory,
            "auth_enabled": True,
            "tags": {"version": str(order.version), "made with": "ModelDesk"},
        }
        if order.key:
            common |= {"primary_key": order.key}
        if self._target == "aci":
            return AciWebservice.deploy_configuration(**common)
        return AksWebservice.deploy_configuration(
            **common,
            num_replicas=order.instances,
            autoscale_enabled=False,
            scoring_timeout_ms=60_000,
        )

    def _wait(self, service: Any, order: Order, on_progress: OnProgress) -> None:
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
                    raise self._failed(service, text, order) from None
                if seconds > PATIENCE:
                    raise AzureError(
                        f"The web service is not ready after {PATIENCE / 60:.0f} minutes."
                    ) from None
            on_progress(f"{str(service.state or 'waiting').lower()}, {seconds:.0f} s")

    def _failed(self, service: Any, text: str, order: Order) -> AzureError:
        """Return why a deployment failed; its log is gone when the web service is deleted."""
        log = ""
        place = re.search(r"More information can be found here: (https?://\S+)", text)
        with contextlib.suppress(Exception):
            if place:
                log = read_from(place[1], 0).decode("utf-8", "replace")
            else:
                log = str(service.get_logs() or "")
        keys: tuple[str | None, ...] = (order.key,)
        with contextlib.suppress(Exception):
            keys = (*keys, *service.get_keys())
        what = "The image could not be built" if place else "The web service did not start"
        return failure(f"{what}: {_message(text)}", log, *keys)

    def _service(self, name: str) -> Any:
        service = self._find(name)
        if service is None:
            raise GoneError(
                f"The workspace “{self._config.name}” has no web service “{name}” any more.",
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
    def _in_words(self) -> Iterator[None]:
        with in_words(self._config, self._sign_in), quiet(), no_git(), warnings.catch_warnings():
            # Of the SDK's age.
            warnings.simplefilter("ignore", FutureWarning)
            yield


def _found(service: Any) -> Found:
    state = STATES.get(str(service.state).lower(), "starting")
    return Found(state, str(service.scoring_uri or ""))


def _message(text: str) -> str:
    """Return what the service itself says in an error of the SDK."""
    _, _, plain = text.partition("Error:\n")
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        content = json.loads(plain[: plain.rindex("}") + 1])
        details = content.get("details") or [content]
        return str(details[-1].get("message") or content["message"]).rstrip(".") + "."
    found = re.findall(r'"message":\s*"((?:[^"\\]|\\.)+)"', text)
    return (found[-1] if found else text.splitlines()[0]).rstrip(".") + "."
