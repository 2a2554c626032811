"""Jobs on Azure ML, in a separate process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.background.control import Control
from designer.app.runs.compute_target import ComputeTarget
from designer.azure.compile.data_references import registered_datasets
from designer.azure.errors import AzureError
from designer.azure.publish.schedule import Schedule
from designer.azure.runs import submission
from designer.azure.runs.submission import RemoteRunHandle, SubmissionTarget
from designer.azure.workspace import Notify, read_config
from designer.catalog import load_catalog
from designer.engine.events import EventListener
from designer.engine.results import RunResult
from designer.pipeline.file import loads
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.azure.runs.submission import Connection

OnSubmitted = Callable[[str, Path, str], object]
"""Called with the run's id, its folder, and its page in Azure ML studio."""

POLL = 5.0
"""Seconds between two refreshes of a run."""


@dataclass(frozen=True)
class Submission:
    """A pipeline, and where it is sent.

    Parameters
    ----------
    pipeline : str
        In the form of a pipeline file.
    name : str
        The pipeline's name.
    base : Path
        The folder that its relative paths start from.
    workspace : Path
        The folder of the workspace.
    source : Path or None
        The pipeline's file.
    parameters : mapping of str to object
        Values of pipeline parameters.
    """

    pipeline: str = field(repr=False)
    name: str
    base: Path
    workspace: Path
    compute_target: ComputeTarget
    source: Path | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def common(self, notify: Notify, control: Control) -> dict[str, Any]:
        """Return the arguments that submitting and publishing have in common."""
        workspace = Workspace(self.workspace)
        destination = destination_of(self.compute_target)
        return {
            "pipeline": loads(self.pipeline),
            "catalog": load_catalog(*workspace.own_modules),
            "base": self.base,
            "workspace": workspace,
            "destination": destination,
            "connection": _LazyConnection(destination, notify, control),
            "parameters": self.parameters,
            "registered": registered_datasets(self.compute_target.datasets.splitlines()),
            "name": self.name,
            "notify": notify,
        }


def submit(
    order: Submission,
    on_event: EventListener,
    on_submitted: OnSubmitted,
    notify: Notify,
    control: Control,
    poll: float = POLL,
) -> RunResult | None:
    """Submit a pipeline and follow it to its end; None if it was left."""
    handle = submission.start(
        **order.common(notify, control),
        source=order.source,
        fetch=order.compute_target.fetch,
        on_event=on_event,
        poll=poll,
    )
    return _followed(handle, on_submitted, control)


def follow(
    workspace: Path,
    run: str,
    on_event: EventListener,
    on_submitted: OnSubmitted,
    notify: Notify,
    control: Control,
    poll: float = POLL,
) -> RunResult | None:
    """Follow a run that was submitted before; None if it was left."""
    handle = submission.attach(
        Workspace(workspace), run, on_event=on_event, notify=notify, poll=poll
    )
    return _followed(handle, on_submitted, control)


def publish(
    order: Submission, endpoint: str, when: Schedule | None, notify: Notify, control: Control
) -> str:
    """Publish a pipeline as an endpoint or a schedule; return the result, as a sentence."""
    from designer.azure.publish import publishing

    made = publishing.publish(**order.common(notify, control), endpoint=endpoint, when=when)
    return publishing.summary(made)


def compile_files(order: Submission, folder: Path) -> str:
    """Compile a pipeline to a folder, without a network; return the result, as a sentence."""
    from designer.azure.compile.compiling import compile_pipeline, summary
    from designer.azure.compile.describing import describe
    from designer.azure.compile.problems import FolderError

    workspace = Workspace(order.workspace)
    target = order.compute_target
    there = registered_datasets(target.datasets.splitlines())
    description = describe(
        loads(order.pipeline),
        load_catalog(*workspace.own_modules),
        base=order.base,
        name=order.name,
        parameters=order.parameters,
        resolve=workspace.resolve,
        datasets=[*workspace.dataset_store.references(), *there],
        registered=there,
    )
    try:
        compile_pipeline(description, target.target, folder, compute=target.compute or None)
    except FolderError as error:
        raise AzureError(error.message, tr("Choose another folder.")) from None
    return summary(description, target.target, folder)


def computes(compute_target: ComputeTarget, notify: Notify) -> dict[str, str]:
    """Return the compute targets of an Azure ML workspace, with their kinds."""
    return submission.connect(destination_of(compute_target), notify=notify).computes()


def _followed(
    handle: RemoteRunHandle, on_submitted: OnSubmitted, control: Control
) -> RunResult | None:
    on_submitted(handle.id, handle.folder, handle.url)
    control.hand_to(handle)
    while not handle.done:
        handle.wait(3600)
    return handle.wait(0)


class _LazyConnection:
    """A connection that signs in when it is first needed: other errors are found before.

    Sending isn't interrupted, so that every run that starts is known here.
    """

    def __init__(self, destination: SubmissionTarget, notify: Notify, control: Control) -> None:
        self._destination = destination
        self._notify = notify
        self._control = control
        self._real: Connection | None = None

    def __getattr__(self, name: str) -> Any:
        if self._real is None:
            self._real = submission.connect(self._destination, notify=self._notify)
        if name in ("submit", "published"):
            self._control.hold()
        return getattr(self._real, name)


def destination_of(target: ComputeTarget) -> SubmissionTarget:
    """Return where a compute target on Azure ML is.

    Raises
    ------
    AzureError
        If its config.json can't be read.
    """
    return SubmissionTarget(
        target.target,
        read_config(Path(target.config), target.cloud or None),
        target.experiment,
        target.compute or None,
        target.sign_in,
    )
