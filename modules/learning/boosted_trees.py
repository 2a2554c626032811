"""Shared code of the boosted decision trees of all tasks."""

from __future__ import annotations

from typing import Any


def boosted_trees(
    estimator: Any, leaves: int, min_leaf_rows: int, learning_rate: float, trees: int, seed: int
) -> Any:
    """Return unfitted trees; ``estimator`` is one of scikit-learn's ``HistGradientBoosting``."""
    return estimator(
        learning_rate=learning_rate,
        max_iter=trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=min_leaf_rows,
        early_stopping=False,
        random_state=seed,
    )
