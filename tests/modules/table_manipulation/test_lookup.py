"""Lookup Values against pandas, SQLite, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role
from modules.table_manipulation.lookup_values import lookup_values

ORDERS = pd.DataFrame(
    {
        "order": range(6),
        "customer": [3, 1, 2, 9, None, 1],
        "town": ["Oslo", "rome", "x", "", None, "Oslo"],
    }
)
CUSTOMERS = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Ann", "Bob", "Cid"],
        "points": [10, 20, 30],
        "since": pd.to_datetime(["2020-01-01", "2021-02-03", "2022-05-06"]),
        "vip": [True, False, True],
        "order": ["a", "b", "c"],
    }
)


def found(rows: pd.DataFrame = CUSTOMERS, **more: object) -> pd.DataFrame:
    given = {"keys": ColumnSelector.names("customer"), "lookup_keys": ColumnSelector.names("id")}
    return lookup_values(DataTable(ORDERS), DataTable(rows), **(given | more)).frame


@pytest.mark.proves("lookup_values", by="pandas")
def test_it_equals_a_left_merge_of_pandas() -> None:
    result = found(columns=ColumnSelector.names("name", "points", "since", "vip"))
    wanted = ORDERS.merge(
        CUSTOMERS.drop(columns="order"), "left", left_on="customer", right_on="id"
    )
    for name in ("name", "points", "since"):
        pd.testing.assert_series_equal(result[name], wanted[name], check_dtype=False)
    assert result["vip"].isna().tolist() == [False, False, False, True, True, False]
    assert result["order"].tolist() == list(range(6))


def test_all_columns_and_a_name_that_is_taken() -> None:
    assert list(found()) == [*ORDERS, "name", "points", "since", "vip", "order (2)"]


@pytest.mark.parametrize(
    ("column", "default", "value"),
    [
        ("name", "nobody", "nobody"),
        ("points", "0", 0),
        ("since", "1999-12-31", pd.Timestamp("1999-12-31")),
        ("vip", "false", False),
    ],
)
def test_defaults_have_the_type_of_the_column(column: str, default: str, value: object) -> None:
    result = found(columns=ColumnSelector.names(column), default=default)
    assert result[column].dtype == CUSTOMERS[column].dtype
    assert result[column].tolist()[3:5] == [value, value]


def test_repeated_keys_are_told(refused) -> None:
    double = pd.concat([CUSTOMERS, CUSTOMERS.head(1).assign(name="Eve")])
    names = ColumnSelector.names("name")
    with pytest.warns(Warning, match="1 key repeats in the lookup table, for example “1” of “id”"):
        assert found(double, columns=names)["name"].tolist()[1] == "Ann"
    with pytest.warns(Warning, match="last row"):
        assert found(double, columns=names, when_repeated="last")["name"].tolist()[1] == "Eve"
    with refused("key-repeats", "“1”", parameter="lookup_keys", column="id"):
        found(double, when_repeated="error")


def test_several_keys_case_and_roles() -> None:
    towns = pd.DataFrame({"n": [3, 1], "place": ["OSLO", "Rome"], "zone": ["N", "S"]})
    keys = {
        "keys": ColumnSelector.names("customer", "town"),
        "lookup_keys": ColumnSelector.names("n", "place"),
    }
    assert found(towns, **keys)["zone"].isna().all()
    folded = found(towns, **keys, match_case=False)["zone"]
    assert folded.astype(object).where(folded.notna(), None).tolist() == [
        "N",
        "S",
        None,
        None,
        None,
        None,
    ]
    table = DataTable(CUSTOMERS, {"vip": Role.LABEL})
    result = lookup_values(
        DataTable(ORDERS),
        table,
        keys=ColumnSelector.names("customer"),
        lookup_keys=ColumnSelector.names("id"),
    )
    assert result.roles == {"vip": Role.LABEL}


def test_what_does_not_fit_is_refused(refused) -> None:
    with refused("bad-value", "“points”", "“none”", parameter="default", column="points"):
        found(default="none", columns=ColumnSelector.names("points"))
    with refused("keys-do-not-match", "2 in the lookup", parameter="lookup_keys"):
        found(lookup_keys=ColumnSelector.names("id", "name"))
    with refused("key-types-differ", "“customer”", parameter="lookup_keys"):
        found(lookup_keys=ColumnSelector.names("name"))


def test_an_empty_lookup_table_matches_nothing() -> None:
    result = found(CUSTOMERS.head(0), default="7", columns=ColumnSelector.names("points"))
    assert result["points"].tolist() == [7] * 6
    assert np.isnan(
        found(CUSTOMERS.head(0), columns=ColumnSelector.names("points"))["points"]
    ).all()
