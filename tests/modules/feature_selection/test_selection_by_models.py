"""Selecting columns with a learner against scikit-learn called directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.feature_selection import RFECV, SelectFromModel, SequentialFeatureSelector
from sklearn.linear_model import ElasticNet, LinearRegression
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from modules.classification.multiclass_naive_bayes import multiclass_naive_bayes
from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.classification.two_class_nearest_neighbors import two_class_nearest_neighbors
from modules.contract import DataTable, ModuleError, Role
from modules.feature_selection.model_based_feature_selection import model_based_feature_selection
from modules.feature_selection.recursive_feature_elimination import recursive_feature_elimination
from modules.feature_selection.sequential_feature_selection import sequential_feature_selection
from modules.learning.importances import column_importances
from modules.regression.elastic_net_regression import elastic_net_regression
from modules.regression.linear_regression import linear_regression


@pytest.fixture(scope="module")
def diabetes() -> DataTable:
    """Columns in units as different as those of real tables."""
    frame = load_diabetes(as_frame=True).frame
    units = np.array([10.0**power for power in (0, 3, -2, 1, 4, -1, 2, 0, 5, -3)])
    frame = frame.assign(**dict((frame.iloc[:, :10] * units).items()))
    return DataTable(
        frame.assign(patient=range(len(frame))), {"target": "label", "patient": "none"}
    )


@pytest.fixture(scope="module")
def standardized(diabetes: DataTable) -> tuple[np.ndarray, np.ndarray]:
    matrix = StandardScaler().fit_transform(diabetes.frame.iloc[:, :10])
    return matrix, diabetes.frame["target"].to_numpy()


@pytest.mark.proves("recursive_feature_elimination", by="scikit-learn")
def test_elimination_equals_scikit_learn(diabetes: DataTable, standardized) -> None:
    matrix, target = standardized
    learner = linear_regression(l2_weight=0.0)
    filtered, features, numbers, made = recursive_feature_elimination(learner, diabetes, seed=3)
    other = RFECV(
        LinearRegression(),
        cv=KFold(5, shuffle=True, random_state=3),
        scoring="neg_root_mean_squared_error",
    ).fit(matrix, target)
    names = np.array(diabetes.names[:10])
    assert filtered.names == [*names[other.support_], "target", "patient"]
    frame = features.frame
    assert frame["Rank"].tolist() == sorted(other.ranking_)
    assert dict(zip(frame["Feature"], frame["Rank"], strict=True)) == dict(
        zip(names, other.ranking_, strict=True)
    )
    means = -other.cv_results_["mean_test_score"]
    assert numbers.frame["Root mean squared error"].to_numpy() == pytest.approx(means)
    assert numbers.metrics["Root mean squared error (best)"] == pytest.approx(means.min())
    new = DataTable(diabetes.frame.drop(columns=["target", "patient"]))
    assert made.apply(new).names == list(names[other.support_])


@pytest.mark.long
def test_with_many_columns_a_tenth_is_removed_at_a_time() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 40))).assign(y=rng.normal(size=60))
    table = DataTable(frame, {"y": "label"})
    learner = linear_regression()
    _, _, numbers, _ = recursive_feature_elimination(learner, table, folds=2)
    tried = numbers.frame["Number of features"].tolist()[::-1]
    assert tried[:8] == [40, 36, 33, 30, 27, 25, 23, 21]
    assert tried[-1] == 1


def test_a_number_is_reached_in_steps(diabetes: DataTable) -> None:
    learner = linear_regression(l2_weight=0.0)
    filtered, features, numbers, _ = recursive_feature_elimination(
        learner, diabetes, keep="a number", number_of_features=3, step=4
    )
    assert numbers.frame["Number of features"].tolist() == [3, 6, 10]
    assert features.frame["Rank"].tolist() == [1] * 3 + [2] * 3 + [3] * 4
    assert len(filtered.names) == 5


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.proves("sequential_feature_selection", by="scikit-learn")
def test_sequences_equal_scikit_learn(direction: str, diabetes: DataTable, standardized) -> None:
    matrix, target = standardized
    filtered, steps, _ = sequential_feature_selection(
        linear_regression(l2_weight=0.0),
        diabetes.select([*diabetes.names[:6], "target"]),
        direction=direction,
        keep="a number",
        number_of_features=3,
        folds=3,
    )
    other = SequentialFeatureSelector(
        LinearRegression(),
        n_features_to_select=3,
        direction=direction,
        scoring="neg_root_mean_squared_error",
        cv=KFold(3, shuffle=True, random_state=0),
    ).fit(matrix[:, :6], target)
    assert filtered.names[:3] == list(np.array(diabetes.names[:6])[other.get_support()])
    assert len(steps.frame) == (3 if direction == "forward" else 4)


def test_a_sequence_stops_when_it_does_not_improve(diabetes: DataTable) -> None:
    learner, table = linear_regression(l2_weight=0.0), diabetes.select(diabetes.names[5:])
    filtered, steps, _ = sequential_feature_selection(learner, table, improvement=0.5, folds=2)
    errors = steps.frame["Root mean squared error"].to_numpy()
    assert (np.diff(errors) <= -0.5).all()
    assert steps.frame["Features"].tolist() == list(range(1, len(filtered.names) - 1))
    assert len(filtered.names) < len(table.names)
    one, _, _ = sequential_feature_selection(
        learner, table, direction="backward", improvement=-1000.0, folds=2
    )
    assert len(one.names) == 3


@pytest.mark.proves("model_based_feature_selection", by="scikit-learn")
def test_the_model_decides_as_in_scikit_learn(diabetes: DataTable, standardized) -> None:
    matrix, target = standardized
    learner = elastic_net_regression(penalty=0.2, l1_ratio=0.9)
    target = (target - target.mean()) / target.std()
    names = np.array(diabetes.names[:10])
    for keep, threshold in (
        ("more important than the mean", "mean"),
        # With as many weights of 0, scikit-learn's own "median" would keep every column.
        ("more important than the median", 1e-12),
        ("every used one", 1e-12),
    ):
        other = SelectFromModel(ElasticNet(alpha=0.2, l1_ratio=0.9), threshold=threshold)
        filtered, features, _ = model_based_feature_selection(learner, diabetes, keep=keep)
        assert filtered.names[:-2] == list(names[other.fit(matrix, target).get_support()])
        weights = dict(zip(names, np.abs(other.estimator_.coef_), strict=True))
        found = dict(features.frame[["Feature", "Importance"]].to_numpy())
        spread = diabetes.frame["target"].std(ddof=0)
        assert found == pytest.approx({name: each * spread for name, each in weights.items()})


@pytest.mark.parametrize(
    "learner",
    [
        two_class_decision_forest,
        pytest.param(two_class_boosted_decision_tree, marks=pytest.mark.long),
    ],
)
def test_trees_find_the_columns_that_decide(learner) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(400, 6)), columns=list("abcdef"))
    frame["text"] = rng.choice(["x", "y", "z"], 400)
    frame["label"] = (frame["b"] + (frame["text"] == "y") * 2 + rng.normal(0, 0.2, 400)) > 0.7
    table = DataTable(frame, {"label": Role.LABEL})
    filtered, features, _ = model_based_feature_selection(
        learner(), table, keep="a number", number_of_features=2
    )
    assert filtered.names == ["b", "text", "label"]
    assert features.frame["Importance"].sum() > 0
    kept, _, _, _ = recursive_feature_elimination(
        learner(), table, keep="a number", number_of_features=2, folds=2
    )
    assert kept.names == filtered.names


def test_weights_of_text_belong_to_its_column(diabetes: DataTable) -> None:
    rng = np.random.default_rng(0)
    text = rng.choice(["p", "q", "r"], 300)
    number = rng.normal(0, 100, 300)
    y = (
        number / 100
        + pd.Series(text).map({"p": 0.0, "q": 3.0, "r": -3.0})
        + rng.normal(0, 0.1, 300)
    )
    table = DataTable(pd.DataFrame({"text": text, "number": number, "y": y}))
    found = column_importances(linear_regression().fit(table, "y"), table)
    assert found["number"] == pytest.approx(1.0, rel=0.05)
    shares = [(text == each).mean() for each in "pqr"]
    values = [0.0, 3.0, -3.0]
    center = sum(values) / 3
    expected = sum((v - center) ** 2 * s * (1 - s) for v, s in zip(values, shares, strict=True))
    assert found["text"] == pytest.approx(expected**0.5, rel=0.05)


def test_several_classes_and_every_learner_work_step_by_step() -> None:
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 4, 7, 30]]
    frame["target"] = np.where(frame["mean radius"] > 18, 2, frame["target"])
    table = DataTable(frame, {"target": Role.LABEL})
    filtered, steps, _ = sequential_feature_selection(multiclass_naive_bayes(), table, folds=3)
    assert "mean radius" in filtered.names
    assert "Overall accuracy" in steps.names


def test_mistakes_are_explained(diabetes: DataTable, refused) -> None:
    table = DataTable(diabetes.frame.assign(target=diabetes.frame["target"] > 100), diabetes.roles)
    for module in (model_based_feature_selection, recursive_feature_elimination):
        with refused("no-importances", "Nearest Neighbors", port="untrained_model"):
            module(two_class_nearest_neighbors(), table)
    for module in (
        model_based_feature_selection,
        recursive_feature_elimination,
        sequential_feature_selection,
    ):
        with refused("too-many-features", "11 features", parameter="number_of_features"):
            module(linear_regression(), diabetes, keep="a number", number_of_features=11)
    wide = DataTable(pd.DataFrame(np.eye(201)).assign(y=range(201)), {"y": "label"})
    with refused("too-many-features", "201 features", port="dataset"):
        sequential_feature_selection(linear_regression(), wide)
    with refused("wrong-metric", "AUC", parameter="classification_metric"):
        sequential_feature_selection(multiclass_naive_bayes(), table, classification_metric="AUC")
    nothing = elastic_net_regression(penalty=10.0, l1_ratio=1.0)
    with pytest.warns(match="use any feature; “"):
        model_based_feature_selection(nothing, diabetes, keep="every used one")
    with pytest.raises(ModuleError, match="no feature columns"):
        model_based_feature_selection(linear_regression(), diabetes.select(["target"]))
