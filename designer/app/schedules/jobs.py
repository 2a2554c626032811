"""What works in a separate process: serving the schedules, and reading what Azure ML has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from designer.app.background.control import Control
from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.jobs import destination_of
from designer.azure.connection import connect
from designer.azure.publish import managing
from designer.azure.publish.published import AzureSchedule, PublishedEndpoint
from designer.azure.workspace import Notify
from designer.retraining.loop import Round
from designer.scheduling.server import Server
from designer.scheduling.store import ScheduleStore
from designer.texts import tr
from designer.workspace import Workspace


@dataclass(frozen=True)
class AzureContent:
    """What is scheduled and published in an Azure ML workspace."""

    schedules: list[AzureSchedule]
    endpoints: list[PublishedEndpoint]


def azure_content(target: ComputeTarget, notify: Notify) -> AzureContent:
    """Return what one SDK has scheduled and published in a workspace.

    Raises
    ------
    AzureError
        If the workspace can't be reached.
    """
    destination = destination_of(target)
    connection = connect(destination, notify=notify)
    return AzureContent(
        managing.list_schedules(destination, connection=connection),
        managing.list_endpoints(destination, connection=connection),
    )


def end_in_azure(target: ComputeTarget, kind: str, name: str, notify: Notify) -> None:
    """End a schedule, or remove an endpoint; ``kind`` is ``schedule`` or ``endpoint``.

    Raises
    ------
    AzureError
        If it isn't there, or the workspace can't be reached.
    """
    end = managing.end_schedule if kind == "schedule" else managing.end_endpoint
    end(destination_of(target), name, notify=notify)


def set_paused_in_azure(target: ComputeTarget, name: str, paused: bool, notify: Notify) -> None:
    """Pause a schedule on Azure ML, or resume it.

    Raises
    ------
    AzureError
        If it isn't there, or the workspace can't be reached.
    """
    managing.set_paused(destination_of(target), name, paused, notify=notify)


def run_now_in_azure(target: ComputeTarget, name: str, notify: Notify) -> str:
    """Start a run of a schedule on Azure ML; return its id.

    Raises
    ------
    AzureError
        If it isn't there, or the workspace can't be reached.
    """
    return managing.run_now(destination_of(target), name, notify=notify)


def act_on_retraining(workspace: Path, name: str, act: str) -> str:
    """Do something with a retrained endpoint, and return the result as a sentence.

    Parameters
    ----------
    act : str
        ``run``, ``approve``, ``reject``, ``roll_back``, or ``off``.

    Raises
    ------
    ServingError
        If it can't be done.
    """
    from designer.retraining import actions
    from designer.retraining.rounds import run_round
    from designer.scheduling.retraining import switch_off

    space = Workspace(workspace)
    if act == "off":
        switch_off(space, name)
        return tr("“{name}” isn't retrained any more.").format(name=name)
    acts: dict[str, Callable[[Workspace, str], Round]] = {
        "run": run_round,
        "approve": actions.approve,
        "reject": actions.reject,
        "roll_back": actions.roll_back,
    }
    return acts[act](space, name).summary


def serve(workspace: Path, control: Control) -> None:
    """Serve the schedules of a workspace until the window closes; runs in progress finish."""
    server = Server(ScheduleStore(Workspace(workspace)), "window")
    stop = threading.Event()

    class Ending:
        """Ends the server, whatever the window asks for."""

        def cancel(self) -> None:
            stop.set()
            server.wake()

        leave = cancel

    control.hand_to(Ending())
    server.serve(stop)
