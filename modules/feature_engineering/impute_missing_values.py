"""Impute Missing Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Serving,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.feature_engineering._neighbors import by_neighbors
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

_NEIGHBORS = When(method="nearest neighbors")
_REGRESSION = When(method="regression")


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset")
    given += arguments(step, "method", "neighbors", "weights", "reference_rows", "rounds", "seed")
    port = "imputation_transformation"
    write_fitted(step, fit_imputation, Imputation, port=port, given=given)


@module(
    "Impute Missing Values",
    outputs=("results_dataset", "imputation_transformation"),
    keywords=(
        "knn",
        "k nearest neighbors",
        "iterative",
        "mice",
        "chained equations",
        "fill",
        "nan",
    ),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def impute_missing_values(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = NUMERIC_FEATURES,
    method: Literal["nearest neighbors", "regression"] = "nearest neighbors",
    neighbors: Annotated[int, Field(ge=1, title="Number of neighbors"), _NEIGHBORS] = 5,
    weights: Annotated[
        Literal["uniform", "distance"], Field(title="Weights of the neighbors"), _NEIGHBORS
    ] = "uniform",
    reference_rows: Annotated[
        int, Field(ge=1, le=100_000, title="Maximum number of reference rows"), _NEIGHBORS
    ] = 2000,
    rounds: Annotated[
        int, Field(ge=1, le=1000, title="Maximum number of rounds"), _REGRESSION
    ] = 10,
    seed: Annotated[int, Field(ge=0, title="Seed")] = 0,
) -> tuple[DataTable, Transformation]:
    """Estimate missing numbers from the other columns, by similar rows or by regression.

    More exact than the mean of Clean Missing Data where columns depend on each other.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    columns : ColumnSelector
        The columns whose missing values are estimated, each from all others; by default all
        numeric columns but the label, scores, and weights.
    method : str
        The mean of the most similar rows, or a linear regression on the other columns, repeated
        until the estimates settle.
    neighbors : int
        How many similar rows are averaged.
    weights : str
        Count all neighbors equally, or by the inverse of their distance.
    reference_rows : int
        A random sample of this many rows is searched for neighbors and stored.
    rounds : int
        How often the regressions are repeated; earlier if the estimates settle.
    seed : int
        For the sample of reference rows.

    Returns
    -------
    results_dataset : DataTable
        The table without missing values in these columns.
    imputation_transformation : Transformation
        Estimates the missing values of new data from the rows of this dataset.

    Notes
    -----
    Equal to ``KNNImputer`` (Troyanskaya and others, 2001) and ``IterativeImputer`` with
    ``BayesianRidge`` (chained equations, van Buuren and Groothuis-Oudshoorn, 2011) of scikit-learn
    on standardized columns. Distances use the columns that both rows have. A row without any known
    value gets the means. A column without any value isn't changed.
    """
    names = numeric_columns(columns, dataset, "to impute")
    dataset.require_rows(1, port="dataset")
    fitted = Imputation(
        **fit_imputation(
            dataset.frame,
            names,
            method=method,
            neighbors=neighbors,
            weights=weights,
            reference_rows=reference_rows,
            rounds=rounds,
            seed=seed,
        )
    )
    return fitted.apply(dataset), fitted


def fit_imputation(
    frame: pd.DataFrame,
    names: list[str],
    *,
    method: str = "nearest neighbors",
    neighbors: int = 5,
    weights: str = "uniform",
    reference_rows: int = 2000,
    rounds: int = 10,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what is needed to estimate the missing values of rows."""
    import numpy as np

    names = finite_columns(frame, names)
    matrix = np.column_stack([frame[name].to_numpy("float64") for name in names])
    with np.errstate(over="ignore", invalid="ignore"):
        means, scales = np.nanmean(matrix, axis=0), np.nanstd(matrix, axis=0)
    for name, mean, scale in zip(names, means, scales, strict=True):
        if not np.isfinite([mean, scale]).all():
            raise too_far_apart(name)
    scales[scales == 0] = 1.0
    matrix = (matrix - means) / scales
    fitted: dict[str, Any] = {
        "columns": names,
        "means": means,
        "scales": scales,
        "neighbors": neighbors,
        "weights": weights,
        "reference": np.zeros((0, len(names))),
        "order": [],
        "coefficients": np.zeros((0, len(names))),
        "intercepts": np.zeros(0),
    }
    if method == "nearest neighbors":
        chosen = np.arange(len(matrix))
        if len(matrix) > reference_rows:
            chosen = np.random.default_rng(seed).choice(len(matrix), reference_rows, replace=False)
            chosen.sort()
        return {**fitted, "reference": matrix[chosen]}
    return fitted | fit_regressions(matrix, rounds, seed)


def fit_regressions(matrix: np.ndarray, rounds: int, seed: int) -> dict[str, Any]:
    """Return the regressions in the order in which they are applied."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    imputer = IterativeImputer(max_iter=rounds, random_state=seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        imputer.fit(matrix)
    if any(issubclass(each.category, ConvergenceWarning) for each in caught):
        warn("The estimates didn't settle. Increase the maximum number of rounds.")
    steps = getattr(imputer, "imputation_sequence_", [])
    coefficients = np.zeros((len(steps), matrix.shape[1]))
    for number, step in enumerate(steps):
        coefficients[number, step.neighbor_feat_idx] = step.estimator.coef_
    return {
        "order": [int(step.feat_idx) for step in steps],
        "coefficients": coefficients,
        "intercepts": np.array([float(step.estimator.intercept_) for step in steps]),
    }


def impute(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the missing values of columns estimated."""
    import numpy as np

    names = fitted["columns"]
    matrix = np.column_stack([frame[name].to_numpy("float64") for name in names])
    rows = np.flatnonzero(np.isnan(matrix).any(axis=1))
    if len(rows):
        matrix[rows] = completed(matrix[rows], fitted)
    changed = {name: matrix[:, place] for place, name in enumerate(names) if frame[name].hasnans}
    return rebuilt(frame, changed=changed)


def completed(matrix: np.ndarray, fitted: Mapping[str, Any]) -> np.ndarray:
    """Return rows with their missing values estimated; infinite values are kept but not used."""
    import numpy as np

    scaled = (matrix - fitted["means"]) / fitted["scales"]
    scaled[~np.isfinite(scaled)] = np.nan
    if len(fitted["reference"]):
        estimated = by_neighbors(scaled, fitted)
    else:
        estimated = by_regressions(scaled, fitted)
    estimated = estimated * fitted["scales"] + fitted["means"]
    return np.where(np.isnan(matrix), estimated, matrix)


def by_regressions(scaled: np.ndarray, fitted: Mapping[str, Any]) -> np.ndarray:
    """Return standardized rows with missing values estimated by regressions, one by one."""
    import numpy as np

    missing = np.isnan(scaled)
    found = np.where(missing, 0.0, scaled)
    steps = zip(fitted["order"], fitted["coefficients"], fitted["intercepts"], strict=True)
    for place, coefficients, intercept in steps:
        rows = np.flatnonzero(missing[:, place])
        estimate = np.full(len(rows), intercept)
        # Column by column: the same to the last bit however many rows there are.
        for other in np.flatnonzero(coefficients):
            estimate += found[rows, other] * coefficients[other]
        found[rows, place] = estimate
    return found


@dataclass(frozen=True, eq=False)
class Imputation(Transformation):
    """How missing values are estimated, as fitted by Impute Missing Values.

    Parameters
    ----------
    columns : list of str
    means, scales : numpy.ndarray
        Of the columns; everything below is of standardized columns.
    neighbors : int
    weights : str
    reference : numpy.ndarray
        The rows to compare with, shape (rows, columns); none for regressions.
    order : list of int
        The column that each regression estimates.
    coefficients, intercepts : numpy.ndarray
        Of the regressions.
    """

    title: ClassVar[str] = "Imputation"
    on_frames = staticmethod(impute)

    columns: list[str]
    means: np.ndarray
    scales: np.ndarray
    neighbors: int
    weights: str
    reference: np.ndarray
    order: list[int]
    coefficients: np.ndarray
    intercepts: np.ndarray

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with missing values estimated; see :class:`Transformation`."""
        check_numbers(table, self.columns, "imputation")
        return table.with_frame(impute(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        import numpy as np

        fitted, names = vars(self), self.columns

        def estimate(row: Row) -> dict[str, Any]:
            values = [row[name] for name in names]
            if None not in values:
                return dict(row)
            matrix = np.array([[np.nan if each is None else each for each in values]], "float64")
            estimated = completed(matrix, fitted)[0].tolist()
            gaps = {
                name: estimate
                for name, value, estimate in zip(names, values, estimated, strict=True)
                if value is None
            }
            return {**row, **gaps}

        return estimate

    def describe(self) -> pd.DataFrame:
        """Return one row for each column."""
        import pandas as pd

        method = "nearest neighbors" if len(self.reference) else "regression"
        return pd.DataFrame(
            {
                "Column": pd.Series(self.columns, dtype="str"),
                "Method": pd.Series([method] * len(self.columns), dtype="str"),
                "Mean": self.means,
                "Standard deviation": self.scales,
            }
        )
