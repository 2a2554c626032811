"""Train logistic regression on columns of different scales, beside plain scripts.

Run: python benchmarks/logistic_regression.py [FILE LABEL]

A line per table and way: processor seconds, ratio to the fastest plain script that reaches the
minimum to six digits (“-” if none does), and the distance to it as a share of the objective. FILE
is a Parquet or CSV table. Exit status 1 if training isn't within six digits, or takes more than
1.2 times as long.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable
from modules.learning.features import FeatureEncoder

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "data"
DIGITS, LIMIT = 1e-6, 1.2

Fitted = tuple[np.ndarray, np.ndarray]


def tables() -> dict[str, pd.DataFrame]:
    """Return tables whose label is “y”."""
    if len(sys.argv) > 2:
        path = Path(sys.argv[1])
        frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        return {path.name: frame.rename(columns={sys.argv[2]: "y"})}
    random = np.random.default_rng(0)
    adult = pd.read_csv(SAMPLES / "adult_income.csv").rename(columns={"income": "y"})
    seconds = adult.assign(seconds=1.7e9 + 1e8 * random.normal(size=len(adult)))
    words = pd.DataFrame(
        {
            "a": np.char.add("a", random.zipf(1.3, 20_000).clip(max=9_000).astype(str)),
            "b": np.char.add("b", random.integers(0, 3_000, 20_000).astype(str)),
            "size": random.normal(size=20_000) * 1e6,
        }
    )
    total = words["size"] / 1e6 + words["a"].str.len() - 2 + random.logistic(size=20_000)
    some = adult.iloc[:8_000]
    classes = pd.qcut(some["age"] + 10 * random.normal(size=len(some)), 12, labels=False)
    return {
        "adult": adult,
        "adult with a time in seconds": seconds,
        "9,000 words, sparse": words.assign(y=(total > 0).astype(int)),
        "twelve classes": some.drop(columns="age").assign(y=classes),
    }


def trained(frame: pd.DataFrame) -> Fitted:
    """Train the module."""
    from modules.classification import multiclass_logistic_regression as several
    from modules.classification import two_class_logistic_regression as two

    learner: Any = (
        two.two_class_logistic_regression()
        if frame["y"].nunique() == 2
        else several.multiclass_logistic_regression()
    )
    found = learner.fit(DataTable(frame), "y").estimator
    return found.coef_, found.intercept_


def raw(solver: str) -> Callable[[pd.DataFrame], Fitted]:
    """Return a script that fits scikit-learn's solver to the columns as they are."""

    def script(frame: pd.DataFrame) -> Fitted:
        matrix = FeatureEncoder().fit_transform(frame.drop(columns="y"))
        model = LogisticRegression(solver=solver, tol=1e-7, max_iter=1_000)
        found = model.fit(matrix, frame["y"])
        return found.coef_, found.intercept_

    return script


def standardized(solver: str, tolerance: float) -> Callable[[pd.DataFrame], Fitted]:
    """Return a script that standardizes columns, and so penalizes other weights."""

    def script(frame: pd.DataFrame) -> Fitted:
        matrix = FeatureEncoder().fit_transform(frame.drop(columns="y"))
        scaler = StandardScaler(with_mean=isinstance(matrix, np.ndarray))
        model = LogisticRegression(solver=solver, tol=tolerance, max_iter=1_000)
        found = model.fit(scaler.fit_transform(matrix), frame["y"])
        weights = found.coef_ / scaler.scale_
        moved = weights @ scaler.mean_ if scaler.with_mean else 0.0
        return weights, found.intercept_ - moved

    return script


WAYS: dict[str, Callable[[pd.DataFrame], Fitted]] = {
    "module": trained,
    "plain, newton-cholesky": raw("newton-cholesky"),
    "plain, lbfgs": raw("lbfgs"),
    "plain, standardized, lbfgs 1e-4": standardized("lbfgs", 1e-4),
}


def objective(frame: pd.DataFrame, fitted: Fitted) -> float:
    """Return the sum of the log losses plus half the squared weights."""
    matrix = FeatureEncoder().fit_transform(frame.drop(columns="y"))
    codes = pd.factorize(frame["y"], sort=True)[0]
    margins = matrix @ fitted[0].T + fitted[1]
    if margins.shape[1] == 1:
        margins = np.hstack([np.zeros_like(margins), margins])
    losses = logsumexp(margins, axis=1) - margins[np.arange(len(codes)), codes]
    return float(losses.sum() + (fitted[0] ** 2).sum() / 2)


def main() -> int:
    """Print the figures; return 1 if one is above its limit."""
    warnings.simplefilter("ignore")
    failed = False
    # Imports don't count.
    trained(pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40) % 2}))
    for title, frame in tables().items():
        wide = FeatureEncoder().fit(frame.drop(columns="y"))
        newton = len(wide.feature_names_) * frame["y"].nunique() <= 2_000
        seconds, values = {}, {}
        for name, way in WAYS.items():
            if "cholesky" in name and not newton:
                # Its matrix would need gigabytes.
                continue
            start = time.process_time()
            fitted = way(frame)
            seconds[name] = time.process_time() - start
            values[name] = objective(frame, fitted)
        least = min(values.values())
        exact = [name for name in values if values[name] <= least * (1 + DIGITS)]
        best = min((seconds[name] for name in exact if name != "module"), default=np.inf)
        print(f"{title}: {len(frame):,} rows, {len(wide.feature_names_):,} features")
        for name in seconds:
            ratio = f"{seconds[name] / best:.2f}" if np.isfinite(best) else "-"
            distance = values[name] / least - 1
            print(f"  {name:32} {seconds[name]:8.2f} s {ratio:>7} {distance:10.1e}", flush=True)
        failed = failed or "module" not in exact or seconds["module"] > LIMIT * best
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
