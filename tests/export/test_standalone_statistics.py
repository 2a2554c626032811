"""Code without this project computes statistics and searches with every setting like the module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alone import alone, assert_equal, executed
from test_standalone_modules import fed

from module_examples import PALETTE, example_table, run  # isort: skip

from modules.contract import DataTable, Role
from modules.values import Report

pytestmark = pytest.mark.filterwarnings("ignore")

WITH_FOLDS = DataTable(
    example_table().frame.assign(Fold=np.arange(60) % 3 + 1), {"label": Role.LABEL, "Fold": "fold"}
)
PAIRS = {"columns": ["price", "target"], "second": ["age"]}
GROUPS = {"columns": ["price", "target"], "group": ["label"]}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("hypothesis_test", GROUPS | {"test": "Student's t-test", "alternative": "less"}),
    ("hypothesis_test", GROUPS | {"test": "Mann-Whitney U test", "correction": "none"}),
    ("hypothesis_test", GROUPS | {"test": "analysis of variance", "group": ["city"]}),
    ("hypothesis_test", GROUPS | {"test": "Kruskal-Wallis test", "confidence": 0.9}),
    ("hypothesis_test", {"test": "one-sample t-test", "columns": ["price"], "mean": 49.5}),
    ("hypothesis_test", PAIRS | {"test": "paired t-test"}),
    ("hypothesis_test", PAIRS | {"test": "Wilcoxon signed-rank test"}),
    ("hypothesis_test", PAIRS | {"test": "Pearson correlation"}),
    ("hypothesis_test", PAIRS | {"test": "Spearman correlation", "alternative": "greater"}),
    (
        "hypothesis_test",
        PAIRS | {"test": "Kendall correlation", "correction": "Benjamini-Hochberg"},
    ),
    ("hypothesis_test", {"test": "chi-squared test", "columns": ["city"], "second": ["label"]}),
    (
        "hypothesis_test",
        {"test": "Fisher's exact test", "columns": ["size", "active"], "second": ["label"]},
    ),
    ("correlation_matrix", {"method": "Cramér's V", "columns": ["city", "size", "label"]}),
    ("correlation_matrix", {"method": "Kendall"}),
    ("detect_drift", {"measure": "p-value", "significance": 0.2}),
    ("detect_drift", {"measure": "Jensen-Shannon distance", "columns": ["age", "city"]}),
    ("data_profile", {"label_column": ["target"], "missing_threshold": 0.05}),
    ("kaplan_meier", {"duration_column": ["age"], "event_column": ["label"], "event_value": "yes"}),
    ("model_based_feature_selection", {"keep": "a number", "number_of_features": 3}),
    ("recursive_feature_elimination", {"folds": 2}),
    ("sequential_feature_selection", {"folds": 2, "direction": "backward", "improvement": -0.01}),
    ("learning_curve", {"shares": "0.4, 1", "classification_metric": "AUC", "seed": 3}),
]


def compare(module: str, parameters: dict[str, Any], table: DataTable, base: Path) -> None:
    spec = PALETTE[module]
    learner = PALETTE["two_class_logistic_regression"].function()
    inputs = [table if issubclass(DataTable, port.types[0]) else learner for port in spec.inputs]
    chosen = parameters
    if "label_column" in spec.parameter_by_name and "label_column" not in parameters:
        chosen = {"label_column": ["label"], **parameters}
    script = alone(fed(spec, inputs, chosen, base), base)
    found = executed(script, base)
    names = {end.port: name for name, end in script.results.items() if end.node == "module"}
    for port, value in zip(spec.outputs, run(spec, inputs, chosen), strict=True):
        if not isinstance(value, Report):
            assert_equal(found[names[port.name]], value, table)


@pytest.mark.parametrize(("module", "parameters"), CASES)
def test_the_code_gives_the_outputs_of_the_module(
    module: str, parameters: dict[str, Any], tmp_path: Path
) -> None:
    table = example_table()
    if module.startswith(("model_based", "recursive", "sequential", "learning")):
        table = table.select(["age", "price", "city", "label"])
    compare(module, parameters, table, tmp_path)


def test_the_folds_of_a_column_are_used(tmp_path: Path) -> None:
    table = WITH_FOLDS.select(["age", "price", "label", "Fold"])
    compare("learning_curve", {"shares": "0.5, 1"}, table, tmp_path)
