"""Drawn trees: their paths, tests, and values against scikit-learn and LightGBM themselves."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.model_training.stacking_ensemble import stacking_ensemble
from modules.model_training.train_model import train_model
from modules.model_training.voting_ensemble import voting_ensemble
from modules.regression.decision_forest_regression import decision_forest_regression
from modules.regression.lightgbm_regression import lightgbm_regression
from modules.regression.linear_regression import linear_regression
from modules.scoring.tree_path import tree_path
from modules.values import storage

ROW = {"age": 33, "income": 31_000.0, "city": "Rome", "joined": "2020-02-01T00:00:00"}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    rows = 400
    frame = pd.DataFrame(
        {
            "age": draw.integers(20, 60, rows),
            "income": draw.normal(30_000, 5_000, rows).round(1),
            "city": draw.choice(["Oslo", "Rome", "Wien"], rows),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 99, rows), "D"),
        }
    )
    days = (frame["joined"] - pd.Timestamp("2020-01-01")).dt.days
    score = frame["age"] / 20 + (frame["city"] == "Oslo") + days / 50 + draw.normal(0, 0.3, rows)
    return frame.assign(buys=np.where(score > score.median(), "yes", "no"), spent=100 * score)


LEARNERS = {
    "boosted": (lambda: two_class_boosted_decision_tree(trees=6), "buys"),
    "forest": (lambda: two_class_decision_forest(trees=3), "buys"),
    "forest of numbers": (lambda: decision_forest_regression(trees=3), "spent"),
    "lightgbm": (lambda: lightgbm_regression(trees=6), "spent"),
}


@pytest.fixture(params=LEARNERS)
def trained(request, frame, tmp_path):
    make, label = LEARNERS[request.param]
    other = "spent" if label == "buys" else "buys"
    table = DataTable(frame.drop(columns=other))
    model = train_model(make(), table, label_column=ColumnSelector.names(label))
    storage.save(model, tmp_path / "model")
    return model, tmp_path / "model"


def passes(test: str) -> bool:
    """Answer a test for the row, from its text."""
    if found := re.fullmatch(r"(\w+) ≤ (.+)", test):
        value = ROW[found[1]]
        if found[1] == "joined":
            return pd.Timestamp(value) <= pd.Timestamp(found[2])
        return value <= float(found[2])
    name, _, values = test.partition(" is ")
    assert " more" not in values
    return f"“{ROW[name]}”" in values


def test_every_path_follows_its_tests(trained):
    model, folder = trained
    assert model.tree_count in (3, 6)
    for number in range(1, model.tree_count + 1):
        tree = tree_path(folder, number, ROW)
        assert (tree.number, tree.count, tree.path[0]) == (number, model.tree_count, 0)
        for above, below in zip(tree.path, tree.path[1:], strict=False):
            node = tree.nodes[above]
            goes_left = passes(node.test) == node.yes_left
            assert below == (node.left if goes_left else node.right)
        assert tree.nodes[tree.path[-1]].test == ""


def test_the_leaves_make_the_prediction(trained):
    model, folder = trained
    row = pd.DataFrame([ROW]).astype({"joined": "datetime64[ns]"})
    leaves = []
    for number in range(1, model.tree_count + 1):
        tree = tree_path(folder, number, ROW)
        leaves.append(tree.nodes[tree.path[-1]].value)
    scored = model.score(DataTable(row)).frame.iloc[0]
    final = model.final_estimator
    if hasattr(final, "_predictors"):
        raw = sum(map(float, leaves)) + float(final._baseline_prediction.ravel()[0])
        assert 1 / (1 + np.exp(-raw)) == pytest.approx(scored["Scored Probabilities"], abs=1e-3)
    elif hasattr(final, "booster"):
        assert sum(map(float, leaves)) == pytest.approx(scored["Scored Labels"], rel=1e-3)
    elif model.task == "regression":
        assert np.mean([float(leaf) for leaf in leaves]) == pytest.approx(
            scored["Scored Labels"], rel=1e-3
        )
    else:
        shares = [(leaf.split()[0], float(leaf.split()[1].rstrip("%"))) for leaf in leaves]
        mean = np.mean([share if name == "yes" else 100 - share for name, share in shares])
        assert mean == pytest.approx(100 * scored["Scored Probabilities"], abs=1)


def test_nodes_form_a_tree_with_all_training_rows(trained):
    _, folder = trained
    nodes = tree_path(folder, 1).nodes
    children = [child for node in nodes for child in (node.left, node.right) if child >= 0]
    assert sorted(children) == list(range(1, len(nodes)))
    for node in nodes:
        if node.test:
            below = nodes[node.left].rows + nodes[node.right].rows
            assert node.rows == pytest.approx(below)


def test_a_forest_is_that_of_scikit_learn(frame, tmp_path):
    table = DataTable(frame.drop(columns="spent"))
    model = train_model(
        two_class_decision_forest(trees=2), table, label_column=ColumnSelector.names("buys")
    )
    storage.save(model, tmp_path / "model")
    row = pd.DataFrame([ROW]).astype({"joined": "datetime64[ns]"})
    matrix = model.encoder.transform(row)
    for number, tree in enumerate(model.final_estimator.estimators_, start=1):
        expected = tree.decision_path(np.asarray(matrix, np.float32)).indices.tolist()
        assert list(tree_path(tmp_path / "model", number, ROW).path) == expected


def test_other_models_have_no_trees(frame, tmp_path):
    table = DataTable(frame.drop(columns="buys"))
    model = train_model(linear_regression(), table, label_column=ColumnSelector.names("spent"))
    assert model.tree_count == model.summary().trees == 0
    storage.save(model, tmp_path / "model")
    with pytest.raises(ModuleError, match="no tree 1"):
        tree_path(tmp_path / "model", 1)


def test_trees_of_an_ensemble_are_those_of_its_models(frame, tmp_path):
    members = (
        decision_forest_regression(trees=3),
        linear_regression(),
        lightgbm_regression(trees=4),
    )
    table = DataTable(frame.drop(columns="buys"))
    model = train_model(
        voting_ensemble(*members), table, label_column=ColumnSelector.names("spent")
    )
    storage.save(model, tmp_path / "all")
    assert model.tree_count == 7
    forest, _, boosted = model.models
    for part, name, numbers in (
        (forest, "1. Decision Forest Regression", range(1, 4)),
        (boosted, "3. LightGBM Regression", range(4, 8)),
    ):
        storage.save(part, tmp_path / name)
        for own, number in enumerate(numbers, start=1):
            tree, alone = (
                tree_path(tmp_path / "all", number, ROW),
                tree_path(tmp_path / name, own, ROW),
            )
            assert (tree.nodes, tree.path, tree.output) == (alone.nodes, alone.path, alone.output)
            assert (tree.number, tree.count, tree.model) == (number, 7, name)
    with pytest.raises(ModuleError, match="has no tree 8"):
        tree_path(tmp_path / "all", 8, ROW)


def test_a_model_that_combines_predictions_has_no_trees_of_rows(frame, tmp_path):
    learner = stacking_ensemble(
        decision_forest_regression(trees=2),
        linear_regression(),
        combining_model=decision_forest_regression(trees=5),
        folds=2,
    )
    table = DataTable(frame.drop(columns="buys"))
    model = train_model(learner, table, label_column=ColumnSelector.names("spent"))
    storage.save(model, tmp_path / "model")
    assert model.tree_count == 2
    assert tree_path(tmp_path / "model", 2, ROW).model == "1. Decision Forest Regression"
