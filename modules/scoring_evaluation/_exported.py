"""Metrics in scripts without this project, with scikit-learn's functions.

They equal those of :mod:`modules.learning.evaluation.reports` up to the rounding of sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def regression_evaluation(
    label: pd.Series, scored: pd.Series, quantiles: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Return the metrics of a regression, and a histogram of the residuals."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import (
        mean_absolute_error,
        mean_pinball_loss,
        mean_squared_error,
        root_mean_squared_error,
    )

    known = label.notna() & scored.notna()
    if quantiles is not None:
        known &= quantiles.notna().all(axis=1)
    actual, predicted = label[known].astype(float), scored[known].astype(float)
    mean = np.full(len(actual), actual.mean())
    varies = actual.nunique() > 1
    relative = np.nan
    absolute = np.nan
    if varies:
        relative = mean_squared_error(actual, predicted) / mean_squared_error(actual, mean)
        absolute = mean_absolute_error(actual, predicted) / mean_absolute_error(actual, mean)
    metrics = {
        "Mean absolute error": mean_absolute_error(actual, predicted),
        "Root mean squared error": root_mean_squared_error(actual, predicted),
        "Relative absolute error": absolute,
        "Relative squared error": relative,
        "Coefficient of determination": 1 - relative,
    }
    if quantiles is not None:
        losses = {}
        for name, column in quantiles.items():
            quantile = str(name).partition(": ")[2]
            losses[quantile] = mean_pinball_loss(actual, column[known], alpha=float(quantile))
        metrics |= {f"Quantile loss: {quantile}": loss for quantile, loss in losses.items()}
        metrics["Average quantile loss"] = float(np.mean(list(losses.values())))
    errors = actual - predicted
    bins = min(max(int(np.ceil(2 * len(actual) ** (1 / 3))), 1), 50)
    try:
        counts, edges = np.histogram(errors, bins)
    except ValueError:
        # Huge errors that are too close together, or too far apart, for bins.
        counts, edges = np.array([len(errors)]), np.array([errors.min(), errors.max()])
    residuals = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts})
    return {"metrics": pd.DataFrame([metrics]), "residuals": residuals}


def two_class_evaluation(
    label: pd.Series, scored: pd.Series, probability: pd.Series | None, classes: Any
) -> dict[str, pd.DataFrame]:
    """Return the metrics of two classes, of which the second is positive, and their tables."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import (
        accuracy_score,
        brier_score_loss,
        confusion_matrix,
        f1_score,
        log_loss,
        matthews_corrcoef,
        precision_recall_fscore_support,
        precision_score,
        recall_score,
        roc_auc_score,
        roc_curve,
    )

    known = label.notna() & scored.notna()
    if probability is not None:
        known &= probability.notna()
    lookup = {value: index for index, value in enumerate(classes)}
    actual, predicted = (column[known].map(lookup).astype(int) for column in (label, scored))
    metrics = {
        "Accuracy": accuracy_score(actual, predicted),
        "Balanced accuracy": recall_score(
            actual, predicted, labels=sorted(actual.unique()), average="macro"
        ),
        "Precision": precision_score(actual, predicted, zero_division=np.nan),
        "Recall": recall_score(actual, predicted, zero_division=np.nan),
        "F1 score": f1_score(actual, predicted, zero_division=np.nan),
        "Matthews correlation coefficient": matthews_corrcoef(actual, predicted),
    }
    counts = confusion_matrix(actual, predicted, labels=[0, 1])
    every = precision_recall_fscore_support(actual, predicted, labels=[0, 1], zero_division=np.nan)
    by_class = pd.DataFrame(
        dict(zip(("Precision", "Recall", "F1 score", "Rows"), every, strict=True))
    )
    by_class.insert(0, "Class", [str(value) for value in classes])
    tables = {
        "classes": by_class[["Class", "Rows", "Precision", "Recall", "F1 score"]],
        "confusion": pd.DataFrame(counts, index=list(classes), columns=list(classes)),
    }
    if probability is not None:
        given = probability[known].astype(float)
        metrics["AUC"] = roc_auc_score(actual, given) if actual.nunique() > 1 else np.nan
        metrics["Average log loss"] = log_loss(actual, given, labels=[0, 1])
        metrics["Brier score"] = brier_score_loss(actual, given, labels=[0, 1], pos_label=1)
        if actual.nunique() > 1:
            false_positives, true_positives, thresholds = roc_curve(actual, given)
            tables["roc"] = pd.DataFrame(
                {
                    "threshold": thresholds,
                    "true positive rate": true_positives,
                    "false positive rate": false_positives,
                }
            )
    return {"metrics": pd.DataFrame([metrics]), **tables}


def multiclass_evaluation(
    label: pd.Series, scored: pd.Series, probabilities: pd.DataFrame | None, classes: Any
) -> dict[str, pd.DataFrame]:
    """Return the metrics of several classes, those of each class, and the confusion matrix."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import (
        confusion_matrix,
        matthews_corrcoef,
        multilabel_confusion_matrix,
        recall_score,
    )

    known = label.notna() & scored.notna()
    if probabilities is not None:
        known &= probabilities.notna().all(axis=1)
    given = list(classes)
    others = {*label[known].unique(), *scored[known].unique()} - {*given}
    everything = [*given, *sorted(others, key=lambda value: (isinstance(value, str), value))]
    lookup = {value: index for index, value in enumerate(everything)}
    actual, predicted = (column[known].map(lookup).astype(int) for column in (label, scored))
    numbers = list(range(len(everything)))
    counts = confusion_matrix(actual, predicted, labels=numbers)
    one_by_one = multilabel_confusion_matrix(actual, predicted, labels=numbers)
    hits, false, missed = one_by_one[:, 1, 1], one_by_one[:, 0, 1], one_by_one[:, 1, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        by_class = pd.DataFrame(
            {
                "Class": [str(value) for value in everything],
                "Rows": hits + missed,
                "Precision": hits / (hits + false),
                "Recall": hits / (hits + missed),
                "F1 score": 2 * hits / (2 * hits + false + missed),
            }
        )
    present = hits + false + missed > 0
    accuracy = hits.sum() / len(actual)
    metrics = {
        "Overall accuracy": accuracy,
        "Average accuracy": ((hits + one_by_one[:, 0, 0]) / len(actual))[present].mean(),
        "Balanced accuracy": recall_score(
            actual, predicted, labels=sorted(actual.unique()), average="macro"
        ),
        "Micro-averaged precision": accuracy,
        "Macro-averaged precision": by_class["Precision"][present].fillna(0).mean(),
        "Micro-averaged recall": accuracy,
        "Macro-averaged recall": by_class["Recall"][present].fillna(0).mean(),
        "Matthews correlation coefficient": matthews_corrcoef(actual, predicted),
    }
    if probabilities is not None:
        rows = np.flatnonzero(actual < len(given))
        tiny = np.finfo(float).eps
        own = probabilities[known].to_numpy(float)[rows, actual.iloc[rows]]
        losses = pd.Series(-np.log(np.clip(own, tiny, 1 - tiny)))
        metrics["Average log loss"] = losses.mean()
        means = losses.groupby(actual.iloc[rows].to_numpy()).mean()
        by_class["Average log loss"] = means.reindex(numbers).to_numpy()
    confusion = pd.DataFrame(counts, index=everything, columns=everything)
    return {"metrics": pd.DataFrame([metrics]), "classes": by_class, "confusion": confusion}


def cluster_evaluation(scored: pd.DataFrame, features: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the distances of the points of clusters to the centers, and the mean silhouette.

    Parameters
    ----------
    scored : pandas.DataFrame
        The number of the cluster, then the distance to each center.
    features : pandas.DataFrame
        Numbers; the scores among them are ignored.
    """
    import numpy as np
    import pandas as pd
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    features = features.drop(columns=scored.columns, errors="ignore").astype(float)
    rows = scored.join(features).replace([np.inf, -np.inf], np.nan).dropna()
    if len(rows) > 2_000:
        rows = rows.iloc[np.linspace(0, len(rows) - 1, 2_000).round().astype(int)]
    clusters = rows.iloc[:, 0].astype(int)
    silhouette = {}
    if len(features.columns) and len(rows) > 1:
        silhouette["Silhouette"] = np.nan
        if 1 < clusters.nunique() < len(rows):
            points = StandardScaler().fit_transform(rows[features.columns])
            silhouette["Silhouette"] = silhouette_score(points, clusters)
    scored = scored.dropna()
    own, distances = scored.iloc[:, 0].to_numpy(int), scored.iloc[:, 1:].to_numpy(float)
    count = distances.shape[1]
    near = distances[np.arange(len(own)), own]
    others = (
        (distances.sum(axis=1) - near) / (count - 1) if count > 1 else np.full(len(own), np.nan)
    )
    points = pd.DataFrame({"near": near, "others": others})
    groups = points.groupby(own)
    by_cluster = pd.DataFrame(
        {
            "Average distance to other center": groups["others"].mean(),
            "Average distance to cluster center": groups["near"].mean(),
            "Number of points": groups.size(),
            "Maximal distance to cluster center": groups["near"].max(),
        }
    ).reindex(range(count))
    by_cluster["Number of points"] = by_cluster["Number of points"].fillna(0).astype(int)
    metrics = {
        "Average distance to other center": others.mean(),
        "Average distance to cluster center": near.mean(),
        "Number of points": len(own),
        "Maximal distance to cluster center": near.max(),
    }
    table = pd.concat([pd.DataFrame([metrics]), by_cluster], ignore_index=True)
    names = ["Combined evaluation", *(f"Cluster {number}" for number in range(count))]
    table.insert(0, "Result", names)
    return {"metrics": pd.DataFrame([metrics | silhouette]), "clusters": table}


def compared(
    first: dict[str, pd.DataFrame], second: dict[str, pd.DataFrame], names: list[str]
) -> dict[str, pd.DataFrame]:
    """Return the tables of two evaluations as one, with the metrics in a row each."""
    import pandas as pd

    tables = {
        f"{key} {name}": table
        for name, each in zip(names, (first, second), strict=True)
        for key, table in each.items()
        if key != "metrics"
    }
    metrics = pd.concat([first["metrics"], second["metrics"]], ignore_index=True)
    metrics.index = pd.Index(names)
    return {"metrics": metrics, **tables}
