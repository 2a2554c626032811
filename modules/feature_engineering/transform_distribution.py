"""Transform Distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.feature_engineering._numbers import (
    NUMERIC_FEATURES,
    finite_columns,
    too_far_apart,
)
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import check_numbers, numeric_columns, rebuilt
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_QUANTILES = ("quantiles to uniform", "quantiles to normal")
_LOWEST = 1e-7
"""Quantiles closer to 0 or 1 count as this close, as in scikit-learn."""


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset") + arguments(step, "method", "quantiles")
    write_fitted(step, fit_shapes, Shapes, port="transformation", given=given)


@module(
    "Transform Distribution",
    outputs=("transformed_dataset", "transformation"),
    keywords=("power transform", "yeo-johnson", "box-cox", "quantile", "skew", "gaussian", "rank"),
    requires=("pandas", "numpy", "scipy", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def transform_distribution(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to transform"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = NUMERIC_FEATURES,
    method: Literal[
        "Yeo-Johnson", "Box-Cox", "quantiles to uniform", "quantiles to normal"
    ] = "Yeo-Johnson",
    quantiles: Annotated[
        int, Field(ge=2, le=100_000, title="Number of quantiles"), When(method=_QUANTILES)
    ] = 1_000,
) -> tuple[DataTable, Transformation]:
    """Make skewed numeric columns resemble a normal or uniform distribution.

    Linear models, neural networks, and methods based on distances are often more accurate if
    no column has a long tail. Decision trees don't need it.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    columns : ColumnSelector
        The numeric columns to transform, by default all but the label, scores, and weights. They
        are replaced.
    method : str
        Yeo-Johnson: a power of the values. Box-Cox: the same for values above 0. Quantiles:
        the rank of a value among the training rows, which also limits outliers.
    quantiles : int
        How many points of the distribution are kept; at most as many as there are values.

    Returns
    -------
    transformed_dataset : DataTable
        The table with the transformed columns.
    transformation : Transformation
        Transforms new data in the same way.

    Notes
    -----
    The powers of Box and Cox (1964) and Yeo and Johnson (2000) maximize the likelihood of a normal
    distribution, as in scikit-learn's ``PowerTransformer``; the results are standardized.
    Quantiles are those of its ``QuantileTransformer`` with all rows: linear interpolation between
    the kept ones, the mean of both ends where values repeat, and 0 and 1 for the smallest and the
    largest value and beyond (with the normal distribution, -5.2 and 5.2). Missing values stay
    missing, a constant column becomes 0. New values of 0 or less become missing with Box-Cox.
    """
    names = numeric_columns(columns, dataset, "to transform")
    dataset.require_rows(1, port="dataset")
    fitted = Shapes(**fit_shapes(dataset.frame, names, method=method, quantiles=quantiles))
    return fitted.apply(dataset), fitted


def fit_shapes(
    frame: pd.DataFrame, names: list[str], *, method: str = "Yeo-Johnson", quantiles: int = 1_000
) -> dict[str, Any]:
    """Return the power or the quantiles of each column."""
    fitted = []
    for name in finite_columns(frame, names):
        values = frame[name].to_numpy("float64")
        known = values[~(values != values)]
        if method == "Box-Cox" and known.min() <= 0:
            raise ModuleError(
                "not-positive",
                f"Column “{name}” contains {known.min():g}, but Box-Cox requires values above 0.",
                "Choose Yeo-Johnson or other columns.",
                parameter="method",
                column=name,
            )
        entry: dict[str, Any] = {"column": name}
        if known.min() < known.max():
            fit = _quantiles if method in _QUANTILES else _power
            entry |= fit(name, known, method, quantiles)
        fitted.append(entry)
    return {"method": method, "columns": fitted}


def reshape(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with columns transformed as fitted."""
    changed = {
        entry["column"]: reshaped(
            frame[entry["column"]].to_numpy("float64"), fitted["method"], entry
        )
        for entry in fitted["columns"]
    }
    return rebuilt(frame, changed=changed)


@dataclass(frozen=True, eq=False)
class Shapes(Transformation):
    """Powers or quantiles as fitted by Transform Distribution.

    Parameters
    ----------
    method : str
        As in the module.
    columns : list of dict
        ``column``, and for a power its ``power``, the ``center`` and ``scale`` of the results,
        for quantiles their ``points``; neither for a constant column.
    """

    title: ClassVar[str] = "Transformed distributions"
    on_frames = staticmethod(reshape)

    method: str
    columns: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the columns transformed; see :class:`Transformation`."""
        check_numbers(table, (entry["column"] for entry in self.columns), "the transformation")
        return table.with_frame(reshape(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on numpy."""
        import numpy as np

        def convert(row: Row) -> dict[str, Any]:
            result = dict(row)
            for entry in self.columns:
                value = row[entry["column"]]
                if value is not None:
                    found = reshaped(np.array([float(value)]), self.method, entry, one=True)
                    result[entry["column"]] = float(found[0]) if found[0] == found[0] else None
            return result

        return convert

    def describe(self) -> pd.DataFrame:
        """Return the power, or the median and the ends of the quantiles, one row per column."""
        import pandas as pd

        rows = []
        for entry in self.columns:
            points = entry.get("points", [None])
            ends = (points[0], points[len(points) // 2], points[-1])
            rows.append((entry["column"], self.method, entry.get("power"), *ends))
        names = ["Column", "Method", "Power", "Minimum", "Median", "Maximum"]
        frame = pd.DataFrame(rows, columns=names)
        numbers = dict.fromkeys(names[2:], float)
        return frame.astype({"Column": "str", "Method": "str", **numbers})


def reshaped(
    values: np.ndarray,
    method: str,
    fitted: Mapping[str, Any],
    one: bool = False,
) -> np.ndarray:
    """Return the transformed values of a column; of ``one`` value with numpy alone."""
    import numpy as np

    if "points" in fitted:
        points = np.asarray(fitted["points"])
        shares = np.linspace(0, 1, len(points))
        # The mean of both ends of values that repeat.
        upper = np.interp(values, points, shares)
        lower = -np.interp(-values, -points[::-1], -shares[::-1])
        found: np.ndarray = 0.5 * (upper + lower)
        found = np.where(values <= points[0], 0.0, found)
        found = np.where(values >= points[-1], 1.0, found)
        if method == "quantiles to normal":
            edge = _LOWEST - np.spacing(1)
            found = np.clip(found, edge, 1 - edge)
            found = _one_normal(found) if one else _normals(found)
        return found
    if "power" not in fitted:
        return np.where(np.isnan(values), np.nan, 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        changed = _powered(values, method, fitted["power"])
        found = (changed - fitted["center"]) / fitted["scale"]
    return np.where(np.isfinite(found), found, np.nan)


def _powered(values: np.ndarray, method: str, power: float) -> np.ndarray:
    """Return powers by logarithms, which are exact for small values."""
    import numpy as np

    if method == "Box-Cox":
        logarithm = np.log(np.where(values > 0, values, np.nan))
        return logarithm if power == 0 else np.expm1(power * logarithm) / power
    sign = np.where(values < 0, -1.0, 1.0)
    logarithm = np.log1p(np.abs(values))
    exponent = np.where(values < 0, 2.0 - power, power)
    flat = exponent == 0
    grown = np.expm1(exponent * logarithm) / np.where(flat, 1.0, exponent)
    changed: np.ndarray = sign * np.where(flat, logarithm, grown)
    return changed


def _power(name: str, known: np.ndarray, method: str, quantiles: int) -> dict[str, Any]:
    import warnings

    import numpy as np
    from sklearn.preprocessing import PowerTransformer

    kind = {"Box-Cox": "box-cox"}.get(method, "yeo-johnson")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fitted = PowerTransformer(kind, standardize=False).fit(known[:, None])
        except ValueError as error:
            raise too_far_apart(name) from error
        power = float(fitted.lambdas_[0])
        changed = _powered(known, method, power)
        center, scale = float(changed.mean()), float(changed.std())
    if not np.isfinite([power, center, scale]).all():
        raise too_far_apart(name)
    # The power made all values equal but for rounding.
    if scale <= 1e-15 * abs(center):
        return {}
    return {"power": power, "center": center, "scale": scale}


def _quantiles(name: str, known: np.ndarray, method: str, quantiles: int) -> dict[str, Any]:
    import numpy as np

    shares = np.linspace(0, 1, min(quantiles, len(known)))
    points = np.maximum.accumulate(np.quantile(known, shares))
    return {"points": points.tolist()}


def _normals(shares: np.ndarray) -> np.ndarray:
    """Return quantiles of the standard normal distribution."""
    from scipy.special import ndtri

    found: np.ndarray = ndtri(shares)
    return found


def _one_normal(shares: np.ndarray) -> np.ndarray:
    import math
    from statistics import NormalDist

    import numpy as np

    (share,) = shares.tolist()
    return np.array([share if math.isnan(share) else NormalDist().inv_cdf(share)])
