"""What an evaluation shows besides its curves, reached by clicks on its tabs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from sklearn import metrics

from designer.app.views.evaluation_view import EvaluationView
from modules.contract import DataTable
from modules.scoring_evaluation.evaluate_model import evaluate_model

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(qtbot, opened):
    def show(frame: pd.DataFrame) -> EvaluationView:
        widget = opened(evaluate_model(DataTable(frame)), "Evaluate")
        qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
        return widget.view

    return show


def go_to(qtbot, view: EvaluationView, title: str):
    bar = view.tabs.tabBar()
    titles = [bar.tabText(index) for index in range(bar.count())]
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(titles.index(title)).center())
    page = view.tabs.currentWidget()
    assert page.isVisible()
    return page


def point_at(qtbot, page, spot) -> str:
    """Move the mouse to a value of a chart, and return what is read there."""
    chart = page.pane.chart
    qtbot.mouseMove(chart, chart.rect().topLeft())
    qtbot.mouseMove(chart, QPoint(round(spot.x), round(spot.y)))
    return page.pane.readout()


def classified(classes: list[str], seed: int = 3, right: float = 0.7) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    actual = draw.choice(classes, 300)
    guessed = np.where(draw.random(300) < right, actual, draw.choice(classes, 300))
    return pd.DataFrame({"Labels": actual, "Multi Class Scored Labels": guessed})


def two_class(rows: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(8)
    probability = draw.beta(2, 3, rows)
    return pd.DataFrame(
        {
            "Labels": (draw.random(rows) < probability).astype(int),
            "Binary Class Scored Labels": (probability > 0.5).astype(int),
            "Binary Class Scored Probabilities": probability,
        }
    )


def test_mcc_and_balanced_accuracy_are_on_the_cards(shown):
    frame = two_class()
    pair = frame["Labels"], frame["Binary Class Scored Labels"]
    cards = dict(shown(frame).cards.rows()[1:])
    for name, truth in (
        ("Matthews correlation coefficient", metrics.matthews_corrcoef(*pair)),
        ("Balanced accuracy", metrics.balanced_accuracy_score(*pair)),
    ):
        assert float(cards[name]) == pytest.approx(truth)


def test_a_point_of_the_calibration_curve_is_read(qtbot, shown):
    frame = two_class()
    page = go_to(qtbot, shown(frame), "Calibration")
    (series,) = page.pane.chart.chart.series
    # Each point is a group of rows: its mean probability and its share of ones.
    order = frame.sort_values("Binary Class Scored Probabilities", kind="stable")
    assert np.mean(series.x) == pytest.approx(
        order["Binary Class Scored Probabilities"].mean(), abs=0.1
    )
    assert all(0 <= share <= 1 for share in series.y)
    assert np.corrcoef(series.x, series.y)[0, 1] > 0.9
    text = point_at(qtbot, page, page.pane.chart.spots()[-1])
    assert text.startswith("Mean probability 0.")
    assert "Share of “1”" in text


def test_predicted_against_actual_is_read_row_by_row(qtbot, shown):
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"Labels": draw.normal(20, 5, 80)})
    frame["Regression Scored Labels"] = frame["Labels"] + draw.normal(0, 1, 80)
    page = go_to(qtbot, shown(frame), "Predicted against actual")
    (series,) = page.pane.chart.chart.series
    assert series.x == pytest.approx(frame["Labels"].tolist())
    assert series.y == pytest.approx(frame["Regression Scored Labels"].tolist())
    # The largest value has no neighbor that could be read instead.
    last = int(frame["Labels"].argmax())
    text = point_at(qtbot, page, page.pane.chart.spots()[last])
    actual, predicted = (float(part.split()[1]) for part in text.split(" · "))
    assert actual == pytest.approx(frame["Labels"][last], abs=0.01)
    assert predicted == pytest.approx(frame["Regression Scored Labels"][last], abs=0.01)


@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"]])
def test_the_table_of_each_class(qtbot, shown, classes):
    if len(classes) == 2:
        frame = two_class()
        actual, guessed = frame["Labels"], frame["Binary Class Scored Labels"]
        classes = [0, 1]
    else:
        frame = classified(classes)
        actual, guessed = frame["Labels"], frame["Multi Class Scored Labels"]
    sheet = go_to(qtbot, shown(frame), "Each class")
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        actual, guessed, labels=classes
    )
    rows = {row[0]: dict(zip(sheet.texts()[0], row, strict=True)) for row in sheet.texts()[1:]}
    for at, name in enumerate(classes):
        row = rows[str(name)]
        assert float(row["Precision"]) == pytest.approx(precision[at], abs=1e-4)
        assert float(row["Recall"]) == pytest.approx(recall[at], abs=1e-4)
        assert float(row["F1 score"]) == pytest.approx(f1[at], abs=1e-4)
        assert str(support[at]) in row.values()
