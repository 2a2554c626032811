"""A column ``self``, which ``DataFrame.assign`` can't set, is a column like any other."""

from __future__ import annotations

import pandas as pd

from modules.contract import ColumnSelector, DataTable
from modules.contract.normalize_frame import set_columns
from modules.table_manipulation.unpivot import unpivot


def test_it_is_converted_like_others() -> None:
    table = DataTable(pd.DataFrame({"self": [True, None, False], "other": [1, 2, 3]}))
    assert [column.kind for column in table.columns] == ["boolean", "integer"]


def test_it_is_unpivoted() -> None:
    table = DataTable(pd.DataFrame({"self": [1, 2], "key": ["a", "b"]}))
    long = unpivot(table, columns=ColumnSelector.names("self")).frame
    assert long.to_dict("list") == {
        "key": ["a", "b"], "Name": ["self", "self"], "Value": [1, 2]
    }  # fmt: skip


def test_set_columns_leaves_the_frame_alone() -> None:
    frame = pd.DataFrame({"self": [1, 2], "other": [3.0, 4.0]})
    made = set_columns(frame, {"self": frame["other"], "new": [True, False]})
    assert made.to_dict("list") == {"self": [3, 4], "other": [3, 4], "new": [True, False]}
    made.loc[0, "self"] = 9.0
    assert frame.to_dict("list") == {"self": [1, 2], "other": [3, 4]}
    assert made["other"].tolist() == [3, 4]
