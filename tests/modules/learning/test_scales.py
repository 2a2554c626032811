"""Linear learners reach the minimum of what they state, whatever the units of the columns."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exact_minimum import (
    least_squares,
    logistic_minimum,
    logistic_objective,
    squares,
)
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.learning.features import FeatureEncoder
from modules.model_training.train_model import train_model

SAMPLES = Path(__file__).parents[3] / "samples" / "data"
DESCENT = {"solution_method": "online gradient descent"}
LOGISTIC = {
    2: "classification.two_class_logistic_regression",
    3: "classification.multiclass_logistic_regression",
}


def plain(random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(200, 4))


def scaled(random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(200, 7)) * 10.0 ** np.arange(-9, 10, 3)


def far_from_zero(random: np.random.Generator) -> np.ndarray:
    return scaled(random) * [1, 1, 1, 1, 1, 1, 0.3] + [0, 1e-3, 0, 20_000, 0, 0, 1e9]


def collinear(random: np.random.Generator) -> np.ndarray:
    x = random.normal(size=(200, 3))
    return np.column_stack([x, x[:, 0] * 1e9, x[:, 1] * 1e-9, x[:, 2] + x[:, 0], np.ones(200)])


def nearly_collinear(random: np.random.Generator) -> np.ndarray:
    x = random.normal(size=(200, 2))
    return np.column_stack([x, x[:, 0] + 1e-6 * random.normal(size=200), x[:, 1] * 1e6])


def constant(random: np.random.Generator) -> np.ndarray:
    x = random.normal(size=(200, 2)) * [1e-6, 1e6]
    return np.column_stack([x, np.full(200, 1e9), np.full(200, 0.1), np.zeros(200)])


def indicators(random: np.random.Generator) -> np.ndarray:
    return np.column_stack([np.eye(5)[random.integers(0, 5, 200)], scaled(random)])


TABLES = [plain, scaled, far_from_zero, collinear, nearly_collinear, constant, indicators]


def codes_for(matrix: np.ndarray, classes: int, random: np.random.Generator, kind: str):
    standard = (matrix - matrix.mean(axis=0)) / np.where(matrix.std(axis=0) > 1e-12, 1, np.inf)
    spread = standard.std(axis=0)
    margins = (
        standard / np.where(spread > 0, spread, 1) @ random.normal(size=(matrix.shape[1], classes))
    )
    margins *= {"noisy": 0.5, "separable": 50.0, "rare": 1.0}[kind]
    if kind == "rare":
        margins[:, 0] += 5
    codes = np.argmax(margins + random.gumbel(size=margins.shape), axis=1)
    codes[:classes] = np.arange(classes)
    return codes


def frame_of(matrix: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(matrix, columns=[f"x{index}" for index in range(matrix.shape[1])])


def fit(make_learner, path: str, frame: pd.DataFrame, **parameters):
    """Train without a single warning."""
    roles = {"w": Role.WEIGHT} if "w" in frame else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return train_model(
            make_learner(path, **parameters),
            DataTable(frame, roles),
            label_column=ColumnSelector.names("y"),
        )


@pytest.mark.parametrize(
    ("solver", "classes"),
    [
        ("newton", 2),
        ("l-bfgs", 3),
        pytest.param("newton", 3, marks=pytest.mark.long),
        pytest.param("l-bfgs", 2, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("kind", ["noisy", "separable", "rare"])
@pytest.mark.parametrize("table", TABLES)
def test_logistic_regression_finds_the_minimum(table, kind, classes, solver, make_learner):
    random = np.random.default_rng(TABLES.index(table))
    matrix = table(random)
    codes = codes_for(matrix, classes, random, kind)
    weights = random.integers(1, 4, 200).astype(float) if kind == "noisy" else None
    frame = frame_of(matrix).assign(y=codes)
    if weights is not None:
        frame["w"] = weights
    model = fit(make_learner, LOGISTIC[classes], frame, solver=solver)
    found = model.estimator
    value = logistic_objective(matrix, codes, found.coef_, found.intercept_, 1.0, weights)
    assert value == pytest.approx(logistic_minimum(matrix, codes, 1.0, weights), rel=1e-7)


@pytest.mark.parametrize("classes", [2, 3])
def test_newton_without_a_penalty(classes, make_learner):
    random = np.random.default_rng(3)
    matrix = collinear(random)
    codes = codes_for(matrix[:, :3], classes, random, "noisy")
    frame = frame_of(matrix).assign(y=codes)
    found = fit(make_learner, LOGISTIC[classes], frame, l2_weight=0).estimator
    value = logistic_objective(matrix, codes, found.coef_, found.intercept_, 0)
    assert value == pytest.approx(logistic_minimum(matrix, codes, 0), rel=1e-7)


def minimum_by_trust_region(matrix, positive: np.ndarray) -> float:
    """Return the two-class minimum by another method, in columns of one size."""
    sizes = np.sqrt(np.asarray((matrix * matrix).mean(axis=0)).ravel())
    factor = 1 / np.sqrt(sizes**2 / 4 + 1 / len(positive))

    def margins(point: np.ndarray) -> np.ndarray:
        return matrix @ (factor * point[:-1]) + point[-1]

    def value(point: np.ndarray) -> tuple[float, np.ndarray]:
        total = margins(point)
        loss = np.logaddexp(0, total).sum() - total[positive].sum()
        rest = expit(total) - positive
        weights = factor * point[:-1]
        slope = factor * (matrix.T @ rest + weights)
        return (loss + weights @ weights / 2) / len(rest), np.append(slope, rest.sum()) / len(rest)

    def product(point: np.ndarray, direction: np.ndarray) -> np.ndarray:
        share = expit(margins(point))
        part = share * (1 - share) * margins(direction)
        slope = factor * (matrix.T @ part + factor * direction[:-1])
        return np.append(slope, part.sum()) / len(share)

    start = np.zeros(matrix.shape[1] + 1)
    result = minimize(
        value, start, jac=True, hessp=product, method="trust-ncg", options={"gtol": 1e-7}
    )
    assert result.success
    return float(result.fun * len(positive))


@pytest.mark.parametrize(("values", "rows"), [(200, 2_000), (3_000, 12_000)])
def test_hundreds_and_thousands_of_indicator_columns(values, rows, make_learner):
    """400 indicators are a dense matrix, and 6,000 a sparse one."""
    random = np.random.default_rng(values)
    chosen = random.integers(0, values, (rows, 2)) * random.integers(0, 2, (rows, 2))
    effects = random.normal(size=(2, values))
    size = random.normal(size=rows)
    total = effects[0, chosen[:, 0]] + effects[1, chosen[:, 1]] + size
    positive = random.random(rows) < expit(total)
    frame = pd.DataFrame(
        {
            "a": np.char.add("a", chosen[:, 0].astype(str)),
            "b": np.char.add("b", chosen[:, 1].astype(str)),
            "size": 3e7 + 1e7 * size,
            "y": np.where(positive, "yes", "no"),
        }
    )
    model = fit(make_learner, LOGISTIC[2], frame)
    matrix = model.encoder.transform(frame)
    assert matrix.shape[1] > 1.8 * values * (1 - 0.5 ** (rows / values))
    found = model.estimator
    margins = matrix @ found.coef_[0] + found.intercept_[0]
    loss = np.logaddexp(0, margins).sum() - margins[positive].sum()
    value = loss + (found.coef_**2).sum() / 2
    assert value == pytest.approx(minimum_by_trust_region(matrix, positive), rel=1e-6)
    assert not model.scalers
    assert model.compile() is not None


def test_a_minimum_that_scikit_learn_finds_is_kept_to_the_bit(make_learner):
    random = np.random.default_rng(0)
    for classes in (2, 3):
        matrix = plain(random)
        codes = codes_for(matrix, classes, random, "noisy")
        frame = frame_of(matrix).assign(y=codes)
        for solver, name in (("newton", "newton-cholesky"), ("l-bfgs", "lbfgs")):
            found = fit(make_learner, LOGISTIC[classes], frame, solver=solver).estimator
            expected = LogisticRegression(solver=name, tol=1e-7, max_iter=1_000).fit(matrix, codes)
            np.testing.assert_array_equal(found.coef_, expected.coef_)
            np.testing.assert_array_equal(found.intercept_, expected.intercept_)


@pytest.mark.parametrize("solver", ["newton", "l-bfgs"])
def test_without_a_minimum_it_is_said(solver, make_learner):
    """Perfectly separated classes and no penalty: larger weights are always better."""
    x = np.linspace(-1, 1, 40) * 1e9
    frame = pd.DataFrame({"x": x, "copy": x * 1e-12, "y": (x > 0).astype(int)})
    learner = make_learner(LOGISTIC[2], solver=solver, l2_weight=0)
    with pytest.warns(ModuleWarning, match="didn't converge.*L2 regularization") as found:
        train_model(learner, DataTable(frame), label_column=ColumnSelector.names("y"))
    assert not any("Normalize" in str(each.message) for each in found)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("penalty", [0.0, 0.001, 10.0])
@pytest.mark.parametrize("table", TABLES)
def test_least_squares_find_the_minimum(table, penalty, intercept, make_learner):
    random = np.random.default_rng(TABLES.index(table))
    matrix = table(random)
    spread = matrix.std(axis=0)
    target = matrix / np.where(spread > 1e-12, spread, np.inf) @ random.normal(size=matrix.shape[1])
    target += random.normal(size=200)
    found = fit(
        make_learner,
        "regression.linear_regression",
        frame_of(matrix).assign(y=target),
        l2_weight=penalty,
        include_intercept=intercept,
    ).estimator
    value = squares(matrix, target, found.coef_, found.intercept_, penalty)
    exact = least_squares(matrix, target, penalty, intercept=intercept)
    assert value == pytest.approx(exact, rel=1e-6)


@pytest.mark.long
def test_least_squares_of_thousands_of_indicator_columns(make_learner):
    random = np.random.default_rng(8)
    key = random.integers(0, 1_500, 6_000)
    size = random.normal(size=6_000)
    target = random.normal(size=1_500)[key] + size + random.normal(size=6_000)
    frame = pd.DataFrame({"key": np.char.add("k", key.astype(str)), "size": 2e9 + 1e9 * size})
    model = fit(make_learner, "regression.linear_regression", frame.assign(y=target))
    matrix = model.encoder.transform(frame).toarray()
    found = model.estimator
    value = squares(matrix, target, found.coef_, found.intercept_, 0.001)
    rest = matrix - matrix.mean(axis=0)
    sizes = np.sqrt((rest**2).sum(axis=0) + 0.001)
    rows = np.vstack([rest / sizes, np.diag(np.sqrt(0.001) / sizes)])
    right = np.append(target - target.mean(), np.zeros(len(sizes)))
    exact = ((right - rows @ np.linalg.lstsq(rows, right)[0]) ** 2).sum()
    assert value == pytest.approx(exact, rel=1e-6)


REGRESSIONS = [
    ("automobile_price.csv", "price"),
    ("automobile_price.csv", "horsepower"),
    ("german_credit.csv", "credit_amount"),
    ("german_credit.csv", "duration_in_month"),
    ("adult_income.csv", "age"),
    ("flights.parquet", "dep_delay"),
    ("flights_weather.parquet", "humid"),
]


@pytest.mark.parametrize(("file", "label"), REGRESSIONS)
def test_gradient_descent_is_as_good_as_ridge(file, label, make_learner):
    """With its defaults, on rows that neither saw."""
    path = SAMPLES / file
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    frame = frame[frame[label].notna()].sample(frac=1, random_state=0).head(8_000)
    texts = frame.select_dtypes(["str", "datetime", "datetimetz"]).columns
    frame = frame.drop(columns=[name for name in texts if frame[name].nunique() > 100])
    frame = frame.rename(columns={label: "y"}).assign(y=frame[label].astype(float))
    rows, test = frame.iloc[: int(0.7 * len(frame))], frame.iloc[int(0.7 * len(frame)) :]
    model = fit(make_learner, "regression.linear_regression", rows, **DESCENT)
    encoder = FeatureEncoder().fit(rows.drop(columns="y"))
    ridge = Ridge(alpha=0.001, solver="svd").fit(encoder.transform(rows), rows["y"])
    expected = r2_score(test["y"], ridge.predict(encoder.transform(test)))
    scored = model.score(DataTable(test)).frame["Scored Labels"]
    assert r2_score(test["y"], scored) >= expected - 0.005


@pytest.mark.parametrize("penalty", [0.0, 1.0, 1_000.0])
def test_gradient_descent_approaches_the_same_minimum(penalty, make_learner):
    random = np.random.default_rng(2)
    matrix = scaled(random)
    target = matrix / matrix.std(axis=0) @ random.normal(size=7) + random.normal(size=200)
    found = fit(
        make_learner,
        "regression.linear_regression",
        frame_of(matrix).assign(y=target),
        l2_weight=penalty,
        epochs=200,
        **DESCENT,
    ).estimator
    value = squares(matrix, target, found.coef_, found.intercept_[0], penalty)
    assert value == pytest.approx(least_squares(matrix, target, penalty), rel=1e-3)


@pytest.mark.parametrize("rate", [0.001, 0.1, 1.0, 100.0])
def test_gradient_descent_in_normalized_features_never_diverges(rate, make_learner):
    random = np.random.default_rng(2)
    matrix = indicators(random)
    frame = frame_of(matrix).assign(y=1e6 + 1e3 * random.normal(size=200))
    model = fit(
        make_learner,
        "regression.linear_regression",
        frame,
        learning_rate=rate,
        epochs=50,
        **DESCENT,
    )
    errors = model.score(DataTable(frame)).frame["Scored Labels"] - frame["y"]
    assert np.sqrt((errors**2).mean()) < 1.2e3
