"""Names of groups and cohorts: what a reader counts by them is what was counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.scoring_evaluation.error_analysis import error_analysis
from modules.scoring_evaluation.fairness_by_group import fairness_by_group

ROWS = 80


def scored(**columns) -> DataTable:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "Regression Scored Labels": random.normal(size=ROWS),
            "Labels": random.normal(size=ROWS),
        }
    )
    return DataTable(frame.assign(**columns))


def groups_of(values, bins: int = 4) -> pd.DataFrame:
    table = scored(c=values)
    c = ColumnSelector.names("c")
    _, groups, _ = fairness_by_group(table, sensitive_columns=c, bins=bins, least=1)
    return groups.frame.set_index("Group")


@pytest.mark.parametrize(
    ("values", "bins"),
    [
        (np.arange(ROWS), 4),
        (np.arange(ROWS) * 0.1 + 10_000_000, 4),
        (np.where(np.arange(ROWS) < 70, np.arange(ROWS) % 7, np.arange(ROWS)), 4),
        (np.where(np.arange(ROWS) % 40 == 1, np.inf, np.arange(ROWS)), 4),
        (np.where(np.arange(ROWS) == 3, -np.inf, np.arange(ROWS) / 8), 4),
        (np.array([-np.inf, 1.0, np.inf, 1.0] * 20), 2),
        (pd.array([None if at % 9 == 0 else at for at in range(ROWS)], dtype="Int64"), 4),
        (np.where(np.arange(ROWS) < 75, 0, np.arange(ROWS)), 4),
    ],
    ids=["whole", "close", "uneven", "infinite", "below", "one finite", "missing", "mostly one"],
)
def test_a_group_of_a_numeric_column_contains_what_its_name_says(values, bins):
    groups = groups_of(values, bins=bins)
    column = pd.Series(values).astype("float64")
    for name, rows in groups["Rows"].items():
        low, _, high = str(name).partition(" to ")
        if name == "missing":
            counted = column.isna().sum()
        else:
            ends = float(low), float(high or low)
            counted = column.between(*ends).sum()
            assert column.eq(ends[0]).any(), name
            assert column.eq(ends[1]).any(), name
        assert rows == counted, name
    assert groups["Rows"].sum() == ROWS


@pytest.mark.parametrize("step", ["15min", "D", "s"])
def test_a_group_of_times_contains_what_its_name_says(step):
    times = pd.Series(pd.date_range("2024-02-28 22:00", periods=ROWS, freq=step))
    groups = groups_of(times)
    assert len(groups) == 4
    for name, rows in groups["Rows"].items():
        low, high = map(pd.Timestamp, str(name).split(" to "))
        assert times.dt.floor(step).between(low, high).sum() == rows, name
    assert groups["Rows"].sum() == ROWS


def test_conditions_say_where_missing_values_are_only_if_there_are_any():
    x = np.arange(ROWS, dtype="float64")
    wrong = np.where(x > 50, 3.0, 0.0)
    for column, named in ((x, False), (np.where(x == 70, np.nan, x), True)):
        table = scored(x=column, Labels=0.0, **{"Regression Scored Labels": wrong})
        _, cohorts, _ = error_analysis(table, columns=ColumnSelector.names("x"), depth=1)
        texts = cohorts.frame["Conditions"].tolist()
        assert texts[0] == ("x above 50.5 or missing" if named else "x above 50.5")
        assert texts[1] == "x up to 50.5"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.date_range("2024-01-01", periods=ROWS, freq="D"), "2024-02-20"),
        (pd.date_range("2024-01-01", periods=ROWS, freq="15min"), "2024-01-01 12:30"),
        (10_000_000 + np.arange(ROWS) / 8, "10000006.3"),
        (2**52 + np.arange(ROWS), "4503599627370546"),
        (pd.array([*range(ROWS - 1), None], dtype="Int64"), "50.5"),
    ],
    ids=["days", "minutes", "close", "large", "whole"],
)
def test_a_cohort_of_a_range_is_named_by_a_limit_that_separates_it(values, texts):
    """The errors begin after the 51st row."""
    wrong = np.where(np.arange(ROWS) > 50, 3.0, 0.0)
    table = scored(x=values, Labels=0.0, **{"Regression Scored Labels": wrong})
    _, cohorts, _ = error_analysis(table, columns=ColumnSelector.names("x"), depth=1)
    worst, best = cohorts.frame.to_dict("records")
    missing = " or missing" if pd.Series(values).isna().any() else ""
    assert worst["Conditions"] == f"x above {texts}{missing}"
    assert best["Conditions"] == f"x up to {texts}"
    assert (worst["Rows"], best["Rows"]) == (29, 51)
    assert (worst["Average error"], best["Average error"]) == (3.0, 0.0)


@pytest.mark.parametrize("kind", ["str", "category", "boolean", "Int64", "datetime64[s]"])
def test_missing_values_are_a_condition(kind):
    rows = np.arange(ROWS)
    known = np.where(rows % 2 == 0, "a", "b") if kind in ("str", "category") else rows % 2
    column = pd.Series(known).astype(kind).mask(rows < 30)
    for wrong_if, first, second in (
        (rows < 30, "x is missing", "x isn't missing"),
        (rows >= 30, "x isn't missing", "x is missing"),
    ):
        wrong = np.where(wrong_if, 3.0, 0.0)
        table = scored(x=column, Labels=0.0, **{"Regression Scored Labels": wrong})
        _, cohorts, _ = error_analysis(table, columns=ColumnSelector.names("x"), depth=1)
        assert cohorts.frame["Conditions"].tolist() == [first, second]
