"""What is scheduled and published on Azure ML, in the window."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from assistive_desk import select_row
from focus_desk import is_well, stops
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.compute_target_actions import NAME
from designer.app.schedules.schedule_list import moment
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton

STATE = {
    "schedules": [
        {"id": "s-1", "name": "nightly", "target": "azureml-v2", "status": "active",
         "when": "every day at 06:00 (UTC)", "next": 1_800_000_000.0, "last": 1_799_913_600.0,
         "last_status": "completed"}
    ],
    "endpoints": [
        {"id": "e-1", "name": "prices", "target": "azureml-v2", "kind": "endpoint",
         "status": "active", "url": "https://example.org/prices"}
    ],
}  # fmt: skip


@pytest.fixture
def azure(window, tmp_path):
    """The page, for a pipeline that runs on Azure ML, and the file with what is there."""
    path = tmp_path / "small.pipeline.json"
    write(edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": "a\n1\n"})[0], path)
    window.files.open_path(path)
    window.schedules.show_schedules()
    center = window.schedules.center
    # Without a target on Azure ML there is nothing to ask.
    QTest.mouseClick(center.bar.tabs.button(1), LEFT)
    assert not center.azure.list.isEnabled()
    assert "Choose Azure ML under Run on" in center.azure.where.text()
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"subscription_id": "s", "resource_group": "g", "workspace_name": "w"})
    )
    target = ComputeTarget("azureml-v2", str(config), "azure-cli", "", "cpu-cluster")
    window.memory.set(NAME, target.to_json())
    state = tmp_path / "azure.json"
    program = Path(__file__).parent / "azure_stand_in.py"
    window.compute_targets.command = (sys.executable, str(program), str(state))
    QTest.mouseClick(center.bar.tabs.button(1), LEFT)
    return center.azure, state


@pytest.mark.long
def test_schedules_and_endpoints_of_azure_are_listed_and_ended(azure, qtbot, answer):
    page, state = azure
    state.write_text(json.dumps(STATE))
    assert page.pages.currentWidget() is page.note
    QTest.mouseClick(page.list, LEFT)
    qtbot.waitUntil(lambda: page.tree.topLevelItemCount() == 2, timeout=LONG)
    assert len(stops(page)) >= 2
    is_well(qtbot, page)
    rows = [[page.tree.topLevelItem(row).text(column) for column in range(6)] for row in (0, 1)]
    assert rows == [
        [
            "nightly",
            "Schedule",
            "every day at 06:00 (UTC)",
            moment(1_800_000_000.0),
            f"Completed, {moment(1_799_913_600.0)}",
            "Active",
        ],
        ["prices", "Endpoint", "https://example.org/prices", "", "", "Active"],
    ]
    assert not page.end.isEnabled()
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    with qtbot.waitSignal(page.message, timeout=LONG) as told:
        QTest.mouseClick(page.run_now, LEFT)
    assert told.args == ["Started the run run-1 on Azure ML."]
    qtbot.waitUntil(lambda: "Running" in page.tree.topLevelItem(0).text(4), timeout=LONG)
    qtbot.waitUntil(page.list.isEnabled, timeout=LONG)
    for text, status in (("Pause", "Paused"), ("Resume", "Active")):
        page.tree.setCurrentItem(page.tree.topLevelItem(0))
        assert page.pause.text() == text
        QTest.mouseClick(page.pause, LEFT)
        qtbot.waitUntil(lambda s=status: page.tree.topLevelItem(0).text(5) == s, timeout=LONG)
        qtbot.waitUntil(page.list.isEnabled, timeout=LONG)
    page.tree.setCurrentItem(page.tree.topLevelItem(1))
    assert not page.pause.isEnabled()
    # As assistive technology does: what is selected is also what is ended.
    select_row(page.tree, "nightly")
    asked = answer("End")
    QTest.mouseClick(page.end, LEFT)
    assert asked == ["End the schedule “nightly” on Azure ML?"]
    qtbot.waitUntil(lambda: page.tree.topLevelItemCount() == 1, timeout=LONG)
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    assert page.end.text() == "Remove"
    answer("Remove")
    QTest.mouseClick(page.end, LEFT)
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=LONG)
    assert json.loads(state.read_text()) == {"schedules": [], "endpoints": []}


def test_a_workspace_that_cant_be_reached_is_reported(azure, qtbot):
    page, _ = azure
    QTest.mouseClick(page.list, LEFT)
    qtbot.waitUntil(lambda: not page.error.isHidden(), timeout=LONG)
    assert page.error.text() == "The workspace can't be reached. Check the network."
    assert page.list.isEnabled()
