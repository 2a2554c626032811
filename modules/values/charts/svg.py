"""A drawn chart as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from modules.contract.chart import Chart
from modules.values.charts.drawing import draw
from modules.values.charts.shapes import Box, Dot, Label, Line, Look, Point, Shape


def to_svg(chart: Chart, look: Look | None = None) -> str:
    """Return a chart as SVG with its own background, since the page may be dark."""
    drawing = draw(chart, look or Look(640.0))
    width, height = drawing.look.width, drawing.height
    shapes = "".join(map(_element, drawing.shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="12">'
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="{drawing.look.surface}"/>'
        f"{shapes}</svg>"
    )


def outline(dot: Dot) -> list[Point]:
    """Return the corners of a marker; none for a circle."""
    x, y, r = dot.x, dot.y, dot.radius
    corners: tuple[list[Point], ...] = (
        [],
        [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
        [(x, y - r), (x + r, y + r), (x - r, y + r)],
        [(x, y - r), (x + r, y), (x, y + r), (x - r, y)],
    )
    return corners[dot.mark % len(corners)]


def _element(shape: Shape) -> str:
    if isinstance(shape, Label):
        return _text(shape)
    see = f' fill-opacity="{shape.opacity:g}"' if shape.opacity < 1 else ""
    if isinstance(shape, Box):
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
            f'height="{shape.height:.1f}" fill="{shape.color}"{see}/>'
        )
    if isinstance(shape, Dot):
        corners = outline(shape)
        if corners:
            return f'<polygon points="{_points(corners)}" fill="{shape.color}"{see}/>'
        center = f'cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:g}"'
        return f'<circle {center} fill="{shape.color}"{see}/>'
    return _line(shape, see)


def _line(line: Line, see: str) -> str:
    if line.fill:
        return f'<polygon points="{_points(line.points)}" fill="{line.color}"{see}/>'
    dashes = " ".join(f"{length:g}" for length in line.dashes)
    more = f' stroke-dasharray="{dashes}"' if dashes else ""
    if line.opacity < 1:
        more += f' stroke-opacity="{line.opacity:g}"'
    return (
        f'<polyline points="{_points(line.points)}" fill="none" stroke="{line.color}" '
        f'stroke-width="{line.width:g}"{more}/>'
    )


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(label: Label) -> str:
    # Not by “dy” or a baseline, which not every program knows.
    x, y = (label.x + 4, label.y) if label.upright else (label.x, label.y + 4)
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if label.upright else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{label.color}" '
        f'text-anchor="{label.anchor}"{turned}>{escape(label.text)}</text>'
    )
