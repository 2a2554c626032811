"""Runs that fail, and what is wrong before one starts."""

from __future__ import annotations

import pytest
from modal_desk import in_dialog
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, scripting, show, splitting, states

from designer.app.document.labels import without_start
from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.model import Endpoint

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


def listed(window) -> list[str]:
    """Return the problems as they stand in their panel."""
    tree = window.problems.list
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def test_what_a_step_warns_of_is_among_the_problems_until_it_changes(window, qtbot):
    script = (
        "from modules.contract.context import warn\n"
        "def azureml_main(a=None, b=None):\n"
        "    warn('Half of the rows are odd.')\n"
        "    return a,\n"
    )
    show(window, scripting(script))
    assert run(window, qtbot) == "completed"
    qtbot.waitUntil(lambda: bool(listed(window)), timeout=LONG)
    assert "Half of the rows are odd." in listed(window)[0]
    card = window.canvas.graph.nodes["execute_python_script"]
    assert card.severity == "warning"
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "execute_python_script", "script", script + "\n")
    )
    qtbot.waitUntil(lambda: not listed(window), timeout=LONG)


def test_a_failure_is_on_the_node_in_the_panel_and_in_the_log(window, qtbot):
    script = (
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    print('so far')\n"
        "    raise ValueError('too many wheels')\n"
    )
    show(window, scripting(script))
    assert run(window, qtbot) == "failed"
    assert states(window)["execute_python_script"] == "failed"
    assert "too many wheels" in window.bar.text.text()
    assert "Traceback" not in window.bar.text.text()
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert window.canvas.selection() == ["execute_python_script"]
    assert "too many wheels" in window.properties.page.card.message.text()
    QTest.mouseClick(window.properties.page.card.log, Qt.MouseButton.LeftButton)
    assert "so far" in window.log.text.toPlainText()
    assert window.log.isVisible()


RAISES = "def azureml_main(a=None, b=None):\n    raise ValueError('{}')\n"


def test_the_message_of_a_failure_goes_once_its_cause_is_undone(window, qtbot):
    show(window, scripting("def azureml_main(a=None, b=None):\n    return a,\n"))
    window.edits.apply(
        "Set",
        lambda p: edits.set_parameter(
            p, "execute_python_script", "script", RAISES.format("too many wheels")
        ),
    )
    assert run(window, qtbot) == "failed"
    assert "too many wheels" in window.bar.text.text()
    window.canvas.setFocus()
    QTest.keyClick(window.canvas.viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.bar.isVisible(), timeout=LONG)


def test_the_message_of_a_failure_stays_while_something_else_is_edited(window, qtbot):
    show(window, scripting(RAISES.format("too few wheels")))
    assert run(window, qtbot) == "failed"
    window.edits.apply("Add", lambda p: edits.add_node(p, "join_data")[0])
    with qtbot.waitSignal(window.runs.states_changed, timeout=LONG):
        pass
    assert "too few wheels" in window.bar.text.text()
    assert window.bar.isVisible()


def test_the_line_of_a_script_that_failed_is_marked_until_the_script_changes(window, qapp, qtbot):
    script = "def azureml_main(a=None, b=None):\n    x = 1\n    raise ValueError(x)\n"
    show(window, scripting(script))
    run(window, qtbot)
    window.canvas.select(["execute_python_script"])
    code = window.properties.fields["script"].editor.code
    qtbot.waitUntil(lambda: code.error_line == 3)
    theme.apply(qapp, "dark")
    code = window.properties.fields["script"].editor.code
    assert code.error_line == 3
    code.setFocus()
    code.moveCursor(code.textCursor().MoveOperation.End)
    QTest.keyClicks(code, "y")
    qtbot.waitUntil(lambda: code.error_line is None, timeout=LONG)


@pytest.mark.parametrize("way", ["bar", "list"])
def test_the_way_to_a_failed_script_ends_in_the_line(window, qtbot, way):
    lines = ["    pass"] * 60
    lines[40] = "    raise ValueError('here')"
    show(window, scripting("\n".join(["def azureml_main(a=None, b=None):", *lines])))
    window.window().resize(1000, 520)
    run(window, qtbot)
    if way == "bar":
        QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    else:
        window.navigation.show_panel("problems")
        tree = window.problems.list
        rows = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
        (row,) = [each for each in rows if "here" in each.text(0)]
        place = tree.visualItemRect(row).center()
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    code = window.properties.fields["script"].editor.code
    assert QApplication.focusWidget() is code
    assert code.error_line == code.textCursor().blockNumber() + 1 == 42
    assert code.viewport().rect().contains(code.cursorRect().center())
    panel = window.properties.viewport()
    place = code.viewport().mapTo(window, code.cursorRect().center())
    assert panel.rect().translated(panel.mapTo(window, QPoint(0, 0))).contains(place)


def test_undo_in_a_script_takes_back_what_the_larger_window_did(window, qtbot):
    from designer.app.dialogs.code_dialog import CodeDialog

    script = "def azureml_main(a=None, b=None):\n    return a,\n"
    show(window, scripting(script))
    window.canvas.select(["execute_python_script"])
    editor = window.properties.fields["script"].editor

    def write(dialog: CodeDialog) -> None:
        dialog.code.setPlainText("changed = 1\n")
        dialog.accept()

    in_dialog(CodeDialog, write)
    QTest.mouseClick(editor.larger, Qt.MouseButton.LeftButton)
    node = "execute_python_script"
    assert window.document.pipeline.nodes[node].parameters["script"] == "changed = 1\n"
    with qtbot.waitActive(window):
        window.activateWindow()
    editor.code.setFocus()
    QTest.keyClick(editor.code, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.pipeline.nodes[node].parameters["script"] == script
    QTest.keyClick(
        editor.code,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert window.document.pipeline.nodes[node].parameters["script"] == "changed = 1\n"


def test_errors_are_shown_before_the_run_and_it_can_start_anyway(window, qtbot):
    pipeline, _ = edits.add_node(splitting(), "dataset", position=(300, 0))
    show(window, pipeline)
    qtbot.waitUntil(lambda: bool(window.checker.problems))
    window.actions_by_id["run"].trigger()
    assert not window.controller.running
    assert "Dataset: no file is chosen" in window.bar.text.text()
    anyway = next(b for b in window.bar.buttons if b.text() == "Run anyway")
    status = run(window, qtbot, lambda: QTest.mouseClick(anyway, Qt.MouseButton.LeftButton))
    assert status == "failed"
    assert window.controller.results["split_data"].status in ("completed", "reused")
    assert window.controller.results["dataset"].status == "failed"


def test_errors_told_before_a_run_are_told_no_longer_when_they_are_mended(window, qtbot):
    pipeline, name = edits.add_node(splitting(), "dataset", position=(300, 0))
    show(window, pipeline)
    qtbot.waitUntil(lambda: bool(window.checker.problems))
    window.actions_by_id["run"].trigger()
    assert window.bar.isVisible()
    window.canvas.select([name])
    window.actions_by_id["delete"].trigger()
    qtbot.waitUntil(lambda: not window.bar.isVisible())


def test_a_pipeline_that_can_not_be_planned_is_explained(window, qtbot):
    from dataclasses import replace

    from designer.pipeline.model import Link

    pipeline = splitting()
    back = Link(Endpoint("split_data", "results_dataset1"), Endpoint("split_data", "dataset"))
    show(window, replace(pipeline, links=(back,)))
    assert run(window, qtbot, lambda: window.runs.start([], anyway=True)) == "failed"
    assert "cycle" in window.bar.text.text()
    assert window.actions_by_id["run"].isEnabled()


def test_a_failure_says_once_of_which_step_it_is(window, qtbot):
    pipeline = edits.set_parameter(splitting(), "split_data", "colour", 1)
    show(window, pipeline)
    assert run(window, qtbot, lambda: window.runs.start([], anyway=True)) == "failed"
    assert window.bar.text.text() == "Split Data: has no parameter “colour”."
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert window.canvas.selection() == ["split_data"]
    # The title stands above.
    assert window.properties.page.card.message.text() == "Has no parameter “colour”."
    qtbot.waitUntil(lambda: bool(listed(window)), timeout=LONG)
    assert listed(window) == ["Has no parameter “colour”."]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Split Data stopped with KeyError: 'a'.", "Stopped with KeyError: 'a'."),
        ("Split Data: no rows are left.", "No rows are left."),
        ("Split Data “a” is gone.", "Split Data “a” is gone."),
        ("Split Database is gone.", "Split Database is gone."),
        ("No rows are left.", "No rows are left."),
        ("Split Data: azureml_main returned nothing.", "azureml_main returned nothing."),
    ],
)
def test_only_a_title_at_the_beginning_is_taken_out_of_a_sentence(said, left):
    assert without_start(said, "Split Data") == left
    assert without_start(said, "") == said
