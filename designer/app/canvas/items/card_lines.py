"""The lines of text on a card, near and from afar: titles are only cut if they must be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from designer.app.canvas.items.face import Face, Line
from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.app.canvas.items.palette import Palette

TEXT_LEFT = 54.0
"""Where texts start, beside the icon."""

LINE_HEIGHT = 18.0

_TITLE_WIDTH = WIDTH - 33 - TEXT_LEFT

_ALONE_WIDTH = _TITLE_WIDTH - 30
"""Room of a title alone in the middle, beside the time that is shown after a run."""


def near_lines(item: Face, palette: Palette, second_width: float) -> list[Line]:
    """Return the lines of text, kept until the item's texts change.

    A title is never cut off for a comment's sake: a long one is set a little smaller, and
    a longer one takes two lines. The room of the status mark is always left free, so that
    nothing jumps when a run starts.
    """
    if item.lines:
        return item.lines
    title, comment = item.title, item.subtitle not in ("", item.node.name)
    narrow = palette.title_metrics.horizontalAdvance(title) > _TITLE_WIDTH
    too_long = narrow and palette.narrow_metrics.horizontalAdvance(title) > _TITLE_WIDTH
    font, metrics = palette.title_font, palette.title_metrics
    if narrow and (comment or not too_long):
        font, metrics = palette.narrow_font, palette.narrow_metrics
    below = _elided(item.subtitle, palette.small_metrics, second_width)
    if not below and metrics.horizontalAdvance(title) <= _ALONE_WIDTH:
        item.lines = [Line(title, font, (HEIGHT - LINE_HEIGHT) / 2, _ALONE_WIDTH)]
        return item.lines
    if not (item.known and too_long):
        first = _elided(title, metrics, _TITLE_WIDTH)
        item.lines = [
            Line(first, font, 12, _TITLE_WIDTH),
            Line(below, palette.small_font, 31, second_width, is_title=False),
        ]
        return item.lines
    first, rest = _broken(title, metrics, _TITLE_WIDTH)
    first = _elided(first, metrics, _TITLE_WIDTH)
    if comment:
        item.lines = [
            Line(first, font, 6, _TITLE_WIDTH),
            Line(_elided(rest, metrics, _TITLE_WIDTH), font, 20, _TITLE_WIDTH),
            Line(below, palette.small_font, 36, second_width, is_title=False),
        ]
    else:
        item.lines = [
            Line(first, font, 12, _TITLE_WIDTH),
            Line(_elided(rest, metrics, second_width), font, 29, second_width),
        ]
    return item.lines


def far_lines(item: Face, palette: Palette) -> list[Line]:
    """Return the title in one large line or two smaller ones, kept until it changes."""
    if item.far_lines:
        return item.far_lines
    width = WIDTH - 46.0 - 18.0
    if palette.far_metrics.horizontalAdvance(item.title) <= width:
        item.far_lines = [Line(item.title, palette.far_font, 15, width)]
        return item.far_lines
    whole = (pair for pair in palette.far_narrow if _fits(item.title, pair[1], width))
    font, metrics = next(whole, palette.far_narrow[-1])
    first, rest = _broken(item.title, metrics, width)
    # Close together, as ports reach into the card above and below.
    top = 5 if rest else 15
    item.far_lines = [Line(_elided(first, metrics, width), font, top, width)]
    if rest:
        item.far_lines.append(Line(_elided(rest, metrics, width), font, 27, width))
    return item.far_lines


def _broken(title: str, metrics: QFontMetricsF, width: float) -> tuple[str, str]:
    """Return as many words as fit into a line, at least one, and the others."""
    words = title.split(" ")
    count = max(len(words) - 1, 1)
    while count > 1 and metrics.horizontalAdvance(" ".join(words[:count])) > width:
        count -= 1
    return " ".join(words[:count]), " ".join(words[count:])


def _fits(title: str, metrics: QFontMetricsF, width: float) -> bool:
    """Return whether a title fits into two lines as it is."""
    return all(metrics.horizontalAdvance(line) <= width for line in _broken(title, metrics, width))


def _elided(text: str, metrics: QFontMetricsF, width: float) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
