"""Submitting with Azure ML's SDK v2: azure-ai-ml."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.azure.remote import (
    PipelineState,
    StepState,
    log_url,
    read_from,
    status_of,
    with_details,
)
from designer.azure.steps import Description
from designer.azure.workspace import Say, connect_v2, in_words, quiet
from designer.pipeline.model import Json

if TYPE_CHECKING:
    from designer.azure.submission import Destination

_HISTORY = "https://ml.azure.com/.default"
"""What a token for the run history is asked for."""


class ConnectionV2:
    """A workspace, as SDK v2 has signed in to it."""

    def __init__(self, destination: Destination, say: Say) -> None:
        self._config = destination.config
        self._sign_in = destination.sign_in
        self.credential, self.client = connect_v2(self._config, self._sign_in, say=say)

    def computes(self) -> dict[str, str]:
        """Return the compute targets that can run a pipeline, with their kinds."""
        with self.in_words():
            return {each.name: each.type for each in self.client.compute.list()}

    def submit(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        parameters: Mapping[str, Json],
        experiment: str,
    ) -> RemoteV2:
        """Send the compiled files and start the pipeline."""
        with self.in_words():
            job = self._job(description, folder, compute, parameters)
            made = self.client.jobs.create_or_update(job, experiment_name=experiment)
            return RemoteV2(self, made)

    def _job(
        self,
        description: Description,
        folder: Path,
        compute: str | None,
        parameters: Mapping[str, Json],
    ) -> Any:
        from designer.azure.sdk_v2.building import build

        job = build(description, compute=compute, parameters=parameters, folder=folder)
        # What is independent of a failed step runs on, as it does on this computer.
        job.settings.continue_on_step_failure = True
        # The name by which the run history lists a step.
        for name, node in job.jobs.items():
            node.display_name = name
        return job

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Raise errors in words, and keep the SDK off the standard output."""
        with in_words(self._config, self._sign_in), quiet():
            yield


class RemoteV2:
    """A pipeline that SDK v2 has submitted."""

    def __init__(self, connection: ConnectionV2, job: Any) -> None:
        self._connection = connection
        self._client = connection.client
        self._history = ""
        self.id = str(job.name)
        self.url = str(job.studio_url or "")

    def state(self) -> PipelineState:
        """Return how far it is: a few requests, however many steps there are."""
        with self._connection.in_words():
            status = status_of(self._client.jobs.get(self.id).status or "")
            steps = {}
            for child in self._client.jobs.list(parent_job_name=self.id):
                properties = child.properties or {}
                steps[child.display_name] = StepState(
                    key=str(child.name),
                    status=status_of(child.status or ""),
                    reused=str(properties.get("azureml.isreused")).lower() == "true",
                )
            return PipelineState(status, steps)

    def ended(self, state: StepState) -> StepState:
        """Return the state of a step that has ended with how long it took and its error."""
        with self._connection.in_words():
            return with_details(state, self._details(state))

    def log(self, state: StepState, start: int) -> bytes:
        """Return what a step has printed from a byte on."""
        with self._connection.in_words():
            url = log_url(self._details(state).get("logFiles") or {})
            return read_from(url, start) if url else b""

    def download(self, state: StepState, outputs: Mapping[str, Path]) -> None:
        """Bring outputs of a step into folders."""
        with self._connection.in_words():
            for name, folder in outputs.items():
                folder.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(dir=folder.parent) as place:
                    self._client.jobs.download(state.key, output_name=name, download_path=place)
                    inside = Path(place, "named-outputs", name)
                    if inside.is_dir():
                        shutil.move(str(inside), str(folder))

    def cancel(self) -> None:
        """Ask for its end."""
        with self._connection.in_words():
            self._client.jobs.begin_cancel(self.id)

    def _details(self, state: StepState) -> dict[str, Any]:
        """Return what the run history knows; the SDK has no public way to a log that grows."""
        import requests

        if not self._history:
            workspace = self._client.workspaces.get(self._client.workspace_name)
            answer = requests.get(workspace.discovery_url, timeout=30)
            answer.raise_for_status()
            scope = (
                f"/subscriptions/{self._client.subscription_id}"
                f"/resourceGroups/{self._client.resource_group_name}"
                "/providers/Microsoft.MachineLearningServices"
                f"/workspaces/{self._client.workspace_name}"
            )
            self._history = f"{answer.json()['history']}/history/v1.0{scope}"
        token = self._connection.credential.get_token(_HISTORY).token
        answer = requests.get(
            f"{self._history}/runs/{state.key}/details",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        answer.raise_for_status()
        found = answer.json()
        return found if isinstance(found, dict) else {}
