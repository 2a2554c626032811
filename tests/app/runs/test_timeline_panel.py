"""The panel Timeline: bars, going to a step, canceling a branch, going on; the end's notice."""

from __future__ import annotations

import os
import sys

import pytest
from assistive_desk import DESCRIPTION, NAME, children, select_row, spoken
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, scripting, show, splitting, states

from designer.app.runs import end_notice
from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

ENDLESS = """
import threading
def azureml_main(a=None, b=None):
    threading.Event().wait()
"""
ENDING = "def azureml_main(a=None, b=None):\n    return a,"


def forked() -> Pipeline:
    """Return a pipeline with an endless branch and one that ends."""
    pipeline = scripting(ENDLESS)
    pipeline, split = edits.add_node(pipeline, "split_data", position=(300, 150))
    data = next(name for name in pipeline.nodes if name.startswith("enter_data"))
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    pipeline, below = edits.add_node(pipeline, "split_data", position=(0, 300))
    source = Endpoint("execute_python_script", "result_dataset")
    return edits.connect(pipeline, source, Endpoint(below, "dataset"))


def items(window) -> dict[str, object]:
    """Return the items of the steps by their titles."""
    found = {}
    tree = window.timeline.list
    for at in range(tree.topLevelItemCount()):
        top = tree.topLevelItem(at)
        for row in range(top.childCount()):
            found[top.child(row).text(0)] = top.child(row)
    return found


def click(qtbot, window, title: str) -> None:
    window.navigation.show_panel("timeline")
    tree, item = window.timeline.list, items(window)[title]
    tree.scrollToItem(item)
    where = tree.visualItemRect(item).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_bars_of_a_run_and_a_click_that_goes_to_the_step(window, qtbot):
    # With a seed of its own, as other tests may have run the same pipeline.
    show(window, edits.set_parameter(splitting(), "split_data", "seed", 8_311))
    assert run(window, qtbot) == "completed"
    spans = window.timeline.spans()
    assert {span.status for span in spans} <= {"completed", "reused"}
    ran = [span for span in spans if span.worker]
    assert all(span.memory > 1_000_000 for span in ran)
    assert any(span.critical for span in ran)
    assert "2 steps in " in window.timeline.summary.text()
    click(qtbot, window, "Split Data")
    assert window.selection.node() == "split_data"
    for mode in ("light", "dark"):
        theme.apply(QApplication.instance(), mode)
        assert not window.timeline.grab().isNull()


def test_a_step_is_reached_and_spoken_without_a_key(window, qtbot):
    show(window, edits.set_parameter(splitting(), "split_data", "seed", 8_312))
    assert run(window, qtbot) == "completed"
    window.navigation.show_panel("timeline")
    rows = {each.text(NAME): each for each in children(spoken(window.timeline.list))}
    worker = items(window)["Split Data"].parent().text(0)
    assert rows["Split Data"].text(DESCRIPTION) == f"level 2, in {worker}"
    select_row(window.timeline.list, "Split Data")
    assert window.selection.node() == "split_data"
    assert window.timeline.list.currentItem().text(0) == "Split Data"


@pytest.mark.long
def test_one_branch_is_canceled_and_the_run_goes_on_from_there(window, qtbot):
    show(window, forked())
    panel = window.timeline
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        window.actions_by_id["run"].trigger()
        qtbot.waitUntil(
            lambda: (
                states(window).get("execute_python_script") == "running"
                and states(window).get("split_data") in ("completed", "reused")
            ),
            timeout=LONG,
        )
        click(qtbot, window, "Execute Python Script")
        qtbot.waitUntil(panel.cancel.isEnabled, timeout=LONG)
        qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    assert finished.args[0] == "cancelled"
    found = {name: result.status for name, result in window.controller.results.items()}
    assert found["execute_python_script"] == "cancelled"
    assert found["split_data"] in ("completed", "reused")
    assert found["split_data_2"] == "skipped"
    # What can't be done leaves its room to the summary.
    assert panel.continue_.isVisible()
    assert not panel.cancel.isVisible()
    window.document.apply(
        "Edit",
        lambda pipeline: edits.set_parameter(
            pipeline,
            "execute_python_script",
            "script",
            ENDING,
        ),
    )
    window.checker.check_now()
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        qtbot.mouseClick(panel.continue_, Qt.MouseButton.LeftButton)
    assert finished.args[0] == "completed"
    assert window.controller.results["split_data"].status == "reused"
    assert window.controller.results["split_data_2"].status in ("completed", "reused")
    assert not panel.continue_.isVisible()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other programs for it")
def test_the_end_of_a_long_run_is_notified(window, qtbot, tmp_path, monkeypatch):
    note, program = tmp_path / "note", tmp_path / "notify-send"
    write = f'printf "%s\\n" "$@" > "{note}.part"\nmv "{note}.part" "{note}"\n'
    program.write_text(f"#!/bin/sh\n{write}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(end_notice, "LONG_RUN", 0.0)
    monkeypatch.setattr(QApplication, "activeWindow", lambda: None)
    show(window, splitting())
    assert run(window, qtbot) == "completed"
    qtbot.waitUntil(note.exists, timeout=LONG)
    assert "Completed: Untitled" in note.read_text("utf-8").splitlines()
