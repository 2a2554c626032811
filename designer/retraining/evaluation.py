"""Scores the held rows with champion and challenger, and decides between them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.batch.batch import REASON, score_file
from designer.deployment.problem import ServingError
from designer.retraining.comparison import METRICS, Compared, MetricName, Scores, compare
from designer.retraining.held_rows import LEAST_ROWS
from designer.retraining.loop import Loop
from modules.values.score_columns import SCORED_LABELS, SCORED_PROBABILITIES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

REFERENCE = "reference.parquet"
"""The held rows with the scores of the challenger: what drift is measured against."""


@dataclass(frozen=True)
class Model:
    """A scoring package, and the effects that it may have."""

    package: Path
    allowed: Collection[str]


@dataclass(frozen=True)
class Evaluation:
    """The decision between champion and challenger.

    Parameters
    ----------
    is_better : bool
        Whether the challenger is to be deployed.
    reason : str
        Why, in sentences.
    groups : list of (str, Compared)
        The same for each group that has enough rows.
    """

    metric: MetricName
    compared: Compared
    groups: list[tuple[str, Compared]]
    is_better: bool
    reason: str


def evaluate(loop: Loop, champion: Model, challenger: Model, held: Path, label: str) -> Evaluation:
    """Score the held rows with both, and decide.

    Parameters
    ----------
    held : Path
        The held rows; the scores are written beside it.
    label : str
        The column that is predicted.

    Raises
    ------
    ServingError
        If they can't be compared.
    """
    import pyarrow.parquet as pq

    rows = pq.read_table(held).to_pandas()
    if label not in rows:
        raise ServingError(
            f"The dataset “{loop.dataset}” has no column “{label}”.", "Choose the label column."
        )
    scored = [
        _score(model, held, held.with_name(file), len(rows))
        for model, file in ((champion, "champion.parquet"), (challenger, REFERENCE))
    ]
    is_scored = [each[SCORED_LABELS].notna().to_numpy() for each in scored]
    only_champion = int((is_scored[0] & ~is_scored[1]).sum())
    used = rows[label].notna().to_numpy() & is_scored[0] & is_scored[1]
    if used.sum() < LEAST_ROWS:
        raise ServingError(
            f"Only {int(used.sum())} held rows have a label and both scores; a decision needs "
            f"{LEAST_ROWS}.",
            "Register more rows, or hold a larger share.",
        )
    truth = rows[label][used]
    metric = loop.metric or ("accuracy" if _has_classes(truth, scored[1]) else "mae")
    both = [_scores(metric, truth, each[used]) for each in scored]
    both[0] = _same_class(*both)
    found = compare(metric, *both)
    groups = _by_group(loop, metric, rows[used], both) if loop.group else []
    reason, is_better = _decide(loop, metric, found, groups, only_champion)
    return Evaluation(metric, found, groups, is_better, reason)


def _decide(
    loop: Loop,
    metric: MetricName,
    found: Compared,
    groups: list[tuple[str, Compared]],
    only_champion: int,
) -> tuple[str, bool]:
    """Return the decision in sentences, and whether the challenger is better."""
    numbers = (
        f"{METRICS[metric].title} on {found.rows:,} held rows: challenger {found.challenger:.4g}, "
        f"champion {found.champion:.4g} (p = {found.p_better:.2g}, {METRICS[metric].test})."
    )
    against = []
    if found.improvement <= 0 or found.improvement < loop.margin:
        margin = f" by the margin {loop.margin:g}" if found.improvement > 0 else ""
        against.append(f"It isn't better{margin}.")
    elif found.p_better > loop.significance:
        against.append(f"The improvement isn't significant at {loop.significance:g}.")
    # As many chances to find a group by accident as there are groups.
    limit = loop.significance / max(1, len(groups))
    worse = [name for name, each in groups if each.p_worse <= limit]
    if worse:
        listed = ", ".join(f"“{name}”" for name in worse[:5])
        against.append(f"It is significantly worse where “{loop.group}” is {listed}.")
    if only_champion:
        against.append(f"It can't score {only_champion:,} rows that the champion can.")
    return " ".join([numbers, *(against or ["It is better."])]), not against


def _score(model: Model, held: Path, target: Path, count: int) -> pd.DataFrame:
    import pyarrow.parquet as pq

    batch = score_file(model.package, held, target, bad_rows="keep", allowed=model.allowed)
    frame: pd.DataFrame = pq.read_table(batch.file).to_pandas()
    if SCORED_LABELS not in frame:
        raise ServingError(
            f"The endpoint returns no column “{SCORED_LABELS}”, so it can't be compared.",
            "Only models that predict a label are retrained.",
        )
    if len(frame) != count:
        raise ServingError(
            f"Of {count:,} held rows, {len(frame):,} have scores: rows are removed when scoring.",
            "Only a pipeline that returns a score for each row can be compared.",
        )
    return frame.drop(columns=[REASON], errors="ignore")


def _has_classes(truth: pd.Series[Any], scored: pd.DataFrame) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numeric = is_numeric_dtype(truth.dtype) and not is_bool_dtype(truth.dtype)
    return not numeric or any(name.startswith(SCORED_PROBABILITIES) for name in scored.columns)


def _scores(metric: MetricName, truth: pd.Series[Any], scored: pd.DataFrame) -> Scores:
    import numpy as np

    if METRICS[metric].needs == "numbers":
        try:
            numbers = [each.to_numpy(np.float64) for each in (truth, scored[SCORED_LABELS])]
        except (TypeError, ValueError):
            raise ServingError(
                f"{METRICS[metric].title} needs numbers, and “{truth.name}” has other values.",
                "Use accuracy, auc, or log-loss.",
            ) from None
        return Scores(numbers[0], numbers[1])
    labels, predicted = _texts(truth), _texts(scored[SCORED_LABELS])
    if not set(predicted) & set(labels):
        raise ServingError(
            f"No scored label is a value of “{truth.name}”, so they can't be compared.",
            "Choose the label column that the model predicts.",
        )
    if METRICS[metric].needs == "labels":
        return Scores(labels, predicted)
    classes = sorted(set(labels) | set(predicted))
    if SCORED_PROBABILITIES not in scored or len(classes) > 2:
        raise ServingError(
            f"{METRICS[metric].title} needs the probability of one of two classes.",
            "Use accuracy.",
        )
    probability = scored[SCORED_PROBABILITIES].to_numpy(np.float64)
    return Scores(labels, predicted, probability, _positive(predicted, probability, classes))


def _positive(
    predicted: npt.NDArray[Any], probability: npt.NDArray[np.float64], classes: list[str]
) -> str:
    """Return the class whose probability it is: that of the rows with the larger ones."""
    means = {each: float(probability[predicted == each].mean()) for each in set(predicted)}
    best = str(max(means, key=lambda each: means[each]))
    if len(means) == 1 and means[best] < 0.5 and len(classes) == 2:
        return next(each for each in classes if each != best)
    return best


def _same_class(champion: Scores, challenger: Scores) -> Scores:
    """Return the champion's scores with the probability of the challenger's positive class."""
    if champion.probability is None or champion.positive == challenger.positive:
        return champion
    other = 1 - champion.probability
    return Scores(champion.truth, champion.predicted, other, challenger.positive)


def _by_group(
    loop: Loop, metric: MetricName, rows: pd.DataFrame, both: list[Scores]
) -> list[tuple[str, Compared]]:
    import numpy as np

    groups = _texts(rows[loop.group])
    found = []
    for name in sorted(set(groups)):
        part = groups == name
        if part.sum() < LEAST_ROWS or (metric == "auc" and len(np.unique(both[0].truth[part])) < 2):
            continue
        found.append((name, compare(metric, *(_part(each, part) for each in both))))
    return found


def _part(scores: Scores, part: npt.NDArray[np.bool_]) -> Scores:
    probability = None if scores.probability is None else scores.probability[part]
    return Scores(scores.truth[part], scores.predicted[part], probability, scores.positive)


def _texts(values: pd.Series[Any]) -> npt.NDArray[Any]:
    """Return values as texts that are equal for equal values, whatever their types."""
    import numpy as np

    return np.array([_text(value) for value in values.tolist()], dtype=object)


def _text(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
