"""Leaderboards of Automated ML; each row can be opened as a pipeline."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.app.automl.board import Board, Row
from designer.app.views.registry import Found, view
from designer.texts import tr
from modules.values.leaderboard import LeaderboardSummary


class LeaderboardView(QWidget):
    """The trials of a leaderboard, with the curve of the best so far.

    Parameters
    ----------
    open_trial : callable or None
        Opens a trial as a pipeline: accepts the plan of the leaderboard and the trial.
    """

    def __init__(
        self, content: LeaderboardSummary, open_trial: Any = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._content = content
        self._open_trial = open_trial
        self.board = Board(timed=False, titled=True)
        self.open = QPushButton(tr("Open as pipeline"))
        self.open.setToolTip(tr("Open the selected trial in another window, as cards and links"))
        self.open.clicked.connect(self._on_open)
        self.open.setVisible(open_trial is not None)
        self.left_out = QLabel()
        self.left_out.setProperty("role", "muted")
        self.left_out.setWordWrap(True)
        names = content.plan["left_out"]
        self.left_out.setText(tr("Columns left out: {listed}").format(listed=", ".join(names)))
        self.left_out.setVisible(bool(names))
        self.tools = QWidget()
        buttons = QHBoxLayout(self.tools)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 4, 14, 10)
        column.addWidget(self.left_out)
        column.addWidget(self.board, 1)
        self.board.chosen.connect(self._update)
        self.board.activated.connect(lambda _: self._on_open())
        rows = [
            Row(
                trial["number"],
                trial["title"],
                trial["settings"],
                trial["score"],
                trial["spread"],
                None,
                trial["problem"],
            )
            for trial in content.trials
        ]
        self.board.show_rows(
            rows, content.metric, higher_is_better=content.higher_is_better, ranked=True
        )
        if (first := self.board.list.topLevelItem(0)) is not None:
            self.board.list.setCurrentItem(first)
        self._update()
        self.setFocusProxy(self.board)

    def _update(self) -> None:
        self.open.setEnabled(self.board.index is not None)

    def _on_open(self) -> None:
        index = self.board.index
        if index is not None and self._open_trial is not None:
            self._open_trial(self._content.plan, self._content.trials[index])


@view("leaderboard")
def show(found: Found) -> QWidget:
    """Show a leaderboard."""
    return LeaderboardView(found.content, found.open_trial)
