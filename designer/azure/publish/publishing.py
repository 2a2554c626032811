"""Publishes or schedules a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.azure.connection import Connection
from designer.azure.publish.schedule import Schedule, check_schedule
from designer.azure.runs.submission import ready
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import Notify
from designer.pipeline.model import Json, Pipeline
from designer.workspace import Workspace
from modules.contract import ModuleSpec


def publish(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    destination: SubmissionTarget,
    endpoint: str,
    when: Schedule | None = None,
    parameters: Mapping[str, Json] | None = None,
    registered: Mapping[str, str] | None = None,
    name: str = "pipeline",
    connection: Connection | None = None,
    notify: Notify = print,
) -> dict[str, Any]:
    """Make an endpoint of a pipeline, or a schedule; nothing runs now.

    Parameters
    ----------
    endpoint : str
        The name of the endpoint or schedule.
    when : Schedule, optional
        When it starts; None for an endpoint.
    name : str
        The pipeline's name.

    Returns
    -------
    dict
        ``name``; of an endpoint ``url``, ``version`` and ``pipeline``, of a schedule
        ``id`` and ``status``.

    Raises
    ------
    CompileError
        With all problems of the pipeline; nothing has been submitted.
    AzureError
        If it can't be created.
    """
    if when is not None:
        check_schedule(when, destination.target)
    with ready(
        pipeline,
        catalog,
        base=base,
        workspace=workspace,
        destination=destination,
        connection=connection,
        parameters=parameters,
        registered=registered,
        name=name,
        notify=notify,
    ) as (description, folder, connection):
        if when is None:
            return connection.published.publish(
                description,
                folder,
                compute=destination.compute,
                name=endpoint,
                text=description.text or description.name,
            )
        return connection.published.schedule(
            description,
            folder,
            compute=destination.compute,
            experiment=destination.experiment or description.name,
            name=endpoint,
            when=when,
        )


def summary(document: Mapping[str, Any]) -> str:
    """Return a sentence about what :func:`publish` created."""
    if "url" in document:
        return f"Published as “{document['name']}”: {document['url']}"
    return f"The schedule “{document['name']}” is {str(document['status']).lower()}."
