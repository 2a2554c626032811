"""Impute Missing Values against scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer

from modules.contract import DataTable
from modules.feature_engineering.impute_missing_values import Imputation, impute_missing_values

NAMES = list("abcd")


def rows(count: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    base = rng.normal(size=(count, 4)) @ rng.normal(size=(4, 4)) * [1, 10, 100, 0.1] + 5
    base[rng.random(base.shape) < 0.15] = np.nan
    return pd.DataFrame(base, columns=NAMES)


def standardized(frame: pd.DataFrame) -> np.ndarray:
    return ((frame - frame.mean()) / frame.std(ddof=0)).to_numpy()


def back(matrix: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    return matrix * frame.std(ddof=0).to_numpy() + frame.mean().to_numpy()


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.proves("impute_missing_values", by="scikit-learn")
def test_neighbors_equal_those_of_scikit_learn(weights: str) -> None:
    frame = rows()
    result, _ = impute_missing_values(DataTable(frame), neighbors=4, weights=weights)
    expected = KNNImputer(n_neighbors=4, weights=weights).fit_transform(standardized(frame))
    assert result.frame.to_numpy() == pytest.approx(back(expected, frame))


def test_regressions_equal_those_of_scikit_learn() -> None:
    frame, new = rows(), rows(240)[200:]
    result, fitted = impute_missing_values(DataTable(frame), method="regression", rounds=20)
    imputer = IterativeImputer(max_iter=20, random_state=0).fit(standardized(frame))
    expected = back(imputer.transform(standardized(frame)), frame)
    assert result.frame.to_numpy() == pytest.approx(expected)
    scaled = ((new - frame.mean()) / frame.std(ddof=0)).to_numpy()
    applied = fitted.apply(DataTable(new)).frame.to_numpy()
    assert applied == pytest.approx(back(imputer.transform(scaled), frame))


@pytest.mark.parametrize("method", ["nearest neighbors", "regression"])
def test_new_rows_alone_and_together(method: str) -> None:
    frame, new = rows(), rows(240)[200:].reset_index(drop=True)
    new.loc[3] = np.nan
    _, fitted = impute_missing_values(DataTable(frame), method=method, rounds=50)
    assert isinstance(fitted, Imputation)
    together = fitted.apply(DataTable(new)).frame
    function = fitted.compile()
    assert function is not None
    for number, row in enumerate(new.astype(object).where(new.notna(), None).to_dict("records")):
        assert list(function(row).values()) == together.loc[number].tolist()
    if method == "nearest neighbors":
        assert together.loc[3].tolist() == pytest.approx(frame.mean().tolist())


def test_a_sample_of_the_rows_is_stored() -> None:
    _, fitted = impute_missing_values(DataTable(rows()), reference_rows=50)
    assert fitted.reference.shape == (50, 4)


def test_what_can_not_be_imputed(refused) -> None:
    frame = rows().assign(town="Oslo", none=np.nan)
    with refused("infinite-value", "“a”", column="a"):
        impute_missing_values(DataTable(frame.assign(a=np.inf)))
    with pytest.warns(Warning, match="“none”"):
        result, _ = impute_missing_values(DataTable(frame))
    assert result.frame["none"].isna().all()
