"""Costs, calibration, residuals by feature, and clusters on the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from sklearn.datasets import make_blobs

from designer.app.views.evaluation_view import EvaluationView
from modules.contract import DataTable
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.values import Evaluation


def two_class_table(seed: int) -> DataTable:
    draw = np.random.default_rng(seed)
    probability = draw.beta(2, 2, 600).round(2)
    return DataTable(
        pd.DataFrame(
            {
                "Labels": (draw.random(600) < probability).astype(int),
                "Binary Class Scored Labels": (probability > 0.5).astype(int),
                "Binary Class Scored Probabilities": probability,
            }
        )
    )


@pytest.fixture
def shown(qtbot, opened):
    def show(*tables: DataTable) -> EvaluationView:
        widget = opened(evaluate_model(*tables), "Evaluate")
        qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
        return widget.view

    return show


def typed(qtbot, box, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_typed_costs_lead_to_the_cheapest_threshold(qtbot, shown):
    table = two_class_table(1)
    view = shown(table)
    pane, frame = view.threshold, table.frame
    typed(qtbot, pane.cost.false_positive, "5")
    typed(qtbot, pane.cost.false_negative, "50")

    def expected(at: float) -> float:
        flagged = frame["Binary Class Scored Probabilities"] > at
        return (
            5 * (flagged & (frame["Labels"] == 0)).sum()
            + 50 * (~flagged & (frame["Labels"] == 1)).sum()
        )

    assert pane.cost.totals[0].text().startswith(f"Total cost {expected(0.5):,.0f}, ")
    qtbot.mouseClick(pane.cost.buttons[0], Qt.MouseButton.LeftButton)
    costs = [expected(step / 100) for step in range(101)]
    assert expected(pane.threshold) == min(costs)
    assert pane.threshold < 0.3
    assert not pane.cost.buttons[0].isEnabled()
    curve = view.charts["Cost"].pane.chart.chart
    assert list(curve.series[0].y) == costs
    assert curve.reference[0][0] == pane.threshold


def test_two_models_have_a_cost_and_a_calibration_curve_each(shown):
    view = shown(two_class_table(1), two_class_table(2))
    assert [button.isVisible() for button in view.threshold.cost.buttons] == [True, True]
    assert len(view.charts["Calibration"].pane.chart.chart.series) == 2
    tabs = [view.tabs.tabText(index) for index in range(view.tabs.count())]
    assert tabs[:5] == ["ROC", "Precision-recall", "Lift", "Cost", "Calibration"]
    assert "Each class: Scored dataset" in tabs


def test_a_long_name_leaves_room_for_the_other_tabs(qtbot, opened):
    made = evaluate_model(two_class_table(1), two_class_table(2))
    reports = [
        replace(report, name=f"A boosted decision tree of {index} years")
        for index, report in enumerate(made.reports)
    ]
    widget = opened(Evaluation(reports), "Evaluate")
    qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
    bar = widget.view.tabs.tabBar()
    tabs = {bar.tabText(at): bar.tabToolTip(at) for at in range(bar.count())}
    assert tabs["ROC"] == ""
    *_, last = tabs
    assert "…" in last
    assert tabs[last] == "Each class: A boosted decision tree of 1 years"


@pytest.mark.parametrize("size", [(1080, 620), (2400, 1300)])
def test_a_whole_chart_is_visible_without_scrolling(qtbot, shown, size):
    view = shown(two_class_table(1))
    page = view.charts["Calibration"]
    view.tabs.setCurrentWidget(page)
    view.window().resize(*size)
    # The page finds its height once the chart has its width.
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() == 0, timeout=20_000)
    assert page.pane.chart.width() >= 400


def test_residuals_by_the_feature_that_is_chosen_by_key(qtbot, shown):
    draw = np.random.default_rng(0)
    size = draw.normal(size=200)
    frame = pd.DataFrame({"size": size, "color": draw.choice(["red", "blue"], 200)})
    frame["Labels"] = size**2
    frame["Regression Scored Labels"] = 1.0
    view = shown(DataTable(frame))
    tabs = [view.tabs.tabText(index) for index in range(view.tabs.count())]
    assert tabs == ["Residuals", "Predicted against actual", "Residuals by feature"]
    view.tabs.setCurrentIndex(2)
    page = view.charts["Residuals by feature"]
    points = page.pane.chart.chart
    assert points.series[0].y == pytest.approx((size**2 - 1).tolist())
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.pane.chart.chart.kind == "boxes"
    assert page.pane.chart.chart.title == "Residuals by color"


def test_a_map_of_clusters_is_read_by_pointing_at_it(qtbot, shown):
    points, own = make_blobs(60, n_features=4, centers=2, random_state=0)
    frame = pd.DataFrame(points, columns=list("abcd"))
    frame["Assignments"] = own
    frame["DistancesToClusterCenter no.0"] = 1.0
    frame["DistancesToClusterCenter no.1"] = 2.0
    view = shown(DataTable(frame))
    view.tabs.setCurrentWidget(view.charts["Clusters"])
    chart = view.charts["Clusters"].pane.chart
    spot = chart.spots()[0]
    qtbot.mouseMove(chart, chart.rect().topLeft())
    qtbot.mouseMove(chart, QPoint(round(spot.x), round(spot.y)))
    assert view.charts["Clusters"].pane.readout().startswith("Cluster ")
    silhouettes = view.charts["Silhouettes"].pane.chart.chart
    assert [each.name for each in silhouettes.series] == ["Cluster 0", "Cluster 1"]
    assert "Silhouette" in [row[0] for row in view.cards.rows()]
