"""Conditions on rows of a stored table, against pandas."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from designer.engine.table_rows import RowQuery, find_rows
from designer.engine.tables.row_filters import RowFilter, column_values
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.values import storage

DAY = pd.Timestamp("2024-03-02")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(6)
    rows = 500
    frame = pd.DataFrame(
        {
            "count": draw.integers(0, 9, rows),
            "size": draw.normal(size=rows).round(2),
            "city": draw.choice(["Rome", "Oslo", "Bern"], rows),
            "level": pd.Categorical(draw.choice(["low", "high"], rows)),
            "member": draw.random(rows) < 0.5,
            "day": pd.Timestamp("2024-03-01") + pd.to_timedelta(draw.integers(0, 96, rows), "h"),
        }
    )
    frame.loc[::7, "size"] = np.nan
    frame.loc[::9, "city"] = None
    return frame


@pytest.fixture(scope="module")
def folder(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "table"
    storage.save(DataTable(frame), folder)
    return folder


CASES = [
    (RowFilter("count", "in", (3,)), lambda f: f["count"] == 3),
    (RowFilter("count", "not in", (3, 4)), lambda f: ~f["count"].isin([3, 4])),
    (RowFilter("count", "between", (2.5, 5)), lambda f: f["count"].between(2.5, 5)),
    (RowFilter("size", "between", (None, 0)), lambda f: f["size"] <= 0),
    (RowFilter("size", "in", (None,)), lambda f: f["size"].isna()),
    (RowFilter("size", "not in", (None,)), lambda f: f["size"].notna()),
    (RowFilter("city", "in", ("Rome", None)), lambda f: f["city"].eq("Rome") | f["city"].isna()),
    (RowFilter("city", "not in", ("Rome",)), lambda f: f["city"].ne("Rome") | f["city"].isna()),
    (RowFilter("city", "contains", ("O",)), lambda f: f["city"].isin(["Rome", "Oslo"])),
    (RowFilter("level", "in", ("low",)), lambda f: f["level"] == "low"),
    (RowFilter("level", "contains", ("IG",)), lambda f: f["level"] == "high"),
    (RowFilter("member", "in", (True,)), lambda f: f["member"]),
    (
        RowFilter("day", "in", (datetime.datetime(2024, 3, 2, 5),)),
        lambda f: f["day"] == pd.Timestamp("2024-03-02T05"),
    ),
    (
        RowFilter("day", "between", (DAY.timestamp(), DAY.timestamp() + 86_400)),
        lambda f: f["day"].between(DAY, DAY + pd.Timedelta("1D")),
    ),
]


@pytest.mark.parametrize(
    ("filter_", "truth"),
    CASES,
    ids=[f"{case[0].column} {case[0].test} {number}" for number, case in enumerate(CASES)],
)
def test_a_condition_keeps_the_rows_that_pandas_keeps(frame, folder, filter_, truth):
    found = find_rows(folder, RowQuery(filters=(filter_,)))
    assert found.tolist() == np.flatnonzero(truth(frame)).tolist()


def test_all_conditions_hold_together_with_text_and_order(frame, folder):
    filters = (RowFilter("level", "in", ("low",)), RowFilter("size", "between", (0, None)))
    found = find_rows(folder, RowQuery("size", True, "os", None, filters))
    kept = frame[(frame["level"] == "low") & (frame["size"] >= 0) & (frame["city"] == "Oslo")]
    ordered = kept.sort_values("size", ascending=False, kind="stable")
    assert found.tolist() == ordered.index.tolist()


def test_values_are_offered_by_their_frequency(frame, folder):
    counts = frame["city"].value_counts(dropna=False)
    found = column_values(folder, "city")
    assert dict(found) == {None if pd.isna(k) else k: v for k, v in counts.items()}
    assert [count for _, count in found] == sorted(counts, reverse=True)


def test_a_column_that_is_gone_is_named(folder):
    with pytest.raises(ModuleError, match="“gone”"):
        find_rows(folder, RowQuery(filters=(RowFilter("gone", "in", (1,)),)))
