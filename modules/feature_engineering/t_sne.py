"""t-SNE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Role, Serving, module, warn
from modules.contract.code import CodeStep
from modules.contract.normalize_frame import set_columns
from modules.feature_engineering._numbers import (
    NUMERIC_FEATURES,
    standardized,
)
from modules.learning.learner_parameters import Seed
from modules.tables.frames import numbered_names, numeric_columns

if TYPE_CHECKING:
    import pandas as pd

_FEWEST_ROWS = 4


def _code(step: CodeStep) -> None:
    names = ("dimensions", "perplexity", "metric", "iterations", "normalize", "overwrite", "seed")
    options = "".join(f", {name}={step.source(name)}" for name in names)
    columns = step.columns("columns", "dataset")
    frame = step.inputs["dataset"]
    step.write(f"{step.outputs[0]} = {step.helper(mapped)}({frame}, {columns}{options})")
    # As many as there may be: the number can be bound to a pipeline parameter.
    added = {f"t-SNE {number}": Role.NONE for number in (1, 2, 3)}
    step.know("mapped_dataset", step.facts("dataset").with_roles(added))


@module(
    "t-SNE",
    outputs=("mapped_dataset",),
    keywords=("visualize", "map", "embedding", "reduce dimensions", "scatter", "projection"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def t_sne(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to map"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = NUMERIC_FEATURES,
    dimensions: Annotated[int, Field(ge=2, le=3, title="Number of dimensions")] = 2,
    perplexity: Annotated[float, Field(ge=1, le=1_000)] = 30.0,
    metric: Annotated[Literal["Euclidean", "Manhattan", "cosine"], Field(title="Metric")] = (
        "Euclidean"
    ),
    iterations: Annotated[int, Field(ge=250, le=100_000)] = 1_000,
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    overwrite: Annotated[bool, Field(title="Overwrite columns")] = False,
    seed: Seed = 0,
) -> DataTable:
    """Draw rows on a map so that similar rows are close to each other.

    For a scatter plot of many columns: groups of similar rows become visible. Distances between
    groups and their sizes have no meaning, and new rows can't be added to the map; use Principal
    Component Analysis for features of a model.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    columns : ColumnSelector
        The numeric columns; by default all but the label, scores, and weights.
    dimensions : int
        Of the map.
    perplexity : float
        About how many rows each one should be close to; 5 to 50 is usual. It's reduced for small
        datasets, to a third of the rows.
    metric : str
        How distances of rows are measured.
    iterations : int
        Steps of the optimization.
    normalize : bool
        Standardize the columns, so that none has more influence because of its unit.
    overwrite : bool
        Remove the columns from the result.
    seed : int
        Determines the optimization.

    Returns
    -------
    mapped_dataset : DataTable
        The table with the columns ``t-SNE 1``, ``t-SNE 2`` and so on at its end.
        They aren't features, since a served model wouldn't have them.

    Notes
    -----
    Van der Maaten and Hinton (2008) with scikit-learn's ``TSNE``, from the first principal
    components on. Missing values are replaced with the mean of their column. The time grows
    slightly faster than the number of rows: about a minute for 10,000.
    """
    names = numeric_columns(columns, dataset, "to map")
    dataset.require_rows(1, port="dataset")
    frame = mapped(
        dataset.frame,
        names,
        dimensions=dimensions,
        perplexity=perplexity,
        metric=metric,
        iterations=iterations,
        normalize=normalize,
        overwrite=overwrite,
        seed=seed,
    )
    added = [str(name) for name in frame if name not in dataset.frame]
    return dataset.with_frame(frame).with_roles(dict.fromkeys(added, Role.NONE))


def mapped(
    frame: pd.DataFrame,
    names: list[str],
    *,
    dimensions: int,
    perplexity: float,
    metric: str,
    iterations: int,
    normalize: bool,
    overwrite: bool,
    seed: int,
) -> pd.DataFrame:
    """Return a frame with the position of each row on the map."""
    import numpy as np
    from sklearn.manifold import TSNE

    names, matrix, _, _ = standardized(frame, names, normalize)
    places = np.zeros((len(matrix), dimensions))
    if len(matrix) < _FEWEST_ROWS or not matrix.any():
        warn("There are too few distinct rows for a map; all of them have the same position.")
    else:
        limit = max((len(matrix) - 1) / 3, 1.0)
        if perplexity > limit:
            warn(f"The perplexity was reduced to {limit:.3g}, since there are {len(matrix)} rows.")
        few = min(matrix.shape) < dimensions
        found = TSNE(
            n_components=dimensions,
            perplexity=min(perplexity, limit),
            metric=metric.lower(),
            max_iter=iterations,
            init="random" if few else "pca",
            random_state=seed,
            n_jobs=1,
        )
        places = np.asarray(found.fit_transform(matrix), dtype="float64")
    outputs = numbered_names("t-SNE", dimensions, list(frame.columns))
    kept = frame.drop(columns=names) if overwrite else frame
    return set_columns(kept, dict(zip(outputs, places.T, strict=True)))
