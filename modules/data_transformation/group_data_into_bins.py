"""Group Data into Bins."""

from __future__ import annotations

import bisect
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Needed,
    Serving,
    When,
    module,
)
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.data_transformation._frames import (
    free_name,
    numeric_columns,
    rebuilt,
    shown,
    wrong_kind,
)
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


_HALF = 8e307


@module(
    "Group Data into Bins",
    outputs=("quantized_dataset", "binning_transformation"),
    keywords=("bin", "quantize", "discretize", "bucket", "quantile", "histogram", "cut"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
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
    edges: Annotated[str, Field(title="Bin edges"), Needed(), When(mode="custom edges")] = "",
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to bin"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = ColumnSelector.types("numeric"),
    output_mode: Literal["append", "in place", "result only"] = "append",
    categorical: Annotated[bool, Field(title="Tag columns as categorical")] = True,
) -> tuple[DataTable, Transformation]:
    """Replace numbers by the bin that they fall into.

    For age groups and price ranges, and for linear models where a number matters in steps
    rather than evenly.

    The edges of the bins go out as a transformation, so that new data is put into the same
    bins.

    Parameters
    ----------
    dataset : DataTable
        A table with numbers.
    mode : str
        Bins of equally many rows, of equal width, or between edges that you give.
    number_of_bins : int
        How many bins each column gets.
    quantile_normalization : str
        How a bin of the quantiles is written: as a percentage, as a share between 0 and 1,
        or by its number.
    edges : str
        The edges in ascending order, separated by commas. Each is the lower boundary of a
        bin, so that k edges make k + 1 bins.
    columns : ColumnSelector
        The numeric columns to bin, by default all.
    output_mode : str
        Append columns ``<name>_quantized``, replace the columns, or give the bins alone.
    categorical : bool
        Mark the bins as categories; otherwise they are numbers.

    Returns
    -------
    quantized_dataset : DataTable
        The table with the bins.
    binning_transformation : Transformation
        Puts new data into the same bins.

    Notes
    -----
    Bins are numbered from 1. With the inner edges ``e``, a value x is in the bin
    ``1 + (number of edges <= x)``, as in ``numpy.digitize(x, e)``. The inner edges of n
    quantiles are ``numpy.quantile(x, k / n)``, k = 1 ... n-1; those of equal width are
    ``min + k (max - min) / n``. Bin k of n quantiles is written as ``100 k / n``, ``k / n``
    or ``k``. Where many rows have the same value, edges coincide and some bins stay empty.
    Missing values stay missing. New values beyond the outer bins fall into those.

    By default every numeric column is binned, a numeric label too; leave it out.
    """
    names = numeric_columns(columns, dataset, "to bin")
    custom = _custom_edges(edges) if mode == "custom edges" else []
    taken = list(dataset.names)
    learnt = []
    for name in names:
        inner = custom or _edges(name, dataset.frame[name], mode, number_of_bins)
        count = len(inner) + 1
        divisor, factor = 1, 1
        if mode == "quantiles" and quantile_normalization != "quantile index":
            divisor, factor = count, 100 if quantile_normalization == "percent" else 1
        output = name
        if output_mode == "append":
            output = free_name(f"{name}_quantized", taken)
            taken.append(output)
        numbers: list[float] = [bin * factor / divisor for bin in range(1, count + 1)]
        if divisor == 1:
            numbers = [int(number) for number in numbers]
        learnt.append({"column": name, "output": output, "edges": inner, "bins": numbers})
    binning = Binning(columns=learnt, output_mode=output_mode, categorical=categorical)
    return binning.apply(dataset), binning


@dataclass(frozen=True, eq=False)
class Binning(Transformation):
    """The bins of Group Data into Bins.

    Parameters
    ----------
    columns : list of dict
        ``column``, the name of its ``output``, the inner ``edges``, and what each of the
        ``bins`` is written as, one more than edges.
    output_mode : str
        As in the module.
    categorical : bool
        Bins are categories.
    """

    title: ClassVar[str] = "Bins"

    columns: list[dict[str, Any]]
    output_mode: str = "append"
    categorical: bool = True

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the bins; see :class:`Transformation`."""
        table.require(learnt["column"] for learnt in self.columns)
        results = {}
        for learnt in self.columns:
            column = table.frame[learnt["column"]]
            if kind_of(column.dtype) not in ("integer", "number"):
                raise wrong_kind(learnt["column"], kind_of(column.dtype), "the bins need numbers")
            results[learnt["output"]] = self._binned(column.to_numpy("float64"), learnt)
        if self.output_mode == "in place":
            frame = rebuilt(table.frame, changed=results)
        elif self.output_mode == "append":
            frame = rebuilt(table.frame, appended=results)
        else:
            frame = rebuilt(table.frame, dropped=table.names, appended=results)
        return table.with_frame(frame)

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        only = self.output_mode == "result only"

        def group(row: Row) -> dict[str, Any]:
            result: dict[str, Any] = {} if only else dict(row)
            for learnt in self.columns:
                value = row[learnt["column"]]
                missing = value is None or value != value
                place = 0 if missing else bisect.bisect_right(learnt["edges"], value)
                result[learnt["output"]] = None if missing else learnt["bins"][place]
            return result

        return group

    def describe(self) -> pd.DataFrame:
        """Return one row for each bin: from (inclusive), to (exclusive)."""
        import pandas as pd

        rows = []
        for learnt in self.columns:
            bounds = [-math.inf, *learnt["edges"], math.inf]
            for place, value in enumerate(learnt["bins"]):
                rows.append((learnt["column"], float(value), bounds[place], bounds[place + 1]))
        frame = pd.DataFrame(rows, columns=["Column", "Bin", "From", "Below"])
        return frame.astype({"Column": "str", "Bin": float, "From": float, "Below": float})

    def _binned(self, values: np.ndarray, learnt: dict[str, Any]) -> Any:
        import numpy as np
        import pandas as pd

        missing = np.isnan(values)
        places = np.searchsorted(np.asarray(learnt["edges"], dtype=float), values, side="right")
        if self.categorical:
            places[missing] = -1
            return pd.Categorical.from_codes(places, categories=learnt["bins"], ordered=False)
        bins = np.asarray(learnt["bins"])
        if not missing.any():
            return bins[places]
        places[missing] = 0
        return np.where(missing, np.nan, bins[places])


def _custom_edges(text: str) -> list[float]:
    try:
        edges = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        edges = []
    finite = all(math.isfinite(edge) for edge in edges)
    if not edges or not finite or any(not low < high for low, high in itertools.pairwise(edges)):
        raise ModuleError(
            "bad-edges",
            f"“{shown(text)}” is not a list of ascending numbers.",
            "Write edges such as 10, 20, 50.",
            parameter="edges",
        )
    return edges


def _edges(name: str, column: pd.Series, mode: str, count: int) -> list[float]:
    import numpy as np

    values = column.to_numpy("float64")
    known = values[~np.isnan(values)]
    if not len(known) or np.isinf(known).any():
        what = "holds infinite values" if len(known) else "has no values"
        raise ModuleError(
            "no-bins",
            f"Column “{name}” {what}; it can't be divided into bins.",
            "Leave it out, or clip or clean it before.",
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
