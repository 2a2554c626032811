from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Script, Sweep, When, module
from modules.contract.port_type import AnyValue
from modules.contract.specification import Port, specification
from modules.values import Files, TrainedModel


@module("Divide", outputs=("first", "rest"), keywords=("cut",))
def divide(
    dataset: DataTable,
    model: TrainedModel | None = None,
    *,
    mode: Literal["rows", "pattern"] = "rows",
    fraction: Annotated[float, Field(ge=0, le=1, title="Fraction"), When(mode="rows")] = 0.5,
    stratified: Annotated[bool, When(mode="rows")] = False,
    key: Annotated[ColumnSelector, Columns("dataset", single=True), When(stratified=True)] = (
        ColumnSelector()
    ),
    pattern: Annotated[str, When(mode="pattern")],
    trees: Annotated[int, Field(gt=0), Sweep(1, 8, 32)] = 8,
    seed: Annotated[int, Field(ge=0)] | None = None,
    script: Annotated[str, Script("python")] = "",
    parts: tuple[Literal["year", "month", "day"], ...] = ("year", "month"),
) -> tuple[DataTable, DataTable | None]:
    """Divide rows in two.

    More words.

    Parameters
    ----------
    dataset : DataTable
        What is divided.
    mode : str
        How to divide.
        On two lines.

    Returns
    -------
    first : DataTable
        The first part.
    rest : DataTable
        What is left.
    """
    return dataset, None


SPEC = specification(divide)


def test_ports_come_from_the_signature() -> None:
    assert [(p.name, p.type_name, p.optional) for p in SPEC.inputs] == [
        ("dataset", "DataTable", False),
        ("model", "TrainedModel", True),
    ]
    assert [(p.name, p.optional) for p in SPEC.outputs] == [("first", False), ("rest", True)]
    assert SPEC.inputs[0].help == "What is divided."
    assert SPEC.outputs[1].help == "What is left."


def test_parameters_come_from_the_signature() -> None:
    by = SPEC.parameter_by_name
    kinds = {name: parameter.kind for name, parameter in by.items()}
    assert kinds == {
        "mode": "choice",
        "fraction": "number",
        "stratified": "boolean",
        "key": "columns",
        "pattern": "text",
        "trees": "integer",
        "seed": "integer",
        "script": "script",
        "parts": "choices",
    }
    assert by["parts"].choices == ("year", "month", "day")
    assert by["parts"].default == ["year", "month"]
    assert by["mode"].choices == ("rows", "pattern")
    assert by["mode"].help == "How to divide. On two lines."
    assert (by["fraction"].minimum, by["fraction"].maximum) == (0, 1)
    assert by["trees"].exclusive_minimum
    assert by["trees"].sweep == (1, 8, 32)
    assert by["seed"].optional
    assert by["seed"].minimum == 0
    assert by["pattern"].required
    assert by["key"].default == []
    assert SPEC.summary == "Divide rows in two."


def test_conditions_are_followed_through() -> None:
    by = SPEC.parameter_by_name
    assert not SPEC.applies(by["key"], {})
    assert SPEC.applies(by["key"], {"stratified": True})
    assert not SPEC.applies(by["key"], {"stratified": True, "mode": "pattern"})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"fraction": 2}, "Fraction: 2 isn't a number from 0 to 1"),
        ({"fraction": "much"}, "Fraction: “much” isn't a number"),
        ({"fraction": ""}, "Fraction is empty; enter a number from 0 to 1[.]$"),
        ({"trees": 0}, "Trees: 0 isn't an integer above 0"),
        ({"trees": 1.5}, "Trees: 1.5 isn't an integer"),
        ({"mode": "cake"}, "“cake” isn't one of “rows”, “pattern”"),
        ({"parts": ["year", "cake"]}, "Parts: “cake” isn't one of “year”, “month”, “day”[.]$"),
        ({"parts": "year, cake"}, "Parts: “cake” isn't one of"),
        ({"parts": [["year"]]}, "Parts: “..year..” isn't one of"),
        ({"parts": 5}, "Parts: 5 isn't a list of choices[.]$"),
        ({"parts": {"$values": ["year"]}}, "Divide can't have several values to try[.]$"),
        ({"stratified": True, "key": 5, "pattern": ""}, "Key: 5 isn't a column selection"),
        ({"nothing": 1}, "has no parameter “nothing”"),
        ({"mode": "pattern"}, "Pattern is required"),
    ],
)
def test_wrong_values_are_refused_in_one_sentence(values: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SPEC.read_parameters(values)


def test_values_are_read_and_called() -> None:
    arguments = SPEC.read_parameters({"stratified": True, "key": ["a"], "seed": None})
    assert arguments["key"] == ColumnSelector.names("a")
    assert arguments["seed"] is None
    assert arguments["parts"] == ("year", "month")
    assert SPEC("table", **arguments) == ("table", None)
    assert SPEC.parameter_by_name["key"].write(ColumnSelector.names("a")) == ["a"]


@pytest.mark.parametrize(
    "value", [["day", "year", "day"], "day,year", " day , year ", ("day", "year")]
)
def test_several_choices_are_a_list_or_a_text_with_commas(value: object) -> None:
    assert SPEC.read_parameters({"pattern": "", "parts": value})["parts"] == ("day", "year")
    assert SPEC.read_parameters({"pattern": "", "parts": []})["parts"] == ()


def test_ports_accept_by_type() -> None:
    table, model = Port("o", (DataTable,)), Port("o", (TrainedModel,))
    assert SPEC.inputs[0].accepts(table)
    assert not SPEC.inputs[0].accepts(model)
    assert Port("any", (AnyValue,)).accepts(model)
    assert Port("either", (DataTable, Files)).accepts(table)


def test_outputs_must_be_named() -> None:
    @module("Broken", outputs=("one", "two"))
    def broken(dataset: DataTable) -> DataTable:
        return dataset

    with pytest.raises(TypeError, match="1 outputs are returned, 2 are named"):
        specification(broken)


def test_a_port_must_be_a_value() -> None:
    @module("Broken", outputs=("one",))
    def broken(dataset: int) -> DataTable:
        raise AssertionError(dataset)

    with pytest.raises(TypeError, match="isn't a value type"):
        specification(broken)
