"""Menus, filters, pinned columns, and the profile of a table, with mouse and keys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton

from designer.app.views.table.filter_dialog import FilterDialog
from designer.engine.tables.row_filters import RowFilter
from modules.contract.data_table import DataTable

LEFT = Qt.MouseButton.LeftButton
WAIT = 60_000


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    rows = 200
    frame = pd.DataFrame({f"column {at}": draw.normal(size=rows) for at in range(12)})
    frame["make"] = draw.choice(["audi", "bmw", "saab"], rows)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 40, rows), "D")
    frame["price"] = draw.normal(size=rows)
    frame.loc[::10, "make"] = None
    return frame


@pytest.fixture
def view(opened, frame):
    return opened(DataTable(frame, {"price": "label"}), "Cars", size=(700, 500)).view


def menu_at(widget, at) -> QMenu:
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(qtbot, menu: QMenu, text: str) -> None:
    """Click an entry of a menu."""
    action = next(each for each in menu.actions() if each.text() == text)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def cell_menu(view, row: int, column: str) -> QMenu:
    names = view.grid.table_model.stored.names
    index = view.grid.table_model.index(row, names.index(column))
    view.grid.scrollTo(index)
    return menu_at(view.grid.viewport(), view.grid.visualRect(index).center())


def header_menu(view, column: str) -> QMenu:
    at = view.grid.table_model.stored.names.index(column)
    view.go_to_column(at)
    header = view.grid.header
    point = header.rect().center()
    point.setX(header.sectionViewportPosition(at) + 30)
    return menu_at(header.viewport(), point)


def rows(qtbot, view) -> list[int]:
    qtbot.waitUntil(lambda: view._search is None, timeout=WAIT)
    model = view.grid.table_model
    return [model.position(row) for row in range(model.rowCount())]


def test_a_cell_filters_by_its_value_and_a_chip_takes_it_back(qtbot, view, frame):
    value = frame["make"][1]
    pick(qtbot, cell_menu(view, 1, "make"), f"Show only “{value}”")
    assert rows(qtbot, view) == frame.index[frame["make"] == value].tolist()
    assert view._bar.size_label.text().startswith(f"{(frame['make'] == value).sum()} of 200 rows")
    chips = view._tools.filter_bar
    close = next(
        each
        for each in chips.findChildren(QToolButton)
        if each.accessibleName().startswith("Remove filter: make")
    )
    qtbot.mouseClick(close, LEFT)
    assert rows(qtbot, view) == list(range(200))
    assert chips.isHidden()


def test_values_are_hidden_one_after_the_other(qtbot, view, frame):
    pick(qtbot, cell_menu(view, 1, "make"), f"Hide “{frame['make'][1]}”")
    left = rows(qtbot, view)
    pick(qtbot, cell_menu(view, 0, "make"), "Hide missing")
    (filter_,) = view.query.filters
    assert filter_ == RowFilter("make", "not in", (frame["make"][1], None))
    kept = frame["make"].notna() & frame["make"].ne(frame["make"][1])
    assert rows(qtbot, view) == frame.index[kept].tolist()
    assert len(left) > kept.sum()


def test_a_cell_is_sorted_by_and_its_statistics_are_shown(qtbot, view, frame):
    pick(qtbot, cell_menu(view, 3, "price"), "Sort descending")
    order = frame["price"].sort_values(ascending=False, kind="stable").index.tolist()
    assert rows(qtbot, view) == order
    pick(qtbot, cell_menu(view, 3, "price"), "Statistics")
    assert view._pane.isVisible()


def test_the_header_copies_a_column_and_hides_missing_values(qtbot, view, frame):
    pick(qtbot, header_menu(view, "make"), "Hide missing values")
    assert rows(qtbot, view) == frame.index[frame["make"].notna()].tolist()
    pick(qtbot, header_menu(view, "make"), "Copy column")
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines == ["make", *frame["make"].dropna()]


def answer(qtbot, act) -> None:
    """Do something with the dialog that opens, and press OK."""

    def go() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, FilterDialog):
            QTimer.singleShot(20, go)
            return
        act(dialog)
        dialog.accept()

    QTimer.singleShot(0, go)


def test_a_range_of_numbers_and_of_days_is_typed(qtbot, view, frame):
    def numbers(dialog: FilterDialog) -> None:
        # Decimals have a comma in many languages.
        QTest.keyClicks(dialog.low, "-0,5")
        QTest.keyClicks(dialog.high, "1")

    answer(qtbot, numbers)
    pick(qtbot, header_menu(view, "column 2"), "Filter…")

    def days(dialog: FilterDialog) -> None:
        QTest.keyClicks(dialog.low, "2024-01-05")
        QTest.keyClicks(dialog.high, "2024-01-20")

    answer(qtbot, days)
    pick(qtbot, header_menu(view, "day"), "Filter…")
    kept = frame["column 2"].between(-0.5, 1) & frame["day"].between("2024-01-05", "2024-01-20")
    assert rows(qtbot, view) == frame.index[kept].tolist()
    clear = next(each for each in view.findChildren(QPushButton) if each.text() == "Clear all")
    qtbot.mouseClick(clear, LEFT)
    assert rows(qtbot, view) == list(range(200))


def test_values_are_checked_in_a_list(qtbot, view, frame):
    def act(dialog: FilterDialog) -> None:
        qtbot.waitUntil(lambda: dialog.values.count() == 4, timeout=WAIT)
        item = next(
            item for item in map(dialog.values.item, range(4)) if item.text().startswith("saab")
        )
        dialog.values.setCurrentItem(item)
        QTest.keyClick(dialog.values, Qt.Key.Key_Space)

    answer(qtbot, act)
    pick(qtbot, header_menu(view, "make"), "Filter…")
    assert rows(qtbot, view) == frame.index[frame["make"] == "saab"].tolist()


def test_what_is_no_number_is_explained_in_the_dialog(qtbot, view):
    column = view.grid.table_model.stored.columns[0]
    dialog = FilterDialog(column, view._folder, None)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.low, "many")
    dialog.accept()
    assert dialog.isVisible()
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    assert "“many” isn't a number. For example: 12.5." in shown


def test_the_label_stays_in_sight_and_a_column_is_pinned(qtbot, view, frame):
    pinned = view._tools.pinned
    names = frame.columns.tolist()
    assert pinned.columns == [names.index("price")]
    assert pinned.isHidden()
    view.grid.horizontalScrollBar().setValue(400)
    assert pinned.isVisible()
    model = pinned.model()
    assert model.headerData(0, Qt.Orientation.Horizontal) == "price"
    own = view.grid.table_model
    assert model.index(7, 0).data() == own.index(7, names.index("price")).data()
    view.grid.verticalScrollBar().setValue(30)
    assert pinned.rowAt(0) == view.grid.rowAt(0) == 30
    pick(qtbot, header_menu(view, "make"), "Pin column")
    assert pinned.columns == [names.index("price"), names.index("make")]
    view.grid.horizontalScrollBar().setValue(400)
    at = pinned.visualRect(pinned.model().index(31, 1)).center()
    qtbot.mouseClick(pinned.viewport(), LEFT, pos=at)
    assert view.grid.currentIndex().column() == names.index("make")
    assert view.grid.currentIndex().row() == 31
    pick(qtbot, header_menu(view, "make"), "Unpin column")
    assert pinned.columns == [names.index("price")]
    header = view.grid.header
    order = [header.logicalIndex(place) for place in range(len(names))]
    assert order == [names.index("price"), *range(len(names) - 1)]


def test_the_current_cell_is_never_under_the_pinned_columns(qtbot, view, frame):
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.grid.table_model.index(0, 11))
    for _ in range(6):
        qtbot.keyClick(view.grid, Qt.Key.Key_Left)
    index = view.grid.currentIndex()
    assert index.column() == 5
    pinned = view._tools.pinned
    assert pinned.isHidden() or view.grid.visualRect(index).left() >= pinned.width() - 1


def test_the_profile_reports_the_whole_table(qtbot, opened):
    draw = np.random.default_rng(9)
    frame = pd.DataFrame({"a": draw.normal(size=60), "same": 1, "label": draw.normal(size=60)})
    frame["leak"] = frame["label"] * 2
    frame = pd.concat([frame, frame.iloc[:5]])
    view = opened(DataTable(frame, {"label": "label"}), "Leaky").view
    bar = view.tabs.tabBar()
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(2).center())
    qtbot.waitUntil(lambda: view.profile.report is not None, timeout=WAIT)
    report = view.profile.report
    texts = " ".join(label.text() for label in report.findChildren(QLabel))
    assert "65 rows and 4 columns. 5 rows repeat an earlier one." in texts
    warnings = {row[0]: row[1] for row in report.tables[0].sheet.texts()}
    assert warnings["same"] == "It is constant."
    assert "It gives away the label “label”." in warnings["leak"]
    matrix = report.charts[0].chart.chart
    assert matrix.kind == "heatmap"
    assert matrix.series[0].y[3] == pytest.approx(np.corrcoef(frame["a"], frame["leak"])[0, 1])


def test_of_a_table_without_a_label_one_is_chosen_that_others_give_away(qtbot, opened):
    draw = np.random.default_rng(9)
    frame = pd.DataFrame({"a": draw.normal(size=60), "sold": draw.normal(size=60)})
    frame["paid"] = frame["sold"] * 2
    view = opened(DataTable(frame), "Raw").view
    bar = view.tabs.tabBar()
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(2).center())
    page = view.profile
    qtbot.waitUntil(lambda: page.report is not None, timeout=WAIT)
    assert page.label.currentText() == "None"
    assert len(page.report.tables) == 1
    first = page.report
    page.label.setFocus()
    QTest.keyClicks(page.label, "sold")
    assert page.label.currentText() == "sold"
    qtbot.waitUntil(lambda: page.report is not first and not page.computing, timeout=WAIT)
    warnings = page.report.tables[0].sheet.texts()[1:]
    assert warnings == [["paid", "It gives away the label “sold”."]]
