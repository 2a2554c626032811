"""The data that a card is painted from: the face of a node, or of a collapsed group."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont

from designer.app.canvas.items.geometry import HEIGHT
from designer.app.canvas.state import NodeState
from designer.composed_texts import in_language
from designer.pipeline.model import Node
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract.port_type import type_phrase


@dataclass(frozen=True)
class PortView:
    """A port as it is drawn.

    Parameters
    ----------
    x : float
        Distance from the left edge of the card.
    known : bool
        Whether the module has this port; false where only a link names it.
    """

    name: str
    title: str
    type_name: str
    optional: bool
    is_output: bool
    x: float
    known: bool = True

    @property
    def center(self) -> QPointF:
        """The center, from the card's top left."""
        return QPointF(self.x, HEIGHT if self.is_output else 0.0)

    def tooltip(self, columns: str = "") -> str:
        """Return name, type and, where known, columns as rich text."""
        kind = html.escape(in_language(type_phrase(self.type_name)) or tr("unknown type"))
        if self.optional and self.known and not self.is_output:
            kind += tr(", optional")
        lines = [f"<b>{html.escape(self.title)}</b>", kind]
        if columns:
            lines.append(html.escape(columns).replace("\n", "<br>"))
        return "<br>".join(lines)


@dataclass(frozen=True)
class Line:
    """A line of text on a card."""

    text: str
    font: QFont
    top: float
    width: float
    is_title: bool = True


class Face(Protocol):
    """What the painter of cards needs.

    Attributes
    ----------
    lines, far_lines : list of Line
        Kept by the painter until what they are made of changes.
    """

    lines: list[Line]
    far_lines: list[Line]

    @property
    def title(self) -> str:
        """The title of the card."""

    @property
    def subtitle(self) -> str:
        """The second line."""

    @property
    def node(self) -> Node:
        """The node, of which the card shows whether it is disabled."""

    @property
    def known(self) -> bool:
        """Whether the module is installed."""

    @property
    def state(self) -> NodeState:
        """The state in the current run."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong."""

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or nothing: the worst of the problems."""

    @property
    def category_icon(self) -> str:
        """The name of the icon."""

    @property
    def category_color(self) -> str:
        """The color of bar and icon."""

    @property
    def inputs(self) -> tuple[PortView, ...]:
        """The ports at the top."""

    @property
    def outputs(self) -> tuple[PortView, ...]:
        """The ports at the bottom."""

    @property
    def hovered(self) -> bool:
        """Whether the pointer is over the card."""

    @property
    def dimmed(self) -> bool:
        """Whether a link is being drawn that can't end here."""

    @property
    def marked_ports(self) -> Mapping[PortView, bool]:
        """The ports at which the link being drawn can end."""

    def connected_ports(self) -> set[tuple[str, bool]]:
        """Return name and direction of the ports that have a link."""
