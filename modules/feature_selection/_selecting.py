"""What modules that select columns with a learner share."""

from __future__ import annotations

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.tables.column_selection import ColumnSelection
from modules.values import UntrainedModel

REASON = "it trains its learner many times; use Select Columns in Dataset with what it selected"
"""Why there is no code."""


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
    away = {column.name for column in dataset.columns if column.role == "feature"}
    away -= {label, *kept}
    names = [name for name in dataset.names if name not in away]
    features = set(kept)
    made = ColumnSelection(columns=names, labels=[name for name in names if name not in features])
    return made.apply(dataset), made
