"""Columns of a table as numbers, and as groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from modules.contract.columns import NUMERIC
from modules.contract.data_table import DataTable

if TYPE_CHECKING:
    import numpy as np

OTHERS = "(others)"
MISSING = "(missing)"

_FEW = 10
"""Different numbers up to which each is a group; more are cut into ranges of as many rows."""

_RANGES = 5


Choice = tuple[Literal["in", "not in", "between"], tuple[Any, ...]]
"""A condition on a column: the values that rows have, or don't have, or the ends of a range, both
included. None is a missing value."""


@dataclass(frozen=True)
class Groups:
    """The rows of a table by the values of a column.

    Parameters
    ----------
    codes : numpy.ndarray or None
        For each row the index of its name; None if all rows are one group.
    names : tuple of str
    ordered : bool
        They are ranges of numbers.
    choices : tuple of Choice
        For each group the condition that its rows meet.
    """

    codes: np.ndarray | None
    names: tuple[str, ...] = ("",)
    ordered: bool = False
    choices: tuple[Choice, ...] = ()

    def rows_of(self, group: int) -> Any:
        """Return what selects a group's rows from an array."""
        return slice(None) if self.codes is None else self.codes == group


def numbers(table: DataTable, name: str) -> np.ndarray:
    """Return a column as floating point numbers; NaN where it has none.

    Dates become seconds since 1970.
    """
    import numpy as np
    import pyarrow as pa

    kinds = {column.name: column.kind for column in table.columns}
    values = table.arrow.column(name)
    if kinds[name] == "datetime":
        moments = values.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        seconds = moments.cast(pa.float64(), safe=False).to_numpy() / 1e6
        return np.asarray(seconds, dtype="float64")
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), dtype="float64")


def groups(table: DataTable, name: str, most: int) -> Groups:
    """Return the rows by the values of a column; one group without a name.

    Numbers with many values are cut at their quintiles. Of other values the most frequent
    ``most - 1`` have a group each, categories in their order; all others are together.
    """
    import numpy as np

    if not name:
        return Groups(None)
    kinds = {column.name: column.kind for column in table.columns}
    if kinds[name] in (*NUMERIC, "datetime"):
        found = _of_numbers(numbers(table, name), kinds[name])
        if found is not None:
            return found
    codes, labels, values = _coded(table, name)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    present = np.flatnonzero(counts)
    kept = present
    if len(present) > most:
        frequent = present[np.argsort(-counts[present], kind="stable")][: most - 1]
        kept = np.sort(frequent)
    order = kept.tolist()
    if kinds[name] != "categorical":
        order.sort(key=lambda code: _sort_key(values[code]))
    names = [labels[code] for code in order]
    chosen: list[Choice] = [("in", (values[code],)) for code in order]
    new = np.full(len(labels) + 1, len(order), dtype="int32")
    new[order] = np.arange(len(order))
    rest = len(kept) < len(present)
    if rest:
        names.append(OTHERS)
        chosen.append(("not in", (*(values[code] for code in order), None)))
    missing = bool((codes < 0).any())
    new[-1] = len(names)
    if missing:
        names.append(MISSING)
        chosen.append(("in", (None,)))
    if not names:
        return Groups(None)
    return Groups(new[codes], tuple(names), choices=tuple(chosen))


def _of_numbers(values: np.ndarray, kind: str) -> Groups | None:
    """Return numbers cut at their quintiles; None if each may be a group."""
    import numpy as np

    finite = np.isfinite(values)
    known = values[finite]
    sample = np.unique(known[:: max(1, len(known) // 10_000)])
    if len(sample) <= _FEW and len(np.unique(known)) <= _FEW:
        return None
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _RANGES + 1)))
    codes = np.searchsorted(edges[1:-1], values, side="left").astype("int32")
    ends = [(edges[at].item(), edges[at + 1].item()) for at in range(len(edges) - 1)]
    names = [f"{moment(a)} to {moment(b)}" if kind == "datetime" else f"{a:.4g} to {b:.4g}"
             for a, b in ends]  # fmt: skip
    # A value at an edge is in the lower range.
    chosen: list[Choice] = [
        ("between", (float(np.nextafter(low, np.inf)) if number else low, high))
        for number, (low, high) in enumerate(ends)
    ]
    if not finite.all():
        codes[~finite] = len(names)
        names.append(MISSING)
        chosen.append(("in", (None,)))
    return Groups(codes, tuple(names), True, tuple(chosen))


def moment(seconds: float) -> str:
    """Return seconds since 1970 as a date."""
    import numpy as np

    return str(np.datetime64(round(seconds), "s"))[:10]


def _coded(table: DataTable, name: str) -> tuple[np.ndarray, list[str], list[Any]]:
    """Return a code for each row, -1 where it has no value, with the values' texts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = table.arrow.column(name)
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else None
    if coded is None or not pa.types.is_dictionary(coded.type):
        return np.full(len(values), -1, dtype="int32"), [], []
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int32", copy=False)
    found = coded.dictionary.to_pylist()
    return codes, [_text(value) for value in found], found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(str(value).split())[:80]


def _sort_key(value: Any) -> tuple[int, Any, str]:
    number = isinstance(value, (int, float))
    return (0 if number else 1, value if number else 0, "" if number else str(value))
