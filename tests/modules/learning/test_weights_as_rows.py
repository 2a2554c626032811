"""A row of weight 2 is the row twice: the library called directly on repeated rows is the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from module_examples import PALETTE
from sklearn.linear_model import BayesianRidge, ElasticNet, HuberRegressor, TweedieRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from modules.contract import ColumnSelector, DataTable, Role
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.score_model import score_model

ROWS = 60


def rows_with_weights() -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows whose weights make the weighted mean and deviation other than the plain ones."""
    random = np.random.default_rng(3)
    first, second = random.normal(5, 2, ROWS), random.normal(-40, 10, ROWS)
    third = random.choice(["a", "b", "c"], ROWS)
    amount = np.exp(0.3 * first - 0.02 * second + (third == "b") + random.normal(0, 0.3, ROWS))
    frame = pd.DataFrame({"first": first, "second": second, "amount": amount})
    frame["kind"] = np.where(amount > np.median(amount), "large", "small")
    return frame, np.where(first > 6, 4, 1)


def standard(target: np.ndarray) -> tuple[np.ndarray, float, float]:
    return (target - target.mean()) / target.std(), float(target.mean()), float(target.std())


def in_units(estimator: Any) -> Callable[..., np.ndarray]:
    """Return what an estimator predicts after learning a standardized label."""

    def predicted(matrix: np.ndarray, target: np.ndarray, tested: np.ndarray) -> np.ndarray:
        label, center, spread = standard(target)
        found: np.ndarray = estimator.fit(matrix, label).predict(tested) * spread + center
        return found

    return predicted


def tweedie(matrix: np.ndarray, target: np.ndarray, tested: np.ndarray) -> np.ndarray:
    model = TweedieRegressor(power=2, alpha=0.1, link="log", tol=1e-10, max_iter=10_000)
    found: np.ndarray = model.fit(matrix, target / target.mean()).predict(tested) * target.mean()
    return found


REGRESSIONS: dict[str, tuple[dict[str, Any], Callable[..., np.ndarray], float]] = {
    "elastic_net_regression": (
        {"penalty": 0.1, "tolerance": 1e-10},
        in_units(ElasticNet(alpha=0.1, l1_ratio=0.5, tol=1e-10, max_iter=10_000)),
        1e-6,
    ),
    "bayesian_ridge_regression": (
        {"tolerance": 1e-10},
        in_units(BayesianRidge(tol=1e-10)),
        1e-6,
    ),
    "huber_regression": (
        {"l2_weight": 20.0, "tolerance": 1e-9, "iterations": 10_000},
        in_units(HuberRegressor(alpha=20.0, tol=1e-9, max_iter=10_000)),
        1e-4,
    ),
    "tweedie_regression": (
        {"distribution": "gamma", "l2_weight": 0.1, "tolerance": 1e-10, "iterations": 10_000},
        tweedie,
        1e-5,
    ),
    # Its solver stops within a thousandth of the label's deviation.
    "kernel_support_vector_regression": ({}, in_units(SVR(gamma="scale")), 2e-3),
}
"""Parameters, what the library predicts, and how closely in deviations of the label."""


@pytest.mark.parametrize("id", REGRESSIONS)
def test_a_regression_with_weights_is_one_of_repeated_rows(id: str) -> None:
    parameters, predict, closeness = REGRESSIONS[id]
    frame, weights = rows_with_weights()
    frame = frame.drop(columns="kind")
    names = ["first", "second"]
    repeated = frame.loc[np.repeat(frame.index, weights)]
    scaler = StandardScaler().fit(repeated[names].to_numpy())
    expected = predict(
        scaler.transform(repeated[names].to_numpy()),
        repeated["amount"].to_numpy(),
        scaler.transform(frame[names].to_numpy()),
    )
    spread = frame["amount"].std()
    for table in (
        DataTable(repeated),
        DataTable(frame.assign(weight=weights), {"weight": Role.WEIGHT}),
    ):
        spec = PALETTE[id]
        (learner,) = spec(**spec.read_parameters(parameters))
        model = train_model(learner, table, label_column=ColumnSelector.names("amount"))
        found = score_model(model, DataTable(frame)).frame["Scored Labels"]
        assert np.abs(found - expected).max() < closeness * spread


def test_classes_with_weights_are_those_of_repeated_rows() -> None:
    frame, weights = rows_with_weights()
    frame = frame.drop(columns="amount")
    names = ["first", "second"]
    repeated = frame.loc[np.repeat(frame.index, weights)]
    scaler = StandardScaler().fit(repeated[names].to_numpy())
    direct = GaussianNB().fit(scaler.transform(repeated[names].to_numpy()), repeated["kind"])
    expected = direct.predict_proba(scaler.transform(frame[names].to_numpy()))[:, 1]
    spec = PALETTE["two_class_naive_bayes"]
    (learner,) = spec(**spec.read_parameters({}))
    table = DataTable(frame.assign(weight=weights), {"weight": Role.WEIGHT})
    model = train_model(learner, table, label_column=ColumnSelector.names("kind"))
    found = score_model(model, DataTable(frame)).frame["Scored Probabilities"]
    assert np.abs(found - expected).max() < 1e-6
