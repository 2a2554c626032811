"""Arranging a pipeline from top to bottom, after Sugiyama. Without Qt.

A group is arranged first and then counts as one wide, high card among those beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from designer.app.canvas.items.geometry import (
    FRAME_PADDING,
    FRAME_TITLE,
    GRID,
    HEIGHT,
    WIDTH,
    card_in,
    port_offsets,
)
from designer.app.canvas.layers import Arc, Block, Part, Position, parts
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

GAP_PARTS = 120.0
GAP_NOTES = 40.0


def layout(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Callable[[Pipeline], Pipeline]:
    """Return an edit that arranges all nodes, keeping their top left corner."""
    positions = arrangement(pipeline, specs)
    return lambda current: edits.move(
        current,
        {
            name: position
            for name, position in positions.items()
            if name in current.nodes or name in current.notes
        },
    )


def arrangement(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> dict[str, Position]:
    """Return a position for every node and note of a group, without overlaps, links downward."""
    if not pipeline.nodes:
        return {}
    left = min(node.position[0] for node in pipeline.nodes.values())
    top = min(node.position[1] for node in pipeline.nodes.values())
    found = _level(pipeline, _arcs(pipeline, specs), "").positions
    # The corner of the cards stays, not that of a frame around them.
    first = min(found[name][0] for name in pipeline.nodes)
    highest = min(found[name][1] for name in pipeline.nodes)
    return {
        name: (
            round((left + x - first) / GRID) * float(GRID),
            round((top + y - highest) / GRID) * float(GRID),
        )
        for name, (x, y) in found.items()
    }


def _level(pipeline: Pipeline, arcs: list[Arc], group: str) -> Block:
    """Arrange what is directly in a group (or at the top), groups within it as blocks."""
    start = len(group) + 1 if group else 0
    blocks: dict[str, Block] = {}
    owner: dict[str, str] = {}
    # A note at the top stays where it is.
    for name in (*pipeline.nodes, *(note for note in pipeline.notes if "/" in note)):
        if group and not name.startswith(f"{group}/"):
            continue
        child = name[:start] + name[start:].partition("/")[0]
        owner[name] = child
        if child in blocks:
            continue
        if child != name:
            blocks[child] = _group(pipeline, arcs, child)
        else:
            blocks[child] = Block({}, *_size(pipeline, name))
    here = [
        Arc(
            owner[arc.source],
            owner[arc.target],
            _from_block(blocks[owner[arc.source]], arc.source, arc.out),
            _from_block(blocks[owner[arc.target]], arc.target, arc.into),
        )
        for arc in arcs
        if arc.source in owner and arc.target in owner and owner[arc.source] != owner[arc.target]
    ]
    positions: dict[str, Position] = {}
    offset = height = 0.0
    for part in parts(list(blocks), here):
        members = set(part)
        within = [arc for arc in here if arc.source in members]
        found = Part({name: blocks[name] for name in part}, within).positions()
        smallest = min(x for x, _ in found.values())
        if offset and members <= pipeline.notes.keys():
            offset -= GAP_PARTS - GAP_NOTES
        for name, (x, y) in found.items():
            corner = offset + x - smallest
            height = max(height, y + blocks[name].height)
            for inner, (across, down) in (blocks[name].positions or {name: (0.0, 0.0)}).items():
                positions[inner] = (corner + across, y + down)
        widest = max(x + blocks[name].width for name, (x, _) in found.items())
        offset += widest - smallest + GAP_PARTS
    return Block(positions, offset - GAP_PARTS, height)


def _group(pipeline: Pipeline, arcs: list[Arc], group: str) -> Block:
    """Return a group's block: a card if it is collapsed, with all that is behind it."""
    inside = _level(pipeline, arcs, group)
    if group not in pipeline.groups or not pipeline.groups[group].collapsed:
        return _framed(inside)
    # The card will be in the middle of its members.
    ends = [(x, y, *_size(pipeline, name)) for name, (x, y) in inside.positions.items()]
    left, top = min(x for x, _, _, _ in ends), min(y for _, y, _, _ in ends)
    right, bottom = max(x + w for x, _, w, _ in ends), max(y + h for _, y, _, h in ends)
    across, down = card_in(right - left, bottom - top)
    moved = {name: (x - left - across, y - top - down) for name, (x, y) in inside.positions.items()}
    return Block(moved, WIDTH, HEIGHT, solid=True)


def _framed(inside: Block) -> Block:
    """Return a group's block: what it contains with its frame around."""
    top = FRAME_TITLE + FRAME_PADDING / 2
    positions = {name: (x + FRAME_PADDING, y + top) for name, (x, y) in inside.positions.items()}
    width = inside.width + 2 * FRAME_PADDING
    return Block(positions, width, inside.height + top + FRAME_PADDING)


def _from_block(block: Block, node: str, distance: float) -> float:
    """Return how far a port is from the middle of the block that contains its node."""
    if node not in block.positions:
        return distance
    if block.solid:
        return 0.0
    return block.positions[node][0] + WIDTH / 2 + distance - block.width / 2


def _arcs(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> list[Arc]:
    arcs = []
    for source, target in pipeline.links:
        if source.node not in pipeline.nodes or target.node not in pipeline.nodes:
            continue
        giving = specs.get(pipeline.nodes[source.node].module)
        taking = specs.get(pipeline.nodes[target.node].module)
        outputs = [port.name for port in giving.outputs] if giving else []
        inputs = [port.name for port in taking.inputs] if taking else []
        arcs.append(
            Arc(
                source.node,
                target.node,
                _from_middle(outputs, source.port),
                _from_middle(inputs, target.port),
            )
        )
    return arcs


def _from_middle(names: list[str], name: str) -> float:
    if name not in names:
        return 0.0
    return port_offsets(len(names))[names.index(name)] - WIDTH / 2


def _size(pipeline: Pipeline, name: str) -> tuple[float, float]:
    return pipeline.notes[name].size if name in pipeline.notes else (WIDTH, HEIGHT)
