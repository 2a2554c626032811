"""Train Cox Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Role,
    Serving,
    Tasks,
    ValueOf,
    module,
)
from modules.survival_analysis._code import write_cox_model
from modules.survival_analysis._durations import columns_of, durations
from modules.values import TrainedModel


@module(
    "Train Cox Model",
    outputs=("trained_model", "coefficients"),
    keywords=("survival", "proportional hazards", "hazard ratio", "time to event", "churn"),
    requires=("numpy", "pandas", "scipy", "scikit-learn", "statsmodels"),
    when_serving=Serving.AS_FITTED,
    code=write_cox_model,
)
def train_cox_model(
    dataset: DataTable,
    *,
    duration_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("integer", "number"))
    ],
    event_column: Annotated[ColumnSelector, Columns(of="dataset", single=True)],
    event_value: Annotated[
        str, Field(title="Value that means the event happened"), ValueOf("event_column")
    ] = "",
) -> tuple[Annotated[TrainedModel, Tasks("survival")], DataTable]:
    """Model how features raise or lower the risk of an event at any time.

    Rows without the event count as long as they were observed.

    Parameters
    ----------
    dataset : DataTable
        Training rows. Every column with the feature role is used, except the two below.
    duration_column : ColumnSelector
        The time until the event, or as long as the row was observed without it.
    event_column : ColumnSelector
        Whether the event happened at the end of that time; otherwise the row is censored.
    event_value : str
        The value of that column if it happened. Empty for true or 1.

    Returns
    -------
    trained_model : TrainedModel
        For Score Survival Model.
    coefficients : DataTable
        For each feature its weight, and the hazard ratio: by what the risk is multiplied if the
        feature grows by 1, with its 95 % interval and the p-value that it's 1.

    Notes
    -----
    Cox (1972), with Efron's approximation for equal times, by statsmodels' ``PHReg`` in
    standardized features. The baseline hazard is Breslow's, for a row with the mean of every
    feature. Of a column with text, the first of the sorted values is the one that others are
    compared with. Missing numbers are replaced with the mean. The model assumes that hazard ratios
    stay the same over time.
    """
    from importlib.metadata import version

    from modules.contract.columns import Column
    from modules.learning.features import FeatureEncoder
    from modules.learning.training_data import feature_names, reject_ids, with_values
    from modules.survival_analysis import _cox

    dataset.require_rows(1, port="dataset")
    duration, event = columns_of(dataset, duration_column, event_column)
    time, happened, known = durations(dataset.frame, duration, event, event_value.strip())
    frame = dataset.frame[known].reset_index(drop=True)
    candidates = [
        name for name in dataset.having_role(Role.FEATURE) if name not in (duration, event)
    ]
    names = with_values(frame, feature_names(dataset, None, candidates))
    reject_ids(frame, names)
    encoder = FeatureEncoder("one-hot", fill_missing=True).fit(frame[names])
    matrix = _cox.without_references(encoder, frame[names])
    columns = _cox.names_of_features(encoder.names_, encoder.categories_)
    fit = _cox.fit_cox(matrix, time, happened, columns)
    kinds = {column.name: column for column in dataset.columns}
    model = _cox.CoxModel(
        title="Cox Model",
        task=_cox.TASK,
        features=tuple(Column(name, kinds[name].kind, Role.FEATURE) for name in names),
        label=duration,
        learner=__name__,
        parameters={"event_column": event},
        versions={name: version(name) for name in ("numpy", "statsmodels")},
        encoding=_cox.attributes(encoder),
        names=columns,
        coefficients=fit.coefficients.tolist(),
        errors=fit.errors.tolist(),
        means=fit.means.tolist(),
        times=fit.times,
        hazards=fit.hazards,
    )
    index, pairs = _cox.concordance(time, happened, model.log_risk(dataset)[known])
    metrics = {"Concordance index (training)": index} if pairs else {}
    return model, DataTable(model.coefficient_table(), metrics=metrics)
