"""The panel that lists the trials of a search while it runs."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from designer.app.automl.board import Board, Row
from designer.app.canvas.state import duration
from designer.app.document.labels import node_label
from designer.app.panels.panel import Panel, PanelContext
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.app.views import formatting
from designer.app.widgets.brief_label import BriefLabel
from designer.app.widgets.empty_label import empty_label
from designer.texts import tr
from modules.contract.context import Trial

EMPTY = tr("While Automated ML runs, its trials are listed here.")
STOPPING = tr("Stopping after the trials in progress…")


class TrialsPanel(QWidget):
    """The trials of the step that reported one last, and a button that stops it.

    Signals
    -------
    changed
        Other commands can be used than before.
    """

    changed = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._controller: RunController = context.controller
        self._node = ""
        self._shown = 0
        self._newest: int | None = None
        self._asked = False
        self.summary = BriefLabel()
        self.stop = QPushButton(tr("Stop and keep the best"))
        self.stop.clicked.connect(self.stop_and_keep)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.summary, 1)
        head.addWidget(self.stop)
        whole = QWidget()
        self._column = QVBoxLayout(whole)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(_empty())
        self._stack.addWidget(whole)
        self._controller.progressed.connect(self._show)
        self._controller.finished.connect(self._show)

    @cached_property
    def board(self) -> Board:
        """The table and the curve; made for the first trial, as a curve needs pyqtgraph."""
        board = Board(timed=True)
        self._column.addWidget(board, 1)
        return board

    @property
    def searching(self) -> bool:
        """Whether a step that has reported trials is running."""
        return bool(self._controller.state.searching)

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the panel meets."""
        return {"searching": self.searching and not self._asked}

    @command(
        tr("Stop and keep the best"),
        "Ctrl+Shift+F5",
        icon="stop",
        help=tr("Stop the search after the trials in progress, and use the best so far."),
        needs="searching",
        menus="Pipeline 2.5",
    )
    def stop_and_keep(self) -> None:
        """Ask the search to stop; what it has found is its result."""
        self._asked = self._controller.stop()
        self._show()
        self.changed.emit()

    def _show(self, *_: object) -> None:
        state = self._controller.state
        if not self._controller.running:
            self._asked = False
        if state.latest_search != self._node:
            self._node, self._shown = state.latest_search, 0
        trials = state.trials.get(self._node, [])
        self._stack.setCurrentIndex(1 if trials else 0)
        searching = self.searching
        if searching != self.stop.isEnabled() or self._asked:
            self.changed.emit()
        self.stop.setEnabled(searching and not self._asked)
        if not trials:
            self._shown = 0
            return
        self.summary.setText(STOPPING if self._asked and searching else self._text(trials))
        newest = len(trials) - 1 if searching else None
        if (len(trials), newest) == (self._shown, self._newest):
            return
        if not self._shown and searching:
            self._come_to_front()
        self._shown, self._newest = len(trials), newest
        rows = [
            Row(
                trial.number,
                trial.title,
                trial.details,
                trial.score,
                trial.spread,
                trial.seconds,
                trial.problem,
            )
            for trial in trials
        ]
        last = trials[-1]
        self.board.show_rows(
            rows, last.metric, higher_is_better=last.higher_is_better, newest=newest
        )

    def _come_to_front(self) -> None:
        """Show the panel unless its side is closed, or the panel in front of it is in use."""
        side, focused = self.parentWidget(), QApplication.focusWidget()
        assert side is not None
        is_used = focused is not None and side.isAncestorOf(focused)
        if side.isVisible() and not is_used:
            self._context.navigation.show_panel(PANEL.name)

    def _text(self, trials: list[Trial]) -> str:
        last = trials[-1]
        pipeline, catalog = self._context.document.pipeline, self._context.catalog
        name = node_label(pipeline, catalog, self._node) if self._node in pipeline.nodes else ""
        text = f"{name}: " if name else ""
        text += tr("{number} of {total} trials").format(number=len(trials), total=last.total)
        if self.searching and last.seconds_left:
            text += tr(" · about {rounded} left").format(rounded=_rounded(last.seconds_left))
        known = [trial for trial in trials if trial.score is not None]
        if known:
            best = (max if last.higher_is_better else min)(known, key=lambda each: each.score or 0)
            decimals = formatting.decimals([trial.score for trial in known])
            text += tr(" · best {metric} {value}").format(
                metric=last.metric, value=formatting.fixed(best.score or 0.0, decimals)
            )
        return text


def _rounded(seconds: float) -> str:
    """Return an estimate of a time, without more digits than it deserves."""
    unit = 60 if seconds > 90 else 1
    return duration(max(round(seconds / unit), 1) * unit)


def _empty() -> QLabel:
    label = empty_label()
    label.setText(EMPTY)
    return label


PANEL = Panel("trials", tr("Trials"), "below", TrialsPanel)
