"""Sample by Stratum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Serving, When, module
from modules.contract.code import CodeStep

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    size = "rows" if step.value("mode") == "number of rows" else "fraction"
    step.write(
        f"{step.outputs[0]} = {step.helper(sampled)}({step.inputs['dataset']}, "
        f"{step.columns('keys', 'dataset')}, {size}={step.source(size)}, "
        f"seed={step.source('seed')})"
    )


@module(
    "Sample by Stratum",
    outputs=("results_dataset",),
    keywords=("stratified", "balance", "undersample", "per group", "downsample", "subset"),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    code=_code,
)
def sample_by_stratum(
    dataset: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Strata"), Columns(of="dataset")],
    mode: Annotated[
        Literal["number of rows", "fraction"], Field(title="Size of the sample")
    ] = "number of rows",
    rows: Annotated[int, Field(ge=1, title="Rows per stratum"), When(mode="number of rows")] = 100,
    fraction: Annotated[
        float, Field(gt=0, le=1, title="Fraction of each stratum"), When(mode="fraction")
    ] = 0.1,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 0,
) -> DataTable:
    """Draw rows at random from each group of rows.

    With the same number of rows per class it balances a label; with a fraction, every group keeps
    its share.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    keys : ColumnSelector
        Rows with equal values in these columns are a stratum. Missing values are one value.
    mode : str
        The same number of rows from each stratum, or the same fraction.
    rows : int
        Number of rows per stratum. A smaller stratum is kept completely.
    fraction : float
        The share of rows of each stratum, rounded, but at least one row.
    seed : int
        Determines the rows that are drawn.

    Returns
    -------
    results_dataset : DataTable
        The drawn rows, in their order.

    Notes
    -----
    A random permutation of all rows by NumPy's ``default_rng(seed)`` decides: of each stratum,
    the first rows in it are drawn. A fraction of n rows is ``max(round(fraction n), 1)`` of them.
    """
    names = keys.resolve(dataset.columns, parameter="keys")
    frame = dataset.frame
    if mode == "number of rows":
        return dataset.with_frame(sampled(frame, names, rows=rows, seed=seed))
    return dataset.with_frame(sampled(frame, names, fraction=fraction, seed=seed))


def sampled(
    frame: pd.DataFrame, keys: list[str], *, rows: int = 0, fraction: float = 0.0, seed: int
) -> pd.DataFrame:
    """Return rows of each stratum: a number, or a fraction if the number is 0."""
    import numpy as np

    strata = frame.groupby(keys, dropna=False, observed=True, sort=False).ngroup().to_numpy()
    order = np.random.default_rng(seed).permutation(len(frame))
    # Within each stratum the rows in random order, numbered from 0.
    ranked = order[np.argsort(strata[order], kind="stable")]
    sizes = np.bincount(strata)
    starts = np.cumsum(sizes) - sizes
    number = np.arange(len(frame)) - starts[strata[ranked]]
    limits = np.full(len(sizes), rows) if rows else np.maximum(np.rint(sizes * fraction), 1)
    kept = np.sort(ranked[number < limits[strata[ranked]]])
    return frame.take(kept).reset_index(drop=True)
