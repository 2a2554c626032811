"""Lists, pauses, and ends the schedules and the published pipelines of an Azure ML workspace.

For the command line and for pages of the window. Each function signs in once; pass a connection
to do several things with one sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from designer.azure.connection import Connection, connect
from designer.azure.errors import AzureError
from designer.azure.publish.published import AzureSchedule, PublishedEndpoint
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import Notify

Found = TypeVar("Found", AzureSchedule, PublishedEndpoint)


def list_schedules(
    destination: SubmissionTarget, *, connection: Connection | None = None, notify: Notify = print
) -> list[AzureSchedule]:
    """Return the schedules, active and paused, that one SDK has in a workspace, by name.

    Parameters
    ----------
    destination : SubmissionTarget
        Workspace, sign-in, and the SDK: those of SDK v1 and of SDK v2 are separate lists.
    connection : Connection, optional
        An earlier one to the same destination.

    Raises
    ------
    AzureError
        If the workspace can't be reached.
    CompileError
        If the SDK is missing or too old.
    """
    return (connection or connect(destination, notify=notify)).published.schedules()


def end_schedule(
    destination: SubmissionTarget,
    name: str,
    *,
    connection: Connection | None = None,
    notify: Notify = print,
) -> AzureSchedule:
    """End a schedule: SDK v2 deletes it; SDK v1 can only disable it. Returns what it was.

    Parameters
    ----------
    name : str
        Its name or id.

    Raises
    ------
    AzureError
        If there is no such schedule, or several of that name.
    CompileError
        If the SDK is missing or too old.
    """
    published = (connection or connect(destination, notify=notify)).published
    found = _one(published.schedules(), name, "schedule", destination)
    published.end_schedule(found)
    return found


def set_paused(
    destination: SubmissionTarget,
    name: str,
    paused: bool,
    *,
    connection: Connection | None = None,
    notify: Notify = print,
) -> AzureSchedule:
    """Let a schedule start no runs for now, or start them again. Returns what it is then.

    It raises as :func:`end_schedule` does.
    """
    published = (connection or connect(destination, notify=notify)).published
    found = _one(published.schedules(), name, "schedule", destination)
    published.set_paused(found, paused)
    return _one(published.schedules(), found.id, "schedule", destination)


def run_now(
    destination: SubmissionTarget,
    name: str,
    *,
    connection: Connection | None = None,
    notify: Notify = print,
) -> str:
    """Start a run of a schedule besides its times; return the run's id.

    It raises as :func:`end_schedule` does.
    """
    published = (connection or connect(destination, notify=notify)).published
    return published.run_now(_one(published.schedules(), name, "schedule", destination))


def list_endpoints(
    destination: SubmissionTarget, *, connection: Connection | None = None, notify: Notify = print
) -> list[PublishedEndpoint]:
    """Return the published pipelines that one SDK has in a workspace, by name.

    They are those that :func:`designer.azure.publish.publishing.publish` creates, and others. It
    raises as :func:`list_schedules` does.
    """
    return (connection or connect(destination, notify=notify)).published.endpoints()


def end_endpoint(
    destination: SubmissionTarget,
    name: str,
    *,
    connection: Connection | None = None,
    notify: Notify = print,
) -> PublishedEndpoint:
    """Remove a published pipeline: SDK v2 deletes it; SDK v1 can only disable it.

    It raises as :func:`end_schedule` does.
    """
    published = (connection or connect(destination, notify=notify)).published
    found = _one(published.endpoints(), name, "endpoint", destination)
    published.end_endpoint(found)
    return found


def _one(found: Sequence[Found], name: str, what: str, destination: SubmissionTarget) -> Found:
    for matches in _ways(name):
        chosen = [each for each in found if matches(each)]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            ids = ", ".join(each.id for each in chosen)
            raise AzureError(f"{len(chosen)} {what}s are called “{name}”.", f"Use the id: {ids}.")
    known = ", ".join(f"“{each.name}”" for each in found[:10])
    raise AzureError(
        f"The workspace “{destination.config.name}” has no {what} “{name}”.",
        f"It has: {known}." if known else "It has none.",
    )


def _ways(name: str) -> tuple[Callable[[AzureSchedule | PublishedEndpoint], bool], ...]:
    return (lambda each: each.id == name, lambda each: each.name == name)
