"""Rows to train a learner on, and others to evaluate it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from modules.contract import DataTable, ModuleError
from modules.contract.context import part_of_progress
from modules.learning.evaluation.folds import evaluated, folds_of, rows_with_label
from modules.learning.evaluation.undefined import counted_metrics
from modules.learning.tuning.settings import Setting
from modules.learning.tuning.thinning import thinned
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import pandas as pd


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
        frame: pd.DataFrame = thinned(
            table.frame, self._label, self._share, self._seed, stratified=self._stratified
        )
        return table.with_frame(frame)


class LearnerOnParts:
    """A learner that is trained and evaluated on parts: the ``Parts`` of a search.

    Parameters
    ----------
    positive : str
        The positive class of two, as text; empty for the second in their order.
    seed : int
        Determines which rows a share consists of.
    """

    def __init__(
        self, learner: UntrainedModel, parts: Parts, label: str, positive: str, seed: int
    ) -> None:
        self._learner = learner
        self._parts = parts
        self._label = label
        self._positive = positive
        self._seed = seed

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def fewest_rows(self) -> int:
        """The rows to train on in the smallest part."""
        return min(len(training) for training, _ in self._parts)

    def metrics(self, setting: Setting, share: float) -> Iterator[dict[str, float]]:
        """Yield the metrics of a setting for one part after the other."""
        changed = self._learner.with_parameters(setting)
        is_class = self._learner.task != "regression"
        parts = Thinned(self._parts, self._label, share, self._seed, stratified=is_class)
        for index, (training, testing) in enumerate(parts):
            with part_of_progress(index / len(parts), (index + 1) / len(parts)):
                model = changed.fit(training, self._label, positive=self._positive)
            with at_port(parts.port):
                _, report = evaluated(model, testing, self._label, parts.port)
            yield counted_metrics(report.metrics, len(testing))


@contextmanager
def at_port(port: str) -> Iterator[None]:
    """Name a port of the tuning module in errors about the ``dataset`` of a learner."""
    try:
        yield
    except ModuleError as error:
        if error.port == "dataset":
            error.port = port
        raise
