"""A tree of a stored model, with the path of a row. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.scoring.what_if import average_row, opened, row_table

if TYPE_CHECKING:
    from modules.values import TrainedModel
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

    from modules.learning.ensembles.parts import ModelOfModels
    from modules.learning.explanation.drawn_trees import Features, drawn_tree
    from modules.learning.explanation.matrices import rescaled
    from modules.learning.fitted_estimator import FittedEstimator
    from modules.learning.preparation.model import PreparedModel
    from modules.learning.preparation.steps import apply

    explainer, schema = opened(folder)
    model: TrainedModel = explainer.model
    count = model.tree_count
    if not 1 <= number <= count:
        raise ModuleError("no-tree", f"{model.title} has no tree {number}.", "Choose another one.")
    table = row_table(average_row(folder).row if row is None else row, schema)
    own, parts = number, []
    while not isinstance(model, FittedEstimator):
        if isinstance(model, PreparedModel):
            table = apply(model.steps, table)
            model = model.model
            continue
        assert isinstance(model, ModelOfModels)
        place, model, own = _part_with(model.reading_rows, own)
        parts.append(f"{place}. {model.title}")
    names = [column.name for column in model.features]
    matrix = model.encoder.transform(table.frame[names])
    if hasattr(matrix, "toarray"):
        matrix = matrix.toarray()
    matrix = rescaled(np.asarray(matrix, float), model.scalers)
    features = Features.of(model.encoder)
    tree = drawn_tree(model.final_estimator, own, features, model.classes, matrix)
    return replace(tree, number=number, count=count, model=", ".join(parts))


def _part_with(models: Sequence[TrainedModel], number: int) -> tuple[int, TrainedModel, int]:
    """Return the position of the model that a tree belongs to, the model, and the tree's number."""
    for place, model in enumerate(models, start=1):
        if number <= model.tree_count:
            return place, model, number
        number -= model.tree_count
    raise IndexError(number)
