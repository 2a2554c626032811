"""Date Parts against Python's own datetime."""

from __future__ import annotations

import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.table_manipulation.date_parts import PARTS, date_parts

MOMENTS = [
    "2020-02-29 00:00:00", "2024-12-30 23:59:59.250000", "1960-01-01 12:00:00",
    "2021-01-03 06:07:08", "9999-12-31 00:00:00",
]  # fmt: skip


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
@pytest.mark.proves("date_parts", by="Python's datetime")
def test_parts_equal_those_of_python(zone: str | None) -> None:
    moments = pd.Series(pd.to_datetime(MOMENTS, format="ISO8601").as_unit("us")).dt.tz_localize(
        zone
    )
    table = DataTable(pd.DataFrame({"at": moments}))
    found = date_parts(table, columns=ColumnSelector.names("at"), parts=tuple(PARTS)).frame
    for name, part in PARTS.items():
        expected = [float(part(each.to_pydatetime())) for each in moments]
        assert found[f"at {name}"].tolist() == pytest.approx(expected), name


def test_missing_dates_have_missing_parts_and_names_stay_unique() -> None:
    dates = pd.to_datetime(["2024-05-06", None])
    table = DataTable(pd.DataFrame({"at": dates, "at year": [1, 2]}))
    found = date_parts(table, columns=ColumnSelector.names("at"), parts=("year",)).frame
    assert list(found.columns) == ["at", "at year", "at year (2)"]
    assert found["at year (2)"].isna().tolist() == [False, True]


def test_what_is_no_date_or_part_is_refused(refused) -> None:
    table = DataTable(pd.DataFrame({"at": pd.to_datetime(["2024-05-06"]), "n": [1]}))
    with refused("column-type", "“n”", parameter="columns", column="n"):
        date_parts(table, columns=ColumnSelector.names("n"))

    with refused("nothing-chosen", "No part is chosen", parameter="parts"):
        date_parts(table, columns=ColumnSelector.names("at"), parts=())
