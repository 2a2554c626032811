"""Split Data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

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
from modules.contract.code import CodeStep
from modules.contract.registry.automated import Division

if TYPE_CHECKING:
    import numpy as np


def _automated(share: float, seed: int, label: str, time: str) -> dict[str, Any]:
    stratified = {"stratified": True, "stratification_column": [label]} if label else {}
    return {"fraction": 1 - share, "seed": seed, **stratified}


def _code(step: CodeStep) -> None:
    from modules.data_transformation._code.split import write_split

    write_split(step, first_of_each=first_of_each)


@module(
    "Split Data",
    outputs=("results_dataset1", "results_dataset2"),
    keywords=("train", "test", "holdout", "partition", "filter", "sample"),
    requires=("pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
    automated=Division("share", _automated),
)
def split_data(
    dataset: DataTable,
    *,
    mode: Annotated[
        Literal["rows", "regular expression", "relative expression"],
        Field(title="Splitting mode"),
    ] = "rows",
    fraction: Annotated[
        float,
        Field(title="Fraction of rows in the first output dataset", ge=0, le=1),
        When(mode="rows"),
    ] = 0.5,
    randomized: Annotated[bool, Field(title="Randomized split"), When(mode="rows")] = True,
    seed: Annotated[
        int,
        Field(title="Random seed", ge=0, le=4_294_967_295),
        When(mode="rows", randomized=True),
    ] = 0,
    stratified: Annotated[bool, Field(title="Stratified split"), When(mode="rows")] = False,
    stratification_column: Annotated[
        ColumnSelector,
        Field(title="Stratification key column"),
        Columns(of="dataset", single=True),
        Needed(),
        When(mode="rows", stratified=True),
    ] = ColumnSelector(),
    regular_expression: Annotated[str, When(mode="regular expression")] = '"column name" ^start',
    relational_expression: Annotated[
        str, Field(title="Relational expression"), When(mode="relative expression")
    ] = '"column name" > 3',
) -> tuple[DataTable, DataTable]:
    r"""Split the rows of a dataset in two.

    Split by a fraction, at random or in order; or by an expression.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    mode : str
        Split by a fraction of the rows, by a regular expression on a text column, or by
        comparisons of column values.
    fraction : float
        Fraction of the rows in the first output, from 0 to 1.
    randomized : bool
        Draw the rows at random; otherwise the first rows are in the first output.
    seed : int
        The random seed; the same seed draws the same rows. 0 is a fixed seed too.
    stratified : bool
        Preserve the proportions of the key column's values in both outputs.
    stratification_column : ColumnSelector
        The key column of a stratified split, the label for example.
    regular_expression : str
        The column in double quotes, or as ``(\1)`` by its index from 0, and a Python
        regular expression. Matching rows are in the first output:
        ``"City" ^San``.
    relational_expression : str
        The column, as above, and comparisons with ``<``, ``<=``, ``>``, ``>=``, ``==`` or
        ``!=``, joined by ``&`` and ``|``: ``"Year" > 2010 & < 2020``. Rows for which it
        is true are in the first output.

    Returns
    -------
    results_dataset1 : DataTable
        The rows drawn, or those that match.
    results_dataset2 : DataTable
        The other rows.

    Notes
    -----
    A random split outputs the rows of
    ``sklearn.model_selection.train_test_split(frame, train_size=fraction,
    random_state=seed, stratify=column or None)`` in its order, bit for bit; of n rows,
    ``floor(fraction * n)`` are in the first output. A stratified split in order selects the
    first rows of each value and keeps their order.

    Unlike in Azure ML designer, 0 is a fixed seed, and each comparison may name its own column:
    ``"Year" > 2010 & "Month" == 6``. ``&`` takes precedence over ``|``. Missing values never
    match.
    """
    if mode == "regular expression":
        from modules.tables.row_expressions import matching_pattern

        return _divided(dataset, matching_pattern(dataset, regular_expression))
    if mode == "relative expression":
        from modules.tables.row_expressions import matching_comparisons

        return _divided(dataset, matching_comparisons(dataset, relational_expression))
    strata = None
    if stratified:
        key = stratification_column.resolve_one(dataset.columns, parameter="stratification_column")
        strata = _strata(dataset, key)
    first, second = _drawn(len(dataset), fraction, seed if randomized else None, strata)
    return _selected(dataset, first), _selected(dataset, second)


def _divided(dataset: DataTable, matches: np.ndarray) -> tuple[DataTable, DataTable]:
    first, second = matches.nonzero()[0], (~matches).nonzero()[0]
    return _selected(dataset, first), _selected(dataset, second)


def _selected(dataset: DataTable, rows: np.ndarray) -> DataTable:
    return dataset.with_frame(dataset.frame.take(rows))


def _strata(dataset: DataTable, key: str) -> np.ndarray:
    """Return a number for each row, the same for rows of the same value."""
    import pandas as pd

    codes, values = pd.factorize(dataset.frame[key], sort=True, use_na_sentinel=False)
    if len(dataset) and len(values) > len(dataset) / 2:
        raise ModuleError(
            "too-many-values",
            f"Column “{key}” has {len(values)} distinct values in {len(dataset)} rows.",
            "Stratify by a column with few values, such as the label.",
            parameter="stratification_column",
            column=key,
        )
    return codes


def _drawn(
    rows: int, fraction: float, seed: int | None, strata: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row indices of both outputs."""
    import numpy as np

    size = int(np.floor(fraction * rows))
    if seed is None:
        chosen = np.zeros(rows, dtype=bool)
        if strata is None:
            chosen[:size] = True
        else:
            chosen = first_of_each(strata, size, rows)
        return chosen.nonzero()[0], (~chosen).nonzero()[0]
    if size in (0, rows):
        shuffled = np.random.RandomState(seed).permutation(rows)
        return shuffled[:size], shuffled[size:]
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    # As train_test_split does, which would also copy the numbers of the rows.
    kind = ShuffleSplit if strata is None else StratifiedShuffleSplit
    splitter = kind(1, train_size=size, test_size=rows - size, random_state=seed)
    try:
        first, second = next(splitter.split(np.empty(rows, dtype=bool), strata))
    except ValueError as error:
        raise ModuleError(
            "strata-too-small",
            "A stratified split requires two rows of each value of the key column, and at least "
            "one row per value in each output.",
            "Choose another key column or fraction, or turn off stratification.",
            parameter="stratification_column",
        ) from error
    return first, second


def first_of_each(strata: np.ndarray, size: int, rows: int) -> np.ndarray:
    """Mark the first rows of each stratum, ``size`` in total, in proportion."""
    import numpy as np

    counts = np.bincount(strata, minlength=1)
    exact = counts * (size / max(rows, 1))
    quota = np.floor(exact).astype(int)
    largest = np.argsort(-(exact - quota), kind="stable")[: size - quota.sum()]
    quota[largest] += 1
    order = np.argsort(strata, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.empty(rows, dtype=int)
    rank[order] = np.arange(rows) - np.repeat(starts, counts)
    chosen: np.ndarray = rank < quota[strata]
    return chosen
