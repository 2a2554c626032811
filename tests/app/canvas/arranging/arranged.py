"""Pipelines that hypothesis draws, and what must be true of them once arranged."""

from __future__ import annotations

from itertools import combinations

from canvas_desk import CATALOG
from hypothesis import strategies as st

from designer.app.canvas.arranging.boxes import Box, around, box_of, touch
from designer.app.canvas.items.geometry import HEIGHT, WIDTH, port_offsets
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Endpoint, Group, Link, Node, Note, Pipeline

INPUTS = ("left", "right")


@st.composite
def pipelines(draw, groups=("",), notes=4, cycles=False, cards=14):
    """Cards anywhere, also on each other and off the grid, with links, notes, and groups."""
    places = st.tuples(st.integers(-40, 60), st.integers(-40, 60)).map(
        lambda at: (at[0] * 17.0, at[1] * 13.0)
    )
    holders = draw(st.lists(st.sampled_from(groups), min_size=1, max_size=cards))
    names = [f"{group}n{index}" for index, group in enumerate(holders)]
    nodes = {name: Node(name, "join_data", position=draw(places)) for name in names}
    ends = st.integers(0, len(names) - 1)
    links = {}
    for one, two, port in draw(
        st.lists(st.tuples(ends, ends, st.sampled_from(INPUTS)), max_size=2 * len(names))
    ):
        first, second = (one, two) if cycles else sorted((one, two))
        if first != second:
            target = Endpoint(names[second], port)
            links[target] = Link(Endpoint(names[first], "joined"), target)
    papers = {}
    for index in range(draw(st.integers(0, notes))):
        name = f"{draw(st.sampled_from(groups))}note{index}"
        size = draw(st.sampled_from([(220.0, 120.0), (333.0, 77.0), (900.0, 60.0), (160.0, 420.0)]))
        papers[name] = Note(name, position=draw(places), size=size)
    pipeline = Pipeline(nodes=nodes, links=tuple(links.values()), notes=papers)
    folded = {
        name: Group(name, collapsed=draw(st.booleans()) and notes == 0)
        for name in group_ids(pipeline)
    }
    return Pipeline(nodes=nodes, links=tuple(links.values()), notes=papers, groups=folded)


def boxes(pipeline: Pipeline) -> dict[str, Box]:
    """The cards and notes, by id."""
    return {name: box_of(item) for name, item in {**pipeline.nodes, **pipeline.notes}.items()}


def overlapping(pipeline: Pipeline) -> list[tuple[str, str]]:
    """The cards and notes that lie on each other."""
    return [
        (one, two)
        for (one, first), (two, second) in combinations(boxes(pipeline).items(), 2)
        if touch(first, second)
    ]


def strangers(pipeline: Pipeline) -> list[tuple[str, str]]:
    """The cards and notes on the frame of a group that they aren't in."""
    found = []
    everything = boxes(pipeline)
    for group in group_ids(pipeline):
        inside = [box for name, box in everything.items() if name.startswith(f"{group}/")]
        if not inside:
            continue
        frame = around(inside)
        found += [
            (group, name)
            for name, box in everything.items()
            if not name.startswith(f"{group}/") and touch(box, frame)
        ]
    return found


def upward(pipeline: Pipeline) -> list[Link]:
    """The links that don't go down."""
    return [
        link
        for link in pipeline.links
        if pipeline.nodes[link.source.node].position[1] + HEIGHT
        >= pipeline.nodes[link.target.node].position[1]
    ]


def ends(pipeline: Pipeline, link: Link) -> tuple[float, float, float, float]:
    """Where the ports of a link are."""
    x1, y1 = pipeline.nodes[link.source.node].position
    x2, y2 = pipeline.nodes[link.target.node].position
    spec = CATALOG["join_data"]
    out = port_offsets(len(spec.outputs))[0]
    into = port_offsets(len(spec.inputs))[INPUTS.index(link.target.port)]
    assert spec.outputs[0].name == link.source.port
    return x1 + out, y1 + HEIGHT, x2 + into, y2


def middle(pipeline: Pipeline, name: str) -> float:
    """Where the middle of a card is."""
    return pipeline.nodes[name].position[0] + WIDTH / 2
