"""Contributions equal those that the package shap computed; see shap_cases.py."""

from __future__ import annotations

import json

import numpy as np
import pytest
from shap_cases import FILE, MODELS, trained

from modules.learning.explanation.explainer import MatrixExplainer
from modules.learning.explanation.matrices import MatrixModel

THEIRS = json.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("name", MODELS)
def test_contributions_equal_those_of_shap(name: str) -> None:
    model, matrix, rows = trained(name)
    classes = len(getattr(model, "classes_", ()))
    task = {0: "regression", 2: "two-class"}.get(classes, "multiclass")
    given = MatrixModel(task, model, [1] * matrix.shape[1], matrix.mean(axis=0))
    base, values, _, method = MatrixExplainer(given, 2, 0).explain(rows)
    assert method != "permutation sampling"
    expected = np.array(THEIRS[name]["values"])
    assert values.shape == expected.shape
    assert np.abs(values - expected).max() < 1e-9 * max(1, np.abs(expected).max())
    assert base == pytest.approx(THEIRS[name]["base"], rel=1e-9)
    assert np.abs(expected).max() > 0.01
