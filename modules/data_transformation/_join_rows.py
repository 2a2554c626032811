"""Join Data for one row: the rows of a fixed right table are looked up by their key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ExampleStep, RowForm, RowStep
from modules.contract.value import Row

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 500_000
"""Values of the right table up to which it becomes part of the compiled form."""

_NUMERIC = frozenset(("integer", "number", "boolean"))


def _make(step: ExampleStep) -> dict[str, Any] | str:
    """Return a join with a fixed right table as plain JSON.

    There is none where one row does not become one row or none: the key repeats in the right
    table, or rows of the right table alone are asked for. Also where keys are of types that a
    look-up would compare in another way, or the table is too large.
    """
    left, right = step.inputs["left_dataset"], step.inputs["right_dataset"]
    arguments, names = step.arguments, step.result.names
    how = arguments["join_type"]
    lefts = arguments["left_keys"].resolve(left.columns)
    rights = arguments["right_keys"].resolve(right.columns)
    given = [name for name in right.names if arguments["keep_right_keys"] or name not in rights]
    given = [] if how == "left semi" else given
    if how == "full outer":
        return "a full outer join also has rows that aren't in the request"
    if len(right) * (len(rights) + len(given)) > MOST_CELLS:
        return f"the right table has more than {MOST_CELLS:,} values"
    kinds = []
    for one, two in zip(lefts, rights, strict=True):
        kind = _common_kind(left.frame[one], right.frame[two])
        if kind is None:
            return f"the keys “{one}” and “{two}” can't be looked up row by row"
        kinds.append(_folded(kind) if not arguments["match_case"] else kind)
    keys = [_plain(right.frame[name]) for name in rights]
    values = [_plain(right.frame[name]) for name in given]
    readers = [_KEYS[kind] for kind in kinds]
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for place in range(len(right)):
        parts = [column[place] for column in keys]
        if any(part is None for part in parts):
            continue
        key = tuple(read(part) for read, part in zip(readers, parts, strict=True))
        if key in rows and how != "left semi":
            return "a key repeats in the right table"
        rows[key] = [*parts, *(column[place] for column in values)]
    if any(_is_infinite(value) for row in rows.values() for value in row):
        return "the right table has infinite numbers"
    moments = [name for name in given if getattr(right.frame[name].dtype, "kind", "") == "M"]
    return {
        "type": how,
        "keys": lefts,
        "kinds": kinds,
        "names": names[len(left.names) :] if given else [],
        "moments": [place for place, name in enumerate(given) if name in moments],
        "rows": list(rows.values()),
    }


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    """Return the function of a join: a row with more columns, or None for no row."""
    keys, count = form["keys"], len(form["keys"])
    readers = [_KEYS[kind] for kind in form["kinds"]]
    names, moments = form["names"], frozenset(form["moments"])
    pairs = list(zip(keys, readers, strict=True))
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in form["rows"]:
        key = tuple(read(part) for read, part in zip(readers, row[:count], strict=True))
        values = [
            datetime.fromisoformat(value) if place in moments and value is not None else value
            for place, value in enumerate(row[count:])
        ]
        known[key] = dict(zip(names, values, strict=True))
    nothing = dict.fromkeys(names) if form["type"] == "left outer" else None

    def join(row: Row) -> dict[str, Any] | None:
        parts = []
        for name, read in pairs:
            value = row[name]
            if value is None or value != value:
                # A missing key matches nothing.
                return None if nothing is None else {**row, **nothing}
            parts.append(read(value))
        found = known.get(tuple(parts), nothing)
        return None if found is None else {**row, **found}

    return join


JOIN_ROWS = RowForm(_make, _load, fixed=("right_dataset",))


def _common_kind(left: pd.Series, right: pd.Series) -> str | None:
    """Return how the values of two key columns are compared; None if not by a look-up."""
    import pandas as pd

    from modules.contract.data_table import kind_of

    kinds = []
    for column in (left, right):
        if column.isna().all():
            # Such a column has no type of its own, and a request may give it one.
            return None
        dtype: Any = column.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = dtype.categories.dtype
        if getattr(dtype, "tz", None) is not None:
            return None
        kinds.append(kind_of(dtype))
    if kinds[0] != kinds[1]:
        return "number" if set(kinds) <= _NUMERIC else None
    return kinds[0] if kinds[0] in _KEYS else None


def _folded(kind: str) -> str:
    return "folded" if kind == "string" else kind


def _plain(column: pd.Series) -> list[Any]:
    from modules.requests.tables import plain_values

    return plain_values(column)


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and value in (float("inf"), float("-inf"))


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _same(value: Any) -> Any:
    return value


_KEYS: dict[str, Callable[[Any], Any]] = {
    "string": _same,
    "folded": str.casefold,
    "integer": _same,
    "number": _same,
    "boolean": _same,
    "datetime": _moment,
}
"""How a value becomes part of a key, by the kind that both sides are compared in. Numbers of
all types are equal by value in Python, as they are in Join Data."""
