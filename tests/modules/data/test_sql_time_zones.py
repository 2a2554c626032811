"""Apply SQL Transformation: times with a zone come back as the moments that they were."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from modules.contract import DataTable
from modules.contract.context import ModuleWarning
from modules.data_transformation.apply_sql_transformation import apply_sql_transformation

# Winter, summer, nothing, and both of the hours that autumn has twice.
MOMENTS = pd.to_datetime(
    pd.Series(["2024-01-01T11:00Z", "2024-07-01T10:00:00.25Z", None, "2024-10-27T00:30Z",
               "2024-10-27T01:30Z"]),
    format="ISO8601",
)  # fmt: skip


def table(zone: str, **more: Any) -> DataTable:
    return DataTable(pd.DataFrame({"t": MOMENTS.dt.tz_convert(zone), "n": range(5)} | more))


def query(text: str, *tables: DataTable) -> pd.DataFrame:
    return apply_sql_transformation(*tables, query=text).frame


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])
def test_zone_and_moments_stay(zone: str) -> None:
    given = table(zone)
    result = query("select * from t1 order by n", given)
    pd.testing.assert_series_equal(result["t"], given.frame["t"])


@pytest.mark.parametrize("condition", ["n == 0", "n == 1", "n == 2", "n > 9"])
def test_a_few_rows_have_the_zone_too(condition: str) -> None:
    given = table("Europe/Berlin")
    result = query(f"select * from t1 where {condition}", given)
    expected = given.frame.query(condition)["t"].reset_index(drop=True)
    pd.testing.assert_series_equal(result["t"], expected)


def test_a_column_of_another_name_has_the_zone_that_fits() -> None:
    given = table("UTC", other=MOMENTS.dt.tz_convert("Europe/Berlin"))
    result = query("select t as a, other as b, max(other) as c from t1 group by n", given)
    assert [str(dtype.tz) for dtype in result.dtypes] == ["UTC", "Europe/Berlin", "Europe/Berlin"]


def test_times_of_two_zones_in_one_column_are_in_utc_and_told() -> None:
    with pytest.warns(ModuleWarning, match="“t” mixes times of different zones"):
        result = query(
            "select t from t1 union all select t from t2",
            table("Europe/Berlin"),
            table("Asia/Kolkata"),
        )
    assert result["t"].tolist()[:2] == MOMENTS.tolist()[:2]
    assert str(result["t"].dtype.tz) == "UTC"


def test_times_with_and_without_a_zone_are_text_and_told() -> None:
    plain = DataTable(pd.DataFrame({"t": pd.to_datetime(["2024-01-01 12:00"])}))
    with pytest.warns(ModuleWarning, match="with and without a zone"):
        result = query("select t from t1 union all select t from t2", table("UTC"), plain)
    assert result["t"].iloc[-1] == "2024-01-01 12:00:00"
