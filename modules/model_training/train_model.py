"""Train Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    module,
)
from modules.values import TrainedModel, UntrainedModel


@module(
    "Train Model",
    outputs=("trained_model",),
    keywords=("fit", "learn", "supervised"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
)
def train_model(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class")] = "",
) -> Annotated[TrainedModel, PREDICTING]:
    """Train a classification or regression learner on a dataset.

    The learner looks for the connection between the label and all columns with the role
    of a feature. Strings and categories are encoded inside the trained model, so new
    data needs no preparation of its own.

    Parameters
    ----------
    untrained_model : UntrainedModel
        The learner and its settings.
    dataset : DataTable
        Training rows. Rows without a label are left out.
    label_column : ColumnSelector
        The column to predict. If none is chosen, the column with the role of a label.
    positive_class : str
        Of two classes the one that the probabilities, precision and recall are about. Empty for
        the second in sorted order, or in the order of a categorical label: ``yes`` of no and
        yes, 1 of 0 and 1.

    Returns
    -------
    trained_model : TrainedModel
        For Score Model.

    Notes
    -----
    A column with the role of a weight (Edit Metadata gives it) says how much each row counts.
    Text that differs in nearly every row, a name for example, is refused: nothing can be
    learned from it.

    Unlike in Azure ML designer, there are weights and a choice of the positive class, and no
    model explanations, which it has retired too.
    """
    from modules.learning.labels import label_to_predict

    if untrained_model.task == "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} predicts no label.",
            "Use Train Clustering Model.",
            port="untrained_model",
        )
    label = label_to_predict(dataset, label_column)
    dataset.require([label], parameter="label_column")
    return untrained_model.fit(dataset, label, positive=positive_class.strip())
