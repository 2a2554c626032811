"""Pipelines that run quickly, and helpers of the tests that run them in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import TABLE

from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline

LONG = 60_000
"""Milliseconds that a run may take on a busy machine."""
"""Workers that a test ends start again by themselves, during the next one."""


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


def open_foreign(window, pipeline: Pipeline, file: Path) -> None:
    """Open a file that another program has written."""
    file.write_text(pipeline_file.dumps(pipeline), encoding="utf-8")
    assert window.files.open_path(file)
    window.checker.check_now()


def press(window, words: str) -> None:
    """Press a button of the message bar."""
    button = next(button for button in window.bar.buttons if button.text() == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def run(window, qtbot, start=None) -> str:
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        (start or window.actions_by_id["run"].trigger)()
    return finished.args[0]


def handle_of(window, qtbot):
    """Return the handle of the current run, which may arrive after its first events."""
    qtbot.waitUntil(lambda: window.controller._handle is not None, timeout=LONG)
    return window.controller._handle


def states(window) -> dict[str, str]:
    return {name: item.state.status for name, item in window.canvas.graph.nodes.items()}
