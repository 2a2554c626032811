"""Tables that describe a fitted estimator: coefficients, importances, centers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from modules.contract.sheet import MOST_ROWS, Sheet
from modules.learning.compiled.estimator_form import scaling

if TYPE_CHECKING:
    from modules.learning.fitted_estimator import FittedEstimator


def sheets(model: FittedEstimator) -> dict[str, Sheet]:
    """Return the tables that describe a model, by title."""
    final = model.final_estimator
    names = [str(name) for name in model.encoder.feature_names_]
    if hasattr(final, "coef_"):
        return {"Coefficients": _coefficients(model, final, names)}
    if hasattr(final, "terms_"):
        from modules.learning.explanation.terms import term_sheet

        return {"Terms": term_sheet(model)}
    if hasattr(final, "feature_importances_"):
        return {"Feature importances": _importances(final, names)}
    if hasattr(final, "_predictors"):
        return {"Feature importances": _splits(final, names)}
    if hasattr(final, "cluster_centers_"):
        return {"Cluster centers": _centers(model, final, names)}
    return {}


def _coefficients(model: FittedEstimator, final: Any, names: list[str]) -> Sheet:
    import numpy as np

    weights = np.atleast_2d(np.asarray(final.coef_, dtype=float))
    base = np.atleast_1d(np.asarray(getattr(final, "intercept_", 0.0), dtype=float))
    base = np.broadcast_to(base, len(weights))
    scaled = scaling(model)
    if scaled is not None:
        base, weights = base + weights @ scaled[1], weights * scaled[0]
    single = len(weights) == 1
    headers = ("Coefficient",) if single else tuple(str(value) for value in model.classes)
    order = np.argsort(-np.abs(weights).max(axis=0), kind="stable")[:MOST_ROWS]
    rows = [("Intercept", *base.tolist())]
    rows += [(names[index], *weights[:, index].tolist()) for index in order]
    notes = []
    if single and len(model.classes) == 2:
        notes.append(f"Positive values increase the probability of “{model.classes[1]}”.")
    if model.scalers:
        names_of = " and ".join(type(step).__name__ for step in model.scalers)
        notes.append(
            f"They refer to the features as scaled by {names_of}."
            if scaled is None
            else "In the units of the data; the features are scaled inside."
        )
    return Sheet(("Feature", *headers), tuple(rows), " ".join(notes))


def _importances(final: Any, names: list[str]) -> Sheet:
    import numpy as np

    values = np.asarray(final.feature_importances_, dtype=float)
    order = np.argsort(-values, kind="stable")[:MOST_ROWS]
    rows = tuple((names[index], float(values[index])) for index in order)
    return Sheet(
        ("Feature", "Importance"),
        rows,
        "Share of each feature in the trees' total gain (mean decrease in impurity).",
    )


def _splits(final: Any, names: list[str]) -> Sheet:
    """Return the gain of each feature in gradient boosting, which doesn't store importances."""
    import numpy as np

    mask = getattr(final, "is_categorical_", None)
    if mask is not None:
        # In its trees scikit-learn numbers the categorical features first.
        names = [names[index] for index in np.argsort(~np.asarray(mask, bool), kind="stable")]
    counts, gains = np.zeros(len(names)), np.zeros(len(names))
    for trees in final._predictors:
        for tree in trees:
            inner = tree.nodes[tree.nodes["is_leaf"] == 0]
            indices = inner["feature_idx"].astype(int)
            counts += np.bincount(indices, minlength=len(names))
            gains += np.bincount(indices, inner["gain"].astype(float), minlength=len(names))
    total = gains.sum()
    shares = gains / total if total > 0 and math.isfinite(total) else gains
    order = np.lexsort((-counts, -shares))[:MOST_ROWS]
    rows = tuple((names[index], float(shares[index]), int(counts[index])) for index in order)
    return Sheet(
        ("Feature", "Importance", "Splits"),
        rows,
        "Share of each feature in the trees' total gain.",
    )


def _centers(model: FittedEstimator, final: Any, names: list[str]) -> Sheet:
    import numpy as np

    centers = np.asarray(final.cluster_centers_, dtype=float)
    for step in reversed(model.scalers):
        centers = step.inverse_transform(centers)
    count = len(centers)
    rows: list[tuple[Any, ...]] = []
    if hasattr(final, "labels_"):
        own = final.labels_[final.labels_ >= 0]
        rows.append(("Training rows", *np.bincount(own, minlength=count).tolist()))
    rows += [(name, *centers[:, index].tolist()) for index, name in enumerate(names[:MOST_ROWS])]
    headers = tuple(f"Cluster {index}" for index in range(count))
    note = "In the units of the data."
    noise = int((np.asarray(getattr(final, "labels_", 0)) < 0).sum())
    if noise:
        note += f" {noise:,} training rows aren't in any cluster."
    return Sheet(("Feature", *headers), tuple(rows), note)
