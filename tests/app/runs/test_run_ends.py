"""A window that works while a run does, and runs that a person ends."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from run_desk import LONG, handle_of, run, scripting, show, splitting, states

from designer.app.widgets.event_throttle import LINES_AT_ONCE

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


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


@pytest.mark.long
def test_cancel_ends_a_run_that_would_never_end(window, qtbot):
    script = "def azureml_main(dataframe1=None, dataframe2=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    assert window.actions_by_id["cancel"].isEnabled()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    assert run(window, qtbot, window.actions_by_id["cancel"].trigger) == "cancelled"
    assert states(window)["execute_python_script"] == "cancelled"
    assert window.actions_by_id["run"].isEnabled()


@pytest.mark.long
def test_what_was_said_about_cancelling_goes_when_the_run_is_over(window, qtbot):
    script = "def azureml_main(dataframe1=None, dataframe2=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)

    def cancel() -> None:
        window.actions_by_id["cancel"].trigger()
        assert window.statusBar().currentMessage() == "Canceling…"

    assert run(window, qtbot, cancel) == "cancelled"
    assert window.statusBar().currentMessage() == ""
    assert window.status.run.text().startswith("Canceled in ")


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


@pytest.mark.long
def test_leaving_during_a_run_asks_and_ends_it(window, qtbot, answer):
    script = "def azureml_main(a=None, b=None):\n    while True:\n        pass\n"
    show(window, scripting(script))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    handle = handle_of(window, qtbot)
    window.document.undo_stack.setClean()
    answer("Keep running")
    window.files.new()
    answer("Keep running")
    assert not window.close()
    assert window.controller.running
    asked = answer("Cancel run")
    assert window.close()
    assert asked == ["A run of “Untitled” is in progress."] * 3
    assert handle.wait(LONG / 1000) is not None
    assert handle.wait(0).status == "cancelled"


@pytest.mark.long
def test_opening_another_pipeline_ends_the_run(window, qtbot, answer):
    show(window, scripting("def azureml_main(a=None, b=None):\n    while True:\n        pass\n"))
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: states(window).get("execute_python_script") == "running", timeout=LONG)
    handle = handle_of(window, qtbot)
    window.document.undo_stack.setClean()
    answer("Cancel run")
    window.files.new()
    assert not window.controller.running
    assert handle.wait(LONG / 1000).status == "cancelled"
    show(window, splitting())
    assert run(window, qtbot) == "completed"
    assert set(window.controller.results) == {"enter_data_manually", "split_data"}
