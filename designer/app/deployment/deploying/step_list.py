"""The steps of a deployment and their progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from designer.app.deployment.fields import repolish
from designer.app.shell import theme
from designer.app.shell.motion import reduced_motion
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.texts import tr

STATUS_LABELS = {
    "waiting": tr("waiting"),
    "running": tr("working"),
    "completed": tr("done"),
    "failed": tr("failed"),
    "skipped": tr("not needed"),
    "cancelled": tr("canceled"),
}


class StepList(QWidget):
    """A list of steps: a mark, the name, and a message below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, _Row] = {}

    def set_steps(self, steps: Mapping[str, str]) -> None:
        """Show other steps, which all wait: names by id, in their order."""
        for row in self._rows.values():
            for widget in (row.mark, row.label, row.text):
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._rows = {}
        for index, (name, step) in enumerate(steps.items()):
            title = in_language(step)
            mark, label, text = _Mark(), QLabel(title), QLabel()
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for each in (label, text):
                each.setTextFormat(Qt.TextFormat.PlainText)
            self._grid.addWidget(mark, 2 * index, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(label, 2 * index, 1)
            self._grid.addWidget(text, 2 * index + 1, 1)
            self._grid.setRowMinimumHeight(2 * index, 24)
            self._rows[name] = _Row(title, mark, label, text)
            self.set_step(name, "waiting")

    def set_step(self, name: str, state: str, text: str = "") -> None:
        """Show the state of a step; an unknown one is ignored."""
        row = self._rows.get(name)
        if row is None:
            return
        row.mark.set_state(state)
        row.label.setProperty("role", "muted" if state in ("waiting", "skipped") else "")
        repolish(row.label)
        text = in_language(text)
        shown = text or (STATUS_LABELS["skipped"].capitalize() if state == "skipped" else "")
        row.text.setText(shown)
        row.text.setVisible(bool(shown))
        row.text.setProperty("role", "error" if state == "failed" else "muted")
        repolish(row.text)
        row.label.setAccessibleName(f"{row.title}: {STATUS_LABELS.get(state, state)}")

    def state(self, name: str) -> str:
        """Return the state of a step."""
        return self._rows[name].mark.state

    def spoken(self, name: str) -> str:
        """Return a step and its state in words."""
        return self._rows[name].label.accessibleName()

    def text(self, name: str) -> str:
        """Return the message of a step."""
        return self._rows[name].text.text()

    def before(self, name: str) -> list[str]:
        """Return the steps before one; none for an unknown one."""
        names = list(self._rows)
        return names[: names.index(name)] if name in self._rows else []

    def stopped(self) -> str | None:
        """Return the step at which it ended: the failed or running one."""
        for state in ("failed", "running"):
            for name, row in self._rows.items():
                if row.mark.state == state:
                    return name
        return None


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
        edge = scaled(18)
        return QSize(edge, edge)

    def set_state(self, state: str) -> None:
        self.state = state
        self._move()
        self.update()

    def hideEvent(self, event: object) -> None:
        self._clock.stop()

    def showEvent(self, event: object) -> None:
        self._move()

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
        if self.state in ("skipped", "cancelled"):
            across = QPen(QColor(colors.text_muted), 2)
            across.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(across)
            middle = ring.center().y()
            painter.drawLine(QPointF(ring.left() + 4, middle), QPointF(ring.right() - 4, middle))
        if self.state == "running":
            pen = QPen(QColor(colors.running), 2)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(ring, -self._angle * 16, 100 * 16)

    def _move(self) -> None:
        if self.state == "running" and not reduced_motion():
            self._clock.start()
        else:
            self._clock.stop()

    def _turn(self) -> None:
        self._angle = (self._angle + 14) % 360
        self.update()


@dataclass(frozen=True)
class _Row:
    title: str
    mark: _Mark
    label: QLabel
    text: QLabel
