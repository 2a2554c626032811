"""Clip Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.data_transformation._frames import free_name, numeric_columns, rebuilt, wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_UPPER = ("clip peaks", "clip peaks and subpeaks")
_LOWER = ("clip subpeaks", "clip peaks and subpeaks")


@module(
    "Clip Values",
    outputs=("results_dataset", "clipping_transformation"),
    keywords=("outlier", "limit", "winsorize", "cap", "threshold", "peaks"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
)
def clip_values(
    dataset: DataTable,
    *,
    mode: Annotated[
        Literal["clip peaks", "clip subpeaks", "clip peaks and subpeaks"],
        Field(title="Set of thresholds"),
    ] = "clip peaks",
    upper_threshold: Annotated[Literal["constant", "percentile"], When(mode=_UPPER)] = "constant",
    upper_constant: Annotated[
        float,
        Field(title="Constant of the upper threshold", allow_inf_nan=False),
        When(mode=_UPPER, upper_threshold="constant"),
    ] = 99.0,
    upper_percentile: Annotated[
        float,
        Field(title="Percentile of the upper threshold", ge=0, le=100),
        When(mode=_UPPER, upper_threshold="percentile"),
    ] = 99.0,
    upper_substitute: Annotated[
        Literal["threshold", "mean", "median", "missing"],
        Field(title="Substitute for peaks"),
        When(mode=_UPPER),
    ] = "threshold",
    lower_threshold: Annotated[Literal["constant", "percentile"], When(mode=_LOWER)] = "constant",
    lower_constant: Annotated[
        float,
        Field(title="Constant of the lower threshold", allow_inf_nan=False),
        When(mode=_LOWER, lower_threshold="constant"),
    ] = 1.0,
    lower_percentile: Annotated[
        float,
        Field(title="Percentile of the lower threshold", ge=0, le=100),
        When(mode=_LOWER, lower_threshold="percentile"),
    ] = 1.0,
    lower_substitute: Annotated[
        Literal["threshold", "mean", "median", "missing"],
        Field(title="Substitute for subpeaks"),
        When(mode=_LOWER),
    ] = "threshold",
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = ColumnSelector.types("numeric"),
    overwrite: Annotated[bool, Field(title="Overwrite the columns")] = True,
    indicator_columns: Annotated[bool, Field(title="Add indicator columns")] = False,
) -> tuple[DataTable, Transformation]:
    """Replace values above or below a threshold.

    For outliers that would pull a mean or a line towards them, and for infinite values.

    The thresholds go out as a transformation, so that new data is clipped at the same
    values.

    Parameters
    ----------
    dataset : DataTable
        A table with numbers.
    mode : str
        Clip what is too high (peaks), too low (subpeaks), or both.
    upper_threshold : str
        Whether the upper threshold is a number, or a percentile of each column.
    upper_constant : float
        Values above this are peaks.
    upper_percentile : float
        Values above this percentile of their column are peaks.
    upper_substitute : str
        What a peak becomes: the threshold, the mean or median of the column as it comes
        in, or missing.
    lower_threshold : str
        Whether the lower threshold is a number, or a percentile of each column.
    lower_constant : float
        Values below this are subpeaks.
    lower_percentile : float
        Values below this percentile of their column are subpeaks.
    lower_substitute : str
        What a subpeak becomes: the threshold, the mean or median, or missing.
    columns : ColumnSelector
        The numeric columns to clip, by default all.
    overwrite : bool
        Replace the columns; otherwise columns ``<name>_clipped`` are appended.
    indicator_columns : bool
        Append columns ``<name>_IsClipped`` that are true where a value was replaced.

    Returns
    -------
    results_dataset : DataTable
        The table with the values clipped.
    clipping_transformation : Transformation
        Clips new data at the same thresholds.

    Notes
    -----
    A value equal to a threshold is kept. Percentiles are those of ``numpy.percentile``
    (linear). Missing values stay missing. Infinite values are clipped too; percentiles, mean
    and median are taken over the others.

    Unlike in Azure ML designer, the clipping is output as a transformation; without it, an
    endpoint would compute new percentiles for each request. The upper and the lower threshold
    may be of different kinds.
    """
    names = numeric_columns(columns, dataset, "to clip")
    upper = (upper_threshold, upper_constant, upper_percentile, upper_substitute)
    lower = (lower_threshold, lower_constant, lower_percentile, lower_substitute)
    taken = list(dataset.names)
    learnt = []
    for name in names:
        values = dataset.frame[name].to_numpy("float64")
        entry: dict[str, Any] = {"column": name}
        entry["high"] = _limit(values, *upper) if mode in _UPPER else None
        entry["low"] = _limit(values, *lower) if mode in _LOWER else None
        _check_order(name, entry)
        entry["output"] = name if overwrite else free_name(f"{name}_clipped", taken)
        taken.append(entry["output"])
        entry["indicator"] = None
        if indicator_columns:
            entry["indicator"] = free_name(f"{name}_IsClipped", taken)
            taken.append(entry["indicator"])
        learnt.append(entry)
    clipping = Clipping(columns=learnt)
    return clipping.apply(dataset), clipping


@dataclass(frozen=True, eq=False)
class Clipping(Transformation):
    """The thresholds of Clip Values.

    Parameters
    ----------
    columns : list of dict
        ``column``, the name of its ``output`` and of its ``indicator`` (or None), and
        ``high`` and ``low``: threshold and substitute (None for missing), or None.
    """

    title: ClassVar[str] = "Clipping"

    columns: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with values clipped; see :class:`Transformation`."""
        table.require(learnt["column"] for learnt in self.columns)
        changed: dict[str, Any] = {}
        appended: dict[str, Any] = {}
        for learnt in self.columns:
            column = table.frame[learnt["column"]]
            if kind_of(column.dtype) not in ("integer", "number"):
                raise wrong_kind(
                    learnt["column"], kind_of(column.dtype), "the clipping needs numbers"
                )
            clipped, hit = _clipped(column.to_numpy(), learnt)
            target = changed if learnt["output"] == learnt["column"] else appended
            target[learnt["output"]] = clipped
            if learnt["indicator"] is not None:
                appended[learnt["indicator"]] = hit
        return table.with_frame(rebuilt(table.frame, changed=changed, appended=appended))

    def compile(self) -> RowFunction | None:
        """Return a row function."""

        def clip(row: Row) -> dict[str, Any]:
            result = dict(row)
            for learnt in self.columns:
                value = row[learnt["column"]]
                found, hit = value, False
                if value is not None:
                    if learnt["high"] and value > learnt["high"][0]:
                        found, hit = learnt["high"][1], True
                    elif learnt["low"] and value < learnt["low"][0]:
                        found, hit = learnt["low"][1], True
                result[learnt["output"]] = found
                if learnt["indicator"] is not None:
                    result[learnt["indicator"]] = hit
            return result

        return clip

    def describe(self) -> pd.DataFrame:
        """Return thresholds and substitutes, one row a column."""
        import pandas as pd

        rows = [
            (learnt["column"], *(learnt["high"] or (None, None)), *(learnt["low"] or (None, None)))
            for learnt in self.columns
        ]
        titles = ["Upper threshold", "Substitute for peaks"]
        titles += ["Lower threshold", "Substitute for subpeaks"]
        frame = pd.DataFrame(rows, columns=["Column", *titles])
        return frame.astype({"Column": "str"} | dict.fromkeys(titles, float))


def _limit(
    values: np.ndarray, kind: str, constant: float, percentile: float, substitute: str
) -> list[float | None] | None:
    """Return threshold and substitute; None for a column without values to compute them from."""
    import numpy as np

    known = values[np.isfinite(values)]
    if not len(known) and (kind == "percentile" or substitute in ("mean", "median")):
        return None
    threshold = float(constant if kind == "constant" else np.percentile(known, percentile))
    if substitute == "missing":
        return [threshold, None]
    if substitute == "threshold":
        return [threshold, threshold]
    return [threshold, float(known.mean() if substitute == "mean" else np.median(known))]


def _check_order(name: str, learnt: dict[str, Any]) -> None:
    high, low = learnt["high"], learnt["low"]
    if high and low and low[0] > high[0]:
        raise ModuleError(
            "bad-range",
            f"For column “{name}” the lower threshold {low[0]:g} is above the upper {high[0]:g}.",
            "Set the lower threshold to at most the upper.",
            parameter="lower_threshold",
            column=name,
        )


def _fits(value: float, dtype: np.dtype) -> bool:
    """Tell whether a number is a whole one that a type of whole numbers holds."""
    import numpy as np

    limits = np.iinfo(dtype)
    return bool(np.isfinite(value)) and value == int(value) and limits.min <= value <= limits.max


def _clipped(values: np.ndarray, learnt: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the values clipped, and where they were; whole numbers stay so if they can."""
    import numpy as np

    hit = np.zeros(len(values), dtype=bool)
    result = values
    # Both are found in the values as they came: a substitute is never clipped itself.
    for limit, compare in ((learnt["high"], np.greater), (learnt["low"], np.less)):
        if limit is None:
            continue
        beyond = compare(values, limit[0]) & ~hit
        if beyond.any():
            substitute = np.nan if limit[1] is None else limit[1]
            if result.dtype.kind in "iu" and not _fits(substitute, result.dtype):
                result = result.astype("float64")
            result = np.where(beyond, result.dtype.type(substitute), result)
            hit |= beyond
    return result, hit
