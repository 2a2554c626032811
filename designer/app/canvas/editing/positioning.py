"""Positions for nodes and notes that have none in the file. Without Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from designer.app.canvas.arranging.arrangement import arrangement
from designer.app.canvas.arranging.boxes import Box, around, box_of, touch
from designer.app.canvas.arranging.layers import Position
from designer.app.canvas.items.geometry import FRAME_PADDING, FRAME_TITLE, GRID, WIDTH
from designer.pipeline import edits
from designer.pipeline.model import Node, Note, Pipeline
from modules.contract import ModuleSpec

GAP_PARTS = 120.0
GAP_NOTES = 40.0


def with_positions(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    """Return a pipeline in which everything has a position; the same one for the same pipeline.

    If none has one, all are arranged. Otherwise those without one are put beside the rest,
    arranged separately: beside the rest of its group, if something in that has a position.
    """
    items: dict[str, Node | Note] = {**pipeline.nodes, **pipeline.notes}
    missing = {name for name, item in items.items() if not item.positioned}
    if not missing:
        return pipeline
    if len(missing) == len(items):
        pipeline = edits.move(pipeline, arrangement(replace(pipeline, notes={}), specs))
        missing = set(pipeline.notes)
    for holder, names in _by_holder(items, missing):
        pipeline = _set_beside(pipeline, specs, holder, names, missing)
        missing -= set(names)
    return replace(
        pipeline,
        nodes={name: replace(node, positioned=True) for name, node in pipeline.nodes.items()},
        notes={name: replace(note, positioned=True) for name, note in pipeline.notes.items()},
    )


def _by_holder(items: Collection[str], missing: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield groups with what needs a position in each, the innermost first.

    It is the innermost group that contains something with a position, or all ("").
    """
    settled = {""}
    for name in items:
        if name not in missing:
            settled.update(_groups_of(name))
    found: dict[str, list[str]] = {}
    for name in items:
        if name in missing:
            holder = next((group for group in _groups_of(name) if group in settled), "")
            found.setdefault(holder, []).append(name)
    yield from sorted(found.items(), key=lambda entry: (-len(entry[0].split("/")), not entry[0]))


def _groups_of(name: str) -> Iterator[str]:
    """Yield the groups that contain something, the innermost first."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _set_beside(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    holder: str,
    names: Collection[str],
    missing: Collection[str],
) -> Pipeline:
    """Arrange some nodes and notes, and move them to where there is room beside the others."""
    part = replace(
        pipeline,
        nodes={name: node for name, node in pipeline.nodes.items() if name in names},
        notes={name: note for name, note in pipeline.notes.items() if name in names},
    )
    positions = arrangement(replace(part, notes={}, groups={}), specs)
    # What a note explains is unknown: each is below the other, beside the nodes.
    across = max((x + WIDTH + GAP_NOTES for x, _ in positions.values()), default=0.0)
    down = 0.0
    for name, note in part.notes.items():
        positions[name] = (across, down)
        down += note.size[1] + GAP_NOTES
    part = edits.move(part, positions)
    block = around(box_of(item) for item in _items(part))
    others = [(item.id, box_of(item)) for item in _items(pipeline) if item.id not in missing]
    inside = [box for name, box in others if not holder or name.startswith(f"{holder}/")]
    outside = [box for name, box in others if holder and not name.startswith(f"{holder}/")]
    left, top = _corner(block, around(inside), outside) if inside else block[:2]
    return edits.move(
        pipeline,
        {
            name: (
                round((x + left - block[0]) / GRID) * float(GRID),
                round((y + top - block[1]) / GRID) * float(GRID),
            )
            for name, (x, y) in positions.items()
        },
    )


def _corner(block: Box, rest: Box, outside: Collection[Box]) -> Position:
    """Return where to put a block: right, below, left, or above, where the frame touches nothing.

    At the right if it would everywhere.
    """
    width, height = block[2] - block[0], block[3] - block[1]
    gap = GAP_PARTS if not outside else GAP_NOTES
    corners = [
        (rest[2] + gap, rest[1]),
        (rest[0], rest[3] + gap),
        (rest[0] - gap - width, rest[1]),
        (rest[0], rest[1] - gap - height),
    ]
    for left, top in corners:
        whole = around([rest, (left, top, left + width, top + height)])
        frame = (
            whole[0] - FRAME_PADDING,
            whole[1] - FRAME_PADDING - FRAME_TITLE,
            whole[2] + FRAME_PADDING,
            whole[3] + FRAME_PADDING,
        )
        if not any(touch(frame, box) for box in outside):
            return left, top
    return corners[0]


def _items(pipeline: Pipeline) -> list[Node | Note]:
    return [*pipeline.nodes.values(), *pipeline.notes.values()]
