"""Texts that pandas parses in chunks and threads: what a late row is must count from the first."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable
from modules.contract.context import ModuleWarning, using_threads
from modules.data_input_output.dataset import dataset

ROWS = 150_000


def read(folder: Path, last: dict[str, str]) -> tuple[DataTable, list[str]]:
    """Read many ordinary rows and a last one that is different."""
    usual = {"number": "1.25", "key": "12345678901234567", "word": "7", "zip": "01067"}
    usual |= {"plain": "31", "note": "", "flag": "True"}
    path = folder / "large.csv"
    lines = [",".join(usual)] + [",".join(usual.values())] * ROWS
    lines.append(",".join((usual | last).values()))
    path.write_text("\n".join(lines) + "\n")
    with warnings.catch_warnings(record=True) as told, using_threads(2):
        warnings.simplefilter("always")
        table = dataset(path=str(path))
    return table, [str(one.message) for one in told if one.category is ModuleWarning]


def test_an_ordinary_text_equals_a_plain_script(tmp_path: Path) -> None:
    table, told = read(tmp_path, {})
    expected = pd.read_csv(tmp_path / "large.csv", dtype={"zip": "str"}, low_memory=False)
    pd.testing.assert_frame_equal(table.frame, expected)
    assert [text for text in told if "“zip” (“01067”)" not in text] == []


@pytest.mark.parametrize(
    ("last", "name", "dtype", "values"),
    [
        pytest.param({"word": "seven"}, "word", "str", ("7", "seven"), id="a word"),
        pytest.param({"plain": "031"}, "plain", "str", ("31", "031"), id="a code"),
        pytest.param({"plain": "0.5"}, "plain", "float64", (31.0, 0.5), id="a fraction"),
        pytest.param(
            {"key": str(2**63)}, "key", "uint64", (12345678901234567, 2**63), id="a larger integer"
        ),
        pytest.param({"key": ""}, "key", "str", ("12345678901234567", None), id="a gap"),
        pytest.param({"note": "late"}, "note", "str", (None, "late"), id="the only text"),
        pytest.param({"flag": "no"}, "flag", "str", ("True", "no"), id="no boolean"),
        pytest.param({"zip": "x"}, "zip", "str", ("01067", "x"), id="no code"),
    ],
)
def test_the_last_row_decides(
    tmp_path: Path, last: dict[str, str], name: str, dtype: str, values: tuple[object, object]
) -> None:
    table, _ = read(tmp_path, last)
    column = table.frame[name]
    assert column.dtype == np.dtype(dtype) if dtype != "str" else column.dtype == "str"
    first, final = column.astype(object).where(column.notna(), None).iloc[[0, -1]]
    assert (first, final) == values
    assert (column.iloc[:-1].isna() == (values[0] is None)).all()


def test_a_column_that_is_no_code_is_no_news(tmp_path: Path) -> None:
    _, told = read(tmp_path, {"zip": "x"})
    assert told == []
