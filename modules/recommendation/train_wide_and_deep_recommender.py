"""Train Wide and Deep Recommender."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Numbers, Serving, Tasks, module
from modules.contract.code import CodeStep, literal
from modules.contract.columns import Column
from modules.learning.torch_runs import reproducible, seeded
from modules.recommendation._features import Side, fitted
from modules.recommendation._ratings import ITEM, RATING, USER, keys, ratings_of
from modules.recommendation._wide_and_deep import Shape, network, train
from modules.recommendation._wide_and_deep_model import (
    WIDE_AND_DEEP,
    WideAndDeepModel,
    WideAndDeepRatings,
)
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Wide and Deep Recommender"
_PORT = "training_dataset_of_user_item_rating_triples"

Optimizer = Literal["Adagrad", "Adam", "Ftrl", "RMSProp", "SGD", "Adadelta"]
Rate = Annotated[float, Field(gt=0, le=2)]
Dimension = Annotated[int, Field(ge=1, le=10_000)]


def _code(step: CodeStep) -> None:
    ports = (_PORT, "user_features", "item_features")
    given = [step.inputs.get(port, "None") for port in ports]
    given += [f"{name}={step.source(name)}" for name in ("epochs", "batch_size")]
    given += [
        f"{part}_optimizer=({step.source(f'{part}_part_optimizer')}, "
        f"{step.source(f'{part}_optimizer_learning_rate')})"
        for part in ("wide", "deep")
    ]
    embedding = [
        step.source(f"{of}_embedding_dimension") for of in ("user", "item", "categorical_features")
    ]
    given += [
        f"crossed={step.source('crossed_feature_dimension')}",
        f"embedding=[{', '.join(embedding)}]",
        f"hidden={literal(_units(step.value('hidden_units')))}",
        f"activation={step.source('activation_function')}",
        f"dropout={step.source('dropout')}",
        f"normalized={step.source('batch_normalization')}",
    ]
    step.write(f"with {step.helper(seeded)}({step.source('seed')}):")
    with step.indented():
        step.write(f"{step.outputs[0]} = {step.helper(wide_and_deep)}({', '.join(given)})")


@module(
    "Train Wide and Deep Recommender",
    outputs=("trained_wide_and_deep_recommendation_model",),
    keywords=("deep learning", "neural network", "recommend", "rating", "cold start", "pytorch"),
    code=_code,
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
    from safetensors.torch import save

    with reproducible(seed):
        found = wide_and_deep(
            training_dataset_of_user_item_rating_triples.frame,
            _frame(user_features),
            _frame(item_features),
            epochs=epochs,
            batch_size=batch_size,
            wide_optimizer=(wide_part_optimizer, wide_optimizer_learning_rate),
            deep_optimizer=(deep_part_optimizer, deep_optimizer_learning_rate),
            crossed=crossed_feature_dimension,
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
    columns = training_dataset_of_user_item_rating_triples.columns
    state = found.network.state_dict()
    return WideAndDeepModel(
        title=TITLE,
        task=WIDE_AND_DEEP,
        features=tuple(Column(column.name, column.kind) for column in columns[:2]),
        label=columns[2].name,
        learner=__name__,
        parameters={"epochs": epochs, "batch_size": batch_size, "seed": seed},
        versions=_versions(),
        shape=asdict(found.shape),
        user_side=_plain(found.users),
        item_side=_plain(found.item_side),
        user_codes=found.users.codes,
        user_numbers=found.users.numbers,
        item_codes=found.item_side.codes,
        item_numbers=found.item_side.numbers,
        mean=found.mean,
        limits=found.limits,
        weights=save({name: each.contiguous() for name, each in state.items()}),
    )


def wide_and_deep(
    triples: pd.DataFrame,
    user_features: pd.DataFrame | None,
    item_features: pd.DataFrame | None,
    *,
    epochs: int,
    batch_size: int,
    wide_optimizer: tuple[str, float],
    deep_optimizer: tuple[str, float],
    crossed: int,
    embedding: list[int],
    hidden: list[int],
    activation: str,
    dropout: float,
    normalized: bool,
) -> WideAndDeepRatings:
    """Return a network that is trained on users, items, and their ratings.

    Parameters
    ----------
    wide_optimizer, deep_optimizer : tuple of (str, float)
        Name and learning rate.
    crossed : int
        Buckets of pairs.
    embedding : list of int
        Dimensions for users, items, and categories.
    """
    import numpy as np

    ratings = ratings_of(triples, port=_PORT)
    if normalized and len(ratings) < 2:
        raise ModuleError(
            "too-few-rows",
            "A single rating can't be normalized.",
            "Use more ratings, or turn Batch normalization off.",
            port=_PORT,
        )
    user_keys, item_keys = keys(ratings[USER]), keys(ratings[ITEM])
    users = fitted(list(dict.fromkeys(user_keys)), user_features, "user_features")
    items = fitted(list(dict.fromkeys(item_keys)), item_features, "item_features")
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
        crossed=crossed,
        categories=[len(each) for side in (users, items) for each in side.categories.values()],
        numbers=len(users.means) + len(items.means),
        embedding=embedding,
        hidden=hidden,
        activation=activation,
        dropout=dropout,
        normalized=normalized,
    )
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
        optimizers={"wide": wide_optimizer, "deep": deep_optimizer},
    )
    limits = [float(values.min()), float(values.max())]
    return WideAndDeepRatings(made, shape, users, items, float(values.mean()), limits)


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
