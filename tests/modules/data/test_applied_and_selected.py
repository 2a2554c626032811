"""Apply Transformation and Select Columns in Dataset against pandas and formulas by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.data_transformation.clean_missing_data import clean_missing_data
from modules.data_transformation.normalize_data import normalize_data
from modules.data_transformation.select_columns_in_dataset import select_columns_in_dataset
from modules.scoring_evaluation.apply_transformation import apply_transformation

TRAINING = pd.DataFrame({"size": [1.0, 2.0, 6.0, None], "town": ["Oslo", "Rome", None, "Rome"]})
NEW = pd.DataFrame(
    {"town": [None, "Lima"], "size": [None, 9.0], "extra": [1, 2]}, index=pd.Index([7, 3])
)


@pytest.mark.proves("apply_transformation", by="by hand")
def test_new_rows_are_scaled_by_the_training_rows() -> None:
    _, fitted = normalize_data(DataTable(TRAINING), columns=ColumnSelector.names("size"))
    found = apply_transformation(fitted, DataTable(NEW.reset_index(drop=True)))
    # The mean of 1, 2, and 6 is 3, and their variance (4 + 1 + 9) / 3.
    assert found.frame["size"].iloc[1] == pytest.approx((9 - 3) / np.sqrt(14 / 3))
    assert np.isnan(found.frame["size"].iloc[0])
    assert found.names == ["town", "size", "extra"]


def test_gaps_of_new_rows_get_the_value_of_the_training_rows() -> None:
    _, fitted = clean_missing_data(
        DataTable(TRAINING), columns=ColumnSelector.all(), cleaning_mode="replace with mode"
    )
    found = apply_transformation(fitted, DataTable(NEW.reset_index(drop=True))).frame
    expected = NEW.reset_index(drop=True).fillna({"town": "Rome", "size": 1.0})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    # The same rows give what training gave.
    cleaned, _ = clean_missing_data(
        DataTable(TRAINING), columns=ColumnSelector.all(), cleaning_mode="replace with mode"
    )
    again = apply_transformation(fitted, DataTable(TRAINING))
    pd.testing.assert_frame_equal(again.frame, cleaned.frame)


def test_a_column_that_new_rows_lack_is_named() -> None:
    _, fitted = normalize_data(DataTable(TRAINING), columns=ColumnSelector.names("size"))
    with pytest.raises(ModuleError) as caught:
        apply_transformation(fitted, DataTable(NEW[["town"]].reset_index(drop=True)))
    assert caught.value.column == "size"


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ([{"include": "names", "values": ["c", "a"]}], ["a", "c"]),
        ([{"include": "all"}, {"exclude": "names", "values": ["b"]}], ["a", "c", "day"]),
        ([{"include": "types", "values": ["integer", "string"]}], ["a", "c"]),
        ([{"include": "indices", "values": ["2-4"]}], ["b", "c", "day"]),
    ],
)
@pytest.mark.proves("select_columns_in_dataset", by="pandas")
def test_the_columns_are_those_of_pandas(rules: list[dict[str, object]], names: list[str]) -> None:
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "b": [0.5, None, 1.5],
            "c": pd.Series(["x", None, "z"], dtype="str"),
            "day": pd.date_range("2024", periods=3),
        }
    )
    table = DataTable(frame, {"a": Role.LABEL})
    found = select_columns_in_dataset(table, columns=ColumnSelector.from_json({"rules": rules}))
    pd.testing.assert_frame_equal(found.frame, frame[names])
    assert found.roles == ({"a": Role.LABEL} if "a" in names else {})
