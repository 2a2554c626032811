"""Models beside each other: told apart by more than colour, and called as elsewhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from designer.app.views.charts.curve_plot import (
    Curve,
    CurvePlot,
    legend_text,
    series_color,
    series_mark,
)
from designer.app.views.evaluation_view import EvaluationView
from designer.app.views.learner_view import LearnerView
from designer.catalog import load_catalog
from modules.contract import ValuesToTry
from modules.values import Evaluation, EvaluationReport, LearnerSummary

METRICS = (
    "Average distance to other center",
    "Average distance to cluster center",
    "Number of points",
    "Maximal distance to cluster center",
)


@pytest.fixture
def compared(qtbot, opened):
    reports = tuple(
        EvaluationReport(name, "clustering", dict(zip(METRICS, values, strict=True)))
        for name, values in (("Old", (0.8, 0.2, 105.0, 0.5)), ("New", (0.7, 0.1, 45.0, 0.4)))
    )
    widget = opened(Evaluation(reports))
    qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
    return widget.view


def test_every_curve_has_a_line_and_a_sign_of_its_own(qtbot):
    curves = [Curve(f"Model {index}", [0, 1], [0, 1]) for index in range(4)]
    plot = CurvePlot("ROC", "x", "y", curves, reference=((0, 0), (1, 1)))
    qtbot.addWidget(plot)
    plot.mark([(0.5, 0.5)] * 4)
    pens = [line.opts["pen"] for line in plot._lines]
    styles = [(pen.style(), tuple(pen.dashPattern())) for pen in pens]
    assert len(set(styles)) == 4
    assert styles[0][0] == Qt.PenStyle.SolidLine
    assert len({spot.symbol() for spot in plot._marks.points()}) == 4
    assert len({series_mark(index) for index in range(4)}) == 4
    words = legend_text([curve.name for curve in curves])
    assert all(series_mark(index) in words for index in range(4))


def test_twenty_models_differ_in_color_or_sign():
    assert len({(series_color(index), series_mark(index)) for index in range(20)}) == 20


def test_cards_tell_the_models_apart_by_the_signs_of_the_legend(compared):
    texts = [label.text() for label in compared.cards.findChildren(QLabel)]
    for index in range(2):
        assert texts.count(series_mark(index)) == len(METRICS)


def test_nothing_is_called_better_of_clusters(compared):
    texts = [label.text() for label in compared.cards.findChildren(QLabel)]
    assert "better" not in texts


def test_metrics_of_clusters_stand_in_the_order_of_their_table(compared):
    assert [row[0] for row in compared.cards.rows()[1:]] == list(METRICS)


def test_settings_have_the_titles_of_the_properties(qtbot):
    catalog = load_catalog()
    spec = catalog["k_means_clustering"]
    summary = LearnerSummary(
        spec.title,
        {},
        "clustering",
        {"centroids": 3, "label_mode": "x", "seed": 0},
        {"centroids": ValuesToTry((2,))},
    )
    view = LearnerView(summary, catalog)
    qtbot.addWidget(view)
    shown = view.facts.shown()
    titles = {parameter.name: parameter.title for parameter in spec.parameters}
    assert shown["Number of centroids"] in ("3", "2")
    assert {titles["label_mode"], titles["seed"]} <= set(shown)
