"""A text that is cut after some lines and whole when it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LINES = 2
"""Lines before a text is cut."""


class BriefLabel(QLabel):
    """A label as high as its text needs, up to :data:`LINES` lines.

    Signals
    -------
    cut_changed
        Some of the text has become hidden, or nothing is hidden any more.
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
        """Whether the text is longer than what is shown, or would be if it were not open."""
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
        """Cut the text anew where the width has changed."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        starts = _line_starts(self)
        was, self._cut = self._cut, len(starts) > LINES
        shown = self._whole
        if self._cut and not self._open:
            # The room for the dots comes from the last line that is kept.
            last = self._whole[starts[LINES - 1] :].replace("\n", " ")
            kept = self.fontMetrics().elidedText(
                last, Qt.TextElideMode.ElideRight, self._line_width()
            )
            shown = self._whole[: starts[LINES - 1]] + kept
        super().setText(shown)
        self.setToolTip(self._whole if self._cut and not self._open else "")
        lines = len(starts) if self._open else min(len(starts), LINES)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2)
        if was != self._cut:
            self.cut_changed.emit()

    def _line_width(self) -> int:
        return max(self.contentsRect().width() - 2, 1)


def _line_starts(label: BriefLabel) -> list[int]:
    """Return where the lines of a label's text begin."""
    starts: list[int] = []
    offset = 0
    for paragraph in label.text().split("\n"):
        layout = QTextLayout(paragraph, label.font(), label)
        layout.setTextOption(QTextOption())
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(label._line_width())
            starts.append(offset + line.textStart())
        layout.endLayout()
        offset += len(paragraph) + 1
    return starts or [0]
