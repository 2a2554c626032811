"""Links drawn by hand."""

from __future__ import annotations

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication


def test_a_link_is_drawn_from_output_to_input(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    assert training.pipeline.links == (link("dataset.dataset", "split_data.dataset"),)
    assert training.steps == [("Add link", None)]
    assert list(training.canvas.graph.links) == list(training.pipeline.links)


def test_a_link_is_drawn_from_input_to_output(training):
    training.drag(training.port("train_model:dataset"), training.port("split_data.second"))
    assert training.pipeline.links == (link("split_data.second", "train_model.dataset"),)


def test_a_link_ends_at_a_card_let_go_over_its_middle(training):
    training.drag(training.port("linear_regression.untrained_model"), training.card("train_model"))
    assert training.pipeline.links == (
        link("linear_regression.untrained_model", "train_model.untrained_model"),
    )


def test_a_link_of_the_wrong_type_is_refused_with_both_types(training):
    start, end = training.port("dataset.dataset"), training.port("train_model:untrained_model")
    training.press(start)
    training.move(QPoint(start.x(), start.y() + 20), end)
    bubble = training.canvas.bubble
    assert bubble.isVisible()
    assert bubble.text() == ("“Dataset” is a dataset; “Untrained model” needs an untrained model.")
    training.release(end)
    assert not training.pipeline.links
    assert not training.steps
    assert training.messages == [bubble.text()]
    assert not bubble.isVisible()


def test_a_cycle_is_refused(desk):
    desk.show(
        pipeline_of(
            {"select_columns": (0, 40), "clean_missing": (0, 200)},
            ("select_columns.selected", "clean_missing.dataset"),
        )
    )
    start, end = desk.port("clean_missing.cleaned"), desk.port("select_columns:dataset")
    desk.press(start)
    desk.move(QPoint(start.x() + 30, start.y() + 30), end)
    assert "cycle" in desk.canvas.bubble.text()
    desk.release(end)
    assert len(desk.pipeline.links) == 1


def test_a_module_cannot_feed_itself(training):
    start, end = training.port("split_data.first"), training.port("split_data:dataset")
    training.press(start)
    training.move(QPoint(start.x(), start.y() + 20), end)
    assert training.canvas.bubble.text() == "A module can't be linked to itself."
    training.release(end)
    assert not training.pipeline.links


def test_two_outputs_are_refused(training):
    start, end = training.port("dataset.dataset"), training.port("split_data.first")
    training.press(start)
    training.move(QPoint(start.x() + 200, start.y() + 20), end)
    assert training.canvas.bubble.text().startswith("Both are outputs.")
    training.release(end)
    assert not training.pipeline.links


def test_ports_that_fit_stand_out_while_a_link_is_drawn(training):
    start = training.port("linear_regression.untrained_model")
    training.press(start)
    training.move(QPoint(start.x() + 10, start.y() + 60))
    graph = training.canvas.graph
    marked = {
        (name, port.name)
        for name, item in graph.nodes.items()
        for port, fits in item.marked_ports.items()
        if fits and not port.is_output
    }
    assert marked == {("train_model", "untrained_model")}
    assert graph.nodes["split_data"].dimmed
    assert training.canvas.live.isVisible()
    training.key(Qt.Key.Key_Escape)
    assert not training.canvas.live.isVisible()
    assert not any(item.dimmed or item.marked_ports for item in graph.nodes.values())


def test_an_occupied_input_gets_the_new_link(training):
    training.drag(training.port("dataset.dataset"), training.port("train_model:dataset"))
    training.drag(training.port("split_data.first"), training.port("train_model:dataset"))
    assert training.pipeline.links == (link("split_data.first", "train_model.dataset"),)
    training.undo()
    assert list(training.canvas.graph.links) == [link("dataset.dataset", "train_model.dataset")]


def test_the_end_of_a_link_is_dragged_off(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    training.drag(training.port("split_data:dataset"), training.at(-200, 300))
    assert not training.pipeline.links
    assert training.steps[-1][0] == "Delete link"
    assert not training.canvas.quick_add.isVisible()


def test_the_end_of_a_link_is_dragged_to_another_input(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    before = len(training.steps)
    training.drag(training.port("split_data:dataset"), training.port("train_model:dataset"))
    assert training.pipeline.links == (link("dataset.dataset", "train_model.dataset"),)
    assert len(training.steps) == before + 1


def test_the_end_of_a_link_put_back_changes_nothing(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    before = training.pipeline
    place = training.port("split_data:dataset")
    training.drag(place, place, QPoint(place.x() + 60, place.y() - 40))
    assert training.pipeline is before
    shown = training.canvas.graph.links[before.links[0]]
    assert not shown.hidden


def test_a_click_on_a_port_does_nothing(training):
    training.click(training.port("dataset.dataset"))
    assert not training.steps
    assert not training.canvas.quick_add.isVisible()


def test_escape_gives_a_link_up(training):
    start, end = training.port("dataset.dataset"), training.port("split_data:dataset")
    training.press(start)
    training.move(QPoint(start.x(), start.y() + 20), end)
    training.key(Qt.Key.Key_Escape)
    training.release(end)
    assert not training.pipeline.links


def test_a_link_dropped_on_nothing_offers_what_fits_and_joins_it_in_one_step(training):
    start = training.port("linear_regression.untrained_model")
    training.drag(start, training.at(-100, 520))
    assert training.canvas.quick_add.isVisible()
    assert training.listed() == ["Train Model"]
    assert training.canvas.live.isVisible()
    training.key(Qt.Key.Key_Return)
    assert not training.canvas.quick_add.isVisible()
    assert not training.canvas.live.isVisible()
    assert training.steps == [("Add “Train Model”", None)]
    assert training.pipeline.links == (
        link("linear_regression.untrained_model", "train_model_2.untrained_model"),
    )
    assert training.canvas.selection() == ["train_model_2"]
    dropped = training.canvas.graph.nodes["train_model_2"]
    port = dropped.port("untrained_model", False)
    assert abs(dropped.x() + port.x + 100) <= 10
    assert abs(dropped.y() - 520) <= 10


def test_a_link_from_an_input_offers_what_could_feed_it(training):
    start = training.port("train_model:dataset")
    training.drag(start, training.at(-100, 250))
    assert set(training.listed()) == {
        "Dataset",
        "Select Columns in Dataset",
        "Clean Missing Data",
        "Split Data",
        "Join Data",
        "Score Model",
    }
    training.type("clean")
    training.key(Qt.Key.Key_Return)
    assert training.pipeline.links == (link("clean_missing.cleaned", "train_model.dataset"),)


def test_closing_the_offer_leaves_everything_as_it_was(training):
    training.drag(training.port("dataset.dataset"), training.at(-100, 520))
    training.key(Qt.Key.Key_Escape)
    assert not training.canvas.quick_add.isVisible()
    assert not training.canvas.live.isVisible()
    assert not training.steps
    assert QApplication.focusWidget() is training.canvas.viewer


@pytest.mark.parametrize("zoom", [0.3, 2.0])
def test_links_are_drawn_at_any_zoom(training, zoom):
    viewer = training.canvas.viewer
    viewer.set_zoom_factor(zoom)
    viewer.centerOn(420, 150)
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    assert training.pipeline.links == (link("dataset.dataset", "split_data.dataset"),)
