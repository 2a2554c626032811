from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError, Role, Scoring
from modules.contract.context import ModuleWarning


def kinds(table: DataTable) -> dict[str, str]:
    return {column.name: column.kind for column in table.columns}


def test_every_kind_is_recognised() -> None:
    table = DataTable(
        pd.DataFrame(
            {
                "integer": [1, 2],
                "number": [1.5, np.nan],
                "boolean": [True, False],
                "string": ["a", None],
                "datetime": pd.to_datetime(["2020-01-01", None]),
                "categorical": pd.Categorical(["x", "y"]),
            }
        )
    )
    assert all(name == kind for name, kind in kinds(table).items())


def test_names_become_unique_strings() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "", 7])
    with pytest.warns(ModuleWarning, match="Duplicate column names"):
        table = DataTable(frame)
    assert table.names == ["a", "a (2)", "Column 3", "7"]


def test_numbering_avoids_names_that_exist() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a (2)"])
    with pytest.warns(ModuleWarning):
        names = DataTable(frame).names
    assert len(set(names)) == 3
    assert names[2] == "a (2)"


def test_index_becomes_plain() -> None:
    table = DataTable(pd.DataFrame({"a": [1, 2]}, index=[5, 9]))
    assert list(table.frame.index) == [0, 1]


def test_mixed_types_become_text_with_a_warning() -> None:
    with pytest.warns(ModuleWarning, match="has mixed types"):
        table = DataTable(pd.DataFrame({"a": pd.Series([1, "x", None], dtype=object)}))
    assert kinds(table) == {"a": "string"}
    assert table.frame["a"].tolist()[:2] == ["1", "x"]
    assert table.frame["a"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "integer"),
        ([1, None], "number"),
        ([1, 2.5], "number"),
        ([decimal.Decimal("1.5"), None], "number"),
        ([True, None], "boolean"),
        ([dt.date(2020, 1, 1), None], "datetime"),
        ([None, None], "number"),
        (["a", None], "string"),
        ([b"a", "b"], "string"),
        ([[1], {"b": 2}], "string"),
        ([2**80, 1], "number"),
    ],
)
@pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")
def test_object_columns_find_their_kind(values: list[object], kind: str) -> None:
    table = DataTable(pd.DataFrame({"a": pd.Series(values, dtype=object)}))
    assert kinds(table) == {"a": kind}


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pd.array([1, None], dtype="Int64"), "number"),
        (pd.array([1, 2], dtype="Int64"), "integer"),
        (pd.array([True, None], dtype="boolean"), "boolean"),
        (pd.array(["a", None], dtype="string"), "string"),
        (pd.period_range("2020", periods=2, freq="D").array, "datetime"),
        (pd.arrays.SparseArray([0.0, 1.0]), "number"),
    ],
)
def test_extension_dtypes_find_their_kind(column: object, kind: str) -> None:
    assert kinds(DataTable(pd.DataFrame({"a": column}))) == {"a": kind}


def test_durations_become_seconds() -> None:
    with pytest.warns(ModuleWarning, match="seconds"):
        table = DataTable(pd.DataFrame({"a": pd.to_timedelta(["1min", None])}))
    assert table.frame["a"].iloc[0] == 60.0
    assert np.isnan(table.frame["a"].iloc[1])


def test_roles_follow_renaming_and_leave_with_their_column() -> None:
    table = DataTable(pd.DataFrame({"a": [1], "b": [2]}), {"a": Role.LABEL, "gone": Role.WEIGHT})
    assert table.roles == {"a": "label"}
    renamed = table.with_frame(table.frame.rename(columns={"a": "z"}), renamed={"a": "z"})
    assert renamed.roles == {"z": "label"}
    assert table.with_frame(table.frame[["b"]]).roles == {}


def test_scoring_is_dropped_with_its_columns() -> None:
    frame = pd.DataFrame({"y": [1.0], "Scored Labels": [1.0]})
    table = DataTable(frame, scoring=Scoring("regression", "Scored Labels", "y"))
    assert table.with_frame(frame[["Scored Labels"]]).scoring == Scoring(
        "regression", "Scored Labels"
    )
    assert table.with_frame(frame[["y"]]).scoring is None


def test_require_names_the_column_that_is_missing() -> None:
    table = DataTable(pd.DataFrame({"price": [1]}))
    with pytest.raises(ModuleError, match="“prise”"):
        table.require(["price", "prise"])
    with pytest.raises(ModuleError, match="only 1 rows"):
        table.require_rows(2)
