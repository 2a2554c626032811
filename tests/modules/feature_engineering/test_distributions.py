"""Power and quantile transformations against scikit-learn called directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import PowerTransformer, QuantileTransformer

from modules.contract import DataTable, Role
from modules.feature_engineering.transform_distribution import transform_distribution

OTHERS = {
    "Yeo-Johnson": PowerTransformer("yeo-johnson"),
    "Box-Cox": PowerTransformer("box-cox"),
    "quantiles to uniform": QuantileTransformer(n_quantiles=100, subsample=None),
    "quantiles to normal": QuantileTransformer(
        n_quantiles=100, subsample=None, output_distribution="normal"
    ),
}


@pytest.fixture(scope="module")
def table() -> DataTable:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "income": random.lognormal(10, 1, 500),
            "tiny": random.gamma(2, 0.01, 500),
            "visits": random.poisson(3, 500) + 1,
            "label": random.normal(size=500),
        }
    )
    frame.loc[::13, "income"] = np.nan
    return DataTable(frame, {"label": Role.LABEL})


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.proves("transform_distribution", by="scikit-learn")
def test_values_are_those_of_scikit_learn(table: DataTable, method: str) -> None:
    found, fitted = transform_distribution(table, method=method, quantiles=100)
    frame = table.frame[["income", "tiny", "visits"]]
    expected = OTHERS[method].fit_transform(frame.astype(float))
    values = found.frame[["income", "tiny", "visits"]].to_numpy()
    assert values == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)
    assert found.frame["label"].equals(table.frame["label"])
    new = pd.DataFrame({"income": [1.0, 1e9], "tiny": [1e-5, 1.0], "visits": [3, 500], "label": 0})
    later = fitted.apply(DataTable(new)).frame[["income", "tiny", "visits"]].to_numpy()
    expected = OTHERS[method].transform(new[["income", "tiny", "visits"]].astype(float))
    finite = np.isfinite(expected)
    assert later[finite] == pytest.approx(expected[finite], rel=1e-6, abs=1e-6)


def test_negative_values_have_a_power_by_yeo_and_johnson() -> None:
    values = -np.random.default_rng(2).lognormal(0, 1, 300)
    found, _ = transform_distribution(DataTable(pd.DataFrame({"x": values})))
    expected = PowerTransformer().fit_transform(values[:, None])[:, 0]
    assert found.frame["x"].to_numpy() == pytest.approx(expected, abs=1e-6)


def test_box_cox_refuses_zero_and_later_leaves_it_missing(refused) -> None:
    with refused("not-positive", "contains 0", column="x", parameter="method"):
        transform_distribution(DataTable(pd.DataFrame({"x": [0, 1, 2]})), method="Box-Cox")
    _, fitted = transform_distribution(
        DataTable(pd.DataFrame({"x": [1.0, 2.0, 9.0]})), method="Box-Cox"
    )
    later = fitted.apply(DataTable(pd.DataFrame({"x": [0.0, 2.0]}))).frame["x"]
    assert later.isna().tolist() == [True, False]
    row_function = fitted.compile()
    assert row_function is not None
    assert row_function({"x": 0.0}) == {"x": None}


@pytest.mark.parametrize("method", OTHERS)
def test_a_constant_column_becomes_zero(method: str) -> None:
    table = DataTable(pd.DataFrame({"x": [3.0, 3.0, np.nan]}))
    found, _ = transform_distribution(table, method=method)
    assert found.frame["x"].tolist()[:2] == [0, 0]
    assert found.frame["x"].isna().tolist() == [False, False, True]
