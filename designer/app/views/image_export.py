"""Saves a chart on the screen as an image."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QMimeData, QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from designer.app.shell import theme
from designer.texts import tr

_PNG_SCALE = 2.0
"""Pixels for each pixel of the screen, so that an image is sharp in print."""


def ask_and_save(widget: QWidget, name: str) -> str:
    """Ask where to save a widget's image, and save it.

    Returns
    -------
    str
        A message for the user; empty if they canceled.
    """
    chosen, _ = QFileDialog.getSaveFileName(
        widget, tr("Save image"), f"{name}.png", tr("PNG image (*.png);;SVG drawing (*.svg)")
    )
    if not chosen:
        return ""
    path = Path(chosen)
    if path.suffix.lower() not in (".png", ".svg"):
        path = path.with_name(f"{path.name}.png")
    return (
        tr("Saved {name}.").format(name=path.name)
        if save(widget, path)
        else tr("{name} can't be written.").format(name=path.name)
    )


def save(widget: QWidget, path: Path) -> bool:
    """Save a widget as it looks: ``.svg`` as a drawing, everything else as pixels."""
    if path.suffix.lower() == ".svg":
        drawing = QSvgGenerator()
        drawing.setFileName(str(path))
        return _draw(widget, drawing) and path.is_file()
    return picture(widget).save(str(path))


def copy(widget: QWidget) -> None:
    """Put a widget as it looks on the clipboard, as pixels and as SVG."""
    buffer = QBuffer()
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    _draw(widget, drawing)
    data = QMimeData()
    data.setImageData(picture(widget))
    data.setData("image/svg+xml", buffer.data())
    QGuiApplication.clipboard().setMimeData(data)


def _draw(widget: QWidget, drawing: QSvgGenerator) -> bool:
    drawing.setSize(widget.size())
    drawing.setViewBox(widget.rect())
    drawing.setTitle(widget.accessibleName())
    painter = QPainter()
    if not painter.begin(drawing):
        return False
    painter.fillRect(widget.rect(), QColor(theme.current().surface))
    widget.render(painter, QPoint())
    painter.end()
    return True


def picture(widget: QWidget) -> QImage:
    """Return a widget as it looks, as pixels."""
    image = QImage(widget.size() * _PNG_SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_PNG_SCALE)
    image.fill(QColor(theme.current().surface))
    widget.render(image, QPoint())
    return image
