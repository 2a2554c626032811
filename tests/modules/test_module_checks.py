"""One suite for every module of the palette: what the contract asks of each of them.

test_nasty_tables.py has what each of them does with odd tables.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from diagonals import some
from module_examples import PALETTE, example_table, inputs_for, parameters_for, run
from same_values import assert_same, comparable
from test_nasty_tables import gives_or_tells

from modules.contract import DataTable, ModuleError, ModuleSpec
from modules.contract.specification import Columns, specification
from modules.values import Transformation
from modules.values.storage import load, save

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

every_module = pytest.mark.parametrize("spec", PALETTE.values(), ids=PALETTE.keys())
deterministic_module = pytest.mark.parametrize(
    "spec", some({id: spec for id, spec in PALETTE.items() if spec.deterministic}, 2)
)
module_with_optional_inputs = pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, id=spec.id)
        for spec in PALETTE.values()
        if any(port.optional for port in spec.inputs)
    ],
)
fitted_module = pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, id=spec.id)
        for spec in PALETTE.values()
        if spec.inputs and any(Transformation in port.types for port in spec.outputs)
    ],
)
with_columns = pytest.mark.parametrize(
    ("spec", "name"),
    [
        pytest.param(spec, parameter.name, id=f"{spec.id}-{parameter.name}")
        for spec in PALETTE.values()
        for parameter in spec.parameters
        if isinstance(parameter.marker, Columns)
    ],
)


class Ran(NamedTuple):
    """What a module got, and what came out."""

    folder: Path
    before: list[Any]
    inputs: list[Any]
    outputs: tuple[Any, ...]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ran]:
    """Run a module once for all tests that check what came out."""

    @functools.cache
    def once(id: str) -> Ran:
        spec, folder = PALETTE[id], tmp_path_factory.mktemp(id)
        inputs = inputs_for(spec, folder)
        before = [_copied(value) for value in inputs]
        return Ran(folder, before, inputs, run(spec, inputs, parameters_for(spec, folder)))

    return once


def test_the_palette_is_there() -> None:
    assert len(PALETTE) >= 36


@every_module
def test_specification_is_complete(spec: ModuleSpec) -> None:
    assert specification(spec.function) == spec
    assert spec.title
    assert spec.summary.endswith(".")
    assert len(spec.summary) <= 120
    assert spec.category
    for port in (*spec.inputs, *spec.outputs):
        assert port.help.endswith("."), f"{port.name} has no sentence in the docstring"
    for parameter in spec.parameters:
        assert parameter.title
        assert parameter.help.endswith("."), f"{parameter.name} has no sentence in the docstring"


@every_module
def test_docstring_names_what_the_signature_has(spec: ModuleSpec) -> None:
    assert _entries(spec.help, "Parameters") == list(inspect.signature(spec.function).parameters)
    assert _entries(spec.help, "Returns") == [port.name for port in spec.outputs]


@every_module
def test_file_is_named_after_the_module(spec: ModuleSpec) -> None:
    assert spec.file.stem == spec.id
    assert spec.function.__name__ == spec.id


@every_module
def test_defaults_are_allowed(spec: ModuleSpec) -> None:
    required = {
        parameter.name: [] if parameter.kind == "columns" else "x"
        for parameter in spec.parameters
        if parameter.required
    }
    arguments = spec.read_parameters(required)
    assert set(arguments) == {parameter.name for parameter in spec.parameters}


@every_module
def test_parameters_survive_json(spec: ModuleSpec, tmp_path: Path) -> None:
    values = {p.name: p.default for p in spec.parameters if not p.required}
    for given in (values, parameters_for(spec, tmp_path)):
        plain = json.loads(json.dumps(given))
        assert plain == given
        for name, value in plain.items():
            parameter = spec.parameter_by_name[name]
            assert parameter.write(parameter.read(value)) == value


@every_module
def test_values_out_of_bounds_are_refused(spec: ModuleSpec) -> None:
    for parameter in spec.parameters:
        for value in _forbidden(parameter):
            with pytest.raises(ValueError, match=r"\.$"):
                parameter.read(value)


@every_module
def test_conditions_can_be_met(spec: ModuleSpec) -> None:
    for parameter in spec.parameters:
        for name, allowed in parameter.when.items():
            controlling = spec.parameter_by_name[name]
            for value in allowed:
                controlling.read(value)
            assert name != parameter.name


@every_module
def test_runs(spec: ModuleSpec, ran: Callable[[str], Ran]) -> None:
    outputs = ran(spec.id).outputs
    assert len(outputs) == len(spec.outputs)
    for port, value in zip(spec.outputs, outputs, strict=True):
        assert (value is None and port.optional) or isinstance(value, port.types)


@module_with_optional_inputs
def test_optional_inputs_may_be_missing(spec: ModuleSpec, tmp_path: Path) -> None:
    inputs = inputs_for(spec, tmp_path)
    optional = [place for place, port in enumerate(spec.inputs) if port.optional]
    if len(optional) == len(inputs):
        # A module without any input at all may ask for one.
        optional = optional[1:]
    for place in optional:
        inputs[place] = None
    run(spec, inputs, parameters_for(spec, tmp_path))


@with_columns
def test_unknown_column_is_named(spec: ModuleSpec, name: str, tmp_path: Path) -> None:
    unknown = "no such column"
    parameters = _conditions(spec, name)
    parameters = parameters_for(spec, tmp_path) | parameters | {name: [unknown]}
    with pytest.raises(ModuleError) as caught:
        run(spec, inputs_for(spec, tmp_path), parameters)
    assert caught.value.code == "column-not-found"
    assert caught.value.column == unknown
    assert caught.value.parameter == name
    assert unknown in caught.value.message
    assert caught.value.hint


@with_columns
def test_a_column_that_is_chosen_twice_is_used_or_refused(
    spec: ModuleSpec, name: str, tmp_path: Path
) -> None:
    """A selection in its own order may repeat a column."""
    parameters = parameters_for(spec, tmp_path) | _conditions(spec, name)
    given = parameters.get(name)
    column = given[0] if isinstance(given, list) and given else "age"
    rules = [{"include": "names", "values": [column, column]}]
    parameters |= {name: {"rules": rules, "keep_order": True}}
    gives_or_tells(spec, inputs_for(spec, tmp_path), parameters, example_table())


@every_module
def test_inputs_are_not_changed(spec: ModuleSpec, ran: Callable[[str], Ran]) -> None:
    done = ran(spec.id)
    for value, copied in zip(done.inputs, done.before, strict=True):
        assert_same(value, copied)


@every_module
def test_outputs_survive_the_store(
    spec: ModuleSpec, ran: Callable[[str], Ran], tmp_path: Path
) -> None:
    for number, value in enumerate(ran(spec.id).outputs):
        if value is not None:
            save(value, tmp_path / f"stored {number}")
            assert_same(load(tmp_path / f"stored {number}"), value)


@deterministic_module
def test_equal_inputs_give_equal_files(
    spec: ModuleSpec, ran: Callable[[str], Ran], tmp_path: Path
) -> None:
    folder, *_, first = ran(spec.id)
    second = run(spec, inputs_for(spec, folder), parameters_for(spec, folder))
    for turn, outputs in (("first", first), ("second", second)):
        for number, value in enumerate(outputs):
            if value is not None:
                save(value, tmp_path / turn / str(number))
    assert _hashes(tmp_path / "first") == _hashes(tmp_path / "second")


@fitted_module
def test_transformations_do_again_what_the_module_did(
    spec: ModuleSpec, ran: Callable[[str], Ran]
) -> None:
    table, outputs = example_table(), ran(spec.id).outputs
    (transformation,) = [value for value in outputs if isinstance(value, Transformation)]
    for made in [value for value in outputs if isinstance(value, DataTable)][:1]:
        applied = transformation.apply(table)
        assert applied.columns == made.columns
        if not transformation.cross_fitted:
            assert_same(applied, made)
    assert len(transformation.describe().columns)
    row_function = transformation.compile()
    if row_function is None:
        return
    for number in range(0, len(table), 5):
        one = table.with_frame(table.frame.iloc[[number]])
        expected = _plain_row(transformation.apply(one), 0)
        assert comparable(row_function(_plain_row(table, number))) == comparable(expected)


def _conditions(spec: ModuleSpec, name: str) -> dict[str, Any]:
    """Return parameter values under which a parameter applies."""
    values: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        for controlling, allowed in spec.parameter_by_name[waiting.pop()].when.items():
            default = spec.parameter_by_name[controlling].default
            values[controlling] = default if default in allowed else allowed[0]
            waiting.append(controlling)
    return values


def _forbidden(parameter: Any) -> list[Any]:
    values: list[Any] = []
    if parameter.kind in ("integer", "number"):
        values.append("several")
        step = 1 if parameter.kind == "integer" else 1e-3
        if parameter.minimum is not None:
            values.append(parameter.minimum - (0 if parameter.exclusive_minimum else step))
        if parameter.maximum is not None:
            values.append(parameter.maximum + (0 if parameter.exclusive_maximum else step))
    if parameter.kind == "choice":
        values.append("no such choice")
    if parameter.kind == "choices":
        values += [["no such choice"], 5]
    if parameter.kind == "boolean":
        values.append("perhaps")
    if parameter.kind == "columns":
        values += [5, [1, 2], {"rules": [{"include": "nothing known"}]}]
    if not parameter.optional:
        values.append(None)
    # An empty selection of columns is one, and so is what stands for it.
    return [value for value in values if not (value is None and parameter.kind == "columns")]


def _entries(docstring: str, section: str) -> list[str]:
    """Return the names of a section of a numpydoc docstring."""
    from numpydoc.docscrape import NumpyDocString

    parsed = NumpyDocString(docstring)[section]
    return [name.strip() for entry in parsed for name in entry.name.split(",")]


def _copied(value: Any) -> Any:
    if isinstance(value, DataTable):
        return DataTable(value.frame.copy(deep=True), dict(value.roles), value.scoring)
    return copy.deepcopy(value)


def _plain_row(table: DataTable, number: int) -> dict[str, Any]:
    """Return a row of a table as the plain data that a row function takes."""
    row = {}
    for name in table.names:
        value = table.frame[name].iloc[number]
        if hasattr(value, "item"):
            value = value.item()
        row[name] = None if pd.isna(value) else value
    return row


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
