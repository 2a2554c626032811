"""Columns of a file as the types that a model learnt them with."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from designer.deployment import ServingError
from designer.deployment.batch.rows import fit_rows
from modules.contract import DataTable
from modules.requests.tables import RequestSchema, schema_of


def fitted(learnt: list[Any], sent: list[Any], **more: Any) -> tuple[list[Any], list[str]]:
    """Return the values of one column as they are scored, and why others are not."""
    schema = schema_of(DataTable(pd.DataFrame({"a": learnt})))
    plain = [{**column, **more} for column in schema.to_json()]
    read = DataTable(pd.DataFrame({"a": sent}))
    rows = fit_rows(read, RequestSchema.from_json(plain), "keep")
    return rows.table.frame["a"].tolist(), rows.reasons.tolist()


def test_texts_become_the_moments_they_say() -> None:
    values, reasons = fitted(
        [pd.Timestamp("2024-05-31")], ["2024-06-01", "2024-06-01T14:30:00", "soon"]
    )
    assert values == [pd.Timestamp("2024-06-01"), pd.Timestamp("2024-06-01 14:30")]
    assert reasons == ["The column “a” needs a date such as 2024-05-31, not “soon”."]


def test_moments_come_in_the_zone_of_the_training() -> None:
    values, _ = fitted(
        [pd.Timestamp("2024-05-31", tz="Europe/Oslo")], ["2024-06-01T12:00:00+00:00"]
    )
    assert values == [pd.Timestamp("2024-06-01 14:00", tz="Europe/Oslo")]
    assert str(values[0].tz) == "Europe/Oslo"


def test_words_become_true_and_false() -> None:
    values, reasons = fitted([True, False], ["True", "false", "maybe"])
    assert values == [True, False]
    assert reasons == ["The column “a” needs true or false, not “maybe”."]


def test_numbers_become_texts_where_texts_were_learnt() -> None:
    assert fitted(["x1", "x2", "x3"], [7, 8])[0] == ["7", "8"]


def test_categories_are_those_of_the_training_in_their_order() -> None:
    learnt = pd.Categorical(["low", "high", "low", "high"], categories=["low", "high"])
    schema = schema_of(DataTable(pd.DataFrame({"a": learnt})))
    read = DataTable(pd.DataFrame({"a": ["high", "low", "middle"]}))

    rows = fit_rows(read, schema, "leave-out", {"a": learnt.dtype})

    assert rows.table.frame["a"].tolist() == ["high", "low"]
    assert list(rows.table.frame["a"].cat.categories) == ["low", "high", "middle"]
    assert "“middle”" in rows.reasons.iloc[0]


@pytest.mark.parametrize("unseen", ["refuse", "accept"])
def test_unknown_values_are_as_the_input_says(unseen: str) -> None:
    learnt = DataTable(pd.DataFrame({"a": ["x", "y"] * 4}))
    schema = RequestSchema.from_json(schema_of(learnt).to_json(), unseen)
    rows = fit_rows(DataTable(pd.DataFrame({"a": ["x", "z"]})), schema, "leave-out")
    assert len(rows.table) == (1 if unseen == "refuse" else 2)


def test_a_column_that_may_be_missing_or_left_out() -> None:
    assert fitted([1.5, 2.5], [None, 1.0], missing=True)[1] == []
    schema = RequestSchema.from_json(
        [{"name": "a", "kind": "number"}, {"name": "b", "kind": "string", "optional": True}]
    )
    rows = fit_rows(DataTable(pd.DataFrame({"a": [1.0]})), schema, "refuse")
    assert rows.table.names == ["a"]


def test_a_file_of_which_no_row_can_be_scored_is_refused_with_a_reason() -> None:
    schema = RequestSchema.from_json([{"name": "a", "kind": "string", "values": ["x"]}])
    with pytest.raises(ServingError, match="no rows that can be scored") as caught:
        fit_rows(DataTable(pd.DataFrame({"a": ["y", "z"]})), schema, "keep")
    assert "“y”" in caught.value.hint
