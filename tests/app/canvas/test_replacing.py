"""Another module takes a node's place: what is kept, what is offered, and how it is undone."""

from __future__ import annotations

from canvas_desk import pipeline_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.app.canvas.editing.replacement import lost_text, replaced
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline


def linked(pipeline: Pipeline) -> set[str]:
    return {f"{link.source} > {link.target}" for link in pipeline.links}


def training(module: str, parameters=None) -> Pipeline:
    pipeline, _ = edits.add_node(Pipeline(), "dataset")
    pipeline, learner = edits.add_node(pipeline, module, parameters=parameters, position=(40, 80))
    pipeline, train = edits.add_node(pipeline, "train_model", position=(0, 200))
    pipeline = edits.connect(
        pipeline, Endpoint(learner, "untrained_model"), Endpoint(train, "untrained_model")
    )
    return edits.connect(pipeline, Endpoint("dataset", "dataset"), Endpoint(train, "dataset"))


def test_links_position_and_fitting_parameters_are_kept(catalog):
    before = training("two_class_boosted_decision_tree", {"trees": 40, "leaves": 8})
    found = replaced(
        before,
        catalog,
        "two_class_boosted_decision_tree",
        catalog["boosted_decision_tree_regression"],
    )
    assert found.node == "boosted_decision_tree_regression"
    node = found.pipeline.nodes[found.node]
    assert node.parameters == {"trees": 40, "leaves": 8}
    assert node.position == (40, 80)
    assert f"{found.node}.untrained_model > train_model.untrained_model" in linked(found.pipeline)
    assert (found.lost_links, found.lost_parameters) == ((), ())


def test_what_doesnt_fit_is_removed_and_named(catalog):
    before = training("two_class_boosted_decision_tree", {"trees": 40})
    found = replaced(
        before, catalog, "two_class_boosted_decision_tree", catalog["remove_duplicate_rows"]
    )
    assert [str(link.source.port) for link in found.lost_links] == ["untrained_model"]
    assert (
        lost_text(found, "Remove Duplicate Rows")
        == "“Remove Duplicate Rows” can't keep a link and the value of “trees”."
    )


def test_an_id_of_ones_own_stays(catalog):
    before = edits.rename_node(training("linear_regression"), "linear_regression", "prices")
    found = replaced(before, catalog, "prices", catalog["poisson_regression"])
    assert found.node == "prices"
    assert found.pipeline.nodes["prices"].module == "poisson_regression"


def test_each_output_gets_a_port_of_its_own(catalog):
    desk = pipeline_of(
        {"dataset": (0, 0), "split_data": (0, 100), "clip_values": (0, 200)},
        ("dataset.dataset", "split_data.dataset"),
    )
    outputs = [port.name for port in catalog["split_data"].outputs]
    before = edits.connect(
        desk, Endpoint("split_data", outputs[1]), Endpoint("clip_values", "dataset")
    )
    found = replaced(before, catalog, "split_data", catalog["remove_duplicate_rows"])
    assert not found.lost_links
    assert len(found.pipeline.links) == 2


def test_with_the_keyboard_in_one_step(desk):
    before = pipeline_of(
        {"linear_regression": (0, 0), "train_model": (0, 150)},
        ("linear_regression.untrained_model", "train_model.untrained_model"),
    )
    desk.show(before)
    desk.canvas.select(["train_model"])
    desk.canvas.replace_selected()
    assert "Train Model" not in desk.listed()
    desk.type("score")
    desk.key(Qt.Key.Key_Return)
    assert [node.module for node in desk.pipeline.nodes.values()] == [
        "linear_regression",
        "score_model",
    ]
    assert len(desk.steps) == 1
    desk.undo()
    assert desk.pipeline == before


def test_the_command_is_in_the_window(window):
    window.document.apply("Build", lambda _: training("two_class_boosted_decision_tree"))
    window.canvas.select(["two_class_boosted_decision_tree"])
    window.canvas.setFocus()
    key(window, Qt.Key.Key_R, CONTROL)
    entries = window.canvas.quick_add.model
    first = [entries.index(row).data() for row in range(20)]
    # Those that keep the link and are of the same category.
    assert all(
        window.catalog[one.spec.id].category.title == "Classification"
        for one in [entries.entry(entries.index(row)) for row in range(20)]
    ), first
    QTest.keyClicks(QApplication.focusWidget(), "two-class decision")
    key(window, Qt.Key.Key_Return)
    assert "two_class_decision_forest" in window.document.pipeline.nodes
    assert window.canvas.selection() == ["two_class_decision_forest"]
