"""The metrics of an evaluation, one card each, the better model's value emphasized."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.curve_plot import series_color, series_mark
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.texts import N_, formatted, localized, tr
from modules.values import EvaluationReportSummary

_IN_A_ROW = 6
_CARD_WIDTH = 150
"""Pixels of a card in the usual font, at least."""
_ORDER = (
    N_("Accuracy"),
    N_("Balanced accuracy"),
    N_("Precision"),
    N_("Recall"),
    "F1 score",
    "AUC",
    N_("Matthews correlation coefficient"),
    N_("Overall accuracy"),
    N_("Average accuracy"),
    N_("Micro-averaged precision"),
    N_("Macro-averaged precision"),
    N_("Micro-averaged recall"),
    N_("Macro-averaged recall"),
    N_("Average log loss"),
    N_("Brier score"),
    N_("Mean absolute error"),
    N_("Root mean squared error"),
    N_("Relative absolute error"),
    N_("Relative squared error"),
    N_("Coefficient of determination"),
    N_("Silhouette"),
    N_("Average distance to other center"),
    N_("Average distance to cluster center"),
    N_("Number of points"),
    N_("Maximal distance to cluster center"),
)
_LOWER = ("error", "loss", "brier")
_NEITHER = (
    N_("number of"),
    N_("distance to"),
    N_("true positives"),
    N_("false positives"),
    N_("true negatives"),
    N_("false negatives"),
)


def better(name: str, values: Sequence[float]) -> set[int]:
    """Return which of several values of a metric are the best; none where all are equal.

    Errors and losses are better when lower, everything else is better when higher. Counts
    are neither, nor are distances to centers of clusters: they follow from how many clusters
    there are, and from the rows.
    """
    lowered = name.lower()
    known = [value for value in values if not math.isnan(value)]
    if len(values) < 2 or len(set(known)) < 2 or any(word in lowered for word in _NEITHER):
        return set()
    best = min(known) if any(word in lowered for word in _LOWER) else max(known)
    return {index for index, value in enumerate(values) if value == best}


def metric_names(reports: Sequence[EvaluationReportSummary]) -> list[str]:
    """Return the names of the metrics of all reports in their usual order."""
    names = dict.fromkeys(name for report in reports for name in report.metrics)
    known = {name: index for index, name in enumerate(_ORDER)}
    return sorted(names, key=lambda name: known.get(name, len(known)))


class MetricCards(QWidget):
    """A card for each metric, in it a line for each report."""

    def __init__(
        self, reports: Sequence[EvaluationReportSummary], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._reports = reports
        self._dots: list[tuple[QLabel, int]] = []
        self._winners: list[QLabel] = []
        self.setAccessibleName(tr("Metrics"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._cards = [self._card(name) for name in metric_names(reports)]
        self._across = 0
        self._lay_out(_IN_A_ROW)
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()

    def minimumSizeHint(self) -> QSize:
        """Return the width of one card: there are more rows where there is little room."""
        widest = max((card.minimumSizeHint().width() for card in self._cards), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards into a row as fit."""
        super().resizeEvent(event)
        room = (self.width() + self._grid.spacing()) // (scaled(_CARD_WIDTH) + self._grid.spacing())
        self._lay_out(min(max(room, 1), _IN_A_ROW))

    def rows(self) -> list[list[str]]:
        """Return the metrics as rows of text, for the clipboard."""
        head = [tr("Metric"), *(report.name for report in self._reports)]
        body = [
            [in_language(name), *(_written(report.metrics, name) for report in self._reports)]
            for name in metric_names(self._reports)
        ]
        return [head, *body]

    def _lay_out(self, most: int) -> None:
        """Lay the cards out in rows of the same length, at most so many in each."""
        rows = max(1, math.ceil(len(self._cards) / most))
        across = math.ceil(len(self._cards) / rows) or 1
        if across == self._across:
            return
        for column in range(max(across, self._across)):
            self._grid.setColumnStretch(column, int(column < across))
        self._across = across
        for index, card in enumerate(self._cards):
            self._grid.addWidget(card, index // across, index % across)

    def _card(self, name: str) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        metric = in_language(name)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 9, 12, 9)
        column.setSpacing(3)
        title = QLabel(metric)
        title.setProperty("role", "muted")
        title.setWordWrap(True)
        title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column.addWidget(title, 1)
        values = [report.metrics.get(name, math.nan) for report in self._reports]
        best = better(name, values)
        for index, report in enumerate(self._reports):
            grid = QGridLayout()
            grid.setHorizontalSpacing(6)
            shown = QLabel(_short(values[index]))
            shown.setProperty("role", "figure" if len(self._reports) == 1 else "figures")
            font = shown.font()
            font.setBold(index in best or len(self._reports) == 1)
            shown.setFont(font)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            suffix = tr(", the better value") if index in best else ""
            spoken = tr("{metric} of {name}: {value}").format(
                metric=metric, name=report.name, value=shown.text()
            )
            shown.setAccessibleName(f"{spoken}{suffix}")
            # A screen reader would read the tags of the tooltip.
            shown.setAccessibleDescription(_written(report.metrics, name))
            shown.setToolTip(formatting.tooltip(f"{report.name}\n{_written(report.metrics, name)}"))
            if len(self._reports) > 1:
                dot = QLabel(series_mark(index))
                self._dots.append((dot, index))
                grid.addWidget(dot, 0, 0)
            grid.addWidget(shown, 0, 1)
            if index in best:
                mark = QLabel(tr("better"))
                self._winners.append(mark)
                grid.addWidget(mark, 0, 2, Qt.AlignmentFlag.AlignVCenter)
            grid.setColumnStretch(1, 1)
            column.addLayout(grid)
        return card

    def _apply_theme(self) -> None:
        for dot, index in self._dots:
            dot.setStyleSheet(f"color: {series_color(index)};")
        for mark in self._winners:
            mark.setStyleSheet(f"color: {theme.current().success};")


def _short(value: float) -> str:
    if math.isnan(value):
        return formatting.MISSING
    if abs(value) >= 1_000:
        return formatting.grouped(value)
    if float(value).is_integer():
        return formatting.number(int(value))
    if abs(value) >= 0.0001:
        return formatted(value, ".4f") if abs(value) < 10 else formatted(value, ".5g")
    return formatting.number(value, 4)


def _written(metrics: Mapping[str, float], name: str) -> str:
    value = metrics.get(name, math.nan)
    return formatting.MISSING if math.isnan(value) else localized(repr(value))
