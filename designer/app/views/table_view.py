"""A table on the screen: its rows, a chart, and a profile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QSplitter, QTabWidget, QVBoxLayout, QWidget

from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.charts.table_chart_page import TableChartPage
from designer.app.views.registry import Found, KeptChart, StoredModel, view
from designer.app.views.table.bar import TableBar
from designer.app.views.table.column_header import describe_chart
from designer.app.views.table.grid import TableGrid
from designer.app.views.table.model import TableModel
from designer.app.views.table.profile_page import ProfilePage
from designer.app.views.table.row_questions import RowQuestions
from designer.app.views.table.row_tools import RowTools
from designer.app.views.table.statistics_pane import StatisticsPane
from designer.engine.column_statistics import ColumnProfile, profile_table
from designer.engine.table_rows import EXPORTS, RowQuery, export_table, find_rows
from designer.engine.tables.row_filters import RowFilter
from designer.texts import counted, filled, tr
from modules.contract.data_table import DataTable

_CELLS_A_TURN, _COLUMNS_A_TURN = 2_000_000, 100
_DATA, _CHARTS, _PROFILE = 0, 1, 2


class TableView(QWidget):
    """Shows a stored table of any length.

    Parameters
    ----------
    stored : DataTable
        The table, opened.
    folder : Path
        Where it is.
    title : str
        Proposed as the name of an exported file.
    engine : Caller or None
        Where profiles, orders, and exports are computed.
    models : sequence of StoredModel
        Those that can be asked about a row.
    chart : KeptChart, optional
        Where the chart that the user makes is kept.

    Attributes
    ----------
    tabs : QTabWidget
        The rows, the chart, and the profile.
    chart : TableChartPage or None
    profile : ProfilePage or None
        None until the tab is opened.
    """

    def __init__(
        self,
        stored: DataTable,
        folder: Path,
        title: str,
        engine: Caller | None,
        models: Sequence[StoredModel] = (),
        chart: KeptChart | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._title = title
        self._engine = engine
        self._tasks = Tasks(self, engine)
        self._stored = stored
        self._model = TableModel(self._stored)
        self._grid = TableGrid(self._model)
        self._pane = StatisticsPane()
        self._profiles: dict[str, ColumnProfile] = {}
        self._waiting = [column.name for column in self._stored.columns]
        self._profile_failure = ""
        self._query = RowQuery()
        self._search: Task | None = None
        self._bar = TableBar(self, self._waiting)
        self._tools = RowTools(self._grid, folder, engine, self.sort_by, self.show_statistics)
        self._rows_asked = RowQuestions(
            self._grid, self._bar, folder, models, engine, self._tools.add_cell_acts
        )
        self.chart: TableChartPage | None = None
        self._kept_chart = chart
        self.profile: ProfilePage | None = None
        self._arrange()
        self._connect()
        self._show_size()
        self._profile_more()

    @property
    def grid(self) -> TableGrid:
        """The grid, for keyboard focus."""
        return self._grid

    @property
    def query(self) -> RowQuery:
        """Which rows are asked for, and in what order."""
        return self._query

    def sort_by(self, name: str | None, descending: bool = False) -> None:
        """Order the rows by a column, or show them as they are stored."""
        self._ask(self._query._replace(sort_by=name, descending=descending))

    def go_to_column(self, column: int) -> None:
        """Scroll to a column and make it the current one."""
        row = max(self._grid.currentIndex().row(), self._grid.rowAt(0), 0)
        if self._model.rowCount():
            self._grid.setCurrentIndex(self._model.index(row, column))
        middle = self._grid.viewport().width() - self._grid.columnWidth(column)
        # At the edge it would be easy to overlook.
        left = self._grid.header.sectionPosition(column) - max(middle // 2, 0)
        self._grid.horizontalScrollBar().setValue(left)
        self._grid.header.set_current(column)
        self._refresh_pane()

    def show_statistics(self, column: int) -> None:
        """Open the side pane with a column's statistics."""
        if not 0 <= column < len(self._stored.columns):
            return
        if self._pane.isHidden():
            self._pane.show()
            self._bar.statistics.setChecked(True)
            self._splitter.setSizes([max(self.width() - 300, 200), 300])
        self._grid.header.set_current(column)
        self._show_in_pane(column)

    def _connect(self) -> None:
        self._grid.notified.connect(self._bar.show_message)
        header = self._grid.header
        header.column_clicked.connect(self._column_clicked)
        header.column_double_clicked.connect(self._turn_order)
        self._tools.filters_changed.connect(
            lambda filters: self._ask(self._query._replace(filters=filters))
        )
        self._grid.selectionModel().currentChanged.connect(self._current_changed)
        self._pane.closed.connect(self._close_pane)
        bar = self._bar
        bar.searched.connect(self._filter)
        bar.finder.chosen.connect(self.go_to_column)
        bar.ascending.triggered.connect(lambda: self._sort_current(False))
        bar.descending.triggered.connect(lambda: self._sort_current(True))
        bar.statistics.triggered.connect(lambda: self._toggle_pane())
        bar.copy.triggered.connect(lambda: self._grid.copy())
        bar.export.triggered.connect(lambda: self._export())

    def _arrange(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(self._grid)
        self._splitter.addWidget(self._pane)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setCollapsible(0, False)
        self._splitter.setChildrenCollapsible(False)
        self._pane.setMinimumWidth(250)
        self._pane.hide()
        self._grid.setFrameShape(QFrame.Shape.NoFrame)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._tools.filter_bar)
        column.addWidget(self._splitter, 1)
        self.tabs = QTabWidget()
        self.tabs.addTab(rows, tr("Data"))
        for title in (tr("Charts"), tr("Profile")):
            page = QWidget()
            QVBoxLayout(page).setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(page, title)
        self.tabs.currentChanged.connect(self._open_tab)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)

    def _open_tab(self, index: int) -> None:
        """Make the chart or the profile when it is first asked for.

        With their parent from the beginning, each of their widgets is styled only once.
        """
        page, columns = self.tabs.widget(index), self._stored.columns
        layout = page.layout() if page is not None else None
        if index == _CHARTS and self.chart is None and layout is not None:
            self.chart = TableChartPage(
                columns, self._folder, self._title, self._engine, self._kept_chart, page
            )
            self.chart.rows_framed.connect(lambda filters: self._show_framed(filters))
            layout.addWidget(self.chart)
        elif index == _PROFILE and self.profile is None and layout is not None:
            self.profile = ProfilePage(
                columns, self._folder, len(self._stored), self._title, self._engine, page
            )
            layout.addWidget(self.profile)

    def _show_framed(self, filters: tuple[RowFilter, ...]) -> None:
        """Show the rows that were framed in the chart."""
        self._tools.set_filters(filters)
        self.tabs.setCurrentIndex(_DATA)
        self._grid.setFocus()

    def _show_size(self) -> None:
        rows = len(self._stored)
        columns = counted("{n:,} column", "{n:,} columns", self._model.columnCount())
        text = counted("{n:,} row", "{n:,} rows", rows) + f" × {columns}"
        if self._query.selects:
            text = filled(tr("{rowCount:,} of {text}"), rowCount=self._model.rowCount(), text=text)
        self._bar.size_label.setText(text)

    def _profile_more(self) -> None:
        """Ask for the profiles of the next few columns; one request at a time."""
        if not self._waiting:
            return
        count = max(1, _CELLS_A_TURN // max(len(self._stored), 1))
        count = min(count, _COLUMNS_A_TURN)
        names, self._waiting = self._waiting[:count], self._waiting[count:]
        self._tasks.run(
            profile_table, self._folder, names, done=self._profiled, failed=self._not_profiled
        )

    def _profiled(self, profiles: Sequence[ColumnProfile]) -> None:
        self._profiles |= {profile.name: profile for profile in profiles}
        self._grid.header.add_profiles(profiles)
        self._refresh_pane()
        self._profile_more()

    def _not_profiled(self, message: str, hint: str) -> None:
        self._waiting = []
        self._profile_failure = message
        self._bar.show_message(message)
        self._refresh_pane()

    def _column_clicked(self, column: int) -> None:
        row = max(self._grid.rowAt(0), 0)
        if self._grid.currentIndex().isValid():
            row = self._grid.currentIndex().row()
        if self._model.rowCount():
            index = self._model.index(row, column)
            flags = self._grid.selectionModel().SelectionFlag.NoUpdate
            self._grid.selectionModel().setCurrentIndex(index, flags)
        self.show_statistics(column)

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if not self._pane.isHidden() and current.isValid():
            self._grid.header.set_current(current.column())
            self._show_in_pane(current.column())

    def _show_in_pane(self, column: int) -> None:
        described = self._stored.columns[column]
        self._shown_column = column
        profile = self._profiles.get(described.name)
        self._pane.show_column(described, profile)
        if profile is None and self._profile_failure:
            self._pane.show_failure(self._profile_failure)
        elif profile is not None:
            self._pane.setAccessibleDescription(describe_chart(profile))
        current = self._grid.currentIndex()
        there = current.isValid() and current.column() == column
        value = self._model.value(current.row(), column) if there else None
        self._pane.show_cell(value, there)

    def _refresh_pane(self) -> None:
        if not self._pane.isHidden():
            self._show_in_pane(self._shown_column)

    def _toggle_pane(self) -> None:
        if self._bar.statistics.isChecked():
            self.show_statistics(max(self._grid.currentIndex().column(), 0))
        else:
            self._close_pane()

    def _close_pane(self) -> None:
        self._pane.hide()
        self._bar.statistics.setChecked(False)
        self._grid.header.set_current(-1)
        self._grid.setFocus()

    def keyPressEvent(self, event: Any) -> None:
        """Close the side pane with Esc."""
        if event.key() == Qt.Key.Key_Escape and not self._pane.isHidden():
            self._close_pane()
        else:
            super().keyPressEvent(event)

    def _sort_current(self, descending: bool) -> None:
        column = self._grid.currentIndex().column()
        if column < 0:
            self._bar.show_message(tr("Choose a column first."))
            return
        name = self._stored.columns[column].name
        asked = (name, descending)
        now = (self._query.sort_by, self._query.descending)
        self.sort_by(None if asked == now else name, descending and asked != now)

    def _turn_order(self, column: int) -> None:
        """Switch from the original order to ascending, descending, and back."""
        name = self._stored.columns[column].name
        if self._query.sort_by != name:
            self.sort_by(name)
        elif not self._query.descending:
            self.sort_by(name, True)
        else:
            self.sort_by(None)

    def _filter(self, text: str) -> None:
        if text != self._query.text:
            self._ask(self._query._replace(text=text))

    def _ask(self, query: RowQuery) -> None:
        if query == self._query:
            return
        self._query = query
        contains = tr("No row contains this text.")
        self._grid.nothing_found = tr("No row meets the filters.") if query.filters else contains
        if self._search is not None:
            self._search.drop()
            self._search = None
        if query == RowQuery():
            self._found(None)
            return
        self._bar.show_message(tr("Searching…") if query.selects else tr("Sorting…"), lasting=True)
        self._search = self._tasks.run(
            find_rows, self._folder, query, done=self._found, failed=self._not_found
        )

    def _found(self, rows: Any) -> None:
        self._search = None
        column = max(self._grid.currentIndex().column(), 0)
        self._model.show_rows(rows)
        names = [item.name for item in self._stored.columns]
        by = self._query.sort_by
        self._grid.header.set_sorted(
            None if by is None else names.index(by), self._query.descending
        )
        self._show_size()
        self._bar.message.clear()
        rows = counted("{n:,} row", "{n:,} rows", len(self._stored))
        self._pane.show_scope(tr("Of all {rows}").format(rows=rows) if self._query.selects else "")
        if self._model.rowCount():
            if self._query.selects:
                self._bar.show_message(tr("Charts and statistics cover all rows."), lasting=True)
            flags = self._grid.selectionModel().SelectionFlag.NoUpdate
            self._grid.selectionModel().setCurrentIndex(self._model.index(0, column), flags)
        elif self._query.text:
            self._bar.show_message(
                tr("No row contains “{text}”.").format(text=self._query.text[:40]), lasting=True
            )
        elif self._query.filters:
            self._bar.show_message(tr("No row meets the filters."), lasting=True)
        self._grid.scrollToTop()

    def _not_found(self, message: str, hint: str) -> None:
        self._search = None
        self._query = RowQuery()
        self._tools.set_filters(())
        self._bar.show_message(f"{message} {hint}")

    def _export(self) -> None:
        kinds = ";;".join(f"{title} (*{suffix})" for suffix, title in EXPORTS.items())
        chosen, kind = QFileDialog.getSaveFileName(
            self, tr("Export table"), f"{self._title}.csv", kinds
        )
        if not chosen:
            return
        target = Path(chosen)
        if target.suffix.lower() not in EXPORTS:
            suffix = kind.partition("(*")[2].rstrip(")") or ".csv"
            target = target.with_name(target.name + suffix)
        self._bar.show_message(tr("Exporting…"), lasting=True)
        self._tasks.run(
            export_table,
            self._folder,
            target,
            self._query,
            done=lambda rows: self._bar.show_message(
                counted("Exported {n:,} row.", "Exported {n:,} rows.", rows)
            ),
            failed=lambda message, hint: self._bar.show_message(f"{message} {hint}"),
        )


def _open(folder: Path) -> DataTable:
    """Open a stored table; the library for that is imported here, on a thread."""
    from designer.engine.store.output_check import check_output
    from designer.engine.stored_table import open_table

    check_output(folder)
    return open_table(folder)


@view("table", read=_open, in_worker=False)
def show(found: Found) -> QWidget:
    """Show a table of any length."""
    return TableView(
        found.content, found.folder, found.title, found.engine, found.models, found.chart
    )
