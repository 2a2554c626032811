"""A penalty on standardized features is that of scikit-learn behind its scaler."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from modules.contract import DataTable, Role
from modules.learning.categories import SPARSE_ABOVE

NUMBERS = ["far", "small"]
LEARNERS = {
    "amount": "regression.linear_regression",
    "two": "classification.two_class_logistic_regression",
    "three": "classification.multiclass_logistic_regression",
}


def rows(cities: int = 4) -> pd.DataFrame:
    """Return numbers of different sizes, a category, and a label of each task."""
    random = np.random.default_rng(5)
    count = 200 if cities < 100 else 3 * cities
    numbers, codes = random.normal(size=(count, 2)), np.arange(count) % cities
    total = numbers @ [2.0, -1.0] + random.normal(size=cities)[codes] + random.normal(size=count)
    return pd.DataFrame(
        {
            "far": 500 + 100 * numbers[:, 0],
            "small": 0.001 * numbers[:, 1],
            "city": pd.Series([f"c{code}" for code in codes], dtype="str"),
            "constant": 7.0,
            "amount": 40 * total,
            "two": np.where(total > 0, "yes", "no"),
            "three": np.digitize(total, [-1, 1]).astype(str),
        }
    )


def trained(train, frame: pd.DataFrame, label: str, **parameters):
    kept = frame.drop(columns=[name for name in LEARNERS if name != label])
    roles = {"w": Role.WEIGHT} if "w" in frame else {}
    return train(LEARNERS[label], DataTable(kept, roles), label, standardize=True, **parameters)


def predicted(model, frame: pd.DataFrame) -> np.ndarray:
    scored = model.score(DataTable(frame.drop(columns=[*LEARNERS]))).frame
    if model.task == "two-class":
        return scored["Scored Probabilities"].to_numpy()
    return scored.iloc[:, int(model.task == "multiclass") :].to_numpy().squeeze()


@pytest.mark.parametrize("cities", [4, SPARSE_ABOVE + 1], ids=["dense", "sparse"])
@pytest.mark.parametrize("label", LEARNERS)
def test_the_penalty_is_that_behind_a_scaler(label, cities, train):
    frame = rows(cities)
    found = predicted(trained(train, frame, label, l2_weight=20.0), frame)
    scaler = make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(), ["city"]))
    if label == "amount":
        other = make_pipeline(scaler, Ridge(20.0, tol=1e-12)).fit(frame, frame[label])
        expected = other.predict(frame)
    else:
        plain = LogisticRegression(C=1 / 20, tol=1e-9, max_iter=10_000)
        chances = make_pipeline(scaler, plain).fit(frame, frame[label]).predict_proba(frame)
        expected = chances[:, 1] if label == "two" else chances
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("label", LEARNERS)
def test_units_of_columns_do_not_matter(label, train):
    frame = rows()
    other = frame.assign(far=frame["far"] * 1e6, small=frame["small"] * 1e-6)
    one, two = (predicted(trained(train, each, label), each) for each in (frame, other))
    np.testing.assert_allclose(one, two, rtol=1e-6)


@pytest.mark.parametrize("label", LEARNERS)
def test_a_weight_counts_as_so_many_rows(label, train):
    frame = rows()
    counts = np.arange(len(frame)) % 3
    one = trained(train, frame.assign(w=counts), label, l2_weight=5.0)
    two = trained(train, frame.loc[frame.index.repeat(counts)], label, l2_weight=5.0)
    np.testing.assert_allclose(predicted(one, frame), predicted(two, frame), rtol=1e-6)


def test_without_an_intercept_zeros_give_zero(train):
    frame = rows().drop(columns="city")
    model = trained(train, frame, "amount", include_intercept=False)
    zeros = DataTable(pd.DataFrame({"far": [0.0], "small": [0.0], "constant": [0.0]}))
    assert model.score(zeros).frame.iloc[0, 0] == 0
