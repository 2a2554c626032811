"""Stored models, transformations and evaluations as plain data, for the views.

Runs in a worker process, since reading a model takes scikit-learn. What comes back
needs no library to be understood.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.columns import Column
from modules.contract.errors import ModuleError
from modules.values.values import (
    Evaluation,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
    two_class_metrics,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 2_000
"""Points of a curve; more are not told apart on a screen."""

MOST_ROWS = 10_000
"""Rows of a sheet."""


@dataclass(frozen=True)
class Sheet:
    """A small table of plain values.

    Parameters
    ----------
    headers : tuple of str
    rows : tuple of tuple
        Texts, numbers, or None for what is missing.
    note : str
        What to know to read it.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class ReportSummary:
    """One report of an evaluation.

    Parameters
    ----------
    thresholds, hits, alarms : tuple
        Two-class: descending thresholds, and the true and false positives among the
        rows scored at least each.
    curves : mapping of str to (tuple, tuple)
        ``roc``, ``precision_recall`` and ``lift``: x and y, at most 2,000 points.
    confusion : tuple of tuple or None
        Rows actual, columns predicted, in the order of ``classes``.
    residuals : (tuple, tuple) or None
        Edges and counts of a histogram.
    table : Sheet or None
        Metrics of each class, cluster or fold.
    """

    name: str
    task: str
    metrics: Mapping[str, float]
    positives: int = 0
    negatives: int = 0
    positive: str = ""
    classes: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    hits: tuple[float, ...] = ()
    alarms: tuple[float, ...] = ()
    curves: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
    confusion: tuple[tuple[float, ...], ...] | None = None
    residuals: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    table: Sheet | None = None

    def at_threshold(self, threshold: float) -> dict[str, float]:
        """Return counts and metrics where rows above a threshold count as positive.

        Equal to :meth:`modules.values.values.Report.at_threshold`, without pandas.
        """
        # Descending, so all those above come first.
        above = sum(1 for value in self.thresholds if value > threshold)
        hits = self.hits[above - 1] if above else 0.0
        alarms = self.alarms[above - 1] if above else 0.0
        return two_class_metrics(hits, alarms, self.positives - hits, self.negatives - alarms)


@dataclass(frozen=True)
class EvaluationSummary:
    """The reports of an evaluation, side by side."""

    reports: tuple[ReportSummary, ...]


@dataclass(frozen=True)
class ModelSummary:
    """A trained model as a person wants to know it.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        By title: coefficients, feature importances, cluster centers, if it has any.
    """

    title: str
    task: str
    label: str | None
    classes: tuple[str, ...]
    positive: str | None
    features: tuple[Column, ...]
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    sheets: Mapping[str, Sheet]


@dataclass(frozen=True)
class LearnerSummary:
    """An untrained model: its settings, and what a sweep would try."""

    title: str
    task: str
    parameters: Mapping[str, Any]
    sweep: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class TransformationSummary:
    """What a transformation learnt, one row a column."""

    title: str
    sheet: Sheet


Summary = EvaluationSummary | ModelSummary | LearnerSummary | TransformationSummary


def inspect(folder: Path) -> Summary:
    """Return what there is to show of a stored value that is neither table nor files.

    Raises
    ------
    ModuleError
        If the value can't be read, or is of another type.
    """
    from designer.engine.output_check import check_output
    from modules.values import storage

    check_output(folder)
    value = storage.load(folder)
    if isinstance(value, Evaluation):
        return EvaluationSummary(tuple(_report(report) for report in value.reports))
    if isinstance(value, TrainedModel):
        return _model(value)
    if isinstance(value, UntrainedModel):
        return LearnerSummary(value.title, value.task, dict(value.parameters), dict(value.sweep))
    if isinstance(value, Transformation):
        return TransformationSummary(value.title, sheet_of(value.describe()))
    raise ModuleError("no-view", f"A {type(value).__name__} can't be shown this way.")


def sheet_of(frame: pd.DataFrame, note: str = "") -> Sheet:
    """Return the first rows of a frame as plain data."""
    rows = tuple(
        tuple(_plain(value) for value in row)
        for row in frame.head(MOST_ROWS).itertuples(index=False, name=None)
    )
    if len(frame) > MOST_ROWS:
        note = f"{note} The first {MOST_ROWS:,} of {len(frame):,} rows.".strip()
    return Sheet(tuple(str(name) for name in frame.columns), rows, note)


def _report(report: Report) -> ReportSummary:
    known: dict[str, Any] = {}
    if report.thresholds is not None:
        table = report.thresholds
        known["thresholds"] = tuple(table["threshold"].astype(float).tolist())
        known["hits"] = tuple(table["true_positives"].astype(float).tolist())
        known["alarms"] = tuple(table["false_positives"].astype(float).tolist())
        known["curves"] = {name: _points(curve) for name, curve in report.curves().items()}
    if report.confusion is not None:
        known["confusion"] = tuple(map(tuple, report.confusion.to_numpy(float).tolist()))
        known["classes"] = tuple(str(value) for value in report.confusion.columns)
    if report.residuals is not None and len(report.residuals):
        low, high, count = (report.residuals[name].tolist() for name in ("low", "high", "count"))
        known["residuals"] = ((*low, high[-1]), tuple(count))
    if report.table is not None:
        known["table"] = sheet_of(report.table)
    known.setdefault("classes", tuple(str(value) for value in report.classes))
    return ReportSummary(
        report.name,
        report.task,
        {name: float(value) for name, value in report.metrics.items()},
        positives=int(report.positives),
        negatives=int(report.negatives),
        positive="" if report.positive is None else str(report.positive),
        **known,
    )


def _points(curve: pd.DataFrame) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return x and y of at most 2,000 points, both ends among them."""
    import numpy as np

    if len(curve) > MOST_POINTS:
        kept = np.unique(np.linspace(0, len(curve) - 1, MOST_POINTS).round().astype(int))
        curve = curve.iloc[kept]
    return tuple(curve["x"].tolist()), tuple(curve["y"].tolist())


def _model(model: TrainedModel) -> ModelSummary:
    estimator = model.estimator
    final = estimator[-1] if hasattr(estimator, "steps") else estimator
    names = [str(name) for name in getattr(model.encoder, "feature_names_", ())]
    sheets: dict[str, Sheet] = {}
    if hasattr(final, "coef_"):
        sheets["Coefficients"] = _coefficients(model, final, names)
    elif hasattr(final, "feature_importances_"):
        sheets["Feature importances"] = _importances(final, names)
    elif hasattr(final, "_predictors"):
        sheets["Feature importances"] = _splits(final, names)
    elif hasattr(final, "cluster_centers_"):
        sheets["Cluster centers"] = _centres(estimator, final, names)
    return ModelSummary(
        title=model.title,
        task=model.task,
        label=model.label,
        classes=tuple(str(value) for value in model.classes),
        positive=None if model.positive is None else str(model.positive),
        features=tuple(model.features),
        parameters=dict(model.parameters),
        versions=dict(model.versions),
        sheets=sheets,
    )


def _coefficients(model: TrainedModel, final: Any, names: list[str]) -> Sheet:
    import numpy as np

    weights = np.atleast_2d(np.asarray(final.coef_, dtype=float))
    base = np.atleast_1d(np.asarray(getattr(final, "intercept_", 0.0), dtype=float))
    base = np.broadcast_to(base, len(weights))
    single = len(weights) == 1
    headers = ("Coefficient",) if single else tuple(str(value) for value in model.classes)
    order = np.argsort(-np.abs(weights).max(axis=0), kind="stable")[:MOST_ROWS]
    rows = [("Intercept", *base.tolist())]
    rows += [(names[place], *weights[:, place].tolist()) for place in order]
    notes = []
    if single and len(model.classes) == 2:
        notes.append(f"Positive values speak for “{model.classes[1]}”.")
    scalers = _scalers(model.estimator)
    if scalers:
        notes.append(f"They are of the features as {scalers} scales them.")
    return Sheet(("Feature", *headers), tuple(rows), " ".join(notes))


def _scalers(estimator: Any) -> str:
    steps = estimator.steps[:-1] if hasattr(estimator, "steps") else []
    return " and ".join(type(step).__name__ for _, step in steps)


def _importances(final: Any, names: list[str]) -> Sheet:
    import numpy as np

    values = np.asarray(final.feature_importances_, dtype=float)
    order = np.argsort(-values, kind="stable")[:MOST_ROWS]
    rows = tuple((names[place], float(values[place])) for place in order)
    return Sheet(
        ("Feature", "Importance"),
        rows,
        "The share of each feature in what the trees’ splits gained (mean decrease in impurity).",
    )


def _splits(final: Any, names: list[str]) -> Sheet:
    """Return what each feature gained in gradient boosting, which keeps no importances."""
    import numpy as np

    mask = getattr(final, "is_categorical_", None)
    if mask is not None:
        # Within its trees scikit-learn numbers the categorical features first.
        names = [names[place] for place in np.argsort(~np.asarray(mask, bool), kind="stable")]
    counts, gains = np.zeros(len(names)), np.zeros(len(names))
    for trees in final._predictors:
        for tree in trees:
            inner = tree.nodes[tree.nodes["is_leaf"] == 0]
            places = inner["feature_idx"].astype(int)
            counts += np.bincount(places, minlength=len(names))
            gains += np.bincount(places, inner["gain"].astype(float), minlength=len(names))
    total = gains.sum()
    shares = gains / total if total > 0 and math.isfinite(total) else gains
    order = np.lexsort((-counts, -shares))[:MOST_ROWS]
    rows = tuple((names[place], float(shares[place]), int(counts[place])) for place in order)
    return Sheet(
        ("Feature", "Importance", "Splits"),
        rows,
        "The share of each feature in what the trees’ splits gained.",
    )


def _centres(estimator: Any, final: Any, names: list[str]) -> Sheet:
    import numpy as np

    centres = np.asarray(final.cluster_centers_, dtype=float)
    if hasattr(estimator, "steps"):
        for _, step in reversed(estimator.steps[:-1]):
            centres = step.inverse_transform(centres)
    count = len(centres)
    rows: list[tuple[Any, ...]] = []
    if hasattr(final, "labels_"):
        sizes = np.bincount(final.labels_, minlength=count)
        rows.append(("Training rows", *(int(size) for size in sizes)))
    rows += [(name, *centres[:, place].tolist()) for place, name in enumerate(names[:MOST_ROWS])]
    headers = tuple(f"Cluster {place}" for place in range(count))
    return Sheet(("Feature", *headers), tuple(rows), "In the units of the data.")


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)
