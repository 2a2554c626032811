"""What a request may hold, and how its rows become tables and come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.contract import DataTable, ModuleError
from modules.requests.filling import filled_table, row_filler
from modules.requests.tables import (
    RequestColumn,
    RequestSchema,
    rows_of,
    schema_of,
    table_of,
)

SCHEMA = RequestSchema(
    (
        RequestColumn("age", "integer"),
        RequestColumn("price", "number", missing=True),
        RequestColumn("town", "string", values=("Bern", "Oslo", "Rome")),
        RequestColumn("member", "boolean"),
        RequestColumn("joined", "datetime", missing=True),
        RequestColumn("label", "string", optional=True),
    )
)
ROW = {"age": 40, "price": 1.5, "town": "Oslo", "member": True, "joined": "2024-05-31T14:30:00"}


def test_a_sound_row_gets_the_right_types() -> None:
    (row,) = SCHEMA.read([ROW | {"price": 2, "age": 40.0}])
    assert row == ROW | {"joined": datetime(2024, 5, 31, 14, 30), "price": 2.0}
    assert type(row["price"]) is float
    assert type(row["age"]) is int


def test_null_where_training_had_some_and_what_is_optional() -> None:
    (row,) = SCHEMA.read([ROW | {"price": None, "joined": float("nan"), "label": None}])
    assert row["price"] is None
    assert row["joined"] is None
    assert row["label"] is None


WRONG: list[tuple[str, Any, str, str | None, str]] = [
    # what, rows, code, column, words of message or hint
    ("an object", {"age": 1}, "not-rows", None, "list of rows"),
    ("a text", "rows", "not-rows", None, "list of rows"),
    ("nothing", None, "not-rows", None, "list of rows"),
    ("an empty list", [], "no-rows", None, "at least one row"),
    ("a list in a list", [[1, 2]], "not-a-row", None, "object"),
    ("a number", [5], "not-a-row", None, "object"),
    ("no town", [{k: v for k, v in ROW.items() if k != "town"}], "column-missing", "town", "text"),
    ("an extra", [ROW | {"colour": "red"}], "column-unknown", "colour", "Remove it"),
    (
        "misspelt",
        [{("twon" if k == "town" else k): v for k, v in ROW.items()}],
        "column-unknown",
        "twon",
        "Did you mean “town”?",
    ),
    ("an empty row", [{}], "column-missing", "age", "an integer"),
    ("null", [ROW | {"age": None}], "value-missing", "age", "doesn't have a value"),
    ("NaN", [ROW | {"member": float("nan")}], "value-missing", "member", "doesn't have a value"),
    ("a text for a number", [ROW | {"age": "40"}], "wrong-type", "age", "without quotes"),
    ("a word for a number", [ROW | {"price": "cheap"}], "wrong-type", "price", "“cheap”"),
    ("true for a number", [ROW | {"age": True}], "wrong-type", "age", "not true"),
    ("a fraction", [ROW | {"age": 40.5}], "wrong-type", "age", "40.5"),
    ("too large", [ROW | {"age": 2**63}], "wrong-type", "age", "an integer"),
    ("infinity", [ROW | {"price": float("inf")}], "wrong-type", "price", "inf"),
    ("a huge number", [ROW | {"price": 10**400}], "wrong-type", "price", "number"),
    ("a number for a text", [ROW | {"town": 3}], "wrong-type", "town", "a text"),
    ("1 for true", [ROW | {"member": 1}], "wrong-type", "member", "true or false"),
    ("a list", [ROW | {"town": ["Oslo"]}], "wrong-type", "town", "a list"),
    ("an object in a row", [ROW | {"price": {"a": 1}}], "wrong-type", "price", "an object"),
    ("no date", [ROW | {"joined": "yesterday"}], "wrong-type", "joined", "“yesterday”"),
    ("a number for a date", [ROW | {"joined": 5}], "wrong-type", "joined", "date and time"),
    ("unseen", [ROW | {"town": "Osl"}], "value-unknown", "town", "Did you mean “Oslo”?"),
    ("unheard of", [ROW | {"town": "Xx"}], "value-unknown", "town", "“Bern”, “Oslo”, “Rome”"),
]


@pytest.mark.parametrize(
    ("rows", "code", "column", "words"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_what_is_wrong_is_named(rows: Any, code: str, column: str | None, words: str) -> None:
    with pytest.raises(ModuleError) as caught:
        SCHEMA.read(rows)
    error = caught.value
    assert error.code == code
    assert error.column == column
    assert words in f"{error.message} {error.hint}"
    assert error.message[0].isupper()
    assert error.message.endswith(".")
    assert error.hint.endswith((".", "?", "…"))
    if column:
        assert f"“{column}”" in error.message


def test_the_row_is_named_where_there_are_several() -> None:
    with pytest.raises(ModuleError, match=r"^Row 3: column “age” doesn't have a value\.$"):
        SCHEMA.read([ROW, ROW, ROW | {"age": None}])
    with pytest.raises(ModuleError, match=r"^Row 2: column “x” doesn't exist\.$"):
        SCHEMA.read([ROW, ROW | {"x": 1}])


def test_unseen_values_may_be_accepted() -> None:
    schema = RequestSchema(SCHEMA.columns, "accept")
    assert schema.read([ROW | {"town": "Pisa"}])[0]["town"] == "Pisa"


def test_without_columns_nothing_is_checked() -> None:
    assert RequestSchema(()).read([{"anything": [1]}]) == [{"anything": [1]}]


def test_columns_survive_json() -> None:
    assert RequestSchema.from_json(SCHEMA.to_json()) == SCHEMA


@pytest.mark.parametrize("entry", [{}, {"name": "x"}, {"name": "x", "kind": "colour"}, 5])
def test_columns_that_are_none(entry: Any) -> None:
    with pytest.raises(ModuleError) as caught:
        RequestSchema.from_json([entry])
    assert caught.value.parameter == "columns"


def every_kind(rows: int = 30) -> DataTable:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "whole": rng.integers(-(2**62), 2**62, rows),
            "number": rng.normal(size=rows),
            "flag": rng.random(rows) < 0.5,
            "maybe": pd.array([True, None, False] * (rows // 3), dtype="boolean"),
            "text": pd.Series(rng.choice(["a", "b"], rows), dtype="str"),
            "day": pd.Series(pd.date_range("2020-01-01", periods=rows)).astype("datetime64[us]"),
            "zoned": pd.Series(
                pd.date_range("2020-03-28", periods=rows, freq="h", tz="Europe/Oslo")
            ).astype("datetime64[us, Europe/Oslo]"),
            "kind": pd.Categorical(rng.choice(["x", "y"], rows), categories=["y", "x", "z"]),
            "level": pd.Categorical(rng.choice([1, 5], rows)),
        }
    )
    frame.loc[::4, "number"] = None
    frame.loc[::5, "text"] = None
    frame.loc[::6, "day"] = pd.NaT
    return DataTable(frame)


def test_rows_of_a_table_come_back_as_the_same_table() -> None:
    table = every_kind()
    schema = schema_of(table)
    back = table_of(schema.read(rows_of(table)), schema, dict(table.frame.dtypes))
    pd.testing.assert_frame_equal(back.frame, table.frame)


def test_a_table_of_no_rows_has_the_columns() -> None:
    schema = schema_of(every_kind())
    empty = table_of([], schema)
    assert len(empty) == 0
    assert [(c.name, c.kind) for c in empty.columns] == [(c.name, c.kind) for c in schema.columns]


def test_what_a_column_of_a_request_is_made_from() -> None:
    columns = {column.name: column for column in schema_of(every_kind()).columns}
    assert columns["text"].values == ("a", "b")
    assert columns["text"].missing
    assert columns["whole"].values is None
    assert not columns["whole"].missing
    assert columns["kind"].values == ("x", "y")
    assert columns["zoned"].zone == "Europe/Oslo"
    free = DataTable(pd.DataFrame({"name": [f"name {n}" for n in range(50)]}))
    assert schema_of(free).columns[0].values is None


FILLS = [
    {"name": "label", "kind": "string", "value": "no"},
    {"name": "price", "kind": "number", "value": 2.5},
    {"name": "since", "kind": "datetime", "value": "2024-01-02T00:00:00"},
]
ORDER = ["label", "age", "price"]


@given(
    st.lists(
        st.fixed_dictionaries(
            {"age": st.integers(0, 90)},
            optional={
                "price": st.one_of(st.none(), st.floats(0, 10)),
                "label": st.one_of(st.none(), st.sampled_from(["yes", "no"])),
                "further": st.just("x"),
            },
        ),
        min_size=1,
        max_size=5,
    )
)
def test_filling_rows_equals_filling_tables(rows: list[dict[str, Any]]) -> None:
    everywhere = {name for row in rows for name in row}
    rows = [{name: row.get(name) for name in everywhere} for row in rows]
    # A column of nulls has no type of its own in a table made from rows alone.
    rows = [
        {
            name: ("yes" if name == "label" else 1.0)
            if value is None and all(r[name] is None for r in rows) and name != "age"
            else value
            for name, value in row.items()
        }
        for row in rows
    ]
    found = rows_of(filled_table(DataTable(pd.DataFrame(rows)), FILLS, ORDER))
    fill = row_filler(FILLS, ORDER)
    expected = [fill(row) for row in rows]
    for row in expected:
        row["since"] = row["since"].isoformat()
    assert found == expected
    assert list(found[0])[:3] == ORDER


def test_a_value_that_does_not_fit_is_refused() -> None:
    table = DataTable(pd.DataFrame({"n": [1.0, None]}))
    with pytest.raises(ModuleError) as caught:
        filled_table(table, [{"name": "n", "kind": "string", "value": "x"}], [])
    assert caught.value.column == "n"


EDGES = (datetime.min, datetime.min + timedelta(hours=13), datetime.max, datetime(9999, 12, 31))
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))


@given(
    moment=st.sampled_from(EDGES) | st.datetimes(),
    offset=st.none() | OFFSETS.map(lambda offset: timezone(timedelta(seconds=offset.seconds))),
    zone=st.sampled_from(["", "UTC", "Europe/Oslo", "Pacific/Apia", "America/Los_Angeles"]),
)
def test_every_moment_is_refused_or_becomes_the_same_in_a_table(
    moment: datetime, offset: timezone | None, zone: str
) -> None:
    schema = RequestSchema((RequestColumn("at", "datetime", zone=zone),))
    sent = moment.replace(tzinfo=offset)
    rows, refused = [], None
    try:
        rows = schema.read([{"at": sent.isoformat()}])
    except ModuleError as error:
        refused = error
    if refused is not None:
        # Only where a time zone could move it beyond the years that there are.
        assert (refused.code, refused.column) == ("wrong-type", "at")
        assert moment.year in (1, 9999)
        assert offset or zone
        return
    (value,) = table_of(rows, schema).frame["at"]
    expected = moment if offset is None else sent.astimezone(UTC).replace(tzinfo=None)
    found = value.tz_convert("UTC").tz_localize(None) if zone else value
    assert found.to_pydatetime() == expected


def test_a_moment_of_another_zone_is_in_utc_where_the_column_has_none() -> None:
    (row,) = SCHEMA.read([ROW | {"joined": "2024-05-31T14:30:00+02:00"}])
    assert row["joined"] == datetime(2024, 5, 31, 12, 30)
    (row,) = SCHEMA.read([ROW | {"joined": "9999-12-31"}])
    assert row["joined"] == datetime(9999, 12, 31)
