"""Automated Forecasting: a rolling origin, the best of several forecasters, and their average."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modules.automated_ml._back_testing import series_problem
from modules.automated_ml._learners import Setting, candidates
from modules.automated_ml._outcome import HOPELESS
from modules.automated_ml._problem import Target
from modules.automated_ml._search import Search, Trial
from modules.automated_ml._trial import Proposal, evaluate
from modules.automated_ml.automated_forecasting import automated_forecasting
from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning, listening_to_trials, using_threads
from modules.contract.specification import specification
from modules.time_series.average_forecaster import average_forecaster
from modules.time_series.back_test_forecast import back_test_forecast
from modules.time_series.exponential_smoothing_forecaster import exponential_smoothing_forecaster
from modules.time_series.forecast import forecast
from modules.time_series.seasonal_naive_forecaster import seasonal_naive_forecaster
from modules.time_series.train_forecasting_model import train_forecasting_model
from modules.values import storage

MONTH = ColumnSelector.names("month")


def monthly(count: int = 60, noise: float = 0.3, seed: int = 0) -> pd.DataFrame:
    """Return months with a trend and a season."""
    t = np.arange(count)
    values = 20 + 0.3 * t + 4 * np.sin(2 * np.pi * t / 12)
    values += np.random.default_rng(seed).normal(0, noise, count)
    return pd.DataFrame({"month": pd.date_range("2018-01", periods=count, freq="MS"), "y": values})


def shops() -> pd.DataFrame:
    parts = [monthly(48, seed=seed).assign(shop=name) for seed, name in enumerate("ab")]
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=3)


def searched(frame: pd.DataFrame, **parameters):
    given = {"time_column": MONTH, "horizon": 6, "folds": 2, "trials": 3} | parameters
    table = DataTable(frame, {"y": Role.LABEL})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        return automated_forecasting(table, **given)


@pytest.mark.proves("automated_forecasting", by="by hand")
def test_the_score_is_that_of_a_rolling_origin_worked_by_hand():
    """Seasonal naive: each month is forecast with the same month of the year before."""
    frame = monthly()
    model, board, scored = searched(frame, trials=1, allowed_learners="Seasonal Naive")
    width = frame["y"].max() - frame["y"].min()
    y = frame["y"].to_numpy()
    errors = [y[48:54] - y[36:42], y[54:60] - y[42:48]]
    expected = np.mean([np.sqrt(np.mean(np.square(each))) for each in errors]) / width
    assert board.trials[0]["score"] == pytest.approx(expected, rel=1e-12)
    assert board.metric == "Normalized root mean squared error"
    assert board.task == "forecasting"
    assert scored.frame["Fold Number"].tolist() == [0] * 6 + [1] * 6
    np.testing.assert_allclose(scored.frame["Scored Labels"], y[36:48])
    assert scored.scoring.scored == "Scored Labels"
    np.testing.assert_allclose(forecast(model, horizon=3).frame["Scored Labels"], y[48:51])


@pytest.mark.parametrize(
    ("metric", "compute"),
    [
        ("Normalized mean absolute error", lambda a, f, width: np.abs(a - f).mean() / width),
        ("R2 score", lambda a, f, _: 1 - np.square(a - f).sum() / np.square(a - a.mean()).sum()),
        (
            "Spearman correlation",
            lambda a, f, _: pd.Series(a).rank().corr(pd.Series(f).rank()),
        ),
    ],
)
def test_metrics_are_azures(metric, compute):
    frame = monthly()
    _, board, _ = searched(
        frame, trials=1, folds=1, allowed_learners="Seasonal Naive", metric=metric
    )
    y = frame["y"].to_numpy()
    expected = compute(y[54:], y[42:48], np.ptp(y))
    assert board.trials[0]["score"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.long
def test_a_trial_has_the_metrics_of_back_test_forecast():
    frame = shops()
    parameters = {"series_columns": ColumnSelector.names("shop")}
    _, board, scored = searched(
        frame, trials=2, ensemble="none", allowed_learners="Exponential Smoothing", **parameters
    )
    best = board.trials[0]
    learner = exponential_smoothing_forecaster(**best["learners"][0]["parameters"])
    table = DataTable(frame, {"y": Role.LABEL})
    theirs, metrics = back_test_forecast(
        learner, table, time_column=MONTH, horizon=6, folds=2, **parameters
    )
    mean = metrics.frame.iloc[-1]
    assert set(best["metrics"]) == {"MAE", "RMSE", "MAPE", "MASE", "Coverage"}
    for name, value in best["metrics"].items():
        assert value == pytest.approx(mean[name], rel=1e-12), name
    np.testing.assert_allclose(scored.frame["Scored Labels"], theirs.frame["Scored Labels"])
    assert scored.frame["shop"].tolist() == theirs.frame["shop"].tolist()


@pytest.mark.long
def test_a_series_that_repeats_every_year_is_forecast_well():
    """The last year is the baseline; the search must not end with anything worse."""
    frame = monthly(72)
    _, board, _ = searched(frame, trials=6, blocked_learners="ARIMA")
    naive = next(
        each
        for each in board.trials
        if each["title"] == "Seasonal Naive Forecaster" and not each["settings"]
    )
    assert board.trials[0]["score"] < 0.5 * naive["score"]
    scores = [trial["score"] for trial in board.trials if trial["score"] is not None]
    assert scores == sorted(scores)


@pytest.mark.long
def test_outputs_are_the_same_for_one_and_two_workers(tmp_path: Path):
    found = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        with using_threads(workers):
            outputs = searched(monthly(), trials=4, blocked_learners="ARIMA")
        for number, value in enumerate(outputs):
            storage.save(value, folder / str(number))
        found.append(
            {
                file.relative_to(folder): file.read_bytes()
                for file in sorted(folder.rglob("*"))
                if file.is_file()
            }
        )
    assert found[0] == found[1]


@pytest.mark.long
def test_a_trial_that_cannot_be_trained_is_a_row_with_its_reason():
    frame = monthly()
    frame["y"] -= frame["y"].mean()
    heard = []
    with listening_to_trials(heard.append):
        _, board, _ = searched(frame, trials=10, allowed_learners="Exponential Smoothing")
    reasons = {trial["settings"]: trial["problem"] for trial in board.trials if trial["problem"]}
    untrained = {text for settings, text in reasons.items() if "logarithm: True" in settings}
    assert any("needs values above 0" in text for text in untrained), board.trials
    # What is proposed after the portfolio depends on the last digits of the scores.
    others = {text for settings, text in reasons.items() if "logarithm: True" not in settings}
    assert others <= {HOPELESS}
    assert sorted(each.number for each in heard) == list(range(1, len(heard) + 1))


def test_a_hopeless_trial_ends_after_its_first_fold():
    """A trial that equals the best one continues, even if a constant is better."""
    spec = specification(back_test_forecast)
    frame = monthly()
    series = {
        "time_column": ["month"], "value_column": ["y"], "series_columns": [],
        "horizon": 6, "folds": 3,
    }  # fmt: skip
    target = Target("forecasting", "y", [], "", 1.0, "Normalized root mean squared error")
    problem = series_problem(DataTable(frame, {"y": Role.LABEL}), target, spec, series)
    specs = candidates("forecasting", "Seasonal Naive", "")
    search = Search(problem, specs, trials=9, minutes=0, seed=0)
    given = [{"drift": True}, {"season": 1}, {"season": 1, "drift": True}]
    settings = [Setting(specs[0].function.__module__, each) for each in given]
    good, *_, worst = [evaluate(problem, Proposal(1, each, "", "")) for each in settings]
    actual, rows = problem.target.actual(problem.evaluated), problem.rows[0]
    assert np.sqrt(np.square(actual[rows] - actual.mean()).mean()) < worst.values[0]
    for best, counts in ((good, [3, 1, 1]), (worst, [3, 3, 3])):
        search.trials = [Trial(Proposal(1, settings[0], "", ""), best)]
        limits = search._limits()
        ends = [evaluate(problem, Proposal(2, each, "", "", limits)) for each in settings]
        assert [len(each.values) for each in ends] == counts
        assert [bool(each.problem) for each in ends] == [count < 3 for count in counts]


@pytest.mark.proves("average_forecaster", by="by hand")
def test_an_average_is_the_weighted_mean_of_its_forecasts(tmp_path: Path):
    table = DataTable(monthly(), {"y": Role.LABEL})
    parts = [seasonal_naive_forecaster(), exponential_smoothing_forecaster()]
    both = average_forecaster(*parts, weights="1, 3")
    storage.save(both, tmp_path / "learner")
    both = storage.load(tmp_path / "learner")
    models = [train_forecasting_model(each, table, time_column=MONTH) for each in (*parts, both)]
    storage.save(models[2], tmp_path / "model")
    models[2] = storage.load(tmp_path / "model")
    one, two, average = (forecast(model, horizon=14).frame for model in models)
    for name in ("Scored Labels", "Lower Bound", "Upper Bound"):
        np.testing.assert_allclose(average[name], (one[name] + 3 * two[name]) / 4)
    assert models[2].sheets()["Models"].rows[1] == ("Exponential Smoothing", 0.75)
    with pytest.raises(ModuleError, match="isn't a list of 2 positive numbers"):
        average_forecaster(*parts, weights="1, 2, 3")


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        (lambda frame: frame.assign(y="a"), {}, "only numbers can be forecast"),
        (lambda frame: frame.assign(y=1.0), {}, "the same value in every row"),
        (lambda frame: frame.assign(y=np.nan), {}, "no value with a time"),
        (lambda frame: frame.assign(y=np.inf), {}, "infinite values"),
        (lambda frame: frame.assign(month=pd.NaT), {}, "contains no times"),
        (lambda frame: pd.concat([frame, frame]), {}, r"several rows in the month 2018-01-01\."),
        (lambda frame: frame.head(10), {"horizon": 12}, "no values to train on before fold"),
        (
            lambda frame: frame.head(8),
            {"horizon": 1, "allowed_learners": "Boosted Trees"},
            "All 2 trials failed.*needs at least 34",
        ),
        (lambda frame: frame, {"allowed_learners": "LightGBM"}, "isn't a learner"),
    ],
    ids=["text", "constant", "missing", "infinite", "no times", "twice", "short", "failed", "name"],
)
def test_bad_input_is_told(change, parameters, message):
    with pytest.raises(ModuleError, match=message):
        searched(change(monthly(36)), **{"trials": 2, **parameters})
