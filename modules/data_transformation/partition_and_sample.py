"""Partition and Sample."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Needed,
    Numbers,
    Role,
    Serving,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.data_transformation._code.partition import write_partition
from modules.tables.frames import free_name, rebuilt

if TYPE_CHECKING:
    import numpy as np

FOLD = "Fold"
"""Name of the column with the fold numbers."""

_DRAWN = ("assign to folds", "sampling")


def _code(step: CodeStep) -> None:
    write_partition(
        step,
        even_folds=even_folds,
        proportional_folds=proportional_folds,
        shares=_shares,
        column=FOLD,
    )


@module(
    "Partition and Sample",
    outputs=("results_dataset",),
    keywords=("fold", "cross validation", "head", "first rows", "random", "subset", "bootstrap"),
    requires=("pandas", "numpy", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def partition_and_sample(
    dataset: DataTable,
    *,
    mode: Annotated[
        Literal["assign to folds", "pick fold", "sampling", "head"],
        Field(title="Partition or sample mode"),
    ] = "sampling",
    with_replacement: Annotated[
        bool, Field(title="Use replacement in the partitioning"), When(mode="assign to folds")
    ] = False,
    randomized: Annotated[
        bool, Field(title="Randomized split"), When(mode="assign to folds")
    ] = True,
    partitioner: Annotated[
        Literal["partition evenly", "partition with customized proportions"],
        Field(title="Partitioner method"),
        When(mode="assign to folds"),
    ] = "partition evenly",
    number_of_folds: Annotated[
        int, Field(ge=1), When(mode="assign to folds", partitioner="partition evenly")
    ] = 5,
    proportions: Annotated[
        str,
        Field(title="Proportions of the folds"),
        Needed(),
        Numbers(),
        When(mode="assign to folds", partitioner="partition with customized proportions"),
    ] = "",
    fold: Annotated[int, Field(title="Fold to pick", ge=1), When(mode="pick fold")] = 1,
    complement: Annotated[
        bool, Field(title="Pick complement of the selected fold"), When(mode="pick fold")
    ] = False,
    rate: Annotated[
        float, Field(title="Rate of sampling", ge=0, le=1), When(mode="sampling")
    ] = 0.01,
    number_of_rows: Annotated[
        int, Field(title="Number of rows to select", ge=1), When(mode="head")
    ] = 10,
    seed: Annotated[int, Field(title="Random seed", ge=0, le=4_294_967_295), When(mode=_DRAWN)] = 0,
    stratified: Annotated[bool, Field(title="Stratified split"), When(mode=_DRAWN)] = False,
    stratification_column: Annotated[
        ColumnSelector,
        Field(title="Stratification key column"),
        Columns(of="dataset", single=True),
        Needed(),
        When(mode=_DRAWN, stratified=True),
    ] = ColumnSelector(),
) -> DataTable:
    """Sample the rows, or assign them to folds.

    Use a sample for faster experiments, or folds for Cross Validate Model. To hold out rows
    for testing, use Split Data.

    Parameters
    ----------
    dataset : DataTable
        Any table; to pick a fold, one whose rows are assigned to folds.
    mode : str
        Assign rows to folds, select the rows of a fold, draw a random sample, or select the
        first rows.
    with_replacement : bool
        Draw the same number of rows with replacement before assigning them, so that some occur
        several times.
    randomized : bool
        Assign rows to folds at random; otherwise in turn.
    partitioner : str
        Folds of equal size, or of custom sizes.
    number_of_folds : int
        Number of folds of equal size.
    proportions : str
        The proportion of each fold, separated by commas: ``0.5, 0.3, 0.2``. If they add up to
        less than 1, the remaining rows are one more fold.
    fold : int
        The number of the fold to select, from 1.
    complement : bool
        Select all rows except those of the fold.
    rate : float
        The proportion of rows to draw, from 0 to 1.
    number_of_rows : int
        Number of rows to select from the start.
    seed : int
        The random seed; the same seed draws the same rows. 0 is a fixed seed too.
    stratified : bool
        Preserve the proportions of the key column's values in each fold or in the sample.
    stratification_column : ColumnSelector
        The key column for stratification, the label for example.

    Returns
    -------
    results_dataset : DataTable
        The rows; after assigning, with a column Fold that numbers the folds from 1 and has
        the fold role, which Cross Validate Model uses.

    Notes
    -----
    A sample has the rows of ``frame.sample(frac=rate, random_state=seed)`` in its order;
    stratified, those of ``train_test_split(frame, train_size=rate, random_state=seed,
    stratify=column)``. Random folds of equal size are those of scikit-learn's
    ``KFold(folds, shuffle=True, random_state=seed)``, stratified ones those of
    ``StratifiedKFold``.

    Unlike in Azure ML designer, the folds are visible as a column, 0 is a fixed seed, and the modes
    share one seed and one stratification.
    """
    if mode == "head":
        return dataset.with_frame(dataset.frame.iloc[:number_of_rows])
    if mode == "pick fold":
        return _picked(dataset, fold, complement)
    strata = None
    if stratified:
        name = stratification_column.resolve_one(dataset.columns, parameter="stratification_column")
        strata = _strata(dataset, name)
    if mode == "sampling":
        return _sampled(dataset, rate, seed, strata)
    if with_replacement and len(dataset):
        import numpy as np

        drawn = np.random.RandomState(seed).randint(0, len(dataset), len(dataset))
        dataset = dataset.with_frame(dataset.frame.take(drawn))
        strata = None if strata is None else strata[drawn]
    chance = seed if randomized else None
    if partitioner == "partition evenly":
        folds = even_folds(len(dataset), number_of_folds, chance, strata)
    else:
        folds = proportional_folds(len(dataset), _shares(proportions), chance, strata)
    return _with_folds(dataset, folds)


def _strata(dataset: DataTable, name: str) -> np.ndarray:
    import pandas as pd

    return pd.factorize(dataset.frame[name], sort=True, use_na_sentinel=False)[0]


def _picked(dataset: DataTable, fold: int, complement: bool) -> DataTable:
    import numpy as np

    names = dataset.having_role(Role.FOLD)
    if not names:
        raise ModuleError(
            "no-folds",
            "The rows of this dataset aren't assigned to folds.",
            "Add another Partition and Sample before it to assign them.",
            parameter="mode",
        )
    numbers = dataset.frame[names[0]].to_numpy()
    known = np.unique(numbers)
    if fold not in known:
        raise ModuleError(
            "fold-not-found",
            f"Fold {fold} doesn't have any rows.",
            _how_to_pick(known),
            parameter="fold",
        )
    hits = numbers != fold if complement else numbers == fold
    frame = dataset.frame.drop(columns=names[0]).take(hits.nonzero()[0])
    return dataset.with_frame(frame)


def _how_to_pick(known: np.ndarray) -> str:
    """Return a hint with the folds that have rows; a proportion can be too small for one."""
    if not len(known):
        return "The dataset has no rows."
    if known[-1] - known[0] == len(known) - 1:
        return f"Choose a fold from {known[0]} to {known[-1]}."
    return f"Choose one of the folds {', '.join(map(str, known[:20]))}."


def _sampled(dataset: DataTable, rate: float, seed: int, strata: np.ndarray | None) -> DataTable:
    frame = dataset.frame
    if len(frame) and round(rate * len(frame)) == 0:
        warn(f"A rate of {rate:g} of {len(frame)} rows is less than one row; the sample is empty.")
    if strata is None or math.floor(rate * len(frame)) in (0, len(frame)):
        return dataset.with_frame(frame.sample(frac=rate, random_state=seed))
    import numpy as np
    from sklearn.model_selection import train_test_split

    try:
        rows, _ = train_test_split(
            np.arange(len(frame)), train_size=rate, random_state=seed, stratify=strata
        )
    except ValueError as error:
        raise _strata_too_small() from error
    return dataset.with_frame(frame.take(rows))


def even_folds(rows: int, count: int, seed: int | None, strata: np.ndarray | None) -> np.ndarray:
    """Return the fold of each row, from 1."""
    import numpy as np

    if count > rows and rows:
        raise ModuleError(
            "too-many-folds",
            f"{count} folds require at least as many rows; the dataset has {rows}.",
            "Use fewer folds.",
            parameter="number_of_folds",
        )
    if count == 1 or not rows:
        return np.ones(rows, dtype=np.int64)
    if seed is None and strata is None:
        return np.arange(rows, dtype=np.int64) % count + 1
    from sklearn.model_selection import KFold, StratifiedKFold

    options: dict[str, Any] = {"shuffle": seed is not None, "random_state": seed}
    maker = KFold if strata is None else StratifiedKFold
    if strata is not None:
        sizes = np.unique(strata, return_counts=True)[1]
        if sizes.max() < count:
            raise _strata_too_small()
        if sizes.min() < count:
            warn(
                f"A value of the key column has fewer than {count} rows, so it isn't in every fold."
            )
    folds = np.zeros(rows, dtype=np.int64)
    with warnings.catch_warnings():
        # Already reported by our own warning.
        warnings.filterwarnings("ignore", message="The least populated class")
        parts = list(maker(count, **options).split(np.zeros(rows), strata))
    for number, (_, part) in enumerate(parts, start=1):
        folds[part] = number
    return folds


def _shares(text: str) -> list[float]:
    try:
        shares = [float(part) for part in text.replace(";", ",").split(",") if part.strip()]
    except ValueError:
        shares = []
    total = math.fsum(shares)
    if not shares or min(shares) <= 0 or total > 1 + 1e-9:
        what = "add up to more than 1" if shares and min(shares) > 0 else "aren't numbers above 0"
        raise ModuleError(
            "bad-proportions",
            f"The proportions “{text}” {what}.",
            "Enter proportions such as 0.5, 0.3, 0.2.",
            parameter="proportions",
        )
    return shares if total > 1 - 1e-9 else [*shares, 1 - total]


def proportional_folds(
    rows: int, shares: list[float], seed: int | None, strata: np.ndarray | None
) -> np.ndarray:
    """Return the fold of each row: in each stratum, proportions of the rows in a random order."""
    import numpy as np

    generator = None if seed is None else np.random.RandomState(seed)
    order = np.arange(rows) if generator is None else generator.permutation(rows)
    groups = np.zeros(rows, dtype=np.int64) if strata is None else strata
    folds = np.empty(rows, dtype=np.int64)
    for group in np.unique(groups):
        members = order[groups[order] == group]
        ends = np.rint(np.cumsum(shares) * len(members)).astype(int)
        ends[-1] = len(members)
        folds[members] = np.searchsorted(ends, np.arange(len(members)), side="right") + 1
    return folds


def _with_folds(dataset: DataTable, folds: np.ndarray) -> DataTable:
    earlier = dataset.having_role(Role.FOLD)
    kept = [name for name in dataset.names if name not in earlier]
    name = free_name(FOLD, kept)
    frame = rebuilt(dataset.frame, dropped=earlier, appended={name: folds})
    roles = {column: role for column, role in dataset.roles.items() if column not in earlier}
    return DataTable(frame, roles | {name: Role.FOLD}, dataset.scoring)


def _strata_too_small() -> ModuleError:
    return ModuleError(
        "strata-too-small",
        "A value of the key column has too few rows to be in every part.",
        "Choose another key column, a larger proportion, or fewer folds.",
        parameter="stratification_column",
    )
