"""Learners that are one estimator of scikit-learn, against that estimator called directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import BayesianRidge, ElasticNet, HuberRegressor, TweedieRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable, Role
from modules.contract.context import ModuleWarning
from modules.values import TrainedModel

Train = Callable[..., TrainedModel]
SCALES = 10.0 ** np.arange(-4, 6)
"""Columns of very different units: nothing may depend on them."""


def diabetes() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return a table, its standardized features, and its label."""
    data = load_diabetes()
    frame = pd.DataFrame(data.data * SCALES + 3 * SCALES, columns=data.feature_names)
    matrix = StandardScaler().fit_transform(frame)
    return frame.assign(progress=data.target), matrix, data.target


REGRESSION: dict[str, tuple[str, dict[str, Any], Any]] = {
    "knn": (
        "nearest_neighbors_regression",
        {"neighbors": 7, "weighting": "distance"},
        KNeighborsRegressor(7, weights="distance", algorithm="kd_tree"),
    ),
    "knn-manhattan": (
        "nearest_neighbors_regression",
        {"metric": "Manhattan"},
        KNeighborsRegressor(5, metric="manhattan"),
    ),
    "elastic-net": (
        "elastic_net_regression",
        {"penalty": 0.05, "tolerance": 1e-8},
        ElasticNet(alpha=0.05, tol=1e-8),
    ),
    "lasso": (
        "elastic_net_regression",
        {"penalty": 0.1, "l1_ratio": 1.0, "tolerance": 1e-8},
        ElasticNet(alpha=0.1, l1_ratio=1.0, tol=1e-8),
    ),
    "bayesian-ridge": ("bayesian_ridge_regression", {}, BayesianRidge()),
    "huber": (
        "huber_regression",
        {"threshold": 1.2},
        HuberRegressor(epsilon=1.2, max_iter=1_000),
    ),
}
TWEEDIE: dict[str, tuple[dict[str, Any], float]] = {
    "compound Poisson": ({"power": 1.3}, 1.3),
    "gamma": ({}, 2.0),
    "inverse Gaussian": ({}, 3.0),
}


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.proves(
    "nearest_neighbors_regression",
    "elastic_net_regression",
    "bayesian_ridge_regression",
    "huber_regression",
    by="scikit-learn",
)
def test_regression_equals_scikit_learn_on_standardized_data(name: str, train: Train) -> None:
    module, parameters, other = REGRESSION[name]
    frame, matrix, label = diabetes()
    model = train(f"regression.{module}", DataTable(frame), "progress", **parameters)
    found = model.score(DataTable(frame)).frame["Scored Labels"].to_numpy()
    expected = other.fit(matrix, (label - label.mean()) / label.std()).predict(matrix)
    assert found == pytest.approx(expected * label.std() + label.mean(), rel=1e-6)


@pytest.mark.parametrize("distribution", TWEEDIE)
@pytest.mark.proves("tweedie_regression", by="scikit-learn")
def test_tweedie_equals_scikit_learn_by_another_solver(distribution: str, train: Train) -> None:
    parameters, power = TWEEDIE[distribution]
    frame, matrix, label = diabetes()
    model = train(
        "regression.tweedie_regression", DataTable(frame), "progress", distribution=distribution,
        l2_weight=0.1, tolerance=1e-8, **parameters,
    )  # fmt: skip
    other = TweedieRegressor(power=power, alpha=0.1, solver="newton-cholesky", tol=1e-10)
    expected = other.fit(matrix, label / label.mean()).predict(matrix) * label.mean()
    found = model.score(DataTable(frame)).frame["Scored Labels"].to_numpy()
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("task", ["two_class", "multiclass"])
@pytest.mark.parametrize(
    ("module", "parameters", "other"),
    [
        ("nearest_neighbors", {"neighbors": 9}, KNeighborsClassifier(9)),
        (
            "nearest_neighbors",
            {"weighting": "distance", "metric": "Manhattan"},
            KNeighborsClassifier(weights="distance", metric="manhattan"),
        ),
        ("naive_bayes", {"smoothing": 0.01}, GaussianNB(var_smoothing=0.01)),
    ],
    ids=["knn", "knn-distance", "bayes"],
)
@pytest.mark.proves(
    "two_class_nearest_neighbors",
    "multiclass_nearest_neighbors",
    "two_class_naive_bayes",
    "multiclass_naive_bayes",
    by="scikit-learn",
)
def test_probabilities_equal_scikit_learn(
    task: str, module: str, parameters: dict[str, Any], other: Any, train: Train
) -> None:
    data = load_iris()
    # Without ties of distances, which scikit-learn orders by rounding.
    noise = np.random.default_rng(0).normal(0, 0.01, data.data.shape)
    chosen = data.target >= (1 if task == "two_class" else 0)
    raw = (data.data + noise)[chosen] * [1e-5, 1, 1e4, 10]
    frame = pd.DataFrame(raw, columns=["a", "b", "c", "d"])
    label = data.target_names[data.target[chosen]]
    table = DataTable(frame.assign(species=label))
    model = train(f"classification.{task}_{module}", table, "species", **parameters)
    scored = model.score(table).frame
    matrix = StandardScaler().fit_transform(frame)
    expected = other.fit(matrix, label).predict_proba(matrix)
    columns = [name for name in scored if name.startswith("Scored Probabilities")]
    found = scored[columns].to_numpy()
    assert found == pytest.approx(expected[:, -found.shape[1] :], abs=1e-9)


def test_a_prediction_of_neighbors_does_not_depend_on_the_other_rows(train: Train) -> None:
    """Of rows at the same distance the first are used, alone and in a table."""
    rows = pd.DataFrame({"x": [0, 2, 0, 2, 1, 1], "z": [0.1] * 6, "y": [1.0, 2, 4, 8, 16, 32]})
    model = train(
        "regression.nearest_neighbors_regression", DataTable(rows), "y", neighbors=3,
        normalize=False,
    )  # fmt: skip
    scores = model.score(DataTable(rows)).frame["Scored Labels"]
    # At x = 1 the labels of both rows there, then of the first of the four at distance 1.
    assert scores.tolist() == pytest.approx([7, 26 / 3, 7, 26 / 3, 49 / 3, 49 / 3], rel=1e-12)
    compiled = model.compile()
    assert compiled is not None
    row_function = compiled.row_function()
    for number, expected in enumerate(scores):
        alone = model.score(DataTable(rows.iloc[[number]].reset_index(drop=True)))
        assert alone.frame["Scored Labels"].tolist() == [expected]
        row = {"x": int(rows["x"][number]), "z": 0.1}
        assert row_function(row) == {"Scored Labels": expected}


def test_more_neighbors_than_rows_are_refused(train: Train, refused: Any) -> None:
    table = DataTable(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0]}))
    with refused("too-few-rows", "2 rows", "5 neighbors"):
        train("regression.nearest_neighbors_regression", table, "y")


def test_neighbors_warn_that_weights_are_ignored(train: Train) -> None:
    frame = pd.DataFrame({"x": np.arange(9.0), "w": 1.0, "y": np.arange(9.0)})
    with pytest.warns(ModuleWarning, match="doesn't support weights"):
        train("regression.nearest_neighbors_regression", DataTable(frame, {"w": Role.WEIGHT}), "y")


@pytest.mark.parametrize(
    ("distribution", "lowest", "needed"),
    [("gamma", 0.0, "above 0"), ("inverse Gaussian", -1.0, "above 0"),
     ("compound Poisson", -2.0, "0 or more")],
)  # fmt: skip
def test_amounts_out_of_the_distribution_are_refused(
    distribution: str, lowest: float, needed: str, train: Train, refused: Any
) -> None:
    table = DataTable(pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, lowest, 2.0]}))
    with refused("label-out-of-range", f"{lowest:g}", needed, parameter="label_column"):
        train("regression.tweedie_regression", table, "y", distribution=distribution)


def test_a_lasso_leaves_out_what_does_not_matter(train: Train) -> None:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(200, 6))
    frame = pd.DataFrame(matrix, columns=list("abcdef"))
    frame["y"] = 3e-6 * matrix[:, 0] + 1e-7 * random.normal(size=200)
    model = train("regression.elastic_net_regression", DataTable(frame), "y", penalty=0.2)
    rows = dict(model.sheets()["Coefficients"].rows)
    assert rows.pop("Intercept") == pytest.approx(0, abs=1e-6)
    assert rows.pop("a") == pytest.approx(3e-6, rel=0.3)
    assert set(rows.values()) == {0.0}


def test_huber_is_not_moved_by_outliers(train: Train) -> None:
    x = np.arange(100.0)
    label = 5 + 2 * x + np.random.default_rng(3).normal(0, 0.1, 100)
    label[::10] += 1e6
    model = train("regression.huber_regression", DataTable(pd.DataFrame({"x": x, "y": label})), "y")
    rows = dict(model.sheets()["Coefficients"].rows)
    assert rows["x"] == pytest.approx(2, abs=0.02)
    assert rows["Intercept"] == pytest.approx(5, abs=1)


@pytest.mark.parametrize("module", ["elastic_net", "bayesian_ridge", "huber"])
def test_the_unit_of_the_label_does_not_matter(module: str, train: Train) -> None:
    frame, _, _ = diabetes()
    predictions = []
    for unit in (1e-9, 1e9):
        table = DataTable(frame.assign(progress=frame["progress"] * unit))
        model = train(f"regression.{module}_regression", table, "progress")
        predictions.append(model.score(table).frame["Scored Labels"].to_numpy() / unit)
    assert predictions[0] == pytest.approx(predictions[1], rel=1e-5)
