"""Runs in the window: progress, results, what has become stale."""

from __future__ import annotations

import functools

import pytest
from modal_desk import in_dialog
from PySide6.QtTest import QTest
from run_desk import LONG, run, show, splitting, states

from designer.pipeline import edits
from designer.pipeline.model import Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


def test_a_run_shows_states_results_and_a_record(window, qtbot):
    show(window, splitting())
    assert run(window, qtbot) == "completed"
    assert set(states(window).values()) <= {"completed", "reused"}
    assert window.controller.output("split_data", "results_dataset1").rows == 2
    assert "in" in window.status.run.text()
    window.canvas.select(["split_data"])
    assert window.properties.page.card.isVisible()
    assert "2 × 2" in " ".join(
        window.properties.page.card._outputs.itemAt(i).widget().text() for i in range(2)
    )


def test_a_changed_parameter_makes_results_stale_and_undo_brings_them_back(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.canvas.select(["split_data"])
    line = window.properties.fields["fraction"].editor.box.lineEdit()
    line.selectAll()
    QTest.keyClicks(line, "0.75")
    qtbot.waitUntil(lambda: states(window)["split_data"] == "stale")
    assert states(window)["enter_data_manually"] in ("completed", "reused")
    assert "changed since" in window.properties.page.card.status.text()
    window.edits.undo()
    qtbot.waitUntil(lambda: states(window)["split_data"] in ("completed", "reused"))


def test_a_second_run_computes_only_what_changed(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    # A fraction of its own: what other tests have run is in the store.
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.3))
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


def test_columns_of_a_run_reach_the_column_fields(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    qtbot.waitUntil(
        lambda: window.known.at_input("split_data", "dataset") is not None, timeout=LONG
    )
    names = [column.name for column in window.known.at_input("split_data", "dataset")]
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


def test_values_of_pipeline_parameters_are_asked_for_and_remembered(window, qtbot):
    from designer.app.dialogs.run_values import RunValues
    from designer.pipeline.model import PipelineParameter

    pipeline = edits.add_parameter(splitting(), PipelineParameter("share", "number", 0.5))
    show(window, edits.bind_parameter(pipeline, "split_data", "fraction", "share"))
    seen = []

    def answer(dialog: RunValues, text: str) -> None:
        field = dialog.fields["share"]
        seen.append(field.text())
        field.setText("lots")
        dialog.accept()
        seen.append(dialog.message.text())
        field.setText(text)
        dialog.accept()

    for text, rows in (("0.25", 1), ("0.75", 3)):
        in_dialog(RunValues, functools.partial(answer, text=text))
        assert run(window, qtbot) == "completed"
        assert window.controller.output("split_data", "results_dataset1").rows == rows
    assert seen == [
        "0.5",
        "share: “lots” isn't a number.",
        "0.25",
        "share: “lots” isn't a number.",
    ]
    assert window.document.pipeline.parameters["share"].default == 0.5


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
