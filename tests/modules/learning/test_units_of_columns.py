"""No learner depends on the units of the columns, but those whose penalty is stated in them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from diagonals import some
from module_examples import PALETTE, parameters_for, run

from modules.contract import DataTable, ModuleSpec
from modules.contract.context import ModuleWarning
from modules.values import TrainedModel, UntrainedModel

CATEGORIES = ("Regression", "Classification", "Clustering", "Anomaly Detection")
IN_UNITS = {
    # The reference of these states that the penalty applies in the units of the columns.
    "linear_regression": {"standardize": True},
    "two_class_logistic_regression": {"standardize": True},
    "multiclass_logistic_regression": {"standardize": True},
    "poisson_regression": {"l1_weight": 0.0, "l2_weight": 0.0},
}
LEFT_OUT = ("pca_based_anomaly_detection",)
"""Its score is a share of the length of a row, as in ML.NET; its reference asks for scaling."""

QUICK = {"trees": 10, "iterations": 30, "rounds": 20}
"""Values of parameters with which training takes less time."""

FACTOR = 1e6


def table(factor: float) -> DataTable:
    random = np.random.default_rng(11)
    frame = pd.DataFrame(random.normal(size=(160, 3)), columns=["a", "b", "c"])
    frame["a"] += 3
    signal = 2 * frame["a"] - frame["b"] + random.normal(0, 0.3, 160)
    frame["number"] = np.round(np.exp(signal / 5 + 1))
    frame["two"] = np.where(signal > signal.median(), "yes", "no")
    frame["three"] = pd.cut(signal, 3, labels=False).map({0: "x", 1: "y", 2: "z"}).astype("str")
    return DataTable(frame.assign(b=frame["b"] * factor))


LABELS = {"regression": "number", "two-class": "two", "multiclass": "three"}


def trained(untrained: UntrainedModel, data: DataTable) -> TrainedModel:
    label = LABELS.get(untrained.task)
    return untrained.fit(data, label, features=["a", "b", "c"])


def learners() -> list[ModuleSpec]:
    """Return the modules that give a learner without getting anything."""
    return [
        spec
        for spec in PALETTE.values()
        if not spec.inputs and spec.category_title in CATEGORIES and spec.id not in LEFT_OUT
    ]


@pytest.mark.parametrize("spec", some({spec.id: spec for spec in learners()}, 3))
def test_a_column_in_millionths_changes_nothing(spec: ModuleSpec, tmp_path: Path) -> None:
    parameters = parameters_for(spec, tmp_path) | IN_UNITS.get(spec.id, {})
    parameters |= {name: value for name, value in QUICK.items() if name in spec.parameter_by_name}
    scores = []
    for factor in (1.0, FACTOR):
        (untrained,) = run(spec, [], parameters)
        data = table(factor)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModuleWarning)
            scored = trained(untrained, data).score(data).frame
        scores.append(scored[[name for name in scored if name not in data.names]])
    pd.testing.assert_frame_equal(scores[0], scores[1], rtol=1e-6, atol=1e-8)
