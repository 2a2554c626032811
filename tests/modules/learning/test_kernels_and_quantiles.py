"""Kernel machines, linear quantiles, and Gaussian processes against scikit-learn directly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_moons
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.linear_model import QuantileRegressor
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from modules.contract import DataTable
from modules.requests.tables import rows_of
from modules.values import TrainedModel, UntrainedModel

Learner = Callable[..., UntrainedModel]
REGRESSION = "regression.kernel_support_vector_regression"
TWO = "classification.two_class_kernel_support_vector_machine"
SEVERAL = "classification.multiclass_kernel_support_vector_machine"


@pytest.fixture(scope="module")
def diabetes() -> DataTable:
    return DataTable(load_diabetes(as_frame=True).frame.iloc[:200])


def scaled(table: DataTable) -> np.ndarray:
    return StandardScaler().fit_transform(table.frame.iloc[:, :-1].to_numpy())


def scores(model: TrainedModel, table: DataTable) -> np.ndarray:
    return model.score(table).frame.drop(columns="Scored Labels").to_numpy("float64")


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ("RBF", {"kernel": "rbf", "gamma": "scale"}),
        ("polynomial", {"kernel": "poly", "gamma": 0.05, "degree": 2, "coef0": 1.0}),
        ("linear", {"kernel": "linear"}),
    ],
)
@pytest.mark.proves("kernel_support_vector_regression", by="scikit-learn")
def test_regression_equals_scikit_learn(
    kernel: str, options: dict[str, object], make_learner: Learner, diabetes: DataTable
) -> None:
    gamma = options.get("gamma", "scale")
    learner = make_learner(
        REGRESSION,
        kernel=kernel,
        cost=2.0,
        gamma=0.0 if gamma == "scale" else gamma,
        degree=options.get("degree", 3),
    )
    model = learner.fit(diabetes, "target")
    label = diabetes.frame["target"].to_numpy()
    center, spread = label.mean(), label.std()
    other = SVR(C=2.0, epsilon=0.1, **options).fit(scaled(diabetes), (label - center) / spread)
    expected = other.predict(scaled(diabetes)) * spread + center
    found = model.score(diabetes).frame["Scored Labels"].to_numpy()
    assert found == pytest.approx(expected, rel=1e-6)
    assert len(model.final_estimator.vectors_) == len(other.support_)


@pytest.mark.proves("two_class_kernel_support_vector_machine", by="scikit-learn")
def test_two_classes_equal_scikit_learn(make_learner: Learner) -> None:
    table = DataTable(load_breast_cancer(as_frame=True).frame.iloc[:300, [0, 1, 4, 6, 30]])
    model = make_learner(TWO, cost=3.0, gamma=0.2, seed=4).fit(table, "target")
    other = CalibratedClassifierCV(
        SVC(C=3.0, gamma=0.2), cv=StratifiedKFold(5, shuffle=True, random_state=4), ensemble=False
    ).fit(scaled(table), table.frame["target"])
    expected = other.predict_proba(scaled(table))[:, 1:]
    assert scores(model, table) == pytest.approx(expected, abs=1e-6)


@pytest.mark.proves("multiclass_kernel_support_vector_machine", by="scikit-learn")
def test_several_classes_equal_scikit_learn_one_by_one(make_learner: Learner) -> None:
    table = DataTable(load_iris(as_frame=True).frame)
    model = make_learner(SEVERAL, gamma=0.2).fit(table, "target")
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    columns = []
    for code in range(3):
        other = CalibratedClassifierCV(SVC(gamma=0.2), cv=folds, ensemble=False)
        other.fit(scaled(table), (table.frame["target"] == code).astype(int))
        columns.append(other.predict_proba(scaled(table))[:, 1])
    expected = np.column_stack(columns)
    expected /= expected.sum(axis=1, keepdims=True)
    assert scores(model, table) == pytest.approx(expected, abs=1e-6)


def test_a_curved_boundary_is_found(make_learner: Learner) -> None:
    points, label = make_moons(300, noise=0.1, random_state=0)
    table = DataTable(pd.DataFrame(points, columns=["x", "y"]).assign(moon=label))
    accuracy = {
        kernel: (
            make_learner(TWO, kernel=kernel, cost=10.0)
            .fit(table, "moon")
            .score(table)
            .frame["Scored Labels"]
            == label
        ).mean()
        for kernel in ("RBF", "linear")
    }
    assert accuracy["RBF"] > 0.99
    assert accuracy["linear"] < 0.92


@pytest.mark.proves("quantile_regression", by="scikit-learn")
def test_quantiles_equal_scikit_learn(make_learner: Learner, diabetes: DataTable) -> None:
    learner = make_learner("regression.quantile_regression", quantiles="0.9, 0.1")
    model = learner.fit(diabetes, "target")
    matrix, label = diabetes.frame.iloc[:, :-1].to_numpy(), diabetes.frame["target"].to_numpy()
    found = model.score(diabetes).frame
    assert list(found)[1:] == ["Scores for quantile: 0.1", "Scores for quantile: 0.9"]

    def loss(predicted: np.ndarray, quantile: float) -> float:
        error = label - predicted
        return float(np.maximum(quantile * error, (quantile - 1) * error).mean())

    for name, quantile in zip(found, (0.5, 0.1, 0.9), strict=True):
        other = QuantileRegressor(quantile=quantile, alpha=0.0).fit(matrix, label)
        expected = loss(other.predict(matrix), quantile)
        assert loss(found[name].to_numpy(), quantile) == pytest.approx(expected, rel=1e-6)
        below = (label <= found[name]).mean()
        assert below == pytest.approx(quantile, abs=0.06)


def test_a_penalty_has_no_unit(make_learner: Learner, diabetes: DataTable) -> None:
    learner = make_learner("regression.quantile_regression", penalty=0.05)
    plain = learner.fit(diabetes, "target").sheets()["Coefficients"].rows
    units = diabetes.frame.assign(
        bmi=diabetes.frame["bmi"] * 1000, target=diabetes.frame["target"] / 7
    )
    other = learner.fit(DataTable(units), "target").sheets()["Coefficients"].rows
    weights, changed = dict(plain[1:]), dict(other[1:])
    assert changed["bmi"] == pytest.approx(weights["bmi"] / 7000)
    assert 0 < sum(value == 0 for value in weights.values()) < 10


@pytest.mark.parametrize("smoothness", ["smooth", "once differentiable"])
@pytest.mark.proves("gaussian_process_regression", by="scikit-learn")
def test_a_gaussian_process_equals_scikit_learn(
    smoothness: str, make_learner: Learner, diabetes: DataTable
) -> None:
    table = diabetes.slice(0, 100)
    learner = make_learner("regression.gaussian_process_regression", smoothness=smoothness)
    model = learner.fit(table, "target")
    label = table.frame["target"].to_numpy()
    center, spread = label.mean(), label.std()
    bounds = (1e-2, 1e4)
    shape = RBF(1.0, bounds) if smoothness == "smooth" else Matern(1.0, bounds, nu=1.5)
    kernel = ConstantKernel(1.0, (1e-3, 1e4)) * shape + WhiteKernel(0.1, (1e-6, 10.0))
    other = GaussianProcessRegressor(kernel).fit(scaled(table), (label - center) / spread)
    scaler = StandardScaler().fit(table.frame.iloc[:, :-1].to_numpy())
    rows = diabetes.slice(100, 150)
    mean, deviation = other.predict(
        scaler.transform(rows.frame.iloc[:, :-1].to_numpy()), return_std=True
    )
    found = model.score(rows).frame
    assert found["Scored Labels"].to_numpy() == pytest.approx(mean * spread + center, rel=1e-6)
    upper = (mean + 1.6448536269514722 * deviation) * spread + center
    assert found["Scores for quantile: 0.95"].to_numpy() == pytest.approx(upper, rel=1e-6)


@pytest.mark.parametrize("smoothness", ["smooth", "twice differentiable"])
@pytest.mark.proves("two_class_gaussian_process", by="scikit-learn")
def test_a_gaussian_process_of_classes_equals_scikit_learn(
    smoothness: str, make_learner: Learner
) -> None:
    frame = load_breast_cancer(as_frame=True).frame.iloc[:100, [0, 1, 4, 30]]
    table = DataTable(frame.iloc[:60])
    learner = make_learner("classification.two_class_gaussian_process", smoothness=smoothness)
    model = learner.fit(table, "target")
    bounds = (1e-2, 1e4)
    shape = RBF(1.0, bounds) if smoothness == "smooth" else Matern(1.0, bounds, nu=2.5)
    other = GaussianProcessClassifier(ConstantKernel(1.0, (1e-3, 1e4)) * shape, random_state=0)
    other.fit(scaled(table), table.frame["target"])
    scaler = StandardScaler().fit(table.frame.iloc[:, :-1].to_numpy())
    expected = other.predict_proba(scaler.transform(frame.iloc[60:, :-1].to_numpy()))[:, 1:]
    assert scores(model, DataTable(frame.iloc[60:])) == pytest.approx(expected, abs=1e-6)


def test_classes_are_uncertain_away_from_the_rows(make_learner: Learner) -> None:
    points, label = make_moons(120, noise=0.1, random_state=0)
    table = DataTable(pd.DataFrame(points, columns=["x", "y"]).assign(moon=label))
    model = make_learner("classification.two_class_gaussian_process").fit(table, "moon")
    assert (model.score(table).frame["Scored Labels"] == label).mean() > 0.97
    far = DataTable(pd.DataFrame({"x": [1e4], "y": [-1e4]}))
    assert scores(model, far)[0, 0] == pytest.approx(0.5, abs=0.01)


def test_uncertainty_grows_away_from_the_rows(make_learner: Learner) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 6, 80)
    table = DataTable(pd.DataFrame({"x": x, "y": np.sin(x) + rng.normal(0, 0.1, 80)}))
    model = make_learner("regression.gaussian_process_regression").fit(table, "y")
    found = model.score(DataTable(pd.DataFrame({"x": [3.0, 30.0]}))).frame
    width = found["Scores for quantile: 0.95"] - found["Scores for quantile: 0.05"]
    assert found["Scored Labels"].iloc[0] == pytest.approx(np.sin(3.0), abs=0.1)
    assert width.iloc[0] == pytest.approx(2 * 1.645 * 0.1, rel=0.4)
    assert width.iloc[1] > 4 * width.iloc[0]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        (REGRESSION, "spent"),
        (TWO, "buys"),
        (SEVERAL, "level"),
        ("regression.quantile_regression", "spent"),
    ],
)
def test_the_compiled_form_equals_the_model(
    path: str, label: str, make_learner: Learner, table_for: Callable[[str], DataTable]
) -> None:
    table = table_for(label).slice(0, 150)
    model = make_learner(path).fit(table, label)
    row = model.compile().row_function()
    for given, expected in zip(rows_of(table), rows_of(model.score(table)), strict=True):
        assert row(given) == pytest.approx(expected, abs=1e-9)


def test_mistakes_are_explained(make_learner: Learner, refused) -> None:
    for path in ("regression.quantile_regression", "regression.gaussian_process_regression"):
        with refused("bad-quantiles", "0.5, 1", parameter="quantiles"):
            make_learner(path, quantiles="0.5, 1")
    rows = DataTable(pd.DataFrame({"x": np.arange(5_001.0), "y": np.arange(5_001.0)}))
    with refused("table-too-large", "5,001 rows", port="dataset"):
        make_learner("regression.gaussian_process_regression").fit(rows, "y")
    few = rows.slice(0, 2_001)
    few = few.with_frame(few.frame.assign(y=few.frame["x"] > 1_000))
    with refused("table-too-large", "2,001 rows", port="dataset"):
        make_learner("classification.two_class_gaussian_process").fit(few, "y")
