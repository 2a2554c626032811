"""The palette: search, help, adding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.canvas import MODULE_MIME
from designer.app.panels.palette import Palette
from designer.app.shell import theme
from designer.catalog import Catalog


@pytest.fixture
def palette(qtbot, catalog):
    palette = Palette(catalog)
    qtbot.addWidget(palette)
    palette.resize(280, 600)
    palette.show()
    return palette


def test_every_module_is_listed_under_its_category(palette, catalog):
    assert sorted(palette.visible_modules()) == sorted(catalog)
    titles = [palette.model.index(row, 0).data() for row in range(palette.model.rowCount())]
    assert titles == list(catalog.categories())


def test_another_theme_leaves_the_list_where_it_was_scrolled(palette, qapp):
    theme.apply(qapp, "light")
    palette.tree.scrollToBottom()
    bar = palette.tree.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    try:
        theme.apply(qapp, "dark")
        QApplication.processEvents()
        assert bar.value() == bar.maximum()
    finally:
        theme.apply(qapp, "light")


def test_typing_finds_the_best_match_first_and_return_adds_it(palette, qtbot):
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "split")
    assert palette.visible_modules()[0] == "split_data"
    with qtbot.waitSignal(palette.module_chosen) as chosen:
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen.args == ["split_data"]


def test_arrow_keys_in_the_search_field_move_through_the_list(palette, qtbot):
    QTest.keyClicks(palette.search, "model")
    second = palette.visible_modules()[1]
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.module_chosen) as chosen:
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen.args == [second]


def test_a_module_is_found_by_a_word_of_its_summary_or_keywords(palette):
    QTest.keyClicks(palette.search, "csv")
    assert "dataset" in palette.visible_modules()


def test_what_matches_nothing_says_so_and_escape_clears(palette):
    QTest.keyClicks(palette.search, "zzzz")
    assert palette.visible_modules() == []
    assert palette.empty.isVisible()
    assert "zzzz" in palette.empty.text()
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.search.text() == ""
    assert palette.tree.isVisible()


def test_the_selected_module_is_explained(palette, catalog):
    assert not palette.help.isVisible()
    QTest.keyClicks(palette.search, "Clean Missing")
    assert palette.help.isVisible()
    assert catalog["clean_missing_data"].summary[:20] in palette.help.toPlainText()


def test_a_double_click_chooses_a_module_but_not_a_category(palette, qtbot):
    category = palette.model.index(0, 0)
    first = palette.model.index(0, 0, category)
    chosen = []
    palette.module_chosen.connect(chosen.append)
    for index in (category, first):
        place = palette.tree.visualRect(index).center()
        QTest.mouseClick(
            palette.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0), place
        )
        QTest.mouseDClick(
            palette.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0), place
        )
        if index == category:
            palette.tree.expand(category)
    assert chosen == [palette.model.spec(first).id]


def test_a_drag_carries_the_id_of_the_module(palette):
    first = palette.model.index(0, 0, palette.model.index(0, 0))
    data = palette.model.mimeData([first])
    assert bytes(data.data(MODULE_MIME).data()).decode() == palette.model.spec(first).id
    assert palette.model.flags(first) & Qt.ItemFlag.ItemIsDragEnabled
    assert not palette.model.flags(palette.model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_module_that_lacks_a_library_says_how_to_get_it(qtbot, catalog):
    lacking = replace(catalog["split_data"], requires=("no-such-distribution",))
    palette = Palette(Catalog([lacking]))
    qtbot.addWidget(palette)
    index = palette.model.index(0, 0, palette.model.index(0, 0))
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "pip install no-such-distribution" in tip
    assert index.data(Qt.ItemDataRole.ForegroundRole) is not None
