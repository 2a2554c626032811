"""Lookup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    ModuleError,
    RowForm,
    RowStep,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.contract.value import Row
from modules.tables.fitted_code import arguments
from modules.tables.frames import (
    free_name,
    shown,
    warn_of_lost_digits,
    with_missing_booleans,
    without_categories,
)
from modules.tables.keys import KEY_READERS, folded, key_codes, row_kind
from modules.tables.typed_text import moment_of, read_value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_CELLS = 500_000
"""Maximum number of values of a lookup table in the compiled form."""


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    table, lookup_table = step.inputs["dataset"], step.inputs["lookup_table"]
    given = step.arguments
    keys, lookup_keys, names = _names(table, lookup_table, given)
    if len(lookup_table) * (len(keys) + len(names)) > MOST_CELLS:
        return f"the lookup table has more than {MOST_CELLS:,} values"
    kinds = []
    for key, lookup_key in zip(keys, lookup_keys, strict=True):
        kind = row_kind(table.frame[key], lookup_table.frame[lookup_key])
        if kind is None:
            return f"the keys “{key}” and “{lookup_key}” can't be looked up row by row"
        kinds.append(kind if given["match_case"] else folded(kind))
    found = chosen_rows(
        table.frame.head(0), lookup_table.frame, keys, lookup_keys,
        given["match_case"], given["when_repeated"],
    )  # fmt: skip
    rows = lookup_table.frame.take(found[found >= 0])
    columns = [_plain(rows[name]) for name in [*lookup_keys, *names]]
    if any(value in (float("inf"), float("-inf")) for each in columns for value in each):
        return "the lookup table has infinite numbers"
    defaults = [default_of(lookup_table.frame[name], given["default"]) for name in names]
    if any(getattr(lookup_table.frame[name].dtype, "tz", None) is not None for name in names):
        return "dates with a time zone are looked up in tables"
    outputs = step.result.names[len(table.names) :]
    return {
        "keys": keys,
        "kinds": kinds,
        "outputs": outputs,
        "dates": [kind_of(lookup_table.frame[name].dtype) == "datetime" for name in names],
        "defaults": [each.isoformat() if hasattr(each, "isoformat") else each for each in defaults],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    keys, outputs, count = form["keys"], form["outputs"], len(form["keys"])
    readers = [KEY_READERS[kind] for kind in form["kinds"]]

    def values_of(values: list[Any]) -> dict[str, Any]:
        return {
            output: datetime.fromisoformat(value) if date and value is not None else value
            for output, date, value in zip(outputs, form["dates"], values, strict=True)
        }

    known = {
        tuple(read(part) for read, part in zip(readers, row[:count], strict=True)): values_of(
            row[count:]
        )
        for row in form["rows"]
    }
    nothing = values_of(form["defaults"])

    def look_up(row: Row) -> dict[str, Any]:
        parts = [row[name] for name in keys]
        if any(part is None or part != part for part in parts):
            return {**row, **nothing}
        key = tuple(read(part) for read, part in zip(readers, parts, strict=True))
        return {**row, **known.get(key, nothing)}

    return look_up


def _code(step: CodeStep) -> None:
    frames = f"{step.inputs['dataset']}, {step.inputs['lookup_table']}"
    keys = f"{step.columns('keys', 'dataset')}, {step.columns('lookup_keys', 'lookup_table')}"
    names = step.columns("columns", "lookup_table") if step.is_given("columns") else "None"
    more = arguments(step, "when_repeated", "default", "match_case")
    step.write(f"{step.outputs[0]} = {step.helper(looked_up)}({frames}, {keys}, {names}{more})")


@module(
    "Lookup",
    outputs=("results_dataset",),
    keywords=(
        "vlookup",
        "xlookup",
        "map values",
        "dictionary",
        "enrich",
        "reference table",
        "join",
    ),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form, fixed=("lookup_table",)),
    code=_code,
)
def lookup(
    dataset: DataTable,
    lookup_table: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Key columns"), Columns(of="dataset")],
    lookup_keys: Annotated[
        ColumnSelector, Field(title="Key columns of the lookup table"), Columns(of="lookup_table")
    ],
    columns: Annotated[
        ColumnSelector, Field(title="Columns to add"), Columns(of="lookup_table")
    ] = ColumnSelector(),
    when_repeated: Annotated[
        Literal["first", "last", "error"], Field(title="If a key repeats")
    ] = "first",
    default: Annotated[str, Field(title="Value if nothing matches")] = "",
    match_case: bool = True,
) -> DataTable:
    """Add columns of another table to each row, found by a key.

    Every row stays, once: unlike Join Data, it never repeats or drops rows.

    Parameters
    ----------
    dataset : DataTable
        The rows.
    lookup_table : DataTable
        The table in which their keys are looked up.
    keys : ColumnSelector
        The key columns of the rows.
    lookup_keys : ColumnSelector
        The key columns of the lookup table, the same number, paired in order.
    columns : ColumnSelector
        The columns to add; empty for all but the keys.
    when_repeated : str
        Which row counts if several in the lookup table have the same key. Repeated keys are
        reported.
    default : str
        The value of the new columns if no key matches; empty for a missing value.
    match_case : bool
        Compare texts case-sensitively.

    Returns
    -------
    results_dataset : DataTable
        The rows in their order, with the new columns.

    Notes
    -----
    A missing key doesn't match anything. Integer and number keys match by value: 5 and 5.0 are
    equal. If the dataset has a column of the same name, a number is appended to the new one.
    """
    given = {"keys": keys, "lookup_keys": lookup_keys, "columns": columns}
    left, right, names = _names(dataset, lookup_table, given)
    frame = looked_up(
        dataset.frame,
        lookup_table.frame,
        left,
        right,
        names,
        when_repeated=when_repeated,
        default=default,
        match_case=match_case,
    )
    added = dict(zip(names, list(frame.columns)[len(dataset.names) :], strict=True))
    roles = {added[name]: role for name, role in lookup_table.roles.items() if name in added}
    return DataTable(frame, {**roles, **dataset.roles}, dataset.scoring)


def _names(
    table: DataTable, lookup_table: DataTable, given: Mapping[str, Any]
) -> tuple[list[str], list[str], list[str]]:
    """Return the keys on both sides and the columns to add."""
    keys = given["keys"].resolve(table.columns, parameter="keys")
    lookup_keys = given["lookup_keys"].resolve(lookup_table.columns, parameter="lookup_keys")
    if len(keys) != len(lookup_keys):
        raise ModuleError(
            "keys-do-not-match",
            f"{len(keys)} key columns are selected, {len(lookup_keys)} in the lookup table.",
            "Choose the same number on both sides; they are paired in order.",
            parameter="lookup_keys",
        )
    names = given["columns"].resolve(lookup_table.columns, parameter="columns", allow_empty=True)
    if given["columns"].is_empty:
        names = [name for name in lookup_table.names if name not in lookup_keys]
    return keys, lookup_keys, names


def looked_up(
    frame: pd.DataFrame,
    table: pd.DataFrame,
    keys: list[str],
    lookup_keys: list[str],
    names: list[str] | None,
    *,
    when_repeated: str = "first",
    default: str = "",
    match_case: bool = True,
) -> pd.DataFrame:
    """Return a frame with columns of another one, from the row that has the same key."""
    import pandas as pd

    if names is None:
        names = [name for name in table.columns if name not in lookup_keys]
    rows = matching_rows(frame, table, keys, lookup_keys, match_case, when_repeated)
    added, taken = {}, set(frame.columns)
    for name in names:
        output = free_name(name, taken)
        taken.add(output)
        added[output] = values_at(table[name], rows, default)
    more = pd.DataFrame(added, index=frame.index)
    return pd.concat([frame, more], axis=1)


def matching_rows(
    frame: pd.DataFrame,
    table: pd.DataFrame,
    keys: list[str],
    lookup_keys: list[str],
    match_case: bool,
    when_repeated: str,
) -> np.ndarray:
    """Return the row of the lookup table for each row; -1 for none."""
    import numpy as np

    pairs = list(zip(keys, lookup_keys, strict=True))
    wanted, known = key_codes(frame, table, pairs, match_case, "lookup_keys")
    places = np.flatnonzero(known >= 0)
    _check_repeated(table, lookup_keys, known, places, when_repeated)
    if when_repeated == "first":
        places = places[::-1]
    position = np.full(max(int(wanted.max(initial=0)), int(known.max(initial=0))) + 1, -1)
    # Of several the last one stays.
    position[known[places]] = places
    found: np.ndarray = np.where(wanted >= 0, position[wanted], -1)
    return found


def chosen_rows(
    frame: pd.DataFrame,
    table: pd.DataFrame,
    keys: list[str],
    lookup_keys: list[str],
    match_case: bool,
    when_repeated: str,
) -> np.ndarray:
    """Return the rows of the lookup table that can be found."""
    import numpy as np

    _, known = key_codes(
        frame, table, list(zip(keys, lookup_keys, strict=True)), match_case, "lookup_keys"
    )
    places = np.flatnonzero(known >= 0)
    if when_repeated != "last":
        places = places[::-1]
    last = dict(zip(known[places].tolist(), places.tolist(), strict=True))
    return np.array(sorted(last.values()), dtype="int64")


def _check_repeated(
    table: pd.DataFrame, names: list[str], known: np.ndarray, places: np.ndarray, action: str
) -> None:
    import numpy as np

    counts = np.bincount(known[places]) if len(places) else np.zeros(0, dtype="int64")
    repeated = np.flatnonzero(counts > 1)
    if not len(repeated):
        return
    row = int(places[known[places] == repeated[0]][0])
    example = ", ".join(f"“{shown(table[name].iloc[row])}”" for name in names)
    where = ", ".join(f"“{name}”" for name in names)
    count = len(repeated)
    message = (
        f"{count:,} key{' repeats' if count == 1 else 's repeat'} in the lookup table, for example "
        f"{example} of {where}"
    )
    if action == "error":
        raise ModuleError(
            "key-repeats",
            f"{message}.",
            "Remove duplicate rows, choose more key columns, or use the first or last row.",
            parameter="lookup_keys",
            column=names[0],
        )
    warn(f"{message}. The {action} row of each is used.")


def values_at(column: pd.Series, rows: np.ndarray, default: str) -> Any:
    """Return the values in rows, the default for -1."""
    import numpy as np
    import pandas as pd

    absent = rows < 0
    if not absent.any():
        return column.take(rows).array
    if default == "":
        if column.dtype.kind in "iu":
            warn_of_lost_digits(str(column.name), column)
        column = with_missing_booleans(column.to_frame()).iloc[:, 0]
        return column.reset_index(drop=True).reindex(rows).array
    value = default_of(column, default)
    plain = without_categories(column)
    if not len(plain):
        return pd.Series([value] * len(rows), dtype=plain.dtype).array
    taken = plain.take(np.where(absent, 0, rows)).reset_index(drop=True)
    taken[absent] = value
    return taken.array


def default_of(column: pd.Series, text: str) -> Any:
    """Return the default as a value of a column; None if there is none."""
    if text == "":
        return None
    plain = without_categories(column)
    kind = kind_of(plain.dtype)
    value = read_value(kind, text)
    if value is None:
        raise ModuleError(
            "bad-value",
            f"Column “{column.name}” contains {KIND_LABELS[kind]}, which “{text}” isn't.",
            "Enter a value of the same type, or add only columns that it fits.",
            parameter="default",
            column=str(column.name),
        )
    return moment_of(plain, value) if kind == "datetime" else value


def _plain(column: pd.Series) -> list[Any]:
    from modules.requests.tables import plain_values

    return plain_values(column)
