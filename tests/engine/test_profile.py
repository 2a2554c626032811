"""Column profiles against pandas and numpy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.column_statistics import BARS, BINS, ColumnProfile, profile_table
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.table_files import TABLE_FILE
from modules.values import storage


def stored(frame: pd.DataFrame, folder, roles=None):
    storage.save(DataTable(frame, roles or {}), folder)
    return folder


def profiles(frame: pd.DataFrame, folder) -> dict[str, ColumnProfile]:
    return {item.name: item for item in profile_table(stored(frame, folder))}


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    rows = 5_000
    price = draw.lognormal(9, 1, rows)
    price[draw.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "price": price,
            "doors": draw.integers(2, 6, rows),
            "mileage": draw.integers(0, 300_000, rows),
            "make": draw.choice(["audi", "bmw", "saab", None], rows, p=[0.5, 0.3, 0.1, 0.1]),
            "fuel": pd.Categorical(draw.choice(["gas", "diesel"], rows), ["none", "gas", "diesel"]),
            "sold": draw.random(rows) < 0.3,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.random(rows) * 900, "D"),
        }
    )


def test_numbers_are_those_of_pandas(frame, tmp_path):
    found = profiles(frame, tmp_path / "t")
    for name in ("price", "doors", "mileage"):
        column, profile = frame[name], found[name]
        expected = {
            "rows": len(column),
            "missing": int(column.isna().sum()),
            "unique": column.nunique(),
            "minimum": column.min(),
            "maximum": column.max(),
            "mean": column.mean(),
            "median": column.median(),
            "lower_quartile": column.quantile(0.25),
            "upper_quartile": column.quantile(0.75),
            "deviation": column.std(),
        }
        for figure, value in expected.items():
            assert getattr(profile, figure) == pytest.approx(value, rel=1e-12), (name, figure)


def test_histogram_counts_are_those_of_numpy(frame, tmp_path):
    found = profiles(frame, tmp_path / "t")
    for name in ("price", "mileage"):
        counts, edges = np.histogram(frame[name].dropna(), bins=BINS)
        assert found[name].edges == pytest.approx(edges)
        expected, _ = np.histogram(frame[name].dropna(), bins=np.array(found[name].edges))
        assert found[name].counts == tuple(expected)
        assert sum(found[name].counts) == sum(counts) == frame[name].notna().sum()
        assert len(found[name].bars) == BARS
        assert sum(found[name].bars) == sum(found[name].counts)


def test_few_whole_numbers_get_a_bin_each(frame, tmp_path):
    doors = profiles(frame, tmp_path / "t")["doors"]
    assert doors.edges == (1.5, 2.5, 3.5, 4.5, 5.5)
    assert doors.counts == doors.bars == tuple(frame["doors"].value_counts().sort_index())


def test_categories_and_texts_are_counted_as_by_pandas(frame, tmp_path):
    found = profiles(frame, tmp_path / "t")
    for name in ("make", "fuel", "sold"):
        counts = frame[name].value_counts()
        counts = counts[counts > 0]
        assert dict(found[name].top) == {str(value): count for value, count in counts.items()}
        assert [count for _, count in found[name].top] == sorted(counts, reverse=True)
        assert found[name].unique == frame[name].nunique()
        assert found[name].missing == frame[name].isna().sum()
        assert found[name].mean is None


def test_datetimes_have_figures_in_seconds(frame, tmp_path):
    when = profiles(frame, tmp_path / "t")["when"]
    column = frame["when"]
    for found, expected in ((when.minimum, column.min()), (when.maximum, column.max())):
        assert abs(pd.Timestamp(found, unit="s") - expected) < pd.Timedelta("2us")
    assert when.unique == column.nunique()
    assert sum(when.counts) == len(column)


def test_kinds_and_roles_come_with_the_profile(frame, tmp_path):
    folder = stored(frame, tmp_path / "t", {"price": "label"})
    found = {item.name: (item.kind, item.role) for item in profile_table(folder)}
    assert found == {
        "price": ("number", "label"),
        "doors": ("integer", "feature"),
        "mileage": ("integer", "feature"),
        "make": ("string", "feature"),
        "fuel": ("categorical", "feature"),
        "sold": ("boolean", "feature"),
        "when": ("datetime", "feature"),
    }


def test_only_the_named_columns_are_read(frame, tmp_path):
    folder = stored(frame, tmp_path / "t")
    assert [item.name for item in profile_table(folder, ["make", "price"])] == ["price", "make"]


def test_no_rows_and_nothing_but_missing_values(frame, tmp_path):
    for profile in profile_table(stored(frame.iloc[:0], tmp_path / "none")):
        assert (profile.rows, profile.unique, profile.missing) == (0, 0, 0)
        assert profile.mean is None
        assert profile.counts == profile.bars == profile.top == ()
    empty = pd.DataFrame({"a": [np.nan] * 3, "b": pd.Series([None] * 3, dtype="str")})
    for profile in profile_table(stored(empty, tmp_path / "missing")):
        assert (profile.missing, profile.unique, profile.bars) == (3, 0, ())


def test_infinite_values_are_left_out_of_the_histogram(tmp_path):
    found = profiles(pd.DataFrame({"a": [1.0, 2.0, np.inf, -np.inf]}), tmp_path / "t")["a"]
    assert (found.minimum, found.maximum) == (-np.inf, np.inf)
    assert math.isnan(found.mean)
    assert sum(found.counts) == 2
    assert all(math.isfinite(edge) for edge in found.edges)


def test_one_value_and_the_widest_range(tmp_path):
    frame = pd.DataFrame({"same": [3.5, 3.5], "wide": [-1.7e308, 1.7e308]})
    found = profiles(frame, tmp_path / "t")
    assert found["same"].counts == (2,)
    assert found["same"].deviation == 0
    assert sum(found["wide"].counts) == 2
    assert all(math.isfinite(edge) for edge in found["wide"].edges)


def test_a_damaged_and_a_missing_table_are_said_in_words(frame, tmp_path):
    folder = stored(frame, tmp_path / "t")
    (folder / TABLE_FILE).write_bytes(b"ARROW1 no longer")
    with pytest.raises(ModuleError, match="damaged"):
        profile_table(folder)
    with pytest.raises(ModuleError, match="missing"):
        profile_table(tmp_path / "elsewhere")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), min_size=1, max_size=40))
def test_any_whole_numbers(tmp_path_factory, values):
    column = pd.Series(values, dtype="float64")
    folder = tmp_path_factory.mktemp("t")
    found = profiles(pd.DataFrame({"a": column}), folder)["a"]
    assert found.missing == column.isna().sum()
    assert found.unique == column.nunique()
    assert sum(found.counts) == sum(found.bars) == column.notna().sum()
    assert len(found.bars) <= BARS
    if found.mean is not None:
        assert found.mean == pytest.approx(column.mean())
        assert found.upper_quartile == pytest.approx(column.quantile(0.75))
