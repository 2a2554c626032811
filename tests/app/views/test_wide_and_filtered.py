"""Tables of many columns, and tables of which a search shows a part."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget
from table_desk import click_header, profiled

from modules.contract.data_table import DataTable


def test_names_of_late_columns_are_whole(opened):
    names = [f"column_number_{place}" for place in range(300)]
    view = opened(DataTable(pd.DataFrame(np.zeros((3, 300)), columns=names))).view
    bold = QFont(view.grid.header.font())
    bold.setBold(True)
    needed = QFontMetrics(bold).horizontalAdvance(names[-1])
    assert view.grid.columnWidth(299) >= needed + 16


def test_names_too_long_for_their_columns_show_where_they_differ(opened):
    # A number at the end, after more letters than a header has room for.
    names = [f"{'the_same_beginning_' * 6}{place}" for place in (1111, 2222)]
    view = opened(DataTable(pd.DataFrame(np.zeros((3, 2)), columns=names))).view
    header = view.grid.header
    picture = header.grab().toImage()
    ratio = picture.devicePixelRatio()
    line = round((8 + header.fontMetrics().height()) * ratio)
    width = round(view.grid.columnWidth(0) * ratio)
    first, second = (picture.copy(round(left * ratio), 0, width - 4, line) for left in (0, 260))
    assert view.grid.columnWidth(0) == 260
    assert first != second


@pytest.mark.parametrize("width", [420, 700, 1100])
def test_the_bar_is_in_several_lines_where_it_is_narrow(qtbot, opened, width):
    names = [f"column_{place}" for place in range(12)]
    view = opened(DataTable(pd.DataFrame(np.zeros((3, 12)), columns=names))).view
    view.window().resize(width, 500)
    bar = view._bar
    qtbot.waitUntil(lambda: view.window().width() == width)
    shown = [each for each in bar.findChildren(QWidget) if each.parent() is bar]
    for notice in ("", "Charts and statistics cover all rows."):
        bar.show_message(notice)
        qtbot.waitUntil(lambda: bar.height() == bar.layout().heightForWidth(bar.width()))
        places = [each.geometry() for each in shown if each.isVisible() and each.width()]
        assert all(bar.rect().contains(place) for place in places)
        assert not any(a.intersects(b) for a, b in combinations(places, 2))
        assert bar.finder.width() > bar.finder.fontMetrics().horizontalAdvance("Go to column") + 90
        assert bar.size_label.width() >= bar.size_label.sizeHint().width()
        if width == 1100:
            assert bar.height() < 2 * bar.field.height()


def test_statistics_beside_found_rows_say_that_they_are_of_all(qtbot, view):
    profiled(qtbot, view)
    click_header(qtbot, view, 0)
    assert not view._pane._scope.isVisible()
    view._bar.searched.emit("audi")
    qtbot.waitUntil(lambda: view._model.rowCount() < 400, timeout=30_000)
    assert view._pane._scope.isVisible()
    assert view._pane._scope.text() == "Of all 400 rows"
    assert view._bar.message.text() == "Charts and statistics cover all rows."
    view._bar.searched.emit("")
    qtbot.waitUntil(lambda: view._model.rowCount() == 400, timeout=30_000)
    assert not view._pane._scope.isVisible()
    assert view._bar.message.text() == ""


def test_columns_stay_in_their_places_while_rows_are_searched(qtbot, opened):
    frame = pd.DataFrame({"a": ["early", *["late"] * 99_999], "b": range(100_000)})
    view = opened(DataTable(frame)).view
    left, field = view.grid.header.mapTo(view, view.grid.header.rect().topLeft()), view._bar.field
    wide = field.width()
    field.setFocus()
    qtbot.keyClicks(field, "early")
    qtbot.waitUntil(lambda: view._model.rowCount() == 1, timeout=30_000)
    view.grid.grab()
    QApplication.processEvents()
    assert view.grid.header.mapTo(view, view.grid.header.rect().topLeft()) == left
    assert field.width() == wide
