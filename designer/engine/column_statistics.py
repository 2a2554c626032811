"""Statistics and small histograms of the columns of a stored table.

Pure functions from a folder to plain data, for a worker process. Everything comes
from one sort of a column, which is cheaper than computing each figure separately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.engine.stored_table import open_table
from modules.contract.data_table import DataTable

if TYPE_CHECKING:
    import numpy as np

BINS = 20
"""Bins of a histogram."""

BARS = 10
"""Bars of the small chart in a column's header, and values counted of a category."""


@dataclass(frozen=True)
class ColumnProfile:
    """Statistics of the values of a column.

    Parameters
    ----------
    kind, role : str
        As in :class:`modules.contract.columns.Column`.
    rows, missing, unique : int
        All rows, rows without a value, and different values besides missing ones.
    minimum, maximum, mean, median, lower_quartile, upper_quartile : float or None
        Of numbers, and of datetimes in seconds since 1970; None where undefined.
        Quartiles are interpolated linearly, as pandas does.
    deviation : float or None
        Standard deviation of a sample (divided by n - 1).
    edges, counts : tuple
        A histogram of the finite values: ``len(edges) == len(counts) + 1``; bins
        are closed on the left, the last one on both sides. Empty without values.
    top : tuple of (str, int)
        The most frequent values of a category or text with their counts, descending.
    bars : tuple of int
        At most :data:`BARS` counts for a small chart.
    """

    name: str
    kind: str
    role: str
    rows: int
    missing: int
    unique: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    median: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    deviation: float | None = None
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    bars: tuple[int, ...] = ()


def profile_table(folder: Path, names: Sequence[str] | None = None) -> list[ColumnProfile]:
    """Return the profiles of columns of a stored table.

    Parameters
    ----------
    names : sequence of str, optional
        Which columns; all by default.

    Raises
    ------
    ModuleError
        If the table can't be read.
    """
    stored = open_table(folder)
    wanted = None if names is None else set(names)
    return [
        _profile(stored, index)
        for index, column in enumerate(stored.columns)
        if wanted is None or column.name in wanted
    ]


def _profile(stored: DataTable, index: int) -> ColumnProfile:
    column = stored.columns[index]
    values = stored.arrow.column(index)
    known: dict[str, Any] = {
        "name": column.name,
        "kind": column.kind,
        "role": column.role,
        "rows": len(values),
    }
    if column.kind in ("integer", "number"):
        return ColumnProfile(**known, **_of_numbers(values, column.kind == "integer"))
    if column.kind == "datetime":
        return ColumnProfile(**known, **_of_moments(values))
    return ColumnProfile(**known, **_of_categories(values))


def _of_numbers(values: Any, whole: bool) -> dict[str, Any]:
    import numpy as np

    array = values.drop_null().to_numpy()
    if not whole:
        array = array.astype("float64", copy=False)
        array = array[~np.isnan(array)]
    return {"missing": len(values) - len(array)} | _of_array(np.sort(array), whole)


def _of_moments(values: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    moments = values.drop_null().cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_numpy()
    seconds = np.sort(moments) / 1e6
    return {"missing": len(values) - len(seconds)} | _of_array(seconds, False)


def _of_array(ordered: np.ndarray, whole: bool) -> dict[str, Any]:
    """Return the figures of sorted values that are all there."""
    import numpy as np

    count = len(ordered)
    if not count:
        return {"unique": 0}
    edges, counts = _histogram(ordered, whole)
    with np.errstate(invalid="ignore", over="ignore"):
        lower, median, upper = np.quantile(ordered, (0.25, 0.5, 0.75))
        deviation = float(np.std(ordered, ddof=1, dtype="float64")) if count > 1 else None
        mean = float(np.mean(ordered, dtype="float64"))
    return {
        "unique": 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1])),
        "minimum": ordered[0].item(),
        "maximum": ordered[-1].item(),
        "mean": mean,
        "median": float(median),
        "lower_quartile": float(lower),
        "upper_quartile": float(upper),
        "deviation": deviation,
        "edges": tuple(edges),
        "counts": tuple(counts),
        "bars": _merged(counts),
    }


def _histogram(ordered: np.ndarray, whole: bool) -> tuple[list[float], list[int]]:
    import numpy as np

    if not whole:
        ordered = ordered[np.isfinite(ordered)]
    if not len(ordered):
        return [], []
    low, high = ordered[0].item(), ordered[-1].item()
    if whole and high - low < BINS:
        # One bin for each integer, or the gaps between them would show as valleys.
        edges = np.arange(low, high + 2) - 0.5
    elif low == high:
        return [low, high], [len(ordered)]
    else:
        share = np.linspace(0, 1, BINS + 1)
        edges = low * (1 - share) + high * share
        edges[-1] = high
    bounds = np.searchsorted(ordered, edges, side="left")
    bounds[-1] = len(ordered)
    return edges.tolist(), np.diff(bounds).tolist()


def _merged(counts: list[int]) -> tuple[int, ...]:
    if len(counts) <= BARS:
        return tuple(counts)
    return tuple(sum(counts[start : start + 2]) for start in range(0, len(counts), 2))


def _of_categories(values: Any) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.types as kinds

    coded = values if kinds.is_dictionary(values.type) else values.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], values.type)
    if kinds.is_dictionary(coded.type):
        codes, labels = coded.indices, coded.dictionary
    else:
        codes, labels = coded, coded
    there = codes.drop_null().to_numpy(zero_copy_only=False)
    counts = np.bincount(there, minlength=len(labels)) if len(there) else np.zeros(0, int)
    # Stable, so that equal counts keep the order in which the values appear.
    order = np.argsort(-counts, kind="stable")[:BARS]
    top = tuple(
        (_text(labels[int(index)].as_py()), int(counts[index])) for index in order if counts[index]
    )
    return {
        "missing": len(values) - len(there),
        "unique": int(np.count_nonzero(counts)),
        "top": top,
        "bars": tuple(count for _, count in top),
    }


def _text(value: Any) -> str:
    return str(value)[:200]
