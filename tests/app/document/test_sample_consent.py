"""The question whether a person's code may run on a sample while a pipeline is edited."""

from __future__ import annotations

import threading

from window_desk import TABLE

from designer.pipeline import edits, grouping
from designer.pipeline.model import Endpoint, Pipeline

LONG = 60_000
SCRIPT = "def azureml_main(a, b):\n    return a,\n"


def scripting() -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    pipeline, code = edits.add_node(
        pipeline, "execute_python_script", parameters={"script": SCRIPT}
    )
    pipeline, split = edits.add_node(pipeline, "split_data")
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(code, "dataset1"))
    return edits.connect(pipeline, Endpoint(code, "result_dataset"), Endpoint(split, "dataset"))


def test_what_a_run_has_shown_is_known_of_grouped_nodes_too(window, qtbot):
    window.document.apply("Insert", lambda _: scripting())
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.runs.start([], anyway=True)
    source = Endpoint("execute_python_script", "result_dataset")
    qtbot.waitUntil(lambda: source in window.checker.columns, timeout=LONG)
    window.document.apply(
        "Group", lambda p: grouping.group(p, ["execute_python_script", "split_data"])[0]
    )
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        window.checker.check_now()
    names = [column.name for column in window.known.at_input("group/split_data", "dataset") or ()]
    assert names == ["a", "b"]
    assert window.bar.isHidden()


def test_nobody_is_asked_before_the_columns_of_the_changed_pipeline_are_known(
    window, qtbot, monkeypatch
):
    """The first look at a change still has the columns of nodes by their ids from before."""
    window.document.apply("Insert", lambda _: scripting())
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.runs.start([], anyway=True)
    source = Endpoint("execute_python_script", "result_dataset")
    qtbot.waitUntil(lambda: source in window.checker.columns, timeout=LONG)
    known = threading.Event()
    sample = window.checker._sample
    monkeypatch.setattr(window.checker, "_sample", lambda *a: (known.wait(60), sample(*a))[1])
    with qtbot.waitSignal(window.checker.checked, timeout=LONG):
        window.document.apply(
            "Group", lambda p: grouping.group(p, ["execute_python_script", "split_data"])[0]
        )
    assert window.bar.isHidden()
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        known.set()
    assert window.bar.isHidden()


def test_what_the_last_run_has_shown_is_known_when_the_file_is_opened_again(
    window, qtbot, tmp_path
):
    window.document.apply("Insert", lambda _: scripting())
    path = tmp_path / "again.pipeline.json"
    window.document.save(path)
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.runs.start([], anyway=True)
    source = Endpoint("execute_python_script", "result_dataset")
    qtbot.waitUntil(lambda: source in window.checker.columns, timeout=LONG)
    window.files.new()
    assert source not in window.checker.columns
    assert window.files.open_path(path)
    qtbot.waitUntil(lambda: source in window.checker.columns, timeout=LONG)
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        window.checker.check_now()
    assert window.bar.isHidden()
