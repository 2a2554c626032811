"""Learners report the progress of a fit, which changes nothing of the model."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.classification.multiclass_boosted_decision_tree import (
    multiclass_boosted_decision_tree,
)
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.classification.two_class_extra_trees import two_class_extra_trees
from modules.classification.two_class_lightgbm import two_class_lightgbm
from modules.classification.two_class_neural_network import two_class_neural_network
from modules.contract import DataTable, ModuleError
from modules.contract.context import listening, part_of_progress, using_threads
from modules.regression.boosted_decision_tree_regression import boosted_decision_tree_regression
from modules.regression.decision_forest_regression import decision_forest_regression
from modules.regression.extra_trees_regression import extra_trees_regression
from modules.regression.fast_forest_quantile_regression import fast_forest_quantile_regression
from modules.regression.neural_network_regression import neural_network_regression

COUNT = 7

TREES = [
    (two_class_decision_forest, {"trees": COUNT}),
    (two_class_extra_trees, {"trees": COUNT}),
    (decision_forest_regression, {"trees": COUNT}),
    (extra_trees_regression, {"trees": COUNT}),
    (fast_forest_quantile_regression, {"trees": COUNT}),
]
ITERATIONS = [
    (multiclass_boosted_decision_tree, {"trees": COUNT}),
    (boosted_decision_tree_regression, {"trees": COUNT}),
    (two_class_neural_network, {"iterations": COUNT}),
    (neural_network_regression, {"iterations": COUNT}),
]
LEARNERS = [
    pytest.param(module, options, name, id=module.__name__)
    for modules, name in ((TREES, "tree"), (ITERATIONS, "iteration"))
    for module, options in modules
]


def table() -> DataTable:
    draw = np.random.default_rng(2)
    frame = pd.DataFrame(draw.normal(size=(120, 3)), columns=["a", "b", "label"])
    frame["label"] = (frame["label"] + frame["a"] > 0).astype(int)
    return DataTable(frame)


def fitted(module: Callable[..., Any], options: dict[str, Any]) -> bytes:
    return pickle.dumps(module(**options).fit(table(), "label").pipeline)


@pytest.mark.parametrize(("module", "options", "name"), LEARNERS)
def test_a_fit_reports_its_progress_and_gives_the_same_model(module, options, name, capfd):
    found: list[tuple[float, str]] = []
    expected = fitted(module, options)
    with listening(lambda fraction, text: found.append((fraction, text))):
        observed = fitted(module, options)
    assert found == [
        (pytest.approx((number - 1) / COUNT), f"{name} {number} of {COUNT}")
        for number in range(1, COUNT + 1)
    ]
    assert observed == expected
    assert capfd.readouterr() == ("", "")


def test_a_forest_reports_from_several_threads(capfd):
    found: list[str] = []
    with using_threads(2):
        expected = fitted(*TREES[0])
        with listening(lambda _, text: found.append(text)):
            observed = fitted(*TREES[0])
    assert sorted(found) == [f"tree {number} of {COUNT}" for number in range(1, COUNT + 1)]
    assert observed == expected
    assert capfd.readouterr() == ("", "")


def test_lightgbm_reports_its_iterations():
    found: list[tuple[float, str]] = []
    expected = fitted(two_class_lightgbm, {"trees": COUNT})
    with listening(lambda fraction, text: found.append((fraction, text))):
        observed = fitted(two_class_lightgbm, {"trees": COUNT})
    assert [text for _, text in found] == [f"iteration {i} of {COUNT}" for i in range(1, COUNT + 1)]
    assert found[-1][0] == 1
    assert observed == expected


def test_a_fit_inside_of_a_part_reports_its_share():
    found: list[tuple[float, str]] = []
    module, options = ITERATIONS[0]
    with (
        listening(lambda fraction, text: found.append((fraction, text))),
        part_of_progress(0.5, 1.0, "fold 2 of 2"),
    ):
        fitted(module, options)
    shares = [fraction for fraction, _ in found]
    assert shares[0] == 0.5
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.5 + 0.5 * (COUNT - 1) / COUNT)
    assert {text for _, text in found} == {"fold 2 of 2"}


def test_a_fit_that_fails_reports_its_error(capsys):
    frame = table().frame.assign(a=np.inf)
    with listening(lambda *_: None), pytest.raises(ModuleError):
        two_class_neural_network(iterations=COUNT).fit(DataTable(frame), "label")
    print("still printed")
    assert capsys.readouterr().out == "still printed\n"
