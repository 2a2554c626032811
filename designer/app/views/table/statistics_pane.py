"""Statistics of one column, beside its table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting, image_export
from designer.app.views.charts.bar_chart import BarChart
from designer.app.widgets.brief_label import BriefLabel
from designer.app.widgets.focus_ring import scroll_by_keys
from designer.composed_texts import in_language
from designer.engine.column_statistics import ColumnProfile
from designer.texts import counted, formatted, tr
from modules.contract.columns import Column

_KIND_LABELS = {
    "integer": tr("Integer"),
    "number": tr("Number"),
    "boolean": tr("Boolean"),
    "string": tr("String"),
    "datetime": tr("Datetime"),
    "categorical": tr("Categorical"),
}
_LONGEST = 100_000


class StatisticsPane(QWidget):
    """Statistics and a chart of a column, and the whole of a cell."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Column statistics"))
        self._figures: list[tuple[str, str]] = []
        self._name = BriefLabel()
        self._name.setProperty("role", "title")
        self._scope = QLabel()
        self._scope.setProperty("role", "muted")
        self._scope.setWordWrap(True)
        self._scope.hide()
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(5)
        self._chart_title = _heading("")
        self._chart = BarChart()
        self._logarithmic = QCheckBox(tr("Log scale"))
        self._logarithmic.toggled.connect(self._chart.set_logarithmic)
        self._cell_title = _heading(tr("Selected cell"))
        self._cell = QPlainTextEdit()
        self._cell.setReadOnly(True)
        self._cell.setMinimumHeight(64)
        self._cell.setMaximumHeight(180)
        self._cell.setTabChangesFocus(True)
        self._cell.setAccessibleName(tr("Full value of the selected cell"))
        self._arrange()
        self.show_cell(None, False)

    def show_column(self, column: Column, profile: ColumnProfile | None) -> None:
        """Show a column; without a profile show that it is being computed."""
        self._name.setText(column.name)
        kind = _KIND_LABELS.get(column.kind, column.kind)
        self._figures = [(tr("Type"), kind), (tr("Role"), in_language(column.role.capitalize()))]
        if profile is not None:
            self._figures += figures(profile)
        self._fill()
        known = profile is not None and bool(profile.counts or profile.top)
        self._chart.setVisible(known)
        self._logarithmic.setVisible(known)
        self._save.setVisible(known)
        self._chart_title.setText(_chart_title(profile))
        if profile is None or not known:
            return
        if profile.top:
            self._chart.show_categories(profile.top)
        else:
            dates = profile.kind == "datetime"
            show = formatting.moment if dates else formatting.grouped
            self._chart.show_histogram(profile.edges, profile.counts, show)

    def show_scope(self, text: str) -> None:
        """Show which rows the statistics cover; nothing if that is clear."""
        self._scope.setText(text)
        self._scope.setVisible(bool(text))

    def show_failure(self, message: str) -> None:
        """Show why there are no statistics."""
        self._chart_title.setText(message)

    def show_cell(self, value: Any, there: bool) -> None:
        """Show the whole of a value that doesn't fit its cell."""
        text = formatting.full(value)
        long = there and (len(text) > 40 or "\n" in text)
        self._cell_title.setVisible(long)
        self._cell.setVisible(long)
        if long:
            cut = len(text) > _LONGEST
            self._cell_title.setText(
                counted(
                    "Selected cell, {n:,} character", "Selected cell, {n:,} characters", len(text)
                )
            )
            self._cell.setPlainText(text[:_LONGEST] + ("…" if cut else ""))

    def shown(self) -> dict[str, str]:
        """Return the figures on the screen by their names."""
        return dict(self._figures)

    def _arrange(self) -> None:
        close = _tool("close", tr("Close statistics (Esc)"))
        close.clicked.connect(self.closed)
        copy = _tool("copy", tr("Copy statistics"))
        copy.clicked.connect(self._copy)
        self._save = _tool("save", tr("Save chart as image"))
        self._save.clicked.connect(
            lambda: image_export.ask_and_save(self._chart, self._name.text())
        )
        top = QHBoxLayout()
        top.addWidget(self._name, 1)
        top.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        above = QHBoxLayout()
        above.addWidget(self._chart_title, 1)
        above.addWidget(self._logarithmic)
        above.addWidget(self._save)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(14, 10, 14, 14)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._scope)
        column.addLayout(self._form)
        column.addSpacing(6)
        column.addLayout(above)
        column.addWidget(self._chart)
        column.addSpacing(6)
        column.addWidget(self._cell_title)
        column.addWidget(self._cell)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        scroll_by_keys(scroll, tr("Statistics of the column"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _fill(self) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for name, value in self._figures:
            title = QLabel(name)
            title.setProperty("role", "muted")
            shown = QLabel(value)
            shown.setTextFormat(Qt.TextFormat.PlainText)
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            shown.setAccessibleName(f"{name}: {value}")
            self._form.addRow(title, shown)

    def _copy(self) -> None:
        rows = [[tr("Column"), self._name.text()], *(list(pair) for pair in self._figures)]
        QGuiApplication.clipboard().setText(formatting.tabular(rows))


def figures(profile: ColumnProfile) -> list[tuple[str, str]]:
    """Return the statistics of a column as names and texts, in the order of the screen."""
    found: list[tuple[str, str]] = []
    if profile.counts or profile.mean is not None:
        dates = profile.kind == "datetime"
        show = formatting.moment if dates else formatting.grouped
        found += [
            (tr("Mean"), show(profile.mean)),
            (tr("Median"), show(profile.median)),
            (tr("Minimum"), show(profile.minimum)),
            (tr("Maximum"), show(profile.maximum)),
        ]
        if not dates:
            found.append((tr("Standard deviation"), show(profile.deviation)))
        found += [
            (tr("Lower quartile"), show(profile.lower_quartile)),
            (tr("Upper quartile"), show(profile.upper_quartile)),
        ]
    missing = formatted(profile.missing)
    if profile.missing:
        missing += f" ({formatted(profile.missing / profile.rows, '.1%')})"
    return [
        *found,
        (tr("Unique values"), formatted(profile.unique)),
        (tr("Missing values"), missing),
    ]


def _chart_title(profile: ColumnProfile | None) -> str:
    if profile is None:
        return tr("Computing…")
    if profile.top:
        shown = len(profile.top)
        return (
            tr("Values")
            if profile.unique == shown
            else tr("Top {shown} values").format(shown=shown)
        )
    return tr("Histogram") if profile.counts else tr("No values")


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setWordWrap(True)
    return label


def _tool(icon: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    return button
