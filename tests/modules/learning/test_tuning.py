"""Tune Model Hyperparameters against scikit-learn's searches, called directly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ParameterGrid,
    ParameterSampler,
    StratifiedKFold,
)

from modules.classification.one_vs_all_multiclass import one_vs_all_multiclass
from modules.contract import (
    ColumnSelector,
    DataTable,
    ModuleError,
    RangeToTry,
    Role,
    ValuesToTry,
)
from modules.contract.context import ModuleWarning, listening
from modules.model_training.train_model import train_model
from modules.model_training.tune_model_hyperparameters import tune_model_hyperparameters as tune
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.values import UntrainedModel
from modules.values.storage import load, save

Learner = Callable[..., UntrainedModel]
LINEAR = "regression.linear_regression"
LOGISTIC = "classification.two_class_logistic_regression"
FOREST = "classification.two_class_decision_forest"


def label(name: str) -> ColumnSelector:
    return ColumnSelector.names(name)


@pytest.mark.proves("tune_model_hyperparameters", by="scikit-learn")
def test_a_regression_grid_equals_scikit_learn(make_learner: Learner, people: pd.DataFrame) -> None:
    frame = people[["age", "member", "spent"]]
    weights = (10.0, 0.1, 1000.0, 100.0)
    results, model, _ = tune(
        make_learner(LINEAR, l2_weight=ValuesToTry(weights)),
        DataTable(frame),
        mode="entire grid",
        label_column=label("spent"),
        folds=4,
        seed=5,
    )
    matrix = frame[["age", "member"]].to_numpy(float)
    search = GridSearchCV(
        Ridge(),
        {"alpha": list(weights)},
        cv=KFold(4, shuffle=True, random_state=5),
        scoring={"mae": "neg_mean_absolute_error", "r2": "r2"},
        refit="mae",
    ).fit(matrix, frame["spent"])
    order = np.argsort(-search.cv_results_["mean_test_mae"], kind="stable")
    assert results.frame["l2_weight"].tolist() == [weights[index] for index in order]
    assert results.frame["l2_weight"][0] == search.best_params_["alpha"]
    for name, expected in (
        ("Mean absolute error", -search.cv_results_["mean_test_mae"]),
        ("Coefficient of determination", search.cv_results_["mean_test_r2"]),
    ):
        np.testing.assert_allclose(results.frame[name], expected[order], rtol=1e-10)
    # scikit-learn divides by the number of folds, Cross Validate Model by one less.
    np.testing.assert_allclose(
        results.frame["Mean absolute error (standard deviation)"],
        search.cv_results_["std_test_mae"][order] * np.sqrt(4 / 3),
    )
    np.testing.assert_allclose(
        model.score(DataTable(frame)).frame["Scored Labels"], search.predict(matrix), rtol=1e-10
    )
    assert model.parameters["l2_weight"] == search.best_params_["alpha"]
    assert results.metrics == {
        "Mean absolute error (best)": pytest.approx(-search.best_score_, rel=1e-10)
    }


@pytest.mark.parametrize(
    ("metric", "scoring"),
    [
        ("AUC", "roc_auc"),
        ("Average log loss", "neg_log_loss"),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                ("Accuracy", "accuracy"),
                ("Precision", "precision"),
                ("Recall", "recall"),
                ("F1 score", "f1"),
            )
        ),
    ],
)
def test_every_metric_of_two_classes_equals_scikit_learn(
    make_learner: Learner, people: pd.DataFrame, metric: str, scoring: str
) -> None:
    frame = people[["age", "member", "buys"]]
    weights = (1000.0, 1.0, 30000.0)
    results, model, _ = tune(
        make_learner(LOGISTIC, tolerance=1e-9, l2_weight=ValuesToTry(weights)),
        DataTable(frame, {"buys": Role.LABEL}),
        mode="entire grid",
        classification_metric=metric,
        folds=3,
        seed=2,
    )
    matrix, target = frame[["age", "member"]].to_numpy(float), (frame["buys"] == "yes").astype(int)
    search = GridSearchCV(
        LogisticRegression(tol=1e-9, solver="newton-cholesky", max_iter=1000),
        {"C": [1 / weight for weight in weights]},
        cv=StratifiedKFold(3, shuffle=True, random_state=2),
        scoring=scoring,
    ).fit(matrix, target)
    sign = -1 if metric == "Average log loss" else 1
    expected = sign * search.cv_results_["mean_test_score"]
    order = np.argsort(-sign * expected, kind="stable")
    np.testing.assert_allclose(results.frame[metric], expected[order], rtol=1e-7)
    assert 1 / results.frame["l2_weight"][0] == search.best_params_["C"]
    assert model.parameters["l2_weight"] == results.frame["l2_weight"][0]


def test_every_learner_with_values_is_tuned(
    make_learner: Learner, table_for: Callable[[str], DataTable], some_learners: tuple[str, str]
) -> None:
    path, name = some_learners
    untrained = make_learner(path)
    if not untrained.sweep:
        with pytest.raises(ModuleError, match="has no values to try"):
            tune(untrained, table_for(name), label_column=label(name))
        return
    table = table_for(name)
    small = table.with_frame(table.frame.iloc[:120])
    results, model, _ = tune(untrained, small, runs=2, folds=2, label_column=label(name))
    assert list(results.names[: len(untrained.sweep)]) == sorted(untrained.sweep)
    assert results.frame["Problem"].isna().all()
    best = {key: results.frame[key][0] for key in untrained.sweep}
    assert {key: model.parameters[key] for key in best} == best
    again = train_model(
        make_learner(path, **{key: model.parameters[key] for key in best}),
        small,
        label_column=label(name),
    )
    pd.testing.assert_frame_equal(model.score(small).frame, again.score(small).frame)


def test_the_folds_are_those_of_cross_validate_model(
    make_learner: Learner, table_for: Callable[[str], DataTable]
) -> None:
    results, *_ = tune(
        make_learner(FOREST, trees=4),
        table_for("buys"),
        mode="entire grid",
        label_column=label("buys"),
        folds=3,
        seed=8,
    )
    # A value that isn't the default is kept.
    assert "trees" not in results.names
    first = {key: results.frame[key][0].item() for key in ("depth", "min_leaf_rows")}
    _, by_fold = cross_validate_model(
        make_learner(FOREST, trees=4, **first),
        table_for("buys"),
        label_column=label("buys"),
        folds=3,
        seed=8,
    )
    for name in ("Accuracy", "Precision", "Recall", "F1 score", "AUC", "Average log loss"):
        assert results.frame[name][0] == pytest.approx(by_fold.frame[name][3], rel=1e-12)
    deviation = results.frame["Accuracy (standard deviation)"][0]
    assert deviation == pytest.approx(by_fold.frame["Accuracy"][4])


def test_a_fold_column_determines_the_folds(make_learner: Learner, people: pd.DataFrame) -> None:
    frame = people[["age", "spent"]].assign(part=np.repeat([3, 1], 200))
    results, *_ = tune(
        make_learner(LINEAR, l2_weight=ValuesToTry((5.0,))),
        DataTable(frame, {"part": Role.FOLD}),
        label_column=label("spent"),
    )
    errors = []
    for part in (1, 3):
        train, test = frame[frame["part"] != part], frame[frame["part"] == part]
        predicted = Ridge(alpha=5).fit(train[["age"]], train["spent"]).predict(test[["age"]])
        errors.append(mean_absolute_error(test["spent"], predicted))
    assert results.frame["Mean absolute error"].tolist() == [pytest.approx(np.mean(errors))]


def test_a_validation_dataset_replaces_the_folds(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    frame = people[["age", "member", "spent"]]
    train, test = frame[:300], frame[300:].reset_index(drop=True)
    weights = (1e6, 0.5, 20.0)
    results, model, _ = tune(
        make_learner(LINEAR, l2_weight=ValuesToTry(weights)),
        DataTable(train),
        DataTable(test),
        mode="entire grid",
        regression_metric="Coefficient of determination",
        label_column=label("spent"),
    )
    names = ["age", "member"]
    fitted = [Ridge(alpha=each).fit(train[names].astype(float), train["spent"]) for each in weights]
    expected = [r2_score(test["spent"], each.predict(test[names].astype(float))) for each in fitted]
    order = np.argsort(-np.array(expected))
    assert results.frame["l2_weight"].tolist() == [weights[index] for index in order]
    np.testing.assert_allclose(
        results.frame["Coefficient of determination"], np.array(expected)[order], rtol=1e-10
    )
    assert not [name for name in results.names if "deviation" in name]
    # The best is trained on the training rows, not on those it was chosen by.
    np.testing.assert_allclose(
        model.score(DataTable(test)).frame["Scored Labels"],
        fitted[order[0]].predict(test[names].astype(float)),
    )


def test_the_entire_grid_is_scikit_learns(make_learner: Learner, people: pd.DataFrame) -> None:
    sweep = make_learner(FOREST).sweep
    tried = {name: ValuesToTry(options[:2]) for name, options in sweep.items()}
    results, *_ = tune(
        make_learner(FOREST, **tried),
        DataTable(people[["age", "buys"]][:60]),
        mode="entire grid",
        label_column=label("buys"),
        folds=2,
    )
    grid = ParameterGrid({name: list(options[:2]) for name, options in sweep.items()})
    found = results.frame[list(sweep)].to_dict("records")
    assert len(found) == len(grid) == 2 ** len(sweep)
    assert all(setting in found for setting in grid)


def test_a_random_grid_is_scikit_learns_sampler(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    untrained = make_learner(LOGISTIC)
    results, *_ = tune(
        untrained,
        DataTable(people[["age", "buys"]]),
        mode="random grid",
        runs=4,
        label_column=label("buys"),
        folds=2,
        seed=3,
    )
    space = {name: list(options) for name, options in untrained.sweep.items()}
    expected = list(ParameterSampler(space, 4, random_state=3))
    found = results.frame[list(space)].to_dict("records")
    assert len(found) == 4
    assert all(setting in found for setting in expected)


def test_a_random_grid_has_no_more_than_there_is(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    results, *_ = tune(
        make_learner(LINEAR),
        DataTable(people[["age", "spent"]]),
        mode="random grid",
        runs=100,
        label_column=label("spent"),
    )
    assert sorted(results.frame["l2_weight"]) == [0.001, 0.01, 0.1]


def test_the_same_seed_repeats_a_random_sweep(make_learner: Learner, people: pd.DataFrame) -> None:
    def run(seed: int) -> pd.DataFrame:
        table = DataTable(people[["age", "buys"]])
        untrained = make_learner(
            "classification.two_class_boosted_decision_tree",
            trees=RangeToTry(1, 5),
            learning_rate=RangeToTry(0.01, 1, log=True),
        )
        return tune(untrained, table, label_column=label("buys"), folds=2, seed=seed)[0].frame

    pd.testing.assert_frame_equal(run(0), run(0))
    assert not run(0).equals(run(1))


def test_a_random_sweep_tries_no_setting_twice(make_learner: Learner, people: pd.DataFrame) -> None:
    results, *_ = tune(
        make_learner(LINEAR),
        DataTable(people[["age", "spent"]]),
        runs=50,
        label_column=label("spent"),
    )
    assert sorted(results.frame["l2_weight"]) == [0.001, 0.01, 0.1]


def test_of_equal_settings_the_first_is_best(make_learner: Learner, people: pd.DataFrame) -> None:
    # A tolerance is irrelevant to a constant feature: every setting predicts the same.
    frame = people[["buys"]].assign(constant=1.0)
    results, *_ = tune(
        make_learner(LOGISTIC, l2_weight=ValuesToTry((3.0, 1.0, 2.0))),
        DataTable(frame),
        mode="entire grid",
        label_column=label("buys"),
        folds=2,
    )
    assert results.frame["Accuracy"].nunique() == 1
    assert results.frame["l2_weight"].tolist() == [3, 1, 2]


def test_a_setting_that_fails_is_a_row(make_learner: Learner, people: pd.DataFrame) -> None:
    # Without normalization, a huge step makes gradient descent overflow.
    untrained = make_learner(
        LINEAR,
        solution_method="online gradient descent",
        normalize=False,
        epochs=5,
        learning_rate=ValuesToTry((1e305, 1e-9)),
    )
    with pytest.warns(ModuleWarning, match="1 of 2 settings failed; see the column “Problem”"):
        results, model, _ = tune(
            untrained,
            DataTable(people[["income", "age", "spent"]]),
            mode="entire grid",
            label_column=label("spent"),
            folds=2,
        )
    assert results.frame["learning_rate"].tolist() == [1e-9, 1e305]
    assert results.frame["Problem"].isna().tolist() == [True, False]
    assert "diverged" in results.frame["Problem"][1]
    assert results.frame["Mean absolute error"].isna().tolist() == [False, True]
    assert model.parameters["learning_rate"] == 1e-9


def test_if_every_setting_fails_the_first_reason_is_shown(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    with pytest.raises(ModuleError, match="numeric label") as caught:
        tune(make_learner(LINEAR), DataTable(people[["age", "buys"]]), label_column=label("buys"))
    assert caught.value.parameter == "label_column"


def test_several_classes_by_a_two_class_learner(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    frame = people[["age", "member", "level"]]
    results, model, _ = tune(
        one_vs_all_multiclass(
            make_learner(LOGISTIC, tolerance=1e-6, l2_weight=ValuesToTry((0.01, 0.1, 1.0)))
        ),
        DataTable(frame[:300]),
        DataTable(frame[300:].reset_index(drop=True)),
        mode="entire grid",
        label_column=label("level"),
    )
    accuracies = []
    for weight in results.frame["l2_weight"]:
        trained = one_vs_all_multiclass(make_learner(LOGISTIC, l2_weight=weight, tolerance=1e-6))
        scores = trained.fit(DataTable(frame[:300]), "level").score(DataTable(frame[300:]))
        accuracies.append(accuracy_score(frame["level"][300:], scores.frame["Scored Labels"]))
    assert results.frame["Overall accuracy"].tolist() == pytest.approx(accuracies)
    assert sorted(results.frame["l2_weight"]) == [0.01, 0.1, 1.0]
    assert accuracies == sorted(accuracies, reverse=True)
    assert model.title == "One-vs-All of Two-Class Logistic Regression"


def test_the_best_model_is_stored_like_another(
    make_learner: Learner, table_for: Callable[[str], DataTable], tmp_path: Path
) -> None:
    table = table_for("buys")
    _, model, _ = tune(make_learner(LOGISTIC), table, folds=2, label_column=label("buys"))
    save(model, tmp_path / "best")
    pd.testing.assert_frame_equal(
        load(tmp_path / "best").score(table).frame, model.score(table).frame
    )


def test_a_learner_from_the_store_is_tuned_like_a_new_one(
    make_learner: Learner, people: pd.DataFrame, tmp_path: Path
) -> None:
    save(make_learner(LOGISTIC), tmp_path / "learner")
    table = DataTable(people[["age", "buys"]])
    options = {"folds": 2, "label_column": label("buys")}
    stored, *_ = tune(load(tmp_path / "learner"), table, **options)
    new, *_ = tune(make_learner(LOGISTIC), table, **options)
    pd.testing.assert_frame_equal(stored.frame, new.frame)


def test_progress_never_goes_back(make_learner: Learner, people: pd.DataFrame) -> None:
    heard: list[tuple[float, str]] = []
    with listening(lambda fraction, text: heard.append((fraction, text))):
        tune(
            one_vs_all_multiclass(make_learner(LOGISTIC, l2_weight=ValuesToTry((0.01, 0.1, 1.0)))),
            DataTable(people[["age", "level"]]),
            mode="entire grid",
            label_column=label("level"),
            folds=2,
        )
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert list(dict.fromkeys(text for _, text in heard)) == [
        *("Setting 1 of 3", "Setting 2 of 3", "Setting 3 of 3"),
        "Training the best model",
    ]


def test_a_warning_is_shown_once(make_learner: Learner, people: pd.DataFrame) -> None:
    frame = people[["age", "spent"]].copy()
    frame.loc[:4, "spent"] = np.nan
    with pytest.warns(ModuleWarning, match="5 of 400 rows") as caught:
        tune(make_learner(LINEAR), DataTable(frame), folds=3, label_column=label("spent"))
    assert [each.category for each in caught].count(ModuleWarning) == 1


def test_values_of_text_and_true_or_false(make_learner: Learner, people: pd.DataFrame) -> None:
    results, *_ = tune(
        make_learner(LINEAR, include_intercept=ValuesToTry((True, False))),
        DataTable(people[["age", "spent"]]),
        mode="entire grid",
        label_column=label("spent"),
        folds=2,
    )
    assert results.frame["include_intercept"].dtype == bool
    assert sorted(results.frame["include_intercept"]) == [False, True]
    results, model, _ = tune(
        make_learner(
            "regression.neural_network_regression",
            hidden_nodes=ValuesToTry(("2, 3", "4")),
            iterations=2,
        ),
        DataTable(people[["age", "spent"]]),
        mode="entire grid",
        label_column=label("spent"),
        folds=2,
    )
    assert sorted(results.frame["hidden_nodes"]) == ["2, 3", "4"]
    assert model.parameters["hidden_nodes"] == results.frame["hidden_nodes"][0]


def test_too_large_a_grid_is_refused(make_learner: Learner, people: pd.DataFrame) -> None:
    learner = make_learner(
        LINEAR,
        l2_weight=RangeToTry(0.1, 1, points=1000),
        include_intercept=ValuesToTry((True, False)),
        solution_method=ValuesToTry(("ordinary least squares", "online gradient descent")),
        epochs=RangeToTry(1, 20, points=3),
    )
    table = DataTable(people[["age", "spent"]])
    with pytest.raises(ModuleError, match="12,000 combinations") as caught:
        tune(learner, table, mode="entire grid", label_column=label("spent"))
    assert caught.value.parameter == "mode"


def test_a_metric_for_two_classes_is_refused_for_several(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    with pytest.raises(ModuleError, match="AUC is a metric for two classes") as caught:
        tune(
            make_learner("classification.multiclass_logistic_regression"),
            DataTable(people[["age", "level"]]),
            classification_metric="AUC",
            label_column=label("level"),
        )
    assert caught.value.parameter == "classification_metric"


def test_a_metric_that_is_undefined_everywhere_decides_nothing(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    frame = people[["age"]].assign(same=4.0)
    with pytest.raises(ModuleError, match="Relative absolute error is undefined") as caught:
        tune(
            make_learner(LINEAR),
            DataTable(frame),
            regression_metric="Relative absolute error",
            label_column=label("same"),
        )
    assert caught.value.hint


def test_validation_rows_without_a_column_are_refused(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    with pytest.raises(ModuleError, match="age") as caught:
        tune(
            make_learner(LINEAR),
            DataTable(people[["age", "spent"]]),
            DataTable(people[["spent"]]),
            label_column=label("spent"),
        )
    assert caught.value.port == "validation_dataset"
    assert caught.value.column == "age"


def test_clusters_are_not_tuned(make_learner: Learner, people: pd.DataFrame) -> None:
    with pytest.raises(ModuleError, match="doesn't predict a label"):
        tune(make_learner("clustering.k_means_clustering"), DataTable(people[["age"]]))
