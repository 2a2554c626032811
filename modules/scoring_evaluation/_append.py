"""Append score columns to the columns of the scored dataset."""

from __future__ import annotations

from modules.contract import DataTable, Role, warn


def with_scores(
    dataset: DataTable, scores: DataTable, *, label: str | None, append: bool
) -> DataTable:
    """Return a dataset with its scores, which replace columns of the same names.

    Parameters
    ----------
    label : str or None
        The column that the model predicts; it is assigned the label role.
    append : bool
        Keep all columns of the dataset, or only the label.
    """
    import pandas as pd

    known = label if label in dataset.names and label not in scores.names else None
    if append:
        repeated = [name for name in dataset.names if name in set(scores.names)]
        if repeated:
            warn(f"Column “{repeated[0]}” of the dataset was replaced with the new scores.")
        kept = dataset.frame.drop(columns=repeated)
    else:
        kept = dataset.frame[[known] if known else []]
    roles = {**dataset.roles, **scores.roles} | ({known: Role.LABEL} if known else {})
    return DataTable(pd.concat([kept, scores.frame], axis=1), roles, scores.scoring)
