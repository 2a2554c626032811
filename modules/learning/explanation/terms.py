"""The terms of an additive model: their importances, and the function of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.learning.fitted_estimator import FittedEstimator
from modules.values.report import Section
from modules.values.trained_model import TrainedModel

if TYPE_CHECKING:
    import numpy as np

_MOST_BARS = 30


def term_importances(model: FittedEstimator) -> list[tuple[str, float]]:
    """Return the terms with their mean absolute score, the most important first."""
    final, names = model.final_estimator, model.encoder.feature_names_
    found = [
        (" × ".join(str(names[feature]) for feature in term), importance)
        for term, importance in zip(final.terms_, final.importances_, strict=True)
    ]
    return sorted(found, key=lambda each: -each[1])


def term_sheet(model: FittedEstimator) -> Sheet:
    """Return the terms of an additive model and the intercept, as a table."""
    rows = [("Intercept", abs(model.final_estimator.intercept_)), *term_importances(model)]
    return Sheet(
        ("Term", "Mean absolute score"),
        tuple(rows),
        "A prediction is the sum of one score for each term"
        + (", as log-odds." if model.classes else "."),
    )


def is_additive(model: TrainedModel) -> bool:
    """Return whether a model is a sum of terms that can be shown."""
    return isinstance(model, FittedEstimator) and hasattr(model.final_estimator, "terms_")


def term_sections(model: TrainedModel, most: int) -> Iterator[Section]:
    """Yield the sections of a report: all terms, then the function of the most important ones."""
    if not isinstance(model, FittedEstimator) or not is_additive(model):
        return
    listed = term_importances(model)
    shown = listed[:_MOST_BARS]
    bars = Chart(
        "bars", "", "Mean absolute score", "Term",
        [Series("", (), [value for _, value in shown])], [name for name, _ in shown],
    )  # fmt: skip
    text = (
        "The model is the sum of these terms. Each chart below is a part of the model itself, "
        "not an approximation."
    )
    yield Section("Terms", text, term_sheet(model), bars)
    final = model.final_estimator
    order = sorted(range(len(final.terms_)), key=lambda at: -final.importances_[at])
    for term in order[:most]:
        yield _function(model, term)


def _function(model: FittedEstimator, term: int) -> Section:
    final = model.final_estimator
    features, scores = final.terms_[term], final.scores_[term]
    heading = " × ".join(str(model.encoder.feature_names_[each]) for each in features)
    unit = "Log-odds" if model.classes else "Score"
    bins = [
        _labels(model, feature, final.cuts_[term][axis]) for axis, feature in enumerate(features)
    ]
    if len(features) == 2:
        rows = [Series(name, (), scores[at]) for at, name in enumerate(bins[0])]
        names = [str(model.encoder.feature_names_[each]) for each in features]
        return Section(heading, chart=Chart("heatmap", "", names[1], names[0], rows, bins[1]))
    deviations = final.deviations_[term]
    sheet = Sheet(
        (heading, unit, "Standard deviation"),
        tuple(zip(bins[0], scores.tolist(), deviations.tolist(), strict=True)),
        "The standard deviation is that among the bags.",
    )
    if model.encoder.categories_[features[0]] is not None:
        series = Series("", (), scores, scores - deviations, scores + deviations)
        return Section(heading, "", sheet, Chart("bars", "", unit, heading, [series], bins[0]))
    edges = _edges(final.bounds_[features[0]], final.cuts_[term][0])
    # The last step reaches the largest value.
    y, spread = ([*each[1:], each[-1]] for each in (scores.tolist(), deviations.tolist()))
    low = [value - size for value, size in zip(y, spread, strict=True)]
    high = [value + size for value, size in zip(y, spread, strict=True)]
    series = Series("", edges, y, low, high)
    return Section(heading, "", sheet, Chart("steps", "", heading, unit, [series]))


def _edges(bounds: np.ndarray, cuts: np.ndarray) -> list[float]:
    return [float(bounds[0]), *(float(cut) for cut in cuts), float(bounds[1])]


def _labels(model: FittedEstimator, feature: int, cuts: np.ndarray) -> list[str]:
    """Return what is in each bin of a feature."""
    known: list[Any] | None = model.encoder.categories_[feature]
    if known is not None:
        return ["missing or unseen", *map(str, known)]
    edges = _edges(model.final_estimator.bounds_[feature], cuts)
    spans = itertools.pairwise(edges)
    return ["missing", *(f"{low:.6g} to {high:.6g}" for low, high in spans)]
