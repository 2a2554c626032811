"""Train Wide and Deep Recommender."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Numbers, Serving, Tasks, module
from modules.contract.columns import Column
from modules.learning.torch_runs import reproducible
from modules.recommendation._features import Side, fitted
from modules.recommendation._ratings import ITEM, RATING, USER, keys, ratings_of
from modules.recommendation._wide_and_deep import Shape, network, train
from modules.recommendation._wide_and_deep_model import WIDE_AND_DEEP, WideAndDeepModel
from modules.values import TrainedModel

TITLE = "Wide and Deep Recommender"
_PORT = "training_dataset_of_user_item_rating_triples"

Optimizer = Literal["Adagrad", "Adam", "Ftrl", "RMSProp", "SGD", "Adadelta"]
Rate = Annotated[float, Field(gt=0, le=2)]
Dimension = Annotated[int, Field(ge=1, le=10_000)]


@module(
    "Train Wide and Deep Recommender",
    outputs=("trained_wide_and_deep_recommendation_model",),
    keywords=("deep learning", "neural network", "recommend", "rating", "cold start", "pytorch"),
    code="its network is trained by ModelDesk",
    requires=("numpy", "pandas", "torch", "safetensors"),
    when_serving=Serving.AS_FITTED,
)
def train_wide_and_deep_recommender(
    training_dataset_of_user_item_rating_triples: DataTable,
    user_features: DataTable | None = None,
    item_features: DataTable | None = None,
    *,
    epochs: Annotated[int, Field(ge=1)] = 15,
    batch_size: Annotated[int, Field(ge=1, title="Batch size")] = 64,
    wide_part_optimizer: Annotated[Optimizer, Field(title="Wide part optimizer")] = "Adagrad",
    wide_optimizer_learning_rate: Annotated[
        Rate, Field(title="Wide optimizer learning rate")
    ] = 0.1,
    crossed_feature_dimension: Annotated[
        int, Field(ge=1, le=100_000_000, title="Crossed feature dimension")
    ] = 1_000,
    deep_part_optimizer: Annotated[Optimizer, Field(title="Deep part optimizer")] = "Adagrad",
    deep_optimizer_learning_rate: Annotated[
        Rate, Field(title="Deep optimizer learning rate")
    ] = 0.1,
    user_embedding_dimension: Annotated[Dimension, Field(title="User embedding dimension")] = 16,
    item_embedding_dimension: Annotated[Dimension, Field(title="Item embedding dimension")] = 16,
    categorical_features_embedding_dimension: Annotated[
        Dimension, Field(title="Categorical features embedding dimension")
    ] = 4,
    hidden_units: Annotated[str, Numbers(), Field(title="Hidden units")] = "256,128",
    activation_function: Annotated[
        Literal["ReLU", "Sigmoid", "Tanh", "Linear", "LeakyReLU"],
        Field(title="Activation function"),
    ] = "ReLU",
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.8,
    batch_normalization: Annotated[bool, Field(title="Batch normalization")] = True,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")] = 0,
) -> Annotated[TrainedModel, Tasks(WIDE_AND_DEEP)]:
    """Train a recommender on ratings, and on features of users and items.

    A linear (wide) part memorizes which users like which items, a neural network (deep)
    generalizes from their features, so that users and items without ratings can be scored too.

    Parameters
    ----------
    training_dataset_of_user_item_rating_triples : DataTable
        The first column contains users, the second items, the third numeric ratings. Rows with
        missing values are skipped.
    user_features : DataTable, optional
        The first column contains users, the others features.
    item_features : DataTable, optional
        The first column contains items, the others features.
    epochs : int
        Passes over the ratings.
    batch_size : int
        Ratings per step.
    wide_part_optimizer : str
        Optimizer of the linear part.
    wide_optimizer_learning_rate : float
        Step size of its updates.
    crossed_feature_dimension : int
        Buckets into which pairs of user and item are hashed, for the linear part.
    deep_part_optimizer : str
        Optimizer of the neural network.
    deep_optimizer_learning_rate : float
        Step size of its updates.
    user_embedding_dimension : int
        Dimensions of the vector that is learned for each user.
    item_embedding_dimension : int
        Dimensions of the vector that is learned for each item.
    categorical_features_embedding_dimension : int
        Dimensions of the vector that is learned for each value of a categorical feature.
    hidden_units : str
        Number of units in each hidden layer, separated by commas.
    activation_function : str
        Of the hidden layers.
    dropout : float
        Probability with which an output of a hidden layer is ignored in a training step.
    batch_normalization : bool
        Normalize the inputs of the activation function in each batch.
    seed : int
        Determines the initial weights and the order of the ratings.

    Returns
    -------
    trained_wide_and_deep_recommendation_model : TrainedModel
        For Score Wide and Deep Recommender.

    Notes
    -----
    The network of Cheng and others (2016) for ratings: the predicted rating is the mean rating plus
    the weights of the user, the item, and the bucket of the pair (wide) plus the output of the
    network (deep); both are trained together on the squared error, with PyTorch. Numeric features
    are standardized, with the mean for a missing or infinite value; a missing or unknown category
    has a separate vector.

    Without regularization, the optimizer Ftrl equals Adagrad. The same ratings, seed, and threads
    give the same model. Azure ML designer has no parameter for the seed.
    """
    import numpy as np
    from safetensors.torch import save

    ratings = ratings_of(training_dataset_of_user_item_rating_triples.frame, port=_PORT)
    if batch_normalization and len(ratings) < 2:
        raise ModuleError(
            "too-few-rows",
            "A single rating can't be normalized.",
            "Use more ratings, or turn Batch normalization off.",
            port=_PORT,
        )
    user_keys, item_keys = keys(ratings[USER]), keys(ratings[ITEM])
    users = fitted(list(dict.fromkeys(user_keys)), _frame(user_features), "user_features")
    items = fitted(list(dict.fromkeys(item_keys)), _frame(item_features), "item_features")
    pairs = np.array(
        [
            (users.index[user], items.index[item])
            for user, item in zip(user_keys, item_keys, strict=True)
        ],
        "int64",
    )
    values = ratings[RATING].to_numpy("float64")
    shape = Shape(
        users=len(users.keys),
        items=len(items.keys),
        crossed=crossed_feature_dimension,
        categories=[len(each) for side in (users, items) for each in side.categories.values()],
        numbers=len(users.means) + len(items.means),
        embedding=[
            user_embedding_dimension,
            item_embedding_dimension,
            categorical_features_embedding_dimension,
        ],
        hidden=_units(hidden_units),
        activation=activation_function,
        dropout=dropout,
        normalized=batch_normalization,
    )
    with reproducible(seed):
        made = network(shape)
        train(
            made,
            users,
            items,
            pairs,
            values - values.mean(),
            shape,
            epochs=epochs,
            batch_size=batch_size,
            optimizers={
                "wide": (wide_part_optimizer, wide_optimizer_learning_rate),
                "deep": (deep_part_optimizer, deep_optimizer_learning_rate),
            },
        )
    columns = training_dataset_of_user_item_rating_triples.columns
    return WideAndDeepModel(
        title=TITLE,
        task=WIDE_AND_DEEP,
        features=tuple(Column(column.name, column.kind) for column in columns[:2]),
        label=columns[2].name,
        learner=__name__,
        parameters={"epochs": epochs, "batch_size": batch_size, "seed": seed},
        versions=_versions(),
        shape=asdict(shape),
        user_side=_plain(users),
        item_side=_plain(items),
        user_codes=users.codes,
        user_numbers=users.numbers,
        item_codes=items.codes,
        item_numbers=items.numbers,
        mean=float(values.mean()),
        limits=[float(values.min()), float(values.max())],
        weights=save({name: each.contiguous() for name, each in made.state_dict().items()}),
    )


def _frame(table: DataTable | None) -> Any:
    return None if table is None else table.frame


def _units(text: str) -> list[int]:
    """Return the sizes of the hidden layers."""
    try:
        units = [int(each) for each in text.split(",") if each.strip()]
    except ValueError:
        units = [0]
    if not all(1 <= each <= 100_000 for each in units):
        raise ModuleError(
            "wrong-parameter",
            f"Hidden units: “{text}” isn't a list of integers of at least 1.",
            "Enter integers separated by commas, 256,128 for example.",
            parameter="hidden_units",
        )
    return units


def _plain(side: Side) -> dict[str, Any]:
    return {
        "keys": side.keys,
        "categories": side.categories,
        "means": side.means,
        "deviations": side.deviations,
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "torch")}
