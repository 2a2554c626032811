"""Edit Metadata: types, roles and names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role, Scoring
from modules.contract.context import ModuleWarning
from modules.data_transformation.edit_metadata import edit_metadata
from modules.data_transformation.select_columns_in_dataset import select_columns_in_dataset

FRAME = pd.DataFrame(
    {
        "text": pd.Series(["1", "2", None], dtype="str"),
        "yes": pd.Series(["yes", "No", "TRUE"], dtype="str"),
        "day": pd.Series(["31.01.2024", None, "01.02.2024"], dtype="str"),
        "number": [1.0, 2.0, np.nan],
        "whole": [0, 1, 1],
        "c": pd.Categorical(["1", "2", "1"]),
    }
)
TABLE = DataTable(FRAME, {"whole": Role.LABEL})


def edit(*names: str, table: DataTable = TABLE, **parameters: Any) -> DataTable:
    return edit_metadata(table, columns=ColumnSelector.names(*names), **parameters)


def kind(table: DataTable, name: str) -> str:
    return {column.name: column.kind for column in table.columns}[name]


@pytest.mark.parametrize(
    ("name", "data_type", "found", "values"),
    [
        ("text", "double", "number", [1.0, 2.0, None]),
        ("whole", "string", "string", ["0", "1", "1"]),
        ("whole", "double", "number", [0.0, 1.0, 1.0]),
        ("whole", "boolean", "boolean", [False, True, True]),
        ("yes", "boolean", "boolean", [True, False, True]),
        ("number", "string", "string", ["1", "2", None]),
        ("c", "integer", "categorical", [1, 2, 1]),
        ("whole", "integer", "integer", [0, 1, 1]),
        ("yes", "string", "string", ["yes", "No", "TRUE"]),
    ],
)
@pytest.mark.proves("edit_metadata", by="by hand")
def test_types(name: str, data_type: Any, found: str, values: list[Any]) -> None:
    result = edit(name, data_type=data_type)
    assert kind(result, name) == found
    column = result.frame[name].astype(object)
    assert column.where(column.notna(), None).tolist() == values


def test_text_that_is_no_float_becomes_an_exact_integer() -> None:
    big = 2**53 + 1
    table = DataTable(pd.DataFrame({"a": [str(big), "3"]}))
    result = edit("a", table=table, data_type="integer")
    assert result.frame["a"].tolist() == [big, 3]


def test_whole_numbers_with_missing_values_stay_numbers() -> None:
    with pytest.warns(ModuleWarning, match="missing"):
        result = edit("text", data_type="integer")
    assert kind(result, "text") == "number"


def test_dates() -> None:
    result = edit("day", data_type="datetime", datetime_format="%d.%m.%Y").frame["day"]
    assert result.dropna().tolist() == [pd.Timestamp(2024, 1, 31), pd.Timestamp(2024, 2, 1)]
    with pytest.warns(
        ModuleWarning, match="“whole” were read as seconds since 1970: 0 became 1970"
    ):
        seconds = edit("whole", data_type="datetime").frame["whole"]
    assert seconds.tolist() == [pd.Timestamp(0, unit="s"), *[pd.Timestamp(1, unit="s")] * 2]
    back = edit("whole", table=TABLE.with_frame(FRAME.assign(whole=seconds)), data_type="integer")
    assert back.frame["whole"].tolist() == [0, 1, 1]
    text = edit("whole", table=TABLE.with_frame(FRAME.assign(whole=seconds)), data_type="string")
    assert text.frame["whole"].tolist()[0] == "1970-01-01T00:00:00"


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("yes", {"data_type": "double"}, "yes"),
        ("yes", {"data_type": "integer"}, "yes"),
        ("day", {"data_type": "boolean"}, "31.01.2024"),
        ("day", {"data_type": "datetime"}, "31.01.2024"),
        ("day", {"data_type": "datetime", "datetime_format": "%m/%d"}, "31.01.2024"),
    ],
)
def test_values_that_can_not_be_converted(
    name: str, parameters: dict[str, Any], word: str, refused: Any
) -> None:
    with refused("not-convertible", word, name, parameter="data_type", column=name):
        edit(name, **parameters)


def test_fractions_are_no_whole_numbers(refused: Any) -> None:
    with refused("not-convertible", "0.5", column="a"):
        edit("a", table=DataTable(pd.DataFrame({"a": [1, 0.5]})), data_type="integer")


def test_categories_come_and_go() -> None:
    result = edit("text", "whole", categorical="categorical")
    assert kind(result, "text") == kind(result, "whole") == "categorical"
    plain = edit("c", categorical="non-categorical")
    assert kind(plain, "c") == "string"
    assert plain.frame["c"].tolist() == ["1", "2", "1"]


@pytest.mark.parametrize("values", [[1, None, 2], [True, None, False], ["a", None, "b"]])
def test_categories_with_missing_values_become_plain(values: list[Any]) -> None:
    table = DataTable(pd.DataFrame({"c": pd.Categorical(values)}))
    column = edit("c", table=table, categorical="non-categorical").frame["c"].astype(object)
    assert column.where(column.notna(), None).tolist() == values
    text = edit("c", table=table, data_type="string", categorical="non-categorical")
    assert kind(text, "c") == "string"


def test_roles() -> None:
    with pytest.warns(ModuleWarning, match="no longer the label"):
        moved = edit("number", fields="label")
    assert moved.roles == {"number": Role.LABEL}
    assert edit("whole", fields="clear label").roles == {}
    assert edit("text", "day", fields="clear feature").having_role(Role.NONE) == ["text", "day"]
    assert edit("number", fields="weight").having_role(Role.WEIGHT) == ["number"]
    scored = DataTable(FRAME, {"number": Role.SCORE})
    assert edit("number", table=scored, fields="clear score").roles == {}
    assert edit("number", table=scored, fields="clear label").roles == scored.roles


def test_a_table_has_one_label(refused: Any) -> None:
    with refused("several-columns-selected", parameter="columns"):
        edit("text", "yes", fields="label")


def test_names_take_their_roles_along() -> None:
    table = DataTable(FRAME, {"whole": Role.LABEL}, Scoring("regression", "number", "whole"))
    result = edit("whole", "number", table=table, new_column_names='"price, net", score')
    # In the order of the dataset: number comes before whole.
    assert result.names == ["text", "yes", "day", "price, net", "score", "c"]
    assert result.roles == {"score": Role.LABEL}
    assert result.scoring == Scoring("regression", "price, net", "score")


@pytest.mark.parametrize(
    ("names", "code"),
    [("a", "names-do-not-match"), ("a, a", "bad-name"), ("a, c", "bad-name"), ("a, ", "bad-name")],
)
def test_names_that_can_not_be(names: str, code: str, refused: Any) -> None:
    with refused(code, parameter="new_column_names"):
        edit("text", "yes", new_column_names=names)


def test_two_columns_may_swap_names() -> None:
    result = edit("text", "yes", new_column_names="yes, text")
    assert result.frame["yes"].tolist()[:2] == ["1", "2"]


def test_selected_columns_keep_their_roles() -> None:
    result = select_columns_in_dataset(TABLE, columns=ColumnSelector.names("whole", "text"))
    assert result.names == ["text", "whole"]
    assert result.roles == {"whole": Role.LABEL}
    in_order = ColumnSelector(ColumnSelector.names("whole", "text", "text").rules, keep_order=True)
    with pytest.warns(ModuleWarning, match="Duplicate column names"):
        result = select_columns_in_dataset(TABLE, columns=in_order)
    assert result.names == ["whole", "text", "text (2)"]
