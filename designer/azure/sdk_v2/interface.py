"""What a module looks like as a component of SDK v2: inputs of its own names and types.

A component is the same whatever the pipeline sets: a parameter that has a plain value is an input
of the job. What a job can't pass as a word of a command line travels in a file, ``parameters``:
scripts, column selections, other structures, and text with characters that a shell would read.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from designer.azure.compile.step_parts import parameters_upload
from designer.azure.compile.step_ports import PARAMETERS_FILE, Input, Upload
from designer.azure.compile.steps import Step
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json
from modules.contract import Parameter, PathOf

TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "text": "string",
    "choice": "string",
}
"""By kind of parameter: the type of its input; other kinds travel in the file."""

UNSAFE = frozenset('"$`\\\n\r')
"""Characters that a word in double quotes can't contain."""


@dataclass
class Interface:
    """A step as a component and a job of it.

    Parameters
    ----------
    inputs, outputs : dict
        Those of the component, by name, as in its YAML file.
    command : list of str
        Parts of the component's command line.
    values : dict
        What the job passes to inputs, as in the YAML file of the pipeline.
    links : dict of str to Input
        Inputs that get the output of another step.
    parameters : dict of str to str
        Inputs for a parameter, with its name.
    in_file : frozenset of str
        The parameters that travel in a file, with the input ``file_input``.
    upload : Upload or None
        That file.
    """

    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Input] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    in_file: frozenset[str] = frozenset()
    file_input: str = ""
    upload: Upload | None = None


def interface(step: Step) -> Interface:
    """Return the interface of a step's module, with what this step passes."""
    return _Builder(step).interface()


class _Builder:
    def __init__(self, step: Step) -> None:
        (self._call,) = step.calls
        self._step = step
        self._spec = step.spec
        self._given = {item.name: item for item in step.inputs}
        self._made = Interface()
        self._secrets: list[str] = []
        self._in_file = dict(self._call.settings)

    def interface(self) -> Interface:
        """Build it: ports, parameters, and what is common to all modules."""
        made = self._made
        for port in self._spec.inputs:
            document = {"type": "uri_folder", "description": _plain(port.help or port.title)}
            name = self._input(port.name, document, optional=port.optional)
            self._word(f"--input {port.name}=", name, optional=port.optional)
            if port.name in self._call.inputs:
                made.links[name] = self._given[self._call.inputs[port.name]]
        for port in self._spec.outputs:
            made.outputs[port.name] = {
                "type": "uri_folder",
                "description": _plain(port.help or port.title),
            }
            made.command.append(f"--output {port.name}=${{{{outputs.{port.name}}}}}")
        for parameter in self._spec.parameters:
            self._parameter(parameter)
        self._common()
        made.command = [*self._program(), *made.command]
        return made

    def _program(self) -> list[str]:
        if not any(each.kind == "secret" for each in self._spec.parameters):
            return ["python -m modules.step", self._call.module]
        return ["python run_step.py", *self._secrets, self._call.module]

    def _parameter(self, parameter: Parameter) -> None:
        name = parameter.name
        if isinstance(parameter.marker, PathOf):
            self._path(parameter, parameter.marker)
        elif parameter.kind == "secret":
            taken = self._input(name, _about(parameter, "string"), optional=True)
            self._made.parameters[taken] = name
            self._secrets.append(f"$[[--secret ${{{{inputs.{taken}}}}}]]")
            self._word(f"--set {name}=", taken, optional=True)
            if name in self._in_file:
                self._made.values[taken] = self._in_file.pop(name)
        elif parameter.kind in TYPES or name in self._call.values:
            taken = self._input(
                name, _about(parameter, TYPES.get(parameter.kind, "string")), optional=True
            )
            self._made.parameters[taken] = name
            self._word(f"--set {name}=", taken, optional=True)
            if name in self._call.values:
                self._made.values[taken] = f"${{{{parent.inputs.{self._call.values[name]}}}}}"
            elif name in self._in_file and is_plain(self._in_file[name], parameter):
                self._made.values[taken] = self._in_file.pop(name)

    def _path(self, parameter: Parameter, marker: PathOf) -> None:
        """Add a file or folder: an input or output, and the name of the file in it."""
        name = parameter.name
        inside_document = {
            "type": "string",
            "description": f"{parameter.title}: the file in the folder.",
        }
        if marker.mode == "write":
            output, inside = self._call.written.get(name, (name, "output"))
            self._made.outputs[output] = {
                "type": "uri_folder",
                "description": _plain(parameter.help or parameter.title),
            }
            self._made.command.append(f"--set {name}=${{{{outputs.{output}}}}}")
        else:
            given, inside = self._call.files.get(name, ("", ""))
            item = self._given.get(given)
            document = _about(parameter, kind_of(item) if item else "uri_folder")
            taken = self._input(name, document, optional=True)
            self._made.parameters[taken] = name
            self._word(f"--set {name}=", taken, optional=True)
            if item:
                self._made.values[taken] = source(item)
        if set(inside) & UNSAFE:
            # A name that no job can pass: the component is for this file alone.
            self._made.command.append(f"--inside {_quoted(f'{name}={inside}')}")
            return
        taken = self._input(f"{name}_file", inside_document, optional=True)
        self._made.parameters[taken] = name
        self._word(f"--inside {name}=", taken, optional=True)
        if inside:
            self._made.values[taken] = inside

    def _common(self) -> None:
        document = {
            "type": "uri_folder",
            "description": f"{PARAMETERS_FILE} with parameters that aren't inputs, by name.",
        }
        name = self._input("parameters", document, optional=True)
        # After the others, since the later one counts.
        self._made.command.append(f"$[[--parameters ${{{{inputs.{name}}}}}/{PARAMETERS_FILE}]]")
        if self._in_file:
            self._made.in_file, self._made.file_input = frozenset(self._in_file), name
            self._made.upload = parameters_upload(self._step.id, self._in_file)
            self._made.values[name] = source(Input(name, upload=self._made.upload))
        limit = {"type": "number", "description": "Memory of the step, in GB."}
        name = self._input("memory_limit", limit, optional=True)
        self._word("--memory-limit ", name, optional=True)
        if self._call.memory_limit is not None:
            self._made.values[name] = self._call.memory_limit

    def _input(self, name: str, document: dict[str, Any], *, optional: bool) -> str:
        name = free_id(name, self._made.inputs)
        self._made.inputs[name] = document | ({"optional": True} if optional else {})
        return name

    def _word(self, before: str, name: str, *, optional: bool) -> None:
        # Double quotes, since a value may contain blanks.
        flag, _, rest = before.partition(" ")
        text = f'{flag} "{rest}${{{{inputs.{name}}}}}"'
        self._made.command.append(f"$[[{text}]]" if optional else text)


def kind_of(item: Input) -> str:
    """Return the type of the component's input that takes a file or folder."""
    return "uri_file" if item.asset is not None and item.asset.is_file else "uri_folder"


def source(item: Input) -> Any:
    """Return what a job passes to an input, as in the YAML file of the pipeline."""
    if item.upload is not None:
        return {"type": "uri_folder", "path": f"./{item.upload.folder}"}
    if item.location is not None:
        return {"type": "uri_folder", "path": str(item.location)}
    return {"type": kind_of(item), "path": str(item.asset)}


def is_plain(value: Json, parameter: Parameter) -> bool:
    """Return whether a value of a parameter can be passed as an input of a job."""
    if isinstance(value, bool):
        return parameter.kind == "boolean"
    if isinstance(value, (int, float)):
        return parameter.kind in ("integer", "number") and math.isfinite(value)
    if not isinstance(value, str) or not value.strip() or set(value) & UNSAFE:
        return False
    # A choice is read as JSON if it is JSON, so that “1” would become a number.
    return parameter.kind == "text" or (parameter.kind == "choice" and not _is_json(value))


def _about(parameter: Parameter, kind: str) -> dict[str, Any]:
    """Return the input of a parameter: type, limits, choices, default, and help."""
    document: dict[str, Any] = {
        "type": kind,
        "description": _plain(parameter.help or parameter.title),
    }
    if parameter.kind in ("integer", "number"):
        if parameter.minimum is not None and not parameter.exclusive_minimum:
            document["min"] = parameter.minimum
        if parameter.maximum is not None and not parameter.exclusive_maximum:
            document["max"] = parameter.maximum
    if parameter.kind == "choice" and all(isinstance(each, str) for each in parameter.choices):
        document["enum"] = list(parameter.choices)
    if kind in TYPES.values() and not parameter.required and is_plain(parameter.default, parameter):
        document["default"] = parameter.default
    return document


def _plain(text: str) -> str:
    """Return help without the marks of code, which the studio shows as they are."""
    return text.replace("``", "")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'
