"""Learning Curve and Compare Models against scikit-learn, SciPy, and formulas by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_validate

from modules.contract import DataTable, Role
from modules.scoring_evaluation.compare_models import compare_models, corrected_t_test
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.scoring_evaluation.learning_curve import learning_curve
from modules.values import UntrainedModel

Learner = Callable[..., UntrainedModel]
LINEAR = "regression.linear_regression"
LOGISTIC = "classification.two_class_logistic_regression"
BAYES = "classification.two_class_naive_bayes"


@pytest.fixture(scope="module")
def diabetes() -> DataTable:
    return DataTable(load_diabetes(as_frame=True).frame, {"target": Role.LABEL})


@pytest.fixture(scope="module")
def cancer() -> DataTable:
    frame = load_breast_cancer(as_frame=True).frame
    return DataTable(frame[[*frame.columns[:5], "target"]], {"target": Role.LABEL})


@pytest.mark.proves("learning_curve", by="scikit-learn")
def test_the_right_end_of_the_curve_is_cross_validation(
    make_learner: Learner, diabetes: DataTable
) -> None:
    curve, report = learning_curve(make_learner(LINEAR, l2_weight=0.0), diabetes, seed=2)
    frame = curve.frame
    other = cross_validate(
        LinearRegression(),
        diabetes.frame.iloc[:, :-1],
        diabetes.frame["target"],
        cv=KFold(5, shuffle=True, random_state=2),
        scoring="neg_root_mean_squared_error",
        return_train_score=True,
    )
    last = frame.iloc[-1]
    for name, key in (("training", "train_score"), ("validation", "test_score")):
        assert last[f"Root mean squared error ({name})"] == pytest.approx(-other[key].mean())
        assert last[f"Standard deviation ({name})"] == pytest.approx(other[key].std(ddof=1))
    assert frame["Training rows"].iloc[[2, 5]].tolist() == [142, 354]
    gap = (
        frame["Root mean squared error (validation)"] - frame["Root mean squared error (training)"]
    )
    assert gap.iloc[0] > 3 * gap.iloc[-1]
    lines = report.sections[0].chart.series
    assert [each.name for each in lines] == ["Training rows", "Validation rows"]
    assert lines[1].y[-1] == pytest.approx(-other["test_score"].mean())


def test_small_shares_have_every_class(make_learner: Learner) -> None:
    frame = load_iris(as_frame=True).frame.sort_values("target").iloc[:110]
    table = DataTable(frame, {"target": Role.LABEL})
    learner = make_learner("classification.multiclass_naive_bayes")
    curve, report = learning_curve(learner, table, shares="0.01, 1", folds=2)
    assert curve.frame["Training rows"].tolist() == [3, 55]
    assert "Overall accuracy (validation)" in curve.names
    assert "more rows" in report.sections[0].text


def test_overfitting_is_said(make_learner: Learner, cancer: DataTable) -> None:
    rng = np.random.default_rng(0)
    noise = cancer.frame.assign(target=rng.random(len(cancer)) < 0.5)
    learner = make_learner("classification.two_class_decision_forest", trees=3)
    _, report = learning_curve(learner, cancer.with_frame(noise), shares="0.5, 1", folds=3)
    assert "Training rows are predicted much better" in report.sections[0].text


def test_the_corrected_test_is_the_paired_one_with_another_variance() -> None:
    rng = np.random.default_rng(3)
    for folds, repeats in ((10, 1), (5, 4)):
        one, two = rng.normal(0.8, 0.02, (2, folds * repeats))
        paired = stats.ttest_rel(one, two)
        count = folds * repeats
        # Nadeau and Bengio (2003), equation 9.
        ratio = np.sqrt((1 / count) / (1 / count + 1 / (folds - 1)))
        expected = 2 * stats.t.sf(abs(paired.statistic * ratio), count - 1)
        assert corrected_t_test(one - two, folds) == pytest.approx(expected)
    assert corrected_t_test(np.zeros(10), 10) == 1.0
    assert corrected_t_test(np.full(10, 0.1), 10) == 0.0


@pytest.mark.proves("compare_models", by="SciPy")
def test_folds_are_those_of_cross_validation(make_learner: Learner, cancer: DataTable) -> None:
    learners = [make_learner(LOGISTIC), make_learner(BAYES)]
    comparison, by_fold, report = compare_models(cancer, *learners, folds=5, seed=7)
    for number, learner in enumerate(learners, start=1):
        _, other = cross_validate_model(learner, cancer, folds=5, seed=7)
        name = f"{number}. {learner.title}"
        expected = other.frame["Accuracy"].iloc[:5]
        assert by_fold.frame[name].tolist() == pytest.approx(expected.tolist())
        row = comparison.frame.set_index("Learner").loc[name]
        assert row["Accuracy"] == pytest.approx(expected.mean())
        assert comparison.metrics[f"Accuracy: {name}"] == pytest.approx(expected.mean())
    best, second = comparison.frame["Learner"]
    difference = by_fold.frame[best] - by_fold.frame[second]
    # Nadeau and Bengio (2003), equation 9: each fold tests on a quarter of what it trains on.
    paired = stats.ttest_1samp(difference, 0).statistic / np.sqrt(1 + 5 / 4)
    p = 2 * stats.t.sf(abs(paired), 4)
    assert comparison.frame["p-value"].iloc[1] == pytest.approx(p)
    assert np.isnan(comparison.frame["p-value"].iloc[0])
    assert best in report.sections[0].text


def test_three_learners_are_adjusted_and_ranked(make_learner: Learner, diabetes: DataTable) -> None:
    learners = [
        make_learner(LINEAR),
        make_learner("regression.nearest_neighbors_regression", neighbors=1),
        make_learner("regression.elastic_net_regression", penalty=0.02),
    ]
    comparison, by_fold, report = compare_models(
        diabetes, learners[0], learners[1], None, learners[2], folds=5, repeats=2
    )
    assert by_fold.frame["Repetition"].tolist() == [1] * 5 + [2] * 5
    names = list(by_fold.frame)[2:]
    values = by_fold.frame[names].to_numpy()
    friedman = stats.friedmanchisquare(*values.T).pvalue
    assert f"p = {friedman:.3g}" in report.sections[0].text
    raw = {
        (a, b): corrected_t_test((by_fold.frame[a] - by_fold.frame[b]).to_numpy(), 5)
        for a, b in ((names[0], names[1]), (names[0], names[2]), (names[1], names[2]))
    }
    ordered = sorted(raw.values())
    steps = [ordered[0] * 3, ordered[1] * 2, ordered[2]]
    holm = np.minimum(np.maximum.accumulate(steps), 1.0)
    found = sorted(row[2] for row in report.sections[1].sheet.rows)
    assert found == pytest.approx(holm.tolist())
    assert comparison.frame["Learner"].iloc[-1] == names[1]
    assert comparison.frame["p-value"].iloc[-1] < 0.05
    ranks = stats.rankdata(values, axis=1).mean(axis=0)
    assert dict(zip(names, ranks, strict=True)) == pytest.approx(
        dict(comparison.frame[["Learner", "Mean rank"]].to_numpy())
    )


def test_equal_learners_do_not_differ(make_learner: Learner, cancer: DataTable) -> None:
    learner = make_learner(BAYES)
    comparison, _, report = compare_models(cancer, learner, learner, learner, folds=3)
    assert comparison.frame["p-value"].tolist()[1:] == [1.0, 1.0]
    assert comparison.frame["Mean rank"].tolist() == [2.0] * 3
    assert "doesn't differ from 2." in report.sections[0].text
    assert "p = 1" in report.sections[0].text


def test_a_fold_column_is_not_repeated(make_learner: Learner, cancer: DataTable) -> None:
    frame = cancer.frame.assign(part=pd.Series(range(len(cancer))) % 3)
    table = DataTable(frame, {"target": Role.LABEL, "part": Role.FOLD})
    learner = make_learner(BAYES)
    _, by_fold, _ = compare_models(table, learner, make_learner(LOGISTIC), repeats=5)
    assert by_fold.frame["Fold"].tolist() == ["0", "1", "2"]


def test_mistakes_are_explained(make_learner: Learner, cancer: DataTable, refused) -> None:
    with refused("different-tasks", "multiclass", port="model_2"):
        compare_models(
            cancer, make_learner(BAYES), make_learner("classification.multiclass_naive_bayes")
        )
    for shares in ("0, 1", "2", "x", ""):
        with refused("bad-shares", parameter="shares"):
            learning_curve(make_learner(BAYES), cancer, shares=shares)
