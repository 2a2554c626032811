"""Integers beyond 2**53, and times that clocks show twice or never, against pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_transformation.convert_to_dataset import convert_to_dataset
from modules.data_transformation.edit_metadata import edit_metadata
from modules.data_transformation.split_data import split_data
from modules.table_manipulation.filter_rows import filter_rows
from modules.table_manipulation.formula_columns import formula_columns
from modules.table_manipulation.lookup_values import lookup_values
from modules.time_series.split_by_time import split_by_time

LONG = 2**53
ID, TIME = ColumnSelector.names("id"), ColumnSelector.names("time")


def ids() -> DataTable:
    return DataTable(pd.DataFrame({"id": [LONG + each for each in range(9)]}))


def night(day: str = "2024-10-27") -> DataTable:
    """Return each half hour of a night in which clocks change."""
    times = pd.date_range(f"{day} 00:00", periods=9, freq="30min", tz="Europe/Berlin", unit="us")
    return DataTable(pd.DataFrame({"time": times, "row": range(9)}))


def filtered(table: DataTable, column: str, comparison: Any, value: str) -> pd.DataFrame:
    rules: Any = [{"column": column, "comparison": comparison, "value": value}]
    return filter_rows(table, rules=rules).frame


@pytest.mark.parametrize(
    ("comparison", "sign"),
    [("equals", "=="), ("greater than", ">"), ("at most", "<="), ("is one of", "==")],
)
def test_rules_compare_every_digit(comparison: str, sign: str) -> None:
    expected = ids().frame.query(f"id {sign} {LONG + 5}").reset_index(drop=True)
    assert filtered(ids(), "id", comparison, f" {LONG + 5} ").equals(expected)


def test_a_limit_of_integers_may_have_decimals_or_be_too_large() -> None:
    table = DataTable(pd.DataFrame({"id": [1, 2, 3]}))
    assert filtered(table, "id", "greater than", "1.5")["id"].tolist() == [2, 3]
    assert filtered(table, "id", "equals", "2.0")["id"].tolist() == [2]
    assert filtered(table, "id", "less than", "9" * 400)["id"].tolist() == [1, 2, 3]


def test_rules_compare_unsigned_integers() -> None:
    large = 2**63 + 5
    table = DataTable(pd.DataFrame({"id": pd.Series([1, large, large + 1], dtype="uint64")}))
    assert filtered(table, "id", "equals", str(large))["id"].tolist() == [large]
    assert filtered(table, "id", "greater than", str(large))["id"].tolist() == [large + 1]


@pytest.mark.parametrize(
    ("dtype", "new", "found"),
    [
        ("int32", "3000000000", [3_000_000_000, 2]),
        ("int8", "300", [300, 2]),
        ("uint8", "-1", [-1, 2]),
        ("uint64", str(2**63 + 5), [2**63 + 5, 2]),
        ("float32", "1e300", [1e300, 2.0]),
        ("float32", "0.5", [0.5, 2.0]),
    ],
)
def test_a_replacement_may_need_a_wider_type(dtype: str, new: str, found: list[float]) -> None:
    table = DataTable(pd.DataFrame({"v": pd.Series([1, 2], dtype=dtype)}))
    replaced = convert_to_dataset(
        table, action="ReplaceValues", replace="Custom", custom_value="1", new_value=new
    )
    assert replaced.frame["v"].tolist() == found


@pytest.mark.parametrize(("dtype", "new"), [("int64", str(2**63 + 5)), ("uint64", "-5")])
def test_a_replacement_without_a_type_for_it_is_reported(dtype: str, new: str) -> None:
    table = DataTable(pd.DataFrame({"v": pd.Series([1, 2], dtype=dtype)}))
    with pytest.warns(ModuleWarning, match="nothing was replaced"):
        found = convert_to_dataset(
            table, action="ReplaceValues", replace="Custom", custom_value="1", new_value=new
        )
    assert found.frame["v"].tolist() == [1, 2]


def test_a_point_of_integers_has_every_digit() -> None:
    earlier, later = split_by_time(ids(), time_column=ID, mode="point in time", point=str(LONG + 5))
    assert earlier.frame["id"].tolist() == [LONG + each for each in range(5)]
    assert later.frame["id"].tolist() == [LONG + each for each in range(5, 9)]


def test_integers_beside_a_value_set_to_missing_are_rounded_with_a_warning() -> None:
    with pytest.warns(ModuleWarning, match=r"“id” contains integers beyond 2\*\*53"):
        found = convert_to_dataset(
            ids(), action="SetMissingValues", custom_missing_value=str(LONG + 5)
        )
    assert found.frame["id"].isna().tolist() == [each == 5 for each in range(9)]


@pytest.mark.parametrize(("day", "time"), [("2024-10-27", "02:30"), ("2024-03-31", "02:15")])
def test_a_time_that_clocks_show_twice_or_never_is_refused(
    day: str, time: str, refused: Any
) -> None:
    table, point = night(day), f"{day} {time}"
    with refused("bad-value", "“time”", "Europe/Berlin", "twice or never", column="time"):
        filtered(table, "time", "less than", point)
    with refused("bad-value", "“time”", "twice or never", column="time"):
        convert_to_dataset(table, action="SetMissingValues", custom_missing_value=point)
    with refused("bad-value", "“time”", "twice or never", column="time"):
        other = DataTable(table.frame.assign(row=range(100, 109)))
        row = ColumnSelector.names("row")
        lookup_values(table, other, keys=row, lookup_keys=row, columns=TIME, default=point)
    with refused("bad-expression", "“time”", "offset", column="time"):
        split_data(table, mode="relative expression", relational_expression=f'"time" < {point}')
    with refused("formula-failed", "“late”", "occurs twice or never", parameter="formulas"):
        formula_columns(table, formulas=f'late = time < date("{point}")')
    with refused("bad-point", "“time”", column="time"):
        split_by_time(table, time_column=TIME, mode="point in time", point=point)


@pytest.mark.parametrize("offset", ["+02:00", "+01:00"])
def test_with_its_offset_such_a_time_is_compared(offset: str) -> None:
    point = f"2024-10-27 02:30{offset}"
    frame = night().frame
    expected = frame[frame["time"] < pd.Timestamp(point)]
    assert filtered(night(), "time", "less than", point).equals(expected)
    comparison: Any = {"mode": "relative expression", "relational_expression": f'"time" < {point}'}
    assert split_data(night(), **comparison)[0].frame.equals(expected)


@pytest.mark.parametrize(
    ("texts", "datetime_format"),
    [
        (["2024-10-26T20:00:00+02:00", None, "2024-10-27T20:00:00+01:00"], ""),
        (["2024-10-26T20:00:00Z", "2024-10-27T20:00:00+01:00"], ""),
        (["2024-10-26T20:00:00+02:00", "2024-10-27T20:00:00"], ""),
        (["26.10.2024 20:00 +0200", "27.10.2024 20:00 +0100"], "%d.%m.%Y %H:%M %z"),
    ],
)
def test_times_of_several_offsets_are_explained(
    texts: list[str | None], datetime_format: str, refused: Any
) -> None:
    table = DataTable(pd.DataFrame({"time": pd.Series(texts, dtype="str")}))
    wanted = ("not-convertible", f"“{texts[-1]}”", f"same offset from UTC as “{texts[0]}”")
    with refused(*wanted, parameter="data_type", column="time"):
        edit_metadata(table, columns=TIME, data_type="datetime", datetime_format=datetime_format)
