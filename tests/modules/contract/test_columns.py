from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.contract.columns import (
    Column,
    ColumnRule,
    ColumnSelector,
    parse_indices,
)
from modules.contract.errors import ModuleError

COLUMNS = [
    Column("make", "string"),
    Column("doors", "integer"),
    Column("length", "number"),
    Column("fuel", "categorical"),
    Column("price", "number", "label"),
]


def test_names_come_in_the_order_of_the_dataset() -> None:
    assert ColumnSelector.names("price", "make").resolve(COLUMNS) == ["make", "price"]


def test_keep_order_keeps_order_and_duplicates() -> None:
    selector = ColumnSelector((ColumnRule("names", ("price", "make", "price")),), keep_order=True)
    assert selector.resolve(COLUMNS) == ["price", "make", "price"]


def test_rules_add_up_in_order() -> None:
    selector = ColumnSelector(
        (
            ColumnRule("types", ("numeric",)),
            ColumnRule("names", ("length",), exclude=True),
            ColumnRule("indices", ("1-1,4",)),
        )
    )
    assert selector.resolve(COLUMNS) == ["make", "doors", "fuel", "price"]


def test_all_features_leaves_out_the_label() -> None:
    selector = ColumnSelector((ColumnRule("roles", ("feature",)),))
    assert selector.resolve(COLUMNS) == ["make", "doors", "length", "fuel"]


def test_unknown_name_suggests_the_closest() -> None:
    with pytest.raises(ModuleError, match="“pric”") as caught:
        ColumnSelector.names("pric").resolve(COLUMNS, parameter="columns")
    assert "“price”" in caught.value.hint
    assert caught.value.parameter == "columns"
    assert caught.value.column == "pric"


def test_excluding_a_column_that_is_not_there_is_no_error() -> None:
    assert len(ColumnSelector.all_except("gone").resolve(COLUMNS)) == len(COLUMNS)


def test_nothing_chosen_is_an_error_unless_allowed() -> None:
    with pytest.raises(ModuleError, match="No column"):
        ColumnSelector().resolve(COLUMNS)
    assert ColumnSelector().resolve(COLUMNS, allow_empty=True) == []


def test_one_column_is_enforced() -> None:
    assert ColumnSelector.names("price").resolve_one(COLUMNS) == "price"
    with pytest.raises(ModuleError, match="but 2 are"):
        ColumnSelector.names("price", "make").resolve_one(COLUMNS)


@pytest.mark.parametrize("text", ["0", "1-", "-3", "a", "6", "3-1", "", "1;2"])
def test_bad_indices_are_refused(text: str) -> None:
    with pytest.raises(ModuleError):
        parse_indices(text, 5)


def test_indices_as_in_azure_ml_designer() -> None:
    assert parse_indices("8,1-4,6", 8) == [7, 0, 1, 2, 3, 5]


rules = st.builds(
    ColumnRule,
    st.sampled_from(["names", "indices", "types", "roles"]),
    st.lists(st.text(max_size=8), max_size=3).map(tuple),
    st.booleans(),
) | st.builds(ColumnRule, st.just("all"), st.just(()), st.booleans())


@given(st.builds(ColumnSelector, st.lists(rules, max_size=4).map(tuple), st.booleans()))
def test_json_round_trip(selector: ColumnSelector) -> None:
    again = ColumnSelector.from_json(selector.to_json())
    assert again.to_json() == selector.to_json()
    # A rule that names nothing and an empty selection are the same choice.
    kept = [rule for rule in selector.rules if rule.by == "all" or rule.values or rule.exclude]
    if len(kept) == len(selector.rules):
        assert again == selector


@pytest.mark.parametrize("value", [5, [1], {"rules": 3}, {"rules": [{"take": "all"}]}, {}])
def test_other_shapes_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"column|rule"):
        ColumnSelector.from_json(value)
