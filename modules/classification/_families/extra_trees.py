"""Shared code of two-class and multiclass extra trees."""

from __future__ import annotations

from typing import Any


def extra_trees_classifier(trees: int, depth: int, min_leaf_rows: int, seed: int) -> Any:
    """Return the unfitted ensemble."""
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=min_leaf_rows,
        max_features="sqrt",
        random_state=seed,
    )
