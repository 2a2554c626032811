"""The steps of a deployment and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from designer.app import theme

WORDS = {
    "waiting": "waiting",
    "running": "working",
    "completed": "done",
    "failed": "failed",
    "skipped": "not needed",
}


class StepList(QWidget):
    """One line for each step: a mark, its name, and what there is to say.

    Parameters
    ----------
    steps : mapping of str to str
        Names by id, in their order.
    """

    def __init__(self, steps: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        self._rows: dict[str, _Row] = {}
        for place, (name, title) in enumerate(steps.items()):
            mark, label, text = _Mark(), QLabel(title), QLabel()
            text.setProperty("role", "muted")
            text.setWordWrap(True)
            for each in (label, text):
                each.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(mark, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, place, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, place, 2, Qt.AlignmentFlag.AlignTop)
            self._rows[name] = _Row(title, mark, label, text)
            self.set_step(name, "waiting")

    def set_step(self, name: str, state: str, text: str = "") -> None:
        """Show how a step fares; an unknown one is let pass."""
        row = self._rows.get(name)
        if row is None:
            return
        row.mark.set_state(state)
        row.label.setEnabled(state != "waiting")
        row.text.setText(text)
        row.label.setAccessibleName(f"{row.title}: {WORDS.get(state, state)}")

    def state(self, name: str) -> str:
        """Return how a step fares."""
        return self._rows[name].mark.state

    def running(self) -> str | None:
        """Return the step that works now."""
        names = [name for name, row in self._rows.items() if row.mark.state == "running"]
        return names[0] if names else None

    def start_over(self) -> None:
        """Let every step wait."""
        for name in self._rows:
            self.set_step(name, "waiting")


class _Mark(QWidget):
    """A ring, a moving arc, a tick or a cross."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "waiting"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._angle = 0
        self._clock = QTimer(self)
        self._clock.setInterval(40)
        self._clock.timeout.connect(self._turn)

    def sizeHint(self) -> QSize:
        return QSize(18, 18)

    def set_state(self, state: str) -> None:
        self.state = state
        if state == "running":
            self._clock.start()
        else:
            self._clock.stop()
        self.update()

    def hideEvent(self, event: object) -> None:
        self._clock.stop()

    def showEvent(self, event: object) -> None:
        if self.state == "running":
            self._clock.start()

    def paintEvent(self, event: object) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        if self.state in ("completed", "failed"):
            color = colors.success if self.state == "completed" else colors.error
            theme.icon(self.state, color).paint(painter, self.rect())
            return
        painter.setPen(QPen(QColor(colors.border), 2))
        painter.drawEllipse(ring)
        if self.state == "running":
            pen = QPen(QColor(colors.running), 2)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(ring, -self._angle * 16, 100 * 16)

    def _turn(self) -> None:
        self._angle = (self._angle + 14) % 360
        self.update()


@dataclass(frozen=True)
class _Row:
    title: str
    mark: _Mark
    label: QLabel
    text: QLabel
