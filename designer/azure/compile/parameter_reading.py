"""The parameters of a node in a step: values, uploads, data in Azure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from designer.azure.compile.azure_settings import azure_setting
from designer.azure.compile.data_references import AT_AZURE, WAYS_TO_SAY, data_at_azure
from designer.azure.compile.step_parts import StepParts, uploaded
from designer.azure.compile.step_ports import Input, Output
from designer.dataset_record import split_reference
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json, Node
from designer.pipeline.parameters import bound_parameter, named_secret, with_values
from designer.workspace import DATASET_PREFIX
from modules.contract import Effects, ModuleSpec, Parameter, PathOf

# What only this computer can reach.
_HERE = re.compile(
    r"^\s*(?:sqlite(?:\+\w+)?:|file:|duckdb:|"
    r"[a-z][\w+]*://(?:[^/@]*@)?(?:localhost|127\.|0\.0\.0\.0|\[::1\]))",
    re.IGNORECASE,
)


class ProblemReporter(Protocol):
    """Receives a problem of the pipeline: a sentence, a hint, and the field."""

    def __call__(
        self, message: str, hint: str = "", node: str | None = None, parameter: str | None = None
    ) -> None:
        """Report it."""


class ParameterReader:
    """Reads the parameters of nodes into the parts of their steps.

    Parameters
    ----------
    values : mapping
        The pipeline parameters' values.
    base : Path
        Where relative paths start.
    resolve : callable
        Finds the file that a path means.
    registered : mapping of str to str
        Datasets of this computer, with what they are in Azure ML.
    """

    def __init__(
        self,
        values: Mapping[str, Json],
        base: Path,
        resolve: Callable[[str, Path], Path],
        registered: Mapping[str, str],
        report: ProblemReporter,
    ) -> None:
        self._values = values
        self._base = base
        self._resolve = resolve
        self._registered = registered
        self._report = report

    def read(self, node: Node, spec: ModuleSpec, parameter: Parameter, parts: StepParts) -> None:
        """Add a node's parameter to the parts of its step."""
        values = self.values_of(node)
        if not spec.applies(parameter, values):
            # It has no effect, and its text may be private.
            return
        bound = bound_parameter(node.parameters[parameter.name])
        value = values[parameter.name]
        if bound is not None and value is None:
            self._report(
                f"The pipeline parameter “{bound}” has no value.",
                f"Give it one, for example with --param {bound}=VALUE.",
                node.id,
                parameter.name,
            )
            return
        if parameter.kind == "secret":
            name = named_secret(value)
            if name:
                parts.secrets.append(name)
                parts.parameters[parameter.name] = name
            return
        if isinstance(value, str) and _HERE.match(value) and self._is_external(spec, parameter):
            self._report(
                f"{parameter.title}: “{_shortened(value)}” is on this computer, "
                "which a job on Azure can't reach.",
                "Choose a file, which is uploaded, or an address that Azure can reach.",
                node.id,
                parameter.name,
            )
            return
        marker = parameter.marker
        if isinstance(marker, PathOf) and isinstance(value, str) and value and _is_path(value):
            # The content is uploaded now, so a bound value is fixed here.
            self._path(node, parameter, marker, value, parts)
        elif bound is not None:
            parts.values[parameter.name] = bound
        else:
            parts.parameters[parameter.name] = value

    def there(self, node: Node, parameter: str, value: str) -> Json:
        """Return a file's location in Azure ML; None if it is to be uploaded."""
        chosen = azure_setting(node.extra, "data", {}).get(parameter)
        if chosen is not None:
            return chosen
        if value.startswith(DATASET_PREFIX):
            reference = value[len(DATASET_PREFIX) :].strip()
            # A version may be somewhere else than the dataset that follows the latest one.
            name = split_reference(reference)[0]
            return self._registered.get(reference, self._registered.get(name))
        return value if value.startswith(AT_AZURE) else None

    def values_of(self, node: Node) -> dict[str, Json]:
        """Return the parameter values of a node, with pipeline parameters resolved."""
        return with_values(node.parameters, self._values)

    def _path(
        self, node: Node, parameter: Parameter, marker: PathOf, value: str, parts: StepParts
    ) -> None:
        if marker.mode == "write":
            output = Output(free_id(parameter.name, parts.outputs))
            parts.outputs[output.name] = output
            parts.written[parameter.name] = (output.name, re.split(r"[\\/]", value)[-1])
            return
        name = free_id(parameter.name, parts.inputs)
        there = self.there(node, parameter.name, value)
        if there is not None:
            try:
                parts.inputs[name], inside = data_at_azure(name, there)
            except ValueError as error:
                self._report(f"{parameter.title}: {error}", WAYS_TO_SAY, node.id, parameter.name)
                return
            parts.files[parameter.name] = (name, inside)
            return
        try:
            path = self._resolve(value, self._base)
            upload, inside = uploaded(path)
        except KeyError as error:
            self._report(str(error.args[0]), "", node.id, parameter.name)
            return
        except OSError as error:
            self._report(
                f"{parameter.title}: “{value}” can't be uploaded: {error.strerror}.",
                "Choose a file that can be read.",
                node.id,
                parameter.name,
            )
            return
        parts.inputs[name] = Input(name, upload=upload)
        parts.files[parameter.name] = (name, inside)

    def _is_external(self, spec: ModuleSpec, parameter: Parameter) -> bool:
        outside = spec.effects in (Effects.READS, Effects.WRITES)
        return isinstance(parameter.marker, PathOf) or (outside and parameter.kind == "text")


def _is_path(value: str) -> bool:
    return "://" not in value or value.startswith(AT_AZURE)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
