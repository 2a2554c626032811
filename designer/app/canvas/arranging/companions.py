"""Notes that belong to cards: which, and on which side of them they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from designer.app.canvas.arranging.boxes import Box, around, between_middles, distance
from designer.app.canvas.arranging.layers import Block
from designer.app.canvas.items.geometry import in_steps

GAP = 20.0
"""Distance of a note from its card, and from another note; more only to keep to the grid."""

_BESIDE = 2.0
"""How much more a distance counts downward: notes explain what is beside them."""

_RISE = 20.0
"""How far a note reaches above its card where it is higher."""


def owners(notes: Mapping[str, Box], cards: Mapping[str, Box]) -> dict[str, str]:
    """Return the card that each note explains: the nearest, also by way of other notes."""
    if not cards:
        return {}
    found: dict[str, str] = {}
    # By note: how near, how near by the middles, and the card.
    best = {
        note: min(
            (distance(box, other, down=_BESIDE), between_middles(box, other), name)
            for name, other in cards.items()
        )
        for note, box in notes.items()
    }
    while best:
        note = min(best, key=lambda name: (best[name][:2], name))
        found[note] = best.pop(note)[2]
        for other, known in best.items():
            apart = distance(notes[note], notes[other])
            # Only a pile is meant: notes in a column at the side explain one row each.
            if apart < known[0] and apart <= GAP:
                best[other] = (apart, between_middles(notes[note], notes[other]), found[note])
    return found


def with_notes(
    block: Block,
    name: str,
    card: Box,
    notes: Mapping[str, Box],
    linked: Collection[str],
) -> Block:
    """Return a block with notes around it, each on the side where the user had it.

    Parameters
    ----------
    card : tuple of float
        Where the block was.
    linked : collection of str
        ``above`` or ``below`` if links come from there; no note is in their way.
    """
    sides: dict[str, list[str]] = {"left": [], "right": [], "above": [], "below": []}
    for note in sorted(notes, key=lambda one: (notes[one][1], notes[one][0], one)):
        sides[_side(card, notes[note], linked)].append(note)
    size = {note: (box[2] - box[0], box[3] - box[1]) for note, box in notes.items()}
    if sides["right"] and any(size[note][0] > block.width for note in sides["below"]):
        # They would be below those on the right, and so far from the card.
        sides["right"] += sides["below"]
        sides["below"] = []
    width = {
        side: max((size[one][0] for one in names), default=0.0) for side, names in sides.items()
    }
    height = {side: sum(size[one][1] + GAP for one in names) for side, names in sides.items()}
    left = in_steps(width["left"] + GAP) if sides["left"] else 0.0
    beside = max(height["left"], height["right"]) - GAP
    rise = _RISE if beside > block.height and not sides["above"] else 0.0
    top = max(in_steps(height["above"]), rise)
    starts = {
        "left": (left, top - rise),
        "right": (left + in_steps(block.width) + GAP, top - rise),
        "above": (left, 0.0),
        "below": (left, top + in_steps(block.height) + GAP),
    }
    inside = block.positions or {name: (0.0, 0.0)}
    positions = {inner: (x + left, y + top) for inner, (x, y) in inside.items()}
    boxes: list[Box] = [(left, top, left + block.width, top + block.height)]
    for side, names in sides.items():
        x, y = starts[side]
        for note in names:
            # Those on the left end beside the card.
            start = x - in_steps(size[note][0] + GAP) if side == "left" else x
            positions[note] = (start, y)
            boxes.append((start, y, start + size[note][0], y + size[note][1]))
            y += size[note][1] + GAP
    whole = around(boxes)
    return replace(
        block,
        positions=positions,
        width=in_steps(whole[2]),
        height=in_steps(whole[3]),
        line=top + block.line,
        middle=left + block.middle,
    )


def _side(card: Box, note: Box, linked: Collection[str]) -> str:
    across = max(note[0] - card[2], card[0] - note[2])
    if across < 0 and note[3] <= card[1] and "above" not in linked:
        return "above"
    if across < 0 and note[1] >= card[3] and "below" not in linked:
        return "below"
    return "left" if note[0] + note[2] < card[0] + card[2] else "right"
