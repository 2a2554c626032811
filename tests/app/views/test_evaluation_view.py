"""Evaluations on the screen: curves, threshold, confusion matrix, comparison."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPicture
from PySide6.QtWidgets import QFileDialog, QToolButton
from sklearn.metrics import confusion_matrix, roc_curve

from designer.app.shell import theme
from designer.app.views.evaluation_view import EvaluationView
from designer.app.views.metric_cards import better
from modules.values import Evaluation, EvaluationReport, two_class_metrics


def scores(rows: int, seed: int):
    draw = np.random.default_rng(seed)
    actual = draw.random(rows) < 0.4
    score = np.clip(draw.normal(0.35 + 0.3 * actual, 0.2), 0, 1).round(3)
    return actual, score


def two_class(actual, score, name, **metrics) -> EvaluationReport:
    cuts = np.unique(score)[::-1]
    table = pd.DataFrame(
        {
            "threshold": [np.inf, *cuts],
            "true_positives": [0, *((actual & (score >= cut)).sum() for cut in cuts)],
            "false_positives": [0, *((~actual & (score >= cut)).sum() for cut in cuts)],
        }
    )
    return EvaluationReport(
        name, "two-class", metrics, thresholds=table, positives=int(actual.sum()),
        negatives=int((~actual).sum()), positive="yes", classes=("no", "yes"),
    )  # fmt: skip


@pytest.fixture
def data():
    return [scores(900, 1), scores(900, 2)]


@pytest.fixture
def view(qtbot, opened, data) -> EvaluationView:
    reports = (
        two_class(*data[0], "Logistic regression", **{"AUC": 0.8, "Average log loss": 0.5}),
        two_class(*data[1], "Boosted tree", **{"AUC": 0.9, "Average log loss": 0.6}),
    )
    return wait(qtbot, opened(Evaluation(reports), "Evaluate"))


def wait(qtbot, widget) -> EvaluationView:
    qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
    return widget.view


@pytest.mark.long
def test_both_reports_are_in_one_plot_as_scikit_learn_draws_them(view, data):
    assert [view.tabs.tabText(place) for place in range(3)] == ["ROC", "Precision-recall", "Lift"]
    for place, (actual, score) in enumerate(data):
        false_rate, true_rate, _ = roc_curve(actual, score, drop_intermediate=False)
        x, y = view.plots["roc"].points(place)
        assert x == pytest.approx(false_rate)
        assert y == pytest.approx(true_rate)


@pytest.mark.parametrize("value", [0.5, 0.31, 0.0, 1.0])
def test_the_threshold_changes_metrics_and_matrix(view, data, value):
    view.threshold.set_threshold(value)
    for place, (actual, score) in enumerate(data):
        counts = confusion_matrix(actual, score > value)
        matrix = view.threshold.matrix(place)
        shown = [[matrix.text(a, p) for p in range(2)] for a in range(2)]
        assert shown == [[str(number) for number in row] for row in counts.tolist()]
        (rest, alarms), (misses, hits) = counts
        expected = two_class_metrics(hits, alarms, misses, rest)
        for name, text in view.threshold.shown(place).items():
            exact = expected[name]
            assert text == ("–" if math.isnan(exact) else f"{exact:.3f}"), name


def test_a_matrix_of_four_rows_counted_by_hand(qtbot, opened):
    actual = np.array([True, True, False, False])
    score = np.array([0.9, 0.4, 0.6, 0.1])
    view = wait(qtbot, opened(Evaluation((two_class(actual, score, "M", AUC=0.75),))))
    matrix = view.threshold.matrix(0)
    assert matrix.rows() == [
        ["Actual \\ Predicted", "no", "yes"],
        ["no", "1", "1"],
        ["yes", "1", "1"],
    ]
    view.threshold.set_threshold(0.7)
    assert matrix.rows()[1:] == [["no", "2", "0"], ["yes", "1", "1"]]
    assert view.threshold.shown(0)["Precision"] == "1.000"
    view.threshold._percent.setChecked(True)
    assert matrix.rows()[1:] == [["no", "100.0%", "0.0%"], ["yes", "50.0%", "50.0%"]]


def test_the_slider_works_by_keyboard_and_moves_the_dots(qtbot, view, data):
    slider = view.threshold._slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert view.threshold.threshold == 0.51
    actual, score = data[0]
    above = score > 0.51
    spots = view.plots["roc"]._marks.points()
    assert len(spots) == 2
    assert spots[0].pos().x() == pytest.approx((above & ~actual).sum() / (~actual).sum())
    assert spots[0].pos().y() == pytest.approx((above & actual).sum() / actual.sum())


def test_pointing_at_a_curve_reads_it(view):
    plot = view.plots["roc"]
    x, y = plot.points(1)
    place = len(x) // 3
    box = plot._plot.getViewBox()
    plot._moved(box.mapViewToScene(QPointF(x[place], y[place])))
    assert plot.readout().startswith("Boosted tree: False positive rate")
    assert "threshold" in plot.readout()
    assert f"{y[place]:.4g}" in plot.readout()


def test_the_better_value_is_emphasised(view):
    assert better("AUC", [0.8, 0.9]) == {1}
    assert better("Average log loss", [0.5, 0.6]) == {0}
    assert better("Average distance to cluster center", [1, 2]) == set()
    assert better("Number of points", [1, 2]) == set()
    assert better("Accuracy", [0.5, 0.5]) == set()
    assert better("Recall", [math.nan, 0.2]) == set()
    names = [label.accessibleName() for label in view.cards.findChildren(type(view._message))]
    assert "AUC of Boosted tree: 0.9000, the better value" in names
    assert "Average log loss of Logistic regression: 0.5000, the better value" in names
    assert "AUC of Logistic regression: 0.8000" in names


def test_metrics_are_copied_in_full(view):
    view._copy(view.cards.rows())
    assert QGuiApplication.clipboard().text() == (
        "Metric\tLogistic regression\tBoosted tree\nAUC\t0.8\t0.9\nAverage log loss\t0.5\t0.6"
    )


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_plot_is_saved_as_a_picture(view, tmp_path, monkeypatch, suffix):
    target = tmp_path / f"roc.{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    view._save_image()
    assert view._message.text() == f"Saved roc.{suffix}."
    if suffix == "png":
        image = QImage(str(target))
        assert image.width() == 2 * view.plots["roc"].width()
        tints = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3)
                 for y in range(0, image.height(), 3)}  # fmt: skip
        assert theme.current().accent in tints
    else:
        text = target.read_text()
        assert "<svg" in text
        assert "Boosted tree" in text or "<text" in text


def test_colours_follow_the_theme(qapp, view):
    plot = view.plots["roc"]
    try:
        theme.apply(qapp, "dark")
        assert plot._plot.backgroundBrush().color() == QColor(theme.current().surface)
        assert plot._lines[0].opts["pen"].color() == QColor(theme.current().accent)
        dark = view.grab().toImage().pixelColor(3, view.height() - 3)
        assert dark.lightness() < 80
    finally:
        theme.apply(qapp, "light")
    assert plot._lines[0].opts["pen"].color() == QColor(theme.current().accent)


def test_regression_shows_its_residuals(qtbot, opened):
    residuals = pd.DataFrame({"low": [-2.0, 0.0], "high": [0.0, 2.0], "count": [3, 5]})
    metrics = {"Mean absolute error": 1234.5, "Coefficient of determination": 0.9}
    one = EvaluationReport("Linear", "regression", metrics, residuals=residuals)
    view = wait(qtbot, opened(Evaluation((one,))))
    assert view.threshold is None
    assert view.plots["residuals"].points(0) == ([-2.0, 0.0, 2.0], [3, 5])
    view.grab()


def test_residuals_of_two_learners_are_counted_in_the_same_bins(qtbot, opened):
    metrics = {"Mean absolute error": 1.0}
    frames = (
        pd.DataFrame({"low": [-2.0, 0.0], "high": [0.0, 2.0], "count": [3, 5]}),
        pd.DataFrame({"low": [-4.0, 0.0], "high": [0.0, 4.0], "count": [4, 4]}),
    )
    reports = tuple(
        EvaluationReport(name, "regression", metrics, residuals=frame)
        for name, frame in zip(("Linear", "Tree"), frames, strict=True)
    )
    plot = wait(qtbot, opened(Evaluation(reports))).plots["residuals"]
    assert plot.points(0) == ([-4.0, 0.0, 4.0], [3, 5])
    assert plot.points(1) == ([-4.0, 0.0, 4.0], [4, 4])


def test_several_classes_show_matrix_and_table(qtbot, opened):
    confusion = pd.DataFrame(
        [[5, 1, 0], [2, 7, 1], [0, 0, 0]], index=list("abc"), columns=list("abc")
    )
    table = pd.DataFrame({"Class": list("abc"), "Recall": [0.8333, 0.7, math.nan]})
    report = EvaluationReport(
        "Forest", "multiclass", {"Overall accuracy": 0.75}, classes=tuple("abc"),
        confusion=confusion, table=table,
    )  # fmt: skip
    view = wait(qtbot, opened(Evaluation((report,))))
    assert [view.tabs.tabText(n) for n in range(2)] == ["Confusion matrix", "Each class"]
    matrix = view.matrices[0]
    assert matrix.sentence(1, 0) == "actual b, predicted a: 2 (20.0% of its row)"
    assert matrix.text(0, 1) == "1"
    matrix.set_percent(True)
    assert matrix.text(2, 2) == "–"
    assert view.tabs.widget(1).texts() == [
        ["Class", "Recall"],
        ["a", "0.8333"],
        ["b", "0.7000"],
        ["c", "–"],
    ]
    top = matrix._top(matrix._cell(matrix.width()))
    place = QPoint(int(matrix._left()) + 5, int(top) + 5)
    assert matrix._tip(place).startswith("Actual a, predicted a")
    view.grab()


def test_one_long_name_among_many_classes_takes_no_room_from_the_cells(qtbot, opened):
    names = [*"abcdefghi", "a class with a rather long name"]
    confusion = pd.DataFrame(np.eye(10, dtype=int), index=names, columns=names)
    report = EvaluationReport("M", "multiclass", {}, classes=tuple(names), confusion=confusion)
    matrix = wait(qtbot, opened(Evaluation((report,)), size=(950, 460))).matrices[0]
    cell = matrix._cell(matrix.width())
    assert matrix._top(cell) < 3 * matrix.fontMetrics().height()
    # The whole name is where the pointer rests, on a column's and on a row's.
    last = int(matrix._left() + 9.5 * cell)
    assert matrix._tip(QPoint(last, 20)) == names[9]
    down = int(matrix._top(cell) + 9.5 * matrix._tall())
    assert matrix._tip(QPoint(20, down)) == names[9]
    assert matrix._tip(QPoint(2, 2)) == ""


@pytest.mark.long
def test_many_classes_can_be_scrolled(qtbot, opened):
    count = 40
    names = [f"a class with a long name {place}" for place in range(count)]
    confusion = pd.DataFrame(np.eye(count, dtype=int) * 12345, index=names, columns=names)
    report = EvaluationReport("M", "multiclass", {}, classes=tuple(names), confusion=confusion)
    view = wait(qtbot, opened(Evaluation((report,)), size=(900, 600)))
    matrix = view.matrices[0]
    assert matrix.width() > view.width()
    # Names that begin alike stand upright, where they are told apart.
    metrics = matrix.fontMetrics()
    assert matrix._top(matrix._cell(matrix.width())) > metrics.horizontalAdvance(
        "a class with a lon"
    )
    view.grab()


def test_clusters_and_reports_without_anything(qtbot, opened):
    table = pd.DataFrame(
        {"Result": ["Combined evaluation", "Cluster 0"], "Number of points": [9, 9]}
    )
    report = EvaluationReport("K-means", "clustering", {"Number of points": 9.0}, table=table)
    view = wait(qtbot, opened(Evaluation((report,))))
    assert view.tabs.tabText(0) == "Each cluster"
    bare = EvaluationReport("M", "two-class", {"AUC": math.nan})
    view = wait(qtbot, opened(Evaluation((bare,))))
    assert view.cards.rows() == [["Metric", "M"], ["AUC", "–"]]
    assert not view._save.isEnabled()


def test_the_table_of_clusters_fits_beside_no_scroll_bar(qtbot, opened):
    names = ["Combined evaluation", *(f"Cluster {place}" for place in range(8))]
    draw = np.random.default_rng(0)
    measures = (
        "Average distance to other center",
        "Average distance to cluster center",
        "Maximal distance to cluster center",
    )
    table = pd.DataFrame({"Result": names} | {m: draw.random(9) * 3 for m in measures[:2]})
    table["Number of points"] = 20
    table[measures[2]] = draw.random(9)
    report = EvaluationReport("K-means", "clustering", {"Number of points": 9.0}, table=table)
    view = wait(qtbot, opened(Evaluation((report,)), size=(940, 600)))
    sheet = view.tabs.widget(0)
    qtbot.waitUntil(lambda: not sheet.horizontalScrollBar().isVisible())
    assert sheet.texts()[0] == list(table.columns)
    metrics = sheet.fontMetrics()
    for column, title in enumerate(sheet.texts()[0]):
        shown = sheet.model().headerData(column, Qt.Orientation.Horizontal)
        assert shown.replace("\n", " ") == title
        widest = max(metrics.horizontalAdvance(line) for line in shown.split("\n"))
        assert sheet.columnWidth(column) > widest


def test_one_report_has_no_empty_row_and_its_buttons_beside_the_title(qtbot, opened, data):
    widget = opened(Evaluation((two_class(*data[0], "M", AUC=0.8),)))
    view = wait(qtbot, widget)
    assert view.cards.mapTo(view, QPoint(0, 0)).y() < 10
    assert view.tools.isVisible()
    assert view.tools.mapTo(widget, QPoint(0, 0)).y() < view.mapTo(widget, QPoint(0, 0)).y()
    (copy,) = (b for b in view.tools.findChildren(QToolButton) if "metrics" in b.toolTip())
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Metric\tM\nAUC\t0.8"
    assert view._message.text() == "Copied."


@pytest.mark.parametrize("height", [420, 760])
def test_both_ends_of_the_axes_have_their_number(qtbot, opened, data, height):
    report = two_class(*data[0], "M", AUC=0.8)
    view = wait(qtbot, opened(Evaluation((report,)), size=(1000, height)))
    plot = view.plots["roc"]._plot
    axis = plot.getPlotItem().getAxis("left")

    def written() -> list[str]:
        picture = QPicture()
        painter = QPainter(picture)
        try:
            return [text for _, _, text in axis.generateDrawSpecs(painter)[2]]
        finally:
            painter.end()

    qtbot.waitUntil(lambda: {"0", "1.0"} <= set(written()))
    # They stand within what is seen.
    top = plot.mapFromScene(axis.mapToScene(axis.boundingRect().topLeft())).y()
    assert top >= 0
