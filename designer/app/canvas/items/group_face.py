"""The card of a collapsed group: one face for all of its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.app.canvas.items.face import Line, PortView
from designer.app.canvas.items.geometry import port_offsets
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.state import NodeState
from designer.app.shell import theme
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline.model import Endpoint, Group, Interface, Link, Node, SharedUse
from designer.pipeline.problem import Problem
from designer.texts import tr

WORST = ("running", "failed", "queued", "cancelled", "skipped")
"""States of members in order of priority: a group has the first one found."""

DONE = ("completed", "reused")


class GroupFace:
    """The face of a group.

    Its ports are those of the members with links from outside; they are the ends
    of these links and nothing to start one from. A shared module has its own ports.
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
        self._linked: set[tuple[str, bool]] = set()
        # Of a shared module: what is linked at each of its ports.
        self.ends: dict[PortView, Endpoint] = {}

    def show(
        self,
        title: str,
        members: Sequence[NodeItem],
        problems: Sequence[Problem] = (),
        shared: SharedUse | None = None,
    ) -> None:
        """Sum the members up.

        Parameters
        ----------
        problems : sequence of Problem
            Those of the group itself.
        """
        count = len(members)
        self.title = title
        self.subtitle = "1 module" if count == 1 else tr("{count} modules").format(count=count)
        self.category_icon = "chevron-right" if shared is None else "module"
        if shared is not None:
            kept = (
                tr(", version {version}").format(version=shared.version) if shared.version else ""
            )
            self.subtitle = tr("Shared module{kept}").format(kept=kept)
        disabled = bool(members) and all(item.node.disabled for item in members)
        self.node = Node("", "", disabled=disabled)
        self.state = together([item.state for item in members])
        inside = [problem for item in members for problem in item.problems]
        self.problems = [*problems, *inside]
        kinds = {*(item.severity for item in members), *(each.severity for each in problems)}
        self.severity = "error" if "error" in kinds else "warning" if "warning" in kinds else ""
        self.category_color = theme.current().text_muted
        self.lines, self.far_lines = [], []

    def show_gates(
        self, into: Sequence[Link], out: Sequence[Link], nodes: Mapping[str, NodeItem]
    ) -> None:
        """Create a port for each member's port that has a link from outside."""
        self._gates, self.ends = {}, {}
        self.inputs = self._side([link.target for link in into], False, nodes)
        self.outputs = self._side([link.source for link in out], True, nodes)
        self._linked = {(port.name, port.is_output) for port in (*self.inputs, *self.outputs)}

    def show_ports(
        self,
        group: Group,
        into: Sequence[Link],
        out: Sequence[Link],
        nodes: Mapping[str, NodeItem],
    ) -> None:
        """Create the ports of a shared module, from which links can be drawn."""
        self._gates, self.ends, self._linked = {}, {}, set()
        definition = group.shared.definition if group.shared else None
        interface = (definition.interface if definition else None) or Interface()
        ends = {*((link.target, False) for link in into), *((link.source, True) for link in out)}
        sides = []
        for ports, is_output in ((interface.inputs, False), (interface.outputs, True)):
            views = []
            for port, x in zip(ports, port_offsets(len(ports)), strict=True):
                inside = [Endpoint(f"{group.id}/{end.node}", end.port) for end in port.ends]
                known = nodes[inside[0].node].port(inside[0].port, is_output)
                kind = known.type_name if known else ""
                optional = known is not None and known.optional
                view = PortView(port.name, port.title or port.name, kind, optional, is_output, x)
                views.append(view)
                self.ends[view] = inside[0]
                for end in inside:
                    self._gates[end, is_output] = view
                    if (end, is_output) in ends:
                        self._linked.add((port.name, is_output))
            sides.append(tuple(views))
        self.inputs, self.outputs = sides

    def gate(self, end: Endpoint, is_output: bool) -> PortView | None:
        """Return the port that represents a member's."""
        return self._gates.get((end, is_output))

    def connected_ports(self) -> set[tuple[str, bool]]:
        """Return name and direction of the ports that have a link."""
        return self._linked

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
            return NodeState(
                status,
                progress=part,
                text=tr("{done} of {number} done").format(done=done, number=len(states)),
            )
    if states and done == len(states):
        status = "completed" if "completed" in found else "reused"
        seconds = sum(state.seconds or 0.0 for state in states)
        return NodeState(status, seconds or None)
    return NodeState()
