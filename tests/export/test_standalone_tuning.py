"""Code without this project searches like Tune Model Hyperparameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import alone, assert_equal, executed
from test_standalone_modules import fed

from module_examples import PALETTE, example_table, run  # isort: skip

from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract import DataTable, Role

pytestmark = pytest.mark.filterwarnings("ignore")

TUNE = PALETTE["tune_model_hyperparameters"]
FOLDS = DataTable(example_table().frame.assign(Fold=np.arange(60) % 3 + 1), {"Fold": Role.FOLD})
WEIGHTED = DataTable(
    example_table().frame.assign(weight=np.linspace(0.5, 2, 60)), {"weight": Role.WEIGHT}
)
FOREST = {"trees": {"$values": [1, 3, 5]}, "depth": {"$range": {"from": 1, "to": 6}}}
PENALTY = {"l2_weight": {"$range": {"from": 0.01, "to": 10.0, "log": True}}}

QUICK = (1, 7)
"""Cases that make test tries: random grid and Bayesian."""

CASES: list[tuple[str, dict[str, Any], str, DataTable | None, dict[str, Any]]] = [
    ("decision_forest_regression", FOREST, "target", None, {"mode": "entire grid", "folds": 2}),
    ("decision_forest_regression", {}, "target", None, {"mode": "random grid", "folds": 2}),
    ("two_class_decision_forest", FOREST, "label", None, {"mode": "random sweep", "folds": 3}),
    (
        "two_class_logistic_regression",
        PENALTY,
        "label",
        example_table(),
        {"mode": "random sweep", "classification_metric": "AUC", "positive_class": "no"},
    ),
    (
        "multiclass_logistic_regression",
        PENALTY,
        "city",
        None,
        {"mode": "random sweep", "folds": 2, "runs": 3, "seed": 4},
    ),
    (
        "linear_regression",
        PENALTY | {"include_intercept": {"$values": [True, False]}},
        "target",
        None,
        {"mode": "Bayesian", "runs": 12, "folds": 2, "patience": 8},
    ),
    (
        "linear_regression",
        {"solution_method": {"$values": ["ordinary least squares", "online gradient descent"]}}
        | {"epochs": {"$values": [3, 5]}}
        | PENALTY,
        "target",
        None,
        {"mode": "entire grid", "folds": 2, "stop_poor_settings": True},
    ),
    (
        "two_class_boosted_decision_tree",
        {"trees": {"$values": [2, 4]}, "learning_rate": {"$range": {"from": 0.1, "to": 0.5}}},
        "label",
        example_table(),
        {"mode": "Bayesian", "runs": 4, "classification_metric": "Average log loss"},
    ),
]


def tuning(
    learner: str, tried: dict[str, Any], inputs: list[Any], parameters: dict[str, Any], base: Path
) -> Pipeline:
    """Return a pipeline that tunes a learner with values to try."""
    pipeline = fed(TUNE, inputs, parameters, base)
    source = "untrained_model_source"
    made = Node(source, learner, PALETTE[learner].version, tried)
    return replace(pipeline, nodes={**pipeline.nodes, source: made})


def compare(
    learner: str,
    tried: dict[str, Any],
    label: str,
    table: DataTable,
    held_out: DataTable | None,
    parameters: dict[str, Any],
    base: Path,
) -> str:
    """Compare the outputs of the module with those of its code; return the code."""
    made = PALETTE[learner].function(**PALETTE[learner].read_parameters(tried))
    parameters = {"label_column": [label], **parameters}
    inputs = [made, table, held_out]
    script = alone(tuning(learner, tried, inputs, parameters, base), base)
    found = executed(script, base)
    results, model, _ = run(TUNE, inputs, parameters)
    names = {end.port: name for name, end in script.results.items() if end.node == "module"}
    pd.testing.assert_frame_equal(found[names["sweep_results"]], results.frame, check_exact=True)
    assert_equal(found[names["trained_best_model"]], model, example_table())
    assert "report" not in names
    return script.text


@pytest.mark.parametrize(
    ("learner", "tried", "label", "held_out", "parameters"),
    [
        pytest.param(
            *case,
            id=f"{case[0]}-{case[4]['mode']}",
            marks=() if number in QUICK else pytest.mark.long,
        )
        for number, case in enumerate(CASES)
    ],
)
def test_the_code_finds_the_same_settings(
    learner: str,
    tried: dict[str, Any],
    label: str,
    held_out: DataTable | None,
    parameters: dict[str, Any],
    tmp_path: Path,
) -> None:
    text = compare(learner, tried, label, example_table(), held_out, parameters, tmp_path)
    assert ("import optuna" in text) == (parameters["mode"] == "Bayesian")


@pytest.mark.parametrize("table", [FOLDS, WEIGHTED], ids=["folds", "weighted"])
def test_the_code_uses_folds_and_weights(table: DataTable, tmp_path: Path) -> None:
    options = {"mode": "random sweep", "folds": 2, "runs": 3}
    compare("decision_forest_regression", FOREST, "target", table, None, options, tmp_path)


@pytest.mark.long
def test_successive_halving(tmp_path: Path) -> None:
    frame = pd.concat([example_table().frame] * 8, ignore_index=True)
    options = {"mode": "successive halving", "folds": 2, "runs": 9, "seed": 2}
    learner = "two_class_decision_forest"
    text = compare(learner, FOREST, "label", DataTable(frame), None, options, tmp_path)
    assert ".halve(" in text


def test_a_learner_that_others_train_too(tmp_path: Path) -> None:
    """The default learner stays an estimator; the tuned one is a function."""
    pipeline = fed(
        TUNE,
        [PALETTE["decision_forest_regression"].function(), example_table(), None],
        {"label_column": ["target"], "runs": 2, "folds": 2},
        tmp_path,
    )
    train = Node(
        "train", "train_model", PALETTE["train_model"].version, {"label_column": ["target"]}
    )
    links = [
        *pipeline.links,
        Link(
            Endpoint("untrained_model_source", "untrained_model"),
            Endpoint("train", "untrained_model"),
        ),
        Link(Endpoint("training_dataset_source", "dataset"), Endpoint("train", "dataset")),
    ]
    script = alone(
        replace(pipeline, nodes={**pipeline.nodes, "train": train}, links=tuple(links)), tmp_path
    )
    found = executed(script, tmp_path)
    assert {type(model[-1]).__name__ for model in found.values() if hasattr(model, "steps")} == {
        "RandomForestRegressor"
    }
