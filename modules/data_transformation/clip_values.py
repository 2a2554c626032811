"""Clip Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.code import CodeStep, literal
from modules.contract.value import Row, RowFunction
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import check_numbers, free_name, numeric_columns, rebuilt
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_UPPER = ("clip peaks", "clip peaks and subpeaks")
_LOWER = ("clip subpeaks", "clip peaks and subpeaks")


def _code(step: CodeStep) -> None:
    mode = step.value("mode")
    given = [step.columns("columns", "dataset")]
    for side, modes in (("upper", _UPPER), ("lower", _LOWER)):
        if mode in modes:
            kind = step.value(f"{side}_threshold")
            limit = (literal(kind), step.source(f"{side}_{kind}"))
            given.append(f"{side}=({', '.join(limit)}, {step.source(f'{side}_substitute')})")
    more = arguments(step, "overwrite", "indicator_columns")
    port = "clipping_transformation"
    write_fitted(step, fit_clipping, Clipping, port=port, given=", ".join(given) + more)


@module(
    "Clip Values",
    outputs=("results_dataset", "clipping_transformation"),
    keywords=("outlier", "limit", "winsorize", "cap", "threshold", "peaks"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
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

    Use it for outliers that distort means and linear models, and for infinite values.

    The thresholds are output as a transformation, so that new data is clipped at the same
    values.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    mode : str
        Clip values that are too high (peaks), too low (subpeaks), or both.
    upper_threshold : str
        Whether the upper threshold is a number, or a percentile of each column.
    upper_constant : float
        Values above this are peaks.
    upper_percentile : float
        Values above this percentile of their column are peaks.
    upper_substitute : str
        Replacement for peaks: the threshold, the mean or median of the input column, or
        missing.
    lower_threshold : str
        Whether the lower threshold is a number, or a percentile of each column.
    lower_constant : float
        Values below this are subpeaks.
    lower_percentile : float
        Values below this percentile of their column are subpeaks.
    lower_substitute : str
        Replacement for subpeaks: the threshold, the mean or median, or missing.
    columns : ColumnSelector
        The numeric columns to clip, by default all.
    overwrite : bool
        Replace the columns; otherwise columns ``<name>_clipped`` are appended.
    indicator_columns : bool
        Append columns ``<name>_IsClipped`` that are true for replaced values.

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
    and median are computed from the others.

    Unlike in Azure ML designer, the clipping is output as a transformation; without it, an
    endpoint would compute new percentiles for each request. The upper and the lower threshold
    may have different types.
    """
    names = numeric_columns(columns, dataset, "to clip")
    high = upper_constant if upper_threshold == "constant" else upper_percentile
    low = lower_constant if lower_threshold == "constant" else lower_percentile
    fitted = fit_clipping(
        dataset.frame,
        names,
        upper=(upper_threshold, high, upper_substitute) if mode in _UPPER else None,
        lower=(lower_threshold, low, lower_substitute) if mode in _LOWER else None,
        overwrite=overwrite,
        indicator_columns=indicator_columns,
    )
    clipping = Clipping(**fitted)
    return clipping.apply(dataset), clipping


def fit_clipping(
    frame: pd.DataFrame,
    names: list[str],
    *,
    upper: tuple[str, float, str] | None = None,
    lower: tuple[str, float, str] | None = None,
    overwrite: bool = True,
    indicator_columns: bool = False,
) -> dict[str, Any]:
    """Return threshold and substitute of each column.

    Parameters
    ----------
    upper, lower : tuple of (str, float, str), optional
        ``constant`` or ``percentile``, the number, and the substitute.
    """
    taken = list(frame.columns)
    fitted = []
    for name in names:
        values = frame[name].to_numpy("float64")
        entry: dict[str, Any] = {"column": name}
        entry["high"] = _limit(values, *upper) if upper else None
        entry["low"] = _limit(values, *lower) if lower else None
        _check_order(name, entry)
        entry["output"] = name if overwrite else free_name(f"{name}_clipped", taken)
        taken.append(entry["output"])
        entry["indicator"] = None
        if indicator_columns:
            entry["indicator"] = free_name(f"{name}_IsClipped", taken)
            taken.append(entry["indicator"])
        fitted.append(entry)
    return {"columns": fitted}


def clip(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with values clipped at the fitted thresholds."""
    import numpy as np

    changed: dict[str, Any] = {}
    appended: dict[str, Any] = {}
    for entry in fitted["columns"]:
        values = frame[entry["column"]].to_numpy()
        target = changed if entry["output"] == entry["column"] else appended
        target[entry["output"]] = _clipped(values, entry)
        if entry["indicator"] is not None:
            appended[entry["indicator"]] = np.logical_or(*_beyond(values, entry))
    return rebuilt(frame, changed=changed, appended=appended)


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
    on_frames = staticmethod(clip)

    columns: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with values clipped; see :class:`Transformation`."""
        check_numbers(table, (fitted["column"] for fitted in self.columns), "the clipping")
        return table.with_frame(clip(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function."""

        def clip(row: Row) -> dict[str, Any]:
            result = dict(row)
            for fitted in self.columns:
                value = row[fitted["column"]]
                found, hit = value, False
                if value is not None:
                    if fitted["high"] and value > fitted["high"][0]:
                        found, hit = fitted["high"][1], True
                    elif fitted["low"] and value < fitted["low"][0]:
                        found, hit = fitted["low"][1], True
                result[fitted["output"]] = found
                if fitted["indicator"] is not None:
                    result[fitted["indicator"]] = hit
            return result

        return clip

    def describe(self) -> pd.DataFrame:
        """Return thresholds and substitutes, one row per column."""
        import pandas as pd

        rows = [
            (fitted["column"], *(fitted["high"] or (None, None)), *(fitted["low"] or (None, None)))
            for fitted in self.columns
        ]
        titles = ["Upper threshold", "Substitute for peaks"]
        titles += ["Lower threshold", "Substitute for subpeaks"]
        frame = pd.DataFrame(rows, columns=["Column", *titles])
        return frame.astype({"Column": "str"} | dict.fromkeys(titles, float))


def _limit(
    values: np.ndarray, kind: str, number: float, substitute: str
) -> list[float | None] | None:
    """Return threshold and substitute; None if the column doesn't have any values."""
    import numpy as np

    if kind == "constant" and substitute in ("threshold", "missing"):
        return [number, number if substitute == "threshold" else None]
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    threshold = float(number if kind == "constant" else np.percentile(known, number))
    if substitute == "missing":
        return [threshold, None]
    if substitute == "threshold":
        return [threshold, threshold]
    return [threshold, float(known.mean() if substitute == "mean" else np.median(known))]


def _check_order(name: str, fitted: dict[str, Any]) -> None:
    high, low = fitted["high"], fitted["low"]
    if high and low and low[0] > high[0]:
        raise ModuleError(
            "bad-range",
            f"For column “{name}” the lower threshold {low[0]:g} is above the upper {high[0]:g}.",
            "Set the lower threshold to at most the upper one.",
            parameter="lower_threshold",
            column=name,
        )


def _fits(value: float, dtype: np.dtype) -> bool:
    """Return whether a number is an integer that an integer type can store."""
    import numpy as np

    limits = np.iinfo(dtype)
    return bool(np.isfinite(value)) and value == int(value) and limits.min <= value <= limits.max


def _clipped(values: np.ndarray, fitted: dict[str, Any]) -> np.ndarray:
    """Return the clipped values; integers stay integers if possible."""
    import numpy as np

    limits = [(fitted[side], bound) for side, bound in (("high", np.minimum), ("low", np.maximum))]
    limits = [(limit, bound) for limit, bound in limits if limit is not None]
    result = values
    if all(_is_bound(limit, values.dtype) for limit, _ in limits):
        # To choose value by value takes several times as long.
        for limit, bound in limits:
            result = bound(result, values.dtype.type(limit[0]))
        return result
    # Both are detected in the input values: a substitute is never clipped itself.
    for limit, beyond in zip((fitted["high"], fitted["low"]), _beyond(values, fitted), strict=True):
        if beyond.any():
            substitute = np.nan if limit[1] is None else limit[1]
            if result.dtype.kind in "iu" and not _fits(substitute, result.dtype):
                result = result.astype("float64")
            result = np.where(beyond, result.dtype.type(substitute), result)
    return result


def _is_bound(limit: list[float | None], dtype: np.dtype) -> bool:
    """Return whether values beyond a threshold become the threshold, in the same type.

    Not for 0, since of 0 and -0 the least and the greatest may be either.
    """
    import numpy as np

    threshold, substitute = limit
    if substitute is None or substitute != threshold or substitute == 0:
        return False
    if dtype.kind == "f":
        return bool(abs(substitute) <= np.finfo(dtype).max)
    return _fits(substitute, dtype)


def _beyond(values: np.ndarray, fitted: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return which values are above the upper threshold, and which below the lower."""
    import numpy as np

    high, low = fitted["high"], fitted["low"]
    nowhere = np.zeros(len(values), dtype=bool)
    above = nowhere if high is None else values > high[0]
    below = nowhere if low is None else (values < low[0]) & ~above
    return above, below
