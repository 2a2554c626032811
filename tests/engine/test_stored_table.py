"""Stored tables are opened, looked at and compared without a pandas frame."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.engine.column_statistics import profile_table
from designer.engine.stored_table import open_table, python_rows
from designer.engine.table_rows import RowQuery, export_table, find_rows
from modules.contract.data_table import DataTable
from modules.values import storage


@pytest.fixture
def frame() -> pd.DataFrame:
    rows = 40
    return pd.DataFrame(
        {
            "age": np.arange(rows),
            "price": [1.5, None] * (rows // 2),
            "make": ["audi", None] * (rows // 2),
            "fuel": pd.Categorical(["gas", None] * (rows // 2)),
            "member": pd.Series([True, None] * (rows // 2), dtype="boolean"),
            "sold": [True, False] * (rows // 2),
            "day": pd.date_range("2024", periods=rows),
            "exact": pd.to_datetime(["2024-01-01T00:00:00.000000001"] * rows),
            "zoned": pd.date_range("2024", periods=rows, tz="Asia/Tokyo"),
            "far": np.array(["9999-12-31", "-0044-03-15"] * (rows // 2), "datetime64[us]"),
        }
    )


@pytest.fixture
def folder(frame, tmp_path):
    storage.save(DataTable(frame), tmp_path / "stored")
    return tmp_path / "stored"


def test_a_process_that_opens_one_imports_no_pandas(frame, folder):
    code = f"""
import sys
from pathlib import Path
from designer.app.document.stored_columns import columns_of
from designer.engine.store.store import Store
from designer.engine.stored_table import open_table, python_rows
folder = Path({str(folder)!r})
table = open_table(folder)
assert table.names == {list(frame.columns)}
assert [len(part) for part in table.batches(30)] == [30, {len(frame) - 30}]
assert len(python_rows(table.select(["age", "zoned"]).slice(0, 3))) == 3
assert len(python_rows(table)) == {len(frame)}
assert len(columns_of({{("a", "b"): str(folder)}})["a", "b"]) == {len(frame.columns)}
store = Store(folder / "store")
assert store.content_digest(folder)
store.close()
print(*(name for name in ("pandas", "sklearn", "scipy") if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    assert done.stdout == "\n"


def test_whatever_a_view_asks_for_makes_no_frame(frame, folder, tmp_path, monkeypatch):
    def refuse(data):
        raise AssertionError("A frame is made.")

    monkeypatch.setattr("modules.contract.data_table.to_frame", refuse)
    monkeypatch.setattr(pd, "DataFrame", refuse)
    assert [profile.rows for profile in profile_table(folder)] == [len(frame)] * 10
    for name in frame.columns:
        rows = find_rows(folder, RowQuery(name, True, "a"))
        assert export_table(folder, tmp_path / "a.csv", RowQuery(name, text="a")) == len(rows)
        assert export_table(folder, tmp_path / "a.parquet", RowQuery(name)) == len(frame)


def test_values_are_those_of_python(frame, folder):
    rows = python_rows(open_table(folder).slice(0, 2))
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    assert rows == [
        (
            *(0, 1.5, "audi", "gas", True, True, datetime.datetime(2024, 1, 1)),
            "2024-01-01 00:00:00.000000001",
            datetime.datetime(2024, 1, 1, tzinfo=tokyo),
            "9999-12-31 00:00:00.000000",
        ),
        (
            *(1, None, None, None, None, False, datetime.datetime(2024, 1, 2)),
            "2024-01-01 00:00:00.000000001",
            datetime.datetime(2024, 1, 2, tzinfo=tokyo),
            "-0044-03-15 00:00:00.000000",
        ),
    ]
    assert rows[0][8].isoformat() == "2024-01-01T00:00:00+09:00"
