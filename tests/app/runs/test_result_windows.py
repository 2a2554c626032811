"""Results in windows of their own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, show, splitting

from designer.app.document.labels import input_comments
from designer.app.views.opening import ResultView
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


def test_visualize_offers_to_run_and_then_opens_the_result(window, qtbot):
    show(window, splitting())
    window.runs.show_output("split_data", "results_dataset1")
    assert [button.text() for button in window.bar.buttons] == ["Run to here"]
    run(
        window,
        qtbot,
        lambda: QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton),
    )
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (view,) = window.runs.result_windows()
    assert "Split Data" in view.windowTitle()
    assert not view.isModal()


def double_click(window, node: str, port: str | None = None) -> None:
    """Double-click on a card, or on one of its outputs."""
    item = window.canvas.graph.nodes[node]
    place = item.mapToScene(80, 15) if port is None else item.pos() + item.port(port, True).center
    view = window.canvas.viewer
    at = view.mapFromScene(place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_double_click_on_a_finished_card_shows_its_first_output(window, qtbot):
    show(window, splitting())
    double_click(window, "split_data")
    assert not window.runs.result_windows()
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    assert "Double-click" not in window.canvas.graph.nodes["split_data"].tooltip()
    run(window, qtbot)
    assert (
        "Double-click to visualize the result" in window.canvas.graph.nodes["split_data"].tooltip()
    )
    double_click(window, "split_data")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    double_click(window, "split_data", "results_dataset2")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 2, timeout=LONG)
    titles = [each.windowTitle() for each in window.runs.result_windows()]
    assert ["dataset1" in title for title in titles] == [True, False]
    for each in window.runs.result_windows():
        each.close()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.75))
    double_click(window, "split_data")
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    assert not window.runs.result_windows()


def test_a_double_click_on_a_learner_edits_it_and_on_a_model_shows_it(window, qtbot):
    pipeline, data = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a,b\n1,2\n2,4\n3,6\n4,9\n"}
    )
    pipeline, learner = edits.add_node(pipeline, "linear_regression", position=(300, 0))
    label = {"label_column": ["b"]}
    pipeline, train = edits.add_node(pipeline, "train_model", position=(0, 150), parameters=label)
    pipeline = edits.connect(
        pipeline, Endpoint(learner, "untrained_model"), Endpoint(train, "untrained_model")
    )
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(train, "dataset"))
    show(window, pipeline)
    assert run(window, qtbot) == "completed"
    double_click(window, "linear_regression")
    assert not window.runs.result_windows()
    assert window.properties.node == "linear_regression"
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    double_click(window, "train_model")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)


def test_a_view_that_is_closed_early_does_not_hold_up_the_next(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    for _ in range(2):
        window.runs.show_output("split_data", "results_dataset1")
        qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
        window.runs.result_windows()[0].close()
    asked = window.controller.engine().result().call(len, "abc")
    qtbot.waitUntil(asked.done, timeout=LONG)
    assert asked.result() == 3


def test_result_windows_are_told_apart_and_close_with_the_keyboard(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.runs.show_output("split_data", "results_dataset1")
    window.runs.show_output("enter_data_manually", "dataset")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 2, timeout=LONG)
    first, second = window.runs.result_windows()
    assert first.windowTitle().startswith("Split Data (split_data), ")
    assert second.windowTitle() == "Enter Data Manually (enter_data_manually) – ModelDesk"
    assert first.pos() != second.pos()
    # The window system of the tests has a screen that is smaller than they would be.
    assert first.height() <= first.screen().availableGeometry().height()
    with qtbot.waitActive(first):
        window.runs.show_output("split_data", "results_dataset1")
    assert window.runs.result_windows() == [first, second]
    QTest.keyClick(second, Qt.Key.Key_Escape)
    with qtbot.waitActive(first):
        first.activateWindow()
    QTest.keyClick(first, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.runs.result_windows() == [])


def compared(**comments: str) -> Pipeline:
    """Two models of one learner, scored and compared; comments by node."""
    table = "a,b\n" + "".join(f"{n},{2 * n + n % 3}\n" for n in range(12))
    pipeline, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": table})
    pipeline, _ = edits.add_node(pipeline, "linear_regression", position=(300, 0))
    label = {"label_column": ["b"]}
    for side in ("", "_2"):
        at = 300 if side else 0
        for module, y in (("train_model", 150), ("score_model", 300)):
            chosen = label if module == "train_model" else {}
            pipeline, _ = edits.add_node(pipeline, module, position=(at, y), parameters=chosen)
        for source, target in (
            ("linear_regression.untrained_model", f"train_model{side}.untrained_model"),
            ("enter_data_manually.dataset", f"train_model{side}.dataset"),
            (f"train_model{side}.trained_model", f"score_model{side}.trained_model"),
            ("enter_data_manually.dataset", f"score_model{side}.dataset"),
        ):
            pipeline = edits.connect(
                pipeline, Endpoint(*source.split(".")), Endpoint(*target.split("."))
            )
    pipeline, _ = edits.add_node(pipeline, "evaluate_model", position=(0, 450))
    for side, port in (("", "scored_dataset"), ("_2", "scored_dataset_to_compare")):
        pipeline = edits.connect(
            pipeline,
            Endpoint(f"score_model{side}", "scored_dataset"),
            Endpoint("evaluate_model", port),
        )
    for node, comment in comments.items():
        pipeline = edits.set_comment(pipeline, node, comment)
    return pipeline


def test_models_of_one_learner_are_named_after_the_comments_on_their_cards(window, qtbot):
    pipeline = compared(
        score_model="Same rows",
        score_model_2="Same rows",
        train_model="First try",
        train_model_2="Second try",
        enter_data_manually="For both",
    )
    show(window, pipeline)
    assert run(window, qtbot) == "completed"
    double_click(window, "evaluate_model")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (shown,) = window.runs.result_windows()
    result = shown.findChild(ResultView)
    qtbot.waitUntil(lambda: not result.reading, timeout=LONG)
    legend = result.view._legend.text()
    assert "Linear Regression (First try)" in legend
    assert "Linear Regression (Second try)" in legend
    assert "dataset" not in legend
    (plot,) = result.view.plots.values()
    assert plot.title == "Residuals"
    assert plot._readout.text() == "Point at a bar to read it; turn the wheel to zoom."
    shown.close()


def test_only_what_distinguishes_the_inputs_is_a_name():
    assert input_comments(compared(), "evaluate_model") == {}
    assert input_comments(compared(enter_data_manually="Both"), "evaluate_model") == {}
    assert input_comments(compared(train_model="  One\nline "), "evaluate_model") == {
        "scored_dataset": "One line"
    }
    near = compared(train_model="Far", score_model="Near", score_model_2="Other")
    assert input_comments(near, "evaluate_model") == {
        "scored_dataset": "Near",
        "scored_dataset_to_compare": "Other",
    }
