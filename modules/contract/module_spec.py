"""Everything that is known about a module without running it: ports, parameters, effects."""

from __future__ import annotations

import colorsys
import inspect
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from modules.contract.code import Template
from modules.contract.markers import PREDICTING, PathOf
from modules.contract.parameter import Parameter, is_search, possible_values, sentence
from modules.contract.port_type import AnyValue, PortValue, type_phrase, type_title
from modules.contract.registry.automated import Automated
from modules.contract.row_form import RowForm


class Effects(StrEnum):
    """What a module does beyond turning inputs into outputs."""

    NONE = "none"
    READS = "reads outside"
    WRITES = "writes outside"
    USER_CODE = "user code"


Reads = Literal["rows", "table"]
"""How a module reads its table. ``rows``: its output for a row depends on that row alone."""


class Serving(StrEnum):
    """What to do with a module when a pipeline is converted to an inference pipeline."""

    KEEP = "keep"
    DROP = "drop"
    AS_FITTED = "apply as fitted"
    MERGES_ROWS = "merges rows"
    """It adds rows of other tables to its first one; only rows of the first are scored."""


@dataclass(frozen=True)
class Category:
    """A group of the palette. A folder of modules declares its own as ``CATEGORY``.

    Parameters
    ----------
    title : str
        As shown in the palette.
    order : int
        Sort order in the palette: lower numbers come first, equal ones by title.
    colors : tuple of str
        ``#rrggbb`` on a light and on a dark background; by default colors made from the title.
    icon : str
        The name of one of the window's icons, or the path of an SVG file that draws in
        ``currentColor``; by default ``icon.svg`` in the folder, if it exists.
    task : str
        What pipelines with these modules are for; samples are found by it. Empty for modules
        that serve every task.
    """

    title: str
    order: int = 1_000
    colors: tuple[str, str] = ("", "")
    icon: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        if not all(self.colors):
            object.__setattr__(self, "colors", _colors(self.title))


@dataclass(frozen=True)
class Port:
    """An input or output of a module.

    Parameters
    ----------
    name : str
        As in the function's signature or the decorator's ``outputs``.
    types : tuple of type
        Accepted value classes; several for a union.
    optional : bool
        An input may be unconnected, an output may be absent.
    tasks : tuple of str
        Accepted tasks of models; empty for any.
    tries_values : bool
        Accepts learners with values to try.
    as_tables : bool
        Exported code writes a report as a dictionary of frames.
    """

    name: str
    types: tuple[type[PortValue], ...]
    optional: bool = False
    help: str = ""
    tasks: tuple[str, ...] = ()
    tries_values: bool = False
    as_tables: bool = False

    @cached_property
    def title(self) -> str:
        """The name as shown in the window."""
        return sentence(self.name)

    @property
    def type_name(self) -> str:
        """The name of the type, ``"DataTable"`` for example; unions with ``|``."""
        return " | ".join(kind.__name__ for kind in self.types)

    @property
    def type_title(self) -> str:
        """The types as a title, ``dataset or files`` for example."""
        return type_title(self.type_name)

    @cached_property
    def phrase(self) -> str:
        """The types with their tasks, ``an untrained model for clustering`` for example."""
        kind = type_phrase(self.type_name)
        if not self.tasks:
            return kind
        if self.tasks == PREDICTING.tasks:
            return f"{kind} that predicts a label"
        return f"{kind} for {' or '.join(_TASK_TITLES.get(task, task) for task in self.tasks)}"

    def accepts(self, source: Port) -> bool:
        """Return whether an output port may be linked to this input port."""
        if self.tasks and source.tasks and not set(self.tasks) & set(source.tasks):
            return False
        return any(
            target is AnyValue or given is AnyValue or issubclass(given, target)
            for given in source.types
            for target in self.types
        )


@dataclass(frozen=True)
class ModuleSpec:
    """Everything that is known of a module without running it.

    Parameters
    ----------
    id : str
        The name of the file, ``split_data`` for example.
    category : Category
        Its group of the palette.
    requires : tuple of str
        Distributions that the module needs to run, beyond the contract's own; see also
        :meth:`requirements`.
    when_serving : Serving
        What to do with the module in an inference pipeline.
    row : RowForm or str or None
        How the module works on one row, or the reason why it can't.
    reads : str
        ``rows`` if the module may be called with one batch of its table after the other, and
        the concatenated outputs equal its output for the whole; else ``table``.
    gives_roles : bool
        Output columns may have a role that they didn't have in any input.
    tunable : bool
        It is a learner whose parameters may be values to try; see :class:`ValuesToTry`.
    trusted, compiled, code, automated, calls
        What the module declares about its models, its code, Automated ML, and modules that it
        calls; see :func:`module`.
    """

    id: str
    title: str
    category: Category
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
    row: RowForm | str | None = field(default=None, compare=False, repr=False)
    reads: Reads = "table"
    gives_roles: bool = True
    tunable: bool = False
    trusted: tuple[str, ...] = ()
    compiled: Any = field(default=None, compare=False, repr=False)
    code: Template | str | None = field(default=None, compare=False, repr=False)
    automated: Automated | None = field(default=None, compare=False, repr=False)
    calls: Callable[[], Sequence[ModuleSpec]] | None = field(
        default=None, compare=False, repr=False
    )
    migrate: Callable[[dict[str, Any], int], dict[str, Any]] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def file(self) -> Path:
        """The file that defines the module."""
        return Path(inspect.unwrap(self.function).__code__.co_filename)

    @property
    def called(self) -> Sequence[ModuleSpec]:
        """The modules that it finds by itself and may call."""
        return () if self.calls is None else self.calls()

    @property
    def category_title(self) -> str:
        """The title of its group of the palette, ``Data Transformation`` for example."""
        return self.category.title

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

    @cached_property
    def value_path(self) -> Parameter | None:
        """The parameter that names a stored value, which the module loads into a pipeline."""
        for parameter in self.parameters:
            if isinstance(parameter.marker, PathOf) and parameter.marker.value:
                return parameter
        return None

    def requirements(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what the module needs to run with some values of its parameters.

        ``values`` contains plain JSON; missing parameters have their default. One that isn't
        known yet, because it is bound to a pipeline parameter, may have any value.
        """
        found = dict.fromkeys(self.requires)
        for parameter in self.parameters:
            if not parameter.requires or not self.applies(parameter, values):
                continue
            for value in possible_values(values.get(parameter.name, parameter.default)):
                known = [value] if isinstance(value, str) else parameter.requires
                for each in known:
                    found |= dict.fromkeys(parameter.requires.get(each, ()))
        return tuple(found)

    @cached_property
    def all_requirements(self) -> tuple[str, ...]:
        """What the module needs to run with any values of its parameters."""
        found = dict.fromkeys(self.requires)
        for parameter in self.parameters:
            for names in parameter.requires.values():
                found |= dict.fromkeys(names)
        return tuple(found)

    def applies(self, parameter: Parameter, values: Mapping[str, Any]) -> bool:
        """Return whether a parameter has an effect, given the values of the others.

        ``values`` contains plain JSON; missing parameters have their default.
        """
        for name, allowed in parameter.when.items():
            controlling = self.parameter_by_name[name]
            if not self.applies(controlling, values):
                return False
            possible = possible_values(values.get(name, controlling.default))
            if not any(value in allowed for value in possible):
                return False
        return True

    def read(self, parameter: Parameter, value: Any) -> Any:
        """Convert a plain JSON value of a parameter to the function's argument.

        Raises
        ------
        ValueError
            With one sentence, if the value isn't allowed.
        """
        if not is_search(value):
            return parameter.read(value)
        if not self.tunable:
            raise ValueError(f"{parameter.title}: {self.title} can't have several values to try.")
        return parameter.read_search(value)

    def read_parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Convert plain JSON values to the function's keyword arguments.

        A parameter that doesn't apply has its default, regardless of the stored value.

        Raises
        ------
        ValueError
            With one sentence, for a name, value or missing value that isn't allowed.
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
                arguments[parameter.name] = self.read(parameter, values[parameter.name])
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


def _colors(title: str) -> tuple[str, str]:
    """Return a hue of a title's own, dark for a light background and light for a dark one."""
    hue = zlib.crc32(title.encode()) % 360 / 360
    dark, light = (colorsys.hls_to_rgb(hue, lightness, 0.5) for lightness in (0.34, 0.7))
    return _hex(dark), _hex(light)


def _hex(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in color)


_TASK_TITLES = {
    "two-class": "two-class classification",
    "multiclass": "multiclass classification",
}
