"""Score SVD Recommender."""

from __future__ import annotations

from collections.abc import Mapping
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
)
from modules.contract.code import CodeStep
from modules.contract.value import Row
from modules.recommendation._ratings import ITEM, RATING, USER
from modules.recommendation._recommending import (
    RATED,
    predicted,
    recommended,
    write_recommendations,
)
from modules.recommendation._svd_model import TASK, SvdModel
from modules.values import TrainedModel

if TYPE_CHECKING:
    pass


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
    write_recommendations(step, step.inputs["trained_svd_recommendation"])


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
        When(item_selection=RATED),
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

    The columns are those of Azure ML designer.
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
