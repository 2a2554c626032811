"""The statement of a card: a call of its module's function."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from designer.export.cards import Card, ExportError
from designer.export.imports import Imports, is_own
from designer.export.names import Names
from designer.export.source import Source, call, laid_out, long_text, quoted, source_of
from designer.paths import EXAMPLE_PREFIX
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.pipeline.parameters import bound_parameter, named_secret
from designer.pipeline.problem import Problem
from designer.workspace import DATASET_PREFIX, Workspace
from modules.contract import ColumnSelector, Effects, Parameter, PathOf

FOLDER = "FOLDER"
"""The constant of the script that is the folder of the pipeline."""


class Statements:
    """Writes the statements of cards, and the constants that they use.

    Parameters
    ----------
    base : Path
        The folder of the pipeline, where relative paths start.
    variables, arguments : mapping
        The names of outputs and of pipeline parameters in the script.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        base: Path,
        workspace: Workspace,
        names: Names,
        imports: Imports,
        variables: Mapping[Endpoint, str],
        arguments: Mapping[str, str],
    ) -> None:
        self._pipeline = pipeline
        self._base = base
        self._workspace = workspace
        self._names = names
        self._imports = imports
        self._variables = variables
        self.arguments = arguments
        self.texts: dict[str, tuple[str, list[str]]] = {}
        """By name of the constant: its card, and the lines of its definition."""
        self.uses_folder = False
        self.warnings: list[Problem] = []

    def lines(self, card: Card) -> list[str]:
        """Return the lines of a card's statement, in a function."""
        outputs = [self._variables[Endpoint(card.id, port.name)] for port in card.spec.outputs]
        function = self._imports.function(card.spec)
        if is_own(card.spec.function.__module__):
            self._warn(card, f"“{card.id}” loads your own module from “{card.spec.file}”")
        inputs, keywords = self._inputs(card)
        for name, value in self.parameters(card):
            keywords[name] = value
        target = f"{', '.join(outputs)} = " if outputs else ""
        lines = laid_out(call(function, inputs, keywords), before=target, indent=4)
        return [*self._seeds(card), *lines]

    def _inputs(self, card: Card) -> tuple[list[Source], dict[str, Source]]:
        """Return the inputs by position, and those after a gap by name."""
        positional: list[Source] = []
        keywords: dict[str, Source] = {}
        for number, port in enumerate(card.spec.inputs):
            source = card.inputs.get(port.name)
            if source is None:
                continue
            variable = Source(self._variables[source])
            if number == len(positional):
                positional.append(variable)
            else:
                keywords[port.name] = variable
        return positional, keywords

    def parameters(self, card: Card) -> Iterator[tuple[str, Source]]:
        """Yield the source of each parameter that applies and differs from its default."""
        for name in card.parameters:
            yield name, self.parameter(card, name)

    def parameter(self, card: Card, name: str) -> Source:
        """Return the source of a parameter that the card has."""
        value = card.parameters[name]
        parameter = card.spec.parameter_by_name[name]
        bound = bound_parameter(value)
        secret = named_secret(value)
        if bound is not None:
            return self._bound(card, parameter, self._pipeline.parameters[bound])
        if secret is not None:
            return Source(quoted(secret))
        return self._value(card, parameter, card.spec.read(parameter, value))

    def _value(self, card: Card, parameter: Parameter, value: object) -> Source:
        if isinstance(parameter.marker, PathOf) and isinstance(value, str) and value:
            return self._path(card, value)
        if isinstance(value, str) and "\n" in value.rstrip("\n"):
            return self.long_text(card, parameter, value)
        try:
            return source_of(value, self._imports.kind)
        except TypeError as error:
            problem = Problem(
                "error",
                f"“{card.id}” can't be exported. {error}",
                f"Change {parameter.title}.",
                card.id,
                parameter=parameter.name,
                code="not-exportable",
            )
            raise ExportError([problem]) from None

    def long_text(self, card: Card, parameter: Parameter, text: str) -> Source:
        """Return the name of a constant with a text of several lines."""
        name = self._names.claim(f"{card.node.name}_{parameter.name}".upper())
        first, *rest = long_text(text)
        self.texts[name] = (card.id, [f"{name} = {first}", *rest])
        return Source(name)

    def _path(self, card: Card, value: str) -> Source:
        """Return a path; relative ones start at the folder of the pipeline, as in a run."""
        if "://" in value:
            return Source(quoted(value))
        if value.startswith(DATASET_PREFIX):
            path = str(self._workspace.resolve(value, self._base))
            self._warn(card, f"“{card.id}” reads the registered dataset in “{path}”")
            return Source(quoted(path))
        if value.startswith(EXAMPLE_PREFIX):
            value = str(self._workspace.resolve(value, self._base))
        if value.startswith("~"):
            return Source(f"str({self._path_class()}({quoted(value)}).expanduser())")
        if os.path.isabs(value):
            self._warn(card, f"“{card.id}” uses the absolute path “{value}”")
            return Source(quoted(value))
        return self._in_folder(quoted(PurePath(value).as_posix()))

    def resolved(self, value: str) -> Path:
        """Return the file or folder of a path as a run finds it."""
        return self._workspace.resolve(value, self._base)

    def _in_folder(self, relative: str) -> Source:
        self.uses_folder = True
        self._path_class()
        return Source(f"str({FOLDER} / {relative})")

    def _path_class(self) -> str:
        return self._imports.name("pathlib", "Path")

    def _bound(self, card: Card, parameter: Parameter, source: PipelineParameter) -> Source:
        """Return a pipeline parameter, converted as a step converts it."""
        name = self.arguments[source.name]
        if isinstance(parameter.marker, PathOf):
            if isinstance(source.default, str) and "://" in source.default:
                return Source(name)
            return self._in_folder(name)
        if parameter.kind == "columns":
            return call(f"{self._imports.kind(ColumnSelector)}.names", [Source(name)])
        if parameter.kind == "choices":
            return Source(f'[each.strip() for each in {name}.split(",")]')
        if parameter.kind == "integer" and source.type in ("number", "text"):
            return Source(f"int({name})")
        if parameter.kind == "number" and source.type == "text":
            return Source(f"float({name})")
        return Source(name)

    def _seeds(self, card: Card) -> list[str]:
        """Return what makes random numbers of a user's script those of a run."""
        texts = [value for value in card.parameters.values() if isinstance(value, str)]
        if card.spec.effects is not Effects.USER_CODE or not any("random" in t for t in texts):
            return []
        return [
            "    # Every step of a run starts with these random states.",
            f"    {self._imports.module('random')}.seed(0)",
            f"    {self._imports.module('numpy', 'np')}.random.seed(0)",
        ]

    def _warn(self, card: Card, message: str) -> None:
        hint = "To use the script on another computer, copy the file and change the path."
        self.warnings.append(
            Problem("warning", f"{message}.", hint, card.id, code="path-of-this-computer")
        )
