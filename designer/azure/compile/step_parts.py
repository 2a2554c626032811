"""Collects what a step is made of: its inputs, outputs, parameters file and uploads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from designer.azure.compile.step_ports import PARAMETERS_FILE, Input, Output, Upload
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json
from modules.contract.regular_files import blocks_of


class StepParts:
    """The parts of a step while it is built."""

    def __init__(self, inputs: dict[str, Input], outputs: dict[str, Output]) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.parameters: dict[str, Json] = {}
        self.files: dict[str, tuple[str, str]] = {}
        self.written: dict[str, tuple[str, str]] = {}
        self.values: dict[str, str] = {}
        self.secrets: list[str] = []

    def add_parameters_file(self, step: str) -> str:
        """Add an input for the parameters, if there are any, and return its name."""
        if not self.parameters:
            return ""
        name = free_id("parameters", self.inputs)
        self.inputs[name] = Input(name, upload=parameters_upload(step, self.parameters))
        return name


def parameters_upload(step: str, parameters: Mapping[str, Json]) -> Upload:
    """Return the parameters of a step as a file to upload."""
    content = json.dumps(parameters, indent=1, ensure_ascii=False) + "\n"
    key = content_key({PARAMETERS_FILE: content.encode()})
    return Upload(f"parameters/{step}", key, content=content)


def uploaded(path: Path) -> tuple[Upload, str]:
    """Return a file or folder as an upload, and the name of the file in it."""
    if path.is_dir():
        files = {
            each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()
        }
    else:
        files = {path.name: path}
    key = content_key(files)
    return Upload(f"data/{key}", key, source=path), "" if path.is_dir() else path.name


def content_key(files: Mapping[str, bytes | Path]) -> str:
    """Return a hash of the names and contents of the files of a folder.

    Compiled scripts compute the same, so that an edited file is uploaded again.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0".encode())
        content = files[name]
        if isinstance(content, bytes):
            digest.update(hashlib.sha256(content).digest())
        else:
            hasher = hashlib.sha256()
            for block in blocks_of(content):
                hasher.update(block)
            digest.update(hasher.digest())
    return digest.hexdigest()[:16]
