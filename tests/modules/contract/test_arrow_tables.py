"""A table in Arrow says and gives what the same table in pandas does."""

from __future__ import annotations

import datetime
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from module_examples import example_table
from test_nasty_tables import TABLES

from modules.contract import DataTable, ModuleError, Role, Scoring

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


def through_a_file(table: DataTable, folder: Path) -> DataTable:
    table.write(folder / "data.arrow")
    return DataTable.read(folder / "data.arrow")


def assert_same_frame(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare bit for bit; booleans that have no gap are numpy's after a file."""
    whole = {
        name: "bool"
        for name in expected.columns
        if expected[name].dtype == "boolean" and not expected[name].isna().any()
    }
    pd.testing.assert_frame_equal(
        found, expected.astype(whole), check_exact=True, check_freq=False, check_column_type=False
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name == "2,000 columns" else ())
        for name in TABLES
    ],
)
def test_a_stored_table_is_known_without_a_frame(name, tmp_path, monkeypatch):
    table = TABLES[name]()
    with monkeypatch.context() as patched:
        patched.setattr("modules.contract.data_table.to_frame", _forbidden)
        stored = through_a_file(table, tmp_path)
        assert stored.columns == table.columns
        assert stored.names == table.names
        assert stored.roles == table.roles
        if table.names:
            assert len(stored) == len(table)
        parts = list(stored.batches(5))
        assert sum(map(len, parts)) == len(stored)
        assert pa.concat_tables([part.arrow for part in parts]).equals(stored.arrow)
        some = table.names[::-2]
        assert stored.select(some).columns == table.select(some).columns
        assert stored.with_roles({table.names[0]: Role.NONE} if table.names else {}) is not None
        stored.write(tmp_path / "again.arrow")
    assert (tmp_path / "again.arrow").read_bytes() == (tmp_path / "data.arrow").read_bytes()
    if table.names:
        assert_same_frame(stored.frame, table.frame)
        assert stored.frame is stored.frame
        kinds = [column.kind for column in DataTable(stored.frame).columns]
        assert kinds == [column.kind for column in stored.columns]
        for start in range(0, len(table), 7):
            assert_same_frame(stored.slice(start, 7).frame, table.slice(start, 7).frame)


def _forbidden(data: pa.Table) -> pd.DataFrame:
    raise AssertionError("A frame is made.")


VALUES = {
    "int8": st.integers(-128, 127),
    "uint64": st.integers(0, 2**64 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float32": st.floats(width=32),
    "float64": st.none() | st.floats(),
    "bool": st.booleans(),
    "boolean": st.none() | st.booleans(),
    "str": st.none() | st.text(st.characters(codec="utf-8")),
    "datetime64[s]": st.none() | st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
    "datetime64[us]": st.none() | st.datetimes(),
    "datetime64[us, Asia/Tokyo]": st.none() | st.datetimes(datetime.datetime(1950, 1, 1)),
    "category": st.none() | st.sampled_from(["a", "b", ""]),
    "category of numbers": st.none() | st.sampled_from([1.5, 2.5, -0.0]),
    "category of whole numbers": st.none() | st.integers(0, 5),
}  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_comes_back_from_arrow(data):
    rows = data.draw(st.integers(0, 6))
    columns = {}
    for number, kind in enumerate(data.draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4))):
        values = data.draw(st.lists(VALUES[kind], min_size=rows, max_size=rows))
        dtype = "category" if kind.startswith("category") else kind
        columns[f"{number} {kind}"] = pd.Series(values, dtype=dtype)
    table = DataTable(pd.DataFrame(columns))
    same = DataTable.from_arrow(table.arrow)
    assert same.columns == table.columns
    if columns:
        assert_same_frame(same.frame, table.frame)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, None, 2**53 + 1]),
        pa.array([None, None]),
        pa.array(["a", None]).dictionary_encode(),
        pa.array([True, None]),
        pa.array([1.5], pa.float16()),
        pa.array([1], pa.date32()),
        pa.array([1], pa.duration("s")),
        pa.array(["1.25"]).cast(pa.decimal128(5, 2)),
        pa.array([b"\xff"]),
        pa.array([[1, 2]]),
        pa.array([{"a": 1}]),
        pa.array([1], pa.int8()),
    ],
    ids=lambda array: str(array.type),
)
def test_any_arrow_column_has_the_kind_of_its_frame(array):
    """What the contract doesn't have is converted, as it would be in a frame."""
    table = DataTable.from_arrow(pa.table({"a": array}))
    (column,) = table.columns
    assert column.kind == DataTable(table.frame).columns[0].kind
    assert column.kind == DataTable(pa.table({"a": array}).to_pandas()).columns[0].kind


def test_names_of_an_arrow_table_are_as_those_of_a_frame():
    columns = [pa.array([number]) for number in range(4)]
    table = DataTable.from_arrow(pa.Table.from_arrays(columns, ["a", "a", "", " b"]))
    assert table.names == ["a", "a (2)", "Column 3", "b"]
    assert table.frame.iloc[0].tolist() == [0, 1, 2, 3]


def test_scoring_follows_its_columns(tmp_path):
    table = DataTable(
        pd.DataFrame({"y": [1, 0], "p": [0.5, 0.25], "s": [1, 0]}),
        {"y": Role.LABEL},
        Scoring("two-class", "s", "y", (0, 1), ("p",), 1),
        {"AUC": 0.5},
    )
    for each in (table, through_a_file(table, tmp_path)):
        assert each.scoring == table.scoring
        assert each.metrics == {"AUC": 0.5}
        assert each.select(["s", "p"]).scoring == Scoring("two-class", "s", None, (0, 1), ("p",), 1)
        assert each.select(["s", "y"]).scoring is None
        assert each.slice(0, 1).metrics == {}
        assert each.with_roles({"p": Role.SCORE}).roles == {"y": "label", "p": "score"}
        with pytest.raises(KeyError):
            each.select(["s", "other"])
        with pytest.raises(AttributeError):
            each.roles = {}


def test_a_frame_that_was_read_can_not_be_written_to(tmp_path):
    """It is the file, in memory: a change would go to every step that reads it."""
    stored = through_a_file(example_table(), tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        stored.frame["age"].to_numpy()[0] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored.frame["age"].iloc[0]
    assert np.array_equal(stored.arrow.column("age"), example_table().arrow.column("age"))


@pytest.mark.parametrize("content", [b"", b"no table", b"ARROW1\0\0"])
def test_a_file_that_holds_no_table_is_told(tmp_path, content):
    (tmp_path / "data.arrow").write_bytes(content)
    with pytest.raises(ModuleError) as caught:
        DataTable.read(tmp_path / "data.arrow")
    assert caught.value.code == "value-damaged"
    with pytest.raises(ModuleError) as caught:
        DataTable.read(tmp_path / "other.arrow")
    assert caught.value.code == "value-missing"
