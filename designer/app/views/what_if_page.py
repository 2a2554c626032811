"""What if: a row whose values are changed by hand, its prediction, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.charts.chart_pane import ChartPane
from designer.app.views.contributions import contributions_chart
from designer.app.widgets.row_form import RowForm
from designer.app.widgets.text_scale import scaled
from designer.texts import filled, tr
from modules.scoring.what_if import Blank, Prediction, average_row, predict, table_row

_LEAST_BESIDE = 560
"""Pixels in the usual font for a row and a prediction side by side."""

DELAY = 200
"""Milliseconds without a change before a row is predicted."""

_ROW = "row"


@dataclass(frozen=True)
class StartRow:
    """A row of a stored table to begin with.

    Parameters
    ----------
    table : Path
    position : int
        In the file, from 0.
    """

    table: Path
    position: int


class WhatIfPage(QWidget):
    """Predicts a row as its values are changed; a worker does so.

    Parameters
    ----------
    folder : Path
        The stored model.
    title : str
        Proposed as the name of an image.
    row : StartRow, optional
        By default the average training row.

    Attributes
    ----------
    form : RowForm
    predicted : Signal of dict
        The row whose prediction was asked for.
    opened : Signal of int
        The model was read; it has so many trees.
    result, before, problem : QLabel
        The prediction, that of the row to begin with, and what is wrong with a value.
    chart : ChartPane or None
        The contributions, once there is a prediction.
    """

    predicted = Signal(dict)
    opened = Signal(int)

    def __init__(
        self,
        folder: Path,
        title: str,
        engine: Caller | None,
        row: StartRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._title, self._row = folder, title, row
        self._named = (
            tr("Average row")
            if row is None
            else filled(tr("Row {position:,}"), position=row.position + 1)
        )
        self._tasks = Tasks(self, engine)
        self._task: Task | None = None
        self._blank: Blank | None = None
        self._start = ""
        self.form = RowForm()
        self.result = _label("title")
        self.before = _label("muted")
        self.problem = _label("error")
        self.chart: ChartPane | None = None
        self.reset = QPushButton(tr("Reset"))
        self.reset.setIcon(theme.icon("undo"))
        average = tr("Return to the average row of the training data")
        self.reset.setToolTip(
            average
            if row is None
            else filled(tr("Return to row {position:,}"), position=row.position + 1)
        )
        self.reset.setEnabled(False)
        # In a separate window, Enter in a field would press it.
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(self._show_first)
        self._delay = QTimer(self, singleShot=True, interval=DELAY)
        self._delay.timeout.connect(self._predict)
        self.form.edited.connect(self._delay.start)
        self._build()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the columns when the page is shown for the first time."""
        super().showEvent(event)
        if self._blank is None and self._task is None:
            self.before.setText(tr("Reading the model…"))
            read, *given = (
                (average_row, self._folder)
                if self._row is None
                else (table_row, self._folder, self._row.table, self._row.position)
            )
            self._task = self._tasks.run(read, *given, done=self._take, failed=self._fail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the prediction below the row where there is little room beside it."""
        super().resizeEvent(event)
        narrow = self.width() < scaled(_LEAST_BESIDE)
        self._splitter.setOrientation(
            Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        )

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 8, 8, 0)
        head = QHBoxLayout()
        heading = _label("heading")
        heading.setText(tr("Row"))
        head.addWidget(heading)
        head.addStretch()
        head.addWidget(self.reset)
        column.addLayout(head)
        column.addWidget(self.form, 1)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(12, 12, 12, 12)
        for label in (self.result, self.before, self.problem):
            self._right.addWidget(label)
        self._right.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(right)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._splitter = splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(scroll)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([360, 500])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _take(self, blank: Blank) -> None:
        self._blank = blank
        self.before.setText("")
        self.form.show_columns({_ROW: blank.columns}, tr("The model reads no columns."))
        self.reset.setEnabled(True)
        self.opened.emit(blank.trees)
        self._show_first()

    def _show_first(self) -> None:
        if self._blank is not None:
            self.form.fill({_ROW: [self._blank.row]})
            self._predict()

    def _predict(self) -> None:
        if self._blank is None:
            return
        self._delay.stop()
        if self._task is not None:
            # Only the last change counts.
            self._task.drop()
        row = self.form.changed_row(_ROW, self._blank.row)
        self._task = self._tasks.run(predict, self._folder, row, done=self._show, failed=self._fail)
        self.predicted.emit(row)

    def _show(self, found: Prediction) -> None:
        self.problem.clear()
        text = "\n".join(f"{name}: {_shown(value)}" for name, value in found.scores.items())
        self.result.setText(text)
        self._start = self._start or text.replace("\n", ", ")
        self.before.setText(f"{self._named}: {self._start}")
        chart = contributions_chart(
            found.base, found.contributions, output=found.output, unit=found.unit
        )
        if self.chart is None:
            self.chart = ChartPane(chart, f"{self._title}, contributions")
            self._right.insertWidget(self._right.count() - 1, self.chart)
        else:
            self.chart.show_chart(chart)

    def _fail(self, message: str, hint: str) -> None:
        self.before.setText("" if self._blank is None else self.before.text())
        self.problem.setText(f"{message} {hint}".strip())


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _shown(value: Any) -> str:
    return formatting.number(value, 4) if isinstance(value, float) else str(value)
