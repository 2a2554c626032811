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
from modules.feature_selection._selecting import (
    REASON,
    check_count,
    label_and_candidates,
    selection,
)
from modules.values import Transformation, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd


@module(
    "Model-Based Feature Selection",
    outputs=("filtered_dataset", "features", "selection_transformation"),
    keywords=("select from model", "embedded", "lasso", "importance", "relevance", "tree"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=REASON,
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
    import numpy as np

    from modules.learning.importances import column_importances

    label, candidates = label_and_candidates(untrained_model, dataset, label_column)
    if keep == "a number":
        check_count(number_of_features, candidates, "number_of_features")
    model = untrained_model.fit(dataset, label, features=candidates)
    found = {**dict.fromkeys(candidates, 0.0), **column_importances(model, dataset)}
    order = sorted(candidates, key=lambda name: -found[name])
    values = np.array([found[name] for name in order])
    if keep == "a number":
        count = number_of_features
    elif keep == "every used one":
        count = int((values > 0).sum())
    else:
        limit = np.mean(values) if keep.endswith("mean") else np.median(values)
        count = int((values > limit).sum())
    if not count:
        reason = "The model doesn't use any feature" if "used" in keep else f"No feature is {keep}"
        warn(f"{reason}; “{order[0]}” was kept.")
    kept = order[: max(count, 1)]
    filtered, made = selection(dataset, label, kept)
    return filtered, DataTable(_ranking(order, values.tolist(), kept)), made


def _ranking(order: list[str], values: list[float], kept: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "Feature": pd.Series(order, dtype="str"),
            "Importance": pd.Series(values, dtype="float64"),
            "Selected": [name in kept for name in order],
        }
    )
