"""Actions on an endpoint, and the questions before them."""

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
    "remove": "removed from the list",
    "roll back": "version switched",
    "refresh": "status updated",
}
"""What the status bar shows after an action."""


def confirm_stop(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is stopped."""
    return confirm(
        parent,
        f"Stop “{info.name}”?",
        "Clients get no responses until it is started again.",
        "Stop",
    )


def confirm_restart(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is restarted."""
    return confirm(
        parent, f"Restart “{info.name}”?", "It's available again after a few seconds.", "Restart"
    )


def confirm_delete(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is deleted."""
    effect = "It is stopped and deleted with all its versions, keys, and logs."
    if info.in_cloud:
        effect = f"It is deleted on {title_of(info.target)} with all its versions."
    return confirm(
        parent,
        f"Delete “{info.name}”?",
        f"{effect} Registered models stay. This can't be undone.",
        "Delete",
    )


def confirm_remove(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint in the cloud is removed from the list, and from there only."""
    return confirm(
        parent,
        f"Remove “{info.name}” from the list?",
        f"It stays on {title_of(info.target)}, and you keep paying for it.",
        "Remove",
    )


def confirm_roll_back(parent: QWidget, info: EndpointInfo, version: int) -> bool:
    """Ask before the version is switched; after rolling back, also to a later one."""
    back = version < info.version
    return confirm(
        parent,
        f"Roll “{info.name}” back to version {version}?"
        if back
        else f"Switch “{info.name}” to version {version}?",
        f"Version {version} replaces version {info.version}, which is kept.",
        "Roll back" if back else "Switch",
    )


def confirm(parent: QWidget, question: str, explanation: str, verb: str) -> bool:
    """Ask a question whose default answer is no."""
    answer = ask(parent, question, question, {Answer.Yes: verb}, explanation=explanation)
    return answer == Answer.Yes
