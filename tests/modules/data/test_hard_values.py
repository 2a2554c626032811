"""Values that break programs: infinite, huge, long, foreign, of several types."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.data_transformation.add_rows import add_rows
from modules.data_transformation.apply_sql_transformation import apply_sql_transformation
from modules.data_transformation.clean_missing_data import clean_missing_data
from modules.data_transformation.clip_values import clip_values
from modules.data_transformation.convert_to_indicator_values import convert_to_indicator_values
from modules.data_transformation.edit_metadata import edit_metadata
from modules.data_transformation.group_data_into_bins import group_data_into_bins
from modules.data_transformation.join_data import join_data
from modules.data_transformation.normalize_data import normalize_data

LONG = 2**53


def table(**columns: Any) -> DataTable:
    return DataTable(pd.DataFrame(columns))


def names(*chosen: str) -> ColumnSelector:
    return ColumnSelector.names(*chosen)


def join(left: DataTable, right: DataTable, **parameters: Any) -> DataTable:
    return join_data(left, right, left_keys=names("k"), right_keys=names("k"), **parameters)


def values(result: DataTable, name: str) -> list[Any]:
    column = result.frame[name].astype(object)
    return column.where(column.notna(), None).tolist()


class TestKeysOfNumbers:
    """Keys match by value; none is rounded on the way."""

    def test_whole_numbers_and_floats(self) -> None:
        left = table(k=[LONG + 1, 5, LONG])
        right = table(k=[float(LONG), 5.0, 5.5, math.nan, math.inf], v=list("abcde"))
        assert values(join(left, right), "v") == ["b", "a"]
        assert values(join(right, left), "v") == ["a", "b"]
        assert values(join(left, right, join_type="left semi"), "k") == [5, LONG]

    @pytest.mark.parametrize("other", ["uint64", "int64", "float64"])
    def test_unsigned_numbers(self, other: str) -> None:
        big = 2**62
        left = DataTable(pd.DataFrame({"k": np.array([2**64 - 1, big + 1, 7], dtype="uint64")}))
        right = DataTable(pd.DataFrame({"k": np.array([big, 7], dtype=other), "v": ["a", "b"]}))
        assert values(join(left, right), "v") == ["b"]
        assert values(join(right, left), "v") == ["b"]

    def test_true_is_1(self) -> None:
        yes = DataTable(pd.DataFrame({"k": pd.array([True, None, False], dtype="boolean")}))
        assert values(join(yes, table(k=[1, 2, 0], v=["a", "b", "c"])), "v") == ["a", "c"]

    def test_a_key_of_both_tables_keeps_its_digits_and_type(self) -> None:
        left, right = table(k=[LONG + 1, 2]), table(k=[LONG + 3, 2], v=["a", "b"])
        both = join(left, right, join_type="full outer", keep_right_keys=False)
        assert both.frame["k"].tolist() == [LONG + 1, 2, LONG + 3]
        assert both.frame["k"].dtype == "int64"
        days = pd.to_datetime(["2024-01-01", "2024-01-02"])
        both = join(table(k=days), table(k=days[1:]), join_type="full outer", keep_right_keys=False)
        assert both.columns[0].kind == "datetime"

    def test_digits_that_are_lost_are_said(self) -> None:
        with pytest.warns(ModuleWarning, match="“v” contains integers beyond"):
            join(table(k=[1, 2]), table(k=[1], v=[LONG + 1]), join_type="left outer")

    def test_numbers_and_texts_never_match(self, refused: Any) -> None:
        with refused("key-types-differ", "left", "integers", "text", column="k"):
            join(table(k=[1]), table(k=["1"]))

    @given(
        st.lists(st.integers(LONG - 2, LONG + 2), max_size=6),
        st.lists(st.integers(LONG - 2, LONG + 2), max_size=6),
        st.sampled_from(["int64", "uint64", "float64"]),
    )
    def test_any_long_keys(self, left: list[int], right: list[int], dtype: str) -> None:
        other = np.array(right, dtype=dtype)
        result = join(
            table(k=np.array(left, dtype="int64"), a=range(len(left))),
            table(k=other, b=range(len(right))),
        )
        expected = [
            (a, b)
            for a, one in enumerate(left)
            for b, two in enumerate(other.tolist())
            if one == int(two)
        ]
        assert list(zip(values(result, "a"), values(result, "b"), strict=True)) == expected


class TestRowsBelowEachOther:
    def test_zones_and_categories_of_other_kinds(self, refused: Any) -> None:
        plain, zoned = pd.to_datetime(["2024-01-01"]), pd.to_datetime(["2024-01-01"], utc=True)
        with refused("column-types-differ", "“a”", "without a zone", column="a"):
            add_rows(table(a=plain), table(a=zoned))
        with refused("column-types-differ", "categories of integers", "of text", column="a"):
            add_rows(table(a=pd.Categorical([1])), table(a=pd.Categorical(["x"])))
        numbers = add_rows(table(a=pd.Categorical([1])), table(a=pd.Categorical([2.5])))
        assert values(numbers, "a") == [1, 2.5]

    def test_digits_that_are_lost_are_said(self) -> None:
        with pytest.warns(ModuleWarning, match="were rounded"):
            add_rows(table(a=[LONG + 1]), table(a=[0.5]))
        assert values(add_rows(table(a=[1]), table(a=[0.5])), "a") == [1, 0.5]

    @pytest.mark.parametrize(
        ("first", "second", "hint"), [("Price", "price", "rename it"), ("a", "zz", "Select")]
    )
    def test_names_that_differ(self, first: str, second: str, hint: str) -> None:
        from modules.contract import ModuleError

        lacks = f"“{first}” that is missing in the second one"
        with pytest.raises(ModuleError, match=lacks) as caught:
            add_rows(table(**{first: [1]}), table(**{second: [1]}))
        assert hint in caught.value.hint


class TestInfiniteValues:
    COLUMN = (1.0, math.inf, 3.0, 5.0, -math.inf)

    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ({"upper_constant": 50, "upper_substitute": "mean"}, 3.0),
            ({"upper_constant": 50, "upper_substitute": "median"}, 3.0),
            ({"upper_threshold": "percentile", "upper_percentile": 100}, 5.0),
            ({"upper_constant": 50}, 50.0),
        ],
    )
    def test_they_are_clipped_by_the_others(
        self, parameters: dict[str, Any], expected: float
    ) -> None:
        result, _ = clip_values(table(x=self.COLUMN), **parameters)
        assert values(result, "x") == [1, expected, 3, 5, -math.inf]

    def test_a_clipped_column_can_be_scaled_and_binned(self, refused: Any) -> None:
        raw = table(x=self.COLUMN)
        clipped, _ = clip_values(
            raw, mode="clip peaks and subpeaks", upper_constant=9, lower_constant=0
        )
        for module in (normalize_data, group_data_into_bins):
            assert module(clipped)[0].frame.notna().all(axis=None)
            with refused(
                "infinite-value" if module is normalize_data else "no-bins", "“x”", column="x"
            ):
                module(raw)

    def test_custom_edges_hold_them(self) -> None:
        result, _ = group_data_into_bins(
            table(x=self.COLUMN), mode="custom edges", edges="0, 4", categorical=False
        )
        assert values(result, "x_quantized") == [2, 3, 2, 3, 1]

    @pytest.mark.parametrize("edges", ["nan", "0, inf", "-inf, 3"])
    def test_edges_are_finite(self, edges: str, refused: Any) -> None:
        with refused("bad-edges", edges, parameter="edges"):
            group_data_into_bins(table(x=[1]), mode="custom edges", edges=edges)

    @pytest.mark.parametrize("text", ["inf", "nan", "1e999", ""])
    def test_nothing_is_replaced_by_them(self, text: str, refused: Any) -> None:
        with refused("column-type", "“x”", "numbers", parameter="replacement_value", column="x"):
            clean_missing_data(table(x=[1.0, None]), replacement_value=text)


def test_equal_width_over_the_whole_range_of_numbers() -> None:
    result, binning = group_data_into_bins(
        table(x=[-1.7e308, -1.0, 1.0, 1.7e308]),
        mode="equal width",
        number_of_bins=4,
        categorical=False,
    )
    assert values(result, "x_quantized") == [1, 2, 3, 4]
    assert np.isfinite(binning.describe()["From"][1:]).all()


@pytest.mark.parametrize(
    ("dtype", "cells", "limit", "expected"),
    [
        ("uint64", [2**63 + 5, 1, 7], 3, [2**63 + 5, 3, 7]),
        ("int8", [-100, 5, 100], 3, [3, 5, 100]),
        ("int8", [-100, 5, 100], 3.5, [3.5, 5, 100]),
        ("int64", [LONG + 1, 0], 1, [LONG + 1, 1]),
    ],
)
def test_clipping_keeps_the_digits_of_the_others(
    dtype: str, cells: list[int], limit: float, expected: list[float]
) -> None:
    column = np.array(cells, dtype=dtype)
    result, _ = clip_values(table(x=column), mode="clip subpeaks", lower_constant=limit)
    assert values(result, "x") == expected


@pytest.mark.parametrize("module", [clip_values, normalize_data, group_data_into_bins])
def test_a_table_without_numbers(module: Any, refused: Any) -> None:
    with refused("no-columns-selected", parameter="columns"):
        module(table(s=["a"]))


class TestLongTexts:
    """A sentence shows the start of a long value, not all of it."""

    def test_values_are_cut(self, refused: Any) -> None:
        long = "x" * 1_000
        with refused("not-convertible", "xx …", column="a") as caught:
            edit_metadata(table(a=[long]), columns=names("a"), data_type="integer")
        del caught
        with refused("column-type", "yy …", column="n"):
            clean_missing_data(table(n=[1.0, None]), replacement_value="y" * 1_000)

    def test_they_are_cleaned_and_encoded(self) -> None:
        cells = ["x" * 1_000, None, "x" * 1_000, "y" * 1_000]
        cleaned, _ = clean_missing_data(
            table(s=pd.Series(cells, dtype="str")), cleaning_mode="replace with mode"
        )
        assert values(cleaned, "s")[1] == "x" * 1_000
        encoded, _ = convert_to_indicator_values(cleaned, overwrite=True)
        assert encoded.frame.to_numpy().tolist() == [[1, 0], [1, 0], [1, 0], [0, 1]]


class TestDates:
    def test_numbers_written_as_dates_may_be_missing(self) -> None:
        result = edit_metadata(
            table(d=[20240131, math.nan]),
            columns=names("d"),
            data_type="datetime",
            datetime_format="%Y%m%d",
        )
        assert values(result, "d") == [pd.Timestamp(2024, 1, 31), None]

    @pytest.mark.parametrize("form", ["%Q", "%"])
    def test_a_form_that_is_none(self, form: str, refused: Any) -> None:
        with refused("bad-format", form, parameter="datetime_format"):
            edit_metadata(
                table(d=["1"]), columns=names("d"), data_type="datetime", datetime_format=form
            )


def test_long_keys_of_text_with_missing_ones() -> None:
    cells = pd.Series([str(LONG + 1), None], dtype="str")
    with pytest.warns(ModuleWarning, match="were rounded"):
        edit_metadata(table(k=cells), columns=names("k"), data_type="integer")


def test_indicators_of_the_label_are_warned_of() -> None:
    labelled = DataTable(pd.DataFrame({"s": ["a"], "y": ["b"]}), {"y": Role.LABEL})
    with pytest.warns(ModuleWarning, match="“y” is the label"):
        convert_to_indicator_values(labelled)


class TestSql:
    def query(self, text: str, **columns: Any) -> DataTable:
        return apply_sql_transformation(table(**columns), query=text)

    def test_reserved_words_and_foreign_letters_are_names(self) -> None:
        result = self.query(
            'select "order", [group], `select`, größe + 1 as "年", "a b" from t1 where "order" > 1',
            **{"order": [1, 2], "group": ["a", "b"], "select": [1.5, 2], "größe": [1, 2]},
            **{"a b": [True, False]},
        )
        assert result.frame.to_dict("list") == {
            "order": [2],
            "group": ["b"],
            "select": [2.0],
            "年": [3],
            "a b": [False],
        }

    def test_missing_values_are_null(self) -> None:
        result = self.query(
            "select a is null as missing, coalesce(a, -1) as a, count(b) over () as b from t1",
            a=[1.5, math.nan],
            b=pd.Series([None, "x"], dtype="str"),
        )
        assert result.frame.to_dict("list") == {
            "missing": [0, 1],
            "a": [1.5, -1.0],
            "b": [1, 1],
        }

    def test_booleans_and_dates_are_compared_as_the_help_says(self) -> None:
        result = self.query(
            "select yes, sum(n) as n, min(day) as day, strftime('%m', max(day)) as month "
            "from t1 where day >= '2024-02-01' group by yes order by yes",
            yes=[True, False, True],
            n=[1, 2, 3],
            day=pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
        )
        assert result.frame["yes"].tolist() == [False, True]
        assert result.frame["n"].tolist() == [2, 3]
        assert [column.kind for column in result.columns] == [
            "boolean", "integer", "datetime", "string"
        ]  # fmt: skip

    def test_division_as_the_help_says(self) -> None:
        result = self.query("select 3 / 2 as a, 3 / 2.0 as b, n / 0 as c from t1", n=[1])
        assert values(result, "a") + values(result, "b") + values(result, "c") == [1, 1.5, None]

    def test_infinite_values_pass(self) -> None:
        assert values(self.query("select x from t1", x=[math.inf, -math.inf]), "x") == [
            math.inf,
            -math.inf,
        ]

    def test_a_misspelt_name_in_quotes_is_no_silent_text(self) -> None:
        with pytest.warns(ModuleWarning, match="“colum n” doesn't exist.*“column n”"):
            self.query('select "colum n" from t1', **{"column n": [1]})
        quiet = self.query('select "column n" as "colum n" from t1', **{"column n": [1]})
        assert quiet.names == ["colum n"]

    def test_digits_that_are_lost_are_said(self) -> None:
        with pytest.warns(ModuleWarning, match="“k” contains integers beyond"):
            self.query("select k from t1 union all select null", k=[LONG + 1])

    def test_values_of_several_types_become_text(self) -> None:
        with pytest.warns(ModuleWarning, match="“a” has mixed types"):
            result = self.query("select 1 as a from t1 union all select 'x'", n=[1])
        assert sorted(values(result, "a")) == ["1", "x"]


def test_values_too_far_apart_to_be_scaled(refused: Any) -> None:
    for method in ("ZScore", "MinMax"):
        with refused("values-too-far-apart", "“x”", parameter="columns", column="x"):
            normalize_data(table(x=[-1.7e308, 0.0, 1.7e308]), method=method)
    scaled, _ = normalize_data(table(x=[-1.7e308, 0.0, 1.7e308]), method="Tanh")
    assert values(scaled, "x") == [-1, 0, 1]
