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
    ValueOf,
    module,
)
from modules.contract.code import CodeStep
from modules.values import TrainedModel, UntrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training, write_training

    facts = write_training(
        step,
        step.outputs[0],
        label_of_training(step),
        frame=step.inputs["dataset"],
        positive=step.source("positive_class") if step.is_given("positive_class") else "",
    )
    step.know("trained_model", facts)


@module(
    "Train Model",
    outputs=("trained_model",),
    keywords=("fit", "learn", "supervised"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def train_model(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class"), ValueOf("label_column")] = "",
) -> Annotated[TrainedModel, PREDICTING]:
    """Train a classification or regression learner on a dataset.

    The learner models the relationship between the label and all feature columns.
    Strings and categories are encoded inside the trained model, so new
    data doesn't need any preparation.

    Parameters
    ----------
    untrained_model : UntrainedModel
        The learner and its parameters.
    dataset : DataTable
        Training rows. Rows without a label are skipped.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    positive_class : str
        Of two classes, the one that probabilities, precision and recall refer to. Empty for
        the second in sorted order, or in the order of a categorical label: ``yes`` of no and
        yes, 1 of 0 and 1.

    Returns
    -------
    trained_model : TrainedModel
        For Score Model.

    Notes
    -----
    A column with the weight role (set it with Edit Metadata) is used as sample weights.
    Text that is different in nearly every row, a name for example, is rejected, because
    a model can't learn from it.

    Unlike in Azure ML designer, there are weights and a choice of the positive class, and no
    model explanations, which Azure has retired too.
    """
    from modules.learning.labels import label_to_predict

    if untrained_model.task == "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} doesn't predict a label.",
            "Use Train Clustering Model.",
            port="untrained_model",
        )
    if untrained_model.task == "anomaly":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} doesn't predict a label.",
            "Use Train Anomaly Detection Model.",
            port="untrained_model",
        )
    label = label_to_predict(dataset, label_column)
    dataset.require([label], parameter="label_column")
    return untrained_model.fit(dataset, label, positive=positive_class.strip())
