"""FLAML, and Optuna with LightGBM, on one division of rows; runs in a separate environment.

Run by ``benchmarks/automl.py --peers PYTHON``; PYTHON's environment has ``flaml``, ``lightgbm``,
``xgboost-cpu<3``, and ``optuna``. It imports nothing of this project. The argument is a folder with
``first.csv``, the rows to train on, ``second.csv``, and ``facts.json``; the predictions are
written as ``NAME.json``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import optuna
import pandas as pd
from flaml import AutoML
from sklearn.model_selection import cross_val_score

FOLDS = 5


def flaml(first: pd.DataFrame, second: pd.DataFrame, classes: list[str], trials: int) -> Any:
    """Return what FLAML's best model predicts after a number of trials."""
    search = AutoML()
    search.fit(
        first.drop(columns="y"),
        first["y"],
        task="classification" if classes else "regression",
        metric=_metric(classes, "roc_auc", "roc_auc_ovr_weighted", "r2"),
        max_iter=trials,
        time_budget=-1,
        eval_method="cv",
        n_splits=FOLDS,
        seed=0,
        n_jobs=1,
        verbose=0,
        early_stop=False,
    )
    rows = second.drop(columns="y")
    return search.predict_proba(rows) if classes else search.predict(rows)


def tuned(first: pd.DataFrame, second: pd.DataFrame, classes: list[str], trials: int) -> Any:
    """Return what LightGBM predicts with the best settings that Optuna found."""
    features, label = _categories(first, second)
    kind = lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor
    metric = _metric(classes, "roc_auc", "roc_auc_ovr_weighted", "r2")

    def model(trial: Any) -> Any:
        return kind(
            n_jobs=1,
            verbose=-1,
            random_state=0,
            learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            n_estimators=trial.suggest_int("n_estimators", 50, 600, log=True),
            num_leaves=trial.suggest_int("num_leaves", 3, 128, log=True),
            min_child_samples=trial.suggest_int("min_child_samples", 2, 100, log=True),
            colsample_bytree=trial.suggest_float("colsample_bytree", 0.3, 1.0),
            subsample=trial.suggest_float("subsample", 0.5, 1.0),
            subsample_freq=1,
            reg_lambda=trial.suggest_float("reg_lambda", 1e-3, 10.0, log=True),
        )

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(
        lambda trial: cross_val_score(
            model(trial), features, first["y"], cv=FOLDS, scoring=metric
        ).mean(),
        n_trials=trials,
    )
    best = model(optuna.trial.FixedTrial(study.best_params)).fit(features, first["y"])
    return best.predict_proba(label) if classes else best.predict(label)


def _metric(classes: list[str], two: str, several: str, number: str) -> str:
    return number if not classes else two if len(classes) == 2 else several


def _categories(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the features of both with texts as the categories of the first."""
    rows = [frame.drop(columns="y") for frame in (first, second)]
    for name in rows[0].select_dtypes(exclude="number"):
        known = sorted(rows[0][name].dropna().unique())
        rows = [each.assign(**{name: pd.Categorical(each[name], known)}) for each in rows]
    return rows[0], rows[1]


def main() -> None:
    folder = Path(sys.argv[1])
    facts = json.loads((folder / "facts.json").read_text())
    classes = facts["classes"]
    types = {"y": "str"} if classes else None
    first, second = (
        pd.read_csv(folder / f"{name}.csv", dtype=types) for name in ("first", "second")
    )
    warnings.simplefilter("ignore")
    for name, search in (("FLAML", flaml), ("Optuna", tuned)):
        found = np.asarray(search(first, second, classes, facts["trials"]))
        (folder / f"{name}.json").write_text(json.dumps(found.tolist()))


if __name__ == "__main__":
    main()
