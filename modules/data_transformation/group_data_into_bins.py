"""Group Data into Bins."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Needed,
    Numbers,
    Serving,
    When,
    module,
)
from modules.contract.code import CodeStep, literal
from modules.contract.value import Row, RowFunction
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import (
    check_numbers,
    free_name,
    numeric_columns,
    rebuilt,
    shown,
)
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


_HALF = 8e307


def _code(step: CodeStep) -> None:
    mode = step.value("mode")
    given = step.columns("columns", "dataset")
    if mode == "custom edges":
        given += f", edges={literal(_custom_edges(step.value('edges')))}"
    else:
        given += arguments(step, "mode", "number_of_bins", "quantile_normalization")
    given += arguments(step, "output_mode", "categorical")
    write_fitted(step, fit_bins, Binning, port="binning_transformation", given=given)


@module(
    "Group Data into Bins",
    outputs=("quantized_dataset", "binning_transformation"),
    keywords=(
        "bin",
        "quantize",
        "discretize",
        "bucket",
        "quantile",
        "histogram",
        "cut",
        "binning",
        "numeric binner",
    ),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def group_data_into_bins(
    dataset: DataTable,
    *,
    mode: Annotated[
        Literal["quantiles", "equal width", "custom edges"], Field(title="Binning mode")
    ] = "quantiles",
    number_of_bins: Annotated[
        int, Field(ge=1, le=100_000), When(mode=("quantiles", "equal width"))
    ] = 10,
    quantile_normalization: Annotated[
        Literal["percent", "p-quantile", "quantile index"], When(mode="quantiles")
    ] = "percent",
    edges: Annotated[
        str, Field(title="Bin edges"), Needed(), Numbers(), When(mode="custom edges")
    ] = "",
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to bin"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = ColumnSelector.types("numeric"),
    output_mode: Literal["append", "in place", "result only"] = "append",
    categorical: Annotated[bool, Field(title="Tag columns as categorical")] = True,
) -> tuple[DataTable, Transformation]:
    """Group numbers into bins.

    Use it for age groups and price ranges, and for nonlinear effects in linear models.

    The bin edges are output as a transformation, so that new data is grouped into the same
    bins.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    mode : str
        Bins with equal numbers of rows, of equal width, or between custom edges.
    number_of_bins : int
        Number of bins per column.
    quantile_normalization : str
        How to show quantile bins: as a percentage, as a fraction between 0 and 1, or as an
        index.
    edges : str
        The edges in ascending order, separated by commas. Each is the lower boundary of a
        bin, so that k edges make k + 1 bins.
    columns : ColumnSelector
        The numeric columns to bin, by default all.
    output_mode : str
        Append columns ``<name>_quantized``, replace the columns, or output only the bins.
    categorical : bool
        Mark the bins as categorical; otherwise they are numbers.

    Returns
    -------
    quantized_dataset : DataTable
        The table with the bins.
    binning_transformation : Transformation
        Groups new data into the same bins.

    Notes
    -----
    Bins are numbered from 1. With the inner edges ``e``, a value x is in the bin
    ``1 + (number of edges <= x)``, as in ``numpy.digitize(x, e)``. The inner edges of n
    quantiles are ``numpy.quantile(x, k / n)``, k = 1 ... n-1; those of equal width are
    ``min + k (max - min) / n``. Bin k of n quantiles is shown as ``100 k / n``, ``k / n``
    or ``k``. If many rows have the same value, edges coincide and some bins are empty.
    Missing values stay missing. New values beyond the outer bins are assigned to those.

    By default every numeric column is binned; exclude a numeric label.
    """
    names = numeric_columns(columns, dataset, "to bin")
    fitted = fit_bins(
        dataset.frame,
        names,
        mode=mode,
        number_of_bins=number_of_bins,
        quantile_normalization=quantile_normalization,
        edges=_custom_edges(edges) if mode == "custom edges" else None,
        output_mode=output_mode,
        categorical=categorical,
    )
    binning = Binning(**fitted)
    return binning.apply(dataset), binning


def fit_bins(
    frame: pd.DataFrame,
    names: list[str],
    *,
    mode: str = "quantiles",
    number_of_bins: int = 10,
    quantile_normalization: str = "percent",
    edges: list[float] | None = None,
    output_mode: str = "append",
    categorical: bool = True,
) -> dict[str, Any]:
    """Return the edges and bins of each column.

    Parameters
    ----------
    edges : list of float, optional
        Custom edges for all columns.
    """
    taken = list(frame.columns)
    fitted = []
    for name in names:
        inner = edges or _edges(name, frame[name], mode, number_of_bins)
        count = len(inner) + 1
        divisor, factor = 1, 1
        if mode == "quantiles" and not edges and quantile_normalization != "quantile index":
            divisor, factor = count, 100 if quantile_normalization == "percent" else 1
        output = name
        if output_mode == "append":
            output = free_name(f"{name}_quantized", taken)
            taken.append(output)
        numbers: list[float] = [bin * factor / divisor for bin in range(1, count + 1)]
        if divisor == 1:
            numbers = [int(number) for number in numbers]
        fitted.append({"column": name, "output": output, "edges": inner, "bins": numbers})
    return {"columns": fitted, "output_mode": output_mode, "categorical": categorical}


def group_into_bins(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the fitted bins of its numbers."""
    results = {
        entry["output"]: _binned(
            frame[entry["column"]].to_numpy("float64"), entry, fitted["categorical"]
        )
        for entry in fitted["columns"]
    }
    if fitted["output_mode"] == "in place":
        return rebuilt(frame, changed=results)
    dropped = list(frame.columns) if fitted["output_mode"] == "result only" else []
    return rebuilt(frame, dropped=dropped, appended=results)


def _binned(values: np.ndarray, fitted: Mapping[str, Any], categorical: bool) -> Any:
    import numpy as np
    import pandas as pd

    missing = np.isnan(values)
    indices = np.searchsorted(np.asarray(fitted["edges"], dtype=float), values, side="right")
    if categorical:
        indices[missing] = -1
        return pd.Categorical.from_codes(indices, categories=fitted["bins"], ordered=False)
    bins = np.asarray(fitted["bins"])
    if not missing.any():
        return bins[indices]
    indices[missing] = 0
    return np.where(missing, np.nan, bins[indices])


@dataclass(frozen=True, eq=False)
class Binning(Transformation):
    """The bins of Group Data into Bins.

    Parameters
    ----------
    columns : list of dict
        ``column``, the name of its ``output``, the inner ``edges``, and the values of
        the ``bins``, one more than edges.
    output_mode : str
        As in the module.
    categorical : bool
        Bins are categories.
    """

    title: ClassVar[str] = "Bins"
    on_frames = staticmethod(group_into_bins)

    columns: list[dict[str, Any]]
    output_mode: str = "append"
    categorical: bool = True

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the bins; see :class:`Transformation`."""
        check_numbers(table, (fitted["column"] for fitted in self.columns), "binning")
        return table.with_frame(group_into_bins(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        only = self.output_mode == "result only"

        def group(row: Row) -> dict[str, Any]:
            result: dict[str, Any] = {} if only else dict(row)
            for fitted in self.columns:
                value = row[fitted["column"]]
                missing = value is None or value != value
                index = 0 if missing else bisect.bisect_right(fitted["edges"], value)
                result[fitted["output"]] = None if missing else fitted["bins"][index]
            return result

        return group

    def describe(self) -> pd.DataFrame:
        """Return one row for each bin: from (inclusive), to (exclusive)."""
        import pandas as pd

        rows = []
        for fitted in self.columns:
            bounds = [-math.inf, *fitted["edges"], math.inf]
            for index, value in enumerate(fitted["bins"]):
                rows.append((fitted["column"], float(value), bounds[index], bounds[index + 1]))
        frame = pd.DataFrame(rows, columns=["Column", "Bin", "From", "Below"])
        return frame.astype({"Column": "str", "Bin": float, "From": float, "Below": float})


def _custom_edges(text: str) -> list[float]:
    try:
        edges = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        edges = []
    finite = all(math.isfinite(edge) for edge in edges)
    if not edges or not finite or any(not low < high for low, high in itertools.pairwise(edges)):
        raise ModuleError(
            "bad-edges",
            f"“{shown(text)}” isn't a list of ascending numbers.",
            "Enter edges such as 10, 20, 50.",
            parameter="edges",
        )
    return edges


def _edges(name: str, column: pd.Series, mode: str, count: int) -> list[float]:
    import numpy as np

    values = column.to_numpy("float64")
    known = values[~np.isnan(values)]
    if not len(known) or np.isinf(known).any():
        what = "contains infinite values" if len(known) else "has no values"
        raise ModuleError(
            "no-bins",
            f"Column “{name}” {what}; it can't be grouped into bins.",
            "Exclude it, or clip or clean it first.",
            parameter="columns",
            column=name,
        )
    steps = np.arange(1, count)
    if mode == "quantiles":
        return [float(edge) for edge in np.quantile(known, steps / count)]
    low, high = known.min(), known.max()
    if low < -_HALF or high > _HALF:
        # The same, in a form that can't overflow.
        return [float(edge) for edge in low * (1 - steps / count) + high * (steps / count)]
    return [float(edge) for edge in low + steps * ((high - low) / count)]
