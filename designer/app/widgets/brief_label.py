"""A text that is cut after some lines and can be expanded."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LINES = 2
"""Lines before a text is cut."""


class BriefLabel(QLabel):
    """A label as high as its text needs, up to :data:`LINES` lines.

    Signals
    -------
    cut_changed
        Some of the text has become hidden, or nothing is hidden anymore.
    """

    cut_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._whole = ""
        self._open = False
        self._cut = False

    @property
    def is_cut(self) -> bool:
        """Whether the text is longer than what is shown, or would be if it weren't open."""
        return self._cut

    @property
    def is_open(self) -> bool:
        """Whether the whole text is shown however long it is."""
        return self._open

    def text(self) -> str:
        """Return the whole text."""
        return self._whole

    def setText(self, text: str) -> None:
        """Show a text, cut if it is long."""
        self._whole = text
        self._open = False
        self._fit()

    def set_open(self, opened: bool) -> None:
        """Show the whole text, or cut it."""
        self._open = opened
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return no more than a few letters; the rest is cut."""
        return QSize(40, self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text again for the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Cut the text again for the new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        starts = _line_starts(self)
        was, self._cut = self._cut, len(starts) > LINES
        whole, brief = self._whole, self._cut and not self._open
        kept = starts[:LINES] if brief else starts
        lines = [whole[a:b] for a, b in zip(kept, [*kept[1:], len(whole)], strict=True)]
        if brief:
            # The room for the dots comes from the last line that is kept.
            last = lines[-1].replace("\n", " ")
            mode = Qt.TextElideMode.ElideRight
            lines[-1] = self.fontMetrics().elidedText(last, mode, self._line_width())
        super().setText(_joined(lines))
        self.setToolTip(whole if brief else "")
        self.setFixedHeight(len(lines) * self.fontMetrics().lineSpacing() + 2)
        if was != self._cut:
            self.cut_changed.emit()

    def _line_width(self) -> int:
        return max(self.contentsRect().width() - 2, 1)


def _line_starts(label: BriefLabel) -> list[int]:
    """Return where the lines of a label's text start."""
    starts: list[int] = []
    offset = 0
    for paragraph in label.text().split("\n"):
        layout = QTextLayout(paragraph, label.font(), label)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(label._line_width())
            starts.append(offset + line.textStart())
        layout.endLayout()
        offset += len(paragraph) + 1
    return starts or [0]


def _joined(lines: list[str]) -> str:
    """Return lines as a text that a label breaks at the same positions, within words too."""
    text = ""
    for line in lines:
        inside = text and not text[-1].isspace()
        text += f"\n{line}" if inside else line
    return text
