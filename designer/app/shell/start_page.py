"""The start page: new and recent pipelines, and samples."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.sample_gallery import SampleGallery
from designer.app.shell.settings import Settings
from designer.app.views.formatting import plain_tooltip
from designer.app.views.icon_label import IconLabel
from designer.pipeline import file as pipeline_file
from designer.texts import tr
from modules.contract import ModuleSpec

RECENT_SHOWN = 5


class StartPage(QScrollArea):
    """The page that is shown while no pipeline is open."""

    new_requested = Signal()
    open_requested = Signal()
    tour_requested = Signal()
    file_requested = Signal(Path)

    def __init__(
        self,
        settings: Settings,
        samples: Path,
        specs: Mapping[str, ModuleSpec],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        # Its buttons accept the focus, and focusing scrolls to them.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("startPage")
        title = QLabel("ModelDesk")
        title.setProperty("role", "display")
        subtitle = QLabel(
            tr("Build, run, and compare machine learning pipelines on your own computer.")
        )
        subtitle.setProperty("role", "muted")
        subtitle.setWordWrap(True)
        self.new = QPushButton(tr("New pipeline"))
        self.new.setIcon(theme.icon("new", "on_accent"))
        self.new.setProperty("primary", True)
        self.new.clicked.connect(self.new_requested)
        self.open = QPushButton(tr("Open…"))
        self.open.setIcon(theme.icon("open"))
        self.open.clicked.connect(self.open_requested)
        self.tour = QPushButton()
        self.tour.setIcon(theme.icon("eye"))
        self.tour.setToolTip(tr("Build, run, and read a pipeline in ninety seconds"))
        self.tour.clicked.connect(self.tour_requested)
        self.show_tour(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.new)
        buttons.addWidget(self.open)
        buttons.addWidget(self.tour)
        buttons.addStretch()
        self._recent_title = _heading(tr("Recent"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.gallery = SampleGallery(samples, specs)
        self.gallery.chosen.connect(self.file_requested)
        self._samples_title = _heading(tr("Sample pipelines"))
        if not self.gallery.cards:
            self._samples_title.hide()
            self.gallery.hide()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(48, 40, 48, 40)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(subtitle)
        layout.addSpacing(10)
        layout.addLayout(buttons)
        layout.addSpacing(18)
        layout.addWidget(self._recent_title)
        layout.addLayout(self._recent)
        layout.addSpacing(18)
        layout.addWidget(self._samples_title)
        layout.addSpacing(2)
        layout.addWidget(self.gallery)
        layout.addStretch()
        self.setWidget(page)
        settings.recent_changed.connect(self._show_recent)
        self._show_recent()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the focused button, as Space does."""
        pressed = self.focusWidget()
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and isinstance(pressed, QAbstractButton):
            pressed.click()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Start at the first button."""
        super().showEvent(event)
        self.new.setFocus()

    def show_tour(self, left: bool) -> None:
        """Offer the tour, or to resume it if it was left."""
        self.tour.setText(tr("Resume the tour") if left else tr("Take the tour"))

    def recent_buttons(self) -> list[QPushButton]:
        """Return the buttons of the recent files."""
        items = (self._recent.itemAt(index) for index in range(self._recent.count()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def _show_recent(self) -> None:
        for button in self.recent_buttons():
            self._recent.removeWidget(button)
            button.hide()
            button.deleteLater()
        recent = self._settings.recent[:RECENT_SHOWN]
        self._recent_title.setVisible(bool(recent))
        for path in recent:
            name = path.name.removesuffix(pipeline_file.SUFFIX)
            button = _recent_button(name, _folder_label(path))
            button.setToolTip(plain_tooltip(str(path)))
            button.clicked.connect(lambda _=False, path=path: self.file_requested.emit(path))
            self._recent.addWidget(button)
        # In their order on the page, though they were made after the samples.
        row = [self.open, self.tour, *self.recent_buttons(), *self.gallery.focus_order()]
        for before, after in pairwise(row):
            QWidget.setTabOrder(before, after)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


class _RecentButton(QPushButton):
    """A button that is as wide as what is in it."""

    def sizeHint(self) -> QSize:
        row = self.layout()
        if row is None:
            return super().sizeHint()
        return QSize(row.sizeHint().width(), max(row.sizeHint().height(), 18) + 12)


def _recent_button(name: str, folder: str) -> QPushButton:
    button = _RecentButton()
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    button.setFlat(True)
    button.setAccessibleName(tr("{name} in {folder}").format(name=name, folder=folder))
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    icon, title, location = IconLabel("file", 16), QLabel(name), QLabel(folder)
    location.setProperty("role", "muted")
    row = QHBoxLayout(button)
    row.setContentsMargins(10, 0, 14, 0)
    row.setSpacing(8)
    for label in (title, location):
        label.setTextFormat(Qt.TextFormat.PlainText)
    for part in (icon, title, location):
        part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(part)
    return button


def _folder_label(path: Path) -> str:
    home = Path.home()
    folder = path.parent
    if folder == home:
        return "~"
    return (
        f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
    )
