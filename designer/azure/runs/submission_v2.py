"""Submitting with Azure ML's SDK v2: azure-ai-ml."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.azure.compile.data_references import no_data
from designer.azure.compile.steps import Description
from designer.azure.errors import gone, is_missing, translated_errors
from designer.azure.publish.published_v2 import PublishedV2
from designer.azure.runs.remote import (
    RemotePipelineState,
    RemoteStepState,
    log_url,
    read_from,
    status_of,
    with_details,
)
from designer.azure.sdk_output import no_git, quiet
from designer.azure.workspace import Notify, connect_v2
from designer.pipeline.model import Json
from designer.private_files import make_folder, make_private

if TYPE_CHECKING:
    from designer.azure.submission_target import SubmissionTarget


class ConnectionV2:
    """A workspace, as SDK v2 has signed in to it."""

    def __init__(self, destination: SubmissionTarget, notify: Notify) -> None:
        self._config = destination.config
        self._sign_in = destination.sign_in
        self.cloud = destination.config.cloud
        self.credential, self.client = connect_v2(self._config, self._sign_in, notify=notify)
        self.published = PublishedV2(self)

    def computes(self) -> dict[str, str]:
        """Return the compute targets that can run a pipeline, with their kinds."""
        with self.translated_errors():
            return {each.name: each.type for each in self.client.compute.list()}

    def check_storage(self) -> None:
        """Do nothing: SDK v2 uploads with the user's own sign-in where storage has no keys."""

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
        with self.translated_errors():
            job = self.job(description, folder, compute, parameters)
            made = self.client.jobs.create_or_update(job, experiment_name=experiment)
            return RemoteV2(self, made)

    def find(self, run: str) -> RemoteV2:
        """Return a pipeline that was started earlier."""
        from azure.core.exceptions import ResourceNotFoundError

        with self.translated_errors():
            try:
                return RemoteV2(self, self.client.jobs.get(run))
            except ResourceNotFoundError:
                raise gone(run) from None

    def job(
        self,
        description: Description,
        folder: Path,
        compute: str | None,
        parameters: Mapping[str, Json],
    ) -> Any:
        """Register the components of the compiled files; return a job of them."""
        from designer.azure.sdk_v2.building import build
        from designer.azure.sdk_v2.jobs import UNBUFFERED
        from designer.azure.sdk_v2.registering import REGISTERED, register

        self.check_data(description)
        register(self.client, folder)
        job: Any = build(
            description, compute=compute, parameters=parameters, folder=folder, file=REGISTERED
        )
        # What is independent of a failed step runs on, as it does on this computer.
        job.settings.continue_on_step_failure = True
        for name, node in job.jobs.items():
            # The name by which the run history lists a step.
            node.display_name = name
            if node.type == "command":
                node.environment_variables = {**(node.environment_variables or {}), **UNBUFFERED}
        return job

    def check_data(self, description: Description) -> None:
        """Raise AzureError if registered data isn't there; the SDK would send all the same."""
        assets = {item.asset for step in description.steps for item in step.inputs if item.asset}
        for asset in sorted(assets, key=str):
            which = {"version": asset.version} if asset.version else {"label": "latest"}
            try:
                self.client.data.get(asset.name, **which)
            except Exception as error:
                if not is_missing(error) and "does not exist" not in str(error):
                    raise
                raise no_data(self._config.name, asset.name, asset.version) from None

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Translate the SDK's errors; keep the SDK off the standard output, and away from Git."""
        with translated_errors(self._config, self._sign_in), quiet(), no_git():
            yield


class RemoteV2:
    """A pipeline that SDK v2 has submitted."""

    def __init__(self, connection: ConnectionV2, job: Any) -> None:
        self._connection = connection
        self._client = connection.client
        self._history = ""
        self.id = str(job.name)
        self.url = str(job.studio_url or "")

    def state(self, cards: Collection[str] = ()) -> RemotePipelineState:
        """Return how far it is: a few requests for the pipeline and each card."""
        with self._connection.translated_errors():
            status = status_of(self._client.jobs.get(self.id).status or "")
            steps: dict[str, RemoteStepState] = {}
            waiting = [("", self.id)]
            for above, run in waiting:
                for child in self._client.jobs.list(parent_job_name=run):
                    name = f"{above}{child.display_name}"
                    if name in cards:
                        waiting.append((f"{name}/", str(child.name)))
                        continue
                    properties = child.properties or {}
                    steps[name] = RemoteStepState(
                        key=str(child.name),
                        status=status_of(child.status or ""),
                        reused=str(properties.get("azureml.isreused")).lower() == "true",
                    )
            return RemotePipelineState(status, steps)

    def ended(self, state: RemoteStepState) -> RemoteStepState:
        """Return the state of a step that has ended with how long it took and its error."""
        with self._connection.translated_errors():
            return with_details(state, self._details(state))

    def log(self, state: RemoteStepState, start: int) -> bytes:
        """Return the log of a step from a byte offset on."""
        with self._connection.translated_errors():
            url = log_url(self._details(state).get("logFiles") or {})
            return read_from(url, start) if url else b""

    def download(self, state: RemoteStepState, outputs: Mapping[str, Path]) -> None:
        """Download outputs of a step into folders."""
        with self._connection.translated_errors():
            for name, folder in outputs.items():
                make_folder(folder.parent)
                with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                    self._client.jobs.download(state.key, output_name=name, download_path=temporary)
                    inside = Path(temporary, "named-outputs", name)
                    if inside.is_dir():
                        shutil.move(str(inside), str(folder))
                        make_private(folder)

    def metrics(self) -> dict[str, float]:
        """Return the latest value of each metric of the run, from the workspace's MLflow."""
        with self._connection.translated_errors():
            workspace = self._client.workspaces.get(self._client.workspace_name)
            # The plug-in of MLflow for this scheme isn't needed to read by its REST API.
            server = str(workspace.mlflow_tracking_uri).replace("azureml://", "https://", 1)
            address = f"{server.partition('?')[0]}/api/2.0/mlflow/runs/get"
            data = self._get(address, run_id=self.id).get("run", {}).get("data", {})
            return {each["key"]: float(each["value"]) for each in data.get("metrics", ())}

    def cancel(self) -> None:
        """Request its cancellation."""
        with self._connection.translated_errors():
            self._client.jobs.begin_cancel(self.id)

    def _details(self, state: RemoteStepState) -> dict[str, Any]:
        """Return the data of the run history; the SDK has no public way to a log that grows."""
        import requests

        if not self._history:
            workspace = self._client.workspaces.get(self._client.workspace_name)
            response = requests.get(workspace.discovery_url, timeout=30)
            response.raise_for_status()
            place = (
                f"/subscriptions/{self._client.subscription_id}"
                f"/resourceGroups/{self._client.resource_group_name}"
                "/providers/Microsoft.MachineLearningServices"
                f"/workspaces/{self._client.workspace_name}"
            )
            self._history = f"{response.json()['history']}/history/v1.0{place}"
        return self._get(f"{self._history}/runs/{state.key}/details")

    def _get(self, address: str, **query: str) -> dict[str, Any]:
        """Return a JSON document that the workspace's services have for the user."""
        import requests

        from designer.azure.sdk_v2.private import workspace_scope

        scope = workspace_scope(self._connection.cloud)
        token = self._connection.credential.get_token(scope).token
        headers = {"Authorization": f"Bearer {token}"}
        response = requests.get(address, query, headers=headers, timeout=30)
        response.raise_for_status()
        found = response.json()
        return found if isinstance(found, dict) else {}
