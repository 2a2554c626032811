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
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.normalize_frame import set_columns
from modules.values import TrainedModel, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_FEATURES = ColumnSelector((ColumnRule("roles", (Role.FEATURE,)),))


def _code(step: CodeStep) -> None:
    from modules.learning.code import write_training
    from modules.learning.scoring_code import with_scores, write_joined, write_scores

    (model, results), frame = step.outputs, step.inputs["dataset"]
    if model == "_":
        model = step.variable("model")
    features = step.columns("column_set", "dataset") if step.is_given("column_set") else ""
    facts = write_training(step, model, None, frame=frame, features=features)
    step.know("trained_model", facts)
    table: TableFacts = step.facts("dataset")
    scores = step.variable("scores")
    if results == "_":
        return
    known = write_scores(step, facts, model, frame, scores)
    append = step.value("append")
    labels, mode = table.having_role(Role.LABEL), facts.learner.parameters.get("label_mode")
    if append and labels and mode in ("fill missing values", "overwrite from closest to center"):
        filled, label = step.variable("filled"), literal(labels[0])
        column = f"{frame}[{label}]"
        nearest = f"{step.helper(label_of_the_center)}({column}, {scores})"
        if mode == "fill missing values":
            nearest = f"{column}.where({column}.notna(), {nearest})"
        # Not DataFrame.assign, which can't set a column “self”.
        step.write(f"{filled} = {frame}.copy(deep=False)", f"{filled}[{label}] = {nearest}")
        frame = filled
    if append:
        write_joined(step, results, frame, scores, True, None)
    else:
        step.write(f"{results} = {scores}")
    step.know("results_dataset", with_scores(TableFacts(table.roles, known)))


@module(
    "Train Clustering Model",
    outputs=("trained_model", "results_dataset"),
    keywords=("fit", "learn", "k-means", "segment"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
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
        With ``Assignments``, the number of the cluster from 0, or -1 for a row in none of them
        (DBSCAN and HDBSCAN only), and the distance to each center in
        ``DistancesToClusterCenter no.0`` and so on.

    Notes
    -----
    A parameter of the learner determines how labels are assigned in the results.

    As in Azure ML designer, models of clusters aren't trained with Train Model.
    """
    import pandas as pd

    if untrained_model.task != "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} isn't a clustering learner.",
            "Use Train Model.",
            port="untrained_model",
        )
    features = column_set.resolve_each(dataset.columns, parameter="column_set")
    model = untrained_model.fit(dataset, features=features)
    scores = model.score(dataset)
    if not append:
        return model, scores
    labels, mode = dataset.having_role(Role.LABEL), untrained_model.parameters.get("label_mode")
    frame = dataset.frame
    if labels and mode in ("fill missing values", "overwrite from closest to center"):
        label = labels[0]
        filled = label_of_the_center(frame[label], scores.frame)
        if mode == "fill missing values":
            filled = frame[label].where(frame[label].notna(), filled)
        frame = set_columns(frame, {label: filled})
    kept = frame.drop(columns=[name for name in scores.names if name in dataset.names])
    result = pd.concat([kept, scores.frame], axis=1)
    return model, DataTable(result, {**dataset.roles, **scores.roles}, scores.scoring)


def label_of_the_center(label: pd.Series, scores: pd.DataFrame) -> pd.Series:
    """Return for each row the label of the row nearest to its cluster's center.

    Parameters
    ----------
    scores : pandas.DataFrame
        The number of each row's cluster, then its distance to each center.
    """
    import numpy as np
    import pandas as pd

    own = scores.iloc[:, 0].to_numpy()
    known = label.notna().to_numpy()
    nearest = np.full(scores.shape[1] - 1, -1)
    for cluster in range(len(nearest)):
        rows = np.flatnonzero(known & (own == cluster))
        if len(rows):
            distances = scores.iloc[:, cluster + 1].to_numpy()[rows]
            nearest[cluster] = rows[distances.argmin()]
    indices = nearest[own]
    taken = label.take(np.maximum(indices, 0)).reset_index(drop=True)
    # Rows of a cluster without any label are unchanged.
    return taken.where(pd.Series(indices >= 0), label.reset_index(drop=True))
