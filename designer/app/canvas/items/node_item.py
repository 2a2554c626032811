"""The card of a node: one item, painted in one go, its ports included."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from designer.app.canvas.items import card
from designer.app.canvas.items.face import Line, PortView
from designer.app.canvas.items.geometry import HEIGHT, WIDTH, port_offsets
from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.nodegraph import AbstractNodeItem
from designer.app.canvas.state import NodeState, duration
from designer.app.datasets.datasets import dataset_name
from designer.app.shell import theme
from designer.app.widgets.plain_help import plain_help
from designer.pipeline.identifiers import other_name
from designer.pipeline.model import Endpoint, Link, Node
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec

MARGIN = 12.0
"""The margin for ports, badge, and shadow."""

_BOUNDS = QRectF(-MARGIN, -MARGIN, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)

STATUS_LABELS = {
    "queued": tr("Waiting"),
    "running": tr("Running"),
    "completed": tr("Completed"),
    "reused": tr("Reused"),
    "failed": tr("Failed"),
    "skipped": tr("Skipped"),
    "cancelled": tr("Canceled"),
    "stale": tr("Changed since its last run"),
}


class AttachedLink(Protocol):
    """A link that ends at a card."""

    link: Link

    def follow(self) -> None:
        """Draw the curve between where the two ports are now."""

    def restyle(self) -> None:
        """Use the pen for theme, selection, and pointer."""


class StandIn(Protocol):
    """The card of the collapsed group that hides a node."""

    def gate(self, end: Endpoint, is_output: bool) -> tuple[float, float]:
        """Return where a link to the port of a hidden node ends."""


class NodeItem(AbstractNodeItem):
    """A node of the pipeline on the canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable, False)
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.links: set[AttachedLink] = set()
        # The card of the collapsed group that hides this one.
        self.stand_in: StandIn | None = None
        self.node: Node = Node("", "")
        self.spec: ModuleSpec | None = None
        self.inputs: tuple[PortView, ...] = ()
        self.outputs: tuple[PortView, ...] = ()
        self.state = NodeState()
        self.problems: Sequence[Problem] = ()
        # ``error``, ``warning`` or nothing: the worst of the problems.
        self.severity = ""
        self.title = ""
        self.subtitle = ""
        self.category_icon = "module"
        self.category_color = "#808080"
        self.hovered = False
        self.dimmed = False
        self.marked_ports: dict[PortView, bool] = {}
        # Kept by the painter until what they are made of changes.
        self.lines: list[Line] = []
        self.far_lines: list[Line] = []

    def configure(
        self,
        node: Node,
        spec: ModuleSpec | None,
        extra_inputs: Sequence[str] = (),
        extra_outputs: Sequence[str] = (),
    ) -> None:
        """Show a node; ports that only its links name are last."""
        self.node = node
        self.spec = spec
        self.inputs = _ports(spec.inputs if spec else (), extra_inputs, False)
        self.outputs = _ports(spec.outputs if spec else (), extra_outputs, True)
        self.title = spec.title if spec else node.module
        self.subtitle = " ".join(node.comment.split()) or (
            (_file_name(node, spec) or other_name(node, spec.title))
            if spec
            else tr("Unknown module")
        )
        self.retint()

    def retint(self) -> None:
        """Apply the colors of the current theme."""
        colors = theme.current()
        self.category_icon, self.category_color = "unknown", colors.text_muted
        if self.spec:
            self.category_icon = theme.category_icon(self.spec.category)
            self.category_color = colors.pick(self.spec.category.colors)
        self.lines, self.far_lines = [], []
        self.update()

    @property
    def name(self) -> str:
        """The title; the library's setter, which also sets a tooltip, isn't wanted."""
        return self.title

    @name.setter
    def name(self, value: str) -> None:
        pass

    @property
    def known(self) -> bool:
        """Whether the module is installed."""
        return self.spec is not None

    def boundingRect(self) -> QRectF:
        """Return card, ports, and badge."""
        return _BOUNDS

    def shape(self) -> QPainterPath:
        """Return the same: the pointer decides which part was hit."""
        path = QPainterPath()
        path.addRect(_BOUNDS)
        return path

    def card_rect(self) -> QRectF:
        """Return the card without margin, in scene units."""
        return QRectF(self.x(), self.y(), WIDTH, HEIGHT)

    def port(self, name: str, is_output: bool) -> PortView | None:
        """Return a port by name."""
        for port in self.outputs if is_output else self.inputs:
            if port.name == name:
                return port
        return None

    def end_of(self, name: str, is_output: bool) -> tuple[float, float]:
        """Return where a link to a port ends in the scene."""
        if self.stand_in is not None:
            return self.stand_in.gate(Endpoint(self.node.id, name), is_output)
        # This runs for every link of every card that is dragged.
        port, corner = self.port(name, is_output), self.pos()
        x = corner.x() + (port.x if port else 0.0)
        return (x, corner.y() + HEIGHT) if is_output else (x, corner.y())

    def center_of(self, port: PortView) -> QPointF:
        """Return the center of a port in the scene; of a hidden card where it is shown."""
        return QPointF(*self.end_of(port.name, port.is_output))

    def port_near(self, point: QPointF, reach: float) -> PortView | None:
        """Return the port nearest to a point in scene units, if within reach."""
        local = point - self.pos()
        best, distance = None, reach * reach
        for port in (*self.inputs, *self.outputs):
            x = local.x() - port.x
            y = local.y() - (HEIGHT if port.is_output else 0.0)
            if x * x + y * y <= distance:
                best, distance = port, x * x + y * y
        return best

    def set_state(self, state: NodeState) -> None:
        """Show the state of the node in the run."""
        if state != self.state:
            self.state = state
            self.lines = []
            self.update()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show how many problems there are."""
        if list(problems) != list(self.problems):
            self.problems = problems
            kinds = {problem.severity for problem in problems}
            self.severity = "error" if "error" in kinds else "warning" if "warning" in kinds else ""
            self.update()

    def set_hovered(self, hovered: bool) -> None:
        """Show that the pointer is over the card."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def set_linking(self, dimmed: bool, marked: dict[PortView, bool]) -> None:
        """Show which ports a link being drawn may end at (true) or not (false)."""
        if dimmed != self.dimmed or marked != self.marked_ports:
            self.dimmed = dimmed
            self.marked_ports = marked
            self.update()

    def connected_ports(self) -> set[tuple[str, bool]]:
        """Return name and direction of the ports that have a link."""
        found = set()
        for item in self.links:
            if item.link.source.node == self.node.id:
                found.add((item.link.source.port, True))
            if item.link.target.node == self.node.id:
                found.add((item.link.target.port, False))
        return found

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint the card as far as it can be read."""
        zoom = painter.worldTransform().m11()
        selected = self.isSelected()
        if zoom < card.FAR:
            card.paint_far(self, painter, current_palette(), selected)
        else:
            card.paint_near(self, painter, current_palette(), selected, zoom)

    def tooltip(self) -> str:
        """Return the tooltip of the node, as rich text."""
        lines = [f"<b>{html.escape(self.title)}</b> <small>{html.escape(self.node.id)}</small>"]
        if self.node.comment:
            lines.append(html.escape(self.node.comment))
        if not self.spec:
            lines.append(
                tr("The module “{module}” isn't installed.").format(
                    module=html.escape(self.node.module)
                )
            )
        elif self.spec.summary:
            lines.append(html.escape(plain_help(self.spec.summary)))
        if self.node.disabled:
            lines.append(tr("Excluded from runs."))
        label = STATUS_LABELS.get(self.state.status)
        if label:
            time = duration(self.state.seconds)
            lines.append(
                tr("{status} in {time}").format(status=label, time=time) if time else label
            )
            if self.state.text:
                lines.append(html.escape(self.state.text))
        lines += problem_lines(self.problems)
        return "<br>".join(lines)


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Return the first problems as lines of rich text."""
    colors = theme.current()
    by_severity = {"error": colors.error, "warning": colors.warning}
    lines = []
    for problem in list(problems)[:8]:
        color = by_severity.get(problem.severity, colors.accent)
        hint = f" {html.escape(problem.hint)}" if problem.hint else ""
        code = f' <span style="color:{colors.text_muted}">{html.escape(problem.code)}</span>'
        lines.append(
            f'<span style="color:{color}">●</span> {html.escape(problem.message)}{hint}'
            f"{code if problem.code else ''}"
        )
    if len(problems) > 8:
        lines.append(tr("… and {number} more").format(number=len(problems) - 8))
    return lines


def _file_name(node: Node, spec: ModuleSpec) -> str:
    """Return the name of the file or dataset of the node; empty if it has none."""
    for parameter in spec.parameters:
        value = node.parameters.get(parameter.name)
        if parameter.kind == "path" and isinstance(value, str):
            name = value.replace("\\", "/").rstrip("/").rpartition("/")[2]
            return dataset_name(value) or name
    return ""


def _ports(known: Sequence[Any], extra: Sequence[str], is_output: bool) -> tuple[PortView, ...]:
    offsets = port_offsets(len(known) + len(extra))
    ports = [
        PortView(port.name, port.title, port.type_name, port.optional, is_output, x)
        for port, x in zip(known, offsets, strict=False)
    ]
    for name, x in zip(extra, offsets[len(known) :], strict=True):
        title = (name[:1].upper() + name[1:]).replace("_", " ")
        ports.append(PortView(name, title, "", True, is_output, x, known=False))
    return tuple(ports)
