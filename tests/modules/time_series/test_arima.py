"""ARIMA forecasts against statsmodels, formulas worked by hand, and what made the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.time_series.arima_forecaster import arima_forecaster
from modules.time_series.back_test_forecast import back_test_forecast
from modules.time_series.forecast import forecast
from modules.time_series.train_forecasting_model import train_forecasting_model
from modules.values.storage import load, save

BOUNDS = ["Scored Labels", "Lower Bound", "Upper Bound"]


def trained(values: np.ndarray, learner: Any, **parameters: Any) -> Any:
    table = DataTable(pd.DataFrame({"n": range(len(values)), "y": values}), {"y": Role.LABEL})
    time = ColumnSelector.names("n")
    return train_forecasting_model(learner, table, time_column=time, **parameters)


def autoregressive(count: int, *weights: float, seed: int = 0, level: float = 0.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=count + 100)
    values = np.zeros(count + 100)
    for t in range(len(weights), len(values)):
        values[t] = sum(w * values[t - 1 - i] for i, w in enumerate(weights)) + noise[t]
    return values[100:] + level


def seasonal(count: int = 120, seed: int = 1) -> np.ndarray:
    t = np.arange(count)
    wander = np.cumsum(np.random.default_rng(seed).normal(0.3, 1, count))
    return 50 + wander + 10 * np.sin(2 * np.pi * t / 12)


@pytest.mark.parametrize(("order", "periods"), [((2, 0, 1, 0, 0, 0), 1), ((0, 1, 1, 0, 1, 1), 12)])
@pytest.mark.proves("arima_forecaster", by="statsmodels")
def test_a_chosen_order_equals_statsmodels(order: tuple[int, ...], periods: int) -> None:
    values = seasonal()
    names = (
        "autoregression",
        "differences",
        "moving_average",
        "seasonal_autoregression",
        "seasonal_differences",
        "seasonal_moving_average",
    )
    chosen = dict(zip(names, order, strict=True))
    model = trained(values, arima_forecaster(order="chosen", season=periods, **chosen))
    found = forecast(model, horizon=24, level=0.9).frame[BOUNDS].to_numpy()
    trend = "c" if order[1] + order[4] < 2 else "n"
    season = (*order[3:], periods if periods > 1 else 0)
    results = SARIMAX(values, order=order[:3], seasonal_order=season, trend=trend).fit(
        disp=False, maxiter=500
    )
    expected = results.get_forecast(24).summary_frame(alpha=0.1)
    expected = expected[["mean", "mean_ci_lower", "mean_ci_upper"]].to_numpy(copy=True)
    # The variance of the errors has the degrees of freedom that the parameters leave.
    used = len(values) - order[1] - 12 * order[4]
    wider = np.sqrt(used / (used - len(results.params) + 1))
    expected[:, 1:] = expected[:, :1] + (expected[:, 1:] - expected[:, :1]) * wider
    assert found == pytest.approx(expected, abs=0.02 * values.std())


def test_a_random_walk_worked_by_hand() -> None:
    values = np.cumsum(np.random.default_rng(3).normal(size=80))
    learner = arima_forecaster(
        order="chosen", autoregression=0, moving_average=0, season=1, constant=False
    )
    found = forecast(trained(values, learner), horizon=4, level=0.8).frame
    assert found["Scored Labels"].to_numpy() == pytest.approx(np.full(4, values[-1]))
    spread = np.sqrt(np.mean(np.diff(values) ** 2))
    reach = 1.2815515655446004 * spread * np.sqrt(np.arange(1, 5))
    assert (found["Upper Bound"] - values[-1]).to_numpy() == pytest.approx(reach, rel=1e-3)


def test_auto_finds_what_made_the_data() -> None:
    values = autoregressive(400, 0.6, 0.25, level=10)
    model = trained(values, arima_forecaster(season=1))
    _, order, _, parameters = model.sheets()["ARIMA"].rows[0]
    p, d, _ = map(int, order.strip("()").split(","))
    assert (p >= 1, d) == (True, 0)
    assert "ar.L1" in parameters
    far = forecast(model, horizon=300).frame["Scored Labels"].iloc[-1]
    assert far == pytest.approx(values.mean(), abs=0.5)


def test_auto_takes_differences_and_seasons() -> None:
    model = trained(seasonal(), arima_forecaster(season=12, most=1))
    # One seasonal difference: (p,d,q)(P,1,Q)[12].
    assert model.states[0]["order"].split(")(")[1].split(",")[1] == "1"
    values = seasonal(132)
    found = forecast(model, horizon=12).frame
    error = np.abs(found["Scored Labels"].to_numpy() - values[120:])
    assert error.max() < 8


def test_intervals_cover_as_often_as_they_say() -> None:
    inside = []
    learner = arima_forecaster(
        order="chosen", autoregression=1, differences=0, moving_average=0, season=1
    )
    for seed in range(12):
        values = autoregressive(230, 0.7, seed=seed)
        found = forecast(trained(values[:200], learner), horizon=30, level=0.8).frame
        inside.append(
            (found["Lower Bound"] <= values[200:]) & (values[200:] <= found["Upper Bound"])
        )
    assert np.mean(inside) == pytest.approx(0.8, abs=0.08)


@pytest.mark.long
def test_intervals_of_automatic_orders_cover_seasonal_series() -> None:
    """Ten years of months, and the next one: half of the series wander, half return to a mean."""
    inside = []
    learner = arima_forecaster(season=12, most=2)
    for seed in range(24):
        random = np.random.default_rng(seed)
        noise, pattern = random.normal(size=132), 3 * random.normal(size=12)
        level = np.cumsum(0.3 + noise)
        if seed % 2:
            for t in range(1, 132):
                noise[t] += 0.5 * noise[t - 1]
            level = noise
        values = 50 + level + np.tile(pattern, 11)
        found = forecast(trained(values[:120], learner), horizon=12, level=0.95).frame
        inside.append(
            (found["Lower Bound"] <= values[120:]) & (values[120:] <= found["Upper Bound"])
        )
    wandering, returning = np.mean(inside[::2]), np.mean(inside[1::2])
    assert 0.90 <= wandering <= 0.98, wandering
    assert 0.90 <= returning <= 0.98, returning


@pytest.mark.long
def test_a_season_does_not_hide_that_a_series_wanders() -> None:
    """The seasonal differences of a random walk are stationary, but it needs a difference."""
    for seed in range(4):
        # (p,d,q)(P,D,Q)[12]
        model = trained(seasonal(120, seed), arima_forecaster(season=12, most=1))
        assert model.states[0]["order"].split(",")[1] == "1"


def test_the_logarithm_and_constant_series_work(tmp_path: Path) -> None:
    values = np.exp(autoregressive(100, 0.5, level=3))
    learner = arima_forecaster(order="chosen", differences=0, season=1, logarithm=True)
    save(trained(values, learner), tmp_path / "model")
    found = forecast(load(tmp_path / "model"), horizon=3).frame
    assert (found["Lower Bound"] > 0).all()
    flat = forecast(trained(np.full(20, 4.0), arima_forecaster(season=1)), horizon=2).frame
    assert flat[BOUNDS].to_numpy().tolist() == [[4.0] * 3] * 2


def test_it_can_be_back_tested() -> None:
    frame = pd.DataFrame({"n": range(120), "y": autoregressive(120, 0.8)})
    learner = arima_forecaster(order="chosen", differences=0, moving_average=0, season=1)
    outputs = back_test_forecast(
        learner,
        DataTable(frame, {"y": Role.LABEL}),
        time_column=ColumnSelector.names("n"),
        horizon=3,
    )
    assert all(len(table) for table in outputs)


def test_mistakes_are_explained() -> None:
    for options, code in (
        ({"order": "chosen", "seasonal_differences": 1, "season": 12}, "series-too-short"),
        ({"logarithm": True, "season": 1}, "not-positive"),
    ):
        with pytest.raises(ModuleError) as caught:
            trained(np.arange(15.0), arima_forecaster(**options))
        assert caught.value.code == code
