"""Actions on an endpoint, and the questions before them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from designer.app.deployment.types import EndpointInfo
from designer.app.dialogs.question import Answer, ask
from designer.composed_texts import in_language
from designer.deployment.targets import title_of
from designer.texts import tr

DONE = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "delete": "deleted",
    "remove": tr("removed from the list"),
    "roll_back": tr("version switched"),
    "refresh": tr("status updated"),
}
"""What the status bar shows after an action."""


def confirm_stop(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is stopped."""
    return confirm(
        parent,
        tr("Stop “{name}”?").format(name=info.name),
        tr("Clients get no responses until it is started again."),
        tr("Stop"),
    )


def confirm_restart(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is restarted."""
    return confirm(
        parent,
        tr("Restart “{name}”?").format(name=info.name),
        tr("It's available again after a few seconds."),
        tr("Restart"),
    )


def confirm_delete(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint is deleted."""
    effect = tr("It is stopped and deleted with all its versions, keys, and logs.")
    if info.in_cloud:
        effect = tr("It is deleted on {target} with all its versions.").format(
            target=in_language(title_of(info.target))
        )
    return confirm(
        parent,
        tr("Delete “{name}”?").format(name=info.name),
        tr("{effect} Registered models stay. This can't be undone.").format(effect=effect),
        tr("Delete"),
    )


def confirm_remove(parent: QWidget, info: EndpointInfo) -> bool:
    """Ask before an endpoint in the cloud is removed from the list, and from there only."""
    return confirm(
        parent,
        tr("Remove “{name}” from the list?").format(name=info.name),
        tr("It stays on {target}, and you keep paying for it.").format(
            target=in_language(title_of(info.target))
        ),
        tr("Remove"),
    )


def confirm_roll_back(parent: QWidget, info: EndpointInfo, version: int) -> bool:
    """Ask before the version is switched; after rolling back, also to a later one."""
    back = version < info.version
    return confirm(
        parent,
        tr("Roll “{name}” back to version {version}?").format(name=info.name, version=version)
        if back
        else tr("Switch “{name}” to version {version}?").format(name=info.name, version=version),
        tr("Version {version} replaces version {previous}, which is kept.").format(
            version=version, previous=info.version
        ),
        tr("Roll back") if back else tr("Switch"),
    )


def confirm(parent: QWidget, question: str, explanation: str, verb: str) -> bool:
    """Ask a question whose default answer is no."""
    answer = ask(parent, question, question, {Answer.Yes: verb}, explanation=explanation)
    return answer == Answer.Yes
