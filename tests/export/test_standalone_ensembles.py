"""Code without this project trains and scores learners of learners like a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alone import assert_equal, compared
from exporting import make

from module_examples import example_table  # isort: skip

from modules.contract import DataTable

pytestmark = pytest.mark.filterwarnings("ignore")

FRAME = example_table(120).frame.drop(columns=["joined", "member"])
READ = ("dataset", {"path": "rows.csv"})
TREES: Any = ("two_class_decision_forest", {"trees": 3})
BOOSTED: Any = ("multiclass_lightgbm", {"trees": 3})

CASES: dict[str, tuple[str, dict[str, Any], list[Any], str, str]] = {
    "votes of two classes": (
        "voting_ensemble",
        {"method": "majority vote", "weights": "1, 2, 1.5"},
        ["two_class_logistic_regression", TREES, "two_class_naive_bayes"],
        "label",
        "no",
    ),
    "average of several classes": (
        "voting_ensemble",
        {"weights": "1, 2"},
        ["multiclass_logistic_regression", BOOSTED],
        "city",
        "",
    ),
    "votes of several classes": (
        "voting_ensemble",
        {"method": "majority vote"},
        ["multiclass_logistic_regression", BOOSTED],
        "city",
        "",
    ),
    "average of numbers": (
        "voting_ensemble",
        {},
        ["linear_regression", ("decision_forest_regression", {"trees": 3})],
        "target",
        "",
    ),
    "stack of two classes": (
        "stacking_ensemble",
        {"folds": 3, "seed": 4},
        ["two_class_logistic_regression", TREES],
        "label",
        "no",
    ),
    "stack with features": (
        "stacking_ensemble",
        {"keep_features": True, "folds": 2},
        ["multiclass_logistic_regression", BOOSTED],
        "city",
        "",
    ),
    "stack of numbers": (
        "stacking_ensemble",
        {"folds": 2},
        ["linear_regression", ("decision_forest_regression", {"trees": 3})],
        "target",
        "",
    ),
    "calibrated on folds": ("calibrate_probabilities", {}, [TREES], "label", "no"),
    "calibrated on held-out rows": (
        "calibrate_probabilities",
        {"rows": "held-out rows", "method": "isotonic", "seed": 3},
        [TREES],
        "label",
        "no",
    ),
    "calibrated classes": (
        "calibrate_probabilities",
        {"folds": 3, "method": "isotonic"},
        [BOOSTED],
        "city",
        "",
    ),
    "target encoding of two classes": (
        "target_encoded_learner",
        {"more_than": 2, "folds": 3},
        [TREES],
        "label",
        "no",
    ),
    "target encoding of several classes": (
        "target_encoded_learner",
        {"more_than": 1, "smoothing": 4.0, "seed": 2},
        [BOOSTED],
        "city",
        "",
    ),
    "target encoding for numbers": (
        "target_encoded_learner",
        {"more_than": 2},
        [("decision_forest_regression", {"trees": 3})],
        "target",
        "",
    ),
    "one against one": ("one_vs_one_multiclass", {}, [TREES], "city", ""),
}


def pipeline_of(
    module: str, parameters: dict[str, Any], learners: list[Any], label: str, positive: str
) -> Any:
    one = len(learners) == 1
    ports = ["untrained_model"] if one else [f"model_{n}" for n in range(1, len(learners) + 1)]
    names = [f"learner_{number}" for number in range(1, len(learners) + 1)]
    nodes: dict[str, Any] = {
        "rows": READ,
        **dict(zip(names, learners, strict=True)),
        "together": (module, parameters),
        "train": ("train_model", {"label_column": [label], "positive_class": positive}),
        "score": "score_model",
    }
    links = [
        f"{name}.untrained_model > together.{port}" for name, port in zip(names, ports, strict=True)
    ]
    return make(
        nodes,
        *links,
        "together.untrained_model > train.untrained_model",
        "rows.dataset > train.dataset",
        "train.trained_model > score.trained_model",
        "rows.dataset > score.dataset",
    )


SHORT = ("average of several classes", "stack of two classes", "calibrated on folds")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=[] if name in SHORT else [pytest.mark.long])
        for name, case in CASES.items()
    ],
)
def test_the_code_scores_like_the_run(case: Any, tmp_path: Path) -> None:
    results = compared(pipeline_of(*case), FRAME, tmp_path)
    assert "score.scored_dataset" in [end for end, *_ in results]
    for _, found, wanted in results:
        assert_equal(found, wanted, DataTable(FRAME))


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "learners"),
    [
        ("stacking_ensemble", ["two_class_logistic_regression", TREES]),
        ("calibrate_probabilities", ["two_class_logistic_regression"]),
        # The weights also reach the scaler before it.
        ("calibrate_probabilities", ["two_class_naive_bayes"]),
    ],
)
def test_folds_and_weights_are_used(module: str, learners: list[Any], tmp_path: Path) -> None:
    frame = FRAME.assign(weight=np.linspace(0.5, 2, 120))
    made = pipeline_of(module, {}, learners, "label", "")
    nodes = {
        "fold": ("partition_and_sample", {"mode": "assign to folds", "number_of_folds": 3}),
        "weight": ("edit_metadata", {"columns": ["weight"], "fields": "weight"}),
    }
    roles = make(
        {"rows": READ, **nodes},
        "rows.dataset > fold.dataset",
        "fold.results_dataset > weight.dataset",
    )
    links = [each for each in made.links if each.source.node != "rows"]
    ends = make(
        {"weight": "edit_metadata", "train": "train_model", "score": "score_model"},
        "weight.results_dataset > train.dataset",
        "weight.results_dataset > score.dataset",
    )
    pipeline = type(made)(
        nodes={**made.nodes, **roles.nodes}, links=(*links, *roles.links, *ends.links)
    )
    for _, found, wanted in compared(pipeline, frame, tmp_path):
        assert_equal(found, wanted, DataTable(frame))


@pytest.mark.long
def test_a_learner_of_learners_is_compared_and_tuned(tmp_path: Path) -> None:
    """Both a function of a setting and an estimator are needed of one learner."""
    pipeline = make(
        {
            "rows": READ,
            "learner": "two_class_logistic_regression",
            "several": "one_vs_all_multiclass",
            "calibrated": ("calibrate_probabilities", {"folds": 2}),
            "tune": (
                "tune_model_hyperparameters",
                {"label_column": ["city"], "mode": "random sweep", "runs": 3, "folds": 2},
            ),
            "train": ("train_model", {"label_column": ["city"]}),
            "compare": ("compare_models", {"label_column": ["city"], "folds": 2, "repeats": 2}),
        },
        "learner.untrained_model > several.untrained_model",
        "several.untrained_model > calibrated.untrained_model",
        "calibrated.untrained_model > tune.untrained_model",
        "rows.dataset > tune.training_dataset",
        "several.untrained_model > train.untrained_model",
        "rows.dataset > train.dataset",
        "several.untrained_model > compare.model_1",
        "calibrated.untrained_model > compare.model_2",
        "rows.dataset > compare.dataset",
    )
    for _, found, wanted in compared(pipeline, FRAME, tmp_path):
        assert_equal(found, wanted, DataTable(FRAME))
