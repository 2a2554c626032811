"""Tables of many columns, and tables of which a search shows a part."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
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
