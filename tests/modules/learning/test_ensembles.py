"""Voting and Stacking against scikit-learn called directly, and averages by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable, Role
from modules.model_training.stacking_ensemble import stacking_ensemble as stacking
from modules.model_training.voting_ensemble import voting_ensemble as voting
from modules.requests.tables import rows_of
from modules.values import UntrainedModel
from modules.values.storage import load, save

Learner = Callable[..., UntrainedModel]
LOGISTIC = "classification.{}_logistic_regression"
BAYES = "classification.{}_naive_bayes"
FOREST = "classification.{}_decision_forest"
SMOOTHING = 1e-9


def iris() -> DataTable:
    data = load_iris(as_frame=True).frame
    names = np.array(["setosa", "versicolor", "virginica"])
    return DataTable(data.assign(target=names[data["target"]]), {"target": Role.LABEL})


def cancer() -> DataTable:
    frame = load_breast_cancer(as_frame=True).frame
    kept = [*frame.columns[[0, 1, 4, 6, 8]], "target"]
    return DataTable(frame[kept], {"target": Role.LABEL})


def diabetes() -> DataTable:
    return DataTable(load_diabetes(as_frame=True).frame, {"target": Role.LABEL})


def logistic() -> LogisticRegression:
    return LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000)


@pytest.mark.proves("voting_ensemble", by="scikit-learn")
def test_voting_equals_scikit_learn(make_learner: Learner) -> None:
    table = iris()
    matrix, label = table.frame.iloc[:, :4], table.frame["target"]
    members = make_learner(LOGISTIC.format("multiclass")), make_learner(BAYES.format("multiclass"))
    for method, kind in (("average of probabilities", "soft"), ("majority vote", "hard")):
        model = voting(*members, method=method, weights="2, 1").fit(table, "target")
        other = VotingClassifier(
            [("a", logistic()), ("b", GaussianNB(var_smoothing=SMOOTHING))],
            voting=kind,
            weights=[2, 1],
        ).fit(matrix, label)
        found = model.score(table).frame
        assert found["Scored Labels"].tolist() == other.predict(matrix).tolist()
        if kind == "soft":
            expected = pytest.approx(other.predict_proba(matrix), abs=1e-5)
            assert found.iloc[:, 1:].to_numpy() == expected
        else:
            assert set(found.iloc[:, 1:].to_numpy().ravel().round(6)) <= {0, 0.333333, 0.666667, 1}


def test_voting_of_numbers_is_the_weighted_mean(make_learner: Learner) -> None:
    table = diabetes()
    members = [
        make_learner("regression.linear_regression"),
        make_learner("regression.nearest_neighbors_regression"),
        make_learner("regression.elastic_net_regression"),
    ]
    model = voting(*members, weights="1, 2, 5").fit(table, "target")
    one, two, three = (
        member.fit(table, "target").score(table).frame["Scored Labels"] for member in members
    )
    expected = (one + 2 * two + 5 * three) / 8
    assert model.score(table).frame["Scored Labels"].to_numpy() == pytest.approx(
        expected.to_numpy()
    )
    assert [row[1] for row in model.sheets()["Models"].rows] == [1 / 8, 2 / 8, 5 / 8]


@pytest.mark.proves("stacking_ensemble", by="scikit-learn")
def test_stacking_of_two_classes_equals_scikit_learn(make_learner: Learner) -> None:
    table = cancer()
    matrix, label = table.frame.iloc[:, :-1], table.frame["target"]
    members = (
        make_learner(LOGISTIC.format("two_class"), tolerance=1e-9),
        make_learner(BAYES.format("two_class")),
    )
    for keep in (False, True):
        model = stacking(*members, folds=4, seed=3, keep_features=keep).fit(table, "target")
        other = StackingClassifier(
            [("a", logistic()), ("b", GaussianNB(var_smoothing=SMOOTHING))],
            final_estimator=logistic(),
            cv=StratifiedKFold(4, shuffle=True, random_state=3),
            passthrough=keep,
        ).fit(matrix, label)
        found = model.score(table).frame["Scored Probabilities"].to_numpy()
        assert found == pytest.approx(other.predict_proba(matrix)[:, 1], abs=1e-4)


def test_stacking_of_several_classes_equals_scikit_learn(make_learner: Learner) -> None:
    table = iris()
    matrix, label = table.frame.iloc[:, :4], table.frame["target"]
    members = make_learner(LOGISTIC.format("multiclass")), make_learner(BAYES.format("multiclass"))
    model = stacking(*members).fit(table, "target")
    other = StackingClassifier(
        [("a", logistic()), ("b", GaussianNB(var_smoothing=SMOOTHING))],
        final_estimator=logistic(),
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        stack_method="predict_proba",
    ).fit(matrix, label)
    found = model.score(table).frame
    assert found.iloc[:, 1:].to_numpy() == pytest.approx(other.predict_proba(matrix), abs=1e-4)
    assert [column.name for column in model.features] == table.names[:4]


def test_stacking_of_numbers_equals_scikit_learn(make_learner: Learner) -> None:
    table = diabetes()
    matrix, label = table.frame.iloc[:, :-1].to_numpy(), table.frame["target"]
    members = [
        make_learner("regression.linear_regression", l2_weight=0.0),
        make_learner("regression.linear_regression", l2_weight=5.0),
    ]
    model = stacking(*members, seed=1).fit(table, "target")
    other = StackingRegressor(
        [("a", LinearRegression()), ("b", Ridge(5.0))],
        final_estimator=make_pipeline(StandardScaler(), Ridge(1.0)),
        cv=KFold(5, shuffle=True, random_state=1),
    ).fit(matrix, label)
    found = model.score(table).frame["Scored Labels"].to_numpy()
    assert found == pytest.approx(other.predict(matrix), rel=1e-6)


def test_a_connected_learner_combines(make_learner: Learner) -> None:
    tree = make_learner(FOREST.format("two_class"), trees=3)
    members = make_learner(LOGISTIC.format("two_class")), make_learner(BAYES.format("two_class"))
    model = stacking(*members, None, None, tree).fit(cancer(), "target")
    assert "Combination: Feature importances" in model.sheets()
    assert model.models[-1].title == "Two-Class Decision Forest"


@pytest.mark.parametrize(
    ("label", "task"), [("buys", "two_class"), ("level", "multiclass"), ("spent", "")]
)
@pytest.mark.parametrize("how", ["average", "votes", "stack", "stack and features"])
def test_the_compiled_form_equals_the_model(
    how: str,
    label: str,
    task: str,
    make_learner: Learner,
    table_for: Callable[[str], DataTable],
) -> None:
    table = table_for(label)
    members = (
        [make_learner(LOGISTIC.format(task)), make_learner(FOREST.format(task), trees=3)]
        if task
        else [
            make_learner("regression.linear_regression"),
            make_learner("regression.decision_forest_regression", trees=3),
        ]
    )
    if how.startswith("stack"):
        learner = stacking(*members, folds=2, keep_features="features" in how)
    else:
        method = "majority vote" if how == "votes" else "average of probabilities"
        learner = voting(*members, method=method, weights="1, 3")
    model = learner.fit(table, label)
    compiled = model.compile()
    assert compiled is not None
    row = compiled.row_function()
    for given, scores in zip(rows_of(table), rows_of(model.score(table)), strict=True):
        found = row(given)
        if task:
            assert found["Scored Labels"] == scores["Scored Labels"]
        assert found == pytest.approx(scores, abs=1e-9)


def test_they_are_stored_with_their_models(
    make_learner: Learner, table_for: Callable[[str], DataTable], tmp_path: Path
) -> None:
    table = table_for("buys")
    members = make_learner(LOGISTIC.format("two_class")), make_learner(FOREST.format("two_class"))
    for made in (voting, stacking):
        save(made(*members), tmp_path / made.__name__ / "learner")
        model = load(tmp_path / made.__name__ / "learner").fit(table, "buys", positive="no")
        assert model.positive == "no"
        save(model, tmp_path / made.__name__ / "model")
        again = load(tmp_path / made.__name__ / "model")
        pd.testing.assert_frame_equal(again.score(table).frame, model.score(table).frame)
        assert again.known_values == {"city": ["Bergen", "Oslo", "Tromsø"]}


def test_own_parameters_can_be_tuned(make_learner: Learner) -> None:
    members = make_learner(LOGISTIC.format("two_class")), make_learner(BAYES.format("two_class"))
    assert voting(*members).with_parameters({"weights": "3, 1"}).parameters["weights"] == "3, 1"
    changed = stacking(*members).with_parameters({"folds": 7})
    assert changed.parameters["folds"] == 7
    assert changed.fit(cancer(), "target").parameters["folds"] == 7


def test_a_fold_column_and_weights_are_used(make_learner: Learner) -> None:
    table = cancer()
    members = [make_learner(LOGISTIC.format("two_class"), l2_weight=each) for each in (0.1, 10)]
    rows = np.arange(len(table))
    plain = stacking(*members).fit(table, "target").score(table).frame
    roles = {"fold": Role.FOLD, "weight": Role.WEIGHT}
    folded = DataTable(table.frame.assign(fold=rows % 3), {**table.roles, "fold": Role.FOLD})
    weighted = folded.frame.assign(weight=1 + rows % 2 * 9.0)
    first = stacking(*members).fit(folded, "target").score(table).frame
    second = (
        stacking(*members).fit(DataTable(weighted, {**table.roles, **roles}), "target").score(table)
    )
    assert not np.allclose(plain.iloc[:, 1], first.iloc[:, 1], atol=1e-4)
    assert not np.allclose(second.frame.iloc[:, 1], first.iloc[:, 1], atol=1e-3)


def test_mistakes_are_explained(make_learner: Learner, refused) -> None:
    two, several = (
        make_learner(LOGISTIC.format("two_class")),
        make_learner(BAYES.format("multiclass")),
    )
    for made in (voting, stacking):
        with refused("different-tasks", "multiclass", port="model_2"):
            made(two, several)
        # The card shows the input that the wrong learner comes in by.
        with refused("different-tasks", "multiclass", port="model_4"):
            made(two, two, None, several)
    with refused("different-tasks", "multiclass", port="combining_model"):
        stacking(two, two, None, None, several)
    for weights in ("1", "1, 2, 3", "1, -1", "1, x", "0, 1"):
        with refused("bad-weights", weights, parameter="weights"):
            voting(two, two, weights=weights)
    table = cancer()
    few = table.with_frame(table.frame.groupby("target").head(40))
    with refused("too-few-rows", "40 rows", port="untrained_model"):
        stacking(two, two, folds=50).fit(few, "target")
