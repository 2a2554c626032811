"""UMAP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Serving, module, warn
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.feature_engineering._numbers import (
    NUMERIC_FEATURES,
    standardized,
)
from modules.learning.learner_parameters import DistanceMetric, Seed
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import check_numbers, numbered_names, numeric_columns, with_columns
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset") + arguments(
        step,
        "dimensions", "neighbors", "min_distance", "metric", "iterations", "normalize",
        "overwrite", "seed",
    )  # fmt: skip
    write_fitted(step, fit_map, NeighborMap, port="umap_transformation", given=given)


@module(
    "UMAP",
    outputs=("mapped_dataset", "umap_transformation"),
    keywords=("visualize", "map", "embedding", "reduce dimensions", "manifold", "projection"),
    requires=("numpy", "pandas", "scikit-learn", "umap-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def umap(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to map"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = NUMERIC_FEATURES,
    dimensions: Annotated[int, Field(ge=1, le=100, title="Number of dimensions")] = 2,
    neighbors: Annotated[int, Field(ge=2, le=1_000, title="Number of neighbors")] = 15,
    min_distance: Annotated[float, Field(ge=0, le=1, title="Minimum distance")] = 0.1,
    metric: DistanceMetric = "Euclidean",
    iterations: Annotated[int, Field(ge=0, le=100_000, title="Number of iterations")] = 0,
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    overwrite: Annotated[bool, Field(title="Overwrite columns")] = False,
    seed: Seed = 0,
) -> tuple[DataTable, Transformation]:
    """Draw rows on a map so that similar rows are close to each other, and add new rows to it.

    Keeps more of the arrangement of groups than t-SNE, and its columns can be features of a model,
    since new rows get a position, too. Distances between groups have little meaning.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    columns : ColumnSelector
        The numeric columns; by default all but the label, scores, and weights.
    dimensions : int
        Of the map: 2 to draw it, more for clustering or a model.
    neighbors : int
        How many similar rows determine the position of each. Few show details, many the whole.
    min_distance : float
        How close to each other rows may be. 0 for clustering.
    metric : str
        How distances of rows are measured.
    iterations : int
        Steps of the optimization. 0 for 500, or 200 with more than 10,000 rows.
    normalize : bool
        Standardize the columns, so that none has more influence because of its unit.
    overwrite : bool
        Remove the columns from the result.
    seed : int
        Determines the optimization.

    Returns
    -------
    mapped_dataset : DataTable
        The table with the columns ``UMAP 1``, ``UMAP 2`` and so on at its end.
    umap_transformation : Transformation
        Puts new rows on the same map. It contains the columns of the training rows.

    Notes
    -----
    McInnes, Healy and Melville (2018) with the library umap-learn. Equal rows have one position.
    Missing values are replaced with the mean of their column.

    The position of a new row is the average of those of its nearest training rows, weighted by
    their membership in its neighborhood: where umap-learn starts its optimization of new rows. It
    isn't optimized any further, so that the position of a row doesn't depend on the others of a
    request, and an endpoint needs no umap-learn.
    """
    names = numeric_columns(columns, dataset, "to map")
    dataset.require_rows(1, port="dataset")
    fitted = NeighborMap(
        **fit_map(
            dataset.frame,
            names,
            dimensions=dimensions,
            neighbors=neighbors,
            min_distance=min_distance,
            metric=metric,
            iterations=iterations,
            normalize=normalize,
            overwrite=overwrite,
            seed=seed,
        )
    )
    return fitted.apply(dataset), fitted


def fit_map(
    frame: pd.DataFrame,
    names: list[str],
    *,
    dimensions: int = 2,
    neighbors: int = 15,
    min_distance: float = 0.1,
    metric: str = "Euclidean",
    iterations: int = 0,
    normalize: bool = True,
    overwrite: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the distinct rows, standardized, and their positions."""
    import warnings

    import numpy as np

    names, rows, means, scales = standardized(frame, names, normalize)
    rows = np.unique(rows, axis=0)
    positions = np.zeros((len(rows), dimensions))
    if len(rows) <= dimensions + 2:
        warn("There are too few distinct rows for a map; all of them have the same position.")
    else:
        if neighbors >= len(rows):
            warn(f"The neighbors were reduced to {len(rows) - 1}: there are {len(rows)} rows.")
            neighbors = len(rows) - 1
        from umap import UMAP

        found = UMAP(
            n_neighbors=neighbors,
            n_components=dimensions,
            min_dist=min_distance,
            metric=metric.lower(),
            n_epochs=iterations or None,
            random_state=seed,
            n_jobs=1,
        )
        # Computed in single precision.
        largest = np.abs(rows).max()
        with warnings.catch_warnings():
            # Of rows in separate groups, which it handles.
            warnings.simplefilter("ignore")
            positions = found.fit_transform(rows / largest if largest > 1e15 else rows)
        positions = positions.astype("float64")
    return {
        "columns": names,
        "means": means.tolist(),
        "scales": scales.tolist(),
        "rows": np.ascontiguousarray(rows.T),
        "positions": positions,
        "neighbors": min(neighbors, len(rows)),
        "metric": metric,
        "outputs": numbered_names("UMAP", dimensions, list(frame.columns)),
        "overwrite": overwrite,
    }


def position_rows(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the positions of its rows, which don't depend on the other rows."""
    import numpy as np

    columns = []
    for name, mean, scale in zip(fitted["columns"], fitted["means"], fitted["scales"], strict=True):
        values = frame[name].to_numpy("float64")
        columns.append((np.where(np.isnan(values), mean, values) - mean) / scale)
    found = np.zeros((len(frame), len(fitted["outputs"])))
    # About 16 MB for each array of distances.
    step = max(1, 2_000_000 // fitted["rows"].shape[1])
    for start in range(0, len(frame), step):
        part = [values[start : start + step] for values in columns]
        found[start : start + step] = positions_of(part, fitted)
    kept = frame.drop(columns=fitted["columns"]) if fitted["overwrite"] else frame
    return with_columns(kept, found.T, fitted["outputs"])


def positions_of(columns: list[np.ndarray], fitted: Mapping[str, Any]) -> np.ndarray:
    """Return the positions of rows, of shape (rows, dimensions).

    Parameters
    ----------
    columns : list of numpy.ndarray
        The standardized values of each column.
    """
    import numpy as np

    apart = distances(columns, fitted["rows"], fitted["metric"])
    nearest = np.argsort(apart, axis=1, kind="stable")[:, : fitted["neighbors"]]
    near = np.take_along_axis(apart, nearest, axis=1)
    weights = memberships(near)
    # A training row has its own position.
    weights = np.where(near[:, :1] == 0, np.eye(1, near.shape[1]), weights)
    weights = weights / weights.sum(axis=1, keepdims=True)
    found: np.ndarray = (fitted["positions"][nearest] * weights[:, :, None]).sum(axis=1)
    return found


def distances(columns: list[np.ndarray], rows: np.ndarray, metric: str) -> np.ndarray:
    """Return the distance of each row to each training row, the same alone as among others.

    Parameters
    ----------
    rows : numpy.ndarray, shape (columns, training rows)
    """
    import numpy as np

    total = np.zeros((len(columns[0]), rows.shape[1]))
    # A difference too large to be squared is as far away as an infinite one.
    with np.errstate(over="ignore"):
        for values, known in zip(columns, rows, strict=True):
            apart = values[:, None] - known
            total += np.abs(apart) if metric == "Manhattan" else apart**2
    return total if metric == "Manhattan" else np.sqrt(total)


def memberships(apart: np.ndarray) -> np.ndarray:
    """Return how much each of the nearest rows belongs to the neighborhood of a row.

    ``exp(-distance / width)``, of which the sum is the binary logarithm of the number of
    neighbors, as in umap-learn's ``smooth_knn_dist`` for new rows.

    Parameters
    ----------
    apart : numpy.ndarray, shape (rows, neighbors)
        The distances.
    """
    import numpy as np

    count = apart.shape[1]
    wanted = np.log2(count)
    low, high = np.zeros(len(apart)), np.full(len(apart), np.inf)
    width = np.ones(len(apart))
    done = np.zeros(len(apart), dtype=bool)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for _ in range(64):
            # The nearest one isn't counted.
            total = np.exp(-apart[:, 1:] / width[:, None]).sum(axis=1)
            done |= np.abs(total - wanted) < 1e-5
            above = total > wanted
            high = np.where(above & ~done, width, high)
            low = np.where(~above & ~done, width, low)
            middle = np.where(np.isinf(high), width * 2, (low + high) / 2)
            width = np.where(done, width, middle)
        width = np.maximum(width, 1e-3 * apart.mean(axis=1))
        found = np.exp(-apart / np.where(width > 0, width, 1.0)[:, None])
    # None of them is near: all count the same.
    found = np.where(found.sum(axis=1, keepdims=True) > 0, found, 1.0)
    return found


@dataclass(frozen=True, eq=False)
class NeighborMap(Transformation):
    """A map of rows as fitted by UMAP.

    Parameters
    ----------
    columns : list of str
        The numeric columns.
    means, scales : list of float
        Subtracted from a column, and what it is then divided by.
    rows : numpy.ndarray, shape (columns, training rows)
        The distinct training rows, standardized.
    positions : numpy.ndarray, shape (training rows, dimensions)
        Where they are on the map.
    neighbors : int
        How many of them determine the position of a new row.
    metric : str
        How distances are measured.
    outputs : list of str
        The names of the new columns.
    overwrite : bool
        The columns are removed.
    """

    title: ClassVar[str] = "UMAP"
    on_frames = staticmethod(position_rows)

    columns: list[str]
    means: list[float]
    scales: list[float]
    rows: np.ndarray
    positions: np.ndarray
    neighbors: int
    metric: str
    outputs: list[str]
    overwrite: bool = False

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the positions of its rows; see :class:`Transformation`."""
        check_numbers(table, self.columns, "the map")
        return table.with_frame(position_rows(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on numpy."""
        import numpy as np

        steps = list(zip(self.columns, self.means, self.scales, strict=True))
        dropped = frozenset(self.columns if self.overwrite else ())
        fitted = vars(self)

        def convert(row: Row) -> dict[str, Any]:
            columns = []
            for name, mean, scale in steps:
                value = row[name]
                known = value if value is not None and value == value else mean
                columns.append(np.array([(known - mean) / scale]))
            position = positions_of(columns, fitted)[0].tolist()
            kept = {name: value for name, value in row.items() if name not in dropped}
            return kept | dict(zip(self.outputs, position, strict=True))

        return convert

    def describe(self) -> pd.DataFrame:
        """Return the columns of the map and their range, one row per dimension."""
        import pandas as pd

        return pd.DataFrame(
            {
                "Dimension": self.outputs,
                "Minimum": self.positions.min(axis=0),
                "Maximum": self.positions.max(axis=0),
            }
        )
