"""Clean Missing Data against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.contract import ColumnSelector, DataTable, Role
from modules.data_transformation.clean_missing_data import clean_missing_data

FRAME = pd.DataFrame(
    {
        "n": [1.0, np.nan, 4.0, 4.0, np.nan, 7.0],
        "i": [1, 2, 2, 3, 5, 9],
        "s": pd.Series(["b", None, "a", "a", "b", "c"], dtype="str"),
        "c": pd.Categorical(["x", "y", None, "y", "x", "y"]),
        "b": pd.array([True, None, True, False, True, None], dtype="boolean"),
        "d": pd.to_datetime(["2024-01-01", None, "2024-01-02"] + ["2024-01-03"] * 3),
        "empty": [np.nan] * 6,
    }
)
TABLE = DataTable(FRAME, {"s": Role.LABEL})


def clean(table: DataTable = TABLE, *names: str, **parameters: Any) -> DataTable:
    columns = ColumnSelector.names(*names) if names else ColumnSelector.all()
    return clean_missing_data(table, columns=columns, **parameters)[0]


@pytest.mark.parametrize(
    ("mode", "value"),
    [("replace with mean", FRAME["n"].mean()), ("replace with median", FRAME["n"].median())],
)
@pytest.mark.proves("clean_missing_data", by="pandas")
def test_numbers_as_pandas_fills_them(mode: Any, value: float) -> None:
    result = clean(TABLE, "n", "i", cleaning_mode=mode)
    pd.testing.assert_series_equal(result.frame["n"], FRAME["n"].fillna(value))
    pd.testing.assert_series_equal(result.frame["i"], FRAME["i"])
    assert result.roles == {"s": Role.LABEL}


def test_mode_of_every_kind() -> None:
    result = clean(cleaning_mode="replace with mode").frame
    for name in ("n", "s", "c", "d"):
        expected = FRAME[name].fillna(FRAME[name].mode()[0])
        pd.testing.assert_series_equal(result[name], expected, check_dtype=False)
    assert result["b"].tolist() == [True, True, True, False, True, True]
    assert "empty" not in result


def test_booleans_stay_booleans() -> None:
    result = clean(TABLE, "b", cleaning_mode="replace with mean")
    assert result.frame["b"].tolist() == [True, True, True, False, True, True]
    assert result.frame["b"].dtype == bool


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "-1.5", -1.5),
        ("s", "unknown", "unknown"),
        ("c", "new", "new"),
        ("b", "false", False),
        ("d", "2030-05-01", pd.Timestamp("2030-05-01")),
    ],
)
def test_custom_value(name: str, text: str, value: Any) -> None:
    result = clean(TABLE, name, replacement_value=text).frame[name]
    missing = FRAME[name].isna()
    assert result[missing].tolist() == [value] * int(missing.sum())
    assert result[~missing].tolist() == FRAME[name][~missing].tolist()


def test_custom_value_of_categories_that_are_numbers(refused: Any) -> None:
    table = DataTable(pd.DataFrame({"k": pd.Categorical([1, 2, None])}))
    assert clean(table).frame["k"].tolist() == [1, 2, 0]
    with refused("column-type", "none", column="k"):
        clean(table, replacement_value="none")


@pytest.mark.parametrize(("name", "text"), [("n", "none"), ("b", "maybe"), ("d", "soon")])
def test_custom_value_that_does_not_fit(name: str, text: str, refused: Any) -> None:
    with refused("column-type", text, name, parameter="replacement_value", column=name):
        clean(TABLE, name, replacement_value=text)


@pytest.mark.parametrize("mode", ["replace with mean", "replace with median"])
@pytest.mark.parametrize("name", ["s", "c", "d"])
def test_texts_have_no_mean(mode: Any, name: str, refused: Any) -> None:
    with refused("column-type", name, parameter="columns", column=name):
        clean(TABLE, name, cleaning_mode=mode)


def test_a_text_without_missing_values_is_no_obstacle() -> None:
    table = DataTable(FRAME[["n"]].assign(s="x"))
    result = clean(table, cleaning_mode="replace with mean")
    assert not result.frame.isna().any(axis=None)


def test_rows_and_columns_are_removed_as_dropna_does() -> None:
    rows = clean(TABLE, "n", "s", cleaning_mode="remove entire row")
    expected = FRAME.dropna(subset=["n", "s"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.frame, expected)
    columns = clean(cleaning_mode="remove entire column")
    pd.testing.assert_frame_equal(columns.frame, FRAME.dropna(axis=1))


def test_ratios_choose_the_columns() -> None:
    # Missing: n 2/6, s 1/6, empty 6/6.
    result = clean(
        TABLE, "n", "s", "empty", cleaning_mode="remove entire column", maximum_ratio=0.9
    )
    assert "empty" in result.names
    assert not {"n", "s"} & set(result.names)
    result = clean(TABLE, "n", "s", cleaning_mode="replace with mode", minimum_ratio=0.3)
    assert result.frame["s"].isna().sum() == 1
    assert result.frame["n"].isna().sum() == 0


def test_ratios_in_the_wrong_order(refused: Any) -> None:
    with refused("bad-range", parameter="minimum_ratio"):
        clean(minimum_ratio=0.5, maximum_ratio=0.2)


def test_columns_without_any_value() -> None:
    removed = clean(TABLE, "empty", "n", cleaning_mode="replace with mean")
    assert "empty" not in removed.names
    kept = clean(TABLE, "empty", cleaning_mode="replace with mean", all_missing="propagate")
    assert kept.frame["empty"].isna().all()
    filled = clean(TABLE, "empty", replacement_value="3", all_missing="propagate")
    assert filled.frame["empty"].tolist() == [3.0] * 6


def test_indicators_say_what_was_missing() -> None:
    result = clean(TABLE, "n", "i", indicator_columns=True).frame
    assert result["n_IsMissing"].tolist() == FRAME["n"].isna().tolist()
    assert "i_IsMissing" not in result


def test_new_data_is_cleaned_as_the_old() -> None:
    _, cleaning = clean_missing_data(
        TABLE, columns=ColumnSelector.names("n", "i", "c"), cleaning_mode="replace with mode"
    )
    new = DataTable(FRAME.assign(n=[np.nan, 9, 9, 9, 9, 9], i=[np.nan] + [0.0] * 5, c=[None] * 6))
    result = cleaning.apply(new).frame
    assert result["n"].tolist() == [4.0, 9, 9, 9, 9, 9]
    assert result["i"].tolist() == [2.0, 0, 0, 0, 0, 0]
    assert set(cleaning.describe()["Column"]) == {"n", "i", "c"}


def test_new_data_of_another_type_is_refused(refused: Any) -> None:
    _, cleaning = clean_missing_data(TABLE, columns=ColumnSelector.names("s"))
    table = DataTable(pd.DataFrame({"s": [1.5, np.nan]}))
    cleaning.apply(DataTable(pd.DataFrame({"s": [1.5]})))
    with refused("column-type-changed", "s", column="s"):
        _, named = clean_missing_data(
            TABLE, columns=ColumnSelector.names("s"), replacement_value="unknown"
        )
        named.apply(table)
    with refused("column-not-found", "s", column="s"):
        cleaning.apply(DataTable(pd.DataFrame({"t": [1]})))


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30).filter(
        lambda values: any(value is not None for value in values)
    ),
    st.sampled_from(["replace with mean", "replace with median", "replace with mode"]),
)
def test_any_numbers_are_filled_as_pandas_fills_them(values: list[float | None], mode: Any) -> None:
    column = pd.Series(values, dtype="float64")
    value = {
        "replace with mean": column.mean,
        "replace with median": column.median,
        "replace with mode": lambda: column.mode()[0],
    }[mode]()
    result = clean(DataTable(pd.DataFrame({"x": column})), cleaning_mode=mode)
    pd.testing.assert_series_equal(result.frame["x"], column.fillna(value), check_names=False)
