"""The wide and deep network for ratings, and how it is trained (Cheng and others 2016)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, report_progress
from modules.recommendation._features import Side

if TYPE_CHECKING:
    import numpy as np

_PART = 65_536
"""Pairs that are scored at once."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the network.

    Parameters
    ----------
    users, items : int
        How many there are in training.
    crossed : int
        Buckets into which pairs of user and item are hashed, in the wide part.
    categories : list of int
        The number of values of each categorical feature, of users first.
    numbers : int
        How many numeric features there are.
    embedding : list of int
        Dimensions for users, items, and each categorical feature.
    hidden : list of int
        Units of the layers of the deep part.
    """

    users: int
    items: int
    crossed: int
    categories: list[int]
    numbers: int
    embedding: list[int]
    hidden: list[int]
    activation: str
    dropout: float
    normalized: bool


def network(shape: Shape) -> Any:
    """Return the untrained network: a module with the parts ``wide`` and ``deep``."""
    from torch import nn

    wide = nn.ModuleList(
        nn.Embedding(size, 1) for size in (shape.users + 1, shape.items + 1, shape.crossed)
    )
    for each in wide:
        nn.init.zeros_(each.weight)
    of_user, of_item, of_category = shape.embedding
    tables = [
        nn.Embedding(shape.users + 1, of_user),
        nn.Embedding(shape.items + 1, of_item),
        *(nn.Embedding(count + 1, of_category) for count in shape.categories),
    ]
    for table in tables:
        nn.init.normal_(table.weight, std=1 / math.sqrt(table.embedding_dim))
    width = sum(table.embedding_dim for table in tables) + shape.numbers
    layers: list[Any] = []
    for units in shape.hidden:
        layers.append(nn.Linear(width, units))
        if shape.normalized:
            layers.append(nn.BatchNorm1d(units))
        if shape.activation != "Linear":
            layers.append(getattr(nn, shape.activation)())
        if shape.dropout:
            layers.append(nn.Dropout(shape.dropout))
        width = units
    layers.append(nn.Linear(width, 1))
    deep = nn.ModuleDict({"tables": nn.ModuleList(tables), "layers": nn.Sequential(*layers)})
    return nn.ModuleDict({"wide": wide, "deep": deep})


def output(made: Any, users: Side, items: Side, pairs: np.ndarray, shape: Shape) -> Any:
    """Return the ratings that a network predicts, without the mean.

    Parameters
    ----------
    pairs : numpy.ndarray, shape (pairs, 2)
        Rows of users and items.
    """
    import numpy as np
    import torch

    user, item = pairs[:, 0], pairs[:, 1]
    # Those with features only have no identifier.
    user_id = np.where(user <= shape.users, user, 0)
    item_id = np.where(item <= shape.items, item, 0)
    crossed = (user_id * (shape.items + 1) + item_id) * 2_654_435_761 % 2**32 % shape.crossed
    ids = [torch.from_numpy(each) for each in (user_id, item_id, crossed)]
    total = sum(table(index) for table, index in zip(made["wide"], ids, strict=True))
    codes = torch.from_numpy(np.concatenate([users.codes[user], items.codes[item]], axis=1))
    numbers = np.concatenate([users.numbers[user], items.numbers[item]], axis=1)
    inputs = [*ids[:2], *codes.T]
    parts = [table(index) for table, index in zip(made["deep"]["tables"], inputs, strict=True)]
    parts.append(torch.from_numpy(numbers.astype("float32")))
    return (total + made["deep"]["layers"](torch.cat(parts, dim=1))).squeeze(1)


def train(
    made: Any,
    users: Side,
    items: Side,
    pairs: np.ndarray,
    ratings: np.ndarray,
    shape: Shape,
    *,
    epochs: int,
    batch_size: int,
    optimizers: Mapping[str, tuple[str, float]],
) -> None:
    """Minimize the mean squared error of ratings.

    Parameters
    ----------
    ratings : numpy.ndarray
        Without the mean.
    optimizers : mapping of str to tuple
        Name and learning rate for ``wide`` and ``deep``.
    """
    import torch

    chosen = [
        optimizer(name, rate, made[part].parameters()) for part, (name, rate) in optimizers.items()
    ]
    target = torch.from_numpy(ratings.astype("float32"))
    made.train()
    for epoch in range(1, epochs + 1):
        order = torch.randperm(len(pairs))
        total = 0.0
        for part in _batches(order, batch_size):
            for each in chosen:
                each.zero_grad()
            found = output(made, users, items, pairs[part.numpy()], shape)
            loss = torch.nn.functional.mse_loss(found, target[part])
            loss.backward()
            for each in chosen:
                each.step()
            total += float(loss.detach()) * len(part)
        if not math.isfinite(total):
            raise ModuleError(
                "training-diverged",
                "The recommender can't be trained: it diverged (numeric overflow).",
                "Set smaller learning rates, or scale the ratings.",
                parameter="deep_optimizer_learning_rate",
            )
        report_progress(
            epoch / epochs, f"Epoch {epoch} of {epochs}: squared error {total / len(pairs):.4g}"
        )
    made.eval()


def optimizer(name: str, rate: float, parameters: Any) -> Any:
    """Return an optimizer of PyTorch.

    Without regularization, follow the regularized leader (``Ftrl``) is Adagrad (McMahan 2011).
    """
    from torch import optim

    if name in ("Adagrad", "Ftrl"):
        return optim.Adagrad(parameters, lr=rate, initial_accumulator_value=0.1)
    kinds = {
        "Adam": optim.Adam,
        "RMSProp": optim.RMSprop,
        "SGD": optim.SGD,
        "Adadelta": optim.Adadelta,
    }
    return kinds[name](parameters, lr=rate)


def scored(
    made: Any, users: Side, items: Side, pairs: np.ndarray, shape: Shape
) -> Iterator[np.ndarray]:
    """Yield the output for one part of the pairs after the other."""
    import torch

    for start in range(0, len(pairs), _PART):
        with torch.no_grad():
            found = output(made, users, items, pairs[start : start + _PART], shape)
        yield found.double().numpy()


def _batches(order: Any, size: int) -> Sequence[Any]:
    """Return the rows of each batch; a last one of a single row joins the one before."""
    import torch

    parts = list(order.split(size))
    if len(parts) > 1 and size > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts
