"""Columns that a script or a database gives: mixed categories, bytes, numbers with many digits."""

from __future__ import annotations

import decimal
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.learning.features import FeatureEncoder
from modules.learning.labels import target_of
from modules.values.storage import load, save


def table(values: Any) -> DataTable:
    return DataTable(pd.DataFrame({"x": values}))


class TestCategories:
    def test_of_mixed_types_are_text_with_a_warning_and_stored(self, tmp_path: Path) -> None:
        with pytest.warns(ModuleWarning, match="“x” has mixed types"):
            given = table(pd.Categorical([1, None, "n/a", 2, "1"]))
        save(given, tmp_path / "table")
        stored = load(tmp_path / "table")
        assert isinstance(stored, DataTable)
        for frame in (given.frame, stored.frame):
            assert frame["x"].tolist()[2:] == ["n/a", "2", "1"]
            assert frame["x"][0] == "1"
            assert frame["x"].isna().tolist() == [False, True, False, False, False]
            assert sorted(frame["x"].cat.categories) == ["1", "2", "n/a"]

    def test_of_intervals_are_text_in_their_order_and_stored(self, tmp_path: Path) -> None:
        given = table(pd.cut([1, 9, 5], [0, 4, 6, 10]))
        save(given, tmp_path / "table")
        assert given.frame["x"].tolist() == ["(0, 4]", "(6, 10]", "(4, 6]"]
        assert given.frame["x"].max() == "(6, 10]"

    @pytest.mark.parametrize("values", [["a", "b"], [1, 2], [True, False], [1.5, 2.0]])
    def test_of_one_type_stay_as_they_are(self, values: list[Any]) -> None:
        column = pd.Series(pd.Categorical([*values, None]))
        pd.testing.assert_series_equal(table(column).frame["x"], column, check_names=False)

    def test_of_numbers_are_known_beside_an_unseen_text(self) -> None:
        encoder = FeatureEncoder("one-hot").fit(table(pd.Categorical([1, 2])).frame)
        with pytest.warns(ModuleWarning, match="has mixed types"):
            mixed = table(pd.Categorical([2, "other", 1])).frame
        assert encoder.transform(mixed).tolist() == [[0, 1], [0, 0], [1, 0]]


class TestLostValues:
    def test_bytes_that_are_no_text_are_told(self) -> None:
        with pytest.warns(ModuleWarning, match="“x” contains bytes that aren't UTF-8"):
            assert table(pd.Series([b"\xff\x00", b"a", None], dtype=object)).frame["x"][1] == "a"

    @pytest.mark.parametrize(
        "values",
        [
            [decimal.Decimal("12345678901234567890.12"), None],
            [decimal.Decimal("0.1234567890123456789"), decimal.Decimal(1)],
            [2**80 + 1, 1],
            [2**53 + 1, None],
            pd.array([2**53 + 1, None], dtype="Int64"),
        ],
    )
    def test_digits_beyond_those_of_a_number_are_told(self, values: Any) -> None:
        column = values if not isinstance(values, list) else pd.Series(values, dtype=object)
        with pytest.warns(ModuleWarning, match="“x” contains numbers with more digits"):
            assert table(column).columns[0].kind == "number"

    @pytest.mark.parametrize(
        "values",
        [
            [b"caf\xc3\xa9", None],
            [decimal.Decimal("0.1"), decimal.Decimal("12.50"), None],
            [2**53, None],
            [2**80, 1.5, None],
        ],
    )
    def test_what_loses_nothing_is_not_told(self, values: list[Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ModuleWarning)
            table(pd.Series(values, dtype=object))


class TestWords:
    @pytest.mark.parametrize(
        ("values", "words"),
        [(["a", "b"], "contains text,"), (pd.to_datetime(["2024-01-01"] * 2), "dates and times,")],
    )
    def test_of_a_label_that_a_regression_can_not_predict(self, values: Any, words: str) -> None:
        with pytest.raises(ModuleError, match=words):
            target_of(table(values).frame["x"], "regression")

    @pytest.mark.parametrize(
        ("trained", "words"),
        [
            ([True, False], "contained booleans in training; here it contains “no idea”"),
            ([1.5, np.nan], "contained numbers in training"),
            (pd.to_datetime(["2024-01-01"] * 2), "contained dates and times in training"),
        ],
    )
    def test_of_a_feature_that_is_text_now(self, trained: Any, words: str) -> None:
        encoder = FeatureEncoder("one-hot").fit(table(trained).frame)
        with pytest.raises(ModuleError, match=words):
            encoder.transform(table(["no idea", "x"]).frame)
