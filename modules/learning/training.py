"""Training and scoring for modules, with sentences for data that no learner takes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modules.contract.context import warn
from modules.contract.data_table import DataTable, Role, kind_of
from modules.contract.errors import ModuleError
from modules.values.values import TrainedModel, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_LARGEST_OF_FORESTS = 3.4028234663852886e38


def train(
    untrained: UntrainedModel,
    table: DataTable,
    label: str | None = None,
    *,
    features: list[str] | None = None,
    positive: str = "",
) -> TrainedModel:
    """Train a learner; see :func:`modules.learning.learning.fit`.

    Parameters
    ----------
    positive : str
        The positive class of two, as it is written; empty for the second in their order.

    Raises
    ------
    ModuleError
        As ``fit``; and for weights that are no weights, and infinite or too large values,
        whose column is named.
    """
    import numpy as np

    from modules.learning.learning import fit

    _check_weights(table, label)
    if positive and label in table.names:
        table = _with_positive(table, str(label), positive, untrained)
    try:
        # What is beyond the bounds is said below, in our own words.
        with np.errstate(invalid="ignore", over="ignore"), _settling(untrained.title):
            model = fit(untrained, table, label, features=features)
    except ModuleError as error:
        if error.code != "training-failed":
            raise
        columns = table.having_role(Role.FEATURE) if features is None else features
        raise _explained(error, untrained, table, label, columns) from error.__cause__
    _warn_of_divergence(model, table, label)
    return model


def predict(model: TrainedModel, table: DataTable) -> DataTable:
    """Return the score columns of a model; see :meth:`TrainedModel.score`.

    Raises
    ------
    ModuleError
        As ``score``; and for infinite or too large values, whose column is named.
    """
    try:
        return model.score(table)
    except ValueError as error:
        found = _beyond_bounds(table, [column.name for column in model.features], model.title)
        if found is None:
            raise
        raise found from error


@contextmanager
def _settling(title: str) -> Iterator[None]:
    """Say in our own words that a fit stopped before it settled; pass other warnings on."""
    from scipy.linalg import LinAlgWarning
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    told = [each for each in found if issubclass(each.category, ConvergenceWarning)]
    many = [each for each in found if "number of unique classes" in str(each.message)]
    if many:
        warn("There are more than half as many classes as rows: is the label a name, or a number?")
    for each in found:
        if each not in many and not issubclass(each.category, (ConvergenceWarning, LinAlgWarning)):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if any("distinct clusters" in str(each.message) for each in told):
        warn("The rows have fewer different values than there are clusters; some stay empty.")
    elif told:
        warn(
            f"{title} stopped before it settled, so its weights are not the best. "
            "Normalize the features, or set a larger tolerance."
        )


def _with_positive(
    table: DataTable, label: str, positive: str, untrained: UntrainedModel
) -> DataTable:
    """Put the positive class last: the order of categories is that of a model's classes."""
    import pandas as pd

    if untrained.task != "two-class":
        warn(f"{untrained.title} knows no positive class; “{positive}” is not used.")
        return table
    column = table.frame[label]
    values = list(pd.unique(column.dropna()))
    chosen = next((value for value in values if positive in _writings(value)), None)
    if chosen is None:
        listed = ", ".join(f"“{value}”" for value in values[:8])
        raise ModuleError(
            "class-not-found",
            f"Column “{label}” has no class “{positive}”.",
            f"It holds {listed}." if values else "Choose a label with two classes.",
            parameter="positive_class",
            column=label,
        )
    others = sorted((value for value in values if value != chosen), key=str)
    ordered = pd.Categorical(column, categories=[*others, chosen])
    return table.with_frame(table.frame.assign(**{label: ordered}))


def _writings(value: Any) -> tuple[str, ...]:
    """Return the ways in which a person may write a class."""
    if isinstance(value, float) and value.is_integer():
        return str(value), str(int(value))
    text = str(value)
    return text, text.lower() if text in ("True", "False") else text


def _check_weights(table: DataTable, label: str | None) -> None:
    import numpy as np

    names = table.having_role(Role.WEIGHT)
    if not names or not len(table):
        return
    column = table.frame[names[0]]
    if label in table.names:
        column = column[table.frame[label].notna()]
    what = ""
    if kind_of(column.dtype) not in ("integer", "number", "boolean"):
        what = "holds no numbers"
    elif column.isna().any():
        what = "has missing values"
    else:
        weights = column.to_numpy("float64")
        if not np.isfinite(weights).all():
            what = "holds infinite values"
        elif (weights < 0).any():
            what = f"holds {weights.min():g}, and a weight is not below 0"
        elif len(weights) and not weights.any():
            what = "is 0 in every row"
    if what:
        raise ModuleError(
            "bad-weights",
            f"The weight column “{names[0]}” {what}.",
            "Correct the weights, or clear the role of the column with Edit Metadata.",
            port="dataset",
            column=names[0],
        )


def _explained(
    error: ModuleError,
    untrained: UntrainedModel,
    table: DataTable,
    label: str | None,
    features: list[str],
) -> ModuleError:
    """Return the error that says what was wrong with the data, where that can be told."""
    names = [name for name in features if name != label]
    found = _beyond_bounds(table, [*names, *([label] if label else [])], untrained.title)
    if found is not None:
        return found
    reason = str(error.__cause__ or error.message)
    clusters = untrained.parameters.get("centroids")
    if "n_clusters" in reason and clusters:
        return ModuleError(
            "too-few-rows",
            f"The dataset has {len(table)} rows; {clusters} clusters need at least as many.",
            "Make fewer clusters, or bring more rows.",
            port="dataset",
        )
    if "overflow" in reason:
        return ModuleError(
            "training-diverged",
            f"{untrained.title} can't be trained: its steps grew beyond all numbers.",
            "Normalize the features, or set a smaller learning rate.",
            port="untrained_model",
        )
    first = reason.strip().splitlines()[0].removesuffix(".")
    return ModuleError(
        "training-failed",
        f"{untrained.title} can't be trained: {first}.",
        "Look at the data that comes in, and at the settings of the learner.",
        port="dataset",
    )


def _beyond_bounds(table: DataTable, names: list[str], title: str) -> ModuleError | None:
    """Return the error for the first column with values that no learner can count with."""
    import numpy as np

    for name in names:
        if name not in table.names or kind_of(table.frame[name].dtype) != "number":
            continue
        values = table.frame[name].to_numpy("float64")
        if np.isinf(values).any():
            return ModuleError(
                "infinite-value",
                f"Column “{name}” holds infinite values, which {title} can't use.",
                "Limit them with Clip Values, or clean them before.",
                port="dataset",
                column=name,
            )
        largest = np.nanmax(np.abs(values), initial=0)
        if largest > _LARGEST_OF_FORESTS:
            return ModuleError(
                "value-too-large",
                f"Column “{name}” holds {largest:g}; {title} takes numbers up to 3.4e38.",
                "Limit them with Clip Values, or scale them with Normalize Data.",
                port="dataset",
                column=name,
            )
    return None


def _warn_of_divergence(model: TrainedModel, table: DataTable, label: str | None) -> None:
    """Say so if gradient descent ended farther from the label than its mean is."""
    import numpy as np
    from sklearn.linear_model import SGDRegressor

    if label is None or not isinstance(_last_step(model.estimator), SGDRegressor):
        return
    known = table.with_frame(table.frame[table.frame[label].notna()])
    actual: pd.Series = known.frame[label].astype("float64")
    error = np.square(model.score(known).frame.iloc[:, 0].to_numpy() - actual.to_numpy()).mean()
    spread = actual.var(ddof=0)
    if not error <= max(10 * spread, 1e-12):
        warn(
            "Training did not settle: the model predicts worse than the mean of "
            f"“{label}”. Normalize the features, or set a smaller learning rate."
        )


def _last_step(estimator: Any) -> Any:
    return estimator[-1] if hasattr(estimator, "steps") else estimator
