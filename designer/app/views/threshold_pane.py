"""The effect of a threshold on the predictions of two-class models."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.confusion_matrix import ConfusionMatrix
from designer.app.views.charts.cost_form import CostForm
from designer.app.views.charts.curve_plot import series_color, series_mark
from designer.app.views.metric_cards import better
from designer.app.widgets.fields.number_box import DecimalBox
from designer.composed_texts import in_language
from designer.texts import formatted, tr
from modules.values import TWO_CLASS_METRICS, EvaluationReportSummary

_STEPS = 100

PANE_WIDTH = 330
"""Pixels of a pane in the usual font, until it is dragged."""

_LEAST_WIDTH = 280


class ThresholdPane(QScrollArea):
    """A slider with the metrics, the cost, and the 2 × 2 table that belong to it."""

    changed = Signal(float)

    def __init__(
        self, reports: Sequence[EvaluationReportSummary], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._inner = QWidget()
        self._reports = list(reports)
        self._values: dict[tuple[str, int], QLabel] = {}
        self._matrices: list[ConfusionMatrix] = []
        self._dots: list[tuple[QLabel, int]] = []
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setPageStep(10)
        # By itself it is lower than its handle in the theme, which would be cut.
        self._slider.setMinimumHeight(26)
        self._slider.setValue(_STEPS // 2)
        self._slider.setAccessibleName(tr("Threshold in hundredths"))
        self._spin = DecimalBox()
        self._spin.setRange(0, 1)
        self._spin.setSingleStep(0.01)
        self._spin.setDecimals(2)
        self._spin.setValue(0.5)
        self._spin.setAccessibleName(tr("Threshold"))
        self._slider.valueChanged.connect(lambda value: self._spin.setValue(value / _STEPS))
        self._spin.valueChanged.connect(self._spun)
        self.cost = CostForm(self._reports)
        self.cost.changed.connect(self._refresh)
        self.cost.chosen.connect(self.set_threshold)
        self._percent = QCheckBox(tr("Row percentages"))
        self._percent.toggled.connect(self._show_percent)
        self._arrange()
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()
        self._refresh()

    @property
    def threshold(self) -> float:
        """Where a probability starts to count as positive."""
        return round(self._spin.value(), 2)

    def set_threshold(self, value: float) -> None:
        """Move the slider."""
        self._spin.setValue(value)

    def shown(self, index: int) -> dict[str, str]:
        """Return the metrics on the screen of one report."""
        return {name: self._values[name, index].text() for name in TWO_CLASS_METRICS}

    def matrix(self, index: int) -> ConfusionMatrix:
        """Return the 2 × 2 table of one report."""
        return self._matrices[index]

    def minimumSizeHint(self) -> QSize:
        """Return the width at which nothing is cut off, as there is no scroll bar for it."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        inner = self._inner.minimumSizeHint().width()
        return QSize(max(_LEAST_WIDTH, inner + bar + 4), super().minimumSizeHint().height())

    def whole_height(self) -> int:
        """Return the height at which nothing is scrolled."""
        wide = max(self.viewport().width(), self.minimumSizeHint().width())
        asked = self._inner.heightForWidth(wide)
        return max(asked, self._inner.minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for more room as soon as the contents need it."""
        if watched is self._inner and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.addWidget(_heading(tr("Threshold")))
        top.addStretch(1)
        top.addWidget(self._spin)
        column.addLayout(top)
        column.addWidget(self._slider)
        positive = self._reports[0].positive
        explained = QLabel(
            tr("Rows scored above it count as “{positive}”.").format(positive=positive)
        )
        explained.setTextFormat(Qt.TextFormat.PlainText)
        explained.setProperty("role", "muted")
        explained.setWordWrap(True)
        column.addWidget(explained)
        column.addLayout(self._metric_grid())
        column.addWidget(_heading(tr("Cost of errors")))
        column.addWidget(self.cost)
        head = QHBoxLayout()
        head.addWidget(_heading(tr("Confusion matrix")))
        head.addStretch(1)
        head.addWidget(self._percent)
        column.addLayout(head)
        for index, report in enumerate(self._reports):
            if len(self._reports) > 1:
                column.addLayout(self._named(index))
            matrix = ConfusionMatrix(
                report.classes, ((0.0, 0.0), (0.0, 0.0)), largest=86, flowing=True
            )
            self._matrices.append(matrix)
            column.addWidget(matrix)
        column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._inner)

    def _metric_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(5)
        grid.setHorizontalSpacing(14)
        grid.setColumnStretch(0, 1)
        if len(self._reports) > 1:
            for index, report in enumerate(self._reports):
                dot = self._dot(index)
                dot.setToolTip(formatting.tooltip(report.name))
                grid.addWidget(dot, 0, index + 1, Qt.AlignmentFlag.AlignRight)
        for row, name in enumerate(TWO_CLASS_METRICS, start=1):
            title = QLabel(in_language(name))
            title.setProperty("role", "muted")
            grid.addWidget(title, row, 0)
            for index in range(len(self._reports)):
                value = QLabel()
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._values[name, index] = value
                grid.addWidget(value, row, index + 1)
        return grid

    def _named(self, index: int) -> QHBoxLayout:
        row = QHBoxLayout()
        name = QLabel(self._reports[index].name)
        name.setTextFormat(Qt.TextFormat.PlainText)
        name.setWordWrap(True)
        row.addWidget(self._dot(index))
        row.addWidget(name, 1)
        return row

    def _dot(self, index: int) -> QLabel:
        dot = QLabel(series_mark(index))
        dot.setAccessibleName(self._reports[index].name)
        self._dots.append((dot, index))
        return dot

    def _spun(self, value: float) -> None:
        self._slider.blockSignals(True)
        self._slider.setValue(round(value * _STEPS))
        self._slider.blockSignals(False)
        self._refresh()
        self.changed.emit(self.threshold)

    def _refresh(self) -> None:
        self.cost.show_cost(self.threshold)
        found = [report.at_threshold(self.threshold) for report in self._reports]
        for name in TWO_CLASS_METRICS:
            values = [metrics[name] for metrics in found]
            best = better(name, values)
            for index, value in enumerate(values):
                label = self._values[name, index]
                label.setText(formatting.MISSING if math.isnan(value) else formatted(value, ".3f"))
                # A font set before the style sheet dresses the label would be lost.
                label.setStyleSheet("font-weight: bold;" if index in best else "")
        for matrix, report, metrics in zip(self._matrices, self._reports, found, strict=True):
            matrix.show_counts(_counts(report, metrics))

    def _show_percent(self, on: bool) -> None:
        for matrix in self._matrices:
            matrix.set_percent(on)

    def _apply_theme(self) -> None:
        self.cost.apply_theme()
        for dot, index in self._dots:
            dot.setStyleSheet(f"color: {series_color(index)};")


def _counts(report: EvaluationReportSummary, metrics: dict[str, float]) -> list[list[float]]:
    """Return the 2 × 2 table in the order of the report's classes."""
    hits, alarms = metrics["True positives"], metrics["False positives"]
    misses, rest = metrics["False negatives"], metrics["True negatives"]
    if report.classes and report.classes[0] == report.positive:
        return [[hits, misses], [alarms, rest]]
    return [[rest, alarms], [misses, hits]]


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label
