"""Cross Validate Model against a loop over scikit-learn's folds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning, listening
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.scoring_evaluation.evaluate_model import evaluate_model


def label(name: str) -> ColumnSelector:
    return ColumnSelector.names(name)


@pytest.mark.proves("cross_validate_model", by="scikit-learn")
def test_regression_equals_a_loop_of_scikit_learn(make_learner, people):
    frame = people[["age", "member", "spent"]]
    scored, by_fold = cross_validate_model(
        make_learner("regression.linear_regression"),
        DataTable(frame),
        label_column=label("spent"),
        folds=4,
        seed=5,
    )
    matrix = frame[["age", "member"]].to_numpy(float)
    expected, errors = np.empty(400), []
    for number, (train, test) in enumerate(KFold(4, shuffle=True, random_state=5).split(matrix)):
        model = Ridge(alpha=0.001).fit(matrix[train], frame["spent"].iloc[train])
        expected[test] = model.predict(matrix[test])
        errors.append(np.abs(expected[test] - frame["spent"].iloc[test]).mean())
        assert (scored.frame["Fold Number"].iloc[test] == number).all()
    np.testing.assert_allclose(scored.frame["Scored Labels"], expected, rtol=1e-12)
    np.testing.assert_allclose(by_fold.frame["Mean absolute error"][:4], errors)
    assert by_fold.frame["Fold Number"].tolist() == [
        *("0", "1", "2", "3"),
        "Mean",
        "Standard deviation",
    ]
    assert by_fold.frame["Mean absolute error"][4] == pytest.approx(np.mean(errors))
    assert by_fold.frame["Mean absolute error"][5] == pytest.approx(np.std(errors, ddof=1))
    assert by_fold.frame["Number of examples in fold"][:4].tolist() == [100] * 4
    assert by_fold.metrics["Mean absolute error (mean)"] == pytest.approx(np.mean(errors))
    assert not [name for name in by_fold.metrics if "examples" in name]
    pd.testing.assert_frame_equal(scored.frame[list(frame)], frame)


def test_classes_are_spread_evenly(make_learner, people):
    frame = people[["age", "member", "buys"]]
    scored, by_fold = cross_validate_model(
        make_learner("classification.two_class_logistic_regression"),
        DataTable(frame, {"buys": Role.LABEL}),
    )
    matrix = frame[["age", "member"]].to_numpy(float)
    expected = np.empty(400)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    for train, test in folds.split(matrix, frame["buys"]):
        model = LogisticRegression(tol=1e-7, solver="newton-cholesky", max_iter=1000)
        model.fit(matrix[train], frame["buys"].iloc[train])
        expected[test] = model.predict_proba(matrix[test])[:, 1]
    np.testing.assert_allclose(scored.frame["Scored Probabilities"], expected, rtol=1e-10)
    assert len(by_fold) == 12
    assert {"Accuracy", "Precision", "Recall", "F1 score", "AUC"} < set(by_fold.names)
    whole = evaluate_model(scored).reports[0]
    assert whole.metrics["Accuracy"] == pytest.approx(
        (by_fold.frame["Accuracy"] * by_fold.frame["Number of examples in fold"])[:10].sum() / 400
    )


def test_folds_of_the_dataset_are_used(make_learner, people):
    frame = people[["age", "member", "spent"]].assign(part=np.repeat([3, 1], 200))
    scored, by_fold = cross_validate_model(
        make_learner("regression.linear_regression"),
        DataTable(frame, {"part": Role.FOLD}),
        label_column=label("spent"),
    )
    assert by_fold.frame["Fold Number"].tolist()[:2] == ["1", "3"]
    assert (scored.frame["Fold Number"] == frame["part"]).all()
    matrix = frame[["age", "member"]].to_numpy(float)
    model = Ridge(alpha=0.001).fit(matrix[200:], frame["spent"].iloc[200:])
    np.testing.assert_allclose(scored.frame["Scored Labels"][:200], model.predict(matrix[:200]))


def test_a_rare_class_may_be_absent_from_a_fold(make_learner, people):
    frame = people[["age", "member"]].assign(kind=["rare", *["a", "b"] * 199, "a"])
    with (
        pytest.warns(ModuleWarning, match="1 row has a class that wasn't in the training data"),
        pytest.warns(ModuleWarning, match="“kind” is “rare” in only 1 row;") as caught,
    ):
        scored, _ = cross_validate_model(
            make_learner("classification.multiclass_logistic_regression"),
            DataTable(frame),
            label_column=label("kind"),
            folds=3,
        )
    # Nothing of scikit-learn's own; what other tests left may warn when it is collected.
    assert not [each for each in caught if "sklearn" in each.filename]
    names = [f"Scored Probabilities_{value}" for value in ("a", "b", "rare")]
    assert scored.scoring.classes == ("a", "b", "rare")
    np.testing.assert_allclose(scored.frame[names].sum(axis=1), 1)
    # The fold with the rare row was scored by a model that knows nothing of it.
    fold = scored.frame["Fold Number"] == scored.frame["Fold Number"][0]
    assert (scored.frame.loc[fold, "Scored Probabilities_rare"] == 0).all()
    assert scored.frame["Scored Labels"].isin(["a", "b"])[fold].all()


def test_the_same_seed_repeats(make_learner, table_for):
    learner = make_learner("classification.two_class_decision_forest", trees=2)

    def run(seed: int) -> pd.DataFrame:
        table = table_for("buys")
        return cross_validate_model(learner, table, label_column=label("buys"), seed=seed)[0].frame

    pd.testing.assert_frame_equal(run(0), run(0))
    assert (run(0)["Fold Number"] != run(1)["Fold Number"]).any()


def test_rows_without_a_label_are_left_out_once(make_learner, people):
    frame = people[["age", "spent"]].copy()
    frame.loc[:4, "spent"] = np.nan
    with pytest.warns(ModuleWarning, match="5 of 400 rows don't have a value in “spent”") as caught:
        scored, _ = cross_validate_model(
            make_learner("regression.linear_regression"),
            DataTable(frame),
            label_column=label("spent"),
        )
    assert [each.category for each in caught].count(ModuleWarning) == 1
    assert len(scored) == 395


def test_progress_is_reported(make_learner, people):
    heard = []
    with listening(lambda fraction, text: heard.append((fraction, text))):
        cross_validate_model(
            make_learner("regression.linear_regression"),
            DataTable(people[["age", "spent"]]),
            label_column=label("spent"),
            folds=4,
        )
    assert heard[:2] == [(0, "Fold 1 of 4"), (0.25, "Fold 2 of 4")]


@pytest.mark.parametrize(
    ("frame", "folds", "code"),
    [
        (pd.DataFrame({"x": [1, 2, 3], "y": ["a", "b", "a"]}), 10, "too-few-rows"),
        (pd.DataFrame({"x": range(20), "y": ["a", "b"] * 10}), 11, "too-few-rows"),
        (pd.DataFrame({"x": range(20), "y": ["a"] * 20}), 5, "one-class"),
        (pd.DataFrame({"x": range(20)}), 5, "column-not-found"),
    ],
)
def test_what_can_not_be_folded_says_so(frame, folds, code, make_learner):
    with pytest.raises(ModuleError) as caught:
        cross_validate_model(
            make_learner("classification.two_class_logistic_regression"),
            DataTable(frame),
            label_column=label("y"),
            folds=folds,
        )
    assert caught.value.code == code


def test_one_fold_and_no_label_say_so(make_learner, table_for):
    learner = make_learner("regression.linear_regression")
    with pytest.raises(ModuleError, match="No label column"):
        cross_validate_model(learner, table_for("spent"))
    table = table_for("spent")
    one = DataTable(table.frame.assign(part=1), {"part": Role.FOLD})
    with pytest.raises(ModuleError, match="same fold"):
        cross_validate_model(learner, one, label_column=label("spent"))
    with pytest.raises(ModuleError, match="can't be cross-validated"):
        cross_validate_model(make_learner("clustering.k_means_clustering"), table)
