"""Code of a script on a sample: only after the person agreed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from run_desk import LONG, scripting, show

from designer.pipeline import edits
from designer.pipeline.model import Endpoint

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


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
    qtbot.waitUntil(lambda: window.known.at_input(split, "dataset") is not None, timeout=LONG)
    assert "fresh" in [column.name for column in window.known.at_input(split, "dataset")]
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
