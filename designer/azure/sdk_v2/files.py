"""The pipeline job of SDK v2 as YAML: one file for the job, one for each component."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from designer.azure.compile.cards import Card
from designer.azure.compile.step_parts import content_key
from designer.azure.compile.step_ports import Input, Upload
from designer.azure.compile.steps import Description, Step
from designer.azure.sdk_v2.interface import UNSAFE, Interface, interface, source
from designer.azure.sdk_v2.jobs import COMPONENTS, Jobs
from designer.packaging import environment, snapshot
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json
from designer.pipeline.problem import Problem

PIPELINE = "pipeline.yml"

_SCHEMAS = "https://azuremlschemas.azureedge.net/latest"
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "text": "string"}


class JobFiles:
    """The files of a description for SDK v2."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._steps = {step.id: step for step in description.steps}
        self._interfaces = {step.id: interface(step) for step in description.steps}
        for step in description.steps:
            if any(card.contains(step.nodes[0]) for card in description.cards):
                _name_by_content(self._interfaces[step.id])

    @property
    def uploads(self) -> list[Upload]:
        """What has to be uploaded beside the code: data files, and values in files."""
        data = [each for each in self._description.uploads if each.source is not None]
        values = [each.upload for each in self._interfaces.values() if each.upload]
        return list({each.folder: each for each in (*data, *values)}.values())

    def write(self, folder: Path, *, compute: str, image: str) -> None:
        """Write the YAML files into the folder, which has the code and the environment."""
        code = _key_of(folder / snapshot.FOLDER)
        conda = (folder / environment.FILE).read_text("utf-8")
        surroundings = {
            "name": environment.NAME,
            "version": _digest(conda, image),
            "image": image,
            "conda_file": f"../{environment.FILE}",
        }
        (folder / COMPONENTS).mkdir()
        written: dict[str, str] = {}
        references: dict[str, str] = {}
        files: dict[str, str] = {}

        def write(key: str, document: dict[str, Any]) -> None:
            """Write a component; steps of a module share it, and so do cards."""
            text = json.dumps(document)
            if text not in written:
                written[text] = free_id(document["name"], set(written.values()))
                _write(folder / COMPONENTS / f"{written[text]}.yml", document)
                references[f"./{written[text]}.yml"] = f"{document['name']}:{document['version']}"
            files[key] = written[text]

        for name, step in self._steps.items():
            document = component_document(step, self._interfaces[name], surroundings)
            document["version"] = f"{step.spec.version}.{_digest(json.dumps(document), code)}"
            write(name, document)
        jobs = Jobs(self._description, self._interfaces, files)
        for card in reversed(self._description.cards):
            document = shared_document(card, jobs.component(card))
            content = json.dumps(document)
            for file, reference in references.items():
                content = content.replace(f'"{file}"', f'"{reference}"')
            document["version"] = _digest(content)
            write(card.group, document)
        _write(folder / PIPELINE, self.pipeline_document(jobs, compute))

    def pipeline_document(self, jobs: Jobs, compute: str) -> dict[str, Any]:
        """Return the pipeline job."""
        description = self._description
        return _filled(
            {
                "$schema": f"{_SCHEMAS}/pipelineJob.schema.json",
                "type": "pipeline",
                "display_name": description.name,
                "description": description.text,
                "experiment_name": description.name,
                "settings": {"default_compute": f"azureml:{compute}"},
                "inputs": {each.name: each.default for each in description.parameters},
                "outputs": {name: {"type": "uri_folder"} for name in jobs.outputs},
                "jobs": jobs.jobs(),
            }
        )


def component_document(
    step: Step, made: Interface, surroundings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the command component of a step's module, whose version is still to be set."""
    spec = step.spec
    return _filled(
        {
            "$schema": f"{_SCHEMAS}/commandComponent.schema.json",
            "type": "command",
            "name": re.sub(r"[^\w.-]+", "_", spec.id),
            "version": "…",
            "display_name": spec.title,
            "description": spec.summary,
            "is_deterministic": step.deterministic,
            "inputs": made.inputs,
            "outputs": made.outputs,
            "code": f"../{snapshot.FOLDER}",
            "environment": dict(surroundings),
            "command": " ".join(made.command),
        }
    )


def shared_document(card: Card, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pipeline component of a shared module, whose version is still to be set."""
    return _filled(
        {
            "$schema": f"{_SCHEMAS}/pipelineComponent.schema.json",
            "type": "pipeline",
            "name": card.name,
            "version": "…",
            "display_name": card.title,
            "description": card.help,
            **content,
        }
    )


def component_type(kind: str) -> str:
    """Return the type of a component's input for a pipeline parameter of this type."""
    return _TYPES[kind]


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
        if isinstance(value, str) and set(value) & UNSAFE:
            problems.append(
                Problem(
                    "error",
                    f"The value of the pipeline parameter “{each.name}” has a character that "
                    "can't be passed to a job: one of \" $ ` \\ or a line break.",
                    "Write the value into the node itself.",
                    parameter=each.name,
                    code="value-not-passable",
                )
            )
    return problems


def _name_by_content(made: Interface) -> None:
    """Give the file with values a name that is the same wherever a shared module is used."""
    if made.upload is not None:
        made.upload = replace(made.upload, folder=f"parameters/{made.upload.key}")
        made.values[made.file_input] = source(Input(made.file_input, upload=made.upload))


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in ("", {}, None)}


def _key_of(folder: Path) -> str:
    files: Iterable[Path] = (each for each in folder.rglob("*") if each.is_file())
    return content_key({each.relative_to(folder).as_posix(): each for each in files})


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:10]


def _write(path: Path, document: dict[str, Any]) -> None:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(text, "utf-8", newline="\n")
