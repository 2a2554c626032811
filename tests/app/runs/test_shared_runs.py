"""Runs of pipelines with cards of shared modules: to a card, its bars, and one branch of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from run_desk import LONG, press, scripting, states

from designer.catalog import load_catalog
from designer.pipeline import edits, grouping
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Interface, Pipeline
from designer.pipeline.shared import choices, making

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

ENDLESS = """
import threading
def azureml_main(a=None, b=None):
    threading.Event().wait()
"""
QUICK = "def azureml_main(a=None, b=None):\n    return a,"
CARD, SCRIPT = "a_part", "a_part/execute_python_script"


def written(script: str, folder: Path) -> Path:
    """Write data, a card with a script and what needs it, and a module beside and one below."""
    # Consent is for a content, and each test is to be asked.
    pipeline = scripting(f"# {folder}\n{script}")
    data = next(name for name in pipeline.nodes if name.startswith("enter_data"))
    for name, source, position in (
        ("inside", Endpoint("execute_python_script", "result_dataset"), (0, 300)),
        ("beside", Endpoint(data, "dataset"), (400, 150)),
        ("below", Endpoint("inside", "results_dataset1"), (0, 450)),
    ):
        pipeline, _ = edits.add_node(pipeline, "split_data", node_id=name, position=position)
        pipeline = edits.connect(pipeline, source, Endpoint(name, "dataset"))
    grouped, group = grouping.group(pipeline, ["execute_python_script", "inside"], "A Part")
    found = choices.choices_of_group(grouped, group, load_catalog())
    interface = Interface(
        "A Part",
        tuple(each.item for each in found.inputs if each.chosen),
        tuple(each.item for each in found.outputs if each.chosen),
        tuple(each.item for each in found.parameters if each.item.name == "script"),
    )
    definition = making.module_of_group(grouped, group, interface)
    path = folder / "work" / "parts.pipeline.json"
    path.parent.mkdir()
    pipeline_file.write(making.turn_into_module(grouped, group, CARD, definition), path)
    return path


def opened(window, qtbot, path: Path) -> None:
    """Open the file of another person, and allow its script."""
    assert window.files.open_path(path)
    window.checker.check_now()
    qtbot.waitUntil(lambda: bool(window.bar.buttons), timeout=LONG)
    press(window, "Allow")


def click_card(window) -> None:
    """Click the card on the canvas."""
    window.canvas.fit()
    viewer = window.canvas.viewer
    at = viewer.to_view(window.canvas.graph.bounds([CARD]).center()).toPoint()
    QTest.mouseClick(
        viewer.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )
    assert window.canvas.selected_groups() == [CARD]


def items(window) -> dict[str, object]:
    """Return the items of the timeline by their titles."""
    tree = window.timeline.list
    tops = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    inner = [top.child(row) for top in tops for row in range(top.childCount())]
    return {item.text(0): item for item in inner}


def click_bar(window, title: str) -> None:
    window.navigation.show_panel("timeline")
    tree, item = window.timeline.list, items(window)[title]
    tree.scrollToItem(item)
    where = tree.visualItemRect(item).center()
    QTest.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where
    )


def test_run_to_here_on_a_card_runs_it_and_what_it_needs(window, qtbot, tmp_path):
    opened(window, qtbot, written(QUICK, tmp_path))
    click_card(window)
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        QTest.keyClick(
            window.canvas.viewer.viewport(), Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier
        )
    assert finished.args[0] == "completed"
    assert set(window.controller.results) == {"enter_data_manually", SCRIPT, f"{CARD}/inside"}
    # The bars of its steps are named after the card, and lead to it.
    assert {"A Part › Execute Python Script", f"A Part › Split Data ({CARD}/inside)"} <= set(
        items(window)
    )
    window.canvas.select([])
    click_bar(window, "A Part › Execute Python Script")
    assert window.canvas.selected_groups() == [CARD]


@pytest.mark.long
@pytest.mark.parametrize("where", ["bar", "card"])
def test_a_branch_in_a_card_is_canceled_and_the_run_continued(where, window, qtbot, tmp_path):
    path = written(ENDLESS, tmp_path)
    opened(window, qtbot, path)
    panel = window.timeline
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        window.actions_by_id["run"].trigger()
        qtbot.waitUntil(
            lambda: (
                states(window).get(SCRIPT) == "running"
                and states(window).get("beside") in ("completed", "reused")
            ),
            timeout=LONG,
        )
        if where == "bar":
            click_bar(window, "A Part › Execute Python Script")
        else:
            click_card(window)
        qtbot.waitUntil(panel.cancel.isEnabled, timeout=LONG)
        window.navigation.show_panel("timeline")
        qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    assert finished.args[0] == "cancelled"
    found = {name: result.status for name, result in window.controller.results.items()}
    assert found[SCRIPT] == "cancelled"
    assert found[f"{CARD}/inside"] == found["below"] == "skipped"
    assert found["beside"] in ("completed", "reused")

    def repair(pipeline: Pipeline) -> Pipeline:
        return edits.set_parameter(pipeline, SCRIPT, "script", QUICK)

    window.document.apply("Edit", repair)
    window.checker.check_now()
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        qtbot.mouseClick(panel.continue_, Qt.MouseButton.LeftButton)
    assert finished.args[0] == "completed"
    assert window.controller.results["beside"].status == "reused"
    assert window.controller.results["below"].status in ("completed", "reused")
