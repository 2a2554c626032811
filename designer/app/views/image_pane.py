"""One image, as large as there is room for it."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views.background import Tasks
from designer.app.views.formatting import plain_tooltip
from designer.texts import filled, tr

FEW_PIXELS = 64
"""The longest edge of an image up to which its pixels are enlarged."""

LARGEST = 4096
"""Maximum pixels of the longest edge; a larger image is scaled."""


class ImagePane(QWidget):
    """Shows the image of a file with its name and size, as large as it is or as there is room.

    Only an image of few pixels is enlarged, see :func:`enlarged`.

    Attributes
    ----------
    image : QImage
        What is shown; null until it is read, or if it can't be.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self.image = QImage()
        self._tasks = Tasks(self, None)
        self.title = QLabel()
        self.title.setProperty("role", "muted")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setMinimumWidth(40)
        self.copy = _button("copy", tr("Copy image"))
        self.copy.clicked.connect(self._copy)
        self.save = _button("export", tr("Save image as…"))
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.setContentsMargins(14, 0, 10, 4)
        row.addWidget(self.title, 1)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        self.canvas = _Image(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        self.setMinimumWidth(200)

    def show_file(self, path: Path) -> None:
        """Show another image."""
        self._path = path
        self.title.setText(path.name)
        self.title.setToolTip(plain_tooltip(path.name))
        self.canvas.setAccessibleName(path.name)
        self._tasks.run(
            read_image,
            path,
            done=lambda image: self._put(path, image),
            failed=lambda message, hint: self._put(path, QImage()),
        )

    def _put(self, path: Path, image: QImage) -> None:
        if path != self._path:
            return
        self.image = image
        size = (
            filled(
                tr(", {width:,} × {height:,} pixels"), width=image.width(), height=image.height()
            )
            if not image.isNull()
            else ""
        )
        self.title.setText(f"{path.name}{size}")
        self.canvas.missing = image.isNull()
        self.copy.setEnabled(not image.isNull())
        self.canvas.update()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.image)

    def _save(self) -> None:
        source = self._path
        if source is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save image"), source.name)
        if not chosen:
            return
        try:
            shutil.copyfile(source, chosen)
            self.title.setText(tr("Saved {name}.").format(name=Path(chosen).name))
        except OSError as error:
            self.title.setText(
                tr("{name} can't be written: {reason}.").format(
                    name=Path(chosen).name, reason=error.strerror
                )
            )


def read_image(path: Path) -> QImage:
    """Read an image; a null image if it can't be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST:
        reader.setScaledSize(size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def enlarged(image: QImage, room: QSize) -> QImage:
    """Return an image of few pixels with larger ones, as far as there is room; others as they are.

    Its pixels remain squares: it's data, a written digit for example, and isn't to be smoothed.
    """
    longest = max(image.width(), image.height())
    times = min(room.width(), room.height()) // max(longest, 1)
    if longest > FEW_PIXELS or times < 2:
        return image
    return image.scaled(image.size() * times)


class _Image(QWidget):
    def __init__(self, pane: ImagePane) -> None:
        super().__init__(pane)
        self._pane = pane
        self.missing = False

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(14, 4, -14, -14)
        image = self._pane.image
        if image.isNull():
            if self.missing:
                painter.setPen(theme.current().text_muted)
                painter.drawText(
                    area, Qt.AlignmentFlag.AlignCenter, tr("This image can't be read.")
                )
            return
        ratio = self.devicePixelRatioF()
        image = enlarged(image, (area.size() * ratio).toSize())
        size = QSizeF(image.size()) / (ratio if image is not self._pane.image else 1.0)
        if size.width() > area.width() or size.height() > area.height():
            size.scale(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(area.topLeft(), size)
        target.moveCenter(area.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Scaled smoothly and not by the painter, which drops lines of a much larger image.
        scaled = image.scaled(
            (size * ratio).toSize(),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.drawImage(target, scaled)


def _button(icon: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip.rstrip("…"))
    return button
