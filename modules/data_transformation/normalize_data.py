"""Normalize Data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import check_numbers, numeric_columns, rebuilt
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _code(step: CodeStep) -> None:
    given = f"{step.columns('columns', 'dataset')}, {step.source('method')}"
    given += arguments(step, "zero_for_constant")
    write_fitted(step, fit_scaling, Normalization, port="transformation_function", given=given)


@module(
    "Normalize Data",
    outputs=("transformed_dataset", "transformation_function"),
    keywords=("scale", "standardize", "z-score", "min-max", "rescale", "tanh"),
    requires=("pandas", "numpy", "scipy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def normalize_data(
    dataset: DataTable,
    *,
    method: Annotated[
        Literal["ZScore", "MinMax", "Logistic", "LogNormal", "Tanh"],
        Field(title="Transformation method"),
    ] = "ZScore",
    zero_for_constant: Annotated[
        bool,
        Field(title="Use 0 for constant columns"),
        When(method=("ZScore", "MinMax", "LogNormal")),
    ] = True,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to transform"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = ColumnSelector.types("numeric"),
) -> tuple[DataTable, Transformation]:
    """Scale numeric columns to a common range.

    Use it for learners based on distances or gradient descent. Decision trees don't need it,
    and K-Means Clustering and gradient descent normalize by default.

    The fitted values, such as mean and deviation, are output as a transformation, so that
    new data is scaled in the same way.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    method : str
        The formula; see the notes.
    zero_for_constant : bool
        A constant column becomes 0; otherwise missing.
    columns : ColumnSelector
        The numeric columns to scale, by default all. They are replaced.

    Returns
    -------
    transformed_dataset : DataTable
        The table with the scaled columns.
    transformation_function : Transformation
        Scales new data in the same way.

    Notes
    -----
    With x a value, and all statistics computed from the non-missing values of its column:

    - ZScore: ``(x - mean) / s``, s the standard deviation of the population (division by n).
    - MinMax: ``(x - min) / (max - min)``.
    - Logistic: ``1 / (1 + exp(-x))``.
    - LogNormal: ``1/2 + 1/2 erf((ln x - m) / (s sqrt(2)))``, the cumulative distribution of
      the log-normal distribution with m and s the mean and population standard deviation
      of ln x, which are its maximum likelihood estimates (Johnson, Kotz and Balakrishnan,
      Continuous Univariate Distributions 1, chapter 14). The values must be above 0; a
      later value of 0 or less becomes 0.
    - Tanh: ``tanh(x)``, between -1 and 1.

    ZScore and LogNormal treat a column as constant if its values differ only by rounding. Missing
    values stay missing. MinMax scales new data outside the fitted range to values below 0 or above
    1.

    By default every numeric column is scaled; exclude a numeric label, or the model predicts
    in scaled units.
    """
    names = numeric_columns(columns, dataset, "to scale")
    fitted = fit_scaling(dataset.frame, names, method, zero_for_constant=zero_for_constant)
    scaling = Normalization(**fitted)
    return scaling.apply(dataset), scaling


def fit_scaling(
    frame: pd.DataFrame, names: list[str], method: str, *, zero_for_constant: bool = True
) -> dict[str, Any]:
    """Return center and scale of each column."""
    fitted = [
        _fitted(name, frame[name].to_numpy("float64"), method, zero_for_constant) for name in names
    ]
    return {"method": method, "columns": fitted}


def scale(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with columns scaled as fitted."""
    changed = {
        entry["column"]: _scaled(
            frame[entry["column"]].to_numpy("float64"), fitted["method"], entry
        )
        for entry in fitted["columns"]
    }
    return rebuilt(frame, changed=changed)


@dataclass(frozen=True, eq=False)
class Normalization(Transformation):
    """Scaling as fitted by Normalize Data.

    Parameters
    ----------
    method : str
        As in the module.
    columns : list of dict
        ``column``, and by method ``center`` and ``scale``: the first is subtracted from the
        value (for LogNormal, from its logarithm), which is divided by the second.
        ``constant`` is the value of all rows if there is no scale: 0 or None for missing.
    """

    title: ClassVar[str] = "Normalization"
    on_frames = staticmethod(scale)

    method: str
    columns: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the columns scaled; see :class:`Transformation`."""
        check_numbers(table, (fitted["column"] for fitted in self.columns), "the normalization")
        return table.with_frame(scale(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on Python's own numbers."""
        functions = [(fitted["column"], _compiled(self.method, fitted)) for fitted in self.columns]

        def scale(row: Row) -> dict[str, Any]:
            result = dict(row)
            for name, function in functions:
                value = row[name]
                if value is not None:
                    result[name] = function(value) if value == value else None
            return result

        return scale

    def describe(self) -> pd.DataFrame:
        """Return the method, center and scale, one row per column."""
        import pandas as pd

        rows = [
            (fitted["column"], self.method, fitted.get("center"), fitted.get("scale"))
            for fitted in self.columns
        ]
        frame = pd.DataFrame(rows, columns=["Column", "Method", "Center", "Scale"])
        return frame.astype({"Column": "str", "Method": "str", "Center": float, "Scale": float})


def _fitted(name: str, values: np.ndarray, method: str, zero: bool) -> dict[str, Any]:
    import numpy as np

    fitted: dict[str, Any] = {"column": name}
    if method in ("Logistic", "Tanh"):
        return fitted
    known = values[~np.isnan(values)]
    if np.isinf(known).any():
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” contains infinite values.",
            "Clip the values first.",
            parameter="columns",
            column=name,
        )
    if method == "LogNormal" and len(known):
        if known.min() <= 0:
            raise ModuleError(
                "not-positive",
                f"Column “{name}” contains {known.min():g}, but LogNormal requires values above 0.",
                "Choose another method or other columns.",
                parameter="method",
                column=name,
            )
        known = np.log(known)
    center, scale = 0.0, 0.0
    if len(known) and known.min() < known.max():
        low, high = float(known.min()), float(known.max())
        center, scale = low, high - low
        if method != "MinMax":
            with np.errstate(over="ignore"):
                center, scale = float(known.mean()), float(known.std())
    if not np.isfinite([center, scale]).all():
        raise ModuleError(
            "values-too-far-apart",
            f"Column “{name}” contains values too far apart to be scaled.",
            "Clip the values first, or choose another method.",
            parameter="columns",
            column=name,
        )
    # So are values that differ only by rounding: 0.3 and 0.1 + 0.2. Their mean can't be
    # distinguished from the values.
    rounding = 0.0 if method == "MinMax" else 2 * np.finfo(float).eps * abs(center)
    if scale <= rounding:
        return fitted | {"constant": 0.0 if zero else None}
    return fitted | {"center": center, "scale": scale}


def _scaled(values: np.ndarray, method: str, fitted: dict[str, Any]) -> np.ndarray:
    import numpy as np

    scaled: np.ndarray
    if method == "Tanh":
        scaled = np.tanh(values)
        return scaled
    if method == "Logistic":
        # In a form that can't overflow: never exp of a positive number.
        power = np.exp(-np.abs(values))
        scaled = np.where(values >= 0, 1.0, power) / (1.0 + power)
        return scaled
    if "scale" not in fitted:
        constant = np.nan if fitted["constant"] is None else fitted["constant"]
        return np.where(np.isnan(values), np.nan, constant)
    if method == "LogNormal":
        from scipy.special import erf

        with np.errstate(invalid="ignore", divide="ignore"):
            logarithm = np.where(values > 0, np.log(values), -np.inf)
        logarithm[np.isnan(values)] = np.nan
        scaled = 0.5 + 0.5 * erf((logarithm - fitted["center"]) / (fitted["scale"] * np.sqrt(2)))
        return scaled
    scaled = (values - fitted["center"]) / fitted["scale"]
    return scaled


def _compiled(method: str, fitted: dict[str, Any]) -> Callable[[float], float | None]:
    """Return :func:`_scaled` for a single number."""
    if method == "Tanh":
        return math.tanh
    if method == "Logistic":
        return _logistic
    if "scale" not in fitted:
        constant = fitted["constant"]
        return lambda value: constant
    center, scale = fitted["center"], fitted["scale"]
    if method == "LogNormal":
        divisor = scale * math.sqrt(2)

        def log_normal(value: float) -> float:
            if value <= 0:
                return 0.0
            return 0.5 + 0.5 * math.erf((math.log(value) - center) / divisor)

        return log_normal
    return lambda value: (value - center) / scale


def _logistic(value: float) -> float:
    power = math.exp(-abs(value))
    return (1.0 if value >= 0 else power) / (1.0 + power)
