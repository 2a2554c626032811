"""What a false positive and a false negative cost, and the threshold with the least cost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.app.views import formatting
from designer.app.views.charts.curve_plot import series_color, series_mark
from designer.app.widgets.fields.number_box import DecimalBox
from designer.texts import filled, tr
from modules.values import EvaluationReportSummary

_MOST = 1_000_000_000


class CostForm(QWidget):
    """Two costs, what the errors of each report cost, and a button for the cheapest threshold.

    Attributes
    ----------
    changed : Signal
        The cost of one of the errors was changed.
    chosen : Signal of float
        The cheapest threshold was asked for.
    """

    changed = Signal()
    chosen = Signal(float)

    def __init__(
        self, reports: Sequence[EvaluationReportSummary], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._reports = list(reports)
        self.false_positive = self._box(tr("Cost of a false positive"))
        self.false_negative = self._box(tr("Cost of a false negative"))
        self.totals: list[QLabel] = []
        self._marks: list[QLabel] = []
        self.buttons: list[QPushButton] = []
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        for row, box in enumerate((self.false_positive, self.false_negative)):
            label = QLabel(box.accessibleName())
            label.setProperty("role", "muted")
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(grid)
        for index in range(len(self._reports)):
            column.addLayout(self._row(index))
        self.show_cost(0.5)

    @property
    def costs(self) -> tuple[float, float]:
        """The cost of a false positive, and of a false negative."""
        return self.false_positive.value(), self.false_negative.value()

    def show_cost(self, threshold: float) -> None:
        """Show what the errors at a threshold cost, and where they would cost least."""
        for report, total, button in zip(self._reports, self.totals, self.buttons, strict=True):
            cost = report.cost(threshold, *self.costs)
            rows = report.positives + report.negatives
            each = (
                tr(", {number} per row").format(number=formatting.number(cost / rows, 3))
                if rows
                else ""
            )
            total.setText(filled(tr("Total cost {cost:,.10g}{each}"), cost=cost, each=each))
            cheapest = report.cheapest_threshold(*self.costs)
            least = report.cost(cheapest, *self.costs)
            button.setText(filled(tr("Use {cheapest:.2f}"), cheapest=cheapest))
            tip = filled(tr("The threshold with the least cost, {least:,.10g}"), least=least)
            button.setToolTip(tip)
            button.setAccessibleName(
                filled(
                    tr("Use threshold {cheapest:.2f} for {name}"),
                    cheapest=cheapest,
                    name=report.name,
                )
            )
            button.setEnabled(cost > least)

    def apply_theme(self) -> None:
        """Color the marks of the reports."""
        for index, mark in enumerate(self._marks):
            mark.setStyleSheet(f"color: {series_color(index)};")

    def _row(self, index: int) -> QHBoxLayout:
        total, button = QLabel(), QPushButton()
        total.setWordWrap(True)
        total.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # In a separate window, Enter in a field would press it.
        button.setAutoDefault(False)
        button.clicked.connect(
            lambda: self.chosen.emit(self._reports[index].cheapest_threshold(*self.costs))
        )
        self.totals.append(total)
        self.buttons.append(button)
        row = QHBoxLayout()
        if len(self._reports) > 1:
            mark = QLabel(series_mark(index))
            mark.setAccessibleName(self._reports[index].name)
            self._marks.append(mark)
            row.addWidget(mark)
        row.addWidget(total, 1)
        row.addWidget(button)
        return row

    def _box(self, name: str) -> DecimalBox:
        box = DecimalBox()
        box.setRange(0, _MOST)
        box.setDecimals(2)
        box.setValue(1)
        box.setAccessibleName(name)
        # The range alone would make it wider than the pane.
        box.setFixedWidth(110)
        box.valueChanged.connect(lambda _: self.changed.emit())
        return box
