"""Poisson regression, networks, and margins against libraries called directly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import PoissonRegressor, SGDClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from modules.contract import DataTable
from modules.learning.estimators.poisson import PenalizedPoissonRegressor
from modules.values import TrainedModel

Train = Callable[..., TrainedModel]


def counts(rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    matrix = random.normal(size=(rows, 4)) * [1, 100, 0.01, 1] + [0, 1000, 0, 5]
    logarithm = 0.5 * matrix[:, 0] + 0.004 * (matrix[:, 1] - 1000) + 30 * matrix[:, 2]
    return matrix, random.poisson(np.exp(logarithm)).astype(float)


@pytest.mark.proves("poisson_regression", by="scikit-learn")
def test_poisson_regression_equals_scikit_learn(train: Train) -> None:
    matrix, label = counts()
    table = DataTable(pd.DataFrame(matrix, columns=list("abcd")).assign(y=label))
    model = train("regression.poisson_regression", table, "y", l1_weight=0.0, l2_weight=2.0)
    other = PoissonRegressor(
        alpha=2.0 / len(label), solver="newton-cholesky", tol=1e-10, max_iter=1_000
    )
    expected = other.fit(matrix, label).predict(matrix)
    found = model.score(table).frame["Scored Labels"].to_numpy()
    assert found == pytest.approx(expected, rel=1e-3)


def test_poisson_without_l1_equals_scikit_learn() -> None:
    matrix, label = counts()
    own = PenalizedPoissonRegressor(l1=0.0, l2=2.0).fit(matrix, label)
    other = PoissonRegressor(
        alpha=2.0 / len(label), solver="newton-cholesky", tol=1e-10, max_iter=1_000
    ).fit(matrix, label)
    assert own.coef_ == pytest.approx(other.coef_, rel=1e-4, abs=1e-5)
    assert own.intercept_ == pytest.approx(other.intercept_, rel=1e-4, abs=1e-4)
    assert own.predict(matrix) == pytest.approx(other.predict(matrix), rel=1e-4)


@pytest.mark.parametrize("l2", [0.0, 1.5])
def test_poisson_with_l1_is_at_its_minimum(l2: float) -> None:
    """Where a weight is 0 the gradient of the loss is at most l1; elsewhere it is l1."""
    matrix, label = counts()
    l1 = 20.0
    model = PenalizedPoissonRegressor(l1=l1, l2=l2, tolerance=1e-10).fit(matrix, label)
    away = model.predict(matrix) - label
    gradient = matrix.T @ away + l2 * model.coef_
    zero = model.coef_ == 0
    assert zero.any()
    assert not zero.all()
    assert np.all(np.abs(gradient[zero]) <= l1 * (1 + 1e-6))
    assert gradient[~zero] == pytest.approx(-l1 * np.sign(model.coef_[~zero]), rel=1e-3)
    assert away.sum() == pytest.approx(0, abs=1e-4)


def test_poisson_weights_count_as_rows() -> None:
    matrix, label = counts(60)
    weights = 1 + np.arange(60) % 3
    repeated = np.repeat(np.arange(60), weights)
    expected = PenalizedPoissonRegressor(l1=3.0, l2=2.0).fit(matrix[repeated], label[repeated])
    found = PenalizedPoissonRegressor(l1=3.0, l2=2.0).fit(matrix, label, sample_weight=weights)
    assert found.coef_ == pytest.approx(expected.coef_, rel=1e-4, abs=1e-7)


def test_poisson_refuses_negative_counts(train: Train, refused) -> None:
    table = DataTable(pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1, -3, 2]}))
    with refused("negative-label", "-3", parameter="label_column"):
        train("regression.poisson_regression", table, "y")


def numbers(people: pd.DataFrame, label: str) -> pd.DataFrame:
    frame = people[["age", "income", "member", label]].dropna()
    return frame.astype({"age": float, "member": float}).reset_index(drop=True)


NETWORK = {
    "hidden_layer_sizes": (8, 4),
    "activation": "tanh",
    "solver": "sgd",
    "alpha": 0.0,
    "batch_size": 32,
    "learning_rate_init": 0.1,
    "max_iter": 15,
    "n_iter_no_change": 15,
    "tol": 0.0,
    "momentum": 0.0,
    "nesterovs_momentum": False,
    "random_state": 3,
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.proves("neural_network_regression", "two_class_neural_network", by="scikit-learn")
def test_networks_equal_scikit_learn_on_standardized_columns(
    people: pd.DataFrame, train: Train
) -> None:
    arguments = {"hidden_nodes": "8, 4", "iterations": 15, "seed": 3}
    frame = numbers(people, "buys")
    matrix = StandardScaler().fit_transform(frame[["age", "income", "member"]])
    model = train("classification.two_class_neural_network", DataTable(frame), "buys", **arguments)
    other = MLPClassifier(**NETWORK).fit(matrix, frame["buys"])
    found = model.score(DataTable(frame)).frame["Scored Probabilities"]
    assert found.to_numpy() == pytest.approx(other.predict_proba(matrix)[:, 1])

    frame = numbers(people, "spent")
    matrix = StandardScaler().fit_transform(frame[["age", "income", "member"]])
    label = frame["spent"]
    model = train("regression.neural_network_regression", DataTable(frame), "spent", **arguments)
    other = MLPRegressor(**NETWORK).fit(matrix, (label - label.mean()) / label.std(ddof=0))
    found = model.score(DataTable(frame)).frame["Scored Labels"]
    expected = other.predict(matrix) * label.std(ddof=0) + label.mean()
    assert found.to_numpy() == pytest.approx(expected)


def test_a_network_finds_what_no_line_separates(train: Train) -> None:
    random = np.random.default_rng(0)
    points = random.uniform(-1, 1, (400, 2))
    label = np.where(points[:, 0] * points[:, 1] > 0, "same", "different")
    table = DataTable(pd.DataFrame({"a": points[:, 0], "b": points[:, 1], "y": label}))
    model = train("classification.two_class_neural_network", table, "y")
    found = model.score(table).frame["Scored Labels"]
    assert (found == label).mean() > 0.95


def test_bad_layers_are_refused(make_learner, refused) -> None:
    for text in ("", "ten", "3,0", "1.5"):
        with refused("bad-hidden-nodes", parameter="hidden_nodes"):
            make_learner("classification.multiclass_neural_network", hidden_nodes=text)


def test_a_network_that_diverges_says_so(train: Train, refused) -> None:
    table = DataTable(pd.DataFrame({"x": np.linspace(0, 1, 64), "y": np.tile([0.0, 1e3], 32)}))
    with refused("training-diverged", "diverged"):
        train(
            "regression.neural_network_regression", table, "y", learning_rate=2.0, momentum=0.99,
            hidden_nodes="500, 500, 500",
        )  # fmt: skip


def direction(weights: np.ndarray) -> np.ndarray:
    flat = np.ravel(weights)
    return flat / np.linalg.norm(flat)


@pytest.mark.proves("two_class_averaged_perceptron", by="scikit-learn")
def test_the_perceptron_has_the_direction_of_scikit_learns(
    people: pd.DataFrame, train: Train
) -> None:
    frame = numbers(people, "buys")
    matrix = StandardScaler().fit_transform(frame[["age", "income", "member"]])
    model = train("classification.two_class_averaged_perceptron", DataTable(frame), "buys")
    other = SGDClassifier(
        loss="perceptron", penalty=None, learning_rate="constant", eta0=1.0, max_iter=10,
        tol=None, average=True, random_state=0,
    ).fit(matrix, frame["buys"])  # fmt: skip
    found = model.final_estimator
    assert direction(found.coef_) == pytest.approx(direction(other.coef_), abs=1e-9)
    assert found.intercept_.shape == (1,)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.proves("two_class_support_vector_machine", by="scikit-learn")
def test_the_support_vector_machine_nears_the_exact_one(people: pd.DataFrame, train: Train) -> None:
    frame = numbers(people, "buys")
    matrix = StandardScaler().fit_transform(frame[["age", "income", "member"]])
    path = "classification.two_class_support_vector_machine"
    model = train(path, DataTable(frame), "buys", iterations=300, penalty=0.01)
    exact = LinearSVC(
        loss="hinge", C=1 / (0.01 * len(frame)), intercept_scaling=100, max_iter=100_000
    ).fit(matrix, frame["buys"])
    cosine = direction(model.final_estimator.coef_) @ direction(exact.coef_)
    assert cosine > 0.999


def test_margins_become_calibrated_probabilities(train: Train) -> None:
    """Of rows drawn with a known probability, each tenth has about the share that is scored."""
    random = np.random.default_rng(4)
    x = random.normal(size=20_000)
    label = np.where(random.random(20_000) < 1 / (1 + np.exp(-1.5 * x)), "yes", "no")
    table = DataTable(pd.DataFrame({"x": x, "y": label}))
    for path in ("two_class_support_vector_machine", "two_class_averaged_perceptron"):
        model = train(f"classification.{path}", table, "y")
        scored = model.score(table).frame["Scored Probabilities"]
        tenths = scored.groupby(pd.qcut(scored, 10)).mean()
        shares = pd.Series(label == "yes").groupby(pd.qcut(scored, 10)).mean()
        assert np.abs(tenths.to_numpy() - shares.to_numpy()).max() < 0.05


def test_weights_are_told_in_the_units_of_the_data(train: Train) -> None:
    x = np.linspace(1000, 2000, 200)
    table = DataTable(pd.DataFrame({"x": x, "y": np.where(x > 1500, "b", "a")}))
    for path in ("two_class_support_vector_machine", "two_class_averaged_perceptron"):
        model = train(f"classification.{path}", table, "y")
        sheet = model.sheets()["Coefficients"]
        (_, intercept), (_, weight) = sheet.rows
        assert "units of the data" in sheet.note
        # The boundary, where the log-odds are 0.
        assert -intercept / weight == pytest.approx(1500, abs=25)


def test_a_class_of_one_row_is_learned_without_folds(train: Train) -> None:
    table = DataTable(pd.DataFrame({"x": [0.0, 1.0, 2.0, 9.0], "y": ["a", "a", "a", "b"]}))
    model = train("classification.two_class_support_vector_machine", table, "y", iterations=100)
    assert model.score(table).frame["Scored Probabilities"].is_monotonic_increasing
