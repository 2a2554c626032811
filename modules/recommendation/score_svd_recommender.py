"""Score SVD Recommender."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    DataTable,
    ExampleStep,
    ModuleError,
    Role,
    RowForm,
    RowStep,
    Tasks,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep, TableFacts
from modules.contract.value import Row
from modules.recommendation._factorization import Factorization
from modules.recommendation._ratings import ITEM, RATING, USER, keys, leading
from modules.recommendation._svd_model import TASK, SvdModel
from modules.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_RATED = "From Rated Items (for model evaluation)"
_UNRATED = "From Unrated Items (to suggest new items to users)"
_CELLS = 10_000_000
"""Predicted ratings of users and items at once: 80 MB."""


def _make(step: ExampleStep) -> dict[str, Any] | str:
    if step.arguments["prediction_kind"] != "Rating Prediction":
        return "recommendations group the rows of each user"
    if "trained_svd_recommendation" not in step.stored:
        return "the model isn't stored"
    user, item = step.inputs["dataset_to_score"].names[:2]
    return {"model": step.stored["trained_svd_recommendation"], "user": user, "item": item}


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.values.saved import inside
    from modules.values.storage import load

    model = load(inside(folder, form["model"]))
    assert isinstance(model, SvdModel)
    user, item = form["user"], form["item"]

    def predict(row: Row) -> dict[str, Any]:
        return {USER: row[user], ITEM: row[item], RATING: model.rating(row[user], row[item])}

    return predict


def _code(step: CodeStep) -> None:
    model, frame = step.inputs["trained_svd_recommendation"], step.inputs["dataset_to_score"]
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


@module(
    "Score SVD Recommender",
    outputs=("scored_dataset",),
    keywords=("recommend", "predict", "rating", "collaborative filtering", "top items"),
    code=_code,
    requires=("numpy", "pandas"),
    row=RowForm(_make, _load, fixed=("training_data",)),
)
def score_svd_recommender(
    trained_svd_recommendation: Annotated[TrainedModel, Tasks(TASK)],
    dataset_to_score: DataTable,
    training_data: DataTable | None = None,
    *,
    prediction_kind: Annotated[
        Literal["Rating Prediction", "Item Recommendation"],
        Field(title="Recommender prediction kind"),
    ] = "Item Recommendation",
    item_selection: Annotated[
        Literal[
            "From All Items",
            "From Rated Items (for model evaluation)",
            "From Unrated Items (to suggest new items to users)",
        ],
        Field(title="Recommended item selection"),
        When(prediction_kind="Item Recommendation"),
    ] = "From Rated Items (for model evaluation)",
    minimum_pool: Annotated[
        int,
        Field(ge=1, title="Minimum size of the recommendation pool for a single user"),
        When(item_selection=_RATED),
    ] = 2,
    maximum_items: Annotated[
        int,
        Field(ge=1, le=1_000, title="Maximum number of items to recommend to a user"),
        When(prediction_kind="Item Recommendation"),
    ] = 5,
    with_ratings: Annotated[
        bool,
        Field(title="Return the predicted ratings of the items along with the labels"),
        When(prediction_kind="Item Recommendation"),
    ] = False,
) -> DataTable:
    """Predict ratings, or recommend items to users, with a trained SVD recommender.

    Parameters
    ----------
    trained_svd_recommendation : TrainedModel
        From Train SVD Recommender.
    dataset_to_score : DataTable
        The first column contains users. For ratings, and for recommendations from rated items,
        the second contains items.
    training_data : DataTable, optional
        For recommendations from unrated items: the users and items that were rated, in the first
        two columns.
    prediction_kind : str
        Rating Prediction: the rating of each row's item by its user. Item Recommendation: the
        items with the highest predicted ratings, one row per user.
    item_selection : str
        Which items may be recommended. From All Items: every item of the training data. From Rated
        Items: those that the user has in the dataset, to evaluate the model. From Unrated Items:
        those that the user doesn't have in the training data.
    minimum_pool : int
        Users with fewer items in the dataset are left out.
    maximum_items : int
        Number of items to recommend. Users with fewer have missing values.
    with_ratings : bool
        Also return the predicted ratings of the recommended items.

    Returns
    -------
    scored_dataset : DataTable
        ``User``, ``Item``, ``Rating``; or ``User``, ``Item 1`` to ``Item n``, and with ratings
        ``Rating 1`` to ``Rating n``.

    Notes
    -----
    Predicted ratings are limited to the range of the ratings in training; items are ranked before
    that. Equal items are in the order of the training data. For an unknown user, the bias of the
    items decides; an unknown item has the mean rating of the user.
    """
    model = trained_svd_recommendation
    if not isinstance(model, SvdModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} isn't an SVD recommender.",
            "Link the output of Train SVD Recommender.",
            port="trained_svd_recommendation",
        )
    if prediction_kind == "Rating Prediction":
        found = predicted(model, dataset_to_score.frame)
        return DataTable(found, {RATING: Role.SCORE})
    found = recommended(
        model,
        dataset_to_score.frame,
        training=None if training_data is None else training_data.frame,
        item_selection=item_selection,
        minimum_pool=minimum_pool,
        maximum_items=maximum_items,
        with_ratings=with_ratings,
    )
    return DataTable(found, dict.fromkeys(map(str, found.columns.drop(USER)), Role.SCORE))


def recommended(
    model: Factorization,
    table: pd.DataFrame,
    *,
    training: pd.DataFrame | None = None,
    item_selection: str,
    minimum_pool: int,
    maximum_items: int,
    with_ratings: bool,
) -> pd.DataFrame:
    """Return the items with the highest predicted ratings, one row per user."""
    if item_selection == _RATED:
        pools = _pools(model, table, minimum_pool)
        users = list(pools)
    else:
        users = _users(leading(table, 1, port="dataset_to_score"))
        pools = _unrated(training) if item_selection == _UNRATED else {}
    _warn_of_unknown(model, users)
    chosen = _ranked(model, users, pools, item_selection, maximum_items)
    return _table(model, users, chosen, maximum_items, with_ratings)


def predicted(model: Factorization, table: pd.DataFrame) -> pd.DataFrame:
    """Return the users and items of a frame with their predicted ratings."""
    pairs = leading(table, 2, port="dataset_to_score")
    plain = pairs.astype(object).where(pairs.notna(), None)
    ratings = model.ratings(plain[USER].tolist(), plain[ITEM].tolist())
    _warn_of_unknown(model, keys(pairs[USER].dropna()))
    return pairs.assign(**{RATING: ratings})


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
    model: Factorization, table: pd.DataFrame, minimum: int
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
    model: Factorization,
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
            if selection == _RATED:
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
    model: Factorization,
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


def _warn_of_unknown(model: Factorization, users: Sequence[Hashable]) -> None:
    unknown = sum(user not in model.user_index for user in users)
    if unknown:
        warn(f"{unknown:,} of {len(users):,} users aren't in the training data.")
