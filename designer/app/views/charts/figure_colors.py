"""The colors and markers of groups of rows, in the current theme."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor

from designer.app.shell import theme
from designer.app.shell.theme_colors import mixed
from modules.tables.figures.columns import MISSING, OTHERS
from modules.tables.figures.figure import Density, Figure

if TYPE_CHECKING:
    import numpy as np

SYMBOLS = (("●", "o"), ("■", "s"), ("▲", "t1"), ("◆", "d"), ("★", "star"), ("✚", "+"), ("▼", "t"))
"""Markers of groups, as letters and as pyqtgraph names them, since colors alone aren't enough."""

_LONGEST = 40


def group_color(figure: Figure, group: int) -> str:
    """Return the color of a group of rows."""
    colors = theme.current()
    if not figure.groups:
        return colors.accent
    name = figure.groups[group]
    if name == MISSING:
        return colors.outline
    if name == OTHERS:
        return colors.text_muted
    if figure.ordered:
        count = sum(each != MISSING for each in figure.groups)
        pale = mixed(colors.accent, colors.surface, 0.65)
        return mixed(pale, mixed(colors.accent, colors.text, 0.35), group / max(count - 1, 1))
    return colors.groups[group % len(colors.groups)]


def group_symbol(figure: Figure, group: int) -> tuple[str, str]:
    """Return the marker of a group, as a letter and as pyqtgraph names it."""
    return SYMBOLS[0] if figure.ordered else SYMBOLS[group % len(SYMBOLS)]


def legend_text(figure: Figure) -> str:
    """Return the column and the names of the groups with their markers, as rich text."""
    if not figure.groups:
        return ""
    parts = [f"<b>{html.escape(_short(figure.color_title))}</b>"]
    parts += [
        f"<span style='color:{group_color(figure, group)}'>{group_symbol(figure, group)[0]}</span>"
        f"&nbsp;{html.escape(_short(name))}"
        for group, name in enumerate(figure.groups)
    ]
    return "&nbsp;&nbsp; ".join(parts)


def density_image(figure: Figure, layers: list[Density]) -> np.ndarray:
    """Return the colors of a density: rows, columns, and red, green, blue, and alpha.

    A cell has the mean color of its rows; the more rows, on a logarithmic scale, the less it is
    transparent.
    """
    import numpy as np

    total = np.zeros(layers[0].counts.shape)
    mean = np.zeros((*total.shape, 3))
    for layer in layers:
        total += layer.counts
        color: Any = QColor(group_color(figure, layer.group)).getRgb()
        mean += layer.counts[..., None] * np.array(color[:3], dtype="float64")
    there = total > 0
    image = np.zeros((*total.shape, 4), dtype="uint8")
    image[..., :3][there] = mean[there] / total[there][:, None]
    high = np.log1p(total.max())
    image[..., 3][there] = 255 * (0.2 + 0.8 * np.log1p(total[there]) / high)
    return image


def cells_image(values: np.ndarray) -> np.ndarray:
    """Return the colors of a matrix from -1 to 1; NaN is transparent."""
    import numpy as np

    colors = theme.current()
    image = np.zeros((*values.shape, 4), dtype="uint8")
    ends = [_rgb(colors.surface), _rgb(colors.accent), _rgb(colors.series[0])]
    surface, above, below = (np.array(end, dtype="float64") for end in ends)
    there = ~np.isnan(values)
    share = np.abs(values[there])[:, None]
    target = np.where((values[there] >= 0)[:, None], above, below)
    image[..., :3][there] = surface * (1 - share) + target * share
    image[..., 3][there] = 255
    return image


def _rgb(color: str) -> Any:
    return QColor(color).getRgb()[:3]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
