"""Recommendations from predicted ratings, whatever model predicts them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, Role, warn
from modules.contract.code import CodeStep, TableFacts
from modules.recommendation._ratings import ITEM, RATING, USER, keys, leading

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

RATED = "From Rated Items (for model evaluation)"
UNRATED = "From Unrated Items (to suggest new items to users)"
_CELLS = 10_000_000
"""Predicted ratings of users and items at once: 80 MB."""


def recommended(
    model: Any,
    table: pd.DataFrame,
    *,
    training: pd.DataFrame | None = None,
    item_selection: str,
    minimum_pool: int,
    maximum_items: int,
    with_ratings: bool,
) -> pd.DataFrame:
    """Return the items with the highest predicted ratings, one row per user.

    Parameters
    ----------
    model : Factorization or WideAndDeepRatings
        Predicts ratings.
    table : pandas.DataFrame
        Users, and the items that may be recommended to each of them.
    """
    if item_selection == RATED:
        pools = _pools(model, table, minimum_pool)
        users = list(pools)
    else:
        users = _users(leading(table, 1, port="dataset_to_score"))
        pools = _unrated(training) if item_selection == UNRATED else {}
    _warn_of_unknown(model, users)
    chosen = _ranked(model, users, pools, item_selection, maximum_items)
    return _table(model, users, chosen, maximum_items, with_ratings)


def predicted(model: Any, table: pd.DataFrame) -> pd.DataFrame:
    """Return the users and items of a frame with their predicted ratings."""
    pairs = leading(table, 2, port="dataset_to_score")
    plain = pairs.astype(object).where(pairs.notna(), None)
    ratings = model.ratings(plain[USER].tolist(), plain[ITEM].tolist())
    _warn_of_unknown(model, keys(pairs[USER].dropna()))
    return pairs.assign(**{RATING: ratings})


def write_recommendations(step: CodeStep, model: str) -> None:
    """Write the ratings or recommendations of a model.

    Parameters
    ----------
    model : str
        Source of what predicts ratings.
    """
    frame = step.inputs["dataset_to_score"]
    if step.value("prediction_kind") == "Rating Prediction":
        step.write(f"{step.outputs[0]} = {step.helper(predicted)}({model}, {frame})")
        step.know("scored_dataset", TableFacts({RATING: Role.SCORE}))
        return
    names = ("item_selection", "minimum_pool", "maximum_items", "with_ratings")
    given = ", ".join(f"{name}={step.source(name)}" for name in names)
    if "training_data" in step.inputs:
        given = f"training={step.inputs['training_data']}, {given}"
    step.write(f"{step.outputs[0]} = {step.helper(recommended)}({model}, {frame}, {given})")
    step.know("scored_dataset", TableFacts(score_prefixes=(f"{ITEM} ", f"{RATING} ")))


def _users(pairs: pd.DataFrame) -> list[Hashable]:
    """Return the users of a table, each once, in their order."""
    return list(dict.fromkeys(keys(pairs[USER].dropna())))


def _rated(table: pd.DataFrame, port: str) -> dict[Hashable, dict[Hashable, None]]:
    """Return the items of each user, in their order."""
    pairs = leading(table, 2, port=port).dropna()
    found: dict[Hashable, dict[Hashable, None]] = {}
    for user, item in zip(keys(pairs[USER]), keys(pairs[ITEM]), strict=True):
        found.setdefault(user, {})[item] = None
    return found


def _pools(
    model: Any, table: pd.DataFrame, minimum: int
) -> Mapping[Hashable, Mapping[Hashable, None]]:
    """Return the items that may be recommended to each user who has enough of them."""
    rated = _rated(table, "dataset_to_score")
    known = {
        user: {item: None for item in items if item in model.item_index}
        for user, items in rated.items()
    }
    kept = {user: items for user, items in known.items() if len(items) >= minimum}
    if len(kept) < len(rated):
        warn(
            f"{len(rated) - len(kept):,} of {len(rated):,} users have fewer than {minimum} items "
            "that the model knows, and were left out."
        )
    return kept


def _unrated(
    training: pd.DataFrame | None,
) -> Mapping[Hashable, Mapping[Hashable, None]]:
    """Return the items that each user has rated already."""
    if training is None:
        raise ModuleError(
            "training-data-missing",
            "To recommend unrated items, the ratings of the training data are needed.",
            "Link the training data, or choose another item selection.",
            port="training_data",
        )
    return _rated(training, "training_data")


def _ranked(
    model: Any,
    users: Sequence[Hashable],
    pools: Mapping[Hashable, Mapping[Hashable, None]],
    selection: str,
    most: int,
) -> list[list[tuple[int, float]]]:
    """Return the best items of each user, with their ratings."""
    import numpy as np

    found = []
    step = max(_CELLS // max(len(model.items), 1), 1)
    low, high = model.limits
    for start in range(0, len(users), step):
        part = users[start : start + step]
        for user, ratings in zip(part, model.all_ratings(part), strict=True):
            index = [
                model.item_index[item] for item in pools.get(user, ()) if item in model.item_index
            ]
            if selection == RATED:
                ratings = _only(ratings, index)
            else:
                ratings[index] = -np.inf
            best = np.argsort(-ratings, kind="stable")[:most]
            best = best[np.isfinite(ratings[best])]
            found.append([(int(at), float(min(max(ratings[at], low), high))) for at in best])
    return found


def _only(ratings: np.ndarray, index: Sequence[int]) -> np.ndarray:
    """Return the ratings of some items, and minus infinity for all others."""
    import numpy as np

    kept = np.full_like(ratings, -np.inf)
    kept[index] = ratings[index]
    return kept


def _table(
    model: Any,
    users: Sequence[Hashable],
    chosen: Sequence[Sequence[tuple[int, float]]],
    count: int,
    with_ratings: bool,
) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {USER: _column(users, users)}
    for rank in range(count):
        items = [model.items[each[rank][0]] if rank < len(each) else None for each in chosen]
        columns[f"{ITEM} {rank + 1}"] = _column(items, model.items)
    if with_ratings:
        for rank in range(count):
            ratings = [each[rank][1] if rank < len(each) else None for each in chosen]
            columns[f"{RATING} {rank + 1}"] = pd.Series(ratings, dtype="float64")
    return pd.DataFrame(columns)


def _column(values: Sequence[Any], known: Sequence[Any]) -> pd.Series:
    """Return users or items as a column of the type of the known ones; text if they differ."""
    import pandas as pd

    kinds = {type(value) for value in known}
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and None not in values
        return pd.Series(values, dtype="int64" if whole else "float64")
    texts = [None if value is None else str(value) for value in values]
    return pd.Series(texts, dtype="str")


def _warn_of_unknown(model: Any, users: Sequence[Hashable]) -> None:
    unknown = sum(user not in model.user_index for user in users)
    if unknown:
        warn(f"{unknown:,} of {len(users):,} users aren't in the training data.")
