"""Input and output of the canvas: states of nodes and targets of a menu."""

from __future__ import annotations

from dataclasses import dataclass

from designer.pipeline.model import Link
from designer.texts import formatted, tr

MODULE_MIME = "application/x-modeldesk-module"
"""Format of a drag from the palette: the module's id in UTF-8."""


@dataclass(frozen=True)
class NodeState:
    """The state of a node in the current run.

    Parameters
    ----------
    status : str
        ``queued``, ``running``, ``completed``, ``reused``, ``failed``, ``skipped``,
        ``cancelled`` or nothing.
    seconds : float, optional
        How long it took.
    progress : float, optional
        Between 0 and 1; None while running if unknown.
    text : str
        The current activity, or why it failed.
    """

    status: str = ""
    seconds: float | None = None
    progress: float | None = None
    text: str = ""


@dataclass(frozen=True)
class NodeTarget:
    """A menu was requested on a node."""

    id: str


@dataclass(frozen=True)
class PortTarget:
    """A menu was requested on a port."""

    id: str
    port: str
    is_output: bool


@dataclass(frozen=True)
class LinkTarget:
    """A menu was requested on a link."""

    link: Link


@dataclass(frozen=True)
class NoteTarget:
    """A menu was requested on a note."""

    id: str


@dataclass(frozen=True)
class CanvasTarget:
    """A menu was requested on the empty canvas, at a point in scene units."""

    x: float
    y: float


@dataclass(frozen=True)
class GroupTarget(CanvasTarget):
    """A menu was requested on the title of a group's frame; it has a position on the canvas too."""

    id: str


Target = NodeTarget | PortTarget | LinkTarget | NoteTarget | CanvasTarget


def duration(seconds: float | None) -> str:
    """Return a time in a few characters: ``40 ms``, ``2.4 s``, ``3 min 5 s``; empty for None."""
    if seconds is None:
        return ""
    if seconds < 0.0005:
        return "0 s"
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{formatted(seconds, '.1f')} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return (
            tr("{minutes} min {rest} s").format(minutes=minutes, rest=rest)
            if rest
            else tr("{minutes} min").format(minutes=minutes)
        )
    hours, rest = divmod(whole, 3600)
    return (
        tr("{hours} h {rest} min").format(hours=hours, rest=rest // 60)
        if rest >= 60
        else f"{hours} h"
    )
