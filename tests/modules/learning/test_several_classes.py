"""One-vs-All and One-vs-One against scikit-learn called directly, and a formula by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier

from modules.classification.one_vs_all_multiclass import one_vs_all_multiclass
from modules.classification.one_vs_one_multiclass import one_vs_one_multiclass
from modules.contract import DataTable, Role
from modules.learning.ensembles.several_classes import combined
from modules.requests.tables import rows_of
from modules.scoring_evaluation.score_model import score_model
from modules.values import UntrainedModel
from modules.values.storage import load, modules_of, save

Learner = Callable[..., UntrainedModel]
LOGISTIC = "classification.two_class_logistic_regression"


def iris() -> DataTable:
    data = load_iris(as_frame=True).frame
    names = np.array(["setosa", "versicolor", "virginica"])
    return DataTable(data.assign(target=names[data["target"]]), {"target": Role.LABEL})


@pytest.mark.proves("one_vs_all_multiclass", by="scikit-learn")
def test_one_vs_all_equals_scikit_learn(make_learner: Learner) -> None:
    table = iris()
    matrix, label = table.frame.iloc[:, :4], table.frame["target"]
    model = one_vs_all_multiclass(make_learner(LOGISTIC)).fit(table, "target")
    other = OneVsRestClassifier(LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000))
    other.fit(matrix, label)
    found = model.score(table).frame
    assert found.iloc[:, 1:].to_numpy() == pytest.approx(other.predict_proba(matrix), abs=1e-5)
    assert found["Scored Labels"].tolist() == other.predict(matrix).tolist()


@pytest.mark.proves("one_vs_one_multiclass", by="scikit-learn")
def test_one_vs_one_agrees_with_scikit_learns_votes(make_learner: Learner) -> None:
    table = iris()
    matrix, label = table.frame.iloc[:, :4], table.frame["target"]
    model = one_vs_one_multiclass(make_learner(LOGISTIC)).fit(table, "target")
    other = OneVsOneClassifier(LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000))
    found = model.score(table).frame["Scored Labels"]
    assert (found == other.fit(matrix, label).predict(matrix)).mean() >= 0.99
    assert [part.label for part in model.models] == ["target"] * 3


def test_pairs_that_agree_are_coupled_to_the_probabilities_they_come_from() -> None:
    truth = np.random.default_rng(1).dirichlet(np.ones(5), 50).T
    pairs = [
        truth[one] / (truth[one] + truth[two]) for one, two in combinations(range(len(truth)), 2)
    ]
    assert combined(np.array(pairs), 5, "one-vs-one") == pytest.approx(truth, abs=1e-9)


def test_a_row_that_no_model_claims_is_shared() -> None:
    assert combined(np.zeros((4, 1)), 4, "one-vs-all").ravel().tolist() == [0.25] * 4


@pytest.mark.parametrize("make", [one_vs_all_multiclass, one_vs_one_multiclass])
@pytest.mark.parametrize(
    "path", [LOGISTIC, "classification.two_class_decision_forest"], ids=lambda path: path[19:]
)
def test_the_compiled_form_equals_the_model(
    make: Callable[[UntrainedModel], UntrainedModel],
    path: str,
    make_learner: Learner,
    table_for: Callable[[str], DataTable],
) -> None:
    table = table_for("level")
    model = make(make_learner(path)).fit(table, "level")
    compiled = model.compile()
    assert compiled is not None
    row = compiled.row_function()
    expected = rows_of(model.score(table))
    for given, scores in zip(rows_of(table), expected, strict=True):
        found = row(given)
        assert found["Scored Labels"] == scores["Scored Labels"]
        assert found == pytest.approx(scores, abs=1e-12)


def test_they_are_stored_with_their_models(make_learner: Learner, tmp_path: Path) -> None:
    learner = one_vs_one_multiclass(make_learner(LOGISTIC))
    save(learner, tmp_path / "learner")
    model = load(tmp_path / "learner").fit(iris(), "target")
    save(model, tmp_path / "model")
    assert "modules.classification.two_class_logistic_regression" in modules_of(tmp_path / "model")
    again = load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.score(iris()).frame, model.score(iris()).frame)
    assert next(iter(again.sheets())) == "“setosa” against “versicolor”: Coefficients"


def test_two_classes_and_missing_labels_work(make_learner: Learner) -> None:
    table = iris()
    two = table.with_frame(table.frame.iloc[:100])
    model = one_vs_all_multiclass(make_learner(LOGISTIC)).fit(two, "target")
    assert list(model.classes) == ["setosa", "versicolor"]
    holes = table.frame.assign(target=table.frame["target"].where(table.frame.index % 7 > 0))
    with pytest.warns(match="22 of 150 rows"):
        model = one_vs_all_multiclass(make_learner(LOGISTIC)).fit(table.with_frame(holes), "target")
    assert score_model(model, table).frame["Scored Labels"].notna().all()


def test_one_class_is_refused(make_learner: Learner, refused) -> None:
    table = iris()
    with refused("one-class", "setosa", column="target"):
        one = table.with_frame(table.frame.iloc[:50])
        one_vs_one_multiclass(make_learner(LOGISTIC)).fit(one, "target")
