"""An unfinished inference pipeline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Endpoint, Link, Node
from designer.pipeline.own_modules import WEB_SERVICE_OUTPUT
from modules.contract.specification import ModuleSpec

ORIGIN = "origin"
"""Field of a node: the output of the training pipeline that it replaces."""

Kind = Literal["real-time", "batch"]
"""Whether requests or a whole dataset are scored."""


class InferenceError(ValueError):
    """An inference pipeline can't be created; a message, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass
class Entry:
    """A port where the rows of a request enter.

    Parameters
    ----------
    node : str
        The node of the new pipeline that replaces the source of the rows.
    origin : Endpoint
        The output of the training pipeline that produced them.
    name : str
        Of the Web Service Input.
    converter : str
        The node that makes a folder of images of the rows; empty if the rows are a table.
    """

    node: str
    origin: Endpoint
    name: str
    converter: str = ""


@dataclass
class Draft:
    """An unfinished inference pipeline.

    Parameters
    ----------
    taken : set of str
        Ids that no new node may have: those of the training pipeline.
    links : list of Link
        Those from an entry's node represent both the sample and the request.
    values : dict of str to Endpoint
        Nodes that contain a value of the run: which one.
    fitted : dict of str to str
        Nodes that apply a transformation: the node that contains it.
    scorers : dict of str to Endpoint
        Scoring nodes in the new pipeline, and their output that is sent back.
    outputs : dict of str to Endpoint
        Web Service Outputs, and what feeds them.
    unavailable : dict of str to str
        Columns that a request never has: the step that was left out and added them in training.
    messages : list of str
        What was done and why.
    """

    taken: set[str]
    nodes: dict[str, Node] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    values: dict[str, Endpoint] = field(default_factory=dict)
    fitted: dict[str, str] = field(default_factory=dict)
    scorers: dict[str, Endpoint] = field(default_factory=dict)
    outputs: dict[str, Endpoint] = field(default_factory=dict)
    output_names: dict[str, str] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def feeding(self, node: str) -> dict[str, Endpoint]:
        """Return what feeds each input of a node."""
        return {link.target.port: link.source for link in self.links if link.target.node == node}

    def free(self, wish: str) -> str:
        """Reserve and return an id that no node has yet."""
        name = free_id(wish, self.taken | set(self.nodes))
        self.taken.add(name)
        return name

    def add(self, node: Node, sources: dict[str, Endpoint]) -> None:
        """Add a node with the links into its ports."""
        self.nodes[node.id] = node
        self.links += [Link(source, Endpoint(node.id, port)) for port, source in sources.items()]

    def add_output(
        self, wish: str, source: Endpoint, name: str, position: tuple[float, float] | None
    ) -> None:
        """Add a Web Service Output, by default where the node that feeds it is."""
        label = name or f"output{len(self.outputs) + 1}"
        place = position or self.nodes[source.node].position
        parameters = {"name": label} if label != "output1" else {}
        output = Node(wish, WEB_SERVICE_OUTPUT, 1, parameters, position=place)
        self.add(output, {"dataset": source})
        self.outputs[wish] = source
        self.output_names[wish] = label

    def redirect(self, old: Endpoint, new: Endpoint, keep: Collection[str] = ()) -> None:
        """Replace an endpoint as the source of all links, except for the nodes to keep."""
        self.links = [
            Link(new, link.target) if link.source == old and link.target.node not in keep else link
            for link in self.links
        ]
        for output, source in self.outputs.items():
            if source == old and output not in keep:
                self.outputs[output] = new


def named(node: Node, spec: ModuleSpec) -> str:
    """Return a module's title and the id of its node."""
    return f"{spec.title} “{node.id}”"
