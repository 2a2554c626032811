"""Clean Missing Data where columns hold categories of dates, or nothing at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable
from modules.data_transformation.clean_missing_data import clean_missing_data
from modules.values import Transformation
from modules.values.storage import load, save

FIRST, LATER = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-02")


def table(**columns: Any) -> DataTable:
    return DataTable(pd.DataFrame(columns))


class TestCategoriesThatAreDates:
    @pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ({"cleaning_mode": "replace with mode"}, FIRST),
            ({"replacement_value": "2024-02-02"}, LATER),
            ({"replacement_value": "2024-01-01"}, FIRST),
        ],
    )
    def test_are_filled_with_a_date_and_stored(
        self, parameters: Any, expected: pd.Timestamp, zone: Any, tmp_path: Path
    ) -> None:
        days = pd.to_datetime(pd.Series(["2024-01-01", None, "2024-01-01", "2024-03-01"]))
        data = table(when=days.dt.tz_localize(zone).astype("category"))
        result, cleaning = clean_missing_data(data, **parameters)
        filled = result.frame["when"]
        assert filled[1] == expected.tz_localize(zone)
        assert filled.drop(1).tolist() == data.frame["when"].drop(1).tolist()
        assert result.columns[0].kind == "categorical"
        save(result, tmp_path / "table")
        save(cleaning, tmp_path / "cleaning")
        again = load(tmp_path / "cleaning")
        assert isinstance(again, Transformation)
        pd.testing.assert_series_equal(again.apply(data).frame["when"], filled)

    def test_take_no_other_text(self, refused: Any) -> None:
        data = table(when=pd.Series(pd.to_datetime(["2024-01-01", None])).astype("category"))
        with refused("column-type", "soon", parameter="replacement_value", column="when"):
            clean_missing_data(data, replacement_value="soon")


def test_new_data_with_categories_of_another_type_is_refused(refused: Any) -> None:
    _, cleaning = clean_missing_data(
        table(c=pd.Categorical(["a", None])), replacement_value="other"
    )
    with refused("column-type-changed", "“other”", column="c"):
        cleaning.apply(table(c=pd.Categorical([1, None])))


class TestColumnsWithoutAnyValue:
    @pytest.mark.parametrize(
        ("text", "expected", "kind"), [("x", "x", "string"), ("3", 3.0, "number")]
    )
    def test_get_the_custom_value_where_they_are_kept(
        self, text: str, expected: Any, kind: str
    ) -> None:
        data = table(empty=[np.nan, np.nan])
        result, cleaning = clean_missing_data(data, replacement_value=text, all_missing="propagate")
        assert result.frame["empty"].tolist() == [expected, expected]
        assert result.columns[0].kind == kind
        row = cleaning.compile()
        assert row is not None
        assert row({"empty": None}) == {"empty": expected}

    def test_of_dates_take_a_date_only(self, refused: Any) -> None:
        data = table(when=pd.to_datetime([None, None]))
        with refused("column-type", "“x”", parameter="replacement_value", column="when"):
            clean_missing_data(data, replacement_value="x", all_missing="propagate")

    def test_of_new_data_get_true_or_false_where_the_data_before_held_such(self) -> None:
        data = table(yes=pd.array([True, None, True], dtype="boolean"))
        _, cleaning = clean_missing_data(data, cleaning_mode="replace with mode")
        filled = cleaning.apply(table(yes=[np.nan, np.nan]))
        assert filled.columns[0].kind == "boolean"
        assert filled.frame["yes"].tolist() == [True, True]
        row = cleaning.compile()
        assert row is not None
        assert row({"yes": None}) == {"yes": True}
