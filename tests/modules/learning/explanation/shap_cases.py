"""Models whose Shapley values the package shap computed: ``shap_values.json``.

To compute them again, after an update of scikit-learn for example, in an environment of its own:

    python -m venv ENV && ENV/bin/pip install shap scikit-learn==VERSION
    ENV/bin/python tests/modules/learning/explanation/shap_cases.py

This file imports nothing of this project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

FILE = Path(__file__).with_name("shap_values.json")
EXPLAINED = 6

MODELS: dict[str, tuple[Any, Any]] = {
    "tree": (DecisionTreeRegressor(max_depth=5, random_state=0), load_diabetes),
    "tree, 3 classes": (DecisionTreeClassifier(max_depth=4, random_state=0), load_iris),
    "forest": (RandomForestRegressor(7, max_depth=6, random_state=0), load_diabetes),
    "forest, 2 classes": (RandomForestClassifier(7, random_state=0), load_breast_cancer),
    "forest, 3 classes": (RandomForestClassifier(7, random_state=0), load_iris),
    "extra trees": (ExtraTreesClassifier(7, max_depth=6, random_state=0), load_breast_cancer),
    "boosting": (HistGradientBoostingRegressor(max_iter=12, random_state=0), load_diabetes),
    "boosting, 2 classes": (
        HistGradientBoostingClassifier(max_iter=12, random_state=0),
        load_breast_cancer,
    ),
    "linear": (Ridge(0.1), load_diabetes),
    "logistic": (LogisticRegression(max_iter=5_000), load_breast_cancer),
    "neighbors": (KNeighborsRegressor(9), load_diabetes),
    "neighbors, 3 classes": (KNeighborsClassifier(15), load_iris),
    "naive Bayes": (GaussianNB(), load_breast_cancer),
}
"""Of each the estimator and the table, of which the first eight columns are used."""


def trained(name: str) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return a trained model, the matrix it was trained on, and the rows that are explained."""
    model, load = MODELS[name]
    matrix, target = load(return_X_y=True)
    # As scikit-learn's trees read them, so that all compare the same numbers.
    matrix = matrix[:, :8].astype(np.float32).astype(float)
    model.fit(matrix, target)
    return model, matrix, matrix[:: len(matrix) // EXPLAINED][:EXPLAINED]


def main() -> None:
    """Write base and values (rows, columns, outputs) of each model, and the versions."""
    import shap
    import sklearn

    found: dict[str, Any] = {"shap": shap.__version__, "scikit-learn": sklearn.__version__}
    for name in MODELS:
        model, matrix, rows = trained(name)
        average = matrix.mean(axis=0, keepdims=True)
        if hasattr(model, "coef_"):
            explainer = shap.LinearExplainer(model, average)
            base, values = explainer.expected_value, explainer.shap_values(rows)
        elif hasattr(model, "tree_") or hasattr(model, "n_iter_") or hasattr(model, "estimators_"):
            explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
            base = explainer.expected_value
            values = explainer.shap_values(rows, check_additivity=False)
        else:
            play = model.predict_proba if hasattr(model, "classes_") else model.predict
            exact = shap.explainers.Exact(play, shap.maskers.Independent(average))(rows)
            base, values = exact.base_values[0], exact.values
        values = np.asarray(values, float)
        found[name] = {
            "base": np.atleast_1d(np.asarray(base, float)).tolist(),
            "values": (values if values.ndim == 3 else values[:, :, None]).tolist(),
        }
    FILE.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
