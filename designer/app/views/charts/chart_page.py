"""A page with one chart, chosen from several if there are more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from designer.app.views.charts.chart_pane import ChartPane
from designer.app.widgets.fields.choosing import ChoiceBox
from modules.contract.chart import Chart

_WIDEST = 1_000
_NARROWEST = 400
_AROUND = (12, 10)
"""Pixels beside and above the chart."""

_STEP = 16
_SPARE = 4
"""Pixels below, as heights are rounded."""


class ChartPage(QScrollArea):
    """A chart that is made when it is chosen.

    Parameters
    ----------
    make : callable
        Returns the chart of a choice.
    choices : sequence of str
        At least one.
    title : str
        What is chosen, for the list; without one there is no list.
    name : str
        Proposed as the name of an image.

    Attributes
    ----------
    pane : ChartPane
    list : QComboBox
    """

    def __init__(
        self,
        make: Callable[[str], Chart],
        name: str,
        *,
        choices: Sequence[str] = ("",),
        title: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pane = ChartPane(make(choices[0]), name)
        self.list = ChoiceBox(self)
        self.list.setVisible(bool(title))
        self.list.addItems(list(choices))
        self.list.setAccessibleName(title)
        self.list.setMaximumWidth(_WIDEST // 2)
        self.list.currentTextChanged.connect(self._choose)
        page = QWidget()
        column = self._column = QVBoxLayout(page)
        if title:
            label = QLabel(title)
            label.setBuddy(self.list)
            row = QHBoxLayout()
            row.addWidget(label)
            row.addWidget(self.list, 1)
            row.addStretch(1)
            column.addLayout(row)
        column.addWidget(self.pane)
        column.addStretch(1)
        self.setWidget(page)
        # The chart in it is a stop already.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Center the chart, so narrow that all of it is visible where it remains readable."""
        super().resizeEvent(event)
        chart, room = self.pane.chart, self.viewport().size()
        below = self.pane.sizeHint().height() - chart.sizeHint().height()
        above = 0 if self.list.isHidden() else self.list.sizeHint().height() + _AROUND[1]
        height = room.height() - below - above - 2 * _AROUND[1] - _SPARE
        narrow, wide = _NARROWEST, max(min(room.width() - 2 * _AROUND[0], _WIDEST), _NARROWEST)
        if chart.heightForWidth(wide) > height:
            while wide - narrow > _STEP:
                middle = (narrow + wide) // 2
                fits = chart.heightForWidth(middle) <= height
                narrow, wide = (middle, wide) if fits else (narrow, middle)
            wide = narrow
        # A layout would take the height for all of the width, whatever the chart's is at most.
        side = max((room.width() - wide) // 2, _AROUND[0])
        self._column.setContentsMargins(side, _AROUND[1], side, _AROUND[1])

    def refresh(self) -> None:
        """Make the chart again: what it depends on has changed."""
        self._choose(self.list.currentText())

    def _choose(self, choice: str) -> None:
        self.pane.show_chart(self._make(choice))
