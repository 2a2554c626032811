"""What the canvas knows from the links that are there: the next link, the next module."""

from __future__ import annotations

from canvas_desk import link, pipeline_of
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from designer.app.canvas.editing.completion import missing_links, spare_output
from designer.pipeline.model import Endpoint

TRAINED = (
    {"dataset": (0, 0), "split_data": (0, 150), "train_model": (0, 300)},
    ("dataset.dataset", "split_data.dataset"),
    ("split_data.first", "train_model.dataset"),
)


def typed(desk, text: str) -> str:
    """Type a module over the selection, and return the node that was added."""
    desk.canvas.viewer.setFocus()
    desk.key(getattr(Qt.Key, f"Key_{text[0].upper()}"))
    desk.type(text[1:])
    desk.key(Qt.Key.Key_Return)
    return desk.canvas.selection()[0]


def into(desk, node: str) -> set[str]:
    links = desk.pipeline.links_into.get(node, ())
    return {f"{each.source.node}.{each.source.port} > {each.target.port}" for each in links}


def test_a_learner_typed_after_train_model_links_upward(desk):
    desk.show(pipeline_of(*TRAINED))
    desk.canvas.select(["train_model"])
    added = typed(desk, "linear")
    assert "linear_regression.untrained_model > untrained_model" in into(desk, "train_model")
    heights = [desk.pipeline.nodes[name].position[1] for name in (added, "train_model")]
    assert heights[0] < heights[1]


def test_score_model_typed_after_training_gets_the_other_rows_in_one_step(desk):
    desk.show(pipeline_of(*TRAINED))
    desk.canvas.select(["train_model"])
    steps = len(desk.steps)
    added = typed(desk, "score")
    assert into(desk, added) == {
        "train_model.trained_model > trained_model",
        "split_data.second > dataset",
    }
    assert len(desk.steps) == steps + 1
    assert desk.messages[-1] == "Also linked Split Data, second → Score Model, dataset."


def test_what_is_typed_after_the_learner_goes_below_the_training(desk):
    desk.show(pipeline_of(*TRAINED))
    desk.canvas.select(["train_model"])
    typed(desk, "linear")
    added = typed(desk, "score")
    assert "train_model.trained_model > trained_model" in into(desk, added)


def test_a_link_drawn_from_the_data_input_offers_the_other_output_first(desk):
    places = {**TRAINED[0], "score_model": (0, 450)}
    trained = ("train_model.trained_model", "score_model.trained_model")
    desk.show(pipeline_of(places, *TRAINED[1:], trained))
    desk.canvas.fit()
    start = desk.port("score_model:dataset")
    desk.drag(start, desk.at(420, 420), desk.at(300, 430))
    assert desk.listed()[0] == "Split Data, second"
    desk.key(Qt.Key.Key_Return)
    assert link("split_data.second", "score_model.dataset") in desk.pipeline.links
    assert len(desk.pipeline.nodes) == 4


def test_linking_by_key_offers_the_other_output_first(desk, qtbot):
    places = {**TRAINED[0], "score_model": (0, 450)}
    trained = ("train_model.trained_model", "score_model.trained_model")
    desk.show(pipeline_of(places, *TRAINED[1:], trained))
    desk.canvas.select(["score_model"])
    desk.canvas.viewer.setFocus()
    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    menu = next(each for each in desk.canvas.viewer.findChildren(QMenu) if each.isVisible())
    assert menu.actions()[0].text() == "Split Data, second → Score Model, dataset"
    menu.close()


def test_only_what_needs_a_model_is_completed(desk):
    catalog = desk.canvas.catalog
    joined = pipeline_of(
        {**TRAINED[0], "join_data": (300, 300)},
        *TRAINED[1:],
        ("split_data.second", "join_data.left"),
    )
    # Joining the halves of one table would undo the split.
    assert missing_links(joined, catalog, "join_data") == []
    used = pipeline_of(
        {**TRAINED[0], "score_model": (0, 450), "select_columns": (300, 300)},
        *TRAINED[1:],
        ("split_data.second", "select_columns.dataset"),
        ("train_model.trained_model", "score_model.trained_model"),
    )
    assert spare_output(used, catalog, Endpoint("score_model", "dataset")) is None
    bare = pipeline_of(TRAINED[0])
    assert missing_links(bare, catalog, "train_model") == []
