"""Convert to CSV, Convert to Dataset, and Select Columns Transform."""

from __future__ import annotations

import csv
import gc

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, Role
from modules.contract.context import ModuleWarning
from modules.data_input_output.dataset import dataset as read_dataset
from modules.data_transformation.convert_to_csv import convert_to_csv
from modules.data_transformation.convert_to_dataset import convert_to_dataset
from modules.data_transformation.select_columns_transform import select_columns_transform


def mixed() -> DataTable:
    frame = pd.DataFrame(
        {
            "count": [1, -999, 3],
            "price": [0.1, -999.0, None],
            "city": ["?", 'say "hi", now', None],
            "size": pd.Categorical(["?", "large", "?"]),
            "member": pd.array([True, None, False], dtype="boolean"),
            "day": pd.to_datetime(["2024-01-02 00:00:00", None, "2024-01-03 04:05:06"]),
        }
    )
    return DataTable(frame, {"member": Role.LABEL})


@pytest.mark.proves("convert_to_csv", by="Python's csv")
def test_csv_is_read_back_as_it_was() -> None:
    files = convert_to_csv(mixed())
    path = files.folder / "data.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == mixed().names
    assert rows[2][2] == 'say "hi", now'
    back = read_dataset(path=str(path)).frame
    assert back["count"].tolist() == [1, -999, 3]
    assert back["price"].tolist()[:2] == [0.1, -999.0]
    assert back["city"].isna().tolist() == [False, False, True]
    assert back["day"].tolist()[2] == pd.Timestamp("2024-01-03 04:05:06")


def test_the_temporary_file_goes_with_the_value() -> None:
    files = convert_to_csv(mixed())
    folder = files.folder
    del files
    gc.collect()
    assert not folder.exists()


def test_a_value_is_set_to_missing_in_every_column_that_can_have_it() -> None:
    marked = convert_to_dataset(mixed(), action="SetMissingValues").frame
    assert marked["city"].isna().tolist() == [True, False, True]
    assert marked["size"].isna().tolist() == [True, False, True]
    numbers = convert_to_dataset(
        mixed(), action="SetMissingValues", custom_missing_value="-999"
    ).frame
    assert numbers["count"].isna().tolist() == [False, True, False]
    assert numbers["price"].isna().tolist() == [False, True, True]
    assert numbers["city"].isna().tolist() == [False, False, True]
    false = convert_to_dataset(mixed(), action="SetMissingValues", custom_missing_value="False")
    assert false.frame["member"].isna().tolist() == [False, True, True]
    assert false.roles == {"member": "label"}
    date = convert_to_dataset(mixed(), action="SetMissingValues", custom_missing_value="2024-01-02")
    assert date.frame["day"].isna().tolist() == [True, True, False]


@pytest.mark.proves("convert_to_dataset", by="by hand")
def test_missing_values_and_others_are_replaced() -> None:
    with pytest.warns(ModuleWarning, match=r"“member” contains booleans.*“0”|“day”") as told:
        filled = convert_to_dataset(mixed(), action="ReplaceValues").frame
    ours = [str(each.message) for each in told if each.category is ModuleWarning]
    assert sorted(text.split("”")[0] for text in ours) == ["Column “day", "Column “member"]
    assert filled["price"].tolist() == [0.1, -999.0, 0.0]
    assert filled["city"].tolist()[2] == "0"
    replaced = convert_to_dataset(
        mixed(), action="ReplaceValues", replace="Custom", custom_value="?", new_value="unknown"
    ).frame
    assert replaced["size"].tolist() == ["unknown", "large", "unknown"]
    assert replaced["city"].tolist()[0] == "unknown"
    assert replaced["count"].tolist() == [1, -999, 3]


def test_nothing_to_do_is_the_same_table() -> None:
    assert convert_to_dataset(table := mixed()) is table


@pytest.mark.proves("select_columns_transform", by="by hand")
def test_the_same_columns_are_selected_of_new_data(refused) -> None:
    selection = select_columns_transform(mixed().select(["price", "member"]))
    new = DataTable(pd.DataFrame({"other": [1], "price": [2.0]}))
    assert selection.apply(new).names == ["price"]
    assert selection.apply(mixed()).names == ["price", "member"]
    row = selection.compile()
    assert row is not None
    assert row({"other": 1, "price": 2.0}) == {"price": 2.0}
    with refused("column-not-found", "“price”", column="price"):
        selection.apply(DataTable(pd.DataFrame({"other": [1]})))


def test_numbers_are_compared_as_numbers() -> None:
    table = DataTable(pd.DataFrame({"a": [1, 2], "b": [np.inf, 1.0]}))
    made = convert_to_dataset(table, action="SetMissingValues", custom_missing_value="1.0").frame
    assert made["a"].isna().tolist() == [True, False]
    assert made["b"].isna().tolist() == [False, True]
