"""Join Data for one row: look up rows of a fixed right table by their key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ExampleStep, RowForm, RowStep
from modules.contract.value import Row
from modules.tables.keys import KEY_READERS, folded, row_kind

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 500_000
"""Maximum number of values of a right table in the compiled form."""


def _make(step: ExampleStep) -> dict[str, Any] | str:
    """Return a join with a fixed right table as plain JSON.

    It isn't possible if one row may produce several rows: the key repeats in the right
    table, or the join includes unmatched right rows. Nor if a lookup would compare the
    types of the keys differently, or the table is too large.
    """
    left, right = step.inputs["left_dataset"], step.inputs["right_dataset"]
    arguments, names = step.arguments, step.result.names
    how = arguments["join_type"]
    lefts = arguments["left_keys"].resolve(left.columns)
    rights = arguments["right_keys"].resolve(right.columns)
    given = [name for name in right.names if arguments["keep_right_keys"] or name not in rights]
    given = [] if how == "left semi" else given
    if how == "full outer":
        return "a full outer join also outputs rows that aren't in the request"
    if len(right) * (len(rights) + len(given)) > MOST_CELLS:
        return f"the right table has more than {MOST_CELLS:,} values"
    kinds = []
    for one, two in zip(lefts, rights, strict=True):
        kind = row_kind(left.frame[one], right.frame[two])
        if kind is None:
            return f"the keys “{one}” and “{two}” can't be looked up row by row"
        kinds.append(kind if arguments["match_case"] else folded(kind))
    keys = [_plain(right.frame[name]) for name in rights]
    values = [_plain(right.frame[name]) for name in given]
    readers = [KEY_READERS[kind] for kind in kinds]
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for index in range(len(right)):
        parts = [column[index] for column in keys]
        if any(part is None for part in parts):
            continue
        key = tuple(read(part) for read, part in zip(readers, parts, strict=True))
        if key in rows and how != "left semi":
            return "a key repeats in the right table"
        rows[key] = [*parts, *(column[index] for column in values)]
    if any(_is_infinite(value) for row in rows.values() for value in row):
        return "the right table has infinite numbers"
    moments = [name for name in given if getattr(right.frame[name].dtype, "kind", "") == "M"]
    return {
        "type": how,
        "keys": lefts,
        "kinds": kinds,
        "names": names[len(left.names) :] if given else [],
        "moments": [index for index, name in enumerate(given) if name in moments],
        "rows": list(rows.values()),
    }


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    """Return the join function: a row with more columns, or None for no row."""
    keys, count = form["keys"], len(form["keys"])
    readers = [KEY_READERS[kind] for kind in form["kinds"]]
    names, moments = form["names"], frozenset(form["moments"])
    pairs = list(zip(keys, readers, strict=True))
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in form["rows"]:
        key = tuple(read(part) for read, part in zip(readers, row[:count], strict=True))
        values = [
            datetime.fromisoformat(value) if index in moments and value is not None else value
            for index, value in enumerate(row[count:])
        ]
        known[key] = dict(zip(names, values, strict=True))
    nothing = dict.fromkeys(names) if form["type"] == "left outer" else None

    def join(row: Row) -> dict[str, Any] | None:
        parts = []
        for name, read in pairs:
            value = row[name]
            if value is None or value != value:
                # A missing key doesn't match anything.
                return None if nothing is None else {**row, **nothing}
            parts.append(read(value))
        found = known.get(tuple(parts), nothing)
        return None if found is None else {**row, **found}

    return join


JOIN_ROWS = RowForm(_make, _load, fixed=("right_dataset",))


def _plain(column: pd.Series) -> list[Any]:
    from modules.requests.tables import plain_values

    return plain_values(column)


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and value in (float("inf"), float("-inf"))
