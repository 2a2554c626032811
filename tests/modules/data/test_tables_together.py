"""Join Data, Add Columns, Add Rows, Remove Duplicate Rows and Summarize Data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modules.contract import ColumnSelector, DataTable, Role
from modules.data_transformation.add_columns import add_columns
from modules.data_transformation.add_rows import add_rows
from modules.data_transformation.join_data import join_data
from modules.data_transformation.remove_duplicate_rows import remove_duplicate_rows
from modules.statistical_functions.summarize_data import summarize_data

LEFT = pd.DataFrame(
    {"key": pd.Series(["a", "B", None, "a", "d"], dtype="str"), "n": [1, 2, 3, 4, 5]}
)
RIGHT = pd.DataFrame(
    {"id": pd.Series(["a", "b", None, "a", "e"], dtype="str"), "n": [10, 20, 30, 40, 50]}
)


def join(left: pd.DataFrame = LEFT, right: pd.DataFrame = RIGHT, **parameters: Any) -> DataTable:
    parameters = {"left_keys": "key", "right_keys": "id"} | parameters
    for side in ("left_keys", "right_keys"):
        names = parameters[side]
        names = (names,) if isinstance(names, str) else names
        rules = ColumnSelector.names(*names).rules
        parameters[side] = ColumnSelector(rules, keep_order=True)
    return join_data(DataTable(left, {"n": Role.LABEL}), DataTable(right), **parameters)


def rows(table: DataTable, *names: str) -> list[tuple[Any, ...]]:
    frame = table.frame[list(names)].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def test_inner_join() -> None:
    result = join()
    assert result.names == ["key", "n", "id", "n (2)"]
    assert rows(result, "n", "n (2)") == [(1, 10), (1, 40), (4, 10), (4, 40)]
    assert result.roles == {"n": Role.LABEL}


def test_case_may_be_ignored() -> None:
    assert (2, 20) in rows(join(match_case=False), "n", "n (2)")


def test_left_and_full_outer_joins() -> None:
    left = join(join_type="left outer")
    assert rows(left, "n", "n (2)") == [
        (1, 10), (1, 40), (2, None), (3, None), (4, 10), (4, 40), (5, None)
    ]  # fmt: skip
    full = join(join_type="full outer")
    assert rows(full, "n", "n (2)") == [
        *rows(left, "n", "n (2)"),
        (None, 20),
        (None, 30),
        (None, 50),
    ]
    merged = join(join_type="full outer", keep_right_keys=False)
    assert rows(merged, "key", "n (2)")[-3:] == [("b", 20), (None, 30), ("e", 50)]
    assert merged.names == ["key", "n", "n (2)"]


def test_semi_join_repeats_nothing() -> None:
    result = join(join_type="left semi")
    assert result.names == ["key", "n"]
    assert rows(result, "n") == [(1,), (4,)]


def test_keys_of_several_columns_pair_in_order() -> None:
    left = pd.DataFrame({"x": [1, 1, 2], "y": ["a", "b", "a"]})
    right = pd.DataFrame({"p": ["a", "a"], "q": [1.0, 2.0], "v": [True, False]})
    result = join(left, right, left_keys=("x", "y"), right_keys=("q", "p"))
    assert rows(result, "x", "y", "v") == [(1, "a", True), (2, "a", False)]


def test_keys_of_one_meaning_and_several_types() -> None:
    left = pd.DataFrame({"k": pd.Categorical(["a", "b"]), "d": pd.to_datetime(["2024-01-01"] * 2)})
    right = pd.DataFrame(
        {"k": pd.Series(["b"], dtype="str"), "d": pd.to_datetime(["2024-01-01"]).as_unit("ns")}
    )
    result = join(left, right, left_keys=("k", "d"), right_keys=("k", "d"))
    assert rows(result, "k") == [("b",)]


def test_keys_of_numbers_as_categories() -> None:
    left = pd.DataFrame({"key": pd.Categorical([1, None, 2])})
    result = join(left, pd.DataFrame({"id": [2, 3], "v": ["x", "y"]}), left_keys="key")
    assert rows(result, "v") == [("x",)]


def test_keys_that_can_not_be(refused: Any) -> None:
    with refused("keys-do-not-match", parameter="right_keys"):
        join(left_keys=("key", "n"))
    with refused("key-types-differ", "key", "text", "integers", parameter="right_keys"):
        join(right_keys="n")
    with refused("column-not-found", "town", parameter="right_keys", column="town"):
        join(right_keys="town")


def test_a_join_that_explodes_is_refused(refused: Any) -> None:
    same = pd.DataFrame({"key": np.zeros(20_000, dtype=int)})
    with refused("join-too-large", "400,000,000", parameter="left_keys"):
        join(same, same.rename(columns={"key": "id"}))


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=8),
    st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=8),
    st.sampled_from([("inner", "inner"), ("left outer", "left"), ("full outer", "outer")]),
)
@pytest.mark.proves("join_data", by="SQLite")
def test_any_join_has_the_rows_of_sql(
    left: list[int | None], right: list[int | None], kind: tuple[Any, str]
) -> None:
    one = pd.DataFrame({"key": pd.Series(left, dtype="float64"), "a": range(len(left))})
    two = pd.DataFrame({"id": pd.Series(right, dtype="float64"), "b": range(len(right))})
    result = join(one, two, join_type=kind[0])
    # pandas matches missing keys, SQL does not: give each a value of its own.
    merged = one.assign(key=one["key"].fillna(pd.Series(-1.0 - np.arange(len(one))))).merge(
        two.assign(id=two["id"].fillna(pd.Series(99.0 + np.arange(len(two))))),
        left_on="key",
        right_on="id",
        how=kind[1],  # type: ignore[arg-type]
    )
    expected = merged[["a", "b"]].astype("float64").fillna(-1)
    found = result.frame[["a", "b"]].astype("float64").fillna(-1)
    assert sorted(found.itertuples(index=False)) == sorted(expected.itertuples(index=False))


@pytest.mark.proves("add_columns", by="by hand")
def test_columns_side_by_side() -> None:
    left = DataTable(pd.DataFrame({"x": [1, 2], "X_1": [0, 0], "s": ["a", "b"]}), {"s": Role.LABEL})
    right = DataTable(pd.DataFrame({"x": [1.5, 2.5, 3.5], "t": [True] * 3}))
    result = add_columns(left, right)
    assert result.names == ["x_1", "X_1", "s", "x_2", "t"]
    assert rows(result, "x_1", "s", "x_2")[-1] == (None, None, 3.5)
    assert result.roles == {"s": Role.LABEL}


def test_names_made_for_both_sides_are_free() -> None:
    left = DataTable(pd.DataFrame({"x": [1], "x_1": [2], "x_2": [3]}))
    assert add_columns(left, DataTable(pd.DataFrame({"x": [4]}))).names == [
        "x_1 (2)",
        "x_1",
        "x_2",
        "x_2 (2)",
    ]


@pytest.mark.proves("add_rows", by="by hand")
def test_rows_below_each_other() -> None:
    one = pd.DataFrame(
        {
            "n": [1],
            "c": pd.Categorical(["a"]),
            "e": [np.nan],
            "b": pd.array([True], dtype="boolean"),
        }
    )
    two = pd.DataFrame({"c": pd.Categorical(["b"]), "n": [2.5], "b": [False], "e": ["text"]})
    result = add_rows(DataTable(one, {"c": Role.LABEL}), DataTable(two))
    assert result.names == ["n", "c", "e", "b"]
    assert rows(result, "n", "c", "e", "b") == [(1, "a", None, True), (2.5, "b", "text", False)]
    assert [column.kind for column in result.columns] == [
        "number",
        "categorical",
        "string",
        "boolean",
    ]
    assert result.roles == {"c": Role.LABEL}


def test_rows_that_do_not_go_together(refused: Any) -> None:
    one = DataTable(pd.DataFrame({"n": [1], "s": ["a"]}))
    with refused("columns-differ", "s", column="s"):
        add_rows(one, DataTable(pd.DataFrame({"n": [1]})))
    with refused("columns-differ", "t", column="t"):
        add_rows(one, DataTable(pd.DataFrame({"n": [1], "s": ["a"], "t": [1]})))
    with refused("column-types-differ", "n", "integers", "text", column="n"):
        add_rows(one, DataTable(pd.DataFrame({"n": ["1"], "s": ["a"]})))


@pytest.mark.proves("remove_duplicate_rows", by="by hand")
def test_duplicates() -> None:
    frame = pd.DataFrame({"k": ["a", "b", "a", None, None], "n": [1, 2, 3, 4, 4]})
    table = DataTable(frame)
    key = ColumnSelector.names("k")
    first = remove_duplicate_rows(table, key_columns=key)
    assert first.frame["n"].tolist() == [1, 2, 4, 4]
    last = remove_duplicate_rows(table, key_columns=key, retain_first=False)
    assert last.frame["n"].tolist() == [2, 3, 4, 4]
    whole = remove_duplicate_rows(DataTable(pd.DataFrame({"a": [1, 1, 2], "b": [0, 0, 0]})))
    assert whole.frame["a"].tolist() == [1, 2]


@pytest.mark.proves("summarize_data", by="NumPy, SciPy")
def test_summary() -> None:
    x = np.random.default_rng(1).normal(5, 2, 101).round(1)
    frame = pd.DataFrame({"x": [*x, np.nan], "s": ["a", "b"] * 51})
    result = summarize_data(DataTable(frame)).frame.set_index("Feature")
    numbers = result.loc["x"]
    expected = {
        "Count": 102,
        "Unique Value Count": len(set(x)),
        "Missing Value Count": 1,
        "Min": x.min(),
        "Max": x.max(),
        "Mean": x.mean(),
        "Mean Deviation": np.abs(x - x.mean()).mean(),
        "1st Quartile": np.percentile(x, 25),
        "Median": np.median(x),
        "3rd Quartile": np.percentile(x, 75),
        "Mode": stats.mode(x).mode,
        "Range": x.max() - x.min(),
        "Sample Variance": x.var(ddof=1),
        "Sample Standard Deviation": x.std(ddof=1),
        "Sample Skewness": stats.skew(x, bias=False),
        "Sample Kurtosis": stats.kurtosis(x, bias=False),
        "P0.5": np.percentile(x, 0.5),
        "P1": np.percentile(x, 1),
        "P5": np.percentile(x, 5),
        "P95": np.percentile(x, 95),
        "P99.5": np.percentile(x, 99.5),
    }
    assert list(result.columns) == list(expected)
    for name, value in expected.items():
        assert numbers[name] == pytest.approx(value), name
    texts = result.loc["s"]
    assert texts[["Count", "Unique Value Count", "Missing Value Count"]].tolist() == [102, 2, 0]
    assert texts.drop(["Count", "Unique Value Count", "Missing Value Count"]).isna().all()


def test_summary_of_too_few_values() -> None:
    frame = pd.DataFrame({"x": [3.0, np.nan], "e": [np.nan, np.nan]})
    result = summarize_data(DataTable(frame)).frame.set_index("Feature")
    assert result.loc["x", "Mean"] == 3
    assert np.isnan(result.loc["x", "Sample Variance"])
    assert np.isnan(result.loc["e", "Mean"])
