"""How much a trained model uses each column, from its weights or its trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.learning.fitted_estimator import FittedEstimator
from modules.values.trained_model import TrainedModel

if TYPE_CHECKING:
    import numpy as np


def column_importances(model: TrainedModel, table: DataTable) -> dict[str, float]:
    """Return how much a model uses each of its columns, larger for more.

    Of a linear model, the root of the sum of the squared weights of the column's features, in
    standardized features; of trees, the sum of the features' shares of the total gain.

    Parameters
    ----------
    table : DataTable
        Its training rows, for the deviations of the features.

    Raises
    ------
    ModuleError
        If the model has neither weights nor trees.
    """
    final = model.final_estimator if isinstance(model, FittedEstimator) else None
    if not shows_use(final):
        raise ModuleError(
            "no-importances",
            f"{model.title} has neither weights nor trees that show which columns it uses.",
            "Use a linear learner, trees or Sequential Feature Selection.",
            port="untrained_model",
        )
    assert isinstance(model, FittedEstimator)
    encoder, matrix = model.encoder, None
    if hasattr(final, "coef_"):
        matrix = encoder.transform(table.frame[encoder.names_])
        for step in model.scalers:
            matrix = step.transform(matrix)
    return summed_importances(final, matrix, _columns_of(encoder))


def shows_use(final: Any) -> bool:
    """Return whether a fitted estimator has weights or trees."""
    return any(hasattr(final, name) for name in ("coef_", "feature_importances_", "_predictors"))


def summed_importances(final: Any, matrix: Any, columns: list[str]) -> dict[str, float]:
    """Return the importance of each column.

    Parameters
    ----------
    final : estimator
        Fitted.
    matrix : numpy.ndarray or scipy.sparse.csr_array, shape (rows, features)
        What it was fitted to; not needed for trees.
    columns : list of str
        The column of each feature of the matrix.
    """
    import numpy as np

    if hasattr(final, "coef_"):
        weights = np.atleast_2d(np.asarray(final.coef_, dtype="float64"))
        # The square of the largest numbers overflows.
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.nan_to_num(np.square(weights).sum(axis=0) * _variances(matrix))
    else:
        found = _gains(final)
    sums = dict.fromkeys(columns, 0.0)
    for name, value in zip(columns, found, strict=True):
        sums[name] += float(value)
    if hasattr(final, "coef_"):
        sums = {name: float(np.sqrt(value)) for name, value in sums.items()}
    return sums


def _variances(matrix: Any) -> np.ndarray:
    import numpy as np

    if hasattr(matrix, "toarray"):
        means = np.asarray(matrix.mean(axis=0)).ravel()
        squares = np.asarray(matrix.multiply(matrix).mean(axis=0)).ravel()
        found: np.ndarray = np.maximum(squares - means**2, 0.0)
        return found
    found = np.var(matrix, axis=0)
    return found


def _gains(final: Any) -> np.ndarray:
    """Return the gain of each feature of the matrix in the trees."""
    import numpy as np

    if hasattr(final, "feature_importances_"):
        return np.asarray(final.feature_importances_, dtype="float64")
    mask = getattr(final, "is_categorical_", None)
    count = int(final.n_features_in_)
    gains = np.zeros(count)
    for trees in final._predictors:
        for tree in trees:
            inner = tree.nodes[tree.nodes["is_leaf"] == 0]
            gains += np.bincount(inner["feature_idx"].astype(int), inner["gain"], minlength=count)
    if mask is not None:
        # In its trees scikit-learn numbers the categorical features first.
        order = np.argsort(~np.asarray(mask, bool), kind="stable")
        gains[order] = gains.copy()
    return gains


def _columns_of(encoder: Any) -> list[str]:
    """Return the column of each feature of the matrix."""
    names: list[str] = []
    for name, known in zip(encoder.names_, encoder.categories_, strict=True):
        names += [name] * (1 if known is None or encoder.encoding == "codes" else len(known))
    return names
