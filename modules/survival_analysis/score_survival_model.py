"""Score Survival Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, ModuleError, Numbers, Role, Tasks, module
from modules.survival_analysis._code import write_survival_scores
from modules.values import TrainedModel


@module(
    "Score Survival Model",
    outputs=("scored_dataset",),
    keywords=("predict", "cox", "risk score", "survival probability", "time to event"),
    requires=("numpy", "pandas", "scikit-learn"),
    row="a survival model is scored with tables",
    code=write_survival_scores,
)
def score_survival_model(
    trained_model: Annotated[TrainedModel, Tasks("survival")],
    dataset: DataTable,
    *,
    times: Annotated[str, Numbers(), Field(title="Times for survival probabilities")] = "",
) -> DataTable:
    """Predict the risk of an event, the median time until it, and survival at chosen times.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train Cox Model.
    dataset : DataTable
        Rows with the columns that the model was trained on.
    times : str
        Numbers from 0 on, separated by commas, in the unit of the durations.

    Returns
    -------
    scored_dataset : DataTable
        The dataset with ``Risk score``, the hazard relative to a row with the mean of every
        feature, ``Median time``, which is missing if the event is unlikely until the last known
        time, and ``Survival at T`` for each time T.

    Notes
    -----
    With x the features, m their means in training, b the weights, and H the baseline hazard of
    Train Cox Model: the risk score is ``r = exp(b (x - m))``, the survival at t ``exp(-r H(t))``,
    and the median time the first t at which that is at most 0.5.
    """
    import pandas as pd

    from modules.learning.number_lists import numbers_in
    from modules.survival_analysis._cox import CoxModel

    if not isinstance(trained_model, CoxModel):
        raise ModuleError(
            "wrong-model",
            f"{trained_model.title} isn't a survival model.",
            "Use a model from Train Cox Model.",
            port="trained_model",
        )
    try:
        wanted = numbers_in(times)
    except ValueError:
        wanted = [-1.0]
    if any(not 0 <= each < float("inf") for each in wanted):
        raise ModuleError(
            "bad-times",
            f"“{times}” isn't a list of numbers from 0 on.",
            "Enter times separated by commas, for example 30, 90, 365.",
            parameter="times",
        )
    scores = trained_model.scores(dataset, wanted)
    kept = dataset.frame.drop(columns=[name for name in scores if name in dataset.names])
    roles = {**dataset.roles, **dict.fromkeys(map(str, scores), Role.SCORE)}
    return DataTable(pd.concat([kept, scores], axis=1), roles)
