"""Score Wide and Deep Recommender."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Role, Tasks, When, module
from modules.contract.code import CodeStep
from modules.learning.torch_runs import reproducible
from modules.recommendation._ratings import RATING, USER
from modules.recommendation._recommending import (
    RATED,
    predicted,
    recommended,
    write_recommendations,
)
from modules.recommendation._wide_and_deep_model import WIDE_AND_DEEP, WideAndDeepModel
from modules.values import TrainedModel


def _code(step: CodeStep) -> None:
    model = step.inputs["trained_wide_and_deep_recommendation_model"]
    ports = ("user_features", "item_features")
    if any(port in step.inputs for port in ports):
        given = ", ".join(f"{port}={step.inputs[port]}" for port in ports if port in step.inputs)
        model = f"{model}.extended({given})"
    write_recommendations(step, model)


@module(
    "Score Wide and Deep Recommender",
    outputs=("scored_dataset",),
    keywords=("recommend", "predict", "rating", "cold start", "top items", "deep learning"),
    code=_code,
    requires=("numpy", "pandas", "torch", "safetensors"),
    row="its network works on tables",
)
def score_wide_and_deep_recommender(
    trained_wide_and_deep_recommendation_model: Annotated[TrainedModel, Tasks(WIDE_AND_DEEP)],
    dataset_to_score: DataTable,
    user_features: DataTable | None = None,
    item_features: DataTable | None = None,
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
    """Predict ratings, or recommend items to users, with a trained wide and deep recommender.

    Parameters
    ----------
    trained_wide_and_deep_recommendation_model : TrainedModel
        From Train Wide and Deep Recommender.
    dataset_to_score : DataTable
        The first column contains users. For ratings, and for recommendations from rated items,
        the second contains items.
    user_features : DataTable, optional
        Features of users that have none in training, or other ones now; the columns of training.
    item_features : DataTable, optional
        The same for items. Items that only this table has can be recommended too.
    training_data : DataTable, optional
        For recommendations from unrated items: the users and items that were rated, in the first
        two columns.
    prediction_kind : str
        Rating Prediction: the rating of each row's item by its user. Item Recommendation: the
        items with the highest predicted ratings, one row per user.
    item_selection : str
        Which items may be recommended. From All Items: every item of the training data and the
        item features. From Rated Items: those that the user has in the dataset, to evaluate the
        model. From Unrated Items: those that the user doesn't have in the training data.
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
    that. Features that were linked in training are known; link tables here for new users and items.
    Without features, an unknown user or item counts as one that isn't known to the network.

    The columns are those of Azure ML designer.
    """
    model = trained_wide_and_deep_recommendation_model
    if not isinstance(model, WideAndDeepModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} isn't a wide and deep recommender.",
            "Link the output of Train Wide and Deep Recommender.",
            port="trained_wide_and_deep_recommendation_model",
        )
    ratings = model.ratings_with(
        None if user_features is None else user_features.frame,
        None if item_features is None else item_features.frame,
    )
    with reproducible(0):
        if prediction_kind == "Rating Prediction":
            return DataTable(predicted(ratings, dataset_to_score.frame), {RATING: Role.SCORE})
        found = recommended(
            ratings,
            dataset_to_score.frame,
            training=None if training_data is None else training_data.frame,
            item_selection=item_selection,
            minimum_pool=minimum_pool,
            maximum_items=maximum_items,
            with_ratings=with_ratings,
        )
    return DataTable(found, dict.fromkeys(map(str, found.columns.drop(USER)), Role.SCORE))
