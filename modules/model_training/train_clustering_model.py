"""Train Clustering Model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import (
    CLUSTERING,
    ColumnRule,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    module,
)
from modules.values import TrainedModel, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_FEATURES = ColumnSelector((ColumnRule("roles", (Role.FEATURE,)),))


@module(
    "Train Clustering Model",
    outputs=("trained_model", "results_dataset"),
    keywords=("fit", "learn", "k-means", "segment"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
)
def train_clustering_model(
    untrained_model: Annotated[UntrainedModel, CLUSTERING],
    dataset: DataTable,
    *,
    column_set: Annotated[ColumnSelector, Columns(of="dataset")] = _FEATURES,
    append: Annotated[bool, Field(title="Append the results to the dataset")] = True,
) -> tuple[Annotated[TrainedModel, CLUSTERING], DataTable]:
    """Train a clustering learner and assign the training rows to its clusters.

    Exclude ids and other columns that don't indicate similarity.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A clustering learner and its parameters.
    dataset : DataTable
        Training rows.
    column_set : ColumnSelector
        The columns used to compute distances. By default every feature.
    append : bool
        Keep the columns of the dataset and add the results; otherwise the output contains the
        results only.

    Returns
    -------
    trained_model : TrainedModel
        For Assign Data to Clusters.
    results_dataset : DataTable
        With ``Assignments``, the number of the cluster from 0, and the distance to each
        center in ``DistancesToClusterCenter no.0`` and so on.

    Notes
    -----
    A parameter of the learner determines how labels are assigned in the results.
    """
    import pandas as pd

    if untrained_model.task != "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} isn't a clustering learner.",
            "Use Train Model.",
            port="untrained_model",
        )
    features = column_set.resolve(dataset.columns, parameter="column_set")
    model = untrained_model.fit(dataset, features=features)
    scores = model.score(dataset)
    if not append:
        return model, scores
    labels, mode = dataset.having_role(Role.LABEL), untrained_model.parameters.get("label_mode")
    frame = dataset.frame
    if labels and mode in ("fill missing values", "overwrite from closest to center"):
        label = labels[0]
        filled = _label_of_the_center(frame[label], scores)
        if mode == "fill missing values":
            filled = frame[label].where(frame[label].notna(), filled)
        frame = frame.assign(**{label: filled})
    kept = frame.drop(columns=[name for name in scores.names if name in dataset.names])
    result = pd.concat([kept, scores.frame], axis=1)
    return model, DataTable(result, {**dataset.roles, **scores.roles}, scores.scoring)


def _label_of_the_center(label: pd.Series, scores: DataTable) -> pd.Series:
    """Return for each row the label of the row nearest to its cluster's center."""
    import numpy as np
    import pandas as pd

    scoring = scores.scoring
    assert scoring is not None
    own = scores.frame[scoring.scored].to_numpy()
    known = label.notna().to_numpy()
    nearest = np.full(len(scoring.probabilities), -1)
    for cluster, name in enumerate(scoring.probabilities):
        rows = np.flatnonzero(known & (own == cluster))
        if len(rows):
            distances = scores.frame[name].to_numpy()[rows]
            nearest[cluster] = rows[distances.argmin()]
    indices = nearest[own]
    taken = label.take(np.maximum(indices, 0)).reset_index(drop=True)
    # Rows of a cluster without any label are unchanged.
    return taken.where(pd.Series(indices >= 0), label.reset_index(drop=True))
