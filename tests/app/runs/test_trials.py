"""Automated ML in the window: its trials while it runs, and each one as a pipeline afterwards."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, show

from designer.app.automl.board import Board, Row
from designer.app.automl.trials_panel import EMPTY
from designer.app.views.leaderboard_view import LeaderboardView
from designer.automl.dataset_pipeline import for_file
from designer.engine import events
from modules.contract.context import Trial
from modules.values.leaderboard import LeaderboardSummary

pytestmark = pytest.mark.allow_leaks


SCORE, MODEL = 2, 3
"""Columns; the first ones are seen in a narrow panel too."""


def searching(window, folder, **parameters):
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(60, 2)), columns=["a", "b"])
    frame["y"] = np.where(frame["a"] + random.normal(size=60) > 0, "yes", "no")
    frame.to_csv(folder / "rows.csv", index=False)
    given = {
        "label_column": ["y"],
        "folds": 2,
        "allowed_learners": "Logistic Regression, Nearest Neighbors",
        **parameters,
    }
    pipeline, node = for_file(str(folder / "rows.csv"), given, window.catalog)
    show(window, pipeline)
    return node


def texts(board: Board, column: int) -> list[str]:
    tree = board.list
    items = (tree.topLevelItem(index) for index in range(tree.topLevelItemCount()))
    return [item.text(column) for item in items]


@pytest.mark.long
def test_trials_are_listed_while_they_run_and_open_as_pipelines(window, qtbot, tmp_path):
    node = searching(window, tmp_path, trials=3)
    panel = window.trials
    assert panel._stack.currentWidget().text() == EMPTY
    assert run(window, qtbot) == "completed"
    assert sorted(texts(panel.board, 1)) == ["1", "2", "3"]
    assert texts(panel.board, 0) == ["1", "2", "3"]
    assert "3 of 3 trials · best AUC weighted" in panel.summary.text()
    assert not panel.stop.isEnabled()
    assert len(panel.board.curve.points(0)[0]) >= 3
    window.runs.show_output(node, "leaderboard")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    result = window.runs.result_windows()[0].focusProxy()
    qtbot.waitUntil(lambda: not result.reading, timeout=LONG)
    board = result.view.board
    assert board.list.topLevelItemCount() >= 3
    opened = []
    window.runs._open_trial._open_beside = opened.append
    board.list.setFocus()
    QTest.keyClick(board.list, Qt.Key.Key_Down)
    QTest.mouseClick(result.view.open, Qt.MouseButton.LeftButton)
    assert len(opened) == 1
    assert '"module": "cross_validate_model"' in opened[0]
    assert str(tmp_path / "rows.csv") in opened[0] or "rows.csv" in opened[0]


@pytest.mark.long
def test_a_search_is_stopped_with_the_best_as_its_result(window, qtbot, tmp_path):
    searching(window, tmp_path, trials=10_000)
    panel = window.trials
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        window.actions_by_id["run"].trigger()
        assert not window.actions_by_id["stop_and_keep"].isEnabled()
        qtbot.waitUntil(panel.stop.isEnabled, timeout=LONG)
        assert window.actions_by_id["stop_and_keep"].isEnabled()
        QTest.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
        assert not panel.stop.isEnabled()
        assert "Stopping" in panel.summary.text()
    assert finished.args[0] == "completed"
    result = window.controller.results["automated_training"]
    assert set(result.outputs) == {"best_model", "leaderboard", "scored_folds"}
    assert any("It was stopped" in text for text in result.warnings)


def test_rows_are_ranked_and_failed_ones_are_last(qtbot):
    board = Board(timed=True)
    qtbot.addWidget(board)
    rows = [
        Row(1, "One", "", 0.4, 0.01, 2.0),
        Row(2, "Two", "", None, None, 1.0, "Not enough memory"),
        Row(3, "Three", "depth: 3", 0.2, 0.02, 65.0),
    ]
    board.show_rows(rows, "Log loss", higher_is_better=False, newest=2)
    assert texts(board, MODEL) == ["Three", "One", "Two"]
    assert texts(board, 6) == ["depth: 3", "", "Not enough memory"]
    # One below the other, the decimal points are aligned.
    # What was stopped early hasn't failed: the last column has the reason of either.
    assert texts(board, SCORE) == ["0.2000", "0.4000", "–"]
    assert texts(board, 4) == ["± 0.0200", "± 0.0100", ""]
    numbers = [column for column in range(7) if column not in (MODEL, 6)]
    header, first = board.list.headerItem(), board.list.topLevelItem(0)
    for item in (header, first):
        assert [
            column
            for column in range(7)
            if item.textAlignment(column) & Qt.AlignmentFlag.AlignRight
        ] == numbers
    assert board.curve.points(0) == ([1, 3, 3], [0.4, 0.4, 0.2])
    board.show_rows(rows, "Accuracy", higher_is_better=True)
    assert texts(board, MODEL) == ["One", "Three", "Two"]
    assert board.curve.points(0) == ([1, 3], [0.4, 0.4])


def test_a_leaderboard_keeps_its_ranks_and_opens_the_row_that_is_chosen(qtbot):
    """The best isn't always the one with the best score: the first row is what the model is."""

    def trial(number, title, score, problem=""):
        return {"number": number, "title": title, "settings": "", "score": score, "spread": 0.01,
                "metrics": {}, "problem": problem}  # fmt: skip

    trials = [
        trial(0, "Weighted average of 2", 0.799),
        trial(2, "Two", 0.8),
        trial(1, "One", 0.7),
        trial(3, "Three", None, "Not enough memory"),
    ]
    plan = {"left_out": []}
    summary = LeaderboardSummary("Leaderboard", {}, "Accuracy", True, trials, plan)
    opened = []
    view = LeaderboardView(summary, lambda *what: opened.append(what))
    qtbot.addWidget(view)
    view.show()
    assert texts(view.board, MODEL) == ["Weighted average of 2", "Two", "One", "Three"]
    assert texts(view.board, 0) == ["1", "2", "3", "4"]
    assert texts(view.board, 5)[3] == "Not enough memory"
    axes = view.board.curve._plot.getPlotItem()
    titles = [axes.getAxis(side).labelText for side in ("bottom", "left")]
    assert titles == ["Trial", "Accuracy"]
    QTest.mouseClick(view.open, Qt.MouseButton.LeftButton)
    assert opened == [(plan, trials[0])]
    QTest.keyClick(view.board.list, Qt.Key.Key_End)
    QTest.mouseClick(view.open, Qt.MouseButton.LeftButton)
    assert opened[1] == (plan, trials[3])


def test_columns_are_as_wide_as_their_headers(window, qtbot):
    """Headers are bold, and wider than letters of the usual weight."""
    board = Board(timed=True)
    qtbot.addWidget(board)
    board.resize(1500, 300)
    board.show()
    board.show_rows([Row(1, "One", "", 0.4, 0.01, 2.0)], "AUC weighted", higher_is_better=True)
    header, names = board.list.header(), board.list.headerItem()
    bold = QFont(board.list.font())
    bold.setWeight(QFont.Weight.DemiBold)
    for column in range(6):
        needed = QFontMetrics(bold).horizontalAdvance(names.text(column))
        assert header.sectionSize(column) >= needed + 2 * 8, names.text(column)


def test_trials_are_counted_by_integers_that_do_not_touch(window, qtbot):
    board = Board(timed=True)
    qtbot.addWidget(board)
    board.resize(900, 130)
    board.show()
    scores = [0.771, 0.788, 0.7881, 0.805]
    rows = [Row(number, "One", "", score) for number, score in enumerate(scores, start=1)]
    board.show_rows(rows, "AUC weighted", higher_is_better=True)
    item = board.curve._plot.getPlotItem()
    for name in ("bottom", "left"):
        axis = item.getAxis(name)
        length = axis.height() if name == "left" else axis.width()
        levels = axis.tickValues(*axis.range, length)
        if name == "bottom":
            assert all(value == int(value) for _, values in levels for value in values)
    size = board.curve._plot.size()
    painter = QPainter(image := QImage(size, QImage.Format.Format_ARGB32))
    specs = item.getAxis("left").generateDrawSpecs(painter)
    painter.end()
    assert not image.isNull()
    boxes = sorted((box for box, *_ in specs[2]), key=lambda box: box.top())
    assert len(boxes) >= 2
    for above, below in pairwise(boxes):
        assert below.top() >= above.bottom()


def test_the_curve_reaches_the_last_trial_even_if_it_has_no_score(qtbot):
    board = Board(timed=True)
    qtbot.addWidget(board)
    rows = [Row(1, "One", "", 0.4), Row(2, "Two", "", None), Row(3, "Three", "", None)]
    board.show_rows(rows, "Accuracy", higher_is_better=True)
    assert board.curve.points(0) == ([1, 3], [0.4, 0.4])
    board.show_rows(rows[1:], "Accuracy", higher_is_better=True)
    assert texts(board, MODEL) == ["Two", "Three"]


def test_a_long_metric_leaves_room_for_the_settings(window, qtbot):
    board = Board(timed=False)
    qtbot.addWidget(board)
    board.resize(1050, 400)
    board.show()
    rows = [Row(number, "Decision Forest Regression", "trees: 200, depth: 64", 0.0567, 0.0148)
            for number in range(1, 4)]  # fmt: skip
    metric = "Normalized root mean squared error"
    board.show_rows(rows, metric, higher_is_better=False)
    header = board.list.header()
    assert header.sectionPosition(5) + header.sectionSize(5) <= board.list.viewport().width()
    assert board.list.headerItem().text(SCORE).split() == metric.split()
    assert header.height() >= 2 * header.fontMetrics().height()


@pytest.mark.parametrize("way", ["seen", "beside", "hidden"])
def test_trials_come_to_the_front_as_a_search_begins(window, qtbot, way):
    """But not while the panel beside is worked in, and a side that was closed stays closed."""
    bench, panel = window.workbench, window.trials
    side = bench.sides["below"]
    bench.show_panel("log" if way == "beside" else "problems")
    if way == "beside":
        text = side.currentWidget().text
        QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton)
        assert QApplication.focusWidget() is text
    elif way == "hidden":
        bench.set_side_visible("below", False)
    state = window.controller.state
    state.begin(window.document.pipeline, window.document.base, {"n"})
    state.take(events.Running(run="r", node="n", threads=1))
    for number in (1, 2):
        trial = Trial(number, 5, "A", "", "Accuracy", 0.5)
        state.take(events.TrialEnded(run="r", node="n", trial=trial))
        window.controller.progressed.emit()
        assert (side.currentWidget() is panel) == (way == "seen" and number == 1)
        if way == "seen":
            bench.show_panel("problems")
            newest = panel.board.list.findItems(str(number), Qt.MatchFlag.MatchExactly, 1)[0]
            assert newest.font(MODEL).bold()
    state.take(events.Completed(run="r", node="n", seconds=1.0, outputs={}))
    window.controller.progressed.emit()
    items = panel.board.list.findItems("A", Qt.MatchFlag.MatchExactly, MODEL)
    assert [item.font(MODEL).bold() for item in items] == [False, False]
    assert bench.side_visible("below") == (way != "hidden")


def test_the_time_left_is_shown_while_a_search_runs(window):
    state = window.controller.state
    state.begin(window.document.pipeline, window.document.base, {"n"})
    panel = window.trials
    trial = Trial(1, 5, "A", "", "Accuracy", 0.5, seconds_left=151.0)
    assert "1 of 5 trials · best Accuracy" in panel._text([trial])
    state.take(events.Running(run="r", node="n", threads=1))
    state.take(events.TrialEnded(run="r", node="n", trial=trial))
    assert panel.searching
    assert "1 of 5 trials · about 3 min left · best Accuracy" in panel._text([trial])


def test_a_step_that_starts_again_reports_its_trials_anew(window):
    """Its worker ended: what is reported twice isn't shown twice."""
    state = window.controller.state
    trial = Trial(1, 5, "A", "", "Accuracy", 0.5)
    for attempt in range(2):
        state.take(events.Running(run="r", node="n", threads=1))
        assert "n" not in state.trials, attempt
        state.take(events.TrialEnded(run="r", node="n", trial=trial))
    assert state.trials == {"n": [trial]}


def test_the_trials_of_a_new_run_replace_the_earlier_ones(window):
    state = window.controller.state
    trial = Trial(1, 5, "A", "", "Accuracy", 0.5)
    state.take(events.TrialEnded(run="r", node="n", trial=trial))
    assert state.trials == {"n": [trial]}
    state.begin(window.document.pipeline, window.document.base, {"n"})
    assert state.trials == {}
