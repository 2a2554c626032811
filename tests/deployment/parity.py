"""Learners and transformations of a catalogue, as endpoints and as training has them.

Nothing here names a module: what is to be tried is read from the specifications, so that a
module that joins the catalogue is tried without a change of the tests.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract import DataTable, ModuleSpec, Port, RowForm
from modules.contract.value import Value
from modules.requests.tables import rows_of, schema_of
from modules.scoring import Prepared, prepare
from modules.values import TrainedModel, Transformation, UntrainedModel
from modules.values.storage import save

sys.path.append(str(Path(__file__).parents[1] / "modules"))

import module_examples
from module_examples import example_table, inputs_for, parameters_for

LABELS = {"two-class": "label", "multiclass": "city", "regression": "target"}
FEATURES = ("age", "price", "size", "member", "joined", "active", "town")

TOLERANCE = 1e-9
"""What a compiled form may differ by, relative to values above 1; tables may not at all."""


def learners(catalog: Mapping[str, ModuleSpec]) -> list[ModuleSpec]:
    """Return every module that gives a learner of rows: not of series."""
    return [
        spec
        for spec in catalog.values()
        if [port.types for port in spec.outputs] == [(UntrainedModel,)]
        and spec.outputs[0].tasks not in (("forecasting",), ("image classification",))
    ]


def transformations(catalog: Mapping[str, ModuleSpec]) -> list[ModuleSpec]:
    """Return every module that learns a transformation from a table."""
    return [
        spec
        for spec in catalog.values()
        if any(Transformation in port.types for port in spec.outputs)
        and [DataTable in port.types for port in spec.inputs if not port.optional] == [True]
    ]


def with_row_forms(catalog: Mapping[str, ModuleSpec]) -> list[ModuleSpec]:
    """Return every module that says how it works on one row."""
    return [spec for spec in catalog.values() if isinstance(spec.row, RowForm)]


def settings(spec: ModuleSpec, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield parameters: the defaults, then every choice and switch on its own."""
    # The column that is a label here has another name among the features.
    base = json.loads(json.dumps(parameters_for(spec, folder)).replace('"city"', '"town"'))
    yield base
    for parameter in spec.parameters:
        values = {
            "choice": parameter.choices,
            "choices": [list(parameter.choices)],
            "boolean": (True, False),
        }.get(parameter.kind, ())
        for value in values:
            if value != parameter.default:
                yield base | _conditions(spec, parameter.name) | {parameter.name: value}


def people() -> DataTable:
    """Return rows of every kind of column, some of them missing."""
    table = example_table(240)
    frame = table.frame
    return table.with_frame(frame.assign(town=frame["city"].where(frame["age"] % 5 > 0)))


def trained(spec: ModuleSpec, parameters: dict[str, Any]) -> TrainedModel:
    """Return what a learner makes of the rows."""
    model = untrained(spec, parameters)
    return model.fit(people(), LABELS.get(model.task), features=list(FEATURES))


def untrained(spec: ModuleSpec, parameters: dict[str, Any]) -> UntrainedModel:
    """Return what a learner gives before it has seen rows."""
    (model,) = spec(*inputs_for(spec, Path()), **spec.read_parameters(parameters))
    return model


def learnt(spec: ModuleSpec, parameters: dict[str, Any]) -> Transformation:
    """Return what a module learns of the rows."""
    table = people()
    label = [name for name in ("label",) if [name] in parameters.values()]
    inputs = table.with_frame(table.frame[[*FEATURES, *label]])
    found = spec(inputs, **spec.read_parameters(parameters))
    return next(value for value in found if isinstance(value, Transformation))


def fitted_inputs(value: TrainedModel | Transformation, spec: ModuleSpec) -> dict[str, Value]:
    """Return the inputs of a module that applies a fitted value to the rows of a request."""
    return {port.name: value for port in spec.inputs if isinstance(value, port.types)}


def applier(value: TrainedModel | Transformation, catalog: Mapping[str, ModuleSpec]) -> ModuleSpec:
    """Return the module that applies a fitted value in training."""
    if isinstance(value, Transformation):
        return catalog["apply_transformation"]
    clusters = value.task == "clustering"
    return catalog["assign_data_to_clusters" if clusters else "score_model"]


def scoring_folder(
    spec: ModuleSpec,
    inputs: Mapping[str, Value],
    parameters: Mapping[str, Any],
    catalog: Mapping[str, ModuleSpec],
    folder: Path,
) -> Prepared:
    """Write the folder of an endpoint with one module.

    Parameters
    ----------
    inputs : mapping of str to Value
        What enters is the same for every request; at all other ports its rows enter, each
        column of which may be null and have values that were not seen.
    """
    table = people()
    rows = table.with_frame(table.frame[list(FEATURES)])
    columns = [{**column, "missing": True} for column in schema_of(rows).to_json()]
    save(rows, folder / "rows")
    made = Pipeline()
    made, _ = edits.add_node(made, spec.id, node_id="step", parameters=parameters)
    made, _ = edits.add_node(made, "saved_dataset", node_id="rows", parameters={"path": "rows"})
    made, _ = edits.add_node(made, "web_service_output", node_id="tell")
    links = [(Endpoint("step", spec.outputs[0].name), Endpoint("tell", "dataset"))]
    for port in spec.inputs:
        target = Endpoint("step", port.name)
        if port.name in inputs:
            value = inputs[port.name]
            save(value, folder / port.name)
            keeper = _keeper(value, catalog)
            path = {"path": port.name}
            made, node = edits.add_node(made, keeper.id, node_id=port.name, parameters=path)
            links.append((Endpoint(node, keeper.outputs[0].name), target))
            continue
        settings = {"name": _input_name(made), "columns": columns, "unseen_values": "accept"}
        made, node = edits.add_node(made, "web_service_input", parameters=settings)
        links.append((Endpoint("rows", "dataset"), target))
        links.append((Endpoint(node, "dataset"), target))
    for source, target in links:
        made = edits.connect(made, source, target)
    write_scoring_folder(made, catalog, folder / "scoring", base=folder)
    return prepare(folder / "scoring")


def as_in_training(
    spec: ModuleSpec, inputs: Mapping[str, Value], parameters: Mapping[str, Any], table: DataTable
) -> list[dict[str, Any]]:
    """Return what the module gives for a table in training."""
    values = [inputs.get(port.name, table) for port in spec.inputs]
    (result,) = spec(*values, **spec.read_parameters(parameters))
    return rows_of(result)


def value_for(spec: ModuleSpec, port: Port, catalog: Mapping[str, ModuleSpec]) -> Value:
    """Return a model or transformation that an input takes, learned from the features if it can."""
    if Transformation in port.types:
        spec = transformations(catalog)[0]
        return learnt(spec, parameters_for(spec, Path()))
    for learner in learners(catalog):
        if not port.tasks or untrained(learner, {}).task in port.tasks:
            return trained(learner, {})
    # Nothing that learns from rows of features has its task, such as to recommend.
    value: Value = module_examples.value_for(spec, port, Path(), example_table())
    return value


def lookup() -> DataTable:
    """Return a table to look rows up in: no value of its first column repeats."""
    table = people()
    frame = table.frame[list(FEATURES)].drop_duplicates(FEATURES[0]).head(20)
    return table.with_frame(frame.reset_index(drop=True))


def requests() -> list[dict[str, Any]]:
    """Return rows as callers send them: as in training, and odd ones that are allowed."""
    table = people()
    rows = rows_of(table.with_frame(table.frame[list(FEATURES)].head(30)))
    whole = next(row for row in rows if None not in row.values())
    odd: dict[str, tuple[Any, ...]] = {
        "age": (41.0, 0, -1, 10**12, None),
        "price": (50, 0, -1e6, 1e15, 1e-300, None),
        "size": ("huge", "", None),
        "town": ("Atlantis", "", "ROME", "Łódź", None),
        "member": (True, False, None),
        "active": (True, False, None),
        "joined": ("2020-05-05", "2020-05-05T10:00:00.123456", "1960-01-01T00:00:00", None),
    }
    rows += [whole | {name: value} for name, values in odd.items() for value in values]
    return [*rows, dict.fromkeys(FEATURES), whole]


def refused() -> Iterator[tuple[str, Any]]:
    """Yield values that no column of that name takes."""
    yield from (("age", value) for value in ("41", 41.5, True, "old", [1]))
    yield from (("price", value) for value in ("1.5", False, {}, "NaN"))
    yield from (("active", value) for value in ("true", 1, 0.0))
    yield from (("member", value) for value in ("no", 0))
    yield from (("joined", value) for value in ("yesterday", 20200505, "2020-13-01"))
    yield from (("town", value) for value in (3, True, ["Rome"]))


def table_of_requests(rows: list[dict[str, Any]]) -> DataTable:
    """Return the rows as a table of training's types, by pandas alone."""
    columns = {name: [row[name] for row in rows] for name in FEATURES}
    frame = pd.DataFrame(
        {
            "age": pd.Series(columns["age"], dtype="float64"),
            "price": pd.Series(columns["price"], dtype="float64"),
            "size": pd.Categorical(columns["size"]),
            "member": pd.array(columns["member"], dtype="boolean"),
            "joined": pd.to_datetime(pd.Series(columns["joined"]), format="ISO8601"),
            "active": pd.array(columns["active"], dtype="boolean"),
            "town": pd.Series(columns["town"], dtype="str"),
        }
    )
    return DataTable(frame[list(FEATURES)])


def difference(
    found: list[dict[str, Any]], expected: list[dict[str, Any]], tolerance: float = 0.0
) -> str:
    """Return the first difference between rows in words; empty if there is none."""
    if len(found) != len(expected):
        return f"{len(found)} rows instead of {len(expected)}"
    for place, (one, two) in enumerate(zip(found, expected, strict=True)):
        if list(one) != list(two):
            return f"row {place}: {list(one)} instead of {list(two)}"
        for name, value in one.items():
            if not _equal(value, two[name], tolerance):
                return f"row {place}, {name}: {value!r} instead of {two[name]!r}"
    return ""


def _equal(one: Any, two: Any, tolerance: float) -> bool:
    if one == two:
        return True
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (one, two))
    return numbers and math.isclose(one, two, rel_tol=tolerance, abs_tol=tolerance)


def _keeper(value: Value, catalog: Mapping[str, ModuleSpec]) -> ModuleSpec:
    """Return the module that brings a stored value into a pipeline."""
    return next(
        spec
        for spec in catalog.values()
        if spec.value_path is not None and isinstance(value, spec.outputs[0].types)
    )


def _input_name(pipeline: Pipeline) -> str:
    taken = [each for each in pipeline.nodes.values() if each.module == "web_service_input"]
    return f"input{len(taken) + 1}"


def _conditions(spec: ModuleSpec, name: str) -> dict[str, Any]:
    """Return values of other parameters under which one has an effect."""
    found: dict[str, Any] = {}
    for other, allowed in spec.parameter_by_name[name].when.items():
        if spec.parameter_by_name[other].default not in allowed:
            found |= _conditions(spec, other) | {other: allowed[0]}
    return found
