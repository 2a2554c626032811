"""Problems of one node, apart from its links."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from designer.pipeline._path_checks import Fault, Files, path_faults
from designer.pipeline.model import Json, Node, Pipeline, PipelineParameter
from designer.pipeline.parameters import bound_parameter, named_secret, with_values
from designer.pipeline.problem import NameHints, Problem, Severity
from designer.redaction import has_password
from modules.contract.columns import Column, ColumnSelector, column_not_found
from modules.contract.parameter import is_search, possible_values
from modules.contract.specification import Columns, ModuleSpec, Parameter, PathOf

_FITTING = {
    "boolean": ("boolean",),
    "integer": ("integer",),
    "number": ("integer", "number"),
    "text": ("text",),
    "script": ("text",),
    "path": ("text",),
    "columns": ("text",),
    "choice": ("text", "integer", "number", "boolean"),
    "choices": ("text",),
    "data": ("text", "integer", "number", "boolean"),
}
"""Types of pipeline parameters that can be bound to a parameter, by its kind."""

_TYPES = {"boolean": (bool,), "integer": (int,), "number": (int, float), "text": (str,)}

_NO_PASSWORDS = "Remove it and use a secret: a pipeline file must not contain passwords."

_MOST_COLUMNS = 20
"""Columns that don't exist and are each reported, for one selection."""


class ParameterChecks:
    """Checks the parameters of the nodes of one pipeline.

    A value that many nodes are bound to is checked once for each parameter.
    """

    def __init__(self, pipeline: Pipeline, files: Files, hints: NameHints) -> None:
        self.hints = hints
        self._pipeline = pipeline
        self._files = files
        self._of_bound: dict[tuple[str, str, str], tuple[Fault, ...]] = {}

    def problems(self, node: Node, spec: ModuleSpec) -> Iterator[Problem]:
        """Yield what is wrong with the parameters of a node.

        A value without effect, because a condition isn't met, isn't checked. Where a wrong
        value leaves that open, it is: fixing one shouldn't raise the other.
        """
        values = with_values(node.parameters, self._pipeline.parameter_defaults)
        unclear = self._wrong_choices(node, spec)
        for name in node.parameters:
            if name not in spec.parameter_by_name:
                yield Problem(
                    "error",
                    f"{spec.title} has no parameter “{name}”.",
                    self.hints.near(name, spec.parameter_by_name, "parameters"),
                    node.id,
                    parameter=name,
                    code="parameter-unknown",
                )
        for parameter in spec.parameters:
            faults: Sequence[Fault] = ()
            if parameter.name in node.parameters:
                if _may_apply(spec, parameter, values, unclear):
                    faults = self._faults(node, spec, parameter)
            elif (
                parameter.needed
                and (parameter.required or _is_empty(parameter, parameter.default))
                and spec.applies(parameter, values)
            ):
                faults = (_needed(parameter),)
            for code, message, hint in faults:
                yield Problem("error", message, hint, node.id, parameter=parameter.name, code=code)

    def column_problems(
        self, node: Node, spec: ModuleSpec, inputs: Mapping[str, Sequence[Column]]
    ) -> Iterator[Problem]:
        """Yield the column selections that name what the input doesn't have."""
        values = with_values(node.parameters, self._pipeline.parameter_defaults)
        for parameter in spec.parameters:
            marker = parameter.marker
            if not isinstance(marker, Columns) or marker.of not in inputs:
                continue
            try:
                selector = ColumnSelector.from_json(values.get(parameter.name))
            except ValueError:
                continue
            if not selector.rules or not spec.applies(parameter, values):
                continue
            known = dict.fromkeys(column.name for column in inputs[marker.of])
            for rule in selector.rules:
                if rule.by != "names":
                    continue
                absent = [name for name in dict.fromkeys(rule.values) if name not in known]
                # Taking away a column that isn't there does no harm.
                severity: Severity = "hint" if rule.exclude else "error"
                for name in absent[:_MOST_COLUMNS]:
                    compared = self.hints.may_compare(name, known)
                    error = column_not_found(name, known if compared else [*known][:9])
                    yield Problem(
                        severity,
                        f"{parameter.title}: {error.message[:1].lower()}{error.message[1:]}",
                        error.hint,
                        node.id,
                        parameter=parameter.name,
                        code="column-not-found",
                    )
                if len(absent) > _MOST_COLUMNS:
                    yield Problem(
                        severity,
                        f"{parameter.title}: {len(absent) - _MOST_COLUMNS:,} more columns "
                        "don't exist.",
                        node=node.id,
                        parameter=parameter.name,
                        code="column-not-found",
                    )

    def _faults(self, node: Node, spec: ModuleSpec, parameter: Parameter) -> Sequence[Fault]:
        value = node.parameters[parameter.name]
        bound = bound_parameter(value)
        if bound is None:
            return tuple(_faults_of(spec, parameter, value, self._files, self.hints))
        key = (spec.id, parameter.name, bound)
        if key not in self._of_bound:
            self._of_bound[key] = tuple(self._faults_of_bound(spec, parameter, bound))
        return self._of_bound[key]

    def _faults_of_bound(
        self, spec: ModuleSpec, parameter: Parameter, bound: str
    ) -> Iterator[Fault]:
        source = self._pipeline.parameters.get(bound)
        if source is None:
            hint = self.hints.near(bound, self._pipeline.parameters, "pipeline parameters")
            yield (
                "pipeline-parameter-unknown",
                f"{parameter.title}: there is no pipeline parameter “{bound}”.",
                hint,
            )
        elif source.type not in _FITTING.get(parameter.kind, ()):
            yield (
                "pipeline-parameter-type",
                f"{parameter.title}: the pipeline parameter “{bound}” is of type {source.type}, "
                f"but {_expected(parameter)} is needed.",
                "",
            )
        elif source.default is not None:
            yield from _faults_of(spec, parameter, source.default, self._files, self.hints)

    def _wrong_choices(self, node: Node, spec: ModuleSpec) -> set[str]:
        """Name the parameters that others depend on and whose value can't be read."""
        if not node.parameters:
            return set()
        deciding = {name for parameter in spec.parameters for name in parameter.when}
        return {
            name
            for name in deciding & node.parameters.keys()
            if self._is_open(node.parameters[name])
            or self._faults(node, spec, spec.parameter_by_name[name])
        }

    def _is_open(self, value: Json) -> bool:
        """Return whether a value is that of a pipeline parameter which every run has to set."""
        bound = bound_parameter(value)
        source = self._pipeline.parameters.get(bound) if bound is not None else None
        return source is not None and source.default is None


def role_problems(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Iterator[Problem]:
    """Yield the required columns that aren't selected and that have no role upstream.

    A label is the usual case. Takes time linear in nodes and links.
    """
    givers = [
        node.id
        for node in pipeline.nodes.values()
        if node.module not in specs or specs[node.module].gives_roles
    ]
    with_roles = pipeline.descendants(givers)
    for node in pipeline.nodes.values():
        spec = specs.get(node.module)
        if spec is None or node.disabled or node.id in with_roles:
            continue
        values: dict[str, Json] | None = None
        for parameter in spec.parameters:
            marker = parameter.marker
            if not isinstance(marker, Columns) or not marker.role:
                continue
            linked = marker.of in pipeline.inputs_of(node.id)
            if values is None:
                values = with_values(node.parameters, pipeline.parameter_defaults)
            value = values.get(parameter.name, parameter.default)
            if linked and _is_empty(parameter, value) and spec.applies(parameter, values):
                _, message, hint = _needed(parameter)
                yield Problem(
                    "error",
                    message,
                    hint,
                    node.id,
                    parameter=parameter.name,
                    code="parameter-missing",
                )


def pipeline_parameter_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Yield the pipeline parameters whose default isn't of their type."""
    for parameter in pipeline.parameters.values():
        if isinstance(parameter.default, str) and has_password(parameter.default):
            yield Problem(
                "error",
                f"The default of the pipeline parameter “{parameter.name}” contains a password.",
                _NO_PASSWORDS,
                parameter=parameter.name,
                code="password-in-pipeline",
            )
        if parameter.default is None or fits(parameter, parameter.default):
            continue
        yield Problem(
            "error",
            f"The default of the pipeline parameter “{parameter.name}” is "
            f"{_shown(parameter.default)}, which isn't of type {parameter.type}.",
            "Change the default or the type.",
            parameter=parameter.name,
            code="parameter-wrong",
        )


def fits(parameter: PipelineParameter, value: Json) -> bool:
    """Return whether a value is of the type of a pipeline parameter."""
    if isinstance(value, bool):
        return parameter.type == "boolean"
    return isinstance(value, _TYPES.get(parameter.type, ()))


def _may_apply(
    spec: ModuleSpec, parameter: Parameter, values: Mapping[str, Json], unclear: Collection[str]
) -> bool:
    return all(
        (
            name in unclear
            or any(
                value in allowed
                for value in possible_values(values.get(name, spec.parameter_by_name[name].default))
            )
        )
        and _may_apply(spec, spec.parameter_by_name[name], values, unclear)
        for name, allowed in parameter.when.items()
    )


def _faults_of(
    spec: ModuleSpec, parameter: Parameter, value: Json, files: Files, hints: NameHints
) -> Iterator[Fault]:
    """Yield what is wrong with a value that isn't bound."""
    title = parameter.title
    if parameter.kind == "secret":
        if named_secret(value) is None and value not in ("", None):
            yield (
                "password-in-pipeline",
                f"{title}: the pipeline contains the secret's value.",
                "Store it as a secret, and enter the secret's name here.",
            )
    elif named_secret(value) is not None:
        yield "secret-not-allowed", f"{title}: a secret can't be used here.", "Enter the value."
    elif parameter.needed and _is_empty(parameter, value):
        yield _needed(parameter)
    else:
        yield from _plain_faults(spec, parameter, value, files, hints)


def _plain_faults(
    spec: ModuleSpec, parameter: Parameter, value: Json, files: Files, hints: NameHints
) -> Iterator[Fault]:
    try:
        spec.read(parameter, value)
    except ValueError as error:
        unknown = None if is_search(value) else parameter.unknown_choice(value)
        choices = [*map(str, parameter.choices)]
        hint = hints.near(unknown, choices, "choices") if unknown else ""
        yield "parameter-wrong", str(error), hint
        return
    title, marker = parameter.title, parameter.marker
    if isinstance(marker, Columns) and marker.single:
        named = ColumnSelector.from_json(value).named()
        if len(named) > 1:
            listed = ", ".join(f"“{name}”" for name in named[:5])
            yield (
                "several-columns-selected",
                f"{title}: one column is needed, not {listed}.",
                "Choose a single column.",
            )
    if isinstance(marker, PathOf) and marker.mode == "read" and isinstance(value, str) and value:
        for code, message, hint in path_faults(marker, value, files, hints):
            yield code, f"{title}: {message}", hint
    if parameter.kind in ("text", "path") and isinstance(value, str) and has_password(value):
        yield "password-in-pipeline", f"{title}: the text contains a password.", _NO_PASSWORDS


def _needed(parameter: Parameter) -> Fault:
    marker = parameter.marker
    single = isinstance(marker, Columns) and marker.single
    what = "folder" if isinstance(marker, PathOf) and marker.folder else "file"
    message, hint = {
        "path": (f"No {what} is chosen.", f"Choose a {what}."),
        "columns": ("No column is chosen.", "Choose the column.")
        if single
        else ("No columns are chosen.", "Choose the columns."),
        "choice": (f"{parameter.title} isn't chosen.", "Choose one."),
        "choices": (f"{parameter.title}: nothing is chosen.", "Choose at least one."),
        "script": ("The script is empty.", "Enter a script."),
    }.get(parameter.kind, (f"{parameter.title} is empty.", f"Enter {_expected(parameter)}."))
    return "parameter-missing", message, hint


def _expected(parameter: Parameter) -> str:
    return {
        "boolean": "true or false",
        "integer": "an integer",
        "number": "a number",
        "columns": "a selection of columns",
        "choice": "one of the choices",
        "choices": "a list of choices",
        "script": "a script",
        "path": "a path",
        "secret": "the name of a secret",
    }.get(parameter.kind, "text" if parameter.kind == "text" else "a value")


def _is_empty(parameter: Parameter, value: Json) -> bool:
    if parameter.kind in ("columns", "data"):
        return value in ([], None) or (isinstance(value, dict) and value.get("rules") == [])
    if parameter.kind == "choices" and value == []:
        return True
    return isinstance(value, str) and not value.strip() and parameter.kind != "choice"


def _shown(value: Json) -> str:
    return f"“{value}”" if isinstance(value, str) else json.dumps(value, default=str)
