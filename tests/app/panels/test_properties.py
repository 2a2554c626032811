"""The property panel: fields, messages, undo, binding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from property_desk import SPECS, stored, type_into
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from designer.app.document.document import Document
from designer.app.panels import properties as properties_module
from designer.app.panels.properties import Properties
from designer.pipeline import edits
from designer.pipeline.model import PipelineParameter
from designer.pipeline.problem import Problem


def test_there_is_a_field_for_every_parameter_in_order(panel):
    assert list(panel.fields) == [p.name for p in SPECS["everything"].parameters]
    assert panel.fields["count"].label.text() == "How many"


def test_leaving_a_field_ends_the_step(panel):
    line = panel.fields["count"].editor.box.lineEdit()
    type_into(line, "6")
    panel.fields["share"].editor.box.setFocus()
    QApplication.processEvents()
    type_into(line, "7")
    panel.document.undo_stack.undo()
    assert stored(panel) == {"count": 6}


def test_a_parameter_that_does_not_apply_is_hidden(panel):
    assert panel.fields["only_rows"].isVisible()
    box = panel.fields["mode"].editor.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert stored(panel) == {"mode": "columns"}
    assert not panel.fields["only_rows"].isVisible()


def test_a_required_value_that_is_missing_is_an_error_like_everywhere(panel):
    problem = Problem("error", "Needed.", "", "everything", parameter="path")
    panel.show_problems({"everything": [problem]})
    assert panel.fields["path"].message.property("role") == "error"


def test_undo_belongs_to_the_document_while_a_field_has_the_focus(panel):
    type_into(panel.fields["only_rows"].editor.line, "abc")
    assert stored(panel) == {"only_rows": "abc"}
    panel.document.undo_stack.undo()
    assert panel.fields["only_rows"].editor.line.text() == ""


_OTHER = {"count": 7, "only_rows": "abc", "switch": True, "mode": "columns"}


def test_f1_shows_the_help_of_the_parameter(panel):
    field = panel.fields["count"]
    assert not field.explanation.isVisible()
    field.editor.box.setFocus()
    QTest.keyClick(field.editor.box, Qt.Key.Key_F1)
    assert field.explanation.isVisible()
    assert field.explanation.text() == "The number of things."


@pytest.mark.parametrize(
    ("code", "modifiers"),
    [
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier),
    ],
)
@pytest.mark.parametrize("name", ["count", "only_rows", "switch", "mode"])
def test_a_key_opens_the_menu_of_a_field(panel, name, code, modifiers):
    field = panel.fields[name]
    panel.document.apply(
        "Set", lambda p: edits.set_parameter(p, "everything", name, _OTHER.get(name))
    )
    field.focus_editor()
    QTest.keyClick(QApplication.focusWidget(), code, modifiers)
    menu = QApplication.activePopupWidget()
    assert menu.actions()[0].text() == "Reset to default"
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert name not in stored(panel)


def test_a_problem_of_validation_is_shown_at_its_field(panel):
    problem = Problem("error", "Column “x” doesn't exist.", "Did you mean “age”?", "everything")
    panel.show_problems({"everything": [replace(problem, parameter="label")]})
    assert "Did you mean “age”?" in panel.fields["label"].message.text()
    panel.show_problems({})
    assert not panel.fields["label"].message.isVisible()
    panel.show_problems({"everything": [problem]})
    assert panel.page.message.isVisible()


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.7, "1.7 isn't a number from 0 to 1."), ("", "Empty; enter a number from 0 to 1.")],
)
def test_what_is_wrong_under_a_field_does_not_repeat_its_title(window, value, said, qtbot):
    window.modules.add_at_center("split_data")
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", value))
    field = window.properties.fields["fraction"]
    row = window.problems.list.topLevelItem

    def shown() -> bool:
        return row(0) is not None and field.label.text() in row(0).text(2)

    qtbot.waitUntil(shown, timeout=60_000)
    qtbot.waitUntil(lambda: field.message.text() == said)
    assert row(0).text(1) == "Enter a number from 0 to 1."


def test_binding_to_a_pipeline_parameter_and_back(panel):
    document = panel.document
    document.apply("Add", lambda p: edits.add_parameter(p, PipelineParameter("n", "integer", 7)))
    field = panel.fields["count"]
    field._fill_menu()
    action = next(a for a in field._menu.actions() if "“n”" in a.text())
    action.trigger()
    assert stored(panel) == {"count": {"$parameter": "n"}}
    assert not field.editor.isVisible()
    assert "“n”" in field.bound.text()
    field._fill_menu()
    next(a for a in field._menu.actions() if a.text() == "Unbind from pipeline parameter").trigger()
    assert stored(panel) == {"count": 7}
    assert field.editor.isVisible()


def test_a_new_pipeline_parameter_takes_the_value_over(panel):
    type_into(panel.fields["count"].editor.box.lineEdit(), "8")
    field = panel.fields["count"]
    field._fill_menu()
    next(a for a in field._menu.actions() if a.text().startswith("New pipeline")).trigger()
    parameter = panel.document.pipeline.parameters["count"]
    assert (parameter.type, parameter.default) == ("integer", 8)
    assert stored(panel) == {"count": {"$parameter": "count"}}


def test_several_nodes_are_summed_up(panel):
    panel.document.apply("Add", lambda p: edits.add_node(p, "everything")[0])
    panel.show_selection(["everything", "everything_2"])
    # All of them, as the nodes are of one module.
    assert set(panel.fields) == {p.name for p in SPECS["everything"].parameters}
    assert "2 modules" in _texts(panel)


@pytest.mark.parametrize("kind", ["note", "description"])
def test_several_letters_can_be_typed_into_a_note_or_the_description(panel, kind):
    panel.document.apply("Note", lambda p: edits.add_note(p)[0])
    panel.show_selection(["note"] if kind == "note" else [])
    panel.page.text.setFocus()
    for letter in "abc":
        QTest.keyClicks(QApplication.focusWidget(), letter)
    pipeline = panel.document.pipeline
    assert (pipeline.notes["note"].text if kind == "note" else pipeline.description) == "abc"


def test_an_unknown_module_keeps_its_parameters(panel):
    panel.document.apply(
        "Add", lambda p: edits.add_node(p, "from_elsewhere", parameters={"x": 1})[0]
    )
    panel.show_selection(["from_elsewhere"])
    assert "isn't installed" in _texts(panel)
    assert panel.document.pipeline.nodes["from_elsewhere"].parameters == {"x": 1}


def test_the_comment_is_edited(panel):
    type_into(panel.page.comment, "why")
    assert panel.document.pipeline.nodes["everything"].comment == "why"
    assert panel.document.undo_stack.undoText() == "Change comment"


@pytest.mark.long
def test_every_module_of_the_catalogue_has_a_panel(qtbot, catalog):
    document = Document(catalog)
    for name in catalog:
        document.apply("Add", lambda p, name=name: edits.add_node(p, name)[0])
    panel = Properties(document, catalog)
    qtbot.addWidget(panel)
    panel.show()
    for name, node in document.pipeline.nodes.items():
        panel.show_selection([name])
        assert list(panel.fields) == [p.name for p in catalog[node.module].parameters]
    assert document.undo_stack.count() == len(catalog), "showing a node edited it"
    panel._error_timer.stop()
    document.close()


def _texts(panel) -> str:

    return " ".join(label.text() for label in panel.widget().findChildren(QLabel))


def test_the_delay_is_short_enough_to_feel_immediate():
    assert properties_module.ERROR_DELAY <= 600


def test_a_long_name_is_wrapped_and_a_long_comment_shows_its_beginning(panel):
    name = "a_rather_long_name_of_a_node_that_does_not_fit_into_a_line"
    panel.document.apply("Rename", lambda p: edits.rename_node(p, "everything", name))
    panel.document.apply("Comment", lambda p: edits.set_comment(p, name, "Words" * 60))
    panel.show_selection([name])
    QApplication.processEvents()
    (shown,) = (
        each for each in panel.findChildren(QLabel) if each.text().replace("\u200b", "") == name
    )
    assert shown.fontMetrics().horizontalAdvance(name) > shown.width()
    assert shown.height() >= 2 * shown.fontMetrics().height()
    assert panel.page.comment.cursorPosition() == 0


def test_a_page_with_values_to_try_doesnt_take_the_focus(window):
    """Its buttons were windows for a moment."""
    shown = []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and watched.isWindow():
                shown.append(watched)
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    window.document.apply("Add", lambda p: edits.add_node(p, "two_class_boosted_decision_tree")[0])
    window.canvas.select(["two_class_boosted_decision_tree"])
    QApplication.processEvents()
    QApplication.instance().removeEventFilter(watch)
    assert shown == []
