"""The searches of Tune Model Hyperparameters against Optuna, scikit-learn, and by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import optuna
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold

from modules.classification.one_vs_all_multiclass import one_vs_all_multiclass
from modules.contract import ColumnSelector, DataTable, ModuleError, RangeToTry, ValuesToTry
from modules.contract.context import listening
from modules.contract.specification import specification
from modules.learning.tuning.attempts import LearnerOnParts
from modules.learning.tuning.parts import Folds
from modules.learning.tuning.settings import Space, random_sweep, space_of
from modules.model_training.train_model import train_model
from modules.model_training.tune_model_hyperparameters import tune_model_hyperparameters as tune
from modules.runtime.step import StepFailed, run_step
from modules.values import UntrainedModel
from modules.values.storage import load, save

Learner = Callable[..., UntrainedModel]
LINEAR = "regression.linear_regression"
KINDS = "classification.multiclass_decision_forest"
SPENT = ColumnSelector.names("spent")


@pytest.fixture
def numbers() -> pd.DataFrame:
    """Return rows for which a weight of about 30 is best."""
    random = np.random.default_rng(1)
    features = random.normal(size=(90, 12))
    target = 3 * features[:, 0] + random.normal(scale=3, size=90)
    return pd.DataFrame(features, columns=[f"x{i}" for i in range(12)]).assign(spent=target)


def error_of(frame: pd.DataFrame, weight: float, folds: int, seed: int, count: int = 99) -> float:
    """Return the mean error over the first folds, by scikit-learn alone."""
    features, target = frame.drop(columns="spent").to_numpy(), frame["spent"].to_numpy()
    splits = list(KFold(folds, shuffle=True, random_state=seed).split(features))[:count]
    errors = [
        mean_absolute_error(
            target[test],
            Ridge(alpha=weight).fit(features[train], target[train]).predict(features[test]),
        )
        for train, test in splits
    ]
    return float(np.mean(errors))


@pytest.mark.long
def test_the_bayesian_search_is_optunas(make_learner: Learner, numbers: pd.DataFrame) -> None:
    results, model, _ = tune(
        make_learner(LINEAR, l2_weight=RangeToTry(0.01, 1000.0, log=True)),
        DataTable(numbers),
        mode="Bayesian",
        runs=18,
        label_column=SPENT,
        folds=3,
        seed=4,
    )
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=4, n_startup_trials=6))
    study.optimize(
        lambda trial: error_of(numbers, trial.suggest_float("w", 0.01, 1000.0, log=True), 3, 4),
        n_trials=18,
    )
    expected = [trial.params["w"] for trial in study.trials]
    assert sorted(results.frame["l2_weight"]) == pytest.approx(sorted(expected), rel=1e-9)
    assert model.parameters["l2_weight"] == pytest.approx(study.best_params["w"], rel=1e-9)
    assert results.frame["Mean absolute error"][0] == pytest.approx(study.best_value)


def test_a_setting_proposed_again_is_trained_once(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    heard: list[str] = []
    with listening(lambda _, text: heard.append(text)):
        results, *_ = tune(
            make_learner(LINEAR, include_intercept=ValuesToTry((True, False))),
            DataTable(numbers),
            mode="Bayesian",
            runs=12,
            label_column=SPENT,
            folds=2,
        )
    assert len(results.frame) == 2
    assert len({text for text in heard if text.startswith("Setting")}) == 2


def test_successive_halving_keeps_the_best_third(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    frame = pd.concat([numbers] * 10, ignore_index=True)
    learner = make_learner(LINEAR, l2_weight=RangeToTry(0.01, 10_000.0, log=True))
    options = {"runs": 9, "label_column": SPENT, "folds": 2, "seed": 3}
    results, model, _ = tune(learner, DataTable(frame), mode="successive halving", **options)
    shares = results.frame["Share of rows"]
    # 450 training rows in each fold: 50, 150 and 450 of them.
    assert shares.tolist() == pytest.approx([1] + [1 / 3] * 2 + [1 / 9] * 6)
    # By hand: the rounds, with rows chosen by the same class but trained by scikit-learn.
    left = [each["l2_weight"] for each in random_sweep(space_of(learner), 9, 3)]
    parts = Folds.of(DataTable(frame), "spent", "regression", 2, 3)
    problem = LearnerOnParts(learner, parts, "spent", "", 3)
    for share, kept in ((1 / 9, 3), (1 / 3, 1)):
        thinned = [problem.rows(index, share) for index in range(2)]
        assert [len(training) for training, _ in thinned] == [450 * share] * 2
        errors = []
        for weight in left:
            found = []
            for training, testing in thinned:
                x, y = (each.frame.drop(columns="spent") for each in (training, testing))
                fitted = Ridge(alpha=weight).fit(x, training.frame["spent"])
                found.append(mean_absolute_error(testing.frame["spent"], fitted.predict(y)))
            errors.append(np.mean(found))
        left = [left[index] for index in np.argsort(errors)[:kept]]
    assert left == [model.parameters["l2_weight"]]
    assert results.frame["Mean absolute error"][0] == pytest.approx(error_of(frame, left[0], 2, 3))


def test_few_rows_are_not_halved(make_learner: Learner, numbers: pd.DataFrame) -> None:
    learner = make_learner(LINEAR, l2_weight=RangeToTry(0.01, 100.0, log=True))
    results, *_ = tune(
        learner, DataTable(numbers), mode="successive halving", runs=9, label_column=SPENT, folds=2
    )
    assert "Share of rows" not in results.names
    assert len(results.frame) == 9


def test_every_class_has_its_share(make_learner: Learner) -> None:
    frame = pd.DataFrame({"x": range(300), "kind": ["a"] * 240 + ["b"] * 45 + ["c"] * 15})
    parts = Folds.of(DataTable(frame), "kind", "multiclass", 3, 0)
    problem = LearnerOnParts(make_learner(KINDS), parts, "kind", "", 7)
    few = [problem.rows(index, 0.1)[0] for index in range(3)]
    more = [problem.rows(index, 0.3)[0] for index in range(3)]
    for small, large in zip(few, more, strict=True):
        assert small.frame["kind"].value_counts().to_dict() == {"a": 16, "b": 3, "c": 1}
        assert set(small.frame["x"]) < set(large.frame["x"])


def test_poor_settings_are_stopped_by_the_median(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    weights = (30.0, 20.0, 40.0, 25.0, 35.0, 1e9, 30.5, 1e8)
    results, model, _ = tune(
        make_learner(LINEAR, l2_weight=ValuesToTry(weights)),
        DataTable(numbers),
        mode="entire grid",
        label_column=SPENT,
        folds=5,
        seed=2,
        stop_poor_settings=True,
    )
    found = results.frame.set_index("l2_weight")
    complete: list[float] = []
    for weight in weights:
        stopped = None
        for count in range(1, 5):
            costs = [error_of(numbers, each, 5, 2, count) for each in complete]
            if len(complete) >= 5 and error_of(numbers, weight, 5, 2, count) > np.median(costs):
                stopped = count
                break
        if stopped is None:
            complete.append(weight)
            assert pd.isna(found["Problem"][weight])
        else:
            assert f"Stopped after {stopped} of 5 folds" in found["Problem"][weight]
        assert found["Mean absolute error"][weight] == pytest.approx(
            error_of(numbers, weight, 5, 2, stopped or 5)
        )
    assert {1e9, 1e8} <= set(weights) - set(complete)
    assert model.parameters["l2_weight"] in complete
    # What was stopped comes last.
    assert results.frame["Problem"].isna().tolist() == [True] * len(complete) + [False] * (
        len(weights) - len(complete)
    )


def test_patience_ends_the_search(make_learner: Learner, numbers: pd.DataFrame) -> None:
    weights = (1e3, 5.0, 1e4, 1e5, 1e6, 4.9)
    results, model, _ = tune(
        make_learner(LINEAR, l2_weight=ValuesToTry(weights)),
        DataTable(numbers),
        mode="entire grid",
        label_column=SPENT,
        folds=3,
        patience=3,
    )
    assert sorted(results.frame["l2_weight"]) == sorted(weights[:5])
    assert model.parameters["l2_weight"] == 5.0


def test_parameters_without_effect_are_no_part_of_a_setting(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    learner = make_learner(
        LINEAR,
        solution_method=ValuesToTry(("ordinary least squares", "online gradient descent")),
        epochs=ValuesToTry((2, 3)),
    )
    results, *_ = tune(learner, DataTable(numbers), mode="entire grid", label_column=SPENT, folds=2)
    found = results.frame[["solution_method", "epochs"]]
    assert len(found) == 3
    exact = found[found["solution_method"] == "ordinary least squares"]
    assert exact["epochs"].isna().all()


def test_several_classes_are_tuned_through_one_vs_all(
    make_learner: Learner, people: pd.DataFrame
) -> None:
    base = make_learner(
        "classification.two_class_logistic_regression", l2_weight=ValuesToTry((0.1, 1e6))
    )
    _, model, _ = tune(
        one_vs_all_multiclass(base),
        DataTable(people[["age", "income", "level"]]),
        mode="entire grid",
        label_column=ColumnSelector.names("level"),
        folds=2,
    )
    again = one_vs_all_multiclass(
        make_learner("classification.two_class_logistic_regression", l2_weight=0.1)
    ).fit(DataTable(people[["age", "income", "level"]]), "level")
    pd.testing.assert_frame_equal(
        model.score(DataTable(people)).frame, again.score(DataTable(people)).frame
    )


def test_the_report_has_a_line_for_each_setting(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    learner = make_learner(
        LINEAR,
        l2_weight=RangeToTry(0.1, 1000.0, log=True, points=5),
        include_intercept=ValuesToTry((True, False)),
    )
    results, _, report = tune(
        learner, DataTable(numbers), mode="entire grid", label_column=SPENT, folds=2
    )
    best, every, course = report.sections
    assert "10 settings were tried" in best.text
    assert best.sheet.rows[1][0] == "L2 regularization weight"
    assert best.sheet.rows[1][2] == "0.1 to 1000, logarithmic"
    axes = {axis.name: axis for axis in every.chart.series}
    assert [*axes] == ["Include intercept term", "L2 regularization weight", "Mean absolute error"]
    assert axes["L2 regularization weight"].log
    assert set(axes["Include intercept term"].y) == {"yes", "no"}
    assert sorted(axes["Mean absolute error"].y) == results.frame["Mean absolute error"].tolist()
    improving = course.chart.series[0].y
    assert improving == tuple(sorted(improving, reverse=True))
    assert improving[-1] == results.frame["Mean absolute error"][0]


@pytest.mark.parametrize("log", [True, False])
def test_integers_of_a_range_are_equally_likely(log: bool) -> None:
    space = Space({"trees": RangeToTry(1, 8, log=log)}, {}, {})
    drawn = [random_sweep(space, 1, seed)[0]["trees"] for seed in range(2000)]
    assert set(drawn) == set(range(1, 9))
    edges = [math.log(n + 0.5) if log else n for n in range(9)]
    for number in range(1, 9):
        expected = (edges[number] - edges[number - 1]) / (edges[-1] - edges[0])
        assert drawn.count(number) / 2000 == pytest.approx(expected, abs=0.03)


def test_points_of_a_range() -> None:
    assert RangeToTry(0.001, 1.0, log=True, points=4).grid() == pytest.approx((0.001, 0.01, 0.1, 1))
    assert RangeToTry(0.0, 1.0).grid() == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert RangeToTry(1, 4, points=9).grid() == (1, 2, 3, 4)


def test_a_learner_with_values_is_stored_and_trained_by_tuning_only(
    make_learner: Learner, numbers: pd.DataFrame, tmp_path
) -> None:
    tried = {
        "l2_weight": RangeToTry(0.1, 10.0, log=True),
        "include_intercept": ValuesToTry((True,)),
    }
    save(make_learner(LINEAR, **tried), tmp_path / "learner")
    learner = load(tmp_path / "learner")
    assert learner.search == tried
    assert learner.parameters["l2_weight"] == 0.1
    train, search = specification(train_model), specification(tune)
    inputs = {"untrained_model": learner, "dataset": DataTable(numbers)}
    with pytest.raises(StepFailed) as caught:
        run_step(train, {"label_column": ["spent"]}, inputs)
    assert caught.value.error["code"] == "several-values"
    assert "Tune Model Hyperparameters" in caught.value.error["hint"]
    found = run_step(
        search,
        {"label_column": ["spent"], "folds": 2, "runs": 2},
        {"untrained_model": learner, "training_dataset": DataTable(numbers)},
    )
    assert not found["trained_best_model"].parameters.get("search")


def test_a_learner_without_values_is_not_tuned(
    make_learner: Learner, numbers: pd.DataFrame
) -> None:
    with pytest.raises(ModuleError, match="has no values to try") as caught:
        tune(make_learner(LINEAR, l2_weight=7.0), DataTable(numbers), label_column=SPENT)
    assert caught.value.port == "untrained_model"
