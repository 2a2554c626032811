"""Rows to train a learner on, and others to evaluate it on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from modules.contract import DataTable, ModuleError
from modules.learning.evaluation.folds import folds_of, rows_with_label


class Parts(Protocol):
    """Rows to train on, and others to evaluate on."""

    port: str
    """The input that the rows to evaluate on come from."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]: ...


class Folds:
    """Each fold of a dataset is evaluated in turn."""

    port = "training_dataset"

    def __init__(self, dataset: DataTable, label: str, task: str, folds: int, seed: int) -> None:
        self._table = rows_with_label(dataset, label)
        self._fold_of_row, numbers = folds_of(self._table, label, task, folds, seed)
        self._count = len(numbers)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]:
        table = self._table
        for index in range(self._count):
            inside = self._fold_of_row == index
            yield table.with_frame(table.frame[~inside]), table.with_frame(table.frame[inside])


class Validation:
    """A second dataset is evaluated.

    Raises
    ------
    ModuleError
        If it lacks columns, or has no row with a label.
    """

    port = "validation_dataset"

    def __init__(self, training: DataTable, validation: DataTable, label: str) -> None:
        from modules.learning.labels import labeled
        from modules.learning.training_data import feature_names

        training.require([label], parameter="label_column")
        validation.require([label, *feature_names(training, label, None)], port=self.port)
        with at_port(self.port):
            validation.require_rows(1, port=self.port)
            rows = validation.with_frame(labeled(validation.frame, label))
        self._parts = training.with_frame(labeled(training.frame, label)), rows

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]:
        yield self._parts


class Thinned:
    """Trains on a share of the rows; evaluated on all others.

    Parameters
    ----------
    share : float
        Above 0, at most 1. Smaller shares are parts of larger ones.
    stratified : bool
        Every class has that share.
    """

    def __init__(
        self, parts: Parts, label: str, share: float, seed: int, *, stratified: bool
    ) -> None:
        self.port = parts.port
        self._parts = parts
        self._label = label
        self._share = share
        self._seed = seed
        self._stratified = stratified

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]:
        for training, testing in self._parts:
            yield training if self._share >= 1 else self._thinned(training), testing

    def _thinned(self, table: DataTable) -> DataTable:
        import numpy as np
        import pandas as pd

        order = np.random.default_rng(self._seed).permutation(len(table))
        if self._stratified:
            codes = pd.Series(pd.factorize(table.frame[self._label])[0][order])
            groups = codes.groupby(codes)
            inside = (groups.cumcount() + 0.5) / groups.transform("size")
            order = order[np.argsort(inside.to_numpy(), kind="stable")]
        kept = np.sort(order[: math.ceil(self._share * len(table))])
        return table.with_frame(table.frame.iloc[kept])


@contextmanager
def at_port(port: str) -> Iterator[None]:
    """Name a port of the tuning module in errors about the ``dataset`` of a learner."""
    try:
        yield
    except ModuleError as error:
        if error.port == "dataset":
            error.port = port
        raise
