"""Shared code of the two-class and the multiclass decision forest."""

from __future__ import annotations

from typing import Any


def forest_classifier(
    trees: int, depth: int, min_leaf_rows: int, resampling: str, seed: int
) -> Any:
    """Return the unfitted forest."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=min_leaf_rows,
        max_features="sqrt",
        bootstrap=resampling == "bagging",
        random_state=seed,
    )
