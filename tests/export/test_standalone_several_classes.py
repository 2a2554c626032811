"""Code without this project trains several classes by learners of two as the modules do."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from alone import compared
from exporting import make

from modules.contract import DataTable
from modules.values import Evaluation

pytestmark = pytest.mark.filterwarnings("ignore")


def weighted_flowers() -> pd.DataFrame:
    """Return 120 rows of three classes with text, missing values and weights."""
    rng = np.random.default_rng(0)
    kind = rng.choice(["rose", "tulip", "aster"], 120)
    size = rng.normal(0, 1, 120) + (kind == "rose") * 2
    color = np.where(rng.random(120) < 0.7, kind, rng.permutation(kind))
    # All values of the two others are missing: their model doesn't get the column.
    scent = np.where(kind == "rose", rng.normal(0, 1, 120), np.nan)
    frame = pd.DataFrame({"size": size, "color": color, "scent": scent, "kind": kind})
    frame.loc[::9, "size"] = np.nan
    return frame.assign(weight=rng.random(120))


LEARNERS = (
    "two_class_support_vector_machine",
    "two_class_boosted_decision_tree",
    "two_class_logistic_regression",
    "two_class_decision_forest",
)
QUICK = (
    ("two_class_logistic_regression", "one_vs_all_multiclass"),
    ("two_class_decision_forest", "one_vs_one_multiclass"),
)
"""What ``make test`` tries: each way once."""


@pytest.mark.parametrize(
    ("learner", "module"),
    [
        pytest.param(*case, marks=() if case in QUICK else pytest.mark.long)
        for case in product(LEARNERS, ("one_vs_all_multiclass", "one_vs_one_multiclass"))
    ],
)
def test_models_of_two_classes(learner: str, module: str, tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("dataset", {"path": "rows.csv"}),
            "weigh": ("edit_metadata", {"columns": ["weight"], "fields": "weight"}),
            "mark": ("edit_metadata", {"columns": ["kind"], "fields": "label"}),
            "two": (learner, {}),
            "several": module,
            "train": "train_model",
            "score": "score_model",
            "evaluate": "evaluate_model",
            "validate": ("cross_validate_model", {"folds": 2}),
        },
        "rows.dataset > weigh.dataset",
        "weigh.results_dataset > mark.dataset",
        "two.untrained_model > several.untrained_model",
        "several.untrained_model > train.untrained_model",
        "mark.results_dataset > train.dataset",
        "train.trained_model > score.trained_model",
        "mark.results_dataset > score.dataset",
        "score.scored_dataset > evaluate.scored_dataset",
        "several.untrained_model > validate.untrained_model",
        "mark.results_dataset > validate.dataset",
    )
    tables = 0
    for name, found, wanted in compared(pipeline, weighted_flowers(), tmp_path):
        if isinstance(wanted, DataTable):
            tables += 1
            pd.testing.assert_frame_equal(
                found, wanted.frame, check_exact=not wanted.metrics, rtol=1e-9, obj=name
            )
        elif isinstance(wanted, Evaluation):
            metrics = found["metrics"].iloc[0].to_dict()
            assert metrics == pytest.approx(dict(wanted.reports[0].metrics), rel=1e-9)
    assert tables == 2
