"""The form of a chart: what is drawn, of which columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox, check_selected
from designer.app.widgets.fields.number_box import WholeBox
from designer.app.widgets.form import Form
from designer.app.widgets.scrolling import TallArea
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.columns import Column
from modules.tables.figures.settings import (
    MOST_BINS,
    NEEDS,
    USES,
    ChartKind,
    ChartSettings,
    Statistic,
)

KINDS: dict[str, str] = {
    "scatter": tr("Scatter"),
    "line": tr("Line"),
    "bar": tr("Bar"),
    "histogram": tr("Histogram"),
    "box": tr("Box"),
    "correlation": tr("Correlation matrix"),
    "pairs": tr("Pair plot"),
}
"""Kinds of charts, as the form shows them."""

_TITLES = {
    "x": "X",
    "y": "Y",
    "color": tr("Color"),
    "size": tr("Size"),
    "facet": tr("Panels"),
    "columns": tr("Columns"),
    "bins": tr("Bins"),
    "statistic": tr("Statistic"),
}
_NONE = {"y": tr("Count rows"), "x": tr("All rows")}
"""What a chart shows without a column that it doesn't need."""


class ChartForm(TallArea):
    """Fields for the settings that the kind uses.

    Attributes
    ----------
    changed : Signal
        The user changed a setting.
    fields : dict of str to QWidget
        By setting.
    """

    changed = Signal()

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._columns = columns
        self._settings = ChartSettings()
        self._filling = False
        self.kind = ChoiceBox()
        for name in get_args(ChartKind):
            self.kind.addItem(KINDS[name], name)
        self.kind.setAccessibleName(tr("Kind of chart"))
        self.kind.currentIndexChanged.connect(self._change)
        self.fields: dict[str, Any] = {}
        for name in ("x", "y", "color", "size", "facet"):
            self.fields[name] = self._column_field(name)
        self.fields["columns"] = self._columns_field()
        self.fields["bins"] = self._bins_field()
        self.fields["statistic"] = self._statistic_field()
        page = QWidget()
        self._form = Form()
        self._form.setRowWrapPolicy(Form.RowWrapPolicy.WrapAllRows)
        self._form.setVerticalSpacing(4)
        self._form.addRow(tr("Kind"), self.kind)
        for name in ("x", "y", "statistic", "columns", "bins", "color", "size", "facet"):
            self._form.addRow(_TITLES[name], self.fields[name])
        outer = QVBoxLayout(page)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.addLayout(self._form)
        outer.addStretch(1)
        self.setWidget(page)
        self.setFocusProxy(self.kind)

    def settings(self) -> ChartSettings:
        """Return what is chosen."""
        return self._settings

    def show_settings(self, settings: ChartSettings) -> None:
        """Show what was chosen before."""
        self._settings = settings
        self._fill()

    def _change(self) -> None:
        if self._filling:
            return
        fields = self.fields
        boxes = fields["columns"]
        items = [boxes.item(row) for row in range(boxes.count())]
        self._settings = ChartSettings(
            self.kind.currentData(),
            **{name: fields[name].currentData() or "" for name in ("x", "y", "color", "size")},
            facet=fields["facet"].currentData() or "",
            columns=tuple(
                item.text() for item in items if item.checkState() == Qt.CheckState.Checked
            ),
            bins=fields["bins"].value(),
            statistic=fields["statistic"].currentData(),
        )
        self._fill()
        self.changed.emit()

    def _fill(self) -> None:
        """Show the fields of the kind, with the columns that fit."""
        self._filling = True
        settings = self._settings
        self.kind.setCurrentIndex(self.kind.findData(settings.kind))
        for name, field in self.fields.items():
            self._form.setRowVisible(field, name in USES[settings.kind])
        for name in ("x", "y", "color", "size", "facet"):
            self._fill_column(name)
        boxes = self.fields["columns"]
        for row in range(boxes.count()):
            item = boxes.item(row)
            chosen = item.text() in settings.columns
            item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self.fields["bins"].setValue(settings.bins)
        statistic = self.fields["statistic"]
        statistic.setCurrentIndex(statistic.findData(settings.statistic))
        statistic.setEnabled(bool(settings.y))
        self._filling = False

    def _fill_column(self, name: str) -> None:
        field, settings = self.fields[name], self._settings
        fitting = [each.name for each in self._columns if settings.accepts(name, each.kind)]
        needed = name in NEEDS[settings.kind]
        empty = tr("Choose a column") if needed else _NONE.get(name, tr("None"))
        chosen = getattr(settings, name)
        wanted = [empty, *fitting]
        if chosen and chosen not in fitting:
            # Kept, so that changing the kind and back loses nothing; meanwhile there is an error.
            wanted.append(chosen)
        if [field.itemText(row) for row in range(field.count())] != wanted:
            field.clear()
            field.addItem(empty, "")
            for text in wanted[1:]:
                field.addItem(text, text)
        field.setCurrentIndex(max(field.findData(chosen), 0))

    def _column_field(self, name: str) -> QComboBox:
        field = ChoiceBox()
        field.setMaxVisibleItems(20)
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(14)
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(_TITLES[name])
        field.currentIndexChanged.connect(self._change)
        return field

    def _columns_field(self) -> QListWidget:
        field = QListWidget()
        keep_directions(field)
        field.setAccessibleName(tr("Columns"))
        check_selected(field)
        field.setToolTip(tr("Numeric columns. Without a choice, the first ones are shown."))
        accepts = ChartSettings("pairs").accepts
        for column in self._columns:
            if accepts("columns", column.kind):
                item = QListWidgetItem(column.name, field)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
        field.setMinimumHeight(160)
        field.itemChanged.connect(lambda _: self._change())
        return field

    def _bins_field(self) -> QSpinBox:
        field = WholeBox()
        field.setRange(1, MOST_BINS)
        field.setKeyboardTracking(False)
        field.setAccessibleName(tr("Bins"))
        field.valueChanged.connect(self._change)
        return field

    def _statistic_field(self) -> QComboBox:
        field = ChoiceBox()
        for name in get_args(Statistic):
            field.addItem(in_language(name.capitalize()), name)
        field.setAccessibleName(tr("Statistic"))
        field.currentIndexChanged.connect(self._change)
        return field
