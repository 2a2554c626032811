"""Check and prepare training data: features with values, no identifiers, valid weights, scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.context import warn
from modules.contract.data_table import DataTable, Role, kind_of
from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    import pandas as pd

_ID_LIKE_SHARE, _ID_LIKE_COUNT = 0.97, 1_000

_LARGEST_OF_FORESTS = 3.4028234663852886e38


def feature_names(table: DataTable, label: str | None, features: list[str] | None) -> list[str]:
    """Return the feature columns: the selected ones, or all with that role."""
    if features is None:
        features = table.having_role(Role.FEATURE)
    names = [name for name in features if name != label]
    if not names:
        raise ModuleError(
            "no-features",
            "There are no feature columns.",
            "Use a dataset with at least one column besides the label.",
            port="dataset",
        )
    return names


def with_values(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Skip columns without any value: they aren't informative, and boosted trees fail."""
    kept = [name for name in names if frame[name].notna().any()]
    for name in names:
        if name not in kept:
            warn(f"Column “{name}” doesn't have any values and was skipped.")
    if not kept:
        raise ModuleError(
            "no-features",
            "None of the feature columns has any values.",
            "Check the input data.",
            port="dataset",
        )
    return kept


def reject_ids(frame: pd.DataFrame, names: list[str]) -> None:
    """Reject a text column that is different in nearly every row, as Azure ML designer does."""
    for name in names:
        if kind_of(frame[name].dtype) not in ("string", "categorical"):
            continue
        distinct = frame[name].nunique()
        if distinct > _ID_LIKE_COUNT and distinct > _ID_LIKE_SHARE * len(frame):
            raise ModuleError(
                "too-many-unique-values",
                f"Column “{name}” has {distinct:,} distinct texts in {len(frame):,} rows; "
                "a model can't learn from it.",
                "Exclude it with Select Columns in Dataset, or clear its feature role.",
                port="dataset",
                column=name,
            )


def check_weights(table: DataTable, label: str | None) -> None:
    """Raise a ModuleError for an invalid weight column."""
    import numpy as np

    names = table.having_role(Role.WEIGHT)
    if not names or not len(table):
        return
    column = table.frame[names[0]]
    if label in table.names:
        column = column[table.frame[label].notna()]
    what = ""
    if kind_of(column.dtype) not in ("integer", "number", "boolean"):
        what = "isn't numeric"
    elif column.isna().any():
        what = "has missing values"
    else:
        weights = column.to_numpy("float64")
        if not np.isfinite(weights).all():
            what = "contains infinite values"
        elif (weights < 0).any():
            what = f"contains {weights.min():g}, but weights can't be negative"
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


def out_of_range_error(table: DataTable, names: list[str], title: str) -> ModuleError | None:
    """Return the error for the first column with values out of any learner's range."""
    import numpy as np

    for name in names:
        if name not in table.names or kind_of(table.frame[name].dtype) != "number":
            continue
        values = table.frame[name].to_numpy("float64")
        if np.isinf(values).any():
            return ModuleError(
                "infinite-value",
                f"Column “{name}” contains infinite values, which {title} doesn't support.",
                "Limit them with Clip Values, or clean them first.",
                port="dataset",
                column=name,
            )
        largest = np.nanmax(np.abs(values), initial=0)
        if largest > _LARGEST_OF_FORESTS:
            return ModuleError(
                "value-too-large",
                f"Column “{name}” contains {largest:g}, "
                f"but {title} only supports numbers up to 3.4e38.",
                "Limit them with Clip Values, or scale them with Normalize Data.",
                port="dataset",
                column=name,
            )
    return None


def weighted_parameters(estimator: Any) -> tuple[str, ...]:
    """Return the parameters of ``fit`` that get the weights of rows; none without support.

    In a pipeline they are those of the learner and of the steps before it that take weights, a
    scaler for example, so that a row of weight 2 is the row twice.
    """
    from sklearn.utils.validation import has_fit_parameter

    if not hasattr(estimator, "steps"):
        return ("sample_weight",) if has_fit_parameter(estimator, "sample_weight") else ()
    found = [(name, weighted_parameters(step)) for name, step in estimator.steps]
    if not found[-1][1]:
        return ()
    return tuple(f"{name}__{each}" for name, inner in found for each in inner)


def with_sparse_scalers(estimator: Any, matrix: Any) -> Any:
    """Return an unfitted estimator, with other scalers if the matrix of features is sparse.

    A sparse matrix is scaled without shifting, which would make it dense: to the largest
    absolute value instead of the range, to the standard deviation around the mean.

    Parameters
    ----------
    estimator : object
        A scikit-learn estimator or pipeline; may be changed.
    matrix : numpy.ndarray or scipy.sparse.csr_array, shape (rows, features)
        The features to fit to.
    """
    from scipy.sparse import issparse
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

    if issparse(matrix):
        for name, step in list(getattr(estimator, "steps", [])):
            if isinstance(step, MinMaxScaler):
                estimator.set_params(**{name: MaxAbsScaler()})
            if isinstance(step, StandardScaler):
                estimator.set_params(**{name: StandardScaler(with_mean=False)})
    return estimator
