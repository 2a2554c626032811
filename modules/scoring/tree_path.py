"""A tree of a stored model, with the path of a row. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.scoring.what_if import average_row, opened, row_table

if TYPE_CHECKING:
    from modules.values.drawn_tree import DrawnTree


def tree_path(folder: Path, number: int, row: Mapping[str, Any] | None = None) -> DrawnTree:
    """Return a tree of a stored model.

    Parameters
    ----------
    number : int
        Which tree, from 1.
    row : mapping of str to object, optional
        The row whose path is wanted; by default the average training row.

    Raises
    ------
    ModuleError
        If the model can't be read or has no such tree, or a value of the row can't be read.
    """
    import numpy as np

    from modules.learning.explanation.drawn_trees import Features, drawn_tree
    from modules.learning.explanation.matrices import rescaled
    from modules.learning.fitted_estimator import FittedEstimator
    from modules.learning.preparation.model import PreparedModel
    from modules.learning.preparation.steps import apply

    explainer, schema = opened(folder)
    model = explainer.model
    if not 1 <= number <= model.tree_count:
        raise ModuleError("no-tree", f"{model.title} has no tree {number}.", "Choose another one.")
    table = row_table(average_row(folder).row if row is None else row, schema)
    while isinstance(model, PreparedModel):
        table = apply(model.steps, table)
        model = model.model
    assert isinstance(model, FittedEstimator)
    names = [column.name for column in model.features]
    matrix = model.encoder.transform(table.frame[names])
    if hasattr(matrix, "toarray"):
        matrix = matrix.toarray()
    matrix = rescaled(np.asarray(matrix, float), model.scalers)
    features = Features.of(model.encoder)
    return drawn_tree(model.final_estimator, number, features, model.classes, matrix)
