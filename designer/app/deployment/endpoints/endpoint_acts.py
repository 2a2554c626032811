"""What can be done to an endpoint, and what is asked before it is done."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from designer.app.deployment.types import EndpointInfo
from designer.app.dialogs.question import Answer, ask
from designer.deployment.targets import title_of

DONE = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "delete": "deleted",
    "forget": "forgotten",
    "roll back": "another version answers",
    "look": "Azure was asked",
}
"""What is said when something is done."""


def sure_to_stop(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask whether an endpoint is to be stopped."""
    return sure(
        parent,
        f"Stop “{info.name}”?",
        "Programs that use it get no answers until it is started.",
        "Stop",
    )


def sure_to_restart(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask whether an endpoint is to be restarted."""
    return sure(
        parent, f"Restart “{info.name}”?", "It answers again after a few seconds.", "Restart"
    )


def sure_to_delete(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask whether an endpoint is to be deleted."""
    words = "It is stopped and deleted with all its versions, keys and logs."
    if info.in_cloud:
        words = f"It is deleted on {title_of(info.target)} with all its versions."
    return sure(
        parent,
        f"Delete “{info.name}”?",
        f"{words} Registered models stay. This can't be undone.",
        "Delete",
    )


def sure_to_forget(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask whether an endpoint in the cloud is to leave the list and nothing else."""
    return sure(
        parent,
        f"Forget “{info.name}” here?",
        f"It leaves this list. What is on {title_of(info.target)} stays, and is paid for.",
        "Forget",
    )


def sure_to_roll_back(parent: QWidget, info: EndpointInfo, version: int) -> bool:
    """Ask whether another version is to answer; after going back, also a later one."""
    back = version < info.version
    return sure(
        parent,
        f"Roll “{info.name}” back to version {version}?"
        if back
        else f"Let version {version} of “{info.name}” answer again?",
        f"Version {version} answers instead of version {info.version}, which stays.",
        "Roll back" if back else "Change",
    )


def sure(parent: QWidget, question: str, explanation: str, verb: str) -> bool:
    """Ask a question whose usual answer is no."""
    answer = ask(parent, question, question, {Answer.Yes: verb}, explanation=explanation)
    return answer == Answer.Yes
