"""Evaluations of models: metrics, curves, confusion matrices, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.library.content_texts import sheet_in_language
from designer.app.shell import theme
from designer.app.views import formatting, image_export
from designer.app.views.charts.chart_page import ChartPage
from designer.app.views.charts.confusion_matrix import ConfusionMatrix
from designer.app.views.charts.curve_plot import Curve, CurvePlot, legend_text
from designer.app.views.charts.histograms import in_common_bins
from designer.app.views.metric_cards import MetricCards
from designer.app.views.registry import Found, view
from designer.app.views.sheet_view import SheetView
from designer.app.views.threshold_pane import PANE_WIDTH, ThresholdPane
from designer.app.widgets.scrolling import LowArea
from designer.app.widgets.text_scale import scaled, text_scale
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.chart import Chart
from modules.values import EvaluationReportSummary, EvaluationSummary, diagnostic_charts

_LEAST_WIDTH, _LEAST_HEIGHT = 340, 250
"""Pixels of a curve in the usual font."""


class EvaluationView(QWidget):
    """Shows one report, or several side by side.

    Parameters
    ----------
    title : str
        Proposed as the name of an image.

    Attributes
    ----------
    tools : QWidget
        Buttons that are shown beside the title of the view.
    """

    def __init__(
        self, evaluation: EvaluationSummary, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        # First: events of a changed font come as soon as there are widgets.
        self._split: QSplitter | None = None
        self._lower: QWidget | None = None
        self._pane_width: float = PANE_WIDTH
        self._reports = evaluation.reports
        self._title = title
        self.cards = MetricCards(self._reports)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.plots: dict[str, CurvePlot] = {}
        self.matrices: list[ConfusionMatrix] = []
        self.charts: dict[str, ChartPage] = {}
        self.threshold: ThresholdPane | None = None
        self.tools = QWidget(self)
        self._message = QLabel()
        self._message.setProperty("role", "muted")
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._fill()
        self._arrange()
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Let the pane of the threshold keep its width in letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._split is not None:
            # Once the contents have their new least widths.
            QTimer.singleShot(0, self, self._follow_font)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the pane of the threshold below the curves where both don't fit side by side."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Give the lower part the height that its contents need; above it are the metrics."""
        least = scaled(_LEAST_HEIGHT)
        split = self._split
        if split is not None and self.threshold is not None:
            pane = self.threshold.minimumSizeHint().width()
            curves = max(self.tabs.minimumSizeHint().width(), scaled(_LEAST_WIDTH))
            below = self.width() < curves + pane
            turned = Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal
            if split.orientation() != turned:
                split.setOrientation(turned)
                if not below:
                    self._follow_font()
            self.tabs.setMinimumHeight(least if below else 0)
            whole = self.threshold.whole_height() if below else 0
            self.threshold.setMinimumHeight(whole)
            least += whole
        if self._lower is not None:
            self._lower.setMinimumHeight(least)

    def _follow_font(self) -> None:
        assert self._split is not None
        self._fold()
        if self._split.orientation() == Qt.Orientation.Horizontal:
            wide = round(self._pane_width * text_scale())
            self._split.setSizes([sum(self._split.sizes()) - wide, wide])

    def _pane_moved(self) -> None:
        assert self._split is not None
        if self._split.orientation() == Qt.Orientation.Horizontal:
            self._pane_width = self._split.sizes()[1] / text_scale()

    def _fill(self) -> None:
        curved = [report for report in self._reports if report.thresholds]
        if curved:
            self._add_curves(curved)
            self.threshold = ThresholdPane(curved)
            self.threshold.changed.connect(lambda _: self._mark())
            self.threshold.changed.connect(lambda _: self.charts[tr("Cost")].refresh())
            self.threshold.cost.changed.connect(lambda: self.charts[tr("Cost")].refresh())
            self._add_chart(tr("Cost"), self._cost_chart)
        if any(report.residuals for report in self._reports):
            self._add_residuals()
        self._add_diagnostics()
        for report in self._reports:
            after = f": {report.name}" if len(self._reports) > 1 else ""
            if report.confusion is not None and report not in curved:
                title = tr("Confusion matrix{after}").format(after=after)
                self._add_tab(self._confusion_page(report), title)
            if report.table is not None:
                name = _TABLES.get(report.task, tr("Details")) + after
                self._add_tab(SheetView(sheet_in_language(report.table), name), name)
        if self.threshold is not None:
            self._mark()

    def _add_curves(self, reports: Sequence[EvaluationReportSummary]) -> None:
        for kind, title, across, up in _CURVES:
            curves = [
                Curve(report.name, *report.curves[kind], labels=report.thresholds)
                for report in reports
            ]
            highest = max(report.positives for report in reports)
            reference = {
                "roc": ((0.0, 0.0), (1.0, 1.0)),
                "lift": ((0.0, 0.0), (1.0, float(highest))),
            }.get(kind, ())
            plot = CurvePlot(title, across, up, curves, reference=reference, unit=kind != "lift")
            self._add_plot(kind, plot)

    def _add_residuals(self) -> None:
        known = [report for report in self._reports if report.residuals]
        common = in_common_bins([report.residuals for report in known if report.residuals])
        curves = [
            Curve(report.name, edges, counts, steps=True)
            for report, (edges, counts) in zip(known, common, strict=True)
        ]
        self._add_plot(
            "residuals",
            CurvePlot(tr("Residuals"), tr("Actual minus predicted"), tr("Rows"), curves),
        )

    def _add_diagnostics(self) -> None:
        charts = diagnostic_charts.overview(self._reports)
        for title in charts:
            self._add_chart(title, partial(_chosen, charts[title]))
        features = diagnostic_charts.features(self._reports)
        if features:
            make = partial(diagnostic_charts.residuals, self._reports)
            self._add_chart(tr("Residuals by feature"), make, features, tr("Feature"))

    def _cost_chart(self, _: str) -> Chart:
        assert self.threshold is not None
        costs = self.threshold.cost.costs
        return diagnostic_charts.cost(self._reports, *costs, self.threshold.threshold)

    def _add_chart(
        self,
        title: str,
        make: Callable[[str], Chart],
        choices: Sequence[str] = ("",),
        label: str = "",
    ) -> None:
        page = ChartPage(make, f"{self._title}, {in_language(title)}", choices=choices, title=label)
        self.charts[title] = page
        self._add_tab(page, in_language(title))

    def _add_tab(self, page: QWidget, title: str) -> None:
        """Add a tab that leaves room for others; its tooltip is the whole title."""
        metrics = self.tabs.tabBar().fontMetrics()
        width = metrics.averageCharWidth() * _TAB_LETTERS
        short = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, width)
        self.tabs.setTabToolTip(self.tabs.addTab(page, short), title if short != title else "")

    def _add_plot(self, kind: str, plot: CurvePlot) -> None:
        self.plots[kind] = plot
        self.tabs.addTab(plot, plot.title)

    def _confusion_page(self, report: EvaluationReportSummary) -> QWidget:
        matrix = ConfusionMatrix(report.classes, report.confusion or ())
        self.matrices.append(matrix)
        percent = QCheckBox(tr("Row percentages"))
        percent.toggled.connect(matrix.set_percent)
        copy = QToolButton()
        copy.setIcon(theme.icon("copy"))
        copy.setToolTip(tr("Copy matrix"))
        copy.setAccessibleName(tr("Copy matrix"))
        copy.clicked.connect(lambda: self._copy(matrix.rows()))
        head = QHBoxLayout()
        head.addWidget(percent)
        head.addStretch(1)
        head.addWidget(copy)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(matrix)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 8)
        column.addLayout(head)
        column.addWidget(scroll, 1)
        return page

    def _arrange(self) -> None:
        copy = QToolButton()
        copy.setIcon(theme.icon("copy"))
        copy.setToolTip(tr("Copy metrics"))
        copy.clicked.connect(lambda: self._copy(self.cards.rows()))
        self._save = QToolButton()
        self._save.setIcon(theme.icon("save"))
        self._save.setToolTip(tr("Save image"))
        self._save.clicked.connect(self._save_image)
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._message)
        for button in (copy, self._save):
            button.setAccessibleName(button.toolTip())
            row.addWidget(button)
        above = QVBoxLayout()
        above.setContentsMargins(14, 6, 14, 10)
        above.setSpacing(8)
        above.addWidget(self._legend)
        above.addWidget(self.cards)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        # Shown without a parent, it would be a window for a moment and take the focus.
        self._legend.setVisible(len(self._reports) > 1)
        self.tabs.currentChanged.connect(lambda _: self._can_save())
        if self.threshold is not None:
            self._split = split = QSplitter(Qt.Orientation.Horizontal)
            split.addWidget(self.tabs)
            split.addWidget(self.threshold)
            split.setStretchFactor(0, 1)
            split.setChildrenCollapsible(False)
            split.setSizes([760, round(PANE_WIDTH * text_scale())])
            split.splitterMoved.connect(self._pane_moved)
        if self.tabs.count():
            self._lower = LowArea(self._split or self.tabs)
            column.addWidget(self._lower, 1)
        else:
            self.tabs.hide()
            column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self._fold()
        self._can_save()

    def _can_save(self) -> None:
        self._save.setEnabled(self._image_source() is not None)

    def _image_source(self) -> tuple[QWidget, str] | None:
        page = self.tabs.currentWidget()
        if isinstance(page, CurvePlot):
            return page, page.title
        found = page.findChild(ConfusionMatrix) if page is not None else None
        return (found, tr("Confusion matrix")) if found is not None else None

    def _save_image(self) -> None:
        found = self._image_source()
        if found is not None:
            widget, name = found
            if isinstance(widget, CurvePlot):
                widget.prepare_image(True)
            try:
                message = image_export.ask_and_save(widget, f"{self._title}, {name}")
            finally:
                if isinstance(widget, CurvePlot):
                    widget.prepare_image(False)
            self._message.setText(message)

    def _mark(self) -> None:
        """Put the dots of the threshold on the curves."""
        if self.threshold is None:
            return
        at = self.threshold.threshold
        for kind, plot in self.plots.items():
            points = []
            for report in self._reports:
                if report.thresholds and kind in report.curves:
                    x, y = report.curves[kind]
                    above = sum(1 for value in report.thresholds if value > at)
                    if len(x) == len(report.thresholds):
                        points.append((x[max(above - 1, 0)], y[max(above - 1, 0)]))
            plot.mark(points)

    def _copy(self, rows: list[list[str]]) -> None:
        QGuiApplication.clipboard().setText(formatting.tabular(rows))
        self._message.setText(tr("Copied."))

    def _apply_theme(self) -> None:
        self._legend.setText(legend_text([report.name for report in self._reports]))


def _chosen(chart: Chart, _: str) -> Chart:
    return chart


_TAB_LETTERS = 36
"""Of the title of a tab; names of learners can be longer."""

_CURVES = (
    ("roc", "ROC", tr("False positive rate"), tr("True positive rate")),
    ("precision_recall", tr("Precision-recall"), tr("Recall"), tr("Precision")),
    ("lift", tr("Lift"), tr("Share of rows scored positive"), tr("Number of true positives")),
)

_TABLES = {
    "multiclass": tr("Each class"),
    "clustering": tr("Each cluster"),
    "two-class": tr("Each class"),
}


@view("evaluation")
def show(found: Found) -> QWidget:
    """Show an evaluation."""
    reports = _with_comments(
        [
            replace(each, name=in_language(each.name), learner=in_language(each.learner))
            for each in found.content.reports
        ],
        found.inputs,
    )
    return EvaluationView(replace(found.content, reports=reports), found.title)


def _with_comments(
    reports: Sequence[EvaluationReportSummary], comments: Mapping[str, str]
) -> tuple[EvaluationReportSummary, ...]:
    """Return reports that are named after what the user wrote on the cards before them.

    Only where the learner doesn't distinguish them.
    """
    if len({report.learner for report in reports}) == len(reports):
        return tuple(reports)

    def name(report: EvaluationReportSummary) -> str:
        comment = comments.get(report.port)
        if not comment:
            return report.name
        return f"{report.learner} ({comment})" if report.learner else comment

    return tuple(replace(report, name=name(report)) for report in reports)
