"""Saves the whole pipeline as a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from designer.app.canvas.graph import Graph
from designer.app.canvas.items.geometry import GRID
from designer.app.canvas.viewer import Viewer
from designer.app.shell import theme
from designer.texts import tr

SCALE = 2.0
"""Pixels for each unit of the scene, so that a picture is sharp in print."""

LARGEST = 20_000
"""Pixels of a side at most; what is larger has fewer for each unit."""


def save(graph: Graph, viewer: Viewer, path: Path) -> bool:
    """Save the pipeline with nothing selected.

    Parameters
    ----------
    path : Path
        ``.svg`` for a drawing, anything else for pixels.

    Returns
    -------
    bool
        False if the file can't be written.
    """
    chosen = graph.selection()
    # Nothing else is to follow the selection.
    graph.blockSignals(True)
    graph.select([])
    try:
        area = graph.bounds().adjusted(-GRID, -GRID, GRID, GRID)
        return _draw(viewer, area, path)
    finally:
        graph.select(chosen)
        graph.blockSignals(False)


def _draw(viewer: Viewer, area: QRectF, path: Path) -> bool:
    if path.suffix.lower() == ".svg":
        drawing = QSvgGenerator()
        drawing.setFileName(str(path))
        drawing.setSize(area.size().toSize())
        drawing.setViewBox(QRectF(0, 0, area.width(), area.height()))
        drawing.setTitle(tr("ModelDesk pipeline"))
        painter = QPainter()
        if not painter.begin(drawing):
            return False
        _paint(viewer, painter, area, 1.0)
        painter.end()
        return path.is_file()
    scale = min(SCALE, LARGEST / max(area.width(), area.height()))
    size = QSize(round(area.width() * scale), round(area.height() * scale))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint(viewer, painter, area, scale)
    painter.end()
    return image.save(str(path))


def _paint(viewer: Viewer, painter: QPainter, area: QRectF, scale: float) -> None:
    target = QRectF(0, 0, area.width() * scale, area.height() * scale)
    painter.fillRect(target, QColor(theme.current().canvas))
    viewer.scene().render(painter, target, area)
