"""The pipeline job of SDK v2 as YAML: one file for the job, one for each component."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from designer.azure.compile.step_ports import Input, Reference, Word
from designer.azure.compile.steps import Description, Step
from designer.packaging import environment, snapshot
from designer.pipeline.model import Json
from designer.pipeline.problem import Problem

PIPELINE = "pipeline.yml"
COMPONENTS = "components"

_SCHEMAS = "https://azuremlschemas.azureedge.net/latest"
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "text": "string"}


def write_files(description: Description, folder: Path, *, compute: str, image: str) -> None:
    """Write the YAML files of a description into the folder of the compiled files."""
    (folder / COMPONENTS).mkdir()
    for step in description.steps:
        document = component_document(step, description, image)
        _write(folder / COMPONENTS / f"{step.id}.yml", document)
    _write(folder / PIPELINE, pipeline_document(description, compute))


def pipeline_document(description: Description, compute: str) -> dict[str, Any]:
    """Return the pipeline job."""
    document: dict[str, Any] = {
        "$schema": f"{_SCHEMAS}/pipelineJob.schema.json",
        "type": "pipeline",
        "display_name": description.name,
        "description": description.text,
        "experiment_name": description.name,
        "settings": {"default_compute": f"azureml:{compute}"},
        "inputs": {each.name: each.default for each in description.parameters},
        "jobs": {step.id: _job(step) for step in description.steps},
    }
    return {key: value for key, value in document.items() if value not in ("", {})}


def component_document(step: Step, description: Description, image: str) -> dict[str, Any]:
    """Return the command component of a step."""
    types = {each.name: _TYPES[each.type] for each in description.parameters}
    names = value_names(step)
    inputs = {each.name: {"type": _kind(each)} for each in step.inputs}
    inputs |= {names[value]: {"type": types[value]} for value in step.values}
    document: dict[str, Any] = {
        "$schema": f"{_SCHEMAS}/commandComponent.schema.json",
        "type": "command",
        "name": step.id,
        "version": "1",
        "display_name": step.title,
        "description": step.comment,
        "is_deterministic": step.deterministic,
        "inputs": inputs,
        "outputs": {each.name: {"type": "uri_folder"} for each in step.outputs},
        "code": f"../{snapshot.FOLDER}",
        "environment": {"image": image, "conda_file": f"../{environment.FILE}"},
        "command": command_line(step),
    }
    return {key: value for key, value in document.items() if value not in ("", {})}


def command_line(step: Step) -> str:
    """Return the command of a step, with placeholders as SDK v2 has them."""
    names = value_names(step)
    lines = []
    for call in step.calls:
        arguments: list[Word] = [("python",), ("-m",), ("modules.step",), *call.arguments()]
        if call.secrets:
            fetched = [(part,) for name in call.secrets for part in ("--secret", name)]
            arguments = [("python",), ("run_step.py",), *fetched, *call.arguments()]
        lines.append(" ".join(_word(word, names) for word in arguments))
    return " && ".join(lines)


def value_names(step: Step) -> dict[str, str]:
    """Return by pipeline parameter the name of the step's input that takes its value."""
    taken = {each.name for each in step.inputs}
    names = {}
    for value in step.values:
        name = value
        while name in taken:
            name += "_value"
        taken.add(name)
        names[value] = name
    return names


def unsafe_values(description: Description, values: Mapping[str, Json]) -> list[Problem]:
    """Return what can't be passed in the command line of a job of SDK v2.

    Parameters
    ----------
    values : mapping
        Values of pipeline parameters instead of the description's.
    """
    problems = []
    for each in description.parameters:
        value = values.get(each.name, each.default)
        if isinstance(value, str) and set(value) & set('"$`\\\n\r'):
            problems.append(
                Problem(
                    "error",
                    f"The value of the pipeline parameter “{each.name}” has a character that "
                    "can't be passed to a job: one of \" $ ` \\ or a line break.",
                    "Write the value into the node itself.",
                    parameter=each.name,
                )
            )
    return problems


def _job(step: Step) -> dict[str, Any]:
    names = value_names(step)
    inputs: dict[str, Any] = {each.name: _source(each) for each in step.inputs}
    inputs |= {names[value]: f"${{{{parent.inputs.{value}}}}}" for value in step.values}
    document: dict[str, Any] = {
        "type": "command",
        "component": f"./{COMPONENTS}/{step.id}.yml",
        "compute": f"azureml:{step.compute}" if step.compute else "",
        "inputs": inputs,
    }
    return {key: value for key, value in document.items() if value not in ("", {})}


def _kind(item: Input) -> str:
    return "uri_file" if item.asset is not None and item.asset.is_file else "uri_folder"


def _source(item: Input) -> Any:
    if item.upload is not None:
        return {"type": "uri_folder", "path": f"./{item.upload.folder}"}
    if item.location is not None:
        return {"type": "uri_folder", "path": str(item.location)}
    if item.asset is not None:
        return {"type": _kind(item), "path": str(item.asset)}
    return f"${{{{parent.jobs.{item.step}.outputs.{item.output}}}}}"


def _word(word: Word, names: dict[str, str]) -> str:
    plain = all(re.fullmatch(r"[\w@%+=:,./-]*", part) for part in word if isinstance(part, str))
    has_value = any(isinstance(part, Reference) and part.kind == "value" for part in word)
    texts = [_placeholder(part, names) if isinstance(part, Reference) else part for part in word]
    if plain and not has_value:
        return "".join(texts)
    # Double quotes, since a placeholder may become a variable of the shell.
    return (
        '"'
        + "".join(
            text if isinstance(part, Reference) else re.sub(r'([\\"$`])', r"\\\1", text)
            for part, text in zip(word, texts, strict=True)
        )
        + '"'
    )


def _placeholder(part: Reference, names: dict[str, str]) -> str:
    if part.kind == "output":
        return f"${{{{outputs.{part.name}}}}}"
    name = names[part.name] if part.kind == "value" else part.name
    return f"${{{{inputs.{name}}}}}"


def _write(path: Path, document: dict[str, Any]) -> None:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(text, "utf-8", newline="\n")
