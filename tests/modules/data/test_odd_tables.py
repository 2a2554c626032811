"""Odd values through the modules of this folder, against pandas, NumPy and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_transformation.add_rows import add_rows
from modules.data_transformation.apply_sql_transformation import apply_sql_transformation
from modules.data_transformation.edit_metadata import edit_metadata
from modules.data_transformation.normalize_data import normalize_data
from modules.data_transformation.partition_and_sample import partition_and_sample
from modules.data_transformation.split_data import split_data

LONG = 2**53 + 1


def table(**columns: Any) -> DataTable:
    return DataTable(pd.DataFrame(columns))


class TestAddRows:
    def test_times_of_different_zones_stay_the_same_moments(self) -> None:
        first = pd.Series(pd.to_datetime(["2024-01-01T01:00+01:00"]))
        second = pd.Series(pd.to_datetime(["2024-01-01T00:00Z", None]))
        result = add_rows(table(t=first), table(t=second)).frame["t"]
        assert result.dtype == first.dtype
        assert result.dt.tz_convert("UTC").tolist()[:2] == [second[0], second[0]]
        assert result.isna().tolist() == [False, False, True]

    @pytest.mark.parametrize("values", [[LONG, 1], [True, False], ["a", "b"], [1.5, 2.5]])
    def test_a_table_without_rows_changes_no_value_and_no_type(self, values: list[Any]) -> None:
        empty = table(x=pd.Series([], dtype="str"))
        full = table(x=values)
        for result in (add_rows(empty, full), add_rows(full, empty)):
            pd.testing.assert_frame_equal(result.frame, full.frame)


class TestComparisonsOfCategories:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [('"x" == 2', [2.0]), ('"x" > 1 & <= 10', [2.0, 10.0]), ('"x" != 2', [1.0, 10.0])],
    )
    def test_numbers_that_are_categories_compare_as_numbers(
        self, expression: str, expected: list[float]
    ) -> None:
        data = table(x=pd.Categorical([1.0, 2.0, None, 10.0]))
        first, second = split_data(
            data, mode="relative expression", relational_expression=expression
        )
        assert first.frame["x"].tolist() == expected
        assert len(first) + len(second) == 4
        assert first.columns[0].kind == "categorical"

    def test_texts_that_are_categories_have_no_order(self, refused: Any) -> None:
        data = table(x=pd.Categorical(["a", "b"]))
        with refused("text-not-ordered", "“x” contains text"):
            split_data(data, mode="relative expression", relational_expression='"x" > a')


def test_a_query_that_finds_nothing_keeps_the_types() -> None:
    data = table(
        i=[LONG], x=[0.5], b=[True], s=["a"], c=pd.Categorical(["a"]),
        d=pd.to_datetime(["2024-01-01"]),
    )  # fmt: skip
    found = apply_sql_transformation(data, query="select * from t1 where i < 0")
    kinds = [column.kind for column in found.columns]
    assert kinds == ["integer", "number", "boolean", "string", "string", "datetime"]
    assert add_rows(found, data.with_frame(data.frame.astype({"c": "str"}))).frame["i"][0] == LONG


class TestSamples:
    @pytest.mark.parametrize("stratified", [False, True])
    def test_a_rate_of_less_than_a_row_is_told(self, stratified: bool) -> None:
        data = table(x=range(10), k=["a", "b"] * 5)
        with pytest.warns(ModuleWarning, match=r"0\.01 of 10 rows is less than one row"):
            sample = partition_and_sample(
                data, stratified=stratified, stratification_column=ColumnSelector.names("k")
            )
        assert len(sample) == 0

    @pytest.mark.parametrize("rows", [0, 51, 100])
    def test_a_sample_of_a_row_or_of_nothing_is_nothing_to_tell(self, rows: int) -> None:
        data = table(x=pd.Series(range(rows), dtype="int64"))
        expected = data.frame.sample(frac=0.01, random_state=0)
        assert partition_and_sample(data).frame["x"].tolist() == expected["x"].tolist()


class TestFolds:
    def test_a_fold_without_rows_is_told_from_those_that_have_some(self, refused: Any) -> None:
        folds = partition_and_sample(
            table(x=range(10)),
            mode="assign to folds",
            partitioner="partition with customized proportions",
            proportions="0.5, 0.01, 0.49",
        )
        with refused("fold-not-found", "Fold 2 doesn't have any rows.", parameter="fold") as caught:
            partition_and_sample(folds, mode="pick fold", fold=2)
        assert caught.value.hint == "Choose one of the folds 1, 3."
        assert len(partition_and_sample(folds, mode="pick fold", fold=3)) == 5

    def test_beyond_the_last_fold_the_range_is_told(self, refused: Any) -> None:
        folds = partition_and_sample(table(x=range(10)), mode="assign to folds")
        with refused("fold-not-found", "Fold 6 doesn't have any rows.") as caught:
            partition_and_sample(folds, mode="pick fold", fold=6)
        assert caught.value.hint == "Choose a fold from 1 to 5."


class TestEditedColumns:
    @pytest.mark.parametrize(
        "values", [[2**64 - 1, 1], [2**63, 0], [2**63 - 1, -(2**63)], [LONG, 7]]
    )
    def test_whole_numbers_written_as_text_keep_every_digit(self, values: list[int]) -> None:
        data = table(x=[str(value) for value in values])
        changed = edit_metadata(data, columns=ColumnSelector.names("x"), data_type="integer")
        assert changed.frame["x"].tolist() == values

    def test_names_may_stand_on_lines_of_their_own(self, refused: Any) -> None:
        data = table(a=[1], b=[2], c=[3])
        both = ColumnSelector.names("a", "b", "c")
        named = edit_metadata(data, columns=both, new_column_names='x, "y, z"\nw\n')
        assert named.names == ["x", "y, z", "w"]
        with refused("names-do-not-match", "2 new names are entered for 3 columns"):
            edit_metadata(data, columns=both, new_column_names="x\r\ny")


class TestScales:
    @pytest.mark.parametrize(
        "values",
        [[0.1 + 0.2, 0.3, 0.3], [1e9 + 1e-7, 1e9, 1e9], [0.7, 0.1 * 7, 0.7, 0.7]],
    )
    def test_what_differs_by_rounding_alone_is_constant(self, values: list[float]) -> None:
        assert len(set(values)) == 2
        scaled, _ = normalize_data(table(x=values))
        assert scaled.frame["x"].tolist() == [0.0] * len(values)
        expected = StandardScaler().fit_transform(np.array(values)[:, None])[:, 0]
        assert expected == pytest.approx(0, abs=1e-6)
        kept, _ = normalize_data(table(x=values), zero_for_constant=False)
        assert kept.frame["x"].isna().all()

    @pytest.mark.parametrize(
        "values",
        [[1e9 + 1e-3, 1e9, 1e9 - 1e-3], [1e-100, 2e-100, 4e-100], [-1.0, 1.0], [1e15, 1e15 + 9]],
    )
    def test_what_differs_by_more_is_not(self, values: list[float]) -> None:
        scaled, _ = normalize_data(table(x=values))
        array = np.array(values)
        expected = (array - array.mean()) / array.std()
        assert scaled.frame["x"].tolist() == pytest.approx(expected.tolist(), rel=1e-12)
        assert scaled.frame["x"].abs().max() > 0.9
