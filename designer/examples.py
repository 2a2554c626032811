"""A small pipeline that shows a module at work, made from its specification.

What a specification doesn't declare is in the module's own example, ``examples/ID.json`` beside the
module, all of whose entries are optional:

- ``parameters``: values other than the defaults
- ``inputs``: for an input, the id of the module that it is linked to; ``A with B`` if the first
  input of A is linked to B
- ``columns``: the columns of the example rows that the module gets, if not all
- ``pipeline``: entries in place of these, for a more telling example than the checks of all modules
  need, and two more: ``rows``, the name of a CSV file beside it, and ``files``, the name of a file
  or folder beside it for each parameter with a path
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from designer import paths
from designer.pipeline.model import Endpoint, Group, Link, Node, Pipeline
from designer.pipeline.own_modules import (
    ENTER_DATA,
    WEB_SERVICE,
    WEB_SERVICE_INPUT,
    WEB_SERVICE_OUTPUT,
)
from modules.contract import AnyValue, DataTable, ModuleSpec, Serving
from modules.contract.markers import Columns, PathOf, Text
from modules.contract.module_spec import Port
from modules.values import TrainedModel, Transformation, UntrainedModel

ACROSS = 300.0
DOWN = 120.0

_LABELS = {"two-class": "label", "regression": "target", "multiclass": "city"}
"""The column of the example rows that models of a task predict, in the order of preference."""


def stated(spec: ModuleSpec) -> dict[str, Any]:
    """Return the content of a module's own example; empty if it has none."""
    file = spec.file.parent / "examples" / f"{spec.id}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def _facts(spec: ModuleSpec) -> dict[str, Any]:
    found = stated(spec)
    return {**found, **found.pop("pipeline", {})}


def example(spec: ModuleSpec, specs: Mapping[str, ModuleSpec]) -> Pipeline | None:
    """Return a pipeline that shows a module at work, in a group.

    None if it can't be made from the rows at hand: the module reads or writes a file, and its own
    example names none. A module that only has a meaning in an endpoint is shown in an inference
    pipeline.

    Parameters
    ----------
    specs : mapping of str to ModuleSpec
        The catalog, in the order of the palette.
    """
    facts = _facts(spec)
    if _paths(spec) - facts.get("files", {}).keys() - facts.get("parameters", {}).keys():
        return None
    building = _Building(specs, spec)
    try:
        if spec.id in WEB_SERVICE:
            building.serve()
        else:
            building.use(spec, building.add(spec))
    except LookupError:
        return None
    return building.pipeline()


def _paths(spec: ModuleSpec) -> set[str]:
    """Return the parameters that need a path."""
    return {
        each.name
        for each in spec.parameters
        if isinstance(each.marker, PathOf) and each.needed and spec.applies(each, {})
    }


class _Building:
    """An example while it is built, from the module to what it needs."""

    def __init__(self, specs: Mapping[str, ModuleSpec], shown: ModuleSpec) -> None:
        self._specs = specs
        self._shown = shown
        self._text = ""
        self._group = f"example_{shown.id}"
        self._nodes: dict[str, tuple[ModuleSpec, dict[str, Any]]] = {}
        self._links: list[tuple[str, str, str, str]] = []

    def add(self, spec: ModuleSpec, given: tuple[Port, str, str] | None = None) -> str:
        """Add a module with what its inputs need; return the name of its node.

        Parameters
        ----------
        given : tuple of (Port, str, str), optional
            An input, and the node and output that it is linked to.
        """
        name = spec.id
        if name in self._nodes:
            return name
        facts = _facts(spec)
        self._nodes[name] = (spec, {})
        if not self._text and {"rows", "columns"} & facts.keys():
            self._text = _rows_of(spec, facts)
        tasks: tuple[str, ...] = ()
        for port in spec.inputs:
            if given is not None and port.name == given[0].name:
                node, output = given[1:]
            elif port.name in facts.get("inputs", {}):
                node, output = self._made_by(facts["inputs"][port.name], port)
            elif port.optional:
                continue
            elif issubclass(DataTable, port.types):
                node, output = self._made_by(ENTER_DATA, port)
            else:
                node, output = self._made_by(_maker(port, self._specs).id, port)
            self._links.append((node, output, name, port.name))
            tasks = tasks or self._tasks(node, output)
        chosen = {**_choices(spec, tasks), **facts.get("parameters", {}), **_files(spec, facts)}
        self._nodes[name] = (
            spec,
            {
                key: value
                for key, value in chosen.items()
                if value != spec.parameter_by_name[key].default
            },
        )
        return name

    def serve(self) -> None:
        """Add the two ends of an endpoint; a request replaces the rows of a run."""
        self.add(self._specs[WEB_SERVICE_OUTPUT])
        entry = self._specs[WEB_SERVICE_INPUT]
        name = self.add(entry)
        rows = [link for link in self._links if link[0] == self._rows()]
        self._links += [(name, entry.outputs[0].name, target, port) for _, _, target, port in rows]

    def use(self, spec: ModuleSpec, node: str) -> None:
        """Train a learner, and apply a trained model, or a transformation that nothing shows."""
        for kind, made in (
            (UntrainedModel, TrainedModel),
            (TrainedModel, DataTable),
            (Transformation, DataTable),
        ):
            output = _output(spec, kind)
            if output is None or (kind is Transformation and _output(spec, DataTable) is not None):
                continue
            found = next(_followers(spec, output, made, self._specs), None)
            if found is None or found[0].id in self._nodes:
                return
            follower, port = found
            following = self.add(follower, (port, node, output.name))
            self.use(follower, following)
            return

    def pipeline(self) -> Pipeline:
        """Return the modules in rows, each below what it needs, as a group."""
        levels: dict[str, int] = {}

        def level(name: str) -> int:
            if name not in levels:
                before = [source for source, _, target, _ in self._links if target == name]
                levels[name] = 1 + max(map(level, before), default=-1)
            return levels[name]

        rows: dict[int, list[str]] = {}
        for name in self._nodes:
            rows.setdefault(level(name), []).append(name)
        nodes = {}
        for depth, names in rows.items():
            for at, name in enumerate(names):
                spec, parameters = self._nodes[name]
                place = (ACROSS * (at - (len(names) - 1) / 2), DOWN * depth)
                known = {
                    key: value for key, value in parameters.items() if key in spec.parameter_by_name
                }
                id = f"{self._group}/{name}"
                nodes[id] = Node(id, spec.id, spec.version, known, position=place)
        links = tuple(
            Link(
                Endpoint(f"{self._group}/{source}", output),
                Endpoint(f"{self._group}/{target}", port),
            )
            for source, output, target, port in self._links
        )
        group = Group(self._group, f"Example: {self._shown.title}")
        return Pipeline(nodes=nodes, links=links, groups={group.id: group})

    def _rows(self) -> str:
        name = "rows"
        if name not in self._nodes:
            spec = self._specs[ENTER_DATA]
            parameter = next(each for each in spec.parameters if isinstance(each.marker, Text))
            self._nodes[name] = (spec, {parameter.name: self._text or _all_rows()})
        return name

    def _made_by(self, module: str, port: Port) -> tuple[str, str]:
        if module == ENTER_DATA:
            return self._rows(), self._specs[ENTER_DATA].outputs[0].name
        module, _, first = module.partition(" with ")
        spec = self._specs[module]
        output = next(each for each in spec.outputs if port.accepts(each))
        given = (spec.inputs[0], *self._made_by(first, spec.inputs[0])) if first else None
        return self.add(spec, given), output.name

    def _tasks(self, node: str, output: str) -> tuple[str, ...]:
        """Return what a model at an output is for: that of its learner if it trains any."""
        spec = self._nodes[node][0]
        found = spec.output_by_name[output]
        if not any(issubclass(kind, (UntrainedModel, TrainedModel)) for kind in found.types):
            return ()
        sources = [link for link in self._links if link[2] == node]
        inner = [tasks for link in sources if (tasks := self._tasks(link[0], link[1]))]
        if inner and set(inner[0]) & set(found.tasks or inner[0]):
            return inner[0]
        return found.tasks


def _maker(port: Port, specs: Mapping[str, ModuleSpec]) -> ModuleSpec:
    """Return the module with the fewest inputs that makes a value for an input.

    A model is trained by a module that a learner is linked to, one of two classes if it can be.

    Raises
    ------
    LookupError
        If there is none.
    """
    found = [
        spec
        for spec in specs.values()
        if not _paths(spec) and any(port.accepts(each) for each in spec.outputs)
    ]
    if not found:
        raise LookupError(port.name)
    return min(found, key=lambda spec: _effort(spec, port))


def _effort(spec: ModuleSpec, port: Port) -> tuple[bool, int, bool]:
    needed = [each for each in spec.inputs if not each.optional]
    trains = _output(spec, TrainedModel) is not None
    tasks = next(each.tasks for each in spec.outputs if port.accepts(each))
    others = bool(tasks) and next(iter(_LABELS)) not in tasks
    return trains and _input(spec, UntrainedModel) is None, len(needed), others


def _followers(
    spec: ModuleSpec, output: Port, made: type, specs: Mapping[str, ModuleSpec]
) -> Iterator[tuple[ModuleSpec, Port]]:
    """Yield the modules that make a value of a type from an output and data, best first."""
    found: list[tuple[int, int, bool, int, ModuleSpec, Port]] = []
    for other in specs.values():
        port = next((each for each in other.inputs if each.accepts(output)), None)
        if port is None or AnyValue in port.types or _output(other, made) is None:
            continue
        if any(set(each.types) & set(output.types) for each in other.outputs):
            # It makes another one of what it takes, which would have to be used in turn.
            continue
        needed = [each for each in other.inputs if not each.optional and each is not port]
        if made is DataTable and _output(other, TrainedModel) is not None:
            continue
        applied = other.when_serving in (Serving.KEEP, Serving.AS_FITTED)
        made_by = _facts(other).get("inputs", {})
        if applied and all(
            issubclass(DataTable, each.types[0]) or made_by.get(each.name) for each in needed
        ):
            # The one for most kinds of models first: scoring before what explains a few.
            order = (len(other.inputs), -len(port.tasks), other.reads != "rows", len(found))
            found.append((*order, other, port))
    for *_, other, port in sorted(found, key=lambda each: each[:4]):
        yield other, port


def _choices(spec: ModuleSpec, tasks: tuple[str, ...]) -> dict[str, Any]:
    """Return columns for the parameters that need some."""
    found: dict[str, Any] = {}
    for parameter in spec.parameters:
        marker = parameter.marker
        if not isinstance(marker, Columns) or not spec.applies(parameter, {}):
            continue
        if marker.role == "label":
            label = next((_LABELS[task] for task in _LABELS if task in tasks), "label")
            found[parameter.name] = [label]
        elif parameter.required or not parameter.default:
            found[parameter.name] = [_column(marker)]
    return found


def _column(marker: Columns) -> str:
    """Return a column of the example rows of a kind that can be picked."""
    if marker.single and not marker.kinds:
        return "label"
    return "age" if not marker.kinds or "integer" in marker.kinds else "city"


def _files(spec: ModuleSpec, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the files beside a module's example, by the parameter that they are for."""
    start = f"{spec.file.parent / 'examples'}{os.sep}"
    if spec.function.__module__.startswith("modules."):
        # A built-in module is in each installation, wherever that is.
        start = f"{paths.EXAMPLE_PREFIX}{spec.file.parent.name}/"
    return {name: f"{start}{file}" for name, file in facts.get("files", {}).items()}


@cache
def _all_rows() -> str:
    return (paths.resources() / "example_rows.csv").read_text("utf-8")


def _rows_of(spec: ModuleSpec, facts: Mapping[str, Any]) -> str:
    """Return the rows of a module's example as CSV."""
    if "rows" in facts:
        text: str = (spec.file.parent / "examples" / facts["rows"]).read_text("utf-8")
        return text
    written = io.StringIO()
    writer = csv.DictWriter(written, facts["columns"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(_all_rows())))
    return written.getvalue()


def _output(spec: ModuleSpec, kind: type) -> Port | None:
    return _of_kind(spec.outputs, kind)


def _input(spec: ModuleSpec, kind: type) -> Port | None:
    return _of_kind(spec.inputs, kind)


def _of_kind(ports: tuple[Port, ...], kind: type) -> Port | None:
    return next((each for each in ports if all(issubclass(its, kind) for its in each.types)), None)
