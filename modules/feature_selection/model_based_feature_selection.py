"""Model-Based Feature Selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    Serving,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep, TableFacts
from modules.feature_selection._selecting import (
    check_count,
    label_and_candidates,
    selection,
    write_candidates,
    write_selection,
)
from modules.values import Transformation, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    from modules.learning.code import write_training
    from modules.learning.evaluation.trained_code import learner_of
    from modules.learning.exported import column_importances

    frame, ranking = step.inputs["dataset"], step.outputs[1]
    learner_of(step)
    label, candidates = write_candidates(step)
    model, found, kept = map(step.variable, ("model", "found", "kept"))
    ranking = step.variable("ranking") if ranking == "_" else ranking
    write_training(step, model, label, frame=frame, features=candidates)
    importances = f"{step.helper(column_importances)}({model}, {frame})"
    count = step.source("number_of_features")
    step.write(
        f"{found} = dict.fromkeys({candidates}, 0.0) | {importances}",
        f"{ranking} = {step.helper(ranked)}({found}, {step.source('keep')}, {count})",
        f'{kept} = {ranking}.loc[{ranking}["Selected"], "Feature"].tolist()',
    )
    write_selection(step, frame, candidates, kept)
    step.know("features", TableFacts())


@module(
    "Model-Based Feature Selection",
    outputs=("filtered_dataset", "features", "selection_transformation"),
    keywords=("select from model", "embedded", "lasso", "importance", "relevance", "tree"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def model_based_feature_selection(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    keep: Annotated[
        Literal[
            "more important than the mean",
            "more important than the median",
            "every used one",
            "a number",
        ],
        Field(title="Features to keep"),
    ] = "more important than the mean",
    number_of_features: Annotated[
        int, Field(ge=1, title="Number of features"), When(keep="a number")
    ] = 5,
) -> tuple[DataTable, DataTable, Transformation]:
    """Keep the columns that a model uses most when it is trained with all of them.

    Trains the learner once. Elastic Net Regression, for example, doesn't use a column whose
    weight is 0.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A linear learner, or one with trees.
    dataset : DataTable
        Training rows. Rows without a label are skipped.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    keep : str
        Which feature columns are kept; at least the most important one.
    number_of_features : int
        How many.

    Returns
    -------
    filtered_dataset : DataTable
        The kept columns, the label, and columns that aren't features.
    features : DataTable
        ``Feature``, ``Importance``, and whether it was ``Selected``, the most important first.
    selection_transformation : Transformation
        Keeps the same columns of new data.

    Notes
    -----
    As scikit-learn's ``SelectFromModel``, but for columns: the importance of a column with text is
    that of all its values. Of a linear model, it's the root of the sum of the squared weights in
    standardized features; of trees, the share of the total gain.
    """
    from modules.learning.importances import column_importances

    label, candidates = label_and_candidates(untrained_model, dataset, label_column)
    if keep == "a number":
        check_count(number_of_features, candidates, "number_of_features")
    model = untrained_model.fit(dataset, label, features=candidates)
    found = {**dict.fromkeys(candidates, 0.0), **column_importances(model, dataset)}
    ranking = ranked(found, keep, number_of_features)
    kept = ranking.loc[ranking["Selected"], "Feature"].tolist()
    filtered, made = selection(dataset, label, kept)
    return filtered, DataTable(ranking), made


def ranked(found: dict[str, float], keep: str, number: int) -> pd.DataFrame:
    """Return the features with their importance, and which are kept; at least the first one."""
    import numpy as np
    import pandas as pd

    order = sorted(found, key=lambda name: -found[name])
    values = np.array([found[name] for name in order])
    if keep == "a number":
        count = number
    elif keep == "every used one":
        count = int((values > 0).sum())
    else:
        limit = np.mean(values) if keep.endswith("mean") else np.median(values)
        count = int((values > limit).sum())
    if not count:
        _warn_of_none(keep, order[0])
    kept = order[: max(count, 1)]
    return pd.DataFrame(
        {
            "Feature": pd.Series(order, dtype="str"),
            "Importance": pd.Series(values, dtype="float64"),
            "Selected": [name in kept for name in order],
        }
    )


def _warn_of_none(keep: str, kept: str) -> None:
    reason = "The model doesn't use any feature" if "used" in keep else f"No feature is {keep}"
    warn(f"{reason}; “{kept}” was kept.")
