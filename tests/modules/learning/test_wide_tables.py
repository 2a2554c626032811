"""Text with thousands of different values: a sparse matrix, and learners that take it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role
from modules.model_training.train_clustering_model import train_clustering_model
from modules.model_training.train_model import train_model
from modules.values.storage import load, save

DESCENT = {"solution_method": "online gradient descent"}


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    random = np.random.default_rng(0)
    key = random.integers(0, 1_500, 9_000)
    x = random.normal(size=9_000)
    return pd.DataFrame(
        {
            "key": np.char.add("k", key.astype(str)),
            "x": 1_000 + x,
            "number": 2 * x + key % 3,
            "sign": np.where(x > 0, "plus", "minus"),
            "size": pd.cut(x, [-9, -0.5, 0.5, 9], labels=["low", "middle", "high"]).astype("str"),
        }
    )


@pytest.mark.parametrize(
    ("path", "label", "parameters"),
    [
        ("regression.linear_regression", "number", {}),
        ("regression.linear_regression", "number", DESCENT),
        ("classification.two_class_logistic_regression", "sign", {"solver": "l-bfgs"}),
        ("classification.multiclass_decision_forest", "size", {}),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                (
                    "regression.linear_regression",
                    "number",
                    DESCENT | {"normalize": False, "learning_rate": 1e-9},
                ),
                ("regression.boosted_decision_tree_regression", "number", {"trees": 10}),
                ("classification.two_class_logistic_regression", "sign", {}),
                ("classification.multiclass_logistic_regression", "size", {}),
            )
        ),
    ],
)
def test_learners_take_it(path, label, parameters, train, wide, tmp_path):
    table = DataTable(wide[["key", "x", label]])
    tracemalloc.start()
    try:
        model = train(path, table, label, **parameters)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Not even once was there a number for every row and every key.
    assert most < len(wide) * wide["key"].nunique() * 8
    save(model, tmp_path / "model")
    scored = model.score(table).frame
    pd.testing.assert_frame_equal(load(tmp_path / "model").score(table).frame, scored)
    assert scored.notna().all().all()
    compiled = model.compile()
    if compiled is not None:
        found = compiled.row_function()(table.frame.iloc[3].to_dict())
        for name, value in found.items():
            assert value == (
                value if isinstance(value, str) else pytest.approx(scored[name][3], rel=1e-6)
            )


@pytest.mark.parametrize("normalize", [True, False])
def test_clusters_take_it(normalize, make_learner, wide):
    learner = make_learner("clustering.k_means_clustering", normalize=normalize)
    _, results = train_clustering_model(learner, DataTable(wide[["key", "x"]]))
    assert results.frame["Assignments"].isin([0, 1]).all()


def test_weights_reach_gradient_descent(make_learner, people):
    frame = people[["age", "spent"]].assign(w=(np.arange(400) < 200).astype(int))
    learner = make_learner("regression.linear_regression", epochs=200, **DESCENT)
    label = ColumnSelector.names("spent")
    model = train_model(learner, DataTable(frame, {"w": Role.WEIGHT}), label_column=label)
    plain = train_model(learner, DataTable(frame.drop(columns="w")), label_column=label)
    assert (model.estimator.coef_ != plain.estimator.coef_).all()
