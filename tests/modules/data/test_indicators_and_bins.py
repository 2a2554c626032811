"""Indicator values against get_dummies, bins against numpy, scales against their formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.data_transformation.clip_values import clip_values
from modules.data_transformation.convert_to_indicator_values import convert_to_indicator_values
from modules.data_transformation.group_data_into_bins import group_data_into_bins
from modules.data_transformation.normalize_data import normalize_data

RNG = np.random.default_rng(3)
X = RNG.lognormal(1, 0.7, 200)
X[::13] = np.nan
NUMBERS = DataTable(pd.DataFrame({"x": X, "i": RNG.integers(0, 50, 200), "t": "text"}))
KNOWN = X[~np.isnan(X)]


def names(*chosen: str) -> ColumnSelector:
    return ColumnSelector.names(*chosen)


@pytest.mark.proves("convert_to_indicator_values", by="pandas")
def test_indicators_are_those_of_get_dummies() -> None:
    frame = pd.DataFrame(
        {
            "s": pd.Series(["b", "a", "c", "a"], dtype="str"),
            "c": pd.Categorical([2, 1, 2, 2]),
            "n": [1.5, 2.5, 3.5, 4.5],
        }
    )
    table = DataTable(frame, {"n": Role.LABEL})
    result, _ = convert_to_indicator_values(table, overwrite=True)
    expected = pd.get_dummies(frame, columns=["s", "c"], prefix_sep="-", dtype="uint8")
    pd.testing.assert_frame_equal(result.frame, expected)
    assert result.roles == {"n": Role.LABEL}
    kept, _ = convert_to_indicator_values(table)
    assert kept.names == ["s", "c", "n", "s-a", "s-b", "s-c", "c-1", "c-2"]


def test_missing_values_get_their_own_indicator() -> None:
    table = DataTable(pd.DataFrame({"s": pd.Series(["a", None, "a"], dtype="str"), "t": "u"}))
    result, _ = convert_to_indicator_values(table, overwrite=True)
    assert result.frame.to_dict("list") == {
        "s-a": [1, 0, 1],
        "s-Missing": [0, 1, 0],
        "t-u": [1, 1, 1],
    }


def test_new_and_missing_values_in_new_data() -> None:
    table = DataTable(pd.DataFrame({"s": ["a", "b"]}))
    _, encoding = convert_to_indicator_values(table)
    new = DataTable(pd.DataFrame({"s": pd.Series(["z", None, "b"], dtype="str")}))
    assert encoding.apply(new).frame[["s-a", "s-b"]].to_numpy().tolist() == [[0, 0], [0, 0], [0, 1]]
    row_function = encoding.compile()
    assert row_function is not None
    assert row_function({"s": "z"}) == {"s": "z", "s-a": 0, "s-b": 0}
    assert row_function({"s": "b"}) == {"s": "b", "s-a": 0, "s-b": 1}
    assert encoding.describe().to_numpy().tolist() == [["s", "a", "s-a"], ["s", "b", "s-b"]]


def test_texts_in_new_data_may_be_categories() -> None:
    _, encoding = convert_to_indicator_values(DataTable(pd.DataFrame({"s": ["a", "b"]})))
    new = DataTable(pd.DataFrame({"s": pd.Categorical(["b", "q", None])}))
    assert encoding.apply(new).frame["s-b"].tolist() == [1, 0, 0]


def test_whole_numbers_and_booleans_may_be_categories() -> None:
    table = DataTable(pd.DataFrame({"i": [3, 1, 3], "b": [True, False, True]}))
    result, encoding = convert_to_indicator_values(table, columns=names("i", "b"), overwrite=True)
    assert result.frame.to_dict("list") == {
        "i-1": [0, 1, 0],
        "i-3": [1, 0, 1],
        "b-False": [0, 1, 0],
        "b-True": [1, 0, 1],
    }
    new = DataTable(pd.DataFrame({"i": [3.0, np.nan], "b": [True, True]}))
    assert encoding.apply(new).frame["i-3"].tolist() == [1, 0]


def test_indicator_never_overwrites_a_column() -> None:
    table = DataTable(pd.DataFrame({"s": ["a", "b"], "s-a": [7, 8]}))
    result, _ = convert_to_indicator_values(table, columns=names("s"))
    assert result.frame["s-a"].tolist() == [7, 8]
    assert result.frame["s-a (2)"].tolist() == [1, 0]


def test_what_can_not_become_indicators(refused: Any) -> None:
    with refused("column-type", "x", parameter="columns", column="x"):
        convert_to_indicator_values(NUMBERS, columns=names("x"))
    many = DataTable(pd.DataFrame({"s": [f"v{n}" for n in range(10_001)]}))
    with refused("too-many-values", "10,001", parameter="columns", column="s"):
        convert_to_indicator_values(many)
    with refused("no-columns-selected", parameter="columns"):
        convert_to_indicator_values(NUMBERS, columns=ColumnSelector())


def test_nothing_categorical_is_a_warning() -> None:
    table = DataTable(pd.DataFrame({"x": [1.0]}))
    with pytest.warns(ModuleWarning, match="nothing was converted"):
        result, _ = convert_to_indicator_values(table)
    assert result.names == ["x"]


@pytest.mark.parametrize("count", [130, 40_000 // 200])
def test_many_values_keep_their_places(count: int) -> None:
    values = [f"v{number:04d}" for number in RNG.integers(0, count, 1000)]
    table = DataTable(pd.DataFrame({"s": values}))
    result, _ = convert_to_indicator_values(table, overwrite=True)
    expected = pd.get_dummies(pd.Series(values), dtype="uint8").to_numpy()
    np.testing.assert_array_equal(result.frame.to_numpy(), expected)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("ZScore", lambda x: StandardScaler().fit_transform(x[:, None]).ravel()),
        ("MinMax", lambda x: MinMaxScaler().fit_transform(x[:, None]).ravel()),
        ("Logistic", lambda x: 1 / (1 + np.exp(-x))),
        ("Tanh", np.tanh),
        (
            "LogNormal",
            lambda x: stats.lognorm.cdf(x, s=np.log(x).std(), scale=np.exp(np.log(x).mean())),
        ),
    ],
)
@pytest.mark.proves("normalize_data", by="formulas by hand")
def test_scales_follow_their_formulas(method: Any, expected: Any) -> None:
    result, scaling = normalize_data(NUMBERS, method=method, columns=names("x"))
    found = result.frame["x"].to_numpy()
    np.testing.assert_allclose(found[~np.isnan(X)], expected(KNOWN), rtol=1e-12)
    assert np.isnan(found[np.isnan(X)]).all()
    assert result.frame["i"].equals(NUMBERS.frame["i"])
    assert scaling.describe()["Column"].tolist() == ["x"]


def test_all_numbers_are_scaled_by_default() -> None:
    result, _ = normalize_data(NUMBERS)
    assert result.frame["x"].mean() == pytest.approx(0, abs=1e-12)
    assert result.frame["i"].std(ddof=0) == pytest.approx(1)
    assert result.frame["t"].tolist() == ["text"] * 200


@pytest.mark.parametrize("method", ["ZScore", "MinMax", "LogNormal"])
def test_constant_columns(method: Any) -> None:
    table = DataTable(pd.DataFrame({"x": [3.0, 3.0, np.nan]}))
    zero, _ = normalize_data(table, method=method)
    assert zero.frame["x"].tolist()[:2] == [0, 0]
    assert math.isnan(zero.frame["x"][2])
    missing, _ = normalize_data(table, method=method, zero_for_constant=False)
    assert missing.frame["x"].isna().all()


def test_logistic_does_not_overflow() -> None:
    table = DataTable(pd.DataFrame({"x": [-1e308, 0.0, 1e308]}))
    result, _ = normalize_data(table, method="Logistic")
    assert result.frame["x"].tolist() == [0.0, 0.5, 1.0]


def test_log_normal_of_values_that_have_no_logarithm(refused: Any) -> None:
    with refused("not-positive", "x", parameter="method", column="x"):
        normalize_data(DataTable(pd.DataFrame({"x": [0.0, 1.0]})), method="LogNormal")
    _, scaling = normalize_data(DataTable(pd.DataFrame({"x": [1.0, 2.0]})), method="LogNormal")
    assert scaling.apply(DataTable(pd.DataFrame({"x": [-1.0, 0.0]}))).frame["x"].tolist() == [0, 0]


def test_what_can_not_be_scaled(refused: Any) -> None:
    with refused("column-type", "t", parameter="columns", column="t"):
        normalize_data(NUMBERS, columns=names("t"))
    with refused("infinite-value", "x", column="x"):
        normalize_data(DataTable(pd.DataFrame({"x": [np.inf, 1.0]})))
    _, scaling = normalize_data(NUMBERS, columns=names("x"))
    with refused("column-type", "x", column="x"):
        scaling.apply(DataTable(pd.DataFrame({"x": ["a"]})))


@pytest.mark.proves("group_data_into_bins", by="NumPy")
def test_quantile_bins_are_those_of_numpy() -> None:
    result, binning = group_data_into_bins(
        NUMBERS, columns=names("x"), number_of_bins=4, quantile_normalization="quantile index"
    )
    edges = np.quantile(KNOWN, [0.25, 0.5, 0.75])
    found = result.frame["x_quantized"]
    assert found[~np.isnan(X)].tolist() == (np.digitize(KNOWN, edges) + 1).tolist()
    assert found.isna().tolist() == np.isnan(X).tolist()
    assert isinstance(found.dtype, pd.CategoricalDtype)
    table = binning.describe()
    assert table["Below"].tolist() == [*edges, math.inf]


@pytest.mark.parametrize(
    ("writing", "values"),
    [
        ("percent", [25.0, 50.0, 75.0, 100.0]),
        ("p-quantile", [0.25, 0.5, 0.75, 1.0]),
        ("quantile index", [1, 2, 3, 4]),
    ],
)
def test_quantiles_are_written_in_three_ways(writing: Any, values: list[float]) -> None:
    result, _ = group_data_into_bins(
        DataTable(pd.DataFrame({"x": [1, 2, 3, 4]})),
        number_of_bins=4,
        quantile_normalization=writing,
        output_mode="in place",
        categorical=False,
    )
    assert result.frame["x"].tolist() == values


def test_bins_of_equal_width_and_custom_edges() -> None:
    table = DataTable(pd.DataFrame({"x": [0.0, 2.4, 2.5, 9.9, 10.0, np.nan]}))
    result, _ = group_data_into_bins(
        table, mode="equal width", number_of_bins=4, output_mode="result only", categorical=False
    )
    assert result.frame["x"].tolist()[:5] == [1, 1, 2, 4, 4]
    assert math.isnan(result.frame["x"][5])
    result, _ = group_data_into_bins(table, mode="custom edges", edges="2.5, 10")
    assert result.frame["x_quantized"].tolist()[:5] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("edges", ["", "a", "3, 2", "1, 1", "1; 2"])
def test_edges_that_are_none(edges: str, refused: Any) -> None:
    with refused("bad-edges", parameter="edges"):
        group_data_into_bins(NUMBERS, mode="custom edges", edges=edges)


def test_columns_that_can_not_be_binned(refused: Any) -> None:
    with refused("no-bins", "x", column="x"):
        group_data_into_bins(DataTable(pd.DataFrame({"x": [np.nan, np.nan]})))
    with refused("column-type", "t", column="t"):
        group_data_into_bins(NUMBERS, columns=names("t"))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"upper_constant": 7}, [1, 5, 7, 7, None]),
        ({"upper_constant": 7, "upper_substitute": "mean"}, [1, 5, 7, 5.5, None]),
        ({"upper_constant": 7, "upper_substitute": "median"}, [1, 5, 7, 6, None]),
        ({"upper_constant": 7, "upper_substitute": "missing"}, [1, 5, 7, None, None]),
        ({"mode": "clip subpeaks", "lower_constant": 5}, [5, 5, 7, 9, None]),
        (
            {"mode": "clip peaks and subpeaks", "lower_constant": 5, "upper_constant": 7},
            [5, 5, 7, 7, None],
        ),
        ({"upper_threshold": "percentile", "upper_percentile": 50}, [1, 5, 6, 6, None]),
    ],
)
@pytest.mark.proves("clip_values", by="by hand")
def test_clipping(parameters: dict[str, Any], expected: list[float | None]) -> None:
    table = DataTable(pd.DataFrame({"x": [1, 5, 7, 9, None]}))
    result, clipping = clip_values(table, **parameters)
    found = [None if math.isnan(value) else value for value in result.frame["x"]]
    assert found == expected
    assert clipping.describe()["Column"].tolist() == ["x"]


def test_clipping_keeps_whole_numbers_and_says_what_it_clipped() -> None:
    table = DataTable(pd.DataFrame({"i": [1, 5, 9]}))
    result, _ = clip_values(table, upper_constant=6, overwrite=False, indicator_columns=True)
    assert result.frame.to_dict("list") == {
        "i": [1, 5, 9],
        "i_clipped": [1, 5, 6],
        "i_IsClipped": [False, False, True],
    }
    assert result.frame["i_clipped"].dtype == "int64"
    assert clip_values(table, upper_constant=5.5)[0].frame["i"].tolist() == [1, 5, 5.5]


def test_clipping_new_data_uses_the_old_percentiles() -> None:
    table = DataTable(pd.DataFrame({"x": np.arange(101.0)}))
    _, clipping = clip_values(table, upper_threshold="percentile", upper_percentile=90)
    assert clipping.apply(DataTable(pd.DataFrame({"x": [95.0, 1e9]}))).frame["x"].tolist() == [
        90.0,
        90.0,
    ]


def test_thresholds_in_the_wrong_order(refused: Any) -> None:
    with refused("bad-range", "x", parameter="lower_threshold", column="x"):
        clip_values(NUMBERS, mode="clip peaks and subpeaks", upper_constant=1, lower_constant=2)
    with refused("column-type", "t", column="t"):
        clip_values(NUMBERS, columns=names("t"))


@given(
    st.lists(st.one_of(st.none(), st.floats(1e-6, 1e9)), min_size=1, max_size=20),
    st.sampled_from(["ZScore", "MinMax", "Logistic", "Tanh", "LogNormal"]),
    st.sampled_from([-1, 1]),
)
def test_row_functions_equal_the_transformation(
    values: list[float | None], method: Any, sign: int
) -> None:
    if method != "LogNormal":
        values = [value if value is None else sign * value for value in values]
    table = DataTable(pd.DataFrame({"x": pd.Series(values, dtype="float64")}))
    for transformation in (
        normalize_data(table, method=method)[1],
        clip_values(table, upper_threshold="percentile", upper_percentile=60)[1],
        group_data_into_bins(table, mode="custom edges", edges="-2.5, 0, 7")[1],
    ):
        row_function = transformation.compile()
        assert row_function is not None
        expected = transformation.apply(table).frame.astype(object)
        for value, row in zip(values, expected.to_dict("records"), strict=True):
            found = row_function({"x": value})
            for name, cell in row.items():
                # Python's exp and numpy's may differ in the last bit.
                known = None if pd.isna(cell) else pytest.approx(cell, rel=1e-14, abs=1e-15)
                assert found[name] == known
