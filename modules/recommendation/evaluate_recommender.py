"""Evaluate Recommender."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import DataTable, ModuleError, Serving, module, warn
from modules.contract.code import CodeStep
from modules.recommendation._ratings import (
    ITEM,
    RATING,
    USER,
    item_columns,
    key,
    keys,
    ratings_of,
)

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    known, scored = step.inputs["test_dataset"], step.inputs["scored_dataset"]
    call = f"{step.helper(evaluated)}({known}, {scored}, {step.source('relevant_rating')})"
    step.write(f"{step.outputs[0]} = {call}")


@module(
    "Evaluate Recommender",
    outputs=("metric",),
    keywords=("ndcg", "precision", "recall", "rmse", "mae", "ranking", "recommend"),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    code=_code,
)
def evaluate_recommender(
    test_dataset: DataTable,
    scored_dataset: DataTable,
    *,
    relevant_rating: Annotated[
        float | None, Field(title="Minimum rating of relevant items", allow_inf_nan=False)
    ] = None,
) -> DataTable:
    """Evaluate predicted ratings, or recommended items, against known ratings.

    Parameters
    ----------
    test_dataset : DataTable
        Known ratings: the first column contains users, the second items, the third ratings.
    scored_dataset : DataTable
        From Score SVD Recommender, with the columns ``User``, ``Item``, ``Rating``, or ``User``,
        ``Item 1``, ``Item 2``, and so on.
    relevant_rating : float, optional
        For precision and recall: items that a user rated at least as high are relevant. By
        default the mean rating of the test dataset.

    Returns
    -------
    metric : DataTable
        One row. For ratings ``MAE``, ``RMSE``, and the number of ``Pairs``; for items
        ``NDCG``, ``Precision``, ``Recall``, and the number of ``Users``.

    Notes
    -----
    MAE and RMSE are the mean absolute and the root mean squared difference between the predicted
    and the known rating, over the pairs in both datasets.

    For items, with n the number of item columns and r(k) the known rating of the item at rank k
    (0 if there is none): NDCG is the mean over users of ``DCG / ideal DCG``, with
    ``DCG = sum of r(k) / log2(k + 1)`` over the ranks 1 to n, and the ideal one that of the
    user's n highest known ratings (Järvelin and Kekäläinen 2002; equal to scikit-learn's
    ``ndcg_score``). Precision is the share of relevant items among those recommended, recall the
    share of the user's relevant items that are recommended; users without relevant items
    don't count for recall. Users without known ratings are skipped.

    Azure ML designer reports only MAE and RMSE, or NDCG.
    """
    scored_dataset.require_rows(1, port="scored_dataset")
    return DataTable(evaluated(test_dataset.frame, scored_dataset.frame, relevant_rating))


def evaluated(
    test: pd.DataFrame, scored: pd.DataFrame, relevant_rating: float | None
) -> pd.DataFrame:
    """Return the metrics of predicted ratings, or of recommended items."""
    import pandas as pd

    known = ratings_of(test, port="test_dataset")
    names = list(scored.columns)
    if USER in names and ITEM in names and RATING in names:
        metrics = _of_ratings(known, scored)
    elif USER in names and item_columns(names):
        threshold = float(known[RATING].mean()) if relevant_rating is None else relevant_rating
        metrics = _of_items(known, scored, threshold)
    else:
        raise ModuleError(
            "not-scored",
            "The scored dataset has neither “User”, “Item”, and “Rating” nor “User” and “Item 1”.",
            "Link the output of Score SVD Recommender.",
            port="scored_dataset",
        )
    return pd.DataFrame({name: [value] for name, value in metrics.items()})


def _of_ratings(known: pd.DataFrame, scored: pd.DataFrame) -> dict[str, float]:
    import numpy as np

    found = ratings_of(scored[[USER, ITEM, RATING]], port="scored_dataset")
    pairs_known = zip(keys(known[USER]), keys(known[ITEM]), strict=True)
    truth = dict(zip(pairs_known, known[RATING], strict=True))
    pairs = zip(keys(found[USER]), keys(found[ITEM]), found[RATING], strict=True)
    errors = [rating - truth[user, item] for user, item, rating in pairs if (user, item) in truth]
    if not errors:
        raise _nothing_in_common("pair of user and item")
    _warn_of_skipped(len(found) - len(errors), "pairs")
    return {
        "MAE": float(np.abs(errors).mean()),
        "RMSE": float(np.sqrt(np.square(errors).mean())),
        "Pairs": len(errors),
    }


def _of_items(known: pd.DataFrame, scored: pd.DataFrame, threshold: float) -> dict[str, float]:
    if known[RATING].min() < 0:
        raise ModuleError(
            "negative-rating",
            f"A rating in the test dataset is {known[RATING].min():g}; NDCG requires ratings of "
            "at least 0.",
            "Add a constant to all ratings first.",
            port="test_dataset",
        )
    truth: dict[Hashable, dict[Hashable, float]] = {}
    for user, item, rating in zip(keys(known[USER]), keys(known[ITEM]), known[RATING], strict=True):
        truth.setdefault(user, {})[item] = rating
    columns = item_columns(list(scored.columns))
    rows = scored[[USER, *columns]].itertuples(index=False)
    lists = {
        key(user): [key(item) for item in items if item is not None and item == item]
        for user, *items in rows
        if user is not None and user == user
    }
    users = [user for user in lists if user in truth]
    if not users:
        raise _nothing_in_common("user")
    _warn_of_skipped(len(lists) - len(users), "users")
    gains = [_ndcg(lists[user], truth[user], len(columns)) for user in users]
    metrics = {"NDCG": _mean(gains)}
    metrics |= _precision_and_recall(users, lists, truth, threshold)
    return metrics | {"Users": len(users)}


def _ndcg(items: Sequence[Hashable], ratings: Mapping[Hashable, float], count: int) -> float:
    """Return the normalized discounted cumulative gain of a list; 0 if no rating is above 0."""
    best = sorted(ratings.values(), reverse=True)[:count]
    ideal = _dcg(best)
    return _dcg([ratings.get(item, 0.0) for item in items]) / ideal if ideal else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _precision_and_recall(
    users: Sequence[Hashable],
    lists: Mapping[Hashable, Sequence[Hashable]],
    truth: Mapping[Hashable, Mapping[Hashable, float]],
    threshold: float,
) -> dict[str, float]:
    precisions, recalls = [], []
    for user in users:
        relevant = {item for item, rating in truth[user].items() if rating >= threshold}
        hits = len(relevant & set(lists[user]))
        if lists[user]:
            precisions.append(hits / len(lists[user]))
        if relevant:
            recalls.append(hits / len(relevant))
    return {"Precision": _mean(precisions), "Recall": _mean(recalls)}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _nothing_in_common(what: str) -> ModuleError:
    return ModuleError(
        "nothing-in-common",
        f"No {what} of the scored dataset is in the test dataset.",
        "Score the users and items of the test dataset.",
        port="scored_dataset",
    )


def _warn_of_skipped(count: int, what: str) -> None:
    if count:
        warn(f"{count:,} {what} of the scored dataset aren't in the test dataset and were skipped.")
