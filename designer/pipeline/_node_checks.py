"""Problems of one node, apart from its links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from designer.pipeline.model import Json, Node, Pipeline, PipelineParameter
from designer.pipeline.parameters import bound_parameter, named_secret, with_values
from designer.pipeline.problem import Problem, near
from modules.contract.columns import Column, ColumnSelector, column_not_found
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
    "data": ("text", "integer", "number", "boolean"),
}
"""Types of pipeline parameters that can be bound to a parameter, by its kind."""

_TYPES = {"boolean": (bool,), "integer": (int,), "number": (int, float), "text": (str,)}

# user:password@host, and Password=... of ODBC; {braces} and ${...} contain a name, not a password.
_PASSWORD = re.compile(
    r"://[^/\s:@]*:(?![{$<*])[^@\s]+@|(?:^|[;\s?&])(?:password|passwd|pwd|accountkey)=(?![{$<*;])\S",
    re.IGNORECASE,
)

_NO_PASSWORDS = "Remove it and use a secret: a pipeline file must not contain passwords."

_REGISTERED = "dataset:"


@dataclass(frozen=True)
class Files:
    """How paths are resolved.

    Parameters
    ----------
    base : Path or None
        The folder that relative paths start from; None leaves them unchecked.
    datasets : collection of str or None
        Names of the registered datasets; None leaves them unchecked.
    closed : bool
        The user hasn't agreed to the files: whether they exist isn't looked at.
    """

    base: Path | None = None
    datasets: Collection[str] | None = None
    closed: bool = False


def parameter_problems(
    pipeline: Pipeline, node: Node, spec: ModuleSpec, files: Files
) -> Iterator[Problem]:
    """Yield what is wrong with the parameters of a node.

    A value without effect, because a condition isn't met, isn't checked. Where a wrong
    value leaves that open, it is: fixing one shouldn't raise the other.
    """
    values = _values(pipeline, node)
    unclear = _wrong_choices(spec, values)
    for name in node.parameters:
        if name not in spec.parameter_by_name:
            yield Problem(
                "error",
                f"{spec.title} has no parameter “{name}”.",
                near(name, spec.parameter_by_name, "parameters"),
                node.id,
                parameter=name,
            )
    for parameter in spec.parameters:
        if parameter.name in node.parameters:
            if _may_apply(spec, parameter, values, unclear):
                yield from _value_problems(pipeline, node, parameter, files)
        elif parameter.needed and spec.applies(parameter, values):
            yield _needed(node, parameter)


def column_problems(
    pipeline: Pipeline, node: Node, spec: ModuleSpec, inputs: Mapping[str, Sequence[Column]]
) -> Iterator[Problem]:
    """Yield the column selections that name what the input doesn't have."""
    values = _values(pipeline, node)
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
        known = [column.name for column in inputs[marker.of]]
        for rule in selector.rules:
            if rule.by != "names":
                continue
            for name in dict.fromkeys(rule.values):
                if name not in known:
                    error = column_not_found(name, known)
                    yield Problem(
                        # Taking away a column that isn't there does no harm.
                        "hint" if rule.exclude else "error",
                        f"{parameter.title}: {error.message[:1].lower()}{error.message[1:]}",
                        error.hint,
                        node.id,
                        parameter=parameter.name,
                    )


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
            values = _values(pipeline, node) if values is None else values
            value = values.get(parameter.name, parameter.default)
            if linked and _is_empty(parameter, value) and spec.applies(parameter, values):
                yield _needed(node, parameter)


def pipeline_parameter_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Yield the pipeline parameters whose default isn't of their type."""
    for parameter in pipeline.parameters.values():
        if isinstance(parameter.default, str) and _PASSWORD.search(parameter.default):
            yield Problem(
                "error",
                f"The default of the pipeline parameter “{parameter.name}” contains a password.",
                _NO_PASSWORDS,
                parameter=parameter.name,
            )
        if parameter.default is None or fits(parameter, parameter.default):
            continue
        yield Problem(
            "error",
            f"The default of the pipeline parameter “{parameter.name}” is "
            f"{_shown(parameter.default)}, which isn't of type {parameter.type}.",
            "Change the default or the type.",
            parameter=parameter.name,
        )


def names_computer(path: str) -> bool:
    r"""Return whether a path names another computer or a device: ``\\host\share``, ``//./COM1``."""
    return re.match(r"[\\/]{2}", path.lstrip()) is not None


def fits(parameter: PipelineParameter, value: Json) -> bool:
    """Return whether a value is of the type of a pipeline parameter."""
    if isinstance(value, bool):
        return parameter.type == "boolean"
    return isinstance(value, _TYPES.get(parameter.type, ()))


def _values(pipeline: Pipeline, node: Node) -> dict[str, Json]:
    defaults = {name: parameter.default for name, parameter in pipeline.parameters.items()}
    return with_values(node.parameters, defaults)


def _wrong_choices(spec: ModuleSpec, values: Mapping[str, Json]) -> set[str]:
    """Name the parameters that others depend on and whose value can't be read."""
    deciding = {name for parameter in spec.parameters for name in parameter.when}
    wrong = set()
    for name in deciding & values.keys():
        try:
            spec.parameter_by_name[name].read(values[name])
        except ValueError:
            wrong.add(name)
    return wrong


def _may_apply(
    spec: ModuleSpec, parameter: Parameter, values: Mapping[str, Json], unclear: Collection[str]
) -> bool:
    return all(
        (name in unclear or values.get(name, spec.parameter_by_name[name].default) in allowed)
        and _may_apply(spec, spec.parameter_by_name[name], values, unclear)
        for name, allowed in parameter.when.items()
    )


def _value_problems(
    pipeline: Pipeline, node: Node, parameter: Parameter, files: Files
) -> Iterator[Problem]:
    def problem(message: str, hint: str = "") -> Problem:
        text = f"{parameter.title}: {message}"
        return Problem("error", text, hint, node.id, parameter=parameter.name)

    value = node.parameters[parameter.name]
    bound = bound_parameter(value)
    if bound is not None:
        source = pipeline.parameters.get(bound)
        if source is None:
            hint = near(bound, pipeline.parameters, "pipeline parameters")
            yield problem(f"there is no pipeline parameter “{bound}”.", hint)
            return
        if source.type not in _FITTING.get(parameter.kind, ()):
            yield problem(
                f"the pipeline parameter “{bound}” is of type {source.type}, "
                f"but {_expected(parameter)} is needed."
            )
            return
        if source.default is None:
            return
        value = source.default
    if parameter.kind == "secret":
        if named_secret(value) is None and value not in ("", None):
            yield problem(
                "the pipeline contains the secret's value.",
                "Store it as a secret, and enter the secret's name here.",
            )
    elif named_secret(value) is not None:
        yield problem("a secret can't be used here.", "Enter the value itself.")
    elif parameter.needed and _is_empty(parameter, value):
        yield _needed(node, parameter)
    else:
        yield from _plain_value_problems(problem, node, parameter, value, files)


def _plain_value_problems(
    problem: Callable[[str, str], Problem],
    node: Node,
    parameter: Parameter,
    value: Json,
    files: Files,
) -> Iterator[Problem]:
    try:
        parameter.read(value)
    except ValueError as error:
        yield Problem("error", str(error), "", node.id, parameter=parameter.name)
        return
    marker = parameter.marker
    if isinstance(marker, Columns) and marker.single:
        named = ColumnSelector.from_json(value).named()
        if len(named) > 1:
            listed = ", ".join(f"“{name}”" for name in named[:5])
            yield problem(f"one column is needed, not {listed}.", "Choose a single column.")
    if isinstance(marker, PathOf) and marker.mode == "read" and isinstance(value, str) and value:
        yield from _path_problems(problem, marker, value, files)
    if parameter.kind in ("text", "path") and isinstance(value, str) and _PASSWORD.search(value):
        yield problem(
            "the text contains a password.",
            _NO_PASSWORDS,
        )


def _path_problems(
    problem: Callable[[str, str], Problem], marker: PathOf, value: str, files: Files
) -> Iterator[Problem]:
    if "://" in value:
        return
    if value.startswith(_REGISTERED):
        name = value.removeprefix(_REGISTERED).strip()
        if files.datasets is not None and name not in files.datasets:
            hint = near(name, files.datasets, "registered datasets")
            yield problem(f"there is no registered dataset “{name}”.", hint)
        return
    # Windows would connect to a computer that is named to find out.
    if files.closed or names_computer(value):
        return
    path = Path(value)
    if not path.is_absolute():
        if files.base is None:
            return
        path = files.base / path
    try:
        present = path.is_dir() if marker.folder else path.exists()
    except (OSError, ValueError):
        present = False
    if not present:
        hint = f"Its full path is “{path}”." if str(path) != value else "Choose another one."
        yield problem(f"there is no {'folder' if marker.folder else 'file'} “{value}”.", hint)


def _needed(node: Node, parameter: Parameter) -> Problem:
    marker = parameter.marker
    single = isinstance(marker, Columns) and marker.single
    what = "folder" if isinstance(marker, PathOf) and marker.folder else "file"
    message, hint = {
        "path": (f"No {what} is chosen.", f"Choose a {what}."),
        "columns": ("No column is chosen.", "Choose the column.")
        if single
        else ("No columns are chosen.", "Choose the columns."),
        "choice": (f"{parameter.title} isn't chosen.", "Choose one."),
        "script": ("The script is empty.", "Enter a script."),
    }.get(parameter.kind, (f"{parameter.title} is empty.", f"Enter {_expected(parameter)}."))
    return Problem("error", message, hint, node.id, parameter=parameter.name)


def _expected(parameter: Parameter) -> str:
    return {
        "boolean": "true or false",
        "integer": "an integer",
        "number": "a number",
        "columns": "a selection of columns",
        "choice": "one of the choices",
        "script": "a script",
        "path": "a path",
        "secret": "the name of a secret",
    }.get(parameter.kind, "text" if parameter.kind == "text" else "a value")


def _is_empty(parameter: Parameter, value: Json) -> bool:
    if parameter.kind == "columns":
        return value in ([], None) or (isinstance(value, dict) and value.get("rules") == [])
    return isinstance(value, str) and not value.strip() and parameter.kind != "choice"


def _shown(value: Json) -> str:
    return f"“{value}”" if isinstance(value, str) else json.dumps(value, default=str)
