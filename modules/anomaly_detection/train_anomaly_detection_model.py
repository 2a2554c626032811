"""Train Anomaly Detection Model."""

from __future__ import annotations

from typing import Annotated

from modules.contract import ANOMALY, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep
from modules.values import TrainedModel, UntrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.code import write_training

    (model,) = step.outputs
    step.know("trained_model", write_training(step, model, None, frame=step.inputs["dataset"]))


@module(
    "Train Anomaly Detection Model",
    outputs=("trained_model",),
    keywords=("fit", "learn", "outlier", "fraud", "novelty", "unsupervised"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def train_anomaly_detection_model(
    untrained_model: Annotated[UntrainedModel, ANOMALY], dataset: DataTable
) -> Annotated[TrainedModel, ANOMALY]:
    """Train a learner of anomaly detection on normal rows.

    A label isn't needed. If there is one, for evaluation, give it the label role, so that it isn't
    a feature: 1 for an anomaly, 0 for a normal row.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A learner of anomaly detection and its parameters.
    dataset : DataTable
        Rows that are normal, or nearly all of them. Every column with the feature role is used.

    Returns
    -------
    trained_model : TrainedModel
        For Score Model.

    Notes
    -----
    Evaluate Model takes anomalies, 1, as the positive class. Azure ML designer's documentation
    asks for 1 for normal rows, but its scores are higher for anomalies.
    """
    if untrained_model.task != "anomaly":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} isn't a learner of anomaly detection.",
            "Use Train Model or Train Clustering Model.",
            port="untrained_model",
        )
    return untrained_model.fit(dataset)
