"""The property panel: editors for every kind of parameter, messages, undo."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field as Info
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit

from designer import paths
from designer.app.document import Document
from designer.app.panels import properties as properties_module
from designer.app.panels.properties import Properties
from designer.pipeline import edits, grouping
from designer.pipeline.model import Endpoint, PipelineParameter
from designer.pipeline.problem import Problem
from modules.contract import (
    ColumnRule,
    Columns,
    ColumnSelector,
    DataTable,
    PathOf,
    Script,
    Secret,
    Text,
    When,
    module,
)
from modules.contract.columns import Column
from modules.contract.specification import specification


@module("Everything", outputs=("out",))
def everything(
    data: DataTable,
    *,
    switch: bool = False,
    count: Annotated[int, Info(ge=1, le=10, title="How many")] = 5,
    share: Annotated[float, Info(ge=0, le=1)] = 0.5,
    maybe: Annotated[float | None, Info(gt=0)] = None,
    mode: Literal["rows", "columns"] = "rows",
    only_rows: Annotated[str, When(mode="rows")] = "",
    label: Annotated[ColumnSelector, Columns("data", single=True)] = ColumnSelector(),
    chosen: Annotated[ColumnSelector, Columns("data")] = ColumnSelector(),
    words: Annotated[str, Text()] = "",
    code: Annotated[str, Script("python")] = "a = 1\n",
    path: Annotated[str, PathOf("read", (".csv",))] = "",
    password: Annotated[str, Secret()] = "",
    plain: list[int] = [],  # noqa: B006
    encoding: str = "auto",
) -> DataTable:
    """Have one parameter of every kind.

    Parameters
    ----------
    count
        The number of things.
    """
    return data


SPECS = {"everything": replace(specification(everything), id="everything")}
KNOWN = [Column("age", "integer"), Column("name", "string"), Column("price", "number", "label")]


@pytest.fixture
def panel(qtbot, tmp_path):
    document = Document(SPECS)
    document.apply("Add", lambda p: edits.add_node(p, "everything")[0])
    panel = Properties(document, SPECS, lambda node, port: KNOWN if port == "data" else None)
    qtbot.addWidget(panel)
    panel.resize(320, 1400)
    panel.show_selection(["everything"])
    panel.show()
    panel.activateWindow()
    qtbot.waitExposed(panel)
    panel.document = document
    yield panel
    panel._rest.stop()
    document.close()


def stored(panel) -> dict[str, Any]:
    return dict(panel.document.pipeline.nodes["everything"].parameters)


def type_into(widget, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    QTest.keyClicks(widget, text)


def test_there_is_a_field_for_every_parameter_in_order(panel):
    assert list(panel.fields) == [p.name for p in SPECS["everything"].parameters]
    assert panel.fields["count"].label.text() == "How many"


def test_a_check_box_sets_and_takes_back(panel):
    box = panel.fields["switch"].editor.box
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().topLeft() + _inside(box))
    assert stored(panel) == {"switch": True}
    assert panel.fields["switch"].reset.isVisible()
    QTest.mouseClick(panel.fields["switch"].reset, Qt.MouseButton.LeftButton)
    assert stored(panel) == {}
    assert not box.isChecked()


def _inside(box):
    from PySide6.QtCore import QPoint

    return QPoint(8, box.height() // 2)


def test_typing_a_number_is_one_step_of_undo(panel):
    type_into(panel.fields["count"].editor.box.lineEdit(), "10")
    assert stored(panel) == {"count": 10}
    assert panel.document.undo_stack.undoText() == "Set how many"
    panel.document.undo_stack.undo()
    assert stored(panel) == {}
    assert panel.fields["count"].editor.box.value() == 5


def test_leaving_a_field_ends_the_step(panel):
    line = panel.fields["count"].editor.box.lineEdit()
    type_into(line, "6")
    panel.fields["share"].editor.box.setFocus()
    QApplication.processEvents()
    type_into(line, "7")
    panel.document.undo_stack.undo()
    assert stored(panel) == {"count": 6}


def test_arrows_step_sensibly_and_stay_within_the_limits(panel):
    box = panel.fields["share"].editor.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert stored(panel)["share"] == 0.55
    for _ in range(15):
        QTest.keyClick(box, Qt.Key.Key_Up)
    assert stored(panel)["share"] == 1.0
    count = panel.fields["count"].editor.box
    count.setFocus()
    for _ in range(9):
        QTest.keyClick(count, Qt.Key.Key_Down)
    assert stored(panel)["count"] == 1


def test_what_is_no_number_is_kept_and_explained(panel, qtbot):
    line = panel.fields["count"].editor.box.lineEdit()
    type_into(line, "many")
    field = panel.fields["count"]
    assert not field.message.isVisible()
    qtbot.waitUntil(lambda: field.message.isVisible(), timeout=3000)
    assert "“many” is not a whole number" in field.message.text()
    assert line.text() == "many"
    assert stored(panel) == {"count": "many"}
    panel.show_selection([])
    panel.show_selection(["everything"])
    assert panel.fields["count"].editor.box.lineEdit().text() == "many"
    assert panel.fields["count"].message.isVisible()


def test_a_number_outside_of_the_limits_names_them(panel, qtbot):
    type_into(panel.fields["count"].editor.box.lineEdit(), "99")
    panel.fields["share"].editor.box.setFocus()
    assert "from 1 to 10" in panel.fields["count"].message.text()


def test_an_optional_number_can_be_not_set(panel):
    line = panel.fields["maybe"].editor.box.lineEdit()
    assert line.placeholderText() == "Not set"
    type_into(line, "2.5")
    assert stored(panel) == {"maybe": 2.5}
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert stored(panel) == {}


def test_a_parameter_that_does_not_apply_is_hidden(panel):
    assert panel.fields["only_rows"].isVisible()
    box = panel.fields["mode"].editor.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert stored(panel) == {"mode": "columns"}
    assert not panel.fields["only_rows"].isVisible()


def test_a_click_into_the_empty_column_field_opens_the_list(panel, qtbot):
    editor = panel.fields["label"].editor
    assert [editor.box.itemText(i) for i in range(editor.box.count())] == ["age", "name", "price"]
    QTest.mouseClick(editor.line, Qt.MouseButton.LeftButton)
    view = editor.box.view()
    qtbot.waitUntil(view.isVisible)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert stored(panel) == {"label": [editor.box.currentText()]}
    assert editor.box.currentText() in ("age", "name")


def test_half_a_column_name_is_no_value_yet(panel, qtbot):
    editor = panel.fields["label"].editor
    type_into(editor.line, "pri")
    popup = editor.box.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert popup.model().rowCount() == 1
    assert stored(panel) == {}
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert editor.line.text() == ""
    type_into(editor.line, "price")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert stored(panel) == {"label": ["price"]}


def test_a_typed_column_is_taken_over_when_the_field_is_left_or_the_file_saved(panel):
    editor = panel.fields["label"].editor
    type_into(editor.line, "weight")
    editor.box.completer().popup().hide()
    panel.fields["share"].editor.box.setFocus()
    QApplication.processEvents()
    assert stored(panel) == {"label": ["weight"]}
    type_into(editor.line, "height")
    panel.commit()
    assert stored(panel) == {"label": ["height"]}
    panel.document.undo_stack.undo()
    assert editor.line.text() == "weight"


def test_what_is_automatic_is_an_empty_field(panel):
    field = panel.fields["encoding"]
    assert field.editor.line.text() == ""
    assert field.editor.line.placeholderText() == "Auto"
    type_into(field.editor.line, "cp1252")
    assert stored(panel) == {"encoding": "cp1252"}
    field.editor.line.selectAll()
    QTest.keyClick(field.editor.line, Qt.Key.Key_Delete)
    assert stored(panel) == {}


def test_a_required_value_that_is_missing_is_an_error_like_everywhere(panel):
    problem = Problem("error", "Needed.", "", "everything", parameter="path")
    panel.show_problems({"everything": [problem]})
    assert panel.fields["path"].message.property("role") == "error"


def test_a_rule_is_summed_up_in_words(panel):
    field = panel.fields["chosen"]
    rules = ColumnSelector((ColumnRule("types", ("string",)),)).to_json()
    panel.document.apply("Set", lambda p: edits.set_parameter(p, "everything", "chosen", rules))
    assert field.editor.summary.text() == "All text columns"


def test_text_of_several_lines_and_scripts(panel):
    words = panel.fields["words"].editor.text
    words.setFocus()
    QTest.keyClicks(words, "one")
    QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClicks(words, "two")
    assert stored(panel) == {"words": "one\ntwo"}
    code = panel.fields["code"].editor.code
    code.setFocus()
    code.selectAll()
    QTest.keyClicks(code, "if a:")
    QTest.keyClick(code, Qt.Key.Key_Return)
    QTest.keyClicks(code, "b")
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert stored(panel)["code"] == "if a:\n    b   "


def test_undo_belongs_to_the_document_while_a_field_has_the_focus(panel):
    type_into(panel.fields["only_rows"].editor.line, "abc")
    assert stored(panel) == {"only_rows": "abc"}
    panel.document.undo_stack.undo()
    assert panel.fields["only_rows"].editor.line.text() == ""


def test_a_secret_is_stored_by_its_name_only(panel):
    type_into(panel.fields["password"].editor.line, "warehouse")
    assert stored(panel) == {"password": {"$secret": "warehouse"}}


def test_plain_data_is_json_and_what_is_none_is_explained(panel, qtbot):
    text = panel.fields["plain"].editor.text
    text.setFocus()
    text.selectAll()
    QTest.keyClicks(text, "[1, 2")
    panel.fields["share"].editor.box.setFocus()
    assert panel.fields["plain"].message.isVisible()
    text.setFocus()
    text.moveCursor(text.textCursor().MoveOperation.End)
    QTest.keyClicks(text, "]")
    assert stored(panel) == {"plain": [1, 2]}
    assert text.toPlainText() == "[1, 2]"


def test_browsing_begins_beside_the_pipeline_and_stores_a_relative_path(panel, tmp_path):
    panel.document.save(tmp_path / "a.pipeline.json")
    panel.show_selection([])
    panel.show_selection(["everything"])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a\n1\n")
    seen = []

    def choose() -> None:
        (dialog,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog))
        try:
            seen.append((dialog.windowTitle(), Path(dialog.directory().path())))
            seen.append([Path(url.toLocalFile()) for url in dialog.sidebarUrls()])
            name = dialog.findChild(QLineEdit, "fileNameEdit")
            name.setText(str(tmp_path / "data" / "x.csv"))
            QTest.keyClick(name, Qt.Key.Key_Return)
        finally:
            if dialog.isVisible():
                dialog.reject()

    QTimer.singleShot(300, choose)
    QTest.mouseClick(panel.fields["path"].editor.browse, Qt.MouseButton.LeftButton)
    assert seen[0] == ("Choose a file", tmp_path)
    assert paths.samples() / "data" in seen[1]
    assert stored(panel) == {"path": "data/x.csv"}
    assert panel.fields["path"].editor.line.text() == "data/x.csv"


def test_f1_shows_the_help_of_the_parameter(panel):
    field = panel.fields["count"]
    assert not field.explanation.isVisible()
    field.editor.box.setFocus()
    QTest.keyClick(field.editor.box, Qt.Key.Key_F1)
    assert field.explanation.isVisible()
    assert field.explanation.text() == "The number of things."


def test_a_problem_of_validation_is_shown_at_its_field(panel):
    problem = Problem("error", "There is no column “x”.", "Did you mean “age”?", "everything")
    panel.show_problems({"everything": [replace(problem, parameter="label")]})
    assert "Did you mean “age”?" in panel.fields["label"].message.text()
    panel.show_problems({})
    assert not panel.fields["label"].message.isVisible()
    panel.show_problems({"everything": [problem]})
    assert panel.node_message.isVisible()


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
    next(a for a in field._menu.actions() if a.text() == "Use a value of its own").trigger()
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
    assert panel.fields == {}
    assert "2 nodes" in _texts(panel)


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
    page = group._page
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
    assert group._page is page


def test_the_title_and_comment_of_a_group_are_written_in_one_step_each(group):
    page, stack = group._page, group.document.undo_stack
    before = stack.count()
    type_into(page.title, "Prepare")
    type_into(page.comment, "Cells that are empty")
    assert group._page is page
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
    page = group._page
    assert page.problems.texts() == [
        "Everything (clean/everything_3): Bad. Fix it.",
        "Everything (clean/everything_2): Old.",
    ]
    group.show_selection(["everything"])
    group.show_selection(["clean"])
    assert len(group._page.problems.texts()) == 2
    group.show_problems({})
    assert not group._page.problems.isVisible()


def test_a_group_with_its_members_is_one_thing_and_with_others_is_summed_up(group):
    group.show_selection(["clean/everything_2", "clean/everything_3", "clean"])
    assert group._page.title.text() == "Clean"
    group.show_selection(["everything", "clean"])
    texts = [each.text() for each in group.findChildren(QLabel)]
    assert "1 node and 1 group" in texts
    assert "Clean  ·  clean" in texts


def test_the_page_of_a_group_fits_the_narrowest_panel(group):
    group.resize(group.minimumWidth(), 900)
    QApplication.processEvents()
    assert group.widget().width() <= group.viewport().width()


def test_the_buttons_of_a_group_ask_for_commands(group, qtbot):
    for name, button in group._page.buttons.items():
        with qtbot.waitSignal(group.command_requested) as asked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [name]


def test_a_group_that_is_undone_leaves_the_pipelines_page(group):
    group.document.undo_stack.undo()
    assert not hasattr(group._page, "buttons")
    assert any(each.text() == "Description" for each in group.findChildren(QLabel))


@pytest.mark.parametrize("kind", ["note", "description"])
def test_several_letters_can_be_typed_into_a_note_or_the_description(panel, kind):
    panel.document.apply("Note", lambda p: edits.add_note(p)[0])
    panel.show_selection(["note"] if kind == "note" else [])
    panel._page.text.setFocus()
    for letter in "abc":
        QTest.keyClicks(QApplication.focusWidget(), letter)
    pipeline = panel.document.pipeline
    assert (pipeline.notes["note"].text if kind == "note" else pipeline.description) == "abc"


def test_an_unknown_module_keeps_its_parameters(panel):
    panel.document.apply(
        "Add", lambda p: edits.add_node(p, "from_elsewhere", parameters={"x": 1})[0]
    )
    panel.show_selection(["from_elsewhere"])
    assert "not known here" in _texts(panel)
    assert panel.document.pipeline.nodes["from_elsewhere"].parameters == {"x": 1}


def test_the_comment_is_edited(panel):
    type_into(panel.comment, "why")
    assert panel.document.pipeline.nodes["everything"].comment == "why"
    assert panel.document.undo_stack.undoText() == "Change comment"


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
    panel._rest.stop()
    document.close()


def _texts(panel) -> str:
    from PySide6.QtWidgets import QLabel

    return " ".join(label.text() for label in panel.widget().findChildren(QLabel))


def test_the_delay_is_short_enough_to_feel_immediate():
    assert properties_module.ERROR_DELAY <= 600
