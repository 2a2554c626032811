"""Class Weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Role, Serving, module
from modules.contract.code import CodeStep, literal
from modules.contract.registry.automated import Weighting
from modules.tables.frames import free_name, rebuilt

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COLUMN = "Class Weight"


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training

    label = label_of_training(step)
    frame, facts = step.inputs["dataset"], step.facts("dataset")
    before = facts.having_role(Role.WEIGHT)
    name = free_name(COLUMN, facts.roles)
    given = f"{literal(label)}, {step.source('strength')}"
    weights = f"{step.helper(weights_of_classes)}({frame}, {given})"
    weights += "".join(f" * {frame}[{literal(each)}].to_numpy('float64')" for each in before)
    step.write(f"{step.outputs[0]} = {step.helper(with_new)}({frame}, {literal(name)}, {weights})")
    roles = {**dict.fromkeys(before, Role.NONE), name: Role.WEIGHT}
    step.know("weighted_dataset", facts.with_roles(roles))


@module(
    "Class Weights",
    outputs=("weighted_dataset",),
    keywords=("imbalanced", "balance", "class_weight", "rare class", "sample weight", "skewed"),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    gives_roles=True,
    code=_code,
    automated=Weighting(lambda label: {"label_column": [label]}),
)
def class_weights(
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector,
        Field(title="Label column"),
        Columns(of="dataset", single=True, role="label"),
    ] = ColumnSelector(),
    strength: Annotated[float, Field(ge=0, le=1, title="Strength")] = 1.0,
) -> DataTable:
    """Add a column of weights with which rare classes count as much as frequent ones.

    Learners that support weights use the column in training. Unlike SMOTE it adds no rows, so it
    may come before Cross Validate Model.

    Parameters
    ----------
    dataset : DataTable
        Training rows.
    label_column : ColumnSelector
        The column with the classes. By default the column with the label role.
    strength : float
        1 gives all classes the same total weight, 0 gives all rows the same; values between
        weaken the effect.

    Returns
    -------
    weighted_dataset : DataTable
        With ``Class Weight``, which has the weight role. Another column of weights is multiplied
        with it and loses the role.

    Notes
    -----
    The weight of a row is ``(rows / (classes * rows of its class)) ** strength``, with the
    strength 1 that of scikit-learn's ``class_weight="balanced"``. Rows without a label have the
    weight 0. Probabilities of a model trained with weights are shifted toward rare classes.
    """
    from modules.learning.labels import label_to_predict

    label = label_to_predict(dataset, label_column)
    dataset.require([label], parameter="label_column")
    dataset.require_rows(1, port="dataset")
    if dataset.frame[label].isna().all():
        raise ModuleError(
            "label-missing",
            f"Every value of the label column “{label}” is missing.",
            "Choose another label column.",
            parameter="label_column",
            column=label,
        )
    weights = weights_of_classes(dataset.frame, label, strength)
    before = dataset.having_role(Role.WEIGHT)
    for name in before:
        weights = weights * dataset.frame[name].to_numpy("float64")
    name = free_name(COLUMN, dataset.names)
    roles = {**dataset.roles, **dict.fromkeys(before, Role.NONE), name: Role.WEIGHT}
    return DataTable(rebuilt(dataset.frame, appended={name: weights}), roles)


def weights_of_classes(frame: pd.DataFrame, label: str, strength: float) -> np.ndarray:
    """Return the weight of each row, inverse to the frequency of its class."""
    import numpy as np

    counts = frame[label].value_counts()
    counts = counts[counts > 0]
    shares = counts * len(counts) / counts.sum()
    found: np.ndarray = frame[label].map(shares**-strength).to_numpy("float64", na_value=np.nan)
    return np.where(np.isnan(found), 0.0, found)


def with_new(frame: pd.DataFrame, name: str, values: np.ndarray) -> pd.DataFrame:
    """Return a frame with one more column; exported code can't know which names are free."""
    if name in frame:
        raise ModuleError(
            "column-exists",
            f"The dataset already has a column “{name}”. Rename it before the weights are added.",
        )
    return frame.assign(**{name: values})
