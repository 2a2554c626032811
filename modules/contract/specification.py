"""A module's specification, derived from the signature of its function.

Positional parameters are input ports, keyword-only parameters are the module's
parameters, the return annotation gives the output ports. ``Annotated`` carries
what a type can't say: limits, titles and help (pydantic's ``Field``) and the
markers of this file.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from modules.contract.columns import ColumnSelector
from modules.contract.values import AnyValue, Value

F = TypeVar("F", bound=Callable[..., Any])


class Effects(StrEnum):
    """What a module does beyond turning inputs into outputs."""

    NONE = "none"
    READS = "reads outside"
    WRITES = "writes outside"
    USER_CODE = "user code"


class Serving(StrEnum):
    """What becomes of a module when a pipeline turns into an inference pipeline."""

    KEEP = "keep"
    DROP = "drop"
    AS_FITTED = "apply as fitted"


class When:
    """A condition: the parameter applies only while others have certain values.

    ``When(mode="rows")`` or, for one of several values, ``When(mode=("mean", "median"))``.
    A parameter whose controlling parameter doesn't apply doesn't apply either.
    """

    def __init__(self, **conditions: Any) -> None:
        self.conditions: dict[str, tuple[Any, ...]] = {
            name: value if isinstance(value, tuple) else (value,)
            for name, value in conditions.items()
        }


@dataclass(frozen=True)
class Columns:
    """Marks a :class:`ColumnSelector` parameter: of which input, and how many.

    Parameters
    ----------
    of : str
        The input port whose columns can be picked.
    single : bool
        Exactly one column, a label for example.
    kinds : tuple of str
        Kinds of columns that can be picked; empty for any.
    """

    of: str
    single: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """Marks a text parameter that is program text, edited with highlighting."""

    language: Literal["python", "sql", "r"]


@dataclass(frozen=True)
class Text:
    """Marks a text parameter of several lines that is not a program."""


@dataclass(frozen=True)
class PathOf:
    """Marks a text parameter that names a file or folder.

    A file to read is an implicit input: its content is part of the step's
    fingerprint, and it is uploaded when the pipeline goes elsewhere.
    """

    mode: Literal["read", "write"] = "read"
    suffixes: tuple[str, ...] = ()
    folder: bool = False


@dataclass(frozen=True)
class Secret:
    """Marks a text parameter that holds the *name* of a secret, never the secret."""


class Sweep:
    """Values that Tune Model Hyperparameters tries when none are given."""

    def __init__(self, *values: Any) -> None:
        self.values = values


@dataclass(frozen=True)
class Port:
    """An input or output of a module.

    Parameters
    ----------
    name : str
        As in the function's signature or the decorator's ``outputs``.
    types : tuple of type
        Value classes that may pass; several for a union.
    optional : bool
        An input may stay unconnected, an output may be absent.
    """

    name: str
    types: tuple[type[Value], ...]
    optional: bool = False
    help: str = ""

    @property
    def title(self) -> str:
        """The name as shown to a person."""
        return _sentence(self.name)

    @property
    def type_name(self) -> str:
        """The name of the type, ``"DataTable"`` for example; unions with ``|``."""
        return " | ".join(kind.__name__ for kind in self.types)

    def accepts(self, source: Port) -> bool:
        """Tell whether an output port may be linked to this input port."""
        return any(
            target is AnyValue or given is AnyValue or issubclass(given, target)
            for given in source.types
            for target in self.types
        )


@dataclass(frozen=True)
class Parameter:
    """A parameter of a module.

    Parameters
    ----------
    kind : str
        ``boolean``, ``integer``, ``number``, ``text``, ``choice``, ``columns``,
        ``script``, ``path``, ``secret`` or ``data`` (plain JSON).
    default : object
        In plain JSON form; meaningless while ``required``.
    minimum, maximum : float or None
        Limits; inclusive unless ``exclusive_minimum`` / ``exclusive_maximum``.
    optional : bool
        ``None`` is a value of this parameter ("not set").
    when : mapping of str to tuple
        See :class:`When`.
    marker : object or None
        The :class:`Columns`, :class:`Script`, :class:`Text`, :class:`PathOf` or
        :class:`Secret` of the annotation.
    sweep : tuple
        See :class:`Sweep`.
    """

    name: str
    title: str
    kind: str
    annotation: Any = field(compare=False, repr=False)
    default: Any = None
    required: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[Any, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    help: str = ""
    marker: Any = None
    sweep: tuple[Any, ...] = ()

    def read(self, value: Any) -> Any:
        """Turn a plain JSON value into what the function takes.

        Raises
        ------
        ValueError
            With one sentence, if the value is not allowed.
        """
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(self._sentence(value, error)) from None

    def write(self, value: Any) -> Any:
        """Turn a value of the function into plain JSON."""
        return self._adapter.dump_python(value, mode="json")

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.annotation)

    def _sentence(self, value: Any, error: ValidationError) -> str:
        shown = value if isinstance(value, (int, float, bool)) or value is None else f"“{value}”"
        if self.choices:
            listed = ", ".join(f"“{choice}”" for choice in self.choices)
            return f"{self.title}: {shown} is not one of {listed}."
        if self.kind in ("integer", "number") and isinstance(value, (int, float)):
            limits = self.limits
            if limits and not isinstance(value, bool):
                number = "a whole number" if self.kind == "integer" else "a number"
                return f"{self.title}: {shown} is not {number} {limits}."
        expected = {
            "integer": "a whole number",
            "number": "a number",
            "boolean": "true or false",
            "columns": "a selection of columns",
        }.get(self.kind)
        if expected:
            return f"{self.title}: {shown} is not {expected}."
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return f"{self.title}: {reason[:1].lower()}{reason[1:]}."

    @property
    def limits(self) -> str:
        """The limits in words, ``"from 0 to 1"`` for example; empty without limits."""
        low, high = self.minimum, self.maximum
        if (
            low is not None
            and high is not None
            and not (self.exclusive_minimum or self.exclusive_maximum)
        ):
            return f"from {_number(low)} to {_number(high)}"
        parts = []
        if low is not None:
            word = "above" if self.exclusive_minimum else "of at least"
            parts.append(f"{word} {_number(low)}")
        if high is not None:
            word = "below" if self.exclusive_maximum else "of at most"
            parts.append(f"{word} {_number(high)}")
        return " and ".join(parts)


@dataclass(frozen=True)
class ModuleSpec:
    """Everything that is known of a module without running it.

    Parameters
    ----------
    id : str
        The name of the file, ``split_data`` for example.
    category : str
        The folder as a title, ``"Data Transformation"`` for example.
    requires : tuple of str
        Distributions that the module needs to run, beyond the contract's own.
    when_serving : Serving
        What becomes of the module in an inference pipeline.
    """

    id: str
    title: str
    category: str
    version: int
    function: Callable[..., Any] = field(compare=False, repr=False)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    summary: str = ""
    help: str = ""
    keywords: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    deterministic: bool = True
    effects: Effects = Effects.NONE
    when_serving: Serving = Serving.KEEP
    migrate: Callable[[dict[str, Any], int], dict[str, Any]] | None = field(
        default=None, compare=False, repr=False
    )

    @cached_property
    def parameter_by_name(self) -> dict[str, Parameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def input_by_name(self) -> dict[str, Port]:
        """The input ports by name."""
        return {port.name: port for port in self.inputs}

    @cached_property
    def output_by_name(self) -> dict[str, Port]:
        """The output ports by name."""
        return {port.name: port for port in self.outputs}

    def applies(self, parameter: Parameter, values: Mapping[str, Any]) -> bool:
        """Tell whether a parameter has an effect, given the values of the others.

        ``values`` holds plain JSON; what it lacks has its default.
        """
        for name, allowed in parameter.when.items():
            controlling = self.parameter_by_name[name]
            if not self.applies(controlling, values):
                return False
            if values.get(name, controlling.default) not in allowed:
                return False
        return True

    def read_parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Turn plain JSON values into the function's keyword arguments.

        A parameter that doesn't apply has its default, whatever is stored for it.

        Raises
        ------
        ValueError
            With one sentence, for a name, value or missing value that is not allowed.
        """
        unknown = [name for name in values if name not in self.parameter_by_name]
        if unknown:
            raise ValueError(f"{self.title} has no parameter “{unknown[0]}”.")
        arguments = {}
        for parameter in self.parameters:
            if not self.applies(parameter, values):
                default = parameter.default
                arguments[parameter.name] = None if default is None else parameter.read(default)
            elif parameter.name in values:
                arguments[parameter.name] = parameter.read(values[parameter.name])
            elif parameter.required:
                raise ValueError(f"{parameter.title} is required.")
            else:
                arguments[parameter.name] = parameter.read(parameter.default)
        return arguments

    def __call__(self, *inputs: Any, **parameters: Any) -> tuple[Any, ...]:
        """Call the module and return its outputs as a tuple, one for each port."""
        result = self.function(*inputs, **parameters)
        if len(self.outputs) == 1:
            return (result,)
        return () if not self.outputs else tuple(result)


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
    migrate: Callable[[dict[str, Any], int], dict[str, Any]] | None = None,
) -> Callable[[F], F]:
    """Make a function a module of the palette; it stays an ordinary function.

    Parameters
    ----------
    title : str
        As shown in the palette and on the canvas.
    outputs : tuple of str
        Names of the output ports, in the order of the return annotation.
    version : int
        Counted up whenever a stored pipeline would mean something else.
    keywords : tuple of str
        Words that people search for besides title and summary.
    requires : tuple of str
        Distributions that the module needs, ``"scikit-learn"`` for example.
    deterministic : bool
        Equal inputs and parameters give equal outputs.
    migrate : callable, optional
        Takes stored parameters and their module version, returns those of this version.
    """

    def decorate(function: F) -> F:
        options = {
            "title": title,
            "outputs": outputs,
            "version": version,
            "keywords": keywords,
            "requires": requires,
            "deterministic": deterministic,
            "effects": effects,
            "when_serving": when_serving,
            "migrate": migrate,
        }
        function.__module_options__ = options  # type: ignore[attr-defined]
        return function

    return decorate


def specification(function: Callable[..., Any]) -> ModuleSpec:
    """Derive the specification of a function decorated with :func:`module`.

    Raises
    ------
    TypeError
        If the signature does not describe a module.
    """
    options = dict(function.__module_options__)  # type: ignore[attr-defined]
    output_names = options.pop("outputs")
    hints = typing.get_type_hints(function, include_extras=True)
    path = function.__module__.split(".")
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
    returns = _return_annotations(hints.get("return", type(None)))
    if len(returns) != len(output_names):
        raise TypeError(
            f"{function.__module__}: {len(returns)} outputs are returned, "
            f"{len(output_names)} are named"
        )
    ports = [
        _port(name, annotation, entries.get(name, ""))
        for name, annotation in zip(output_names, returns, strict=True)
    ]
    return ModuleSpec(
        id=path[-1],
        category=_category(path[-2]) if len(path) > 1 else "",
        function=function,
        inputs=tuple(inputs),
        outputs=tuple(ports),
        parameters=tuple(parameters),
        summary=summary,
        help=help_text,
        **options,
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
    title, description = _sentence(name), ""
    when: dict[str, tuple[Any, ...]] = {}
    marker = None
    sweep: tuple[Any, ...] = ()
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
        elif isinstance(extra, (Columns, Script, Text, PathOf, Secret)):
            marker = extra
    kind = _kind(inner, marker)
    required = default is inspect.Parameter.empty
    parameter = Parameter(
        name=name,
        title=title,
        kind=kind,
        annotation=annotation,
        required=required,
        optional=optional,
        minimum=found.get("ge", found.get("gt")),
        maximum=found.get("le", found.get("lt")),
        exclusive_minimum="gt" in found,
        exclusive_maximum="lt" in found,
        choices=get_args(inner) if get_origin(inner) is Literal else (),
        when=when,
        help=description or help_text,
        marker=marker,
        sweep=sweep,
    )
    if required:
        return parameter
    plain = default.to_json() if isinstance(default, ColumnSelector) else default
    object.__setattr__(parameter, "default", plain)
    return parameter


def _kind(annotation: Any, marker: Any) -> str:
    if annotation is ColumnSelector:
        return "columns"
    if get_origin(annotation) is Literal:
        return "choice"
    if isinstance(marker, Script):
        return "script"
    if isinstance(marker, PathOf):
        return "path"
    if isinstance(marker, Secret):
        return "secret"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return kinds.get(annotation, "data")


def _port(name: str, annotation: Any, help_text: str) -> Port:
    base, _ = _unwrap(annotation)
    options = get_args(base) if get_origin(base) in (Union, types.UnionType) else (base,)
    kinds = tuple(option for option in options if option is not type(None))
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Value)):
            raise TypeError(f"port {name}: {kind!r} is not a type of value")
    return Port(name, kinds, optional=type(None) in options, help=help_text)


def _return_annotations(annotation: Any) -> tuple[Any, ...]:
    if annotation is type(None):
        return ()
    if get_origin(annotation) is tuple:
        return get_args(annotation)
    return (annotation,)


def _unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def _docstring(function: Callable[..., Any]) -> tuple[str, str, dict[str, str]]:
    """Split a numpydoc docstring into summary, whole text and one text per entry."""
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


def _category(folder: str) -> str:
    small = {"and", "of"}
    words = [word if word in small else word.capitalize() for word in folder.split("_")]
    title = " ".join(words)
    renamed = {
        "Data Input Output": "Data Input and Output",
        "Scoring Evaluation": "Model Scoring and Evaluation",
        "Automated Ml": "Automated ML",
    }
    return renamed.get(title, title)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _sentence(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
