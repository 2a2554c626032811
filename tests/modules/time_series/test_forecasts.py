"""Forecasts equal statsmodels, formulas worked by hand, and what made the data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.time_series.back_test_forecast import back_test_forecast
from modules.time_series.boosted_trees_forecaster import boosted_trees_forecaster
from modules.time_series.exponential_smoothing_forecaster import exponential_smoothing_forecaster
from modules.time_series.forecast import forecast
from modules.time_series.seasonal_naive_forecaster import seasonal_naive_forecaster
from modules.time_series.train_forecasting_model import train_forecasting_model
from modules.values.storage import load, save

LEARNERS = [
    seasonal_naive_forecaster(),
    exponential_smoothing_forecaster(),
    boosted_trees_forecaster(),
]
BOUNDS = ["Scored Labels", "Lower Bound", "Upper Bound"]


def monthly(count: int = 72, seed: int = 0, noise: float = 0.5) -> pd.DataFrame:
    """Return months with a trend and a season of twelve."""
    t = np.arange(count)
    values = 20 + 0.3 * t + 4 * np.sin(2 * np.pi * t / 12)
    values += np.random.default_rng(seed).normal(0, noise, count)
    return pd.DataFrame({"month": pd.date_range("2018-01", periods=count, freq="MS"), "y": values})


def trained(frame: pd.DataFrame, learner: Any, time: str = "month", **parameters: Any) -> Any:
    table = DataTable(frame.sample(frac=1, random_state=1), {"y": Role.LABEL})
    return train_forecasting_model(
        learner, table, time_column=ColumnSelector.names(time), **parameters
    )


@pytest.mark.proves(
    "seasonal_naive_forecaster", "train_forecasting_model", "forecast", by="by hand"
)
def test_the_seasonal_naive_forecast_worked_by_hand() -> None:
    frame = pd.DataFrame({"n": range(6), "y": [1.0, 5, 2, 7, 4, 6]})
    model = trained(frame, seasonal_naive_forecaster(season=2), "n")
    found = forecast(model, horizon=5, level=0.8).frame
    spread = math.sqrt(((2 - 1) ** 2 + (7 - 5) ** 2 + (4 - 2) ** 2 + (6 - 7) ** 2) / 4)
    z = 1.2815515655446004
    assert found["n"].tolist() == [6, 7, 8, 9, 10]
    assert found["Scored Labels"].tolist() == [4, 6, 4, 6, 4]
    expected = 4 - z * spread * math.sqrt(3)
    assert found["Lower Bound"].iloc[4] == pytest.approx(expected, rel=1e-12)

    drifting = trained(frame, seasonal_naive_forecaster(season=2, drift=True), "n")
    assert forecast(drifting, horizon=3).frame["Scored Labels"].tolist() == [5, 7, 6]


@pytest.mark.parametrize(
    ("trend", "seasonality", "theirs"),
    [
        ("none", "none", {}),
        ("additive", "none", {"trend": "add"}),
        ("damped", "additive", {"trend": "add", "damped_trend": True, "seasonal": "add"}),
        ("none", "additive", {"seasonal": "add"}),
    ],
)
@pytest.mark.proves("exponential_smoothing_forecaster", by="statsmodels")
def test_exponential_smoothing_equals_statsmodels(
    trend: Any, seasonality: Any, theirs: dict[str, Any]
) -> None:
    frame = monthly(noise=2)
    series = frame.set_index("month")["y"].asfreq("MS")
    periods = {"seasonal_periods": 12} if "seasonal" in theirs else {}
    results = ETSModel(series, **theirs, **periods).fit(disp=False)
    expected = results.get_prediction(72, 72 + 29).summary_frame(alpha=0.1)
    model = trained(frame, exponential_smoothing_forecaster(trend=trend, seasonality=seasonality))
    found = forecast(model, horizon=30, level=0.9).frame
    assert found["month"].tolist() == list(expected.index)
    names = ["mean", "pi_lower", "pi_upper"]
    np.testing.assert_allclose(found[BOUNDS], expected[names], rtol=1e-6)


def test_smoothing_chooses_the_model_by_its_criterion() -> None:
    frame = monthly()
    model = trained(frame, exponential_smoothing_forecaster())
    series = frame.set_index("month")["y"].asfreq("MS")
    criteria = {}
    for trend in (None, "add"):
        for damped in (False, True) if trend else (False,):
            for seasonal in (None, "add"):
                periods = 12 if seasonal else None
                other = ETSModel(
                    series, trend=trend, damped_trend=damped, seasonal=seasonal,
                    seasonal_periods=periods,
                )  # fmt: skip
                criteria[other.short_name] = other.fit(disp=False).aicc
    assert model.states[0]["model"] == f"ETS({min(criteria, key=lambda each: criteria[each])})"
    assert "Smoothing" in model.summary().sheets


def test_the_logarithm_keeps_bounds_above_zero() -> None:
    frame = monthly(noise=0.1)
    frame["y"] = np.exp(frame["y"] / 10 - 3)
    plain = trained(frame.assign(y=np.log(frame["y"])), exponential_smoothing_forecaster())
    logarithm = trained(frame, exponential_smoothing_forecaster(logarithm=True))
    expected = np.exp(forecast(plain).frame[BOUNDS])
    np.testing.assert_allclose(forecast(logarithm).frame[BOUNDS], expected, rtol=1e-9)
    with pytest.raises(ModuleError, match="needs values above 0") as caught:
        trained(frame.assign(y=frame["y"] - 5), exponential_smoothing_forecaster(logarithm=True))
    assert caught.value.code == "not-positive"


@pytest.mark.parametrize("learner", LEARNERS[1:], ids=lambda each: each.title)
def test_trend_and_season_are_continued(learner: Any) -> None:
    whole = monthly(84, noise=0.2)
    model = trained(whole.iloc[:72], learner)
    found = forecast(model, DataTable(whole.iloc[72:])).frame
    error = (found["Scored Labels"] - found["y"]).abs().mean()
    naive = trained(whole.iloc[:72], seasonal_naive_forecaster())
    baseline = forecast(naive, DataTable(whole.iloc[72:])).frame
    assert error < 0.25 * (baseline["Scored Labels"] - baseline["y"]).abs().mean()


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda each: each.title)
def test_the_interval_covers_its_share(learner: Any) -> None:
    """Of 40 series made in the same way, whose next year is known."""
    series = [monthly(84, seed).assign(shop=f"shop {seed}") for seed in range(40)]
    frame = pd.concat([each.iloc[:72] for each in series])
    future = pd.concat([each.iloc[72:] for each in series])
    if learner is LEARNERS[1]:
        learner = exponential_smoothing_forecaster(trend="additive", seasonality="additive")
        frame, future = frame.iloc[: 72 * 15], future.iloc[: 12 * 15]
    model = trained(frame, learner, series_columns=ColumnSelector.names("shop"))
    found = forecast(model, DataTable(future), level=0.8).frame
    inside = found["y"].between(found["Lower Bound"], found["Upper Bound"]).mean()
    # The naive forecast doesn't know the trend, which is part of its errors.
    assert 0.65 < inside < 0.95


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda each: each.title)
def test_a_stored_model_forecasts_the_same(learner: Any, tmp_path: Path) -> None:
    model = trained(monthly(), learner)
    save(model, tmp_path / "model")
    save(learner, tmp_path / "learner")
    again = load(tmp_path / "model")
    assert forecast(again).frame.equals(forecast(model).frame)
    assert forecast(trained(monthly(), load(tmp_path / "learner"))).frame.equals(
        forecast(model).frame
    )


def test_rows_are_forecast_by_time_and_series() -> None:
    frame = pd.concat([monthly().assign(shop=1), monthly(60, seed=1).assign(shop=2)])
    model = trained(frame, seasonal_naive_forecaster(), series_columns=ColumnSelector.names("shop"))
    rows = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-02-01", "2023-03-01", "2020-01-01", None, "2024-01-01"]),
            "shop": [1, 2, 1, 1, 3],
        }
    )
    with pytest.warns(ModuleWarning, match="3 of 5 rows have no forecast"):
        found = forecast(model, DataTable(rows)).frame
    one, two = (frame[frame["shop"] == shop]["y"].to_numpy() for shop in (1, 2))
    assert found["Scored Labels"].iloc[:2].tolist() == [one[72 - 12 + 1], two[60 - 12 + 2]]
    assert found["Scored Labels"].iloc[2:].isna().all()
    ahead = forecast(model, horizon=2).frame
    assert ahead["shop"].tolist() == [1, 1, 2, 2]
    assert ahead["month"].dt.strftime("%Y-%m").tolist() == [
        "2024-01", "2024-02", "2023-01", "2023-02",
    ]  # fmt: skip


@pytest.mark.proves("boosted_trees_forecaster", by="LightGBM")
def test_boosted_trees_equal_lightgbm_on_lags_worked_by_hand() -> None:
    """Changes since a season before, by lags relative to it and the calendar, step by step."""
    y = monthly(60)["y"].to_numpy()
    values = y / np.abs(y).mean()

    def features(known: np.ndarray) -> list[float]:
        base, month = known[-12], len(known) % 12
        lags = [known[-lag] - base for lag in (1, 2, 3)]
        day = pd.Timestamp("2018-01-01") + pd.DateOffset(months=len(known))
        # Position in the season, month, day, weekday, hour, and the series.
        calendar = [month, month, 0, day.weekday(), 0, 0]
        return [*lags, known[-24] - base, known[-12:].mean() - base, *calendar]

    rows = np.array([features(values[:at]) for at in range(24, 60)])
    target = values[24:] - values[12:-12]
    options = {"num_leaves": 5, "min_data_in_leaf": 5, "learning_rate": 0.1, "verbosity": -1}
    trees = lightgbm.train(
        {**options, "objective": "regression", "seed": 0, "deterministic": True, "num_threads": 1},
        lightgbm.Dataset(rows, target),
        30,
    )
    for _ in range(15):
        found = trees.predict(np.array([features(values)]))[0]
        values = np.append(values, values[-12] + found)
    learner = boosted_trees_forecaster(lags="1, 2, 3", trees=30, leaves=5, min_leaf_rows=5)
    forecasts = forecast(trained(monthly(60), learner), horizon=15).frame["Scored Labels"]
    expected = values[60:] * np.abs(y).mean()
    assert forecasts.to_numpy() == pytest.approx(expected, rel=1e-9)


@pytest.mark.proves("back_test_forecast", by="by hand")
def test_a_back_test_worked_by_hand() -> None:
    frame = pd.DataFrame({"n": range(8), "y": [1.0, 2, 4, 3, 5, 8, 6, 9]})
    scored, metrics = back_test_forecast(
        seasonal_naive_forecaster(season=1),
        DataTable(frame, {"y": Role.LABEL}),
        time_column=ColumnSelector.names("n"),
        horizon=2,
        folds=2,
    )
    assert scored.frame["Fold Number"].tolist() == [0, 0, 1, 1]
    assert scored.frame["n"].tolist() == [4, 5, 6, 7]
    assert scored.frame["Step"].tolist() == [1, 2, 1, 2]
    assert scored.frame["Scored Labels"].tolist() == [3, 3, 8, 8]
    first, second, mean = metrics.frame.to_dict("records")
    assert first["MAE"] == 3.5
    assert first["RMSE"] == pytest.approx(math.sqrt((4 + 25) / 2))
    assert first["MAPE"] == pytest.approx((2 / 5 + 5 / 8) / 2)
    # The mean change of 1, 2, 4, 3 is 4 / 3.
    assert first["MASE"] == pytest.approx(3.5 / (4 / 3))
    assert mean["Fold Number"] == "Mean"
    assert mean["MAE"] == (first["MAE"] + second["MAE"]) / 2
    report = evaluate_model(scored).reports[0]
    assert report.metrics["Mean absolute error"] == pytest.approx(mean["MAE"])


def test_a_fold_sees_nothing_of_its_future() -> None:
    frame = monthly()
    scored, _ = back_test_forecast(
        boosted_trees_forecaster(), DataTable(frame, {"y": Role.LABEL}),
        time_column=ColumnSelector.names("month"), horizon=6, folds=2,
    )  # fmt: skip
    expected = forecast(trained(frame.iloc[:60], boosted_trees_forecaster()), horizon=6).frame
    fold = scored.frame[scored.frame["Fold Number"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(fold[BOUNDS], expected[BOUNDS])


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda each: each.title)
def test_a_short_series_is_named(learner: Any) -> None:
    with pytest.raises(ModuleError, match="Series “y” has 4 periods") as caught:
        trained(monthly(4), learner)
    assert caught.value.code == "series-too-short"


def test_a_constant_series_is_continued() -> None:
    frame = monthly(40).assign(y=7.0)
    for learner in LEARNERS:
        found = forecast(trained(frame, learner), horizon=3).frame
        assert found[BOUNDS].to_numpy().tolist() == [[7.0] * 3] * 3


def test_lags_that_are_no_numbers_are_explained() -> None:
    for text in ("1, x", "0", ""):
        with pytest.raises(ModuleError, match="isn't a list of lags") as caught:
            boosted_trees_forecaster(lags=text)
        assert caught.value.parameter == "lags"
