"""What the property panel shows of a group."""

from __future__ import annotations

from itertools import pairwise

import pytest
from property_desk import type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from designer.pipeline import edits, grouping
from designer.pipeline.model import Endpoint
from designer.pipeline.problem import Problem


@pytest.fixture
def group(panel):
    """A group of two, one fed from outside, the panel showing it."""

    def build(pipeline):
        for _ in range(3):
            pipeline, _ = edits.add_node(pipeline, "everything")
        names = list(pipeline.nodes)
        for source, target in pairwise(names):
            pipeline = edits.connect(pipeline, Endpoint(source, "out"), Endpoint(target, "data"))
        return grouping.group(pipeline, names[1:3], "Clean")[0]

    panel.document.apply("Build", build)
    panel.show_selection(["clean"])
    return panel


def test_a_group_shows_what_it_holds_and_what_goes_in_and_out(group):
    page = group.page
    assert page.title.text() == "Clean"
    assert page.count.text() == "2 modules"
    assert page.inputs.texts() == [
        "Everything (everything)  →  Everything (clean/everything_2)",
    ]
    assert page.outputs.texts() == [
        "Everything (clean/everything_3)  →  Everything (everything_4)",
    ]
    group.document.apply("Remove", lambda p: edits.remove(p, ["clean/everything_3"]))
    assert page.count.text() == "1 module"
    assert not page.outputs.isVisible()
    assert group.page is page


def test_notes_and_groups_within_a_group_are_counted_as_what_they_are(panel):
    def build(pipeline):
        for _ in range(2):
            pipeline, _ = edits.add_node(pipeline, "everything")
        names = list(pipeline.nodes)
        pipeline, inner = grouping.group(pipeline, names[:1], "Inner")
        notes = []
        for text in ("One", "Two"):
            pipeline, note = edits.add_note(pipeline, text)
            notes.append(note)
        return grouping.group(pipeline, [inner, names[1], *notes], "Outer")[0]

    panel.document.apply("Build", build)
    panel.show_selection(["outer"])
    assert panel.page.count.text() == "2 modules, 1 group, 2 notes"


def test_the_title_and_comment_of_a_group_are_written_in_one_step_each(group):
    page, stack = group.page, group.document.undo_stack
    before = stack.count()
    type_into(page.title, "Prepare")
    type_into(page.comment, "Cells that are empty")
    assert group.page is page
    assert page.comment.hasFocus()
    found = group.document.pipeline.groups["clean"]
    assert (found.title, found.comment) == ("Prepare", "Cells that are empty")
    assert stack.count() == before + 2
    stack.undo()
    stack.undo()
    assert (page.title.text(), page.comment.toPlainText()) == ("Clean", "")


def test_the_problems_within_a_group_are_listed_worst_first(group):
    problems = {
        "clean/everything_2": [Problem("warning", "Old.", "", "clean/everything_2")],
        "clean/everything_3": [Problem("error", "Bad.", "Fix it.", "clean/everything_3")],
        "everything": [Problem("error", "Elsewhere.", "", "everything")],
    }
    group.show_problems(problems)
    page = group.page
    assert page.problems.texts() == [
        "Everything (clean/everything_3): Bad. Fix it.",
        "Everything (clean/everything_2): Old.",
    ]
    group.show_selection(["everything"])
    group.show_selection(["clean"])
    assert len(group.page.problems.texts()) == 2
    group.show_problems({})
    assert not group.page.problems.isVisible()


def test_a_group_with_its_members_is_one_thing_and_with_others_is_summed_up(group):
    group.show_selection(["clean/everything_2", "clean/everything_3", "clean"])
    assert group.page.title.text() == "Clean"
    group.show_selection(["everything", "clean"])
    texts = [each.text() for each in group.findChildren(QLabel)]
    assert "1 module and 1 group" in texts
    assert "Clean  ·  clean" in texts


def test_the_page_of_a_group_fits_the_narrowest_panel(group):
    group.resize(group.minimumWidth(), 900)
    QApplication.processEvents()
    assert group.widget().width() <= group.viewport().width()


def test_the_buttons_of_a_group_ask_for_commands(group, qtbot):
    for name, button in group.page.buttons.items():
        with qtbot.waitSignal(group.command_requested) as asked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [name]


def test_a_group_that_is_undone_leaves_the_pipelines_page(group):
    group.document.undo_stack.undo()
    assert not hasattr(group.page, "buttons")
    assert any(each.text() == "Description" for each in group.findChildren(QLabel))
