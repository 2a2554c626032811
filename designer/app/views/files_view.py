"""A folder of files, or of images with thumbnails that load as they become visible."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.background import Tasks
from designer.app.views.image_pane import ImagePane, enlarged
from designer.app.views.message_view import MessageView
from designer.app.views.registry import Found, view
from designer.app.views.sheet_view import SheetView
from designer.app.widgets.fields.choosing import follow_selection
from designer.texts import counted, filled, tr
from modules.contract.sheet import Sheet

MOST_FILES = 20_000
"""Files that are listed."""

IMAGES = frozenset(
    (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp")
)
"""File extensions of images."""

THUMBNAIL = 128
"""Longest edge of a thumbnail in device-independent pixels."""

FEW = 30
"""Maximum number of images for which the selected one gets most of the room."""

_KEPT = 600
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Entry:
    """A file below the folder: its path from there, and its size in bytes."""

    name: str
    size: int


class FilesView(QWidget):
    """Lists a folder that may contain very many files.

    Parameters
    ----------
    as_images : bool
        Show images as thumbnails, by class, and the chosen one large.
    """

    def __init__(
        self, folder: Path, *, as_images: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._as_images = as_images
        self._tasks = Tasks(self, None)
        self._head = QLabel(tr("Reading…"))
        self._head.setProperty("role", "muted")
        self._head.setContentsMargins(14, 6, 14, 8)
        self.list: QAbstractItemView | None = None
        self.image_pane: ImagePane | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._head)
        self._column.addStretch(1)
        self._tasks.run(list_files, folder, done=self._listed, failed=self._failed)

    def _listed(self, found: tuple[list[Entry], bool]) -> None:
        entries, cut = found
        images = [entry for entry in entries if Path(entry.name).suffix.lower() in IMAGES]
        total = sum(entry.size for entry in entries)
        text = counted("{n:,} file", "{n:,} files", len(entries))
        text += f", {formatting.size(total)}"
        if self._as_images:
            classes = {entry.name.rpartition("/")[0] for entry in images} - {""}
            text = counted("{n:,} image", "{n:,} images", len(images))
            if classes:
                text += counted(" in {n:,} folder", " in {n:,} folders", len(classes))
        if cut:
            text += filled(tr(" (the first {most_files:,} are shown)"), most_files=MOST_FILES)
        self._head.setText(text)
        body: QWidget
        if self._as_images:
            if images:
                self.list = thumbnails = _ThumbnailList(self._folder, images)
                body = self._beside_pane(thumbnails, images)
            else:
                body = MessageView(tr("There are no images in this folder."))
        else:
            rows = tuple((entry.name, formatting.size(entry.size)) for entry in entries)
            self.list = body = SheetView(
                Sheet((tr("File"), tr("Size")), rows), tr("Files"), sortable=False
            )
        self._column.takeAt(1)
        self._column.addWidget(body, 1)

    def _beside_pane(self, thumbnails: _ThumbnailList, images: list[Entry]) -> QWidget:
        """Return thumbnails with the selected image beside them; a single image is shown alone."""
        self.image_pane = ImagePane()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(thumbnails)
        split.addWidget(self.image_pane)
        # A few images are charts to view, many are data to browse.
        split.setSizes([190, 700] if len(images) <= FEW else [600, 400])
        thumbnails.setVisible(len(images) > 1)
        thumbnails.selectionModel().currentChanged.connect(
            lambda now, _: self._choose(images[now.row()])
        )
        follow_selection(thumbnails)
        thumbnails.setCurrentIndex(thumbnails.model().index(0, 0))
        return split

    def _choose(self, entry: Entry) -> None:
        if self.image_pane is not None:
            self.image_pane.show_file(self._folder / entry.name)

    def _failed(self, message: str, hint: str) -> None:
        self._head.setText(f"{message} {hint}")


def list_files(folder: Path) -> tuple[list[Entry], bool]:
    """Return the files below a folder in their order, and whether there are more."""
    found: list[Entry] = []
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if len(found) == MOST_FILES:
                return found, True
            path = Path(parent, name)
            try:
                size = path.lstat().st_size
            except OSError:
                continue
            found.append(Entry(path.relative_to(folder).as_posix(), size))
    return found, False


def read_thumbnail(path: Path, edge: int) -> QImage:
    """Read an image at no more than a size; a null image if it can't be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > edge:
        reader.setScaledSize(size.scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _framed(image: QImage, edge: int) -> QPixmap:
    """Return an image in the middle of a square, so that all names are at the same height."""
    image = enlarged(image, QSize(edge, edge))
    picture = QPixmap(edge, edge)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.drawImage((edge - image.width()) // 2, (edge - image.height()) // 2, image)
    painter.end()
    return picture


class _ThumbnailList(QListView):
    def __init__(self, folder: Path, entries: list[Entry]) -> None:
        super().__init__()
        self.images = _ThumbnailModel(folder, entries, self)
        self.setModel(self.images)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        line = self.fontMetrics().height()
        self.setGridSize(QSize(THUMBNAIL + 28, THUMBNAIL + line + 28))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(tr("Images"))
        self.setFrameShape(QListView.Shape.NoFrame)


class _ThumbnailModel(QAbstractListModel):
    """Reads an image when it is first painted, one after the other in a thread."""

    def __init__(self, folder: Path, entries: list[Entry], owner: QWidget) -> None:
        super().__init__(owner)
        self._folder = folder
        self._entries = entries
        self._owner = owner
        self._tasks = Tasks(self, None)
        self._read: OrderedDict[int, QPixmap] = OrderedDict()
        self._wanted: list[int] = []
        self._busy = False

    @property
    def loaded(self) -> int:
        """How many thumbnails are in memory."""
        return len(self._read)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._entries[row].name
        if role == Qt.ItemDataRole.ToolTipRole:
            entry = self._entries[row]
            return formatting.tooltip(f"{entry.name}\n{formatting.size(entry.size)}")
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.SizeHintRole:
            line = self._owner.fontMetrics().height()
            return QSize(THUMBNAIL + 20, THUMBNAIL + line + 20)
        return None

    def _thumbnail(self, row: int) -> QPixmap:
        found = self._read.get(row)
        if found is not None:
            self._read.move_to_end(row)
            return found
        if row in self._wanted:
            self._wanted.remove(row)
        # The last requested one is visible; the first may have been scrolled away.
        self._wanted.append(row)
        self._next()
        return theme.icon("file", "text_muted").pixmap(THUMBNAIL // 3, THUMBNAIL // 3)

    def _next(self) -> None:
        if self._busy or not self._wanted:
            return
        row = self._wanted.pop()
        self._busy = True
        ratio = self._owner.devicePixelRatioF()
        self._tasks.run(
            read_thumbnail,
            self._folder / self._entries[row].name,
            round(THUMBNAIL * ratio),
            done=lambda image: self._show(row, image, ratio),
            failed=lambda message, hint: self._show(row, QImage(), ratio),
        )

    def _show(self, row: int, image: QImage, ratio: float) -> None:
        self._busy = False
        if image.isNull():
            picture = theme.icon("warning", "warning").pixmap(THUMBNAIL // 3, THUMBNAIL // 3)
        else:
            picture = _framed(image, round(THUMBNAIL * ratio))
            picture.setDevicePixelRatio(ratio)
        self._read[row] = picture
        if len(self._read) > _KEPT:
            self._read.popitem(last=False)
        changed = self.index(row, 0)
        self.dataChanged.emit(changed, changed, [Qt.ItemDataRole.DecorationRole])
        self._next()


@view("files", read=None)
def show_files(found: Found) -> QWidget:
    """Show files as a list."""
    return FilesView(found.folder / "files")


@view("images", read=None)
def show_images(found: Found) -> QWidget:
    """Show images as thumbnails."""
    return FilesView(found.folder / "files", as_images=True)
