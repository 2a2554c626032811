"""A table of trials, the best first, and the curve of the best so far."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.canvas.state import duration
from designer.app.views import formatting
from designer.app.views.charts.curve_plot import Curve, CurvePlot
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.direction import keep_directions
from designer.texts import tr

INDEX = Qt.ItemDataRole.UserRole
_LINE = 16
"""Letters of a metric's name up to which it stays in one line."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Row:
    """A trial as the table shows it.

    Parameters
    ----------
    number : int
        In the order of the search; 0 for what was combined afterwards.
    score, spread : float or None
        None if there is none.
    seconds : float or None
        None if it isn't known.
    """

    number: int
    title: str
    details: str
    score: float | None
    spread: float | None = None
    seconds: float | None = None
    problem: str = ""


class Board(QWidget):
    """Trials, the best first, and how the best one has changed.

    Parameters
    ----------
    timed : bool
        Whether there is a column for the time of a trial.
    titled : bool
        Whether there is room for the titles of the curve's axes.

    Signals
    -------
    chosen
        Another trial is selected.
    activated : int
        The index of a trial that was double-clicked, or Enter was pressed on it.
    """

    chosen = Signal()
    activated = Signal(int)

    def __init__(self, *, timed: bool, titled: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timed = timed
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setUniformRowHeights(True)
        self.list.setRootIsDecorated(False)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(tr("Trials"))
        self.list.itemSelectionChanged.connect(self.chosen)
        self.list.itemActivated.connect(lambda item, _: self.activated.emit(item.data(0, INDEX)))
        best = tr("Best so far")
        curves = [Curve(best, (), ())]
        self.curve = CurvePlot(best, tr("Trial"), best, curves, counts=True, compact=not titled)
        caption = QLabel(tr("Best so far"))
        caption.setProperty("role", "muted")
        caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # The panel of a run has little height, and names the best above.
        caption.setVisible(not timed)
        chart = QWidget()
        chart.setMinimumWidth(200)
        captioned = QVBoxLayout(chart)
        captioned.setContentsMargins(0, 0, 0, 0)
        captioned.setSpacing(0)
        captioned.addWidget(caption)
        captioned.addWidget(self.curve, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(chart)
        split.setStretchFactor(0, 1)
        split.setSizes([700, 300])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)
        self.setFocusProxy(self.list)

    @property
    def index(self) -> int | None:
        """The index of the selected trial, as in the rows that are shown."""
        items = self.list.selectedItems()
        return items[0].data(0, INDEX) if items else None

    def show_rows(
        self,
        rows: Sequence[Row],
        metric: str,
        *,
        higher_is_better: bool,
        newest: int | None = None,
        ranked: bool = False,
    ) -> None:
        """Show trials.

        Parameters
        ----------
        rows : sequence of Row
            In any order; of equal scores the earlier one comes first.
        newest : int, optional
            The index of a row to emphasize.
        ranked : bool
            Whether the rows are in the order of their ranks: the best isn't always the one with
            the best score.
        """
        selected = self.index
        # A long name in two lines leaves room for the settings.
        lines = "\n".join(textwrap.wrap(metric, max(_LINE, 2 * len(metric) // 3)))
        headers = [tr("Rank"), tr("Trial"), lines, tr("Model"), tr("Spread")]
        headers += [tr("Duration")] if self._timed else []
        self.list.setHeaderLabels([*headers, tr("Settings")])
        for column in self._numbers():
            self.list.headerItem().setTextAlignment(column, _RIGHT)

        def gain(index: int) -> float:
            score = rows[index].score
            if score is None:
                return -math.inf
            return score if higher_is_better else -score

        indices = range(len(rows))
        order = indices if ranked else sorted(indices, key=lambda index: -gain(index))
        decimals = formatting.decimals([row.score for row in rows])
        items = [
            self._item(rank, index, rows[index], decimals, bold=index == newest)
            for rank, index in enumerate(order, start=1)
        ]
        self.list.clear()
        self.list.addTopLevelItems(items)
        for item in items:
            if item.data(0, INDEX) == selected:
                self.list.setCurrentItem(item)
        header = self.list.header()
        # As the style draws it: sections are measured with the font of the header.
        font = QFont(header.font())
        font.setWeight(QFont.Weight.DemiBold)
        header.setFont(font)
        # Long settings and reasons are cut there; the tooltip has all of them.
        header.setMaximumSectionSize(60 * self.fontMetrics().averageCharWidth())
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.curve.set_up_title(metric)
        self._show_curve(rows, higher_is_better=higher_is_better)

    def _numbers(self) -> tuple[int, ...]:
        return (0, 1, 2, 4, 5) if self._timed else (0, 1, 2, 4)

    def _item(
        self, rank: int, index: int, row: Row, decimals: int, *, bold: bool
    ) -> QTreeWidgetItem:
        score = "–" if row.score is None else formatting.fixed(row.score, decimals)
        spread = "" if row.spread is None else f"± {formatting.fixed(row.spread, decimals)}"
        texts = [str(rank), str(row.number or ""), score, row.title, spread]
        if self._timed:
            texts.append("" if row.seconds is None else duration(row.seconds))
        item = QTreeWidgetItem([*texts, row.problem or row.details])
        item.setData(0, INDEX, index)
        for column in self._numbers():
            item.setTextAlignment(column, _RIGHT)
        tip = "\n".join(filter(None, (row.title, row.details, row.problem)))
        for column in range(item.columnCount()):
            item.setToolTip(column, plain_tooltip(tip))
            if bold:
                font = QFont(self.list.font())
                font.setBold(True)
                item.setFont(column, font)
        return item

    def _show_curve(self, rows: Sequence[Row], *, higher_is_better: bool) -> None:
        better = max if higher_is_better else min
        x: list[float] = []
        y: list[float] = []
        for row in sorted(rows, key=lambda row: row.number):
            if not row.number or row.score is None:
                continue
            best = better(y[-1], row.score) if y else row.score
            if y and best != y[-1]:
                # A step: until then the earlier one was the best.
                x.append(row.number)
                y.append(y[-1])
            x.append(row.number)
            y.append(best)
        last = max((row.number for row in rows), default=0)
        if x and x[-1] < last:
            x.append(last)
            y.append(y[-1])
        self.curve.show_points(0, x, y)
