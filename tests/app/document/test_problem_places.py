"""From the list of problems to the field: all that is wrong can be read, and the field is seen."""

from __future__ import annotations

import pytest
from assistive_desk import select_row
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableWidget
from window_desk import add

from designer.app.panels.problems import Problems
from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.pipeline.problem import Problem

LONG = 60_000
"""Milliseconds that a preview may take on a busy machine."""

SENTENCE = "A row is left out, the third, as it has more values than there are columns: 4, not 3."


def in_view(window, field) -> bool:
    panel = window.properties.viewport()
    top = field.editor.mapTo(panel, QPoint(0, 0)).y()
    return top >= 0 and top + field.editor.height() <= panel.height()


def test_a_field_that_was_gone_to_stays_in_view_when_the_preview_comes(window, qtbot, tmp_path):
    rows = ["a,b", *(f"{i},{i}" for i in range(300)), "1,2,3"]
    (tmp_path / "ragged.csv").write_text("\n".join(rows))
    values = {"path": str(tmp_path / "ragged.csv")}
    window.window().resize(1000, 560)
    window.document.apply("Add", lambda p: edits.add_node(p, "dataset", parameters=values)[0])
    window.navigation.show_panel("problems")
    tree = window.problems.list

    def row():
        rows = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
        return next((each for each in rows if "Ragged rows" in each.text(2)), None)

    qtbot.waitUntil(lambda: row() is not None, timeout=LONG)
    place = tree.visualItemRect(row()).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    field = window.properties.fields["ragged_rows"]
    assert field.isAncestorOf(QApplication.focusWidget())
    # The first rows come later, or why there are none.
    before = field.mapTo(window.properties.widget(), QPoint(0, 0)).y()
    preview = window.properties.page.preview
    table = preview.findChild(QTableWidget)
    message = preview.findChildren(QLabel)[1]
    qtbot.waitUntil(lambda: not table.isHidden() or message.text() != "Reading…", timeout=LONG)
    qtbot.waitUntil(
        lambda: field.mapTo(window.properties.widget(), QPoint(0, 0)).y() != before, timeout=LONG
    )
    qtbot.waitUntil(lambda: in_view(window, field), timeout=LONG)


@pytest.fixture
def problems(qapp, qtbot):
    theme.apply(qapp, "light")
    panel = Problems()
    qtbot.addWidget(panel)
    panel.resize(900, 200)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def written(panel, column: int) -> bool:
    """Tell whether anything stands in a column of the first row."""
    tree = panel.list
    box = tree.visualItemRect(tree.topLevelItem(0))
    box.setLeft(tree.columnViewportPosition(column) + 8)
    box.setWidth(tree.columnWidth(column) - 16)
    # Without the edges of a selected row.
    box.adjust(0, 2, 0, -2)
    shot = tree.viewport().grab(box).toImage()
    colors = {shot.pixel(x, y) for x in range(shot.width()) for y in range(shot.height())}
    return len(colors) > 1


@pytest.mark.parametrize("chosen", [False, True])
def test_a_sentence_has_the_room_of_the_advice_that_there_is_not(problems, chosen):
    def shown(sentence: str, advice: str) -> bool:
        problems.show_problems([Problem("warning", sentence, advice, "dataset")], Pipeline(), {})
        if chosen:
            problems.list.setCurrentItem(problems.list.topLevelItem(0))
        QApplication.processEvents()
        return written(problems, 1)

    assert shown(SENTENCE, "")
    assert problems.list.topLevelItem(0).toolTip(1) == SENTENCE
    assert not shown("Short.", "")
    assert shown("Short.", "Look at it.")


def test_a_problem_that_assistive_technology_selects_leads_to_its_field(window, qtbot):
    add(window, "enter_data_manually", "train_model")
    window.canvas.select(["train_model"])
    window.navigation.show_panel("problems")
    tree = window.problems.list
    qtbot.waitUntil(lambda: tree.topLevelItemCount() > 1, timeout=LONG)
    select_row(tree, "Data is empty.")
    assert window.canvas.selection() == ["enter_data_manually"]
    assert window.properties.fields["data"].isAncestorOf(QApplication.focusWidget())


def test_the_title_of_the_last_column_fits_however_short_the_places_are(problems):
    problems.show_problems([Problem("warning", "Empty.", "", None)], Pipeline(), {})
    header = problems.list.header()
    assert header.sectionSize(2) >= header.sectionSizeHint(2)
