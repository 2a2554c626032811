"""Submitting with Azure ML's SDK v1: azureml-core and azureml-pipeline-core."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.azure.compile.steps import Description
from designer.azure.errors import AzureError, gone, is_missing, translated_errors
from designer.azure.publish.published_v1 import PublishedV1
from designer.azure.runs.remote import (
    RemotePipelineState,
    RemoteStepState,
    log_url,
    read_from,
    status_of,
    with_details,
)
from designer.azure.sdk_output import no_git, quiet
from designer.azure.workspace import Notify, connect_v1
from designer.pipeline.model import Json
from designer.private_files import make_folder, make_private

if TYPE_CHECKING:
    from designer.azure.submission_target import SubmissionTarget

RUNNABLE = ("AmlCompute", "ComputeInstance", "Kubernetes", "VirtualMachine", "Databricks")
"""The kinds of compute that can run a script step."""


class ConnectionV1:
    """A workspace, as SDK v1 has signed in to it."""

    def __init__(self, destination: SubmissionTarget, notify: Notify) -> None:
        self._config = destination.config
        self._sign_in = destination.sign_in
        self.workspace = connect_v1(self._config, self._sign_in, notify=notify)
        self.published = PublishedV1(self)

    def computes(self) -> dict[str, str]:
        """Return the compute targets that can run a pipeline, with their kinds."""
        with self.translated_errors():
            found = self.workspace.compute_targets
        return {name: each.type for name, each in sorted(found.items()) if each.type in RUNNABLE}

    def check_storage(self) -> None:
        """Raise AzureError if the default datastore has no key that can be used.

        A key that the storage account doesn't allow is found only by using it: to read.
        """
        with self.translated_errors():
            store = self.workspace.get_default_datastore()
            if getattr(store, "credential_type", "None") == "None":
                raise self._no_keys(store.name)
            try:
                container = store.blob_service.get_container_client(store.container_name)
                next(iter(container.list_blobs(results_per_page=1)), None)
            except Exception as error:
                if "KeyBasedAuthenticationNotPermitted" in str(error):
                    raise self._no_keys(store.name) from None
                raise

    def _no_keys(self, store: str) -> AzureError:
        return AzureError(
            f"The datastore “{store}” of the workspace “{self._config.name}” has no storage key, "
            "which SDK v1 needs to upload.",
            "Use SDK v2 (--to azureml-v2), which uploads with your own sign-in.",
        )

    def submit(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        parameters: Mapping[str, Json],
        experiment: str,
    ) -> RemoteV1:
        """Send the compiled files and start the pipeline."""
        from azureml.core import Experiment

        with self.translated_errors():
            pipeline = self.pipeline(description, folder, compute)
            # What is independent of a failed step runs on, as it does on this computer.
            run = Experiment(self.workspace, experiment).submit(
                pipeline,
                pipeline_parameters=dict(parameters),
                continue_on_step_failure=True,
            )
            return RemoteV1(self, run)

    def find(self, run: str) -> RemoteV1:
        """Return a pipeline that was started earlier."""
        from azureml.pipeline.core import PipelineRun

        with self.translated_errors():
            try:
                return RemoteV1(self, PipelineRun.get(self.workspace, run))
            except Exception as error:
                if is_missing(error):
                    raise gone(run) from None
                raise

    def pipeline(self, description: Description, folder: Path, compute: str | None) -> Any:
        """Build the pipeline, and upload what its steps read."""
        from designer.azure.sdk_v1 import build, upload

        store = self.workspace.get_default_datastore()
        pipeline = build(
            self.workspace, description, compute=compute, folder=folder, datastore=store
        )
        problems = pipeline.validate()
        if problems:
            raise AzureError(f"The SDK finds: {problems[0]}.")
        upload(description, folder, store)
        return pipeline

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Translate the SDK's errors; keep the SDK off the standard output, and away from Git."""
        with translated_errors(self._config, self._sign_in), quiet(), no_git():
            yield


class RemoteV1:
    """A pipeline that SDK v1 has submitted."""

    def __init__(self, connection: ConnectionV1, run: Any) -> None:
        self._connection = connection
        self._run = run
        self.id = str(run.id)
        self.url = str(run.get_portal_url())

    def state(self, cards: Collection[str] = ()) -> RemotePipelineState:
        """Return how far it is: two requests, however many steps there are; none is a card."""
        with self._connection.translated_errors():
            status = status_of(self._run.get_status())
            steps = {}
            for child in self._run.get_children(_rehydrate_runs=False):
                steps[child.name] = RemoteStepState(
                    key=str(child.id),
                    status=status_of(child.status),
                    reused="azureml.reusedrunid" in (child.properties or {}),
                )
            return RemotePipelineState(status, steps)

    def ended(self, state: RemoteStepState) -> RemoteStepState:
        """Return the state of a step that has ended with how long it took and its error."""
        with self._connection.translated_errors():
            return with_details(state, self._child(state).get_details())

    def log(self, state: RemoteStepState, start: int) -> bytes:
        """Return the log of a step from a byte offset on."""
        with self._connection.translated_errors():
            details = self._child(state).get_details()
            url = log_url(details.get("logFiles") or {})
            return read_from(url, start) if url else b""

    def download(self, state: RemoteStepState, outputs: Mapping[str, Path]) -> None:
        """Download outputs of a step into folders."""
        import shutil
        import tempfile

        from azureml.pipeline.core import StepRun

        if not outputs:
            return
        with self._connection.translated_errors():
            child = self._child(state)
            step = StepRun(
                self._run.experiment, state.key, self.id, child.get_tags()["azureml.nodeid"]
            )
            found = step.get_outputs()
            for name, folder in outputs.items():
                if name not in found:
                    continue
                reference = found[name].get_port_data_reference()
                make_folder(folder.parent)
                with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                    reference.download(temporary, show_progress=False)
                    # The SDK makes the whole path of the datastore below the folder.
                    inside = Path(temporary, *reference.path_on_datastore.split("/"))
                    if inside.is_dir():
                        shutil.move(str(inside), str(folder))
                        make_private(folder)

    def cancel(self) -> None:
        """Request its cancellation."""
        with self._connection.translated_errors():
            self._run.cancel()

    def _child(self, state: RemoteStepState) -> Any:
        from azureml.core import Run

        return Run(self._run.experiment, state.key)
