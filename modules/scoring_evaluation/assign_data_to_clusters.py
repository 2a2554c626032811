"""Assign Data to Clusters."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import CLUSTERING, DataTable, ModuleError, module
from modules.contract.code import CodeStep
from modules.scoring_evaluation._append import with_scores
from modules.scoring_evaluation._score_rows import scoring_form
from modules.values import TrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.scoring_code import write_scored

    write_scored(step, "results_dataset", append=step.value("append"))


@module(
    "Assign Data to Clusters",
    outputs=("results_dataset",),
    keywords=("k-means", "score", "predict", "segment"),
    requires=("numpy", "pandas", "scikit-learn"),
    row=scoring_form("append"),
    code=_code,
)
def assign_data_to_clusters(
    trained_model: Annotated[TrainedModel, CLUSTERING],
    dataset: DataTable,
    *,
    append: Annotated[bool, Field(title="Append the results to the dataset")] = True,
) -> DataTable:
    """Find the nearest cluster of a trained clustering model for each row.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train Clustering Model.
    dataset : DataTable
        Rows with the columns that the model was trained on.
    append : bool
        Keep the columns of the dataset and add the results; otherwise the output contains the
        results only.

    Returns
    -------
    results_dataset : DataTable
        With ``Assignments``, the number of the cluster from 0, or -1 for a row in none of them
        (DBSCAN and HDBSCAN only), and the distance to each center in
        ``DistancesToClusterCenter no.0`` and so on.

    Notes
    -----
    A learner that scales features in training scales those of the new rows with the same values.
    Nothing is fitted, so that the cluster of a row doesn't depend on the other rows. The names of
    the columns are those of Azure ML designer.
    """
    if trained_model.task != "clustering":
        raise ModuleError(
            "wrong-model",
            f"{trained_model.title} isn't a clustering model.",
            "Use Score Model.",
            port="trained_model",
        )
    return with_scores(dataset, trained_model.score(dataset), label=None, append=append)
