"""Small tables with known structure, and every learner of the first set."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from diagonals import some

from modules.contract import ColumnSelector, DataTable
from modules.model_training.train_model import train_model
from modules.values import TrainedModel, UntrainedModel

REGRESSION = (
    "regression.linear_regression",
    "regression.boosted_decision_tree_regression",
    "regression.decision_forest_regression",
    "regression.neural_network_regression",
    "regression.poisson_regression",
    "regression.fast_forest_quantile_regression",
    "regression.nearest_neighbors_regression",
    "regression.elastic_net_regression",
    "regression.bayesian_ridge_regression",
    "regression.huber_regression",
    "regression.tweedie_regression",
    "regression.quantile_regression",
    "regression.kernel_support_vector_regression",
    "regression.gaussian_process_regression",
)
TWO_CLASS = (
    "classification.two_class_logistic_regression",
    "classification.two_class_boosted_decision_tree",
    "classification.two_class_decision_forest",
    "classification.two_class_neural_network",
    "classification.two_class_averaged_perceptron",
    "classification.two_class_support_vector_machine",
    "classification.two_class_nearest_neighbors",
    "classification.two_class_naive_bayes",
    "classification.two_class_kernel_support_vector_machine",
)
MULTICLASS = (
    "classification.multiclass_logistic_regression",
    "classification.multiclass_decision_forest",
    "classification.multiclass_boosted_decision_tree",
    "classification.multiclass_neural_network",
    "classification.multiclass_nearest_neighbors",
    "classification.multiclass_naive_bayes",
    "classification.multiclass_kernel_support_vector_machine",
)


def learner(path: str, **parameters: object) -> UntrainedModel:
    """Return an untrained model of a module given as ``category.module``."""
    name = path.rpartition(".")[2]
    return getattr(importlib.import_module(f"modules.{path}"), name)(**parameters)


@pytest.fixture
def make_learner() -> Callable[..., UntrainedModel]:
    return learner


@pytest.fixture
def train() -> Callable[..., TrainedModel]:
    def trained(path: str, table: DataTable, label: str, **parameters: object) -> TrainedModel:
        return train_model(
            learner(path, **parameters), table, label_column=ColumnSelector.names(label)
        )

    return trained


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """Numbers, a text column, a boolean, missing values, and labels of every task."""
    random = np.random.default_rng(7)
    rows = 400
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "income": random.normal(30_000, 8_000, rows).round(2),
            "city": random.choice(["Oslo", "Bergen", "Tromsø"], rows),
            "member": random.random(rows) < 0.4,
        }
    )
    signal = (
        frame["age"] / 10
        + frame["income"] / 10_000
        + frame["city"].map({"Oslo": 2.0, "Bergen": 0.0, "Tromsø": -2.0})
        + frame["member"]
        + random.normal(0, 0.7, rows)
    )
    frame["spent"] = signal * 100
    frame["buys"] = np.where(signal > signal.median(), "yes", "no")
    frame["level"] = pd.cut(signal, 3, labels=["low", "middle", "high"]).astype("str")
    frame.loc[::17, "income"] = np.nan
    frame.loc[5::23, "city"] = None
    return frame


FEATURES = ["age", "income", "city", "member"]


@pytest.fixture
def table_for(people: pd.DataFrame) -> Callable[[str], DataTable]:
    return lambda label: DataTable(people[[*FEATURES, label]])


SUPERVISED = [
    *((path, "spent") for path in REGRESSION),
    *((path, "buys") for path in TWO_CLASS),
    *((path, "level") for path in MULTICLASS),
]


@pytest.fixture(params=SUPERVISED, ids=lambda pair: pair[0].rpartition(".")[2])
def each(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Every supervised learner with a label that it can predict."""
    return request.param


@pytest.fixture(
    params=some({pair[0].rpartition(".")[2]: pair for pair in SUPERVISED}, 3),
)
def some_learners(request: pytest.FixtureRequest) -> tuple[str, str]:
    """One in three of them in make test, where what is proven is no learner's own."""
    return request.param
