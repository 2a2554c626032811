"""Charts of evaluations in notebooks: ROC curves and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from modules.contract.notebook_view import cell

Curve = tuple[Sequence[float], Sequence[float]]

COLORS = ("#2f6fc4", "#c4572f")
"""Of one report, and of the one it is compared with."""

_LEFT, _TOP, _SIDE = 48, 12, 240
"""The position and the size of a chart, in pixels."""


def roc_chart(curves: Sequence[tuple[str, Curve]]) -> str:
    """Return the ROC curves of one report, or of several in one chart, as SVG.

    Parameters
    ----------
    curves : sequence of (str, (sequence of float, sequence of float))
        Name, false positive rates, and true positive rates.
    """
    end = f"{_LEFT + _SIDE},{_TOP}"
    lines = [f'<path d="M{_LEFT},{_TOP + _SIDE} L{end}" stroke="#888" stroke-dasharray="4 4"/>']
    for number, (_, (x, y)) in enumerate(curves):
        points = " ".join(
            f"{_LEFT + _SIDE * a:.1f},{_TOP + _SIDE * (1 - b):.1f}"
            for a, b in zip(x, y, strict=True)
        )
        color = COLORS[number % len(COLORS)]
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    legend = [name for name, _ in curves] if len(curves) > 1 else []
    return _chart(
        "".join(lines), "False positive rate", "True positive rate", ("0", "1"), "1", legend
    )


def residuals_chart(edges: Sequence[float], counts: Sequence[float]) -> str:
    """Return a histogram of residuals as SVG."""
    low, high, most = edges[0], edges[-1], max(counts, default=0) or 1
    across = (high - low) or 1
    bars = "".join(
        f'<rect x="{_LEFT + _SIDE * (left - low) / across:.1f}" '
        f'y="{_TOP + _SIDE * (1 - count / most):.1f}" '
        f'width="{max(_SIDE * (right - left) / across - 1, 0.5):.1f}" '
        f'height="{_SIDE * count / most:.1f}" fill="{COLORS[0]}"/>'
        for left, right, count in zip(edges, edges[1:], counts, strict=False)
    )
    return _chart(bars, "Actual minus predicted", "Rows", (cell(low), cell(high)), cell(most))


def _chart(
    inner: str,
    across: str,
    upward: str,
    ends: tuple[str, str],
    top: str,
    legend: Sequence[str] = (),
) -> str:
    """Return a chart with its axes and a legend below; on white, as the page may be dark."""
    right, bottom = _LEFT + _SIDE, _TOP + _SIDE
    # A letter is seldom wider than seven pixels at this size.
    width = max(right + 16, _LEFT + 8 + 7 * max(map(len, legend), default=0))
    height = bottom + 44 + 18 * len(legend)
    named = "".join(
        _text(_LEFT, bottom + 54 + 18 * number, name, COLORS[number % len(COLORS)], "start")
        for number, name in enumerate(legend)
    )
    middle = _TOP + _SIDE // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="{width}" height="{height}" fill="white"/>'
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" '
        f'stroke="#888"/>{inner}{named}'
        + _text(_LEFT, bottom + 16, ends[0], anchor="start")
        + _text(right, bottom + 16, ends[1])
        + _text(_LEFT - 6, _TOP + 10, top)
        + _text(_LEFT + _SIDE // 2, bottom + 34, across, anchor="middle")
        + f'<g transform="rotate(-90 14 {middle})">{_text(14, middle, upward, anchor="middle")}</g>'
        + "</svg>"
    )


def _text(x: int, y: int, text: str, color: str = "#444", anchor: str = "end") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{color}">{escape(text)}</text>'
