"""A module's specification, derived from the signature of its function.

Positional parameters are input ports, keyword-only parameters are the module's
parameters, the return annotation defines the output ports. ``Annotated`` contains
what a type can't express: limits, titles and help (pydantic's ``Field``) and the
markers of :mod:`modules.contract.markers`.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from modules.contract.code import Template
from modules.contract.columns import ColumnSelector
from modules.contract.markers import (
    AsTables,
    Columns,
    Needed,
    Numbers,
    PathOf,
    Requires,
    Rules,
    Script,
    Secret,
    Sweep,
    Tasks,
    Text,
    TriesValues,
    TypesOfColumns,
    ValueOf,
    When,
)
from modules.contract.module_spec import (
    Category,
    Effects,
    ModuleSpec,
    Port,
    Reads,
    Serving,
)
from modules.contract.parameter import Parameter, sentence
from modules.contract.port_type import PortValue
from modules.contract.registry.automated import Automated
from modules.contract.row_form import RowForm

__all__ = [
    "Category",
    "Columns",
    "Effects",
    "ModuleSpec",
    "Parameter",
    "PathOf",
    "Port",
    "Serving",
    "module",
    "specification",
]

MARKERS = (Columns, Numbers, PathOf, Rules, Script, Secret, Text, TypesOfColumns, ValueOf)
"""The classes of :attr:`Parameter.marker`."""

F = TypeVar("F", bound=Callable[..., Any])


def module(
    title: str,
    *,
    outputs: tuple[str, ...] = (),
    version: int = 1,
    keywords: tuple[str, ...] = (),
    requires: tuple[str, ...] = (),
    deterministic: bool = True,
    effects: Effects = Effects.NONE,
    when_serving: Serving = Serving.KEEP,
    row: RowForm | str | None = None,
    reads: Reads = "table",
    gives_roles: bool | None = None,
    tunable: bool = False,
    trusted: tuple[str, ...] = (),
    compiled: Any = None,
    code: Template | str | None = None,
    automated: Automated | None = None,
    calls: Callable[[], Sequence[ModuleSpec]] | None = None,
    migrate: Callable[[dict[str, Any], int], dict[str, Any]] | None = None,
) -> Callable[[F], F]:
    """Make a function a module of the palette; it remains an ordinary function.

    Parameters
    ----------
    title : str
        As shown in the palette and on the canvas.
    outputs : tuple of str
        Names of the output ports, in the order of the return annotation.
    version : int
        Incremented whenever a stored pipeline would change its meaning.
    keywords : tuple of str
        Search terms besides title and summary.
    requires : tuple of str
        Distributions that the module needs, ``"scikit-learn"`` for example.
    deterministic : bool
        Equal inputs and parameters produce equal outputs.
    effects : Effects
        What it does beyond turning inputs into outputs.
    when_serving : Serving
        What to do with it when a pipeline is converted to an inference pipeline.
    row : RowForm or str, optional
        How it works on one row at a time, so that an endpoint doesn't need tables; or the reason
        why it can't, to follow a colon.
    reads : str
        ``"rows"`` if the output for a row depends on that row alone: no count, mean
        or order of others, no type that the other values of a column decide. It may then be
        called batch by batch. ``"table"`` if it needs all rows at once.
    gives_roles : bool, optional
        Output columns may have a role, label for example, that they didn't have in any input.
        By default False for modules of this package and True for others.
    tunable : bool
        It is a learner, and accepts a :class:`ValuesToTry` or :class:`RangeToTry` for each of its
        parameters.
    trusted : tuple of str
        Dotted names of types that the module's stored scikit-learn objects contain beyond skops'
        own list, each reviewed: building it from a file must not run external code.
    compiled : CompiledForm, optional
        How to serve models of this learner with numpy only; see ``modules.learning.learner``.
    code : callable or str, optional
        Writes a step as code without this project; see :mod:`modules.contract.code`. Or the
        reason why it can't, to follow a colon.
    automated : Candidate, Preparation, or another declaration, optional
        Its part in Automated ML; see :mod:`modules.contract.registry.automated`.
    calls : callable, optional
        Returns the modules that it finds by itself and may call, if it doesn't import them. Its
        results depend on their sources and libraries, and they travel with it.
    migrate : callable, optional
        Converts stored parameters of an earlier module version to this version.
    """
    options = dict(locals())

    def decorate(function: F) -> F:
        function.__module_options__ = dict(options)  # type: ignore[attr-defined]
        return function

    return decorate


def specification(function: Callable[..., Any]) -> ModuleSpec:
    """Derive the specification of a function decorated with :func:`module`, once.

    Raises
    ------
    TypeError
        If the signature doesn't describe a module.
    """
    if not hasattr(function, "__module_specification__"):
        function.__module_specification__ = _derived(function)  # type: ignore[attr-defined]
    found: ModuleSpec = function.__module_specification__  # type: ignore[attr-defined]
    return found


def _derived(function: Callable[..., Any]) -> ModuleSpec:
    options = dict(function.__module_options__)  # type: ignore[attr-defined]
    output_names = options.pop("outputs")
    hints = _annotations(function)
    path = function.__module__.split(".")
    if isinstance(options["row"], RowForm) and len(output_names) != 1:
        raise TypeError(f"{function.__module__}: a module with a row form has one output")
    if options["gives_roles"] is None:
        options["gives_roles"] = path[0] != __name__.split(".")[0]
    summary, help_text, entries = _docstring(function)
    inputs, parameters = [], []
    for name, argument in inspect.signature(function).parameters.items():
        annotation = hints.get(name)
        if annotation is None:
            raise TypeError(f"{function.__module__}: {name} has no annotation")
        if argument.kind is inspect.Parameter.KEYWORD_ONLY:
            parameters.append(_parameter(name, annotation, argument.default, entries.get(name, "")))
        else:
            inputs.append(_port(name, annotation, entries.get(name, "")))
    returns = _return_annotations(hints.get("return"))
    if len(returns) != len(output_names):
        raise TypeError(
            f"{function.__module__}: {len(returns)} outputs are returned, "
            f"{len(output_names)} are named"
        )
    ports = [
        _port(name, annotation, entries.get(name, ""))
        for name, annotation in zip(output_names, returns, strict=True)
    ]
    category = _category(".".join(path[:-1]))
    if options["reads"] == "rows":
        _check_rows(function, inputs, ports)
    return ModuleSpec(
        id=path[-1],
        category=category,
        function=function,
        inputs=tuple(inputs),
        outputs=tuple(ports),
        parameters=tuple(parameters),
        summary=summary,
        help=help_text,
        **options,
    )


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations as ``inspect.get_annotations`` evaluates them, in half of the time."""
    names = inspect.unwrap(function).__globals__
    return {
        name: eval(_compiled(text), names) if isinstance(text, str) else text
        for name, text in function.__annotations__.items()
    }


@functools.cache
def _compiled(annotation: str) -> types.CodeType:
    # Half of the annotations of all modules are the same as those of others.
    return compile(annotation, "<annotation>", "eval")


def _check_rows(function: Callable[..., Any], inputs: list[Port], outputs: list[Port]) -> None:
    def is_table(port: Port) -> bool:
        return all(kind.port_type.has_rows for kind in port.types)

    if sum(map(is_table, inputs)) != 1 or not all(map(is_table, outputs)):
        raise TypeError(
            f"{function.__module__}: a module that reads rows has one table as input, "
            "and outputs that are tables"
        )


def _parameter(name: str, annotation: Any, default: Any, help_text: str) -> Parameter:
    base, extras = _unwrap(annotation)
    optional = get_origin(base) in (Union, types.UnionType) and type(None) in get_args(base)
    inner = base
    if optional:
        options = [option for option in get_args(base) if option is not type(None)]
        if len(options) == 1:
            inner, inside = _unwrap(options[0])
            extras = (*inside, *extras)
    found: dict[str, Any] = {}
    title, description = sentence(name), ""
    when: dict[str, tuple[Any, ...]] = {}
    marker = None
    sweep: tuple[Any, ...] = ()
    requires: dict[str, tuple[str, ...]] = {}
    required = default is inspect.Parameter.empty
    needed = required
    for extra in extras:
        if isinstance(extra, FieldInfo):
            title = extra.title or title
            description = extra.description or ""
            for limit in extra.metadata:
                for key in ("ge", "gt", "le", "lt"):
                    if hasattr(limit, key):
                        found[key] = getattr(limit, key)
        elif isinstance(extra, When):
            when = extra.conditions
        elif isinstance(extra, Sweep):
            sweep = extra.values
        elif isinstance(extra, Requires):
            requires = extra.libraries
        elif isinstance(extra, Needed):
            needed = True
        elif isinstance(extra, MARKERS):
            marker = extra
    choices = _choices(inner)
    parameter = Parameter(
        name=name,
        title=title,
        kind=_kind(inner, marker, choices),
        annotation=annotation,
        required=required,
        needed=needed,
        optional=optional,
        minimum=found.get("ge", found.get("gt")),
        maximum=found.get("le", found.get("lt")),
        exclusive_minimum="gt" in found,
        exclusive_maximum="lt" in found,
        choices=choices,
        when=when,
        help=description or help_text,
        marker=marker,
        sweep=sweep,
        requires=requires,
    )
    if required:
        return parameter
    object.__setattr__(parameter, "default", _plain(default))
    return parameter


def _plain(default: Any) -> Any:
    """Return a default as plain JSON, as its parameter writes it but a hundred times as fast."""
    if isinstance(default, ColumnSelector):
        return default.to_json()
    return list(default) if isinstance(default, tuple) else default


def _kind(annotation: Any, marker: Any, choices: tuple[Any, ...]) -> str:
    if annotation is ColumnSelector:
        return "columns"
    if choices:
        return "choice" if get_origin(annotation) is Literal else "choices"
    if isinstance(marker, Script):
        return "script"
    if isinstance(marker, PathOf):
        return "path"
    if isinstance(marker, Secret):
        return "secret"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return kinds.get(annotation, "data")


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Return the choices of a ``Literal``, or of a tuple with any number of them."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        inner = get_args(annotation)[0]
        return get_args(inner) if get_origin(inner) is Literal else ()
    return ()


def _port(name: str, annotation: Any, help_text: str) -> Port:
    base, extras = _unwrap(annotation)
    options = get_args(base) if get_origin(base) in (Union, types.UnionType) else (base,)
    kinds = tuple(option for option in options if option is not type(None))
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, PortValue)):
            raise TypeError(f"port {name}: {kind!r} isn't a value type")
    return Port(
        name,
        kinds,
        optional=type(None) in options,
        help=help_text,
        tasks=next((extra.tasks for extra in extras if isinstance(extra, Tasks)), ()),
        tries_values=any(isinstance(extra, TriesValues) for extra in extras),
        as_tables=any(isinstance(extra, AsTables) for extra in extras),
    )


def _return_annotations(annotation: Any) -> tuple[Any, ...]:
    if annotation is None:
        return ()
    if get_origin(annotation) is tuple:
        return get_args(annotation)
    return (annotation,)


def _unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def _docstring(function: Callable[..., Any]) -> tuple[str, str, dict[str, str]]:
    """Split a numpydoc docstring into summary, full text and one text per entry."""
    text = inspect.getdoc(function) or ""
    summary = text.split("\n\n")[0].replace("\n", " ")
    entries: dict[str, str] = {}
    lines = text.splitlines()
    section, name = "", ""
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if line and following.startswith("---") and len(following.strip("-")) == 0:
            section, name = line, ""
        elif section in ("Parameters", "Returns") and line and not line.startswith((" ", "---")):
            name = line.split(":")[0].strip()
            entries[name] = ""
        elif name and line.startswith(" "):
            entries[name] = (entries[name] + " " + line.strip()).strip()
    for names in [key for key in entries if "," in key]:
        for single in names.split(","):
            entries[single.strip()] = entries[names]
    return summary, text, entries


def _category(package: str) -> Category:
    """Return the category that a package declares, or one named after its folder."""
    loaded = sys.modules.get(package)
    stated = getattr(loaded, "CATEGORY", None)
    file = getattr(loaded, "__file__", None)
    if not isinstance(stated, Category):
        words = package.rpartition(".")[2].split("_")
        stated = Category(
            " ".join(word if word in ("and", "of") else word.capitalize() for word in words)
        )
    if stated.icon or file is None:
        return stated
    drawing = Path(file).with_name("icon.svg")
    return replace(stated, icon=str(drawing)) if drawing.exists() else stated
