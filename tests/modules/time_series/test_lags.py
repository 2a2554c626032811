"""Lags and windows equal those of pandas, and new rows see the last ones of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.time_series.lag_and_rolling_features import lag_and_rolling_features


def sales(days: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2024-01-01", periods=days).repeat(2),
            "shop": ["north", "south"] * days,
            "sold": rng.integers(0, 50, 2 * days).astype(float),
        }
    )
    frame.loc[7, "sold"] = np.nan
    return frame


def lagged(table: DataTable, **parameters: Any) -> tuple[Any, Any]:
    settings = {"lags": "1, 3", "windows": "4", "series_columns": ColumnSelector.names("shop")}
    time, columns = ColumnSelector.names("day"), ColumnSelector.names("sold")
    return lag_and_rolling_features(
        table, time_column=time, columns=columns, **settings | parameters
    )


@pytest.mark.parametrize("statistic", ["mean", "sum", "std", "min", "max", "median"])
@pytest.mark.parametrize("current", [False, True])
@pytest.mark.proves("lag_and_rolling_features", by="pandas")
def test_features_equal_those_of_pandas(statistic: Any, current: bool) -> None:
    frame = sales().sample(frac=1, random_state=3, ignore_index=True)
    result, _ = lagged(DataTable(frame), statistic=statistic, current_row=current)
    expected = frame.copy()
    for _, part in frame.groupby("shop"):
        ordered = part.sort_values("day")["sold"]
        for lag in (1, 3):
            expected.loc[ordered.index, f"sold lag {lag}"] = ordered.shift(lag)
        base = ordered if current else ordered.shift(1)
        windows = getattr(base.rolling(4), statistic)()
        expected.loc[ordered.index, f"sold {statistic} of 4"] = windows
    found = result.frame.astype({"shop": object})
    pd.testing.assert_frame_equal(found, expected.astype({"shop": object}), check_dtype=False)


def test_new_rows_see_the_last_rows_of_training() -> None:
    frame = sales()
    whole, _ = lagged(DataTable(frame))
    _, lags = lagged(DataTable(frame.iloc[:40]))
    later = lags.apply(DataTable(frame.iloc[40:].reset_index(drop=True))).frame
    pd.testing.assert_frame_equal(later, whole.frame.iloc[40:].reset_index(drop=True))
    # One row at a time, as in a request, sees the training data only.
    (row,) = lags.apply(DataTable(frame.iloc[[40]])).frame.to_dict("records")
    assert row["sold lag 1"] == frame["sold"].iloc[38]


def test_a_series_that_training_never_saw_has_no_past() -> None:
    _, lags = lagged(DataTable(sales()))
    new = pd.DataFrame({"day": pd.date_range("2025", periods=2), "shop": "west", "sold": [1.0, 2]})
    assert lags.apply(DataTable(new)).frame["sold lag 1"].isna().tolist() == [True, False]


def test_rows_without_a_time_or_series_have_no_past() -> None:
    frame = sales().astype({"shop": object})
    frame.loc[4, "day"] = pd.NaT
    frame.loc[9, "shop"] = None
    frame = frame.astype({"shop": "str"})
    result, _ = lagged(DataTable(frame))
    assert result.frame["sold lag 1"].iloc[[4, 9]].isna().all()
    assert result.frame["sold lag 1"].iloc[6] == frame["sold"].iloc[2]


def test_numbers_order_rows_too() -> None:
    frame = pd.DataFrame({"day": [3, 1, 2], "sold": [30, 10, 20]})
    result, _ = lagged(DataTable(frame), series_columns=ColumnSelector(), lags="1", windows="")
    found = result.frame["sold lag 1"]
    assert found.iloc[[0, 2]].tolist() == [20, 10]
    assert np.isnan(found.iloc[1])


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"lags": "0"}, "lags"),
        ({"lags": "1, x"}, "lags"),
        ({"windows": "1.5"}, "windows"),
        ({"lags": "", "windows": ""}, "lags"),
    ],
)
def test_bad_lists_are_explained(parameters: dict[str, str], parameter: str) -> None:
    with pytest.raises(ModuleError) as caught:
        lagged(DataTable(sales()), **parameters)
    assert caught.value.parameter == parameter
    assert caught.value.hint
