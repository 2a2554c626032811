"""Quantile regression forests: Meinshausen's definition by hand, and coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_pinball_loss

from modules.contract import DataTable
from modules.learning.estimators import quantile_forest
from modules.learning.estimators.quantile_forest import QuantileForestRegressor
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import TrainedModel

Train = Callable[..., TrainedModel]
PATH = "regression.fast_forest_quantile_regression"


def by_definition(
    forest: QuantileForestRegressor, matrix: np.ndarray, label: np.ndarray, row: np.ndarray
) -> list[float]:
    """Return the quantiles of one row from the weights of all training rows."""
    weights = np.zeros(len(label))
    for tree in forest.estimators_:
        together = tree.apply(matrix) == tree.apply(row.reshape(1, -1))[0]
        weights += together / together.sum()
    weights /= len(forest.estimators_)
    order = np.argsort(label, kind="stable")
    cumulative = np.cumsum(weights[order])
    return [
        float(label[order][np.flatnonzero(cumulative >= quantile - 1e-9)[0]])
        for quantile in forest.quantiles
    ]


@pytest.mark.proves("fast_forest_quantile_regression", by="Meinshausen's definition by hand")
def test_scores_are_those_of_the_definition(train: Train) -> None:
    random = np.random.default_rng(5)
    matrix = random.normal(size=(120, 3)).astype(np.float32).astype(float)
    label = np.round(matrix[:, 0] * 10 + random.normal(size=120), 1)
    table = DataTable(pd.DataFrame(matrix, columns=["a", "b", "c"]).assign(y=label))
    model = train(PATH, table, "y", trees=15, leaves=9, min_leaf_rows=4, quantiles="0.2, 0.5, 0.8")
    scored = model.score(table.slice(0, 30)).frame
    names = ["Scores for quantile: 0.2", "Scored Labels", "Scores for quantile: 0.8"]
    expected = [by_definition(model.estimator, matrix, label, row) for row in matrix[:30]]
    assert scored[names].to_numpy().tolist() == expected


def test_quantiles_are_those_of_the_definition() -> None:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(150, 3)).astype(np.float32).astype(float)
    label = np.round(matrix[:, 0] * 10 + random.normal(size=150), 1)
    forest = QuantileForestRegressor(
        (0.1, 0.5, 0.9), 20, max_leaf_nodes=8, min_samples_leaf=3, max_samples=0.7
    ).fit(matrix, label)
    found = forest.predict_quantiles(matrix[:25], forest.quantiles)
    expected = [by_definition(forest, matrix, label, row) for row in matrix[:25]]
    assert found.tolist() == expected
    assert forest.predict(matrix[:25]).tolist() == [row[1] for row in expected]


def test_many_labels_are_represented_by_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(3_000, 2))
    label = matrix[:, 0] + random.normal(size=3_000)
    exact = QuantileForestRegressor(n_estimators=10, max_leaf_nodes=10).fit(matrix, label)
    monkeypatch.setattr(quantile_forest, "MOST_TARGETS", 500)
    short = QuantileForestRegressor(n_estimators=10, max_leaf_nodes=10).fit(matrix, label)
    assert len(short.targets_) <= 500
    away = exact.predict_quantiles(matrix, [0.05, 0.5, 0.95])
    away -= short.predict_quantiles(matrix, [0.05, 0.5, 0.95])
    # Labels are sparse only in the tails.
    assert np.abs(away).mean() < 0.02


def test_as_many_values_lie_below_as_the_quantile_says(train: Train) -> None:
    """The spread grows with x, which the quantiles follow."""
    random = np.random.default_rng(9)
    x = random.uniform(0, 1, 6_000)
    label = 5 * x + random.normal(size=6_000) * (0.2 + x)
    frame = pd.DataFrame({"x": x, "y": label})
    model = train(PATH, DataTable(frame.iloc[:3_000]), "y", quantiles="0.1; 0.5, 0.9")
    new = frame.iloc[3_000:].reset_index(drop=True)
    scores = model.score(DataTable(new)).frame
    assert list(scores.columns) == [
        "Scored Labels",
        "Scores for quantile: 0.1",
        "Scores for quantile: 0.5",
        "Scores for quantile: 0.9",
    ]
    for quantile in (0.1, 0.5, 0.9):
        below = (new["y"] <= scores[f"Scores for quantile: {quantile}"]).mean()
        assert below == pytest.approx(quantile, abs=0.03)
    assert scores["Scored Labels"].equals(scores["Scores for quantile: 0.5"])
    width = scores["Scores for quantile: 0.9"] - scores["Scores for quantile: 0.1"]
    assert width[new["x"] > 0.8].mean() > 2 * width[new["x"] < 0.2].mean()


def test_evaluation_has_the_loss_of_each_quantile(train: Train) -> None:
    random = np.random.default_rng(9)
    x = random.uniform(0, 1, 300)
    table = DataTable(pd.DataFrame({"x": x, "y": x + random.normal(size=300)}))
    scored = score_model(train(PATH, table, "y"), table)
    (report,) = evaluate_model(scored).reports
    losses = [
        mean_pinball_loss(
            scored.frame["y"], scored.frame[f"Scores for quantile: {quantile}"], alpha=quantile
        )
        for quantile in (0.25, 0.5, 0.75)
    ]
    assert report.metrics["Quantile loss: 0.75"] == pytest.approx(losses[2])
    assert report.metrics["Average quantile loss"] == pytest.approx(sum(losses) / 3)


def test_bad_quantiles_are_refused(make_learner: Callable[..., object], refused) -> None:
    for text in ("", "0.5, 1", "0", "half"):
        with refused("bad-quantiles", parameter="quantiles"):
            make_learner(PATH, quantiles=text)
