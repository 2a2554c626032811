"""The start page: begin, go on, or look at a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.settings import Settings
from designer.app.thumbnail import paint_thumbnail
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

CARD = QSize(250, 214)
PICTURE = 116
RECENT_SHOWN = 8


@dataclass(frozen=True)
class Sample:
    """A sample pipeline."""

    path: Path
    title: str
    description: str
    pipeline: Pipeline


def find_samples(folder: Path) -> list[Sample]:
    """Read the sample pipelines of a folder; what can't be read is left out."""
    found = []
    for path in sorted(folder.glob(f"*{pipeline_file.SUFFIX}")):
        try:
            pipeline = pipeline_file.read(path)
        except pipeline_file.PipelineFileError:
            continue
        words = path.name.removesuffix(pipeline_file.SUFFIX).replace("_", " ")
        title = pipeline.extra.get("title")
        found.append(
            Sample(
                path,
                title if isinstance(title, str) else words[:1].upper() + words[1:],
                pipeline.description,
                pipeline,
            )
        )
    return found


class StartPage(QScrollArea):
    """What is shown while no pipeline is open."""

    new_requested = Signal()
    open_requested = Signal()
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
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("startPage")
        title = QLabel("ModelDesk")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2.1)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        subtitle = QLabel("Build, run and compare machine-learning pipelines on your own computer.")
        subtitle.setProperty("role", "muted")
        subtitle.setWordWrap(True)
        self.new = QPushButton("New pipeline")
        self.new.setIcon(theme.icon("new", "on_accent"))
        self.new.setProperty("primary", True)
        self.new.clicked.connect(self.new_requested)
        self.open = QPushButton("Open…")
        self.open.setIcon(theme.icon("open"))
        self.open.clicked.connect(self.open_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.new)
        buttons.addWidget(self.open)
        buttons.addStretch()
        self._recent_title = _heading("Recent")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.cards = [SampleCard(sample, specs) for sample in find_samples(samples)]
        gallery = QWidget()
        flow = FlowLayout(gallery)
        for card in self.cards:
            card.clicked.connect(
                lambda _=False, card=card: self.file_requested.emit(card.sample.path)
            )
            flow.addWidget(card)
        self._samples_title = _heading("Samples")
        if not self.cards:
            self._samples_title.hide()
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
        layout.addWidget(gallery)
        layout.addStretch()
        self.setWidget(page)
        settings.recent_changed.connect(self._show_recent)
        self._show_recent()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return press what has the focus, as Space does."""
        pressed = self.focusWidget()
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and isinstance(pressed, QAbstractButton):
            pressed.click()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the first button."""
        super().showEvent(event)
        self.new.setFocus()

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
            button = _recent_button(name, _folder_words(path))
            button.setToolTip(str(path))
            button.clicked.connect(lambda _=False, path=path: self.file_requested.emit(path))
            self._recent.addWidget(button)
        # As they stand on the page, though they were made after the samples.
        row = [self.open, *self.recent_buttons(), *self.cards]
        for before, after in pairwise(row):
            QWidget.setTabOrder(before, after)


class SampleCard(QAbstractButton):
    """A sample to open: its picture, title and description."""

    def __init__(self, sample: Sample, specs: Mapping[str, ModuleSpec]) -> None:
        super().__init__()
        self.sample = sample
        self._specs = specs
        self.setText(sample.title)
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"Sample: {sample.title}")
        self.setAccessibleDescription(sample.description)
        self.setToolTip(sample.description)

    def paintEvent(self, event: QPaintEvent) -> None:
        """See Qt."""
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.underMouse() or self.hasFocus()
        border = QColor(colors.accent if lively else colors.border)
        painter.setPen(QPen(border, 1.5 if self.hasFocus() else 1))
        painter.setBrush(QColor(colors.surface))
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(frame, 8, 8)
        picture = QRectF(frame.left() + 8, frame.top() + 8, frame.width() - 16, PICTURE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.canvas))
        painter.drawRoundedRect(picture, 5, 5)
        paint_thumbnail(painter, picture.adjusted(8, 8, -8, -8), self.sample.pipeline, self._specs)
        text = frame.adjusted(12, PICTURE + 16, -12, -8).toRect()
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        line = painter.fontMetrics().height()
        title = painter.fontMetrics().elidedText(
            self.sample.title, Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, title)
        painter.setFont(self.font())
        painter.setPen(QColor(colors.text_muted))
        body = text.adjusted(0, line + 3, 0, 0)
        metrics = painter.fontMetrics()
        lines = max(1, body.height() // metrics.lineSpacing())
        painter.drawText(
            body,
            Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft,
            _shortened(self.sample.description, metrics, body.width(), lines),
        )
        painter.end()


class FlowLayout(QLayout):
    """Lays equal cards out in rows, as many in each as fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self._gap = 16

    def addItem(self, item: QLayoutItem) -> None:
        """See Qt."""
        self._items.append(item)

    def count(self) -> int:
        """See Qt."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        """See Qt."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        """See Qt."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """See Qt."""
        return True

    def heightForWidth(self, width: int) -> int:
        """See Qt."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """See Qt."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """See Qt."""
        return CARD if self._items else QSize()

    def setGeometry(self, area: QRect) -> None:
        """See Qt."""
        super().setGeometry(area)
        self._place(area, move=True)

    def _place(self, area: QRect, *, move: bool) -> int:
        x, y, height = area.x(), area.y(), 0
        for item in self._items:
            size = item.sizeHint() if item.sizeHint().isValid() else CARD
            size = size.expandedTo(item.minimumSize())
            if x + size.width() > area.right() + 1 and x > area.x():
                x, y, height = area.x(), y + height + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            height = max(height, size.height())
        return y + height - area.y()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def _recent_button(name: str, folder: str) -> QPushButton:
    button = QPushButton()
    button.setFlat(True)
    button.setAccessibleName(f"{name} in {folder}")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    icon, title, place = QLabel(), QLabel(name), QLabel(folder)
    icon.setPixmap(theme.icon("file", "text_muted").pixmap(16, 16))
    place.setProperty("role", "muted")
    row = QHBoxLayout(button)
    row.setContentsMargins(10, 0, 14, 0)
    row.setSpacing(8)
    for label in (icon, title, place):
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(label)
    button.setFixedSize(row.sizeHint().width(), 30)
    return button


def _folder_words(path: Path) -> str:
    home = Path.home()
    folder = path.parent
    if folder == home:
        return "~"
    return (
        f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
    )


def _shortened(text: str, metrics: object, width: int, lines: int) -> str:
    """Return as much of a text as fits into some lines, whole words only."""
    kept: list[str] = []
    current = ""
    words = " ".join(text.split()).split(" ")
    for index, word in enumerate(words):
        longer = f"{current} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width:  # type: ignore[attr-defined]
            current = longer
            continue
        kept.append(current)
        current = word
        if len(kept) == lines:
            rest = kept[-1] + " " + " ".join(words[index:])
            kept[-1] = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)  # type: ignore[attr-defined]
            return "\n".join(kept)
    return "\n".join([*kept, current])
