"""Shapley values against the package shap: the largest difference, and the time as a ratio.

shap is installed in an environment of its own, with the same scikit-learn:

    python -m venv /tmp/shap && /tmp/shap/bin/pip install shap scikit-learn==VERSION
    python benchmarks/explanation.py /tmp/shap/bin/python [ROWS]
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from modules.learning.explanation.tree_models import trees_of

THERE = """
import pickle, sys, time
import numpy, shap
model, rows = pickle.load(open(sys.argv[1], "rb"))
explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
began = time.process_time()
values = numpy.asarray(explainer.shap_values(rows, check_additivity=False))
numpy.savez(sys.argv[2], values=values, seconds=time.process_time() - began)
"""


def peer(python: str, model: Any, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """Return shap's values of shape (rows, features, outputs), and its processor time."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given", Path(folder) / "answer.npz"
        given.write_bytes(pickle.dumps((model, rows)))
        subprocess.run([python, "-c", THERE, str(given), str(answer)], check=True)
        with np.load(answer) as found:
            values, seconds = found["values"], float(found["seconds"])
    return values if values.ndim == 3 else values[:, :, None], seconds


def main() -> None:
    """Print a line for each model."""
    python = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    cases = {
        "tree": (DecisionTreeRegressor(random_state=0), load_diabetes),
        "forest, regression": (RandomForestRegressor(100, random_state=0), load_diabetes),
        "forest, 2 classes": (RandomForestClassifier(100, random_state=0), load_breast_cancer),
        "forest, 3 classes": (RandomForestClassifier(100, random_state=0), load_iris),
        "boosting, regression": (HistGradientBoostingRegressor(random_state=0), load_diabetes),
        "boosting, 2 classes": (HistGradientBoostingClassifier(random_state=0), load_breast_cancer),
    }
    for name, (model, load) in cases.items():
        rows, target = load(return_X_y=True)
        # As scikit-learn's trees read them, so that both compare the same numbers.
        rows = rows.astype(np.float32).astype(float)
        model.fit(rows, target)
        rows = rows[:count]
        began = time.process_time()
        trees = trees_of(model, rows.shape[1])
        assert trees is not None
        base, values = trees.contributions(rows, lambda _: None)
        seconds = time.process_time() - began
        theirs, their_seconds = peer(python, model, rows)
        away = np.abs(values - theirs).max()
        output = model.predict_proba(rows) if hasattr(model, "predict_proba") else None
        if output is None:
            output = model.predict(rows)[:, None]
        elif values.shape[2] == 1:
            output = model.decision_function(rows)[:, None]
        sums = np.abs(base + values.sum(axis=1) - output).max()
        ratio = seconds / max(their_seconds, 1e-9)
        print(f"{name}: difference {away:.1e}, sum {sums:.1e}, time {ratio:.2f} x shap")


if __name__ == "__main__":
    main()
