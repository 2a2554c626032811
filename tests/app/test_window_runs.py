"""Runs in the window: progress, results, failure, cancelling, what has become stale."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import TABLE

from designer.app import theme
from designer.app.event_mail import LINES_AT_ONCE
from designer.app.node_keys import node_keys
from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

LONG = 60_000
"""Milliseconds that a run may take on a busy machine."""


pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory, catalog):
    """An engine for these tests alone, for the same reason."""
    engine = Engine(Workspace(tmp_path_factory.mktemp("runs")), catalog, workers=2)
    yield engine
    engine.close()


def splitting() -> Pipeline:
    pipeline, data = edits.add_node(
        Pipeline(), "enter_data_manually", position=(0, 0), parameters=TABLE
    )
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 150))
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))


def scripting(script: str) -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    pipeline, node = edits.add_node(
        pipeline, "execute_python_script", position=(0, 150), parameters={"script": script}
    )
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(node, "dataset1"))


def show(window, pipeline: Pipeline) -> None:
    window.document.apply("Insert", lambda _: pipeline)
    window.checker.check_now()


def run(window, qtbot, start=None) -> str:
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        (start or window.actions_by_id["run"].trigger)()
    return finished.args[0]


def listed(window) -> list[str]:
    """Return the problems as they stand in their panel."""
    tree = window.problems.list
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def states(window) -> dict[str, str]:
    return {name: item.state.status for name, item in window.canvas.graph.nodes.items()}


def test_a_run_shows_states_results_and_a_record(window, qtbot):
    show(window, splitting())
    assert run(window, qtbot) == "completed"
    assert set(states(window).values()) <= {"completed", "reused"}
    assert window.controller.output("split_data", "results_dataset1").rows == 2
    assert "in" in window.status.run.text()
    window.canvas.select(["split_data"])
    assert window.properties._card.isVisible()
    assert "2 × 2" in " ".join(
        window.properties._card._outputs.itemAt(i).widget().text() for i in range(2)
    )


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


def test_the_window_keeps_answering_while_a_run_works(window, qtbot):
    script = (
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    total = sum(i * i for i in range(6_000_000))\n"
        "    return dataframe1.assign(total=float(total % 7)),\n"
    )
    show(window, scripting(script))
    ticks = []
    between = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(len(window.controller.progress)))
    window.controller.started.connect(lambda _: between.append(len(ticks)))
    window.controller.finished.connect(lambda *_: between.append(len(ticks)))
    timer.start(1)
    assert run(window, qtbot) == "completed"
    timer.stop()
    began, ended = between
    # The loop turned again and again between the run's first and last event.
    assert ended - began > 50


def test_a_changed_parameter_makes_results_stale_and_undo_brings_them_back(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.canvas.select(["split_data"])
    line = window.properties.fields["fraction"].editor.box.lineEdit()
    line.selectAll()
    QTest.keyClicks(line, "0.75")
    qtbot.waitUntil(lambda: states(window)["split_data"] == "stale")
    assert states(window)["enter_data_manually"] in ("completed", "reused")
    assert "changed since" in window.properties._card.status.text()
    window.edits.undo()
    qtbot.waitUntil(lambda: states(window)["split_data"] in ("completed", "reused"))


def test_a_second_run_computes_only_what_changed(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.25))
    run(window, qtbot)
    results = window.controller.results
    assert results["enter_data_manually"].status == "reused"
    assert results["split_data"].outputs["results_dataset1"].rows == 1
    assert "1 step reused" in window.status.run.text()


def test_run_to_here_leaves_the_rest_out(window, qtbot):
    show(window, splitting())
    window.canvas.select(["enter_data_manually"])
    assert run(window, qtbot, window.actions_by_id["run_to_here"].trigger) == "completed"
    assert set(window.controller.results) == {"enter_data_manually"}


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
    assert "too many wheels" in window.properties._card.message.text()
    QTest.mouseClick(window.properties._card.log, Qt.MouseButton.LeftButton)
    assert "so far" in window.log.text.toPlainText()
    assert window.log.isVisible()


def test_cancel_ends_a_run_that_would_never_end(window, qtbot):
    script = "def azureml_main(dataframe1=None, dataframe2=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    assert window.actions_by_id["cancel"].isEnabled()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    assert run(window, qtbot, window.actions_by_id["cancel"].trigger) == "cancelled"
    assert states(window)["execute_python_script"] == "cancelled"
    assert window.actions_by_id["run"].isEnabled()


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
    window.resize(1000, 520)
    run(window, qtbot)
    if way == "bar":
        QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    else:
        window.raise_panel("problems")
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

    def write() -> None:
        (dialog,) = window.findChildren(CodeDialog)
        dialog.code.setPlainText("changed = 1\n")
        dialog.accept()

    QTimer.singleShot(200, write)
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


def test_what_was_said_about_cancelling_goes_when_the_run_is_over(window, qtbot):
    script = "def azureml_main(dataframe1=None, dataframe2=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)

    def cancel() -> None:
        window.actions_by_id["cancel"].trigger()
        assert window.statusBar().currentMessage() == "Cancelling…"

    assert run(window, qtbot, cancel) == "cancelled"
    assert window.statusBar().currentMessage() == ""
    assert window.status.run.text().startswith("Cancelled in ")


def test_a_flood_of_lines_does_not_drown_the_window(window, qtbot):
    script = (
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    for i in range(200_000):\n"
        "        print('line', i)\n"
        "    return dataframe1,\n"
    )
    show(window, scripting(script))
    most = []
    window.controller.logged.connect(lambda lines: most.append(len(lines)))
    assert run(window, qtbot) == "completed"
    assert max(most) <= LINES_AT_ONCE
    window.log.show_node("execute_python_script")
    assert "line 199999" in window.log.text.toPlainText()


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


def test_visualize_offers_to_run_and_then_opens_the_result(window, qtbot):
    show(window, splitting())
    window.runs.show_output("split_data", "results_dataset1")
    assert [button.text() for button in window.bar.buttons] == ["Run to here"]
    run(
        window,
        qtbot,
        lambda: QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton),
    )
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (view,) = window.runs.result_windows()
    assert "Split Data" in view.windowTitle()
    assert not view.isModal()


def double_click(window, node: str, port: str | None = None) -> None:
    """Double-click on a card, or on one of its outputs."""
    item = window.canvas.graph.nodes[node]
    place = item.mapToScene(80, 15) if port is None else item.pos() + item.port(port, True).place
    view = window.canvas.viewer
    at = view.mapFromScene(place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_double_click_on_a_finished_card_shows_its_first_output(window, qtbot):
    show(window, splitting())
    double_click(window, "split_data")
    assert not window.runs.result_windows()
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    assert "Double-click" not in window.canvas.graph.nodes["split_data"].tooltip()
    run(window, qtbot)
    assert "Double-click to see the result" in window.canvas.graph.nodes["split_data"].tooltip()
    double_click(window, "split_data")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    double_click(window, "split_data", "results_dataset2")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 2, timeout=LONG)
    titles = [each.windowTitle() for each in window.runs.result_windows()]
    assert ["dataset1" in title for title in titles] == [True, False]
    for each in window.runs.result_windows():
        each.close()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.75))
    double_click(window, "split_data")
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    assert not window.runs.result_windows()


def test_a_double_click_on_a_learner_edits_it_and_on_a_model_shows_it(window, qtbot):
    pipeline, data = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a,b\n1,2\n2,4\n3,6\n4,9\n"}
    )
    pipeline, learner = edits.add_node(pipeline, "linear_regression", position=(300, 0))
    label = {"label_column": ["b"]}
    pipeline, train = edits.add_node(pipeline, "train_model", position=(0, 150), parameters=label)
    pipeline = edits.connect(
        pipeline, Endpoint(learner, "untrained_model"), Endpoint(train, "untrained_model")
    )
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(train, "dataset"))
    show(window, pipeline)
    assert run(window, qtbot) == "completed"
    double_click(window, "linear_regression")
    assert not window.runs.result_windows()
    assert window.properties.node == "linear_regression"
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    double_click(window, "train_model")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)


def test_a_view_that_is_closed_early_does_not_hold_up_the_next(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    for _ in range(2):
        window.runs.show_output("split_data", "results_dataset1")
        qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
        window.runs.result_windows()[0].close()
    assert window.controller.engine().result().call(len, "abc").result(timeout=10) == 3


def test_columns_of_a_run_reach_the_column_fields(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    qtbot.waitUntil(lambda: window.input_columns("split_data", "dataset") is not None, timeout=LONG)
    names = [column.name for column in window.input_columns("split_data", "dataset")]
    assert names == ["a", "b"]


def test_the_results_of_a_file_are_there_when_it_is_opened_again(window, qtbot, tmp_path):
    show(window, splitting())
    window.document.save(tmp_path / "p.pipeline.json")
    run(window, qtbot)
    window.files.new()
    assert window.controller.results == {}
    window.files.open_path(tmp_path / "p.pipeline.json")
    qtbot.waitUntil(lambda: len(window.controller.results) == 2, timeout=LONG)
    assert states(window)["split_data"] in ("completed", "reused")
    qtbot.waitUntil(lambda: window.run_list.list.topLevelItemCount() == 1, timeout=LONG)


def test_leaving_during_a_run_asks_and_ends_it(window, qtbot, answer):
    script = "def azureml_main(a=None, b=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    handle = window.controller._handle
    window.document.undo_stack.setClean()
    answer("Cancel")
    window.files.new()
    answer("Cancel")
    assert not window.close()
    assert window.controller.running
    asked = answer("End the run")
    assert window.close()
    assert asked == ["A run of “Untitled” is going on."] * 3
    assert handle.wait(20) is not None
    assert handle.wait(0).status == "cancelled"


def test_a_node_key_follows_what_decides_the_result(tmp_path):
    before = splitting()
    keys = node_keys(before, tmp_path)
    moved = edits.set_comment(edits.move(before, {"split_data": (9, 9)}), "split_data", "x")
    assert node_keys(moved, tmp_path) == keys
    changed = edits.set_parameter(before, "enter_data_manually", "header", False)
    assert node_keys(changed, tmp_path)["split_data"] != keys["split_data"]
    alone = edits.disconnect(before, before.links)
    assert node_keys(alone, tmp_path)["split_data"] != keys["split_data"]
    assert node_keys(alone, tmp_path)["enter_data_manually"] == keys["enter_data_manually"]


@pytest.mark.parametrize("count", [3000])
def test_keys_of_a_large_pipeline_are_quick_to_make(tmp_path, count):
    pipeline = Pipeline()
    nodes, links = dict(pipeline.nodes), []
    template = splitting().nodes["split_data"]
    from dataclasses import replace

    from designer.pipeline.model import Link

    for number in range(count):
        name = f"n{number}"
        nodes[name] = replace(template, id=name)
        if number:
            links.append(
                Link(Endpoint(f"n{number - 1}", "results_dataset1"), Endpoint(name, "dataset"))
            )
    pipeline = replace(pipeline, nodes=nodes, links=tuple(links))
    assert len(set(node_keys(pipeline, tmp_path).values())) == count


def test_opening_another_pipeline_ends_the_run(window, qtbot, answer):
    show(window, scripting("def azureml_main(a=None, b=None):\n    while True:\n        pass\n"))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    handle = window.controller._handle
    window.document.undo_stack.setClean()
    answer("End the run")
    window.files.new()
    assert not window.controller.running
    assert handle.wait(20).status == "cancelled"
    show(window, splitting())
    assert run(window, qtbot) == "completed"
    assert set(window.controller.results) == {"enter_data_manually", "split_data"}


def test_a_pipeline_that_can_not_be_planned_is_explained(window, qtbot):
    from dataclasses import replace

    from designer.pipeline.model import Link

    pipeline = splitting()
    back = Link(Endpoint("split_data", "results_dataset1"), Endpoint("split_data", "dataset"))
    show(window, replace(pipeline, links=(back,)))
    assert run(window, qtbot, lambda: window.runs.start([], anyway=True)) == "failed"
    assert "cycle" in window.bar.text.text()
    assert window.actions_by_id["run"].isEnabled()


def test_values_of_pipeline_parameters_are_asked_for_and_remembered(window, qtbot):
    from designer.app.dialogs.run_values import RunValues
    from designer.pipeline.model import PipelineParameter

    pipeline = edits.add_parameter(splitting(), PipelineParameter("share", "number", 0.5))
    show(window, edits.bind_parameter(pipeline, "split_data", "fraction", "share"))
    seen = []

    def answer(text: str) -> None:
        dialog = next(w for w in window.findChildren(RunValues) if w.isVisible())
        field = dialog.fields["share"]
        seen.append(field.text())
        field.setText("lots")
        dialog.accept()
        seen.append(dialog.message.text())
        field.setText(text)
        dialog.accept()

    for text, rows in (("0.25", 1), ("0.75", 3)):
        QTimer.singleShot(200, lambda text=text: answer(text))
        assert run(window, qtbot) == "completed"
        assert window.controller.output("split_data", "results_dataset1").rows == rows
    assert seen == [
        "0.5",
        "share: “lots” is not a number.",
        "0.25",
        "share: “lots” is not a number.",
    ]
    assert window.document.pipeline.parameters["share"].default == 0.5


def test_code_runs_on_a_sample_only_after_the_person_agreed(window, qtbot, tmp_path):
    mark = tmp_path / "ran"
    script = (
        "def azureml_main(a=None, b=None):\n"
        f"    open({str(mark)!r}, 'a').close()\n"
        "    return a.assign(fresh=1),\n"
    )
    pipeline, split = edits.add_node(scripting(script), "split_data")
    pipeline = edits.connect(
        pipeline, Endpoint("execute_python_script", "result_dataset"), Endpoint(split, "dataset")
    )
    show(window, pipeline)
    qtbot.waitUntil(lambda: "unknown until it runs" in window.bar.text.text(), timeout=LONG)
    qtbot.waitUntil(lambda: bool(window.checker.columns), timeout=LONG)
    assert not mark.exists()
    assert "“" not in window.bar.text.text()
    allow = next(button for button in window.bar.buttons if button.text() == "Allow")
    QTest.mouseClick(allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.input_columns(split, "dataset") is not None, timeout=LONG)
    assert "fresh" in [column.name for column in window.input_columns(split, "dataset")]
    assert mark.exists()
    file = tmp_path / "p.pipeline.json"
    window.files._save(file)
    window.files.new()
    assert not window.consent.given
    window.files.open_path(file)
    assert window.consent.given
    assert window.bar.isHidden()


def test_not_now_is_remembered_too(window, qtbot):
    pipeline, split = edits.add_node(
        scripting("def azureml_main(a, b):\n    return a,\n"), "split_data"
    )
    pipeline = edits.connect(
        pipeline, Endpoint("execute_python_script", "result_dataset"), Endpoint(split, "dataset")
    )
    show(window, pipeline)
    qtbot.waitUntil(lambda: not window.bar.isHidden(), timeout=LONG)
    later = next(button for button in window.bar.buttons if button.text() == "Not now")
    QTest.mouseClick(later, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.checker.checked, timeout=LONG):
        window.checker.check_now()
    assert window.bar.isHidden()


def test_result_windows_are_told_apart_and_close_with_the_keyboard(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.runs.show_output("split_data", "results_dataset1")
    window.runs.show_output("enter_data_manually", "dataset")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 2, timeout=LONG)
    first, second = window.runs.result_windows()
    assert first.windowTitle().startswith("Split Data (split_data), ")
    assert second.windowTitle() == "Enter Data Manually (enter_data_manually) – ModelDesk"
    assert first.pos() != second.pos()
    # The window system of the tests has a screen that is smaller than they would be.
    assert first.height() <= first.screen().availableGeometry().height()
    window.runs.show_output("split_data", "results_dataset1")
    QTest.qWait(200)
    assert window.runs.result_windows() == [first, second]
    QTest.keyClick(second, Qt.Key.Key_Escape)
    with qtbot.waitActive(first):
        first.activateWindow()
    QTest.keyClick(first, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.runs.result_windows() == [])


def test_results_stay_with_nodes_that_are_renamed_grouped_and_freed(window, qtbot):
    show(window, splitting())
    data, split = window.document.pipeline.nodes
    assert run(window, qtbot) == "completed"
    before = window.controller.output(split, "results_dataset1")
    window.document.apply("Rename", lambda p: edits.rename_node(p, split, "parts"))
    qtbot.waitUntil(lambda: states(window).get("parts") in ("completed", "reused"))

    window.canvas.select([data, "parts"])
    window.actions_by_id["group"].trigger()
    (group,) = window.document.pipeline.groups
    qtbot.waitUntil(lambda: states(window).get(f"{group}/parts") in ("completed", "reused"))
    assert window.controller.output(f"{group}/parts", "results_dataset1") == before
    window.edits.undo()
    window.edits.undo()
    qtbot.waitUntil(lambda: states(window).get(split) in ("completed", "reused"))
    assert window.controller.output(split, "results_dataset1") == before


def test_a_changed_node_of_another_name_has_no_result(window, qtbot):
    show(window, splitting())
    _, split = window.document.pipeline.nodes
    assert run(window, qtbot) == "completed"

    def change(pipeline: Pipeline) -> Pipeline:
        renamed = edits.rename_node(pipeline, split, "parts")
        return edits.set_parameter(renamed, "parts", "fraction", 0.1)

    window.document.apply("Change", change)
    window.runs.refresh()
    assert states(window)["parts"] == ""
