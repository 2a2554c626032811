"""What travels on the wires besides tables.

These are light classes: naming them in a signature imports no heavy library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from modules.contract.columns import Column
from modules.contract.errors import ModuleError
from modules.contract.value import RowFunction, Value

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract.data_table import DataTable


@dataclass(frozen=True, eq=False)
class Files(Value):
    """A folder of files as they are."""

    folder: Path


@dataclass(frozen=True, eq=False)
class ImageFolder(Value):
    """A folder of images, one sub-folder for each class, or none when unlabelled."""

    folder: Path


@dataclass(frozen=True, eq=False)
class UntrainedModel(Value):
    """A learner with its settings, ready to be trained.

    Parameters
    ----------
    title : str
        The learner as shown to a person.
    task : str
        ``regression``, ``two-class``, ``multiclass``, ``clustering`` or ``anomaly``.
    estimator : object
        An unfitted scikit-learn estimator.
    encoding : str
        How strings and categories reach it: ``one-hot`` (for linear models, one
        column a value) or ``codes`` (for trees that take categories natively).
    takes_missing : bool
        The estimator handles missing numbers; otherwise they become the mean of
        the training rows.
    categorical_parameter : str
        Name of the estimator's parameter that takes the mask of categorical
        features, with ``codes``; empty if there is none.
    learner : str
        Dotted name of the module that made it, to make it again with other settings.
    parameters : mapping
        Plain JSON parameters of that module.
    sweep : mapping of str to tuple
        Values to try for each parameter when it is tuned.
    """

    title: str
    task: str
    estimator: Any
    encoding: str = "one-hot"
    takes_missing: bool = False
    categorical_parameter: str = ""
    learner: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sweep: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TrainedModel(Value):
    """A fitted learner together with all that scoring new rows needs.

    Parameters
    ----------
    title, task : str
        As in the :class:`UntrainedModel`.
    pipeline : object
        A fitted scikit-learn ``Pipeline`` of two steps, ``features``
        (:class:`modules.learning.features.FeatureEncoder`) and ``learner``.
    features : tuple of Column
        The columns that the model reads, as they were in training.
    label : str or None
        The column that it predicts.
    classes : tuple
        JSON scalars in the order of the estimator's class codes.
    positive : object or None
        The positive class of a two-class model.
    learner : str
        Dotted name of the module that made the learner.
    parameters : mapping
        The learner's settings.
    versions : mapping of str to str
        Libraries that decide the result.
    """

    title: str
    task: str
    pipeline: Any
    features: tuple[Column, ...]
    label: str | None = None
    classes: tuple[Any, ...] = ()
    positive: Any = None
    learner: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def estimator(self) -> Any:
        """The fitted scikit-learn estimator alone."""
        return self.pipeline.named_steps["learner"]

    @property
    def encoder(self) -> Any:
        """The fitted encoder of the features."""
        return self.pipeline.named_steps["features"]

    def score(self, table: DataTable) -> DataTable:
        """Return the score columns alone, one row for each row of the table.

        Raises
        ------
        ModuleError
            If a feature is missing from the table or can't be read.
        """
        from modules.learning.learning import score

        return score(self, table)

    def compile(self) -> RowFunction | None:
        """Return a function of one row on numpy alone, or None where there is none."""
        from modules.learning.learning import compile_model

        return compile_model(self)


@dataclass(frozen=True, eq=False)
class Transformation(Value):
    """A change of a table that was learnt from data and can be applied again.

    A sub-class is a frozen dataclass in the module that fits it. Its fields are
    plain JSON (numbers, strings, lists, dictionaries), or numpy arrays; they are
    stored as readable JSON, so applying a stored transformation needs no trust.
    A field named ``estimator`` may hold a fitted scikit-learn object; it is
    stored with skops.
    """

    title: ClassVar[str] = "Transformation"

    def apply(self, table: DataTable) -> DataTable:
        """Return the transformed table.

        Raises
        ------
        ModuleError
            If the table lacks a column that the transformation needs.
        """
        raise NotImplementedError

    def compile(self) -> RowFunction | None:
        """Return a function of one row on numpy alone, or None where there is none."""
        return None

    def describe(self) -> pd.DataFrame:
        """Return what was learnt as a table for people: by default one row a field."""
        import pandas as pd

        learnt = fields(self) if is_dataclass(self) else ()
        rows = [(each.name, str(getattr(self, each.name))) for each in learnt]
        return pd.DataFrame(rows, columns=["name", "value"])


@dataclass(frozen=True, eq=False)
class Report:
    """The evaluation of one scored dataset.

    Parameters
    ----------
    name : str
        For legends: the learner, or the port the scores came from.
    metrics : mapping of str to float
        By the field's names, ``"AUC"`` for example; NaN where undefined.
    thresholds : pandas.DataFrame or None
        Two-class: columns ``threshold`` (descending), ``true_positives`` and
        ``false_positives`` (rows scored at least the threshold); at most 2,000
        rows, ends kept. ROC, precision-recall and lift derive from it.
    positives, negatives : int
        Two-class: rows of each actual class.
    confusion : pandas.DataFrame or None
        Rows actual, columns predicted; the index and columns hold the classes.
    residuals : pandas.DataFrame or None
        Regression: columns ``low``, ``high``, ``count`` of a histogram of
        actual minus predicted.
    table : pandas.DataFrame or None
        Metrics that come one row for each class, cluster or fold.
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

    def curves(self) -> dict[str, pd.DataFrame]:
        """Return ``roc``, ``precision_recall`` and ``lift`` as frames of ``x`` and ``y``.

        ROC: false positive rate and true positive rate. Precision-recall: recall
        and precision. Lift, as in the original: rate of rows scored positive and
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

        A row counts as positive when its probability is above the threshold, so that
        0.5 gives the predictions of scikit-learn, which decides ties for the first class.
        """
        if self.thresholds is None:
            raise ModuleError("no-thresholds", f"{self.name} has no probabilities.")
        table = self.thresholds
        chosen = table[table["threshold"] > threshold]
        hits = float(chosen["true_positives"].iloc[-1]) if len(chosen) else 0.0
        alarms = float(chosen["false_positives"].iloc[-1]) if len(chosen) else 0.0
        return two_class_metrics(hits, alarms, self.positives - hits, self.negatives - alarms)


@dataclass(frozen=True, eq=False)
class Evaluation(Value):
    """The evaluation of one scored dataset, or of several side by side."""

    reports: tuple[Report, ...]

    @property
    def task(self) -> str:
        """What was evaluated; see :class:`Report`."""
        return self.reports[0].task


def two_class_metrics(
    true_positives: float, false_positives: float, false_negatives: float, true_negatives: float
) -> dict[str, float]:
    """Return counts, accuracy, precision, recall and F1 score of a 2 x 2 table.

    A ratio without a denominator is NaN.
    """

    def ratio(part: float, whole: float) -> float:
        return part / whole if whole else math.nan

    total = true_positives + false_positives + false_negatives + true_negatives
    return {
        "True positives": true_positives,
        "False positives": false_positives,
        "False negatives": false_negatives,
        "True negatives": true_negatives,
        "Accuracy": ratio(true_positives + true_negatives, total),
        "Precision": ratio(true_positives, true_positives + false_positives),
        "Recall": ratio(true_positives, true_positives + false_negatives),
        "F1 score": ratio(
            2 * true_positives, 2 * true_positives + false_positives + false_negatives
        ),
    }
