"""Rows to train a learner on, and others to evaluate it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from modules.contract import DataTable, ModuleError
from modules.learning.evaluation.folds import folds_of, rows_with_label
from modules.values import storage

if TYPE_CHECKING:
    import numpy as np

_TRAINING, _VALIDATION, _FOLDS = "training", "validation", "folds.npy"


class Parts(Protocol):
    """Rows to train on, and others to evaluate on."""

    port: str
    """The input that the rows to evaluate on come from."""

    def __len__(self) -> int: ...

    def part(self, index: int) -> tuple[DataTable, DataTable]:
        """Return the rows of a part to train on, and those to evaluate on."""

    def save(self, folder: Path) -> None:
        """Write them for :func:`stored_parts`."""


class Folds:
    """Each fold of a table is evaluated in turn."""

    port = "training_dataset"

    def __init__(self, table: DataTable, fold_of_row: np.ndarray) -> None:
        self._table = table
        self._fold_of_row = fold_of_row

    @classmethod
    def of(cls, dataset: DataTable, label: str, task: str, folds: int, seed: int) -> Self:
        """Divide a dataset; see :func:`modules.learning.evaluation.folds.folds_of`."""
        table = rows_with_label(dataset, label)
        return cls(table, folds_of(table, label, task, folds, seed)[0])

    def __len__(self) -> int:
        return int(self._fold_of_row.max()) + 1

    def part(self, index: int) -> tuple[DataTable, DataTable]:
        """See :class:`Parts`."""
        table, inside = self._table, self._fold_of_row == index
        return table.with_frame(table.frame[~inside]), table.with_frame(table.frame[inside])

    def save(self, folder: Path) -> None:
        """See :class:`Parts`."""
        import numpy as np

        storage.save(self._table, folder / _TRAINING)
        np.save(folder / _FOLDS, self._fold_of_row, allow_pickle=False)


class Validation:
    """A second table is evaluated."""

    port = "validation_dataset"

    def __init__(self, training: DataTable, validation: DataTable) -> None:
        self._parts = training, validation

    @classmethod
    def of(cls, training: DataTable, validation: DataTable, label: str) -> Self:
        """Return the rows of two datasets that have a label.

        Raises
        ------
        ModuleError
            If the second one lacks columns, or has no row with a label.
        """
        from modules.learning.labels import labeled
        from modules.learning.training_data import feature_names

        training.require([label], parameter="label_column")
        validation.require([label, *feature_names(training, label, None)], port=cls.port)
        with at_port(cls.port):
            validation.require_rows(1, port=cls.port)
            rows = validation.with_frame(labeled(validation.frame, label))
        return cls(training.with_frame(labeled(training.frame, label)), rows)

    def __len__(self) -> int:
        return 1

    def part(self, index: int) -> tuple[DataTable, DataTable]:
        """See :class:`Parts`."""
        return self._parts

    def save(self, folder: Path) -> None:
        """See :class:`Parts`."""
        for table, name in zip(self._parts, (_TRAINING, _VALIDATION), strict=True):
            storage.save(table, folder / name)


def stored_parts(folder: Path) -> Parts:
    """Read what ``save`` of the parts wrote."""
    import numpy as np

    training = storage.load(folder / _TRAINING)
    assert isinstance(training, DataTable)
    if (folder / _FOLDS).exists():
        return Folds(training, np.load(folder / _FOLDS, allow_pickle=False))
    validation = storage.load(folder / _VALIDATION)
    assert isinstance(validation, DataTable)
    return Validation(training, validation)


@contextmanager
def at_port(port: str) -> Iterator[None]:
    """Name a port of the tuning module in errors about the ``dataset`` of a learner."""
    try:
        yield
    except ModuleError as error:
        if error.port == "dataset":
            error.port = port
        raise
