"""Score Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import SCORING, DataTable, ModuleError, module
from modules.contract.code import CodeStep
from modules.scoring_evaluation._append import with_scores
from modules.scoring_evaluation._score_rows import scoring_form
from modules.values import TrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.scoring_code import write_scored

    append = step.value("append_score_columns_to_output")
    write_scored(step, "scored_dataset", append=append)


@module(
    "Score Model",
    outputs=("scored_dataset",),
    keywords=("predict", "prediction", "inference", "probabilities"),
    requires=("numpy", "pandas", "scikit-learn"),
    row=scoring_form("append_score_columns_to_output"),
    code=_code,
)
def score_model(
    trained_model: Annotated[TrainedModel, SCORING],
    dataset: DataTable,
    *,
    append_score_columns_to_output: Annotated[
        bool, Field(title="Append score columns to output")
    ] = True,
) -> DataTable:
    """Predict with a trained classification, regression, or anomaly detection model.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train Model or Train Anomaly Detection Model.
    dataset : DataTable
        Rows to predict, with the columns that the model was trained on. The label is
        optional. Unseen categories and missing values are allowed.
    append_score_columns_to_output : bool
        Keep the columns of the dataset and add the scores. Otherwise the output contains
        only the scores, and the label if there is one.

    Returns
    -------
    scored_dataset : DataTable
        With ``Scored Labels`` and, for classes, the probabilities:
        ``Scored Probabilities`` of the positive class (the second of the two in sorted
        order, or in the order of a categorical label), or one
        ``Scored Probabilities_CLASS`` for each of several. For anomalies, ``Scored
        Labels`` is 1 and ``Scored Probabilities`` the score, which is higher for more unusual
        rows. Quantile regression adds ``Scores for quantile: Q`` for each quantile.

    Notes
    -----
    Values are encoded as in training: a category that training never saw is none of the known
    ones, and a missing number is replaced as in training, unless the learner distinguishes
    missing values. Of two classes, the positive one is scored if its probability is the larger
    one, or reaches the threshold of Tune Threshold; of several, the one with the largest
    probability.

    The names of the columns are those of Azure ML designer.
    """
    if trained_model.task == "clustering":
        raise ModuleError(
            "wrong-model",
            f"{trained_model.title} doesn't predict a label.",
            "Use Assign Data to Clusters.",
            port="trained_model",
        )
    scores = trained_model.score(dataset)
    return with_scores(
        dataset, scores, label=trained_model.label, append=append_score_columns_to_output
    )
