"""Evaluations of scored datasets: metrics, curves, and confusion matrices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json, write_json
from modules.contract.sheet import Sheet
from modules.contract.value import Value
from modules.values.evaluation_summary import (
    EvaluationReportSummary,
    EvaluationSummary,
    two_class_metrics,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 2_000
"""Maximum points of a curve; more can't be distinguished on a screen."""


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """The evaluation of one scored dataset.

    Parameters
    ----------
    name : str
        For legends: the learner, or the port of the scores.
    metrics : mapping of str to float
        By their common names, ``"AUC"`` for example; NaN if undefined.
    thresholds : pandas.DataFrame or None
        Two-class: columns ``threshold`` (descending), ``true_positives`` and
        ``false_positives`` (rows scored at least the threshold); at most 2,000
        rows, ends kept. ROC, precision-recall and lift derive from it.
    positives, negatives : int
        Two-class: rows of each actual class.
    confusion : pandas.DataFrame or None
        Rows actual, columns predicted; the index and columns are the classes.
    residuals : pandas.DataFrame or None
        Regression: columns ``low``, ``high``, ``count`` of a histogram of
        actual minus predicted.
    table : pandas.DataFrame or None
        Metrics with one row for each class, cluster or fold.
    calibration : pandas.DataFrame or None
        Two-class: for each tenth of the probabilities that isn't empty ``predicted``, the mean
        probability, ``actual``, the share of positive rows, and ``rows``.
    rows : pandas.DataFrame or None
        At most 2,000 rows. Regression: the label, its prediction, then features. Clustering:
        the cluster, two principal components, whose names are titles, and the silhouette.
    learner, port : str
        What the model was trained with, and the input that its scores came from; empty if
        unknown.
    label : str
        The column that was predicted; empty if there is none.
    """

    name: str
    task: str
    metrics: Mapping[str, float]
    thresholds: pd.DataFrame | None = None
    positives: int = 0
    negatives: int = 0
    positive: Any = None
    classes: tuple[Any, ...] = ()
    confusion: pd.DataFrame | None = None
    residuals: pd.DataFrame | None = None
    table: pd.DataFrame | None = None
    calibration: pd.DataFrame | None = None
    rows: pd.DataFrame | None = None
    learner: str = ""
    port: str = ""
    label: str = ""

    def curves(self) -> dict[str, pd.DataFrame]:
        """Return ``roc``, ``precision_recall`` and ``lift`` as frames of ``x`` and ``y``.

        ROC: false positive rate and true positive rate. Precision-recall: recall
        and precision. Lift, as in Azure ML designer: rate of rows scored positive and
        number of true positives.
        """
        import numpy as np
        import pandas as pd

        if self.thresholds is None:
            return {}
        hits = self.thresholds["true_positives"].to_numpy(float)
        alarms = self.thresholds["false_positives"].to_numpy(float)
        flagged = hits + alarms
        positives, negatives = max(self.positives, 1), max(self.negatives, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(flagged > 0, hits / flagged, 1.0)
        rate = flagged / max(self.positives + self.negatives, 1)
        return {
            "roc": pd.DataFrame({"x": alarms / negatives, "y": hits / positives}),
            "precision_recall": pd.DataFrame({"x": hits / positives, "y": precision}),
            "lift": pd.DataFrame({"x": rate, "y": hits}),
        }

    def at_threshold(self, threshold: float) -> dict[str, float]:
        """Return the counts and metrics of a two-class report at a threshold.

        A row counts as positive if its probability is above the threshold, so that
        0.5 equals the predictions of scikit-learn, which resolves ties to the first class.
        """
        if self.thresholds is None:
            raise ModuleError("no-thresholds", f"{self.name} doesn't have probabilities.")
        table = self.thresholds
        chosen = table[table["threshold"] > threshold]
        hits = float(chosen["true_positives"].iloc[-1]) if len(chosen) else 0.0
        alarms = float(chosen["false_positives"].iloc[-1]) if len(chosen) else 0.0
        return two_class_metrics(hits, alarms, self.positives - hits, self.negatives - alarms)

    def summary(self) -> EvaluationReportSummary:
        """Return the report as plain data."""
        known: dict[str, Any] = {"classes": tuple(str(value) for value in self.classes)}
        if self.thresholds is not None:
            columns = ("threshold", "true_positives", "false_positives")
            for name, column in zip(("thresholds", "hits", "alarms"), columns, strict=True):
                known[name] = tuple(self.thresholds[column].astype(float).tolist())
            known["curves"] = {name: _points(curve) for name, curve in self.curves().items()}
        if self.confusion is not None:
            known["confusion"] = tuple(map(tuple, self.confusion.to_numpy(float).tolist()))
            known["classes"] = tuple(str(value) for value in self.confusion.columns)
        if self.residuals is not None and len(self.residuals):
            low, high, count = (self.residuals[name].tolist() for name in ("low", "high", "count"))
            known["residuals"] = ((*low, high[-1]), tuple(count))
        if self.calibration is not None:
            known["calibration"] = tuple(
                tuple(map(float, self.calibration[name]))
                for name in ("predicted", "actual", "rows")
            )
        for name in ("table", "rows"):
            frame = getattr(self, name)
            if frame is not None:
                known[name] = Sheet.of(frame)
        return EvaluationReportSummary(
            self.name,
            self.task,
            {name: float(value) for name, value in self.metrics.items()},
            positives=int(self.positives),
            negatives=int(self.negatives),
            positive="" if self.positive is None else str(self.positive),
            learner=self.learner,
            port=self.port,
            label=self.label,
            **known,
        )


@dataclass(frozen=True, eq=False)
class Evaluation(
    Value,
    title="evaluation",
    description="Metrics and curves of one scored dataset, or of several side by side.",
    colors=("#7a55c4", "#b79cf5"),
    shape="star",
    icon="chart",
    view="evaluation",
    is_report=True,
):
    """The evaluation of one scored dataset, or of several side by side."""

    reports: tuple[EvaluationReport, ...]

    @property
    def task(self) -> str:
        """What was evaluated; see :class:`EvaluationReport`."""
        return self.reports[0].task

    def save(self, folder: Path) -> dict[str, Any]:
        """Write metrics as JSON, and curves and matrices as Arrow tables."""
        reports = []
        for number, report in enumerate(self.reports):
            plain = {name: getattr(report, name) for name in _PLAIN}
            reports.append({"name": report.name, "task": report.task, **plain})
            for name in _FRAMES:
                frame = getattr(report, name)
                if frame is not None:
                    if name == "confusion":
                        frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
                    DataTable(frame).write(folder / f"{name}_{number}.arrow")
        write_json(folder / "metrics.json", {"reports": reports}, as_made=True)
        return {"metrics": {report.name: dict(report.metrics) for report in self.reports}}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        reports = []
        for number, plain in enumerate(read_json(folder / "metrics.json")["reports"]):
            classes = tuple(plain.pop("classes"))
            metrics = {
                name: math.nan if number is None else number
                for name, number in plain.pop("metrics").items()
            }
            frames: dict[str, Any] = {
                name: DataTable.read(path).frame
                for name in _FRAMES
                if (path := folder / f"{name}_{number}.arrow").exists()
            }
            if "confusion" in frames:
                confusion = frames["confusion"]
                confusion.index = confusion.columns = list(classes)
            reports.append(EvaluationReport(metrics=metrics, classes=classes, **plain, **frames))
        return cls(tuple(reports))

    def describe(self) -> pd.DataFrame:
        """Return the metrics, one row per report."""
        import pandas as pd

        return pd.DataFrame([{"report": each.name, **each.metrics} for each in self.reports])

    def summary(self) -> EvaluationSummary:
        """Return the reports as plain data."""
        reports = tuple(report.summary() for report in self.reports)
        return EvaluationSummary(self.port_type.title, {}, reports)

    def charts(self) -> Mapping[str, str]:
        """Return ROC curves, residuals, and what :mod:`diagnostic_charts` draws, as SVG."""
        from modules.values import diagnostic_charts
        from modules.values.charts.svg import to_svg
        from modules.values.evaluation_charts import residuals_chart, roc_chart

        reports = self.summary().reports
        charts = {}
        curves = [(each.name, each.curves["roc"]) for each in reports if "roc" in each.curves]
        if curves:
            charts["ROC curve"] = roc_chart(curves)
        for report in reports:
            if report.residuals is not None:
                title = f"Residuals of {report.name}" if len(reports) > 1 else "Residuals"
                charts[title] = residuals_chart(*report.residuals)
        found = diagnostic_charts.overview(reports)
        return charts | {title: to_svg(chart) for title, chart in found.items()}


_PLAIN = ("metrics", "positives", "negatives", "positive", "classes", "learner", "port", "label")
_FRAMES = ("thresholds", "confusion", "residuals", "table", "calibration", "rows")


def _points(curve: pd.DataFrame) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return x and y of at most 2,000 points, including both ends."""
    import numpy as np

    if len(curve) > MOST_POINTS:
        kept = np.unique(np.linspace(0, len(curve) - 1, MOST_POINTS).round().astype(int))
        curve = curve.iloc[kept]
    return tuple(curve["x"].tolist()), tuple(curve["y"].tolist())
