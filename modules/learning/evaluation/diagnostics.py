"""What explains the errors of predictions: calibration, single rows, and a map of clusters."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, Role, Scoring
from modules.contract.normalize_frame import set_columns
from modules.values import EvaluationReport

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_ROWS = 2_000
"""Rows of a scatter plot; the distances between them are all computed for silhouettes."""

MOST_FEATURES = 30
"""Features that the residuals are shown by."""

BINS = 10
"""Of a calibration curve."""

_YEAR = 365.2425


def with_diagnostics(
    report: EvaluationReport, table: DataTable, scoring: Scoring
) -> EvaluationReport:
    """Return a report with a sample of its rows, for tasks that are explained by single rows.

    For clusters the features that are numbers or Booleans are standardized; the report then has
    the silhouettes of the rows and their mean.
    """
    if report.task == "regression":
        return replace(report, rows=_predicted_rows(table, scoring))
    if report.task == "clustering":
        return _with_cluster_map(report, table, scoring)
    return report


def calibration_of(is_positive: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Return the calibration curve of two-class probabilities in ten bins of equal width.

    Bins without rows are left out, as in scikit-learn's ``calibration_curve``.

    Parameters
    ----------
    is_positive : numpy.ndarray of bool, shape (rows,)
    probability : numpy.ndarray of float, shape (rows,)
        Of the positive class, from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``predicted`` (the mean probability), ``actual`` (the share of positive rows)
        and ``rows``.
    """
    import numpy as np
    import pandas as pd

    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probability)
    rows = np.bincount(bins, minlength=BINS)
    used = rows > 0
    sums = np.bincount(bins, probability, BINS)[used], np.bincount(bins, is_positive, BINS)[used]
    predicted, actual = (each / rows[used] for each in sums)
    return pd.DataFrame({"predicted": predicted, "actual": actual, "rows": rows[used]})


def _features(table: DataTable, scoring: Scoring, kinds: tuple[str, ...]) -> list[str]:
    scores = {scoring.scored, scoring.label, *scoring.probabilities}
    return [
        column.name
        for column in table.columns
        if column.role == Role.FEATURE and column.kind in kinds and column.name not in scores
    ]


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return at most 2,000 rows, evenly chosen."""
    import numpy as np

    if len(frame) <= MOST_ROWS:
        return frame.reset_index(drop=True)
    chosen = np.linspace(0, len(frame) - 1, MOST_ROWS).round().astype(int)
    return frame.iloc[chosen].reset_index(drop=True)


def _predicted_rows(table: DataTable, scoring: Scoring) -> pd.DataFrame:
    label, scored = str(scoring.label), scoring.scored
    kinds = ("integer", "number", "boolean", "string", "categorical", "datetime")
    names = _features(table, scoring, kinds)[:MOST_FEATURES]
    frame = table.frame[[label, scored, *names]]
    rows = _thinned(frame[frame[[label, scored]].notna().all(axis=1)])
    return set_columns(rows, {name: _plain(rows[name]) for name in names})


def _plain(column: pd.Series) -> Any:
    """Return a column as numbers or text; moments as years."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        start = pd.Timestamp(1970, 1, 1, tz=column.dt.tz)
        return 1970 + (column - start).dt.total_seconds() / (86_400 * _YEAR)
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return column.astype("str").where(column.notna(), None)
    return column.astype("float64")


def _with_cluster_map(
    report: EvaluationReport, table: DataTable, scoring: Scoring
) -> EvaluationReport:
    import numpy as np
    import pandas as pd
    from sklearn.metrics import silhouette_samples

    names = _features(table, scoring, ("integer", "number", "boolean"))
    if not names:
        return report
    frame = table.frame[[scoring.scored, *scoring.probabilities, *names]]
    inside = frame.notna().all(axis=1) & (frame[scoring.scored] >= 0)
    inside &= np.isfinite(frame[names].to_numpy("float64")).all(axis=1)
    rows = _thinned(frame[inside])
    if len(rows) < 2:
        return report
    points = rows[names].to_numpy("float64")
    spread = points.std(axis=0)
    points = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    own = rows[scoring.scored].to_numpy(np.int64)
    silhouettes = np.full(len(rows), math.nan)
    if 1 < len(np.unique(own)) < len(rows):
        silhouettes = silhouette_samples(points, own)
    across, up, shares = _principal_components(points)
    titles = [
        f"{title} principal component ({share:.0%} of the variance)"
        for title, share in zip(("First", "Second"), shares, strict=True)
    ]
    table_of_rows = pd.DataFrame(
        {"Cluster": own, titles[0]: across, titles[1]: up, "Silhouette": silhouettes}
    )
    mean = {"Silhouette": float(silhouettes.mean())}
    return replace(report, metrics={**report.metrics, **mean}, rows=table_of_rows)


def _principal_components(
    points: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Return the first two principal components, and their shares of the variance."""
    import numpy as np
    from sklearn.decomposition import PCA

    if points.shape[1] == 1:
        return points[:, 0], np.zeros(len(points)), (1.0, 0.0)
    fitted = PCA(2, svd_solver="full")
    found = fitted.fit_transform(points)
    if not fitted.explained_variance_.sum():
        return found[:, 0], found[:, 1], (0.0, 0.0)
    first, second = fitted.explained_variance_ratio_.tolist()
    return found[:, 0], found[:, 1], (first, second)
