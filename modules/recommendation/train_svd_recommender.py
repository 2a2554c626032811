"""Train SVD Recommender."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import DataTable, ModuleError, Serving, Sweep, Tasks, module
from modules.contract.code import CodeStep
from modules.contract.columns import Column
from modules.recommendation._factorization import Factorization
from modules.recommendation._ratings import ITEM, RATING, USER, keys, ratings_of
from modules.recommendation._svd_model import TASK, SvdModel
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd

TITLE = "SVD Recommender"
_PORT = "training_dataset_of_user_item_rating_triples"
_PARAMETERS = ("factors", "iterations", "learning_rate", "regularization", "seed")


def _code(step: CodeStep) -> None:
    given = ", ".join(f"{name}={step.source(name)}" for name in _PARAMETERS)
    frame = step.inputs[_PORT]
    step.write(f"{step.outputs[0]} = {step.helper(factorized)}({frame}, {given})")


@module(
    "Train SVD Recommender",
    outputs=("trained_svd_recommendation",),
    keywords=("matrix factorization", "collaborative filtering", "recommend", "rating", "svd"),
    code=_code,
    requires=("numpy", "pandas", "scikit-surprise"),
    when_serving=Serving.AS_FITTED,
)
def train_svd_recommender(
    training_dataset_of_user_item_rating_triples: DataTable,
    *,
    factors: Annotated[
        int, Field(ge=1, le=10_000, title="Number of factors"), Sweep(20, 50, 100, 200)
    ] = 200,
    iterations: Annotated[
        int, Field(ge=1, title="Number of recommendation algorithm iterations"), Sweep(10, 30, 60)
    ] = 30,
    learning_rate: Annotated[float, Field(gt=0, le=2), Sweep(0.002, 0.005, 0.01)] = 0.005,
    regularization: Annotated[
        float, Field(ge=0, title="Regularization weight"), Sweep(0.02, 0.05, 0.1)
    ] = 0.02,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")] = 0,
) -> Annotated[TrainedModel, Tasks(TASK)]:
    """Train a recommender on ratings of items by users (matrix factorization).

    Each user and each item becomes a vector of latent factors, whose product predicts the
    rating. No properties of users and items are needed, but each needs some ratings.

    Parameters
    ----------
    training_dataset_of_user_item_rating_triples : DataTable
        The first column contains users, the second items, the third numeric ratings. Rows with
        missing values are skipped.
    factors : int
        Number of latent factors. More fit finer tastes, and noise.
    iterations : int
        Number of passes over the ratings.
    learning_rate : float
        Step size of the updates. If training diverges, set a smaller one.
    regularization : float
        Larger values pull the factors and biases to zero, against overfitting.
    seed : int
        Determines the initial factors.

    Returns
    -------
    trained_svd_recommendation : TrainedModel
        For Score SVD Recommender.

    Notes
    -----
    The predicted rating is ``mean + b_u + b_i + p_u · q_i``, with the bias b and the factors of
    user u and item i; all are fitted by stochastic gradient descent of the squared error with L2
    regularization (Koren, Bell and Volinsky 2009; Funk 2006), with ``SVD`` of scikit-surprise.

    A user-item pair that is rated repeatedly counts each time. Azure ML designer has no
    parameters for the regularization and the seed.
    """
    table = training_dataset_of_user_item_rating_triples
    parameters: dict[str, Any] = {
        "factors": factors,
        "iterations": iterations,
        "learning_rate": learning_rate,
        "regularization": regularization,
        "seed": seed,
    }
    fitted = factorized(table.frame, **parameters)
    return SvdModel(
        title=TITLE,
        task=TASK,
        features=tuple(Column(column.name, column.kind) for column in table.columns[:2]),
        label=table.columns[2].name,
        learner=__name__,
        parameters=parameters,
        versions=_versions(),
        **vars(fitted),
    )


def factorized(
    table: pd.DataFrame,
    *,
    factors: int,
    iterations: int,
    learning_rate: float,
    regularization: float,
    seed: int,
) -> Factorization:
    """Return the factors of the users and items in the first two columns of a frame."""
    import pandas as pd

    ratings = ratings_of(table, port=_PORT)
    users, items = keys(ratings[USER]), keys(ratings[ITEM])
    triples = pd.DataFrame({USER: users, ITEM: items, RATING: ratings[RATING]})
    trainset, fitted = _fitted(triples, factors, iterations, learning_rate, regularization, seed)
    _reject_diverged(fitted)
    low, high = float(ratings[RATING].min()), float(ratings[RATING].max())
    return Factorization(
        users=[trainset.to_raw_uid(at) for at in range(trainset.n_users)],
        items=[trainset.to_raw_iid(at) for at in range(trainset.n_items)],
        mean=float(trainset.global_mean),
        limits=[low, high],
        user_bias=fitted.bu,
        item_bias=fitted.bi,
        user_factors=fitted.pu,
        item_factors=fitted.qi,
    )


def _fitted(
    ratings: pd.DataFrame, factors: int, iterations: int, rate: float, weight: float, seed: int
) -> tuple[Any, Any]:
    """Return the ratings as surprise numbers them, and the fitted algorithm."""
    # Its import creates the folder for downloaded datasets, which aren't used here, at home.
    os.environ.setdefault("SURPRISE_DATA_FOLDER", tempfile.gettempdir())
    from surprise import SVD, Dataset, Reader

    trainset = Dataset.load_from_df(ratings, Reader()).build_full_trainset()
    algorithm = SVD(
        n_factors=factors, n_epochs=iterations, lr_all=rate, reg_all=weight, random_state=seed
    )
    return trainset, algorithm.fit(trainset)


def _reject_diverged(fitted: Any) -> None:
    import numpy as np

    if all(np.isfinite(part).all() for part in (fitted.bu, fitted.bi, fitted.pu, fitted.qi)):
        return
    raise ModuleError(
        "training-diverged",
        f"{TITLE} can't be trained: it diverged (numeric overflow).",
        "Set a smaller learning rate, or scale the ratings.",
        parameter="learning_rate",
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "scikit-surprise")}
