"""The canvas by keyboard alone."""

from __future__ import annotations

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from designer.app.canvas.gestures import navigation
from designer.pipeline import edits

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def flow(desk):
    desk.show(
        pipeline_of(
            {
                "dataset": (200, 0),
                "split_data": (200, 160),
                "linear_regression": (-80, 160),
                "train_model": (40, 320),
            },
            ("dataset.dataset", "split_data.dataset"),
            ("split_data.first", "train_model.dataset"),
            ("linear_regression.untrained_model", "train_model.untrained_model"),
        )
    )
    return desk


def test_tab_on_the_empty_canvas_opens_the_list_and_enter_adds(desk):
    desk.key(Qt.Key.Key_Tab)
    assert desk.canvas.quick_add.isVisible()
    desk.type("csv")
    assert desk.listed()[0] == "Dataset"
    desk.key(Qt.Key.Key_Return)
    assert list(desk.pipeline.nodes) == ["dataset"]
    assert desk.canvas.selection() == ["dataset"]
    assert QApplication.focusWidget() is desk.canvas.viewer


def test_typing_opens_the_list_with_what_was_typed(desk):
    desk.key(Qt.Key.Key_J)
    desk.type("oin")
    assert desk.listed()[0] == "Join Data"
    desk.key(Qt.Key.Key_Escape)
    assert not desk.canvas.quick_add.isVisible()
    assert not desk.steps


def test_the_list_is_walked_with_arrows(desk):
    desk.key(Qt.Key.Key_Tab)
    first, second = desk.listed()[:2]
    listed = desk.canvas.quick_add.list
    assert listed.currentIndex().data() == first
    desk.key(Qt.Key.Key_Down)
    assert listed.currentIndex().data() == second
    desk.key(Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Up)
    assert listed.currentIndex().data() == desk.listed()[-1]
    desk.key(Qt.Key.Key_PageUp)
    desk.key(Qt.Key.Key_PageUp)
    assert listed.currentIndex().data() == first


def test_nothing_found_says_so_and_enter_does_nothing(desk):
    desk.key(Qt.Key.Key_Tab)
    desk.type("zzzz ((*[")
    note = desk.canvas.quick_add.note
    assert note.text() == "No matches for “zzzz ((*[”."
    assert note.height() >= note.heightForWidth(note.width())
    desk.key(Qt.Key.Key_Return)
    assert desk.canvas.quick_add.isVisible()
    assert not desk.steps


def test_a_click_elsewhere_closes_the_list(flow):
    flow.double_click(flow.at(-200, 450))
    flow.click(flow.card("dataset"))
    assert not flow.canvas.quick_add.isVisible()
    assert flow.canvas.selection() == ["dataset"]


def test_the_focus_going_elsewhere_closes_the_list(flow, qtbot):
    flow.key(Qt.Key.Key_Tab)
    flow.canvas.viewer.setFocus()
    assert not flow.canvas.quick_add.isVisible()


def test_modules_added_one_after_the_other_do_not_cover_each_other(desk):
    for _ in range(3):
        desk.canvas.select([])
        desk.canvas.open_quick_add()
        desk.key(Qt.Key.Key_Return)
    assert len({node.position for node in desk.pipeline.nodes.values()}) == 3


def test_a_module_added_at_a_card_stands_below_it_and_is_linked(desk):
    desk.canvas.open_quick_add("dataset")
    desk.key(Qt.Key.Key_Return)
    # What was added is selected: three keys and a word for every further step.
    for text in ("split data", "train model", "score model", "linear regression"):
        desk.canvas.open_quick_add(text)
        desk.key(Qt.Key.Key_Return)
    links = {
        f"{link.source.node}.{link.source.port} > {link.target.node}.{link.target.port}"
        for link in desk.pipeline.links
    }
    assert links == {
        "dataset.dataset > split_data.dataset",
        "split_data.first > train_model.dataset",
        "train_model.trained_model > score_model.trained_model",
        # The rows that weren't used for training.
        "split_data.second > score_model.dataset",
    }
    cards = [item.card_rect() for item in desk.canvas.graph.nodes.values()]
    assert len(cards) == 5
    assert not any(one.intersects(two) for one in cards for two in cards if one is not two)
    desk.canvas.select(["score_model"])
    desk.key(Qt.Key.Key_Delete)
    desk.canvas.select(["split_data"])
    desk.canvas.open_quick_add("score model")
    desk.key(Qt.Key.Key_Return)
    added = desk.canvas.selection()[0]
    assert {str(link.source.port) for link in desk.pipeline.links_into[added]} == {"second"}


def test_arrows_move_the_selection_as_one_step_of_undo(flow):
    flow.canvas.select(["dataset"])
    flow.key(Qt.Key.Key_Right)
    flow.key(Qt.Key.Key_Down, SHIFT)
    assert flow.pipeline.nodes["dataset"].position == (220.0, 100.0)
    merges = {merge for _, merge in flow.steps}
    assert len(merges) == 1
    assert None not in merges


def test_arrows_scroll_when_nothing_is_selected(flow):
    before = flow.at(0, 0)
    flow.key(Qt.Key.Key_Down)
    assert flow.at(0, 0).y() < before.y()
    assert not flow.steps


def test_tab_walks_from_card_to_card_and_then_leaves(qtbot, flow):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    after = QLineEdit()
    layout.addWidget(flow.canvas)
    layout.addWidget(after)
    window.show()
    window.activateWindow()
    flow.canvas.viewer.setFocus()
    flow.canvas.select(["dataset"])
    visited = []
    for _ in range(3):
        flow.key(Qt.Key.Key_Tab)
        visited += flow.canvas.selection()
    assert visited == ["linear_regression", "split_data", "train_model"]
    flow.key(Qt.Key.Key_Backtab, SHIFT)
    assert flow.canvas.selection() == ["split_data"]
    flow.key(Qt.Key.Key_Tab)
    flow.key(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is after
    flow.canvas.setParent(None)


def test_control_and_arrows_follow_links_and_neighbours(flow):
    flow.canvas.select(["dataset"])
    flow.key(Qt.Key.Key_Down, CONTROL)
    assert flow.canvas.selection() == ["split_data"]
    flow.key(Qt.Key.Key_Left, CONTROL)
    assert flow.canvas.selection() == ["linear_regression"]
    flow.key(Qt.Key.Key_Down, CONTROL)
    assert flow.canvas.selection() == ["train_model"]
    flow.key(Qt.Key.Key_Up, CONTROL)
    assert flow.canvas.selection() == ["linear_regression"]
    # No link leads further up: the nearest card there.
    flow.key(Qt.Key.Key_Up, CONTROL)
    assert flow.canvas.selection() == ["dataset"]
    flow.key(Qt.Key.Key_Up, CONTROL)
    assert flow.canvas.selection() == ["dataset"]
    assert not flow.steps


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F2])
def test_enter_and_f2_open_the_selected_node(flow, qtbot, key):
    flow.canvas.select(["split_data"])
    with qtbot.waitSignal(flow.canvas.node_activated) as opened:
        flow.key(key)
    assert opened.args == ["split_data"]


def test_delete_removes_nodes_with_their_links_in_one_step(flow):
    flow.canvas.select(["split_data", "dataset"])
    flow.key(Qt.Key.Key_Delete)
    assert set(flow.pipeline.nodes) == {"linear_regression", "train_model"}
    assert len(flow.pipeline.links) == 1
    assert flow.steps == [("Delete 2 items", None)]
    assert flow.canvas.selection() == []
    flow.undo()
    assert len(flow.canvas.graph.links) == 3


def test_delete_with_nothing_selected_does_nothing(flow):
    flow.key(Qt.Key.Key_Delete)
    assert not flow.steps


def test_control_a_selects_everything_and_escape_nothing(flow):
    flow.key(Qt.Key.Key_A, CONTROL)
    assert flow.canvas.selection() == list(flow.pipeline.nodes)
    flow.key(Qt.Key.Key_Escape)
    assert flow.canvas.selection() == []


def test_keys_that_mean_nothing_here_are_left_to_the_window(flow, qtbot):
    seen = []
    flow.canvas.keyPressEvent = lambda event: event.text() and seen.append(event.key())
    flow.key(Qt.Key.Key_S, CONTROL)
    assert not flow.canvas.quick_add.isVisible()
    assert seen == [Qt.Key.Key_S]


def test_reading_order_takes_nearly_equal_heights_for_a_row():
    places = {"a": (500.0, 4.0), "b": (0.0, 0.0), "c": (0.0, 200.0)}
    assert navigation.reading_order(places) == ["b", "a", "c"]
    assert navigation.following(places, "c", True) is None
    assert navigation.following(places, None, True) == "b"
    assert navigation.following({}, None, True) is None


def test_the_list_of_modules_is_no_taller_than_what_it_lists(desk):
    quick_add = desk.canvas.quick_add
    desk.canvas.open_quick_add()
    tall = quick_add.height()
    desk.type("split")
    assert desk.listed() == ["Split Data"]
    assert quick_add.height() < tall
    assert quick_add.list.viewport().height() >= quick_add.list.sizeHintForRow(0)
    desk.type("zzz")
    assert quick_add.note.isVisible()
    assert quick_add.note.geometry().bottom() < quick_add.height()


def test_two_modules_are_linked_by_keys_alone(training):
    training.show(edits.connect(training.pipeline, *link("dataset.dataset", "split_data.dataset")))
    training.canvas.select(["split_data"])
    control = Qt.KeyboardModifier.ControlModifier
    training.key(Qt.Key.Key_Left, control | Qt.KeyboardModifier.ShiftModifier)
    assert set(training.canvas.selection()) == {"split_data", "train_model"}
    training.key(Qt.Key.Key_K, control)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions()] == [
        "Split Data, first → Train Model, dataset",
        "Split Data, second → Train Model, dataset",
    ]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert link("split_data.second", "train_model.dataset") in training.pipeline.links
    assert training.steps == [("Add link", None)]
    assert training.messages == ["Linked Split Data, second → Train Model, dataset."]


def test_a_learner_typed_at_train_model_is_linked_above_it(training):
    training.canvas.select(["train_model"])
    for letter in "linear":
        QTest.keyClicks(QApplication.focusWidget(), letter)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    added = link("linear_regression_2.untrained_model", "train_model.untrained_model")
    assert training.pipeline.links == (added,)
    cards = {name: item.card_rect() for name, item in training.canvas.graph.nodes.items()}
    assert cards["linear_regression_2"].bottom() < cards["train_model"].top()
    assert not any(
        cards["linear_regression_2"].intersects(other)
        for name, other in cards.items()
        if name != "linear_regression_2"
    )
    # What is added is reached again from Train Model, and the other way round.
    assert training.canvas.selection() == ["linear_regression_2"]
    training.key(Qt.Key.Key_Down, CONTROL)
    assert training.canvas.selection() == ["train_model"]


def test_an_input_that_has_its_link_is_left_alone(training):
    one = link("linear_regression.untrained_model", "train_model.untrained_model")
    training.show(edits.connect(training.pipeline, *one))
    training.canvas.select(["train_model"])
    for letter in "linear":
        QTest.keyClicks(QApplication.focusWidget(), letter)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert "linear_regression_2" in training.pipeline.nodes
    assert training.pipeline.links == (one,)


def test_the_only_ports_that_fit_are_linked_and_shown(training):
    training.canvas.select(["linear_regression", "train_model"])
    training.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.activePopupWidget() is None
    expected = link("linear_regression.untrained_model", "train_model.untrained_model")
    assert training.pipeline.links == (expected,)
    assert training.messages == [
        "Linked Linear Regression, untrained model → Train Model, untrained model."
    ]


def test_esc_links_nothing(training):
    training.canvas.select(["split_data", "train_model"])
    training.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Escape)
    assert not training.pipeline.links
    assert not training.messages


def test_one_module_is_linked_to_another_that_is_chosen_by_keys(flow):
    flow.show(edits.add_node(flow.pipeline, "score_model", position=(40, 480))[0])
    before = flow.pipeline.links
    flow.canvas.select(["split_data"])
    flow.key(Qt.Key.Key_K, CONTROL)
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions()]
    wanted = "Split Data, second → Score Model, dataset"
    for _ in range(texts.index(wanted)):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    (added,) = set(flow.pipeline.links) - set(before)
    assert added == link("split_data.second", "score_model.dataset")
    assert set(before) < set(flow.pipeline.links)
    assert flow.messages == [f"Linked {wanted}."]


def test_a_link_of_one_module_is_deleted_by_keys(flow):
    before = set(flow.pipeline.links)
    flow.canvas.select(["split_data"])
    flow.key(Qt.Key.Key_K, CONTROL | SHIFT)
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions()]
    assert all("Split Data" in text for text in texts)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    (gone,) = before - set(flow.pipeline.links)
    assert "split_data" in (gone.source.node, gone.target.node)
    assert flow.messages == [f"Deleted the link {texts[0]}."]


def test_ctrl_and_an_arrow_reach_what_is_not_linked(training):
    training.canvas.select(["dataset"])
    training.key(Qt.Key.Key_Down, CONTROL)
    assert training.canvas.selection() == ["split_data"]
    training.key(Qt.Key.Key_Down, CONTROL)
    assert training.canvas.selection() == ["train_model"]


def test_links_are_deleted_by_keys_alone(training):
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    training.canvas.select(["split_data", "train_model"])
    training.key(Qt.Key.Key_K, keys)
    assert training.messages == ["These modules aren't linked."]
    first = link("split_data.first", "train_model.dataset")
    training.show(edits.connect(training.pipeline, *first))
    training.canvas.select(["split_data", "train_model"])
    training.key(Qt.Key.Key_K, keys)
    assert not training.pipeline.links
    assert training.steps == [("Delete link", None)]
    assert training.messages[1:] == ["Deleted the link Split Data, first → Train Model, dataset."]


def test_of_several_links_one_is_chosen_to_be_deleted(desk):
    desk.show(pipeline_of({"dataset": (0, 0), "join_data": (0, 140)}))
    sides = [link("dataset.dataset", f"join_data.{side}") for side in ("left", "right")]
    for each in sides:
        desk.show(edits.connect(desk.pipeline, *each))
    desk.canvas.select(["dataset", "join_data"])
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    desk.key(Qt.Key.Key_K, keys)
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions()]
    assert sorted(texts) == [
        "Dataset, dataset → Join Data, left",
        "Dataset, dataset → Join Data, right",
    ]
    for _ in range(texts.index("Dataset, dataset → Join Data, right")):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert desk.pipeline.links == (sides[0],)


def test_a_selection_grows_along_links_by_keys(training):
    pipeline = training.pipeline
    pipeline = edits.connect(pipeline, *link("dataset.dataset", "split_data.dataset"))
    training.show(edits.connect(pipeline, *link("split_data.first", "train_model.dataset")))
    training.canvas.select(["dataset"])
    for _ in range(2):
        control = Qt.KeyboardModifier.ControlModifier
        training.key(Qt.Key.Key_Down, control | Qt.KeyboardModifier.ShiftModifier)
    assert set(training.canvas.selection()) == {"dataset", "split_data", "train_model"}


def test_keys_say_why_two_modules_can_not_be_linked(training):
    control = Qt.KeyboardModifier.ControlModifier
    training.canvas.select(["dataset", "linear_regression"])
    training.key(Qt.Key.Key_K, control)
    training.canvas.select([])
    training.key(Qt.Key.Key_K, control)
    training.show(edits.connect(training.pipeline, *link("dataset.dataset", "split_data.dataset")))
    training.canvas.select(["dataset", "split_data"])
    training.key(Qt.Key.Key_K, control)
    assert training.messages[0] == "These modules have no compatible ports."
    assert training.messages[1] == "Select one module or two modules first."
    assert "already" in training.messages[2]
    assert not training.steps
