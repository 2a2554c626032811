"""A module that says that it reads rows gives for parts what it gives for the whole."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from diagonals import matrix
from module_examples import PALETTE, example_table, run, value_for
from test_nasty_tables import ALL_WAYS, ROWS, TABLES, _names, _ways

from modules.contract import DataTable, ModuleError, ModuleSpec, module
from modules.contract.context import ModuleWarning
from modules.contract.specification import specification

READS_ROWS = {id: spec for id, spec in PALETTE.items() if spec.reads == "rows"}

SIZES = (1, 5, 23)
"""Rows of a part: one; several, with a rest; all but one, so that the last has one."""

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


@pytest.fixture(scope="module")
def tables() -> Mapping[str, DataTable]:
    """Return every table as it comes from the store."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        return {name: DataTable.from_arrow(make().arrow) for name, make in TABLES.items()}


@pytest.mark.parametrize(
    ("spec", "what"),
    # It has the most choices by far, and all are tried on this table.
    matrix(READS_ROWS, list(TABLES), 12, slow=[("text_parts", "all missing")]),
)
def test_parts_make_the_whole(
    spec: ModuleSpec, what: str, tables: Mapping[str, DataTable], tmp_path: Path
) -> None:
    _check_parts(spec, tables[what], tmp_path, every=what in ALL_WAYS)


@pytest.mark.long
@pytest.mark.parametrize("what", [name for name in TABLES if name not in ALL_WAYS])
@pytest.mark.parametrize("spec", READS_ROWS.values(), ids=READS_ROWS.keys())
def test_parts_make_the_whole_with_every_choice(
    spec: ModuleSpec, what: str, tables: Mapping[str, DataTable], tmp_path: Path
) -> None:
    _check_parts(spec, tables[what], tmp_path, every=True)


def _check_parts(spec: ModuleSpec, table: DataTable, folder: Path, *, every: bool) -> None:
    inputs = [
        table if DataTable in port.types else value_for(spec, port, folder, example_table(ROWS))
        for port in spec.inputs
    ]
    for parameters in _ways(spec, folder, _names(table), every=every):

        def call(part: DataTable, parameters: dict[str, Any] = parameters) -> Any:
            return run(spec, [part if value is table else value for value in inputs], parameters)

        _assert_reads_rows(call, table)


def _centered(table: DataTable) -> DataTable:
    """Depends on the mean."""
    return table.with_frame(table.frame.assign(age=table.frame["age"] - table.frame["age"].mean()))


def _numbered(table: DataTable) -> DataTable:
    """Depends on the rows before."""
    return table.with_frame(table.frame.assign(age=range(len(table))))


def _typed(table: DataTable) -> DataTable:
    """Depends on whether any value is missing."""
    whole = not table.frame["price"].isna().any()
    return table.with_frame(table.frame.astype({"price": "int64"})) if whole else table


def _categorized(table: DataTable) -> DataTable:
    """Depends on the values that there are."""
    return table.with_frame(table.frame.astype({"city": "category"}))


def _sorted(table: DataTable) -> DataTable:
    """Depends on the order of all."""
    return table.with_frame(table.frame.sort_values("age", kind="stable"))


def _choosy(table: DataTable) -> DataTable:
    """Refuses what has no rows."""
    table.require_rows(1)
    return table


def _lenient(table: DataTable) -> DataTable:
    """Refuses only what has many rows."""
    if len(table) > 10:
        raise ModuleError("too-many-rows", "There are too many rows.")
    return table


def _rounded(table: DataTable) -> DataTable:
    """Depends on the number of rows in the last bit of zero alone."""
    zero = np.zeros(len(table)) * (-1 if len(table) == 1 else 1)
    return table.with_frame(table.frame.assign(age=zero))


def _roles(table: DataTable) -> DataTable:
    """Depends on the number of rows in a role."""
    return table.with_roles({"age": "weight"}) if len(table) == 1 else table


@pytest.mark.parametrize(
    "function",
    [
        _centered, _numbered, _typed, _categorized, _sorted, _choosy, _lenient, _rounded, _roles,
    ],
)  # fmt: skip
def test_what_does_not_read_rows_is_found_out(function: Callable[[DataTable], DataTable]) -> None:
    table = DataTable.from_arrow(example_table(ROWS).arrow)
    with pytest.raises(AssertionError):
        _assert_reads_rows(lambda part: (function(part),), table)


def test_what_reads_rows_has_one_table_and_gives_tables() -> None:
    def two(first: DataTable, second: DataTable | None = None) -> DataTable:
        return first

    def none() -> DataTable:
        return example_table()

    def counted(table: DataTable) -> int:
        return len(table)

    for function in (two, none, counted):
        made = module("Some", outputs=("result",), reads="rows")(function)
        made.__annotations__ = {
            name: eval(text, globals()) for name, text in made.__annotations__.items()
        }
        with pytest.raises(TypeError, match=r"one table as input|isn't a value type"):
            specification(made)


def _assert_reads_rows(call: Callable[[DataTable], Any], table: DataTable) -> None:
    whole = _outputs(call, table)
    # A thousand columns are read like twenty, only slowly.
    for size in SIZES if len(table.names) < 100 else SIZES[-1:]:
        # With parts that are empty, as a filter before may leave them.
        parts = [table.slice(0, 0), *table.batches(size), table.slice(len(table), 5)]
        made = [_outputs(call, part) for part in parts]
        if whole is None:
            assert None in made, "the parts are accepted, the whole is not"
            continue
        assert None not in made, "a part is refused, the whole is not"
        for number, expected in enumerate(whole):
            _assert_same([each[number] for each in made if each is not None], expected)


def _outputs(call: Callable[[DataTable], Any], table: DataTable) -> tuple[DataTable, ...] | None:
    """Return what a module gives, or None for what it refuses."""
    try:
        outputs: tuple[DataTable, ...] = call(table)
    except ModuleError:
        return None
    return outputs


def _assert_same(parts: list[DataTable], whole: DataTable) -> None:
    for part in parts:
        assert part.columns == whole.columns
        assert part.scoring == whole.scoring
        assert part.arrow.schema == whole.arrow.schema
    joined = pa.concat_tables([part.arrow for part in parts])
    assert joined.num_rows == whole.arrow.num_rows
    together = DataTable.from_arrow(joined)
    for name in whole.names:
        for found in joined.column(name).chunks:
            if pa.types.is_dictionary(found.type):
                # In their order, which is what sorts them and numbers them.
                assert found.dictionary.equals(_one(whole, name).dictionary)
        assert _bits(_one(together, name)) == _bits(_one(whole, name))


def _one(table: DataTable, name: str) -> Any:
    column = table.arrow.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return column


def _bits(column: Any) -> Any:
    """Return values to compare: of numbers the bits, or 0.0 were -0.0."""
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        return np.where(np.isnan(values), np.nan, values).tobytes()
    return pd.Series(column.to_pylist(), dtype=object).tolist()
