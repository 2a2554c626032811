"""Inputs and outputs in the Properties panel: links without a pointer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link

KEY = Qt.Key


def end(text: str) -> Endpoint:
    return Endpoint(*text.split("."))


@pytest.fixture
def training(window):
    """Two splits of one table and a Train Model, the nearer split in use already."""

    def build(pipeline):
        for module, name, y in (
            ("enter_data_manually", "data", 0),
            ("split_data", "near", 200),
            ("split_data", "far", 0),
            ("train_model", "train", 400),
            ("score_model", "score", 600),
        ):
            x = 2000 if name == "far" else 0
            pipeline, _ = edits.add_node(pipeline, module, node_id=name, position=(x, y))
        pipeline = edits.set_parameter(pipeline, "data", "data", "age,income\n1,2\n")
        for source, target in (
            ("data.dataset", "near.dataset"),
            ("data.dataset", "far.dataset"),
            ("near.results_dataset1", "score.dataset"),
        ):
            pipeline = edits.connect(pipeline, end(source), end(target))
        return pipeline

    window.document.apply("Build", build)
    window.canvas.select(["train"])
    return window


def field(window, port: str):
    return window.properties.page.ports.inputs[port]


def listed(window, port: str) -> list[str]:
    box = field(window, port).box
    return [box.itemText(row) for row in range(box.count())]


def test_what_is_unused_and_near_is_offered_first(training):
    assert listed(training, "dataset") == [
        "Not linked",
        "Split Data (near), results dataset2",
        "Score Model",
        "Split Data (far), results dataset1",
        "Split Data (far), results dataset2",
        "Split Data (near), results dataset1",
        "Enter Data Manually",
    ]
    assert listed(training, "untrained_model") == ["Not linked"]


def test_a_link_that_would_be_a_cycle_is_not_offered(training):
    assert "Score Model" in listed(training, "dataset")
    training.document.apply(
        "Link", lambda p: edits.connect(p, end("train.trained_model"), end("score.trained_model"))
    )
    assert "Score Model" not in listed(training, "dataset")


def test_a_link_is_made_moved_and_deleted_with_the_keys_of_the_list(training):
    before = set(training.document.pipeline.links)
    key(training, KEY.Key_J, CONTROL)
    box = QApplication.focusWidget()
    assert box.accessibleName() == "Input: Untrained model"
    key(training, KEY.Key_Tab)
    box = QApplication.focusWidget()
    assert box is field(training, "dataset").box
    for expected in ("near.results_dataset2", "score.scored_dataset"):
        key(training, KEY.Key_Down)
        added = set(training.document.pipeline.links) - before
        assert added == {Link(end(expected), end("train.dataset"))}
    assert QApplication.focusWidget() is box
    key(training, KEY.Key_Home)
    assert set(training.document.pipeline.links) == before
    key(training, KEY.Key_Down)
    # All of it was one visit to the list.
    undo = training.document.undo_stack
    assert undo.undoText() == "Add link"
    undo.undo()
    assert set(training.document.pipeline.links) == before
    assert box.currentText() == "Not linked"


def test_another_visit_is_another_step_of_undo(training):
    key(training, KEY.Key_J, CONTROL)
    key(training, KEY.Key_Tab)
    key(training, KEY.Key_Down)
    key(training, KEY.Key_Tab)
    key(training, KEY.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    key(training, KEY.Key_Down)
    assert field(training, "dataset").box.currentText() == "Score Model"
    training.document.undo_stack.undo()
    assert field(training, "dataset").box.currentText() == "Split Data (near), results dataset2"


def test_a_link_made_elsewhere_is_shown(training):
    training.document.apply(
        "Link", lambda p: edits.connect(p, end("far.results_dataset2"), end("train.dataset"))
    )
    assert field(training, "dataset").box.currentText() == "Split Data (far), results dataset2"
    training.document.undo_stack.undo()
    assert field(training, "dataset").box.currentText() == "Not linked"


def test_an_output_leads_to_what_it_feeds(training, qtbot):
    training.canvas.select(["near"])
    outputs = training.properties.page.ports.outputs
    assert [button.text() for button in outputs["results_dataset1"].buttons] == [
        "Score Model, dataset"
    ]
    assert outputs["results_dataset2"].none.isVisible()
    button = outputs["results_dataset1"].buttons[0]
    assert button.accessibleName() == "Results dataset1 feeds Score Model, dataset"
    button.setFocus()
    QTest.keyClick(button, KEY.Key_Space)
    assert training.canvas.selection() == ["score"]
    assert QApplication.focusWidget() is training.canvas.viewer


def test_types_and_columns_are_read_without_hovering(training, qtbot):
    training.canvas.select(["near"])
    kind = field(training, "dataset").kind
    qtbot.waitUntil(lambda: "age, income" in kind.text(), timeout=30_000)
    assert kind.text() == "Dataset. 2 columns: age, income"
    assert field(training, "dataset").box.accessibleDescription() == kind.text()
    first = training.properties.page.ports.outputs["results_dataset1"].kind
    qtbot.waitUntil(lambda: "age, income" in first.text(), timeout=30_000)
    training.canvas.select(["train"])
    assert field(training, "untrained_model").kind.text().startswith("Untrained model")


def test_requests_are_named_beside_the_ordinary_link(training):
    def build(pipeline):
        pipeline, name = edits.add_node(pipeline, "web_service_input", node_id="request")
        return edits.connect(pipeline, Endpoint(name, "dataset"), end("near.dataset"))

    training.document.apply("Add", build)
    training.canvas.select(["near"])
    assert field(training, "dataset").box.currentText() == "Enter Data Manually"
    assert field(training, "dataset").also.text() == "And Web Service Input"
