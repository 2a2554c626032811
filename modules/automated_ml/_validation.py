"""The rows on which trials are evaluated: folds, a share, the latest, or another table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from modules.automated_ml._preparation import Prepared
from modules.automated_ml._problem import Target
from modules.contract import DataTable, ModuleError, ModuleSpec, Role, warn
from modules.contract.registry.automated import Division
from modules.contract.registry.discovery import automated_modules
from modules.learning.preparation.steps import apply

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLDS, SHARE, TIME = "folds", "share of rows", "latest rows"


@dataclass(frozen=True)
class Divided:
    """Rows to train and to evaluate.

    Parameters
    ----------
    training, validation, fold_of_row
        As in :class:`modules.automated_ml._problem.Problem`.
    whole : DataTable
        The rows that the best model is trained on in the end.
    shown : DataTable
        The rows that are evaluated, as they came.
    described : mapping
        How a pipeline does the same, as plain JSON.
    """

    training: DataTable
    validation: DataTable | None
    fold_of_row: np.ndarray | None
    whole: DataTable
    shown: DataTable
    described: Mapping[str, Any]


@dataclass(frozen=True)
class Validation:
    """How rows are held out.

    Parameters
    ----------
    kind : str
        ``folds``, ``share of rows``, or ``latest rows``; another table takes precedence.
    share : float
        Of the rows to evaluate on.
    time : str
        The column that orders the rows; empty if it doesn't matter.
    """

    kind: str
    folds: int
    share: float
    time: str

    def divide(
        self, dataset: DataTable, prepared: Prepared, second: DataTable | None,
        target: Target, seed: int,
    ) -> Divided:  # fmt: skip
        """Divide the rows.

        Parameters
        ----------
        dataset : DataTable
            The table as it came.
        second : DataTable or None
            Another table to evaluate on, as it came.

        Raises
        ------
        ModuleError
            If there are too few rows, or the other table lacks columns or labels.
        """
        from modules.learning.evaluation.folds import folds_of, rows_with_label

        label = target.label
        if second is not None:
            return _by_table(prepared, second, target)
        if self.kind == FOLDS:
            table = rows_with_label(prepared.table, label)
            fold_of_row, _ = folds_of(table, label, target.task, self.folds, seed)
            shown = _labeled(dataset, [label, *dataset.having_role(Role.FOLD)[:1]])
            described = {"kind": "folds", "folds": self.folds, "seed": seed}
            return Divided(table, None, fold_of_row, table, shown, described)
        return self._by_module(dataset, prepared, target, seed)

    def _by_module(
        self, dataset: DataTable, prepared: Prepared, target: Target, seed: int
    ) -> Divided:
        """Divide the rows by the module that does it in a pipeline."""
        label, table = target.label, prepared.table
        stratified = self.kind == SHARE and _can_be_stratified(dataset, target, self.share)
        spec = _division("time" if self.kind == TIME else "share")
        declared = cast(Division, spec.automated)
        parameters = declared.plan(self.share, seed, label if stratified else "", self.time)
        arguments = spec.read_parameters(parameters)
        parts = [_labeled(part, [label]) for part in spec(table, **arguments)]
        for part, purpose in zip(parts, ("train on", "evaluate on"), strict=True):
            if not len(part):
                raise ModuleError(
                    "empty-part",
                    f"The division leaves no rows with a label to {purpose}.",
                    "Use another share, or add rows.",
                    parameter="validation_share",
                )
        shown = _labeled(spec(dataset, **arguments)[1], [label])
        described = {"kind": "division", "module": spec.id, "parameters": parameters}
        return Divided(parts[0], parts[1], None, _labeled(table, [label]), shown, described)


def _can_be_stratified(dataset: DataTable, target: Target, share: float) -> bool:
    """Return whether each class can be in both parts, in proportion; if not, with a warning."""
    column = dataset.frame[target.label]
    if not target.classes or column.isna().any():
        return False
    smaller_part = int(min(share, 1 - share) * len(column))
    sizes = column.value_counts()
    if sizes[sizes > 0].min() > 1 and smaller_part >= len(target.classes):
        return True
    warn(
        f"“{target.label}” has classes with too few rows to be in both parts, so the rows are "
        "divided without regard to them."
    )
    return False


def _division(kind: str) -> ModuleSpec:
    for spec in automated_modules():
        if isinstance(spec.automated, Division) and spec.automated.kind == kind:
            return spec
    raise ModuleError(
        "not-installed",
        "No module that divides rows is installed.",
        "Use folds.",
        parameter="validation",
    )


def _by_table(prepared: Prepared, second: DataTable, target: Target) -> Divided:
    label = target.label
    needed = [name for name in prepared.features if name != label]
    second.require([label, *needed], port="validation_dataset")
    shown = _labeled(second, [label])
    if not len(shown):
        raise ModuleError(
            "label-missing",
            f"Every value of “{label}” is missing in the validation dataset.",
            "Use rows with a label.",
            port="validation_dataset",
            column=label,
        )
    _check_label(shown.frame[label], target)
    kept = [name for name in shown.names if name not in prepared.left_out]
    validation = apply(prepared.steps, shown.select(kept))
    training = _labeled(prepared.table, [label])
    return Divided(training, validation, None, training, shown, {"kind": "table"})


def _check_label(column: pd.Series, target: Target) -> None:
    """Check that a validation dataset has values that a model can be right about."""
    from modules.learning.categories import scalar
    from modules.learning.labels import target_of

    if not target.classes:
        target_of(column, target.task)
        return
    for value in map(scalar, column.unique()):
        if value not in target.classes:
            raise ModuleError(
                "untrained-class",
                f"Column “{column.name}” of the validation dataset contains “{value}”, which no "
                "row of the dataset has.",
                "Remove these rows, or add rows of that class to the dataset.",
                port="validation_dataset",
                column=str(column.name),
            )


def _labeled(table: DataTable, names: list[str]) -> DataTable:
    """Return the rows with a value in each of the columns."""
    missing = table.frame[names].isna().any(axis=1)
    return table.with_frame(table.frame[~missing]) if missing.any() else table
