"""Learners give what scikit-learn gives when it is called directly on prepared numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDRegressor

from modules.contract import DataTable
from modules.contract.specification import specification
from modules.scoring_evaluation.score_model import score_model

CITIES = ["Bergen", "Oslo", "Tromsø"]


def one_hot(frame: pd.DataFrame) -> np.ndarray:
    """Prepare the features as a careful person would by hand for a linear model."""
    income = frame["income"].fillna(frame["income"].mean())
    cities = [(frame["city"] == city).to_numpy(float) for city in CITIES]
    return np.column_stack([frame["age"], income, *cities, frame["member"]]).astype(float)


def codes(frame: pd.DataFrame) -> np.ndarray:
    """Prepare the features as a careful person would by hand for trees."""
    city = frame["city"].map({city: place for place, city in enumerate(CITIES)})
    return np.column_stack([frame["age"], frame["income"], city, frame["member"]]).astype(float)


IS_CATEGORY = [False, False, True, False]

REGRESSORS = [
    ("linear_regression", {}, one_hot, Ridge(alpha=0.001)),
    ("linear_regression", {"l2_weight": 0}, one_hot, LinearRegression()),
    (
        "linear_regression",
        {"l2_weight": 2.0, "include_intercept": False},
        one_hot,
        Ridge(alpha=2.0, fit_intercept=False),
    ),
    (
        "linear_regression",
        {
            "solution_method": "online gradient descent",
            "learning_rate": 1e-9,
            "normalize": False,
            "seed": 3,
        },
        one_hot,
        SGDRegressor(alpha=0.001, eta0=1e-9, max_iter=10, tol=None, random_state=3),
    ),
    (
        "boosted_decision_tree_regression",
        {"leaves": 5, "trees": 30, "seed": 1},
        codes,
        HistGradientBoostingRegressor(
            max_leaf_nodes=5,
            max_iter=30,
            min_samples_leaf=10,
            learning_rate=0.2,
            early_stopping=False,
            categorical_features=IS_CATEGORY,
            random_state=1,
        ),
    ),
    (
        "decision_forest_regression",
        {"min_leaf_rows": 3},
        codes,
        RandomForestRegressor(8, max_depth=32, min_samples_leaf=3, random_state=0),
    ),
    (
        "decision_forest_regression",
        {"resampling": "replicate", "depth": 4, "seed": 9},
        codes,
        RandomForestRegressor(8, max_depth=4, max_features=1 / 3, bootstrap=False, random_state=9),
    ),
]


@pytest.mark.parametrize(("name", "parameters", "prepare", "reference"), REGRESSORS)
@pytest.mark.proves(
    "linear_regression",
    "boosted_decision_tree_regression",
    "decision_forest_regression",
    by="scikit-learn",
)
def test_regression_equals_scikit_learn(
    name, parameters, prepare, reference, train, people, table_for
):
    model = train(f"regression.{name}", table_for("spent"), "spent", **parameters)
    reference.fit(prepare(people), people["spent"])
    scored = model.score(table_for("spent")).frame["Scored Labels"]
    np.testing.assert_array_equal(scored, reference.predict(prepare(people)))


TWO_CLASS = [
    (
        "two_class_logistic_regression",
        {"l2_weight": 0.5},
        one_hot,
        LogisticRegression(C=2.0, tol=1e-7, solver="newton-cholesky", max_iter=1000),
    ),
    (
        "two_class_boosted_decision_tree",
        {},
        codes,
        HistGradientBoostingClassifier(
            max_leaf_nodes=20,
            max_iter=100,
            min_samples_leaf=10,
            learning_rate=0.2,
            early_stopping=False,
            categorical_features=IS_CATEGORY,
            random_state=0,
        ),
    ),
    (
        "two_class_decision_forest",
        {"seed": 4},
        codes,
        RandomForestClassifier(8, max_depth=32, random_state=4),
    ),
    (
        "two_class_decision_forest",
        {"resampling": "replicate"},
        codes,
        RandomForestClassifier(8, max_depth=32, bootstrap=False, random_state=0),
    ),
]


@pytest.mark.parametrize(("name", "parameters", "prepare", "reference"), TWO_CLASS)
@pytest.mark.proves(
    "two_class_logistic_regression",
    "two_class_boosted_decision_tree",
    "two_class_decision_forest",
    "train_model",
    "score_model",
    by="scikit-learn",
)
def test_two_class_equals_scikit_learn(
    name, parameters, prepare, reference, train, people, table_for
):
    model = train(f"classification.{name}", table_for("buys"), "buys", **parameters)
    reference.fit(prepare(people), people["buys"])
    scored = score_model(model, table_for("buys")).frame
    expected = reference.predict_proba(prepare(people))[:, 1]
    np.testing.assert_array_equal(scored["Scored Probabilities"], expected)
    assert list(scored["Scored Labels"]) == list(reference.predict(prepare(people)))


MULTICLASS = [
    (
        "multiclass_logistic_regression",
        {"tolerance": 1e-5},
        one_hot,
        LogisticRegression(tol=1e-5, solver="newton-cholesky", max_iter=1000),
    ),
    (
        "multiclass_decision_forest",
        {"trees": 20, "depth": 6},
        codes,
        RandomForestClassifier(20, max_depth=6, random_state=0),
    ),
    (
        "multiclass_boosted_decision_tree",
        {"leaves": 6, "trees": 15, "seed": 2},
        codes,
        HistGradientBoostingClassifier(
            max_leaf_nodes=6,
            max_iter=15,
            min_samples_leaf=10,
            learning_rate=0.2,
            early_stopping=False,
            categorical_features=IS_CATEGORY,
            random_state=2,
        ),
    ),
]


@pytest.mark.parametrize(("name", "parameters", "prepare", "reference"), MULTICLASS)
@pytest.mark.proves(
    "multiclass_logistic_regression",
    "multiclass_decision_forest",
    "multiclass_boosted_decision_tree",
    by="scikit-learn",
)
def test_multiclass_equals_scikit_learn(
    name, parameters, prepare, reference, train, people, table_for
):
    model = train(f"classification.{name}", table_for("level"), "level", **parameters)
    reference.fit(prepare(people), people["level"])
    scored = model.score(table_for("level")).frame
    expected = reference.predict_proba(prepare(people))
    for place, value in enumerate(reference.classes_):
        np.testing.assert_array_equal(scored[f"Scored Probabilities_{value}"], expected[:, place])
    assert list(scored["Scored Labels"]) == list(reference.predict(prepare(people)))


@pytest.mark.parametrize("name", ["two_class", "multiclass"])
def test_both_solvers_find_the_same_optimum(name, make_learner):
    random = np.random.default_rng(0)
    matrix = random.normal(size=(300, 4))
    target = (matrix @ [1, -1, 0.5, 0] + random.normal(size=300) > 0).astype(int)
    if name == "multiclass":
        target += matrix[:, 3] > 0.7
    fitted = [
        make_learner(
            f"classification.{name}_logistic_regression", solver=solver, tolerance=1e-9
        ).estimator.fit(matrix, target)
        for solver in ("newton", "l-bfgs")
    ]
    np.testing.assert_allclose(fitted[0].coef_, fitted[1].coef_, atol=1e-5)


def test_no_l2_weight_leaves_the_weights_free(make_learner):
    learner = make_learner("classification.two_class_logistic_regression", l2_weight=0)
    assert math.isinf(learner.estimator.C)
    matrix = np.random.default_rng(1).normal(size=(500, 2))
    target = np.random.default_rng(2).random(500) < 1 / (1 + np.exp(-matrix @ [1.5, -2.0]))
    free = learner.estimator.fit(matrix, target).coef_
    held = LogisticRegression(C=0.01).fit(matrix, target).coef_
    assert (np.abs(free) > 2 * np.abs(held)).all()


@pytest.mark.parametrize(
    "path",
    [
        "regression.decision_forest_regression",
        "classification.two_class_decision_forest",
        "clustering.k_means_clustering",
    ],
)
def test_a_seed_of_0_repeats_and_another_seed_differs(path, make_learner):
    random = np.random.default_rng(3)
    matrix, target = random.normal(size=(200, 5)), random.random(200) > 0.5

    def outcome(seed: int) -> np.ndarray:
        estimator = make_learner(path, seed=seed).estimator
        fitted = estimator.fit(matrix, target)
        return fitted.transform(matrix) if "clustering" in path else fitted.predict(matrix)

    np.testing.assert_array_equal(outcome(0), outcome(0))
    assert any((outcome(0) != outcome(seed)).any() for seed in (1, 2, 3))


def test_settings_and_sweep_hold_only_what_applies(make_learner):
    plain = make_learner("regression.linear_regression")
    assert plain.learner == "modules.regression.linear_regression"
    assert plain.parameters == {
        "solution_method": "ordinary least squares",
        "l2_weight": 0.001,
        "include_intercept": True,
        "standardize": False,
    }
    assert plain.sweep == {"l2_weight": (0.001, 0.01, 0.1)}
    descent = make_learner(
        "regression.linear_regression", solution_method="online gradient descent"
    )
    assert set(descent.sweep) == {"l2_weight", "learning_rate", "epochs"}


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("regression.linear_regression", {"l2_weight": -1}),
        ("regression.boosted_decision_tree_regression", {"leaves": 1}),
        ("regression.decision_forest_regression", {"trees": 0}),
        ("classification.two_class_logistic_regression", {"tolerance": 0}),
        ("classification.two_class_boosted_decision_tree", {"learning_rate": 1.5}),
        ("clustering.k_means_clustering", {"centroids": 1}),
        ("classification.multiclass_decision_forest", {"seed": 2**32}),
    ],
)
def test_values_outside_of_the_limits_are_refused(path, wrong, make_learner):
    import importlib

    name = path.rpartition(".")[2]
    spec = specification(getattr(importlib.import_module(f"modules.{path}"), name))
    with pytest.raises(ValueError, match=spec.parameter_by_name[next(iter(wrong))].title):
        spec.read_parameters(wrong)


def test_gradient_descent_learns_a_line(train):
    x = np.linspace(-3, 5, 200)
    table = DataTable(pd.DataFrame({"x": x, "y": 2 * x + 1}))
    model = train(
        "regression.linear_regression",
        table,
        "y",
        solution_method="online gradient descent",
        l2_weight=0,
        epochs=100,
    )
    np.testing.assert_allclose(model.score(table).frame["Scored Labels"], 2 * x + 1, atol=0.05)
