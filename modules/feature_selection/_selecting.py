"""What modules that select columns with a learner share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.code import CodeStep
from modules.tables.column_selection import ColumnSelection
from modules.tables.fitted_code import facts_of
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from modules.learning.evaluation.trained_code import Trained


def label_and_candidates(
    learner: UntrainedModel, dataset: DataTable, chosen: ColumnSelector
) -> tuple[str, list[str]]:
    """Return the label, and the feature columns to select from.

    Raises
    ------
    ModuleError
        If there isn't a label, a row or a feature column.
    """
    from modules.learning.labels import label_to_predict
    from modules.learning.training_data import feature_names

    label = label_to_predict(dataset, chosen)
    dataset.require([label], parameter="label_column")
    dataset.require_rows(1, port="dataset")
    return label, feature_names(dataset, label, None)


def check_count(count: int, candidates: list[str], parameter: str) -> None:
    """Raise a ModuleError if more columns are wanted than there are."""
    if count > len(candidates):
        raise ModuleError(
            "too-many-features",
            f"{count} features are to be kept, but the dataset has {len(candidates)}.",
            f"Enter at most {len(candidates)}.",
            parameter=parameter,
        )


def selection(dataset: DataTable, label: str, kept: list[str]) -> tuple[DataTable, ColumnSelection]:
    """Return the table without the other features, and how to select its columns."""
    features = {column.name for column in dataset.columns if column.role == "feature"} - {label}
    made = ColumnSelection(**selected_columns(dataset.names, list(features), kept))
    return made.apply(dataset), made


def selected_columns(
    names: Iterable[str], features: list[str], kept: list[str]
) -> dict[str, list[str]]:
    """Return the columns without the features that aren't kept; new data may lack the others."""
    columns = [name for name in names if name in kept or name not in features]
    return {"columns": columns, "labels": [name for name in columns if name not in kept]}


def write_selection(step: CodeStep, columns: str, candidates: str, kept: str) -> None:
    """Write the selected dataset, and the transformation that selects the same columns.

    Parameters
    ----------
    columns : str
        The variable of the dataset.
    candidates, kept : str
        The variables of the lists of features, and of those that are kept.
    """
    target, fitted = step.outputs[0], step.outputs[-1]
    if fitted == "_":
        fitted = step.variable("selection")
    facts = facts_of(ColumnSelection)
    assert facts is not None
    step.write(f"{fitted} = {step.helper(selected_columns)}({columns}, {candidates}, {kept})")
    if target != "_":
        step.write(f"{target} = {facts.apply(step, fitted, columns)}")
    step.know("selection_transformation", facts)


def write_candidates(step: CodeStep) -> tuple[str, str]:
    """Write the list of the features to select from; return the label, and their variable."""
    from modules.learning.code import label_of_training

    label, candidates = label_of_training(step), step.variable("candidates")
    step.write(f"{candidates} = {step.features('dataset', label)}")
    return label, candidates


def write_search(step: CodeStep) -> tuple[str, str, Trained, str, str]:
    """Write what a search for the best columns needs.

    Returns
    -------
    tuple
        The label, the metric, the functions of the learner, and the variables of the rows with a
        label and of the parts of cross-validation.
    """
    from modules.learning.code import label_of_training
    from modules.learning.evaluation.trained_code import (
        learner_of,
        write_labeled,
        write_parts,
        write_trained,
    )
    from modules.learning.evaluation.validation import metric_of

    learner, label = learner_of(step), label_of_training(step)
    metric = metric_of(
        learner.task, step.value("classification_metric"), step.value("regression_metric")
    )
    made = write_trained(step, label, by_columns=True)
    labeled, folds = write_labeled(step, label)
    parts, _ = write_parts(step, learner, label, labeled, folds)
    return label, metric, made, labeled, parts
