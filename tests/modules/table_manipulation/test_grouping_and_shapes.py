"""Group By, Pivot, Unpivot, Sort Rows, and Sample by Stratum against SQLite and by hand."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.table_manipulation.group_by import group_by
from modules.table_manipulation.pivot import pivot
from modules.table_manipulation.sample_by_stratum import sample_by_stratum
from modules.table_manipulation.sort_rows import sort_rows
from modules.table_manipulation.unpivot import unpivot

names = ColumnSelector.names


def sales(rows: int = 200) -> DataTable:
    random = np.random.default_rng(11)
    shop = pd.Series(random.choice(["Oslo", "Rome", "Lima"], rows), dtype="str")
    shop[::13] = None
    price = random.normal(50, 10, rows).round(2)
    price[::7] = np.nan
    frame = pd.DataFrame(
        {
            "shop": shop,
            "month": random.integers(1, 5, rows),
            "price": price,
            "count": random.integers(1, 9, rows),
            "online": random.random(rows) < 0.4,
            "note": pd.Series(random.choice(["a", "b"], rows), dtype="str"),
        }
    )
    return DataTable(frame, {"price": Role.LABEL})


def sql(query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(":memory:") as connection:
        sales().frame.to_sql("t", connection, index=False)
        return connection.execute(query).fetchall()


def plain(table: DataTable) -> list[tuple[object, ...]]:
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in table.frame.itertuples(index=False)
    ]


@pytest.mark.proves("group_by", by="SQLite")
def test_groups_equal_those_of_sqlite() -> None:
    found = group_by(
        sales(),
        keys=names("shop", "month"),
        columns=names("price", "count"),
        functions=("sum", "mean", "minimum", "maximum", "count", "distinct"),
    )
    assert found.names[:5] == ["shop", "month", "Count", "sum(price)", "mean(price)"]
    parts = ", ".join(
        f"sum({name}), avg({name}), min({name}), max({name}), count({name}), count(distinct {name})"
        for name in ("price", "count")
    )
    expected = sql(
        f"select shop, month, count(*), {parts} from t group by shop, month "
        "order by shop nulls last, month"
    )
    for row, other in zip(plain(found), expected, strict=True):
        assert row[:2] == other[:2]
        assert list(row[2:]) == pytest.approx(list(other[2:]))


@pytest.mark.parametrize("rows", [0, 1, 300])
@pytest.mark.parametrize(
    "keys",
    [
        ["number"],
        ["text", "day"],
        ["number", "far", "class"],
        ["class"],
        ["far", "near", "text", "flag", "gaps", "day"],
        ["zone", "nothing"],
    ],
    ids=", ".join,
)
def test_groups_equal_those_of_pandas(keys: list[str], rows: int) -> None:
    """Also of keys that are missing, far apart, or categories, some of which don't occur."""
    random = np.random.default_rng(3)
    text = pd.Series(random.choice(["b", "a", "", "ü"], rows), dtype="str")
    sizes = pd.Categorical(random.choice(["S", "L"], rows), ["S", "M", "L"], ordered=True)
    day = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 3, rows), "D"))
    frame = pd.DataFrame(
        {
            "number": random.integers(-2, 3, rows),
            "far": random.choice([-(2**62), 5, 2**62], rows),
            "near": random.permutation(rows),
            "text": text.mask(random.random(rows) < 0.2),
            "class": pd.Series(sizes).mask(random.random(rows) < 0.2),
            "flag": pd.Series(random.random(rows) < 0.5, dtype="boolean"),
            "gaps": random.choice([0.0, -0.0, 1.5, np.inf, np.nan], rows),
            "day": day.mask(random.random(rows) < 0.2),
            "zone": day.dt.tz_localize("Asia/Tokyo"),
            "nothing": np.full(rows, np.nan),
            "x": random.normal(size=rows),
        }
    )
    table = DataTable(frame)
    found = group_by(table, keys=names(*keys), columns=names("x"), functions=("sum", "mean"))
    by = table.frame.groupby(keys, dropna=False, observed=True)["x"]
    expected = by.agg(["size", "sum", "mean"]).reset_index()
    expected.columns = pd.Index([*keys, "Count", "sum(x)", "mean(x)"])
    pd.testing.assert_frame_equal(found.frame, DataTable(expected).frame, check_exact=True)


def test_a_key_that_is_chosen_twice_counts_once() -> None:
    twice = ColumnSelector.from_json(
        {"rules": [{"include": "names", "values": ["shop", "shop"]}], "keep_order": True}
    )
    found = group_by(sales(), keys=twice, columns=names("price"), functions=("sum",))
    assert found.names == ["shop", "Count", "sum(price)"]


def test_deviation_first_and_last_worked_by_hand() -> None:
    table = DataTable(pd.DataFrame({"k": [2, 1, 2, 1], "v": [1.0, None, 3.0, 5.0]}))
    found = group_by(
        table, keys=names("k"), columns=names("v"),
        functions=("standard deviation", "variance", "median", "first", "last"),
    ).frame  # fmt: skip
    assert found["k"].tolist() == [1, 2]
    assert found["standard deviation(v)"].tolist()[1] == pytest.approx(2**0.5)
    assert found["variance(v)"].isna().tolist() == [True, False]
    assert found["median(v)"].tolist() == [5.0, 2.0]
    assert found["first(v)"].tolist() == [5.0, 1.0]
    assert found["last(v)"].tolist() == [5.0, 3.0]


def test_a_group_without_values_has_no_sum_and_booleans_are_shares() -> None:
    table = DataTable(pd.DataFrame({"k": ["a", "b"], "v": [None, 2.0], "on": [True, False]}))
    found = group_by(
        table,
        keys=names("k"),
        columns=names("v", "on"),
        functions=("sum", "mean"),
        count_rows=False,
    )
    assert found.names == ["k", "sum(v)", "mean(v)", "sum(on)", "mean(on)"]
    assert found.frame["sum(v)"].isna().tolist() == [True, False]
    assert found.frame["mean(on)"].tolist() == [1.0, 0.0]


def test_text_is_counted_but_has_no_mean(refused) -> None:
    found = group_by(
        sales(), keys=names("shop"), columns=names("note"), functions=("mean", "distinct")
    )
    assert found.names == ["shop", "Count", "distinct(note)"]
    with refused("column-type", "“note”", parameter="columns", column="note"):
        group_by(sales(), keys=names("shop"), columns=names("note"), functions=("mean",))
    with refused("nothing-chosen", "No function is chosen", parameter="functions"):
        group_by(sales(), keys=names("shop"), columns=names("price"), functions=())


@pytest.mark.proves("pivot", by="SQLite")
def test_pivot_equals_conditional_sums_of_sqlite() -> None:
    found = pivot(
        sales(), keys=names("shop"), column=names("month"), values=names("count"), function="sum"
    )
    assert found.names == ["shop", "1", "2", "3", "4"]
    parts = ", ".join(f"sum(case when month = {m} then count end)" for m in (1, 2, 3, 4))
    assert plain(found) == sql(f"select shop, {parts} from t group by shop order by 1 nulls last")


def test_pivot_names_missing_values_and_fills() -> None:
    table = DataTable(
        pd.DataFrame({"id": [1, 1, 2], "what": ["x", None, "x"], "v": [1.0, 2.0, None]})
    )
    arguments = {"keys": names("id"), "column": names("what"), "values": names("v")}
    found = pivot(table, **arguments)
    assert found.names == ["id", "x", "Missing"]
    assert found.frame["Missing"].tolist()[0] == 2.0
    filled = pivot(table, **arguments, fill_with_zero=True).frame
    assert filled["Missing"].tolist() == [2.0, 0.0]
    # There was a row, but it has no value.
    assert filled["x"].isna().tolist() == [False, True]


def test_pivot_of_what_cannot_be_is_refused(refused) -> None:
    with refused("column-used-twice", "“shop”", parameter="column", column="shop"):
        pivot(sales(), keys=names("shop"), column=names("shop"), values=names("count"))
    with refused("column-type", "“note”", parameter="values", column="note"):
        pivot(sales(), keys=names("shop"), column=names("month"), values=names("note"))
    wide = DataTable(pd.DataFrame({"k": [1] * 2_001, "c": range(2_001), "v": 1.0}))
    with refused("too-many-columns", "2,001", parameter="column", column="c"):
        pivot(wide, keys=names("k"), column=names("c"), values=names("v"))


@pytest.mark.proves("unpivot", by="by hand")
def test_unpivot_is_the_opposite_of_pivot() -> None:
    wide = pivot(
        sales(), keys=names("shop"), column=names("month"), values=names("count"), function="sum"
    )
    long = unpivot(wide, columns=names("1", "2", "3", "4"), name_column="m", value_column="n")
    assert long.names == ["shop", "m", "n"]
    again = pivot(long, keys=names("shop"), column=names("m"), values=names("n"), function="first")
    assert plain(again) == plain(wide)


def test_unpivot_keeps_types_and_refuses_mixtures(refused) -> None:
    table = DataTable(pd.DataFrame({"a": [1, 2], "b": [True, False], "t": ["x", None]}))
    long = unpivot(table, columns=names("a", "b"))
    assert long.frame["Value"].tolist() == [1.0, 2.0, 1.0, 0.0]
    assert long.frame["t"].tolist()[::2] == ["x", "x"]
    alone = unpivot(table, columns=names("t"), drop_missing=True)
    assert alone.frame["Value"].tolist() == ["x"]
    with refused("types-differ", "“t”", "“a”", parameter="columns", column="t"):
        unpivot(table, columns=names("a", "t"))


@pytest.mark.proves("sort_rows", by="SQLite")
def test_rows_are_sorted_as_sqlite_sorts_them() -> None:
    keys = ColumnSelector(names("shop", "price", "count").rules, keep_order=True)
    found = sort_rows(sales(), keys=keys, descending=names("price"))
    assert plain(found.select(["shop", "price", "count"])) == sql(
        "select shop, price, count from t order by shop nulls last, price desc nulls last, count"
    )
    assert found.roles == {"price": "label"}


def test_case_missing_values_and_the_order_of_equal_rows() -> None:
    table = DataTable(pd.DataFrame({"t": ["b", "B", None, "a", "A"], "n": range(5)}))
    found = sort_rows(table, keys=names("t"), match_case=False, missing="first")
    assert found.frame["n"].tolist() == [2, 3, 4, 0, 1]
    assert sort_rows(table, keys=names("t")).frame["n"].tolist() == [4, 1, 3, 0, 2]


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.proves("sample_by_stratum", by="counted by hand")
def test_strata_have_as_many_rows_as_asked_for(seed: int) -> None:
    sizes = sales().frame["shop"].value_counts(dropna=False)
    found = sample_by_stratum(sales(), keys=names("shop"), rows=20, seed=seed).frame
    expected = {shop: min(20, size) for shop, size in sizes.items()}
    assert found["shop"].value_counts(dropna=False).to_dict() == pytest.approx(expected)
    shares = sample_by_stratum(sales(), keys=names("month"), mode="fraction", fraction=0.25)
    expected = (sales().frame["month"].value_counts() * 0.25).round()
    assert shares.frame["month"].value_counts().to_dict() == expected.to_dict()


@pytest.mark.long
def test_every_row_of_a_stratum_is_as_likely() -> None:
    table = DataTable(pd.DataFrame({"k": [1] * 10, "n": range(10)}))
    drawn = np.zeros(10)
    for seed in range(2_000):
        drawn[sample_by_stratum(table, keys=names("k"), rows=3, seed=seed).frame["n"]] += 1
    # Three standard deviations of a binomial share.
    assert np.abs(drawn / 2_000 - 0.3).max() < 3.5 * (0.3 * 0.7 / 2_000) ** 0.5


def test_a_pivot_of_long_integers_with_gaps_warns() -> None:
    frame = pd.DataFrame({"k": [1, 1, 2], "c": ["a", "b", "a"], "id": [2**53 + 1, 5, 7]})
    wanted = {"keys": names("k"), "column": names("c"), "values": names("id"), "function": "first"}
    with pytest.warns(ModuleWarning, match=r"“id” contains integers beyond 2\*\*53"):
        found = pivot(DataTable(frame), **wanted)
    assert plain(found) == [(1, 2.0**53, 5), (2, 7, None)]
    whole = pivot(DataTable(frame[:2]), **wanted)
    assert plain(whole) == [(1, 2**53 + 1, 5)]


def test_unpivoting_long_integers_with_fractions_warns() -> None:
    frame = pd.DataFrame({"id": [2**53 + 1], "x": [0.5], "n": [3]})
    with pytest.warns(ModuleWarning, match=r"“Value” contains integers beyond 2\*\*53"):
        found = unpivot(DataTable(frame), columns=names("id", "x"))
    assert plain(found) == [(3, "id", 2.0**53), (3, "x", 0.5)]
    whole = unpivot(DataTable(frame), columns=names("id", "n"))
    assert plain(whole) == [(0.5, "id", 2**53 + 1), (0.5, "n", 3)]


def test_unpivoted_times_get_the_zone_of_the_first(refused) -> None:
    lent = pd.to_datetime(["2024-01-01 00:00"]).tz_localize("Europe/Berlin")
    back = pd.to_datetime(["2024-06-01 00:00"]).tz_localize("UTC")
    frame = pd.DataFrame({"lent": lent, "back": back, "plain": pd.to_datetime(["2024-06-01"])})
    found = unpivot(DataTable(frame), columns=names("lent", "back")).frame["Value"]
    assert found.dt.tz.key == "Europe/Berlin"
    assert found.tolist() == [lent[0], back[0]]
    with refused("types-differ", "“plain”", "“lent”", parameter="columns", column="plain"):
        unpivot(DataTable(frame), columns=names("lent", "plain"))
