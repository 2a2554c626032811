"""Sorting, searching and exporting of stored tables against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from designer.engine.table_rows import RowQuery, export_table, find_rows
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.values import storage


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    rows = 2_000
    price = draw.normal(size=rows).round(1)
    price[::7] = np.nan
    return pd.DataFrame(
        {
            "price": price,
            "doors": draw.integers(0, 9, rows),
            "make": draw.choice(["audi", "Bmw", "saab", None], rows),
            "fuel": pd.Categorical(draw.choice(["gas", "diesel", None], rows)),
            "sold": draw.random(rows) < 0.5,
            "when": pd.to_datetime("2024-01-01") + pd.to_timedelta(draw.integers(0, 99, rows), "D"),
        }
    )


@pytest.fixture
def folder(frame, tmp_path):
    storage.save(DataTable(frame), tmp_path / "stored")
    return tmp_path / "stored"


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["price", "doors", "make", "fuel", "sold", "when"])
def test_the_order_is_that_of_pandas(frame, folder, name, descending):
    plain = frame.assign(fuel=frame["fuel"].astype("str"))
    expected = plain.sort_values(name, ascending=not descending, kind="stable").index
    assert find_rows(folder, RowQuery(name, descending)).tolist() == expected.tolist()


def test_as_they_are_needs_no_positions(folder):
    assert find_rows(folder, RowQuery()) is None


def test_a_text_is_found_in_any_column_whatever_its_case(frame, folder):
    hits = frame["make"].eq("Bmw")
    assert find_rows(folder, RowQuery(text="bMw")).tolist() == frame.index[hits].tolist()
    hits = frame["fuel"].eq("diesel")
    assert find_rows(folder, RowQuery(text="dies")).tolist() == frame.index[hits].tolist()


def test_a_number_is_found_with_the_comma_that_it_is_shown_with(frame, folder):
    found = find_rows(folder, RowQuery(text="-1,5"))
    assert found.tolist() == frame.index[frame["price"].eq(-1.5)].tolist()


def test_numbers_and_dates_are_found_by_their_digits(frame, folder):
    found = find_rows(folder, RowQuery(text="-1.5", within="price"))
    assert found.tolist() == frame.index[frame["price"].eq(-1.5)].tolist()
    found = find_rows(folder, RowQuery(text="2024-03-05"))
    assert found.tolist() == frame.index[frame["when"].eq("2024-03-05")].tolist()
    assert len(find_rows(folder, RowQuery(text="no such text"))) == 0


def test_found_rows_are_sorted_too(frame, folder):
    hits = frame[frame["make"].eq("saab")].sort_values("price", ascending=False, kind="stable")
    query = RowQuery("price", True, "saab", "make")
    assert find_rows(folder, query).tolist() == hits.index.tolist()


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_an_export_reads_back_as_the_same_table(frame, folder, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    assert export_table(folder, target, RowQuery()) == len(frame)
    if suffix == ".parquet":
        back = pd.read_parquet(target)
    else:
        back = pd.read_csv(target, sep="," if suffix == ".csv" else "\t", parse_dates=["when"])
    expected = frame.assign(fuel=frame["fuel"].astype("str"))
    back = back.assign(fuel=back["fuel"].astype("str"))
    pd.testing.assert_frame_equal(back, expected, check_dtype=False)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_an_export_has_the_rows_that_are_shown(frame, folder, tmp_path):
    export_table(folder, tmp_path / "out.csv", RowQuery("doors", True, "audi", "make"))
    expected = frame[frame["make"].eq("audi")].sort_values("doors", ascending=False, kind="stable")
    assert pd.read_csv(tmp_path / "out.csv")["doors"].tolist() == expected["doors"].tolist()


def test_bad_exports_say_why(folder, tmp_path):
    with pytest.raises(ModuleError, match=r"“out\.xyz” has no supported file extension"):
        export_table(folder, tmp_path / "out.xyz", RowQuery())
    with pytest.raises(ModuleError, match="can't be written"):
        export_table(folder, tmp_path / "nowhere" / "out.csv", RowQuery())
    with pytest.raises(ModuleError, match="“colour” doesn't exist"):
        find_rows(folder, RowQuery("colour"))


def test_an_empty_table(frame, tmp_path):
    storage.save(DataTable(frame.iloc[:0]), tmp_path / "none")
    assert len(find_rows(tmp_path / "none", RowQuery("fuel", text="x"))) == 0
    assert export_table(tmp_path / "none", tmp_path / "none.csv", RowQuery()) == 0
