"""Train Clustering Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import (
    ColumnRule,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    TrainedModel,
    UntrainedModel,
    module,
)

_FEATURES = ColumnSelector((ColumnRule("roles", (Role.FEATURE,)),))


@module(
    "Train Clustering Model",
    outputs=("trained_model", "results_dataset"),
    keywords=("fit", "learn", "k-means", "segment"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
)
def train_clustering_model(
    untrained_model: UntrainedModel,
    dataset: DataTable,
    *,
    column_set: Annotated[ColumnSelector, Columns(of="dataset")] = _FEATURES,
    append: Annotated[bool, Field(title="Append the results to the dataset")] = True,
) -> tuple[TrainedModel, DataTable]:
    """Train a clustering learner and assign the training rows to its clusters.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A clustering learner and its settings.
    dataset : DataTable
        Training rows.
    column_set : ColumnSelector
        The columns that say how near two rows are. By default every feature.
    append : bool
        Keep the columns of the dataset and add the results; otherwise the output holds the
        results alone.

    Returns
    -------
    trained_model : TrainedModel
        For Assign Data to Clusters.
    results_dataset : DataTable
        With ``Assignments``, the number of the cluster from 0, and the distance to each
        center in ``DistancesToClusterCenter no.0`` and so on.
    """
    import pandas as pd

    from modules.contract.learning import fit

    if untrained_model.task != "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} does not make clusters.",
            "Use Train Model.",
            port="untrained_model",
        )
    features = column_set.resolve(dataset.columns, parameter="column_set")
    model = fit(untrained_model, dataset, features=features)
    scores = model.score(dataset)
    if not append:
        return model, scores
    kept = dataset.frame.drop(columns=[name for name in scores.names if name in dataset.names])
    frame = pd.concat([kept, scores.frame], axis=1)
    return model, DataTable(frame, {**dataset.roles, **scores.roles}, scores.scoring)
