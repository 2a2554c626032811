"""The connection to a workspace on Azure ML, whichever SDK it uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from designer.azure.compile.problems import check_sdk
from designer.azure.compile.steps import Description
from designer.azure.errors import AzureError
from designer.azure.publish.published import Published
from designer.azure.runs.remote import RemotePipeline
from designer.azure.submission_target import TARGETS, SubmissionTarget
from designer.azure.workspace import Notify
from designer.pipeline.model import Json


class Connection(Protocol):
    """A workspace that one of the SDKs has signed in to; its methods raise AzureError."""

    @property
    def published(self) -> Published:
        """Endpoints and schedules."""

    def computes(self) -> dict[str, str]:
        """Return the compute targets that can run a pipeline, with their kinds."""

    def check_storage(self) -> None:
        """Raise AzureError if the SDK can't upload to the storage of the workspace."""

    def submit(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        parameters: Mapping[str, Json],
        experiment: str,
    ) -> RemotePipeline:
        """Send the compiled files and start the pipeline."""

    def find(self, run: str) -> RemotePipeline:
        """Return a pipeline that was started earlier; GoneError if there is none."""


def check_target(target: str) -> None:
    """Raise AzureError if there is no such target, CompileError if its SDK can't be used."""
    if target not in TARGETS:
        raise AzureError(f"“{target}” isn't a target.", f"Targets are {' and '.join(TARGETS)}.")
    check_sdk(target.removeprefix("azureml-"))


def connect(destination: SubmissionTarget, *, notify: Notify = print) -> Connection:
    """Sign in.

    Raises
    ------
    CompileError
        If the SDK is missing or too old.
    AzureError
        If the workspace can't be reached.
    """
    check_target(destination.target)
    if destination.target == "azureml-v1":
        from designer.azure.runs.submission_v1 import ConnectionV1

        return ConnectionV1(destination, notify)
    from designer.azure.runs.submission_v2 import ConnectionV2

    return ConnectionV2(destination, notify)


def check_computes(
    wanted: Iterable[str | None], destination: SubmissionTarget, connection: Connection
) -> None:
    """Raise AzureError if a compute target isn't there, or none is named."""
    known = connection.computes()
    there = (
        f"It has: {', '.join(known)}." if known else "It has none. Create one in Azure ML studio."
    )
    for name in wanted:
        if not name:
            raise AzureError("No compute target is selected.", there)
        if name not in known:
            raise AzureError(
                f"The workspace “{destination.config.name}” has no compute target “{name}”.", there
            )
