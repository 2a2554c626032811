"""The card of a collapsed group: one face for all of its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.app.canvas.items.face import Line, PortView
from designer.app.canvas.items.geometry import port_offsets
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.state import NodeState
from designer.app.shell import theme
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline.model import Endpoint, Link, Node
from designer.pipeline.problem import Problem

WORST = ("running", "failed", "queued", "cancelled", "skipped")
"""States of members in order of priority: a group has the first one found."""

DONE = ("completed", "reused")


class GroupFace:
    """The face of a group.

    Its ports are those of the members with links from outside; they are the ends
    of these links and nothing to start one from.
    """

    category_icon = "chevron-right"
    dimmed = False
    marked_ports: Mapping[PortView, bool] = {}
    known = True

    def __init__(self) -> None:
        self.title = self.subtitle = self.severity = ""
        self.category_color = "#808080"
        self.node = Node("", "")
        self.state = NodeState()
        self.problems: Sequence[Problem] = ()
        self.inputs: tuple[PortView, ...] = ()
        self.outputs: tuple[PortView, ...] = ()
        self.hovered = False
        self.lines: list[Line] = []
        self.far_lines: list[Line] = []
        self._gates: dict[tuple[Endpoint, bool], PortView] = {}

    def show(self, title: str, members: Sequence[NodeItem]) -> None:
        """Sum the members up."""
        count = len(members)
        self.title = title
        self.subtitle = "1 module" if count == 1 else f"{count} modules"
        disabled = bool(members) and all(item.node.disabled for item in members)
        self.node = Node("", "", disabled=disabled)
        self.state = together([item.state for item in members])
        self.problems = [problem for item in members for problem in item.problems]
        kinds = {item.severity for item in members}
        self.severity = "error" if "error" in kinds else "warning" if "warning" in kinds else ""
        self.category_color = theme.current().text_muted
        self.lines, self.far_lines = [], []

    def show_gates(
        self, into: Sequence[Link], out: Sequence[Link], nodes: Mapping[str, NodeItem]
    ) -> None:
        """Create a port for each member's port that has a link from outside."""
        self._gates = {}
        self.inputs = self._side([link.target for link in into], False, nodes)
        self.outputs = self._side([link.source for link in out], True, nodes)

    def gate(self, end: Endpoint, is_output: bool) -> PortView | None:
        """Return the port that represents a member's."""
        return self._gates.get((end, is_output))

    def connected_ports(self) -> set[tuple[str, bool]]:
        """Return name and direction of the ports: all have a link."""
        return {(port.name, port.is_output) for port in (*self.inputs, *self.outputs)}

    def _side(
        self, ends: Sequence[Endpoint], is_output: bool, nodes: Mapping[str, NodeItem]
    ) -> tuple[PortView, ...]:
        def across(end: Endpoint) -> tuple[float, Endpoint]:
            port = nodes[end.node].port(end.port, is_output)
            return nodes[end.node].x() + (port.x if port else 0.0), end

        # From left to right as in the group, so that links cross no more than there.
        ordered = sorted({end for end in ends if end.node in nodes}, key=across)
        ports = []
        for end, x in zip(ordered, port_offsets(len(ordered)), strict=True):
            inner = nodes[end.node].port(end.port, is_output)
            title = inner.title if inner else end.port
            kind = inner.type_name if inner else ""
            whole = f"{nodes[end.node].title}, {in_sentence(title)}"
            port = PortView(str(end), whole, kind, False, is_output, x)
            self._gates[end, is_output] = port
            ports.append(port)
        return tuple(ports)


def together(states: Sequence[NodeState]) -> NodeState:
    """Return the state of a group from the states of its members."""
    found = {state.status for state in states}
    done = sum(state.status in DONE for state in states)
    for status in WORST:
        if status in found:
            part = None
            if status == "running":
                going = sum(s.progress or 0.0 for s in states if s.status == "running")
                part = (done + going) / len(states)
            return NodeState(status, progress=part, text=f"{done} of {len(states)} done")
    if states and done == len(states):
        status = "completed" if "completed" in found else "reused"
        seconds = sum(state.seconds or 0.0 for state in states)
        return NodeState(status, seconds or None)
    return NodeState()
