"""A matrix of features as a dense array, for learners that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    import numpy as np

_LARGEST = 200_000_000
"""Numbers in a matrix that is made dense: 1.6 GB."""


def dense(matrix: Any) -> np.ndarray:
    """Return a matrix of shape (rows, features) that may be sparse as a dense array.

    Raises
    ------
    ModuleError
        If it would need more than 1.6 GB.
    """
    import numpy as np

    if not hasattr(matrix, "toarray"):
        return np.asarray(matrix)
    rows, features = matrix.shape
    if rows * features > _LARGEST:
        raise ModuleError(
            "table-too-large",
            f"The dataset has {rows:,} rows and {features:,} features, because each distinct "
            "text is a feature; this learner supports 200 million values.",
            "Exclude text columns with many distinct values, or choose another learner.",
            port="dataset",
        )
    found: np.ndarray = matrix.toarray()
    return found
