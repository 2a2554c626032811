"""TreeSHAP against Shapley's own definition, on small trees and forests."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from modules.learning.explanation.shapley import coalitions, shapley
from modules.learning.explanation.tree_models import trees_of


def expected(tree: Any, node: int, row: np.ndarray, known: frozenset[int]) -> np.ndarray:
    """Return the value of a coalition as Lundberg et al. define it: both branches, weighted."""
    if tree.children_left[node] < 0:
        return tree.value[node, 0]
    left, right = tree.children_left[node], tree.children_right[node]
    feature = tree.feature[node]
    if feature in known:
        value = np.float32(row[feature])
        goes_left = (
            tree.missing_go_to_left[node] if np.isnan(value) else value <= tree.threshold[node]
        )
        return expected(tree, left if goes_left else right, row, known)
    weights = tree.weighted_n_node_samples
    return (
        weights[left] * expected(tree, left, row, known)
        + weights[right] * expected(tree, right, row, known)
    ) / weights[node]


def brute_force(tree: Any, row: np.ndarray) -> np.ndarray:
    """Return Shapley's sum over all subsets."""
    count = len(row)
    found = np.zeros((count, tree.value.shape[2]))
    for feature in range(count):
        others = [each for each in range(count) if each != feature]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for subset in itertools.combinations(others, size):
                without = frozenset(subset)
                step = expected(tree, 0, row, without | {feature}) - expected(tree, 0, row, without)
                found[feature] += weight * step
    return found


def data(rows: int, classes: int = 0, *, missing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(rows)
    x = draw.normal(size=(rows, 5)).round(1)
    y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + 0.3 * draw.normal(size=rows)
    if missing:
        x[draw.random(x.shape) < 0.15] = np.nan
    return x, np.digitize(y, np.quantile(y, np.arange(1, classes) / classes)) if classes else y


def silent(_: float) -> None:
    pass


@pytest.mark.parametrize("depth", [1, 3, 6])
@pytest.mark.parametrize("missing", [False, True])
def test_a_regression_tree_is_explained_as_by_all_subsets(depth: int, missing: bool) -> None:
    x, y = data(120, missing=missing)
    fitted = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(x, y)
    base, found = trees_of(fitted, 5).contributions(x[:25], silent)
    assert base[0] == pytest.approx(expected(fitted.tree_, 0, x[0], frozenset())[0], abs=1e-12)
    truth = np.array([brute_force(fitted.tree_, row) for row in x[:25]])
    assert np.abs(found - truth).max() < 1e-12


def test_a_weighted_tree_of_three_classes_is_explained_as_by_all_subsets() -> None:
    x, y = data(150, 3)
    fitted = DecisionTreeClassifier(max_depth=4, class_weight="balanced", random_state=0).fit(x, y)
    _, found = trees_of(fitted, 5).contributions(x[:15], silent)
    tree = fitted.tree_
    truth = np.array([brute_force(tree, row) for row in x[:15]])
    assert np.abs(found - truth).max() < 1e-12


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_many_rows_are_explained_as_by_all_subsets(classes: int) -> None:
    """Rows that a leaf treats alike are computed together."""
    x, y = data(400, classes, missing=True)
    kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
    fitted = kind(max_depth=5, random_state=0).fit(x, y)
    _, found = trees_of(fitted, 5).contributions(x, silent)
    chosen = [0, 7, 150, 399]
    truth = np.array([brute_force(fitted.tree_, x[row]) for row in chosen])
    assert np.abs(found[chosen] - truth).max() < 1e-12
    _, few = trees_of(fitted, 5).contributions(x[:40], silent)
    assert np.abs(found[:40] - few).max() < 1e-12


@pytest.mark.parametrize(
    ("learner", "classes"),
    [
        (RandomForestRegressor(12, random_state=0), 0),
        (RandomForestClassifier(9, random_state=0), 4),
        (ExtraTreesClassifier(9, random_state=0), 2),
    ],
)
def test_contributions_of_a_forest_add_up_to_its_prediction(learner: Any, classes: int) -> None:
    x, y = data(400, classes)
    learner.fit(x, y)
    base, found = trees_of(learner, 5).contributions(x[:50], silent)
    truth = learner.predict_proba(x[:50]) if classes else learner.predict(x[:50])[:, None]
    assert np.abs(base + found.sum(axis=1) - truth).max() < 1e-9


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_contributions_of_boosting_with_categories_add_up_to_its_sums(classes: int) -> None:
    x, y = data(500, classes, missing=True)
    x[:, 3] = np.random.default_rng(0).integers(0, 12, 500)
    y = np.where(np.isin(x[:, 3], (1, 5, 7)), 0, y)
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    fitted = kind(max_iter=20, categorical_features=[3], random_state=0).fit(x, y)
    seen = x[:60].copy()
    seen[:5, 3] = (99, np.nan, 98, 3, 1)
    base, found = trees_of(fitted, 5).contributions(seen, silent)
    if classes:
        truth = fitted.decision_function(seen).reshape(len(seen), -1)
    else:
        truth = fitted.predict(seen)[:, None]
    assert np.abs(base + found.sum(axis=1) - truth).max() < 1e-9
    assert np.abs(found[:, 3]).max() > 0.1


def test_a_tree_without_splits_contributes_nothing() -> None:
    fitted = DecisionTreeRegressor().fit(np.zeros((5, 2)), np.full(5, 3.0))
    base, found = trees_of(fitted, 2).contributions(np.ones((4, 2)), silent)
    assert base.tolist() == [3.0]
    assert not found.any()


def test_a_very_deep_tree_still_adds_up() -> None:
    draw = np.random.default_rng(1)
    x = draw.random((300, 40))
    y = draw.random(300)
    fitted = DecisionTreeRegressor(splitter="random", random_state=0).fit(x, y)
    assert fitted.get_depth() > 14
    base, found = trees_of(fitted, 40).contributions(x, silent)
    assert np.abs(base + found.sum(axis=1) - y[:, None]).max() < 1e-9


def game(chosen: np.ndarray) -> np.ndarray:
    """Return v(S): a product, a sum, and an interaction of all columns."""
    numbers = chosen * np.arange(1, chosen.shape[1] + 1.0)
    return np.column_stack([numbers.sum(axis=1), numbers[:, 0] * numbers[:, 1], chosen.all(axis=1)])


@pytest.mark.parametrize("columns", [1, 2, 5, 8])
def test_few_columns_are_exact(columns: int) -> None:
    if columns == 1:
        found = shapley(coalitions(1, 4, 0) * 7.0, 1, 4, 0)
        assert found.tolist() == [[7.0]]
        return
    found = shapley(game(coalitions(columns, 4, 0)), columns, 4, 0)
    # A sum gives each its own; a product of two is halved; what needs all is divided by all.
    assert found[:, 0] == pytest.approx(np.arange(1, columns + 1))
    assert found[:, 1] == pytest.approx([1, 1] + [0] * (columns - 2))
    assert found[:, 2] == pytest.approx(1 / columns)


def test_sampling_adds_up_and_comes_close() -> None:
    chosen = coalitions(12, 2_000, 3)
    found = shapley(game(chosen), 12, 2_000, 3)
    assert found.sum(axis=0) == pytest.approx(game(np.ones((1, 12), bool))[0], abs=1e-9)
    assert found[:, 0] == pytest.approx(np.arange(1, 13))
    # A permutation and its reverse together halve a product of two exactly.
    assert found[:2, 1] == pytest.approx([1, 1])
    assert found[:, 2] == pytest.approx(1 / 12, abs=0.03)
