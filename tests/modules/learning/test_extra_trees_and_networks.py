"""Extra trees, and networks of several classes, against scikit-learn called directly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable
from modules.values import TrainedModel

Train = Callable[..., TrainedModel]


@pytest.mark.proves("extra_trees_regression", by="scikit-learn")
def test_extra_trees_of_numbers(train: Train) -> None:
    frame, label = load_diabetes(as_frame=True, return_X_y=True)
    data = DataTable(frame.assign(target=label))
    parameters = {"trees": 12, "depth": 6, "min_leaf_rows": 3, "seed": 5}
    model = train("regression.extra_trees_regression", data, "target", **parameters)
    other = ExtraTreesRegressor(12, max_depth=6, min_samples_leaf=3, random_state=5)
    expected = other.fit(frame.to_numpy(), label).predict(frame.to_numpy())
    found = model.score(data).frame["Scored Labels"]
    assert found.to_numpy() == pytest.approx(expected, rel=1e-12)


@pytest.mark.proves("two_class_extra_trees", by="scikit-learn")
def test_extra_trees_of_two_classes(train: Train) -> None:
    frame, label = load_breast_cancer(as_frame=True, return_X_y=True)
    data = DataTable(frame.assign(target=label))
    parameters = {"trees": 9, "min_leaf_rows": 4, "seed": 2}
    model = train("classification.two_class_extra_trees", data, "target", **parameters)
    other = ExtraTreesClassifier(9, max_depth=32, min_samples_leaf=4, random_state=2)
    expected = other.fit(frame.to_numpy(), label).predict_proba(frame.to_numpy())[:, 1]
    found = model.score(data).frame["Scored Probabilities"]
    assert found.to_numpy() == pytest.approx(expected, rel=1e-12)


def iris() -> tuple[pd.DataFrame, np.ndarray]:
    data = load_iris(as_frame=True)
    return data.data, np.array(data.target_names)[data.target]


def probabilities(model: TrainedModel, data: DataTable) -> np.ndarray:
    scored = model.score(data).frame
    names = [f"Scored Probabilities_{name}" for name in ("setosa", "versicolor", "virginica")]
    return scored[names].to_numpy()


@pytest.mark.proves("multiclass_extra_trees", by="scikit-learn")
def test_extra_trees_of_several_classes(train: Train) -> None:
    frame, label = iris()
    data = DataTable(frame.assign(target=pd.Series(label, dtype="str")))
    parameters = {"trees": 9, "depth": 3, "seed": 7}
    model = train("classification.multiclass_extra_trees", data, "target", **parameters)
    other = ExtraTreesClassifier(9, max_depth=3, random_state=7).fit(frame.to_numpy(), label)
    expected = other.predict_proba(frame.to_numpy())
    assert probabilities(model, data) == pytest.approx(expected, rel=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.proves("multiclass_neural_network", by="scikit-learn")
def test_a_network_of_several_classes(train: Train) -> None:
    frame, label = iris()
    data = DataTable(frame.assign(target=pd.Series(label, dtype="str")))
    parameters = {"hidden_nodes": "6", "iterations": 12, "seed": 3, "momentum": 0.5}
    model = train("classification.multiclass_neural_network", data, "target", **parameters)
    other = MLPClassifier(
        (6,), activation="tanh", solver="sgd", alpha=0.0, batch_size=32, learning_rate_init=0.1,
        max_iter=12, n_iter_no_change=12, tol=0.0, momentum=0.5, nesterovs_momentum=False,
        random_state=3,
    )  # fmt: skip
    matrix = StandardScaler().fit_transform(frame)
    expected = other.fit(matrix, label).predict_proba(matrix)
    assert probabilities(model, data) == pytest.approx(expected, rel=1e-9)
