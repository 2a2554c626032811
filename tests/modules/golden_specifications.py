"""The snapshot of all specifications: pipeline files store only what differs from a default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from module_examples import PALETTE

from modules.contract import ModuleSpec, Port

GOLDEN = Path(__file__).parent / "golden"


def plain(spec: ModuleSpec) -> dict[str, Any]:
    """Return what a stored pipeline depends on, and what a person would notice, as JSON."""
    found: dict[str, Any] = {
        "title": spec.title,
        "category": spec.category_title,
        "version": spec.version,
        "inputs": [_words(port) for port in spec.inputs],
        "outputs": [_words(port) for port in spec.outputs],
        "deterministic": spec.deterministic,
        "effects": spec.effects,
        "when_serving": spec.when_serving,
        "reads": spec.reads,
        "requires": list(spec.requires),
        "parameters": {},
    }
    for parameter in spec.parameters:
        entry: dict[str, Any] = {"title": parameter.title, "kind": parameter.kind}
        entry["default"] = "required" if parameter.required else parameter.default
        if parameter.needed and not parameter.required:
            entry["needed"] = True
        if parameter.optional:
            entry["optional"] = True
        if parameter.limits:
            entry["limits"] = parameter.limits
        if parameter.choices:
            entry["choices"] = list(parameter.choices)
        if parameter.requires:
            entry["requires"] = {value: list(each) for value, each in parameter.requires.items()}
        if parameter.when:
            entry["when"] = {name: list(values) for name, values in parameter.when.items()}
        if parameter.sweep:
            entry["sweep"] = list(parameter.sweep)
        found["parameters"][parameter.name] = entry
    return found


def file_of(spec: ModuleSpec) -> Path:
    """Return the file of a module in the snapshot."""
    return GOLDEN / spec.file.parent.name / f"{spec.id}.json"


def snapshot() -> dict[Path, str]:
    """Return the text of every golden file for the palette as it is."""
    return {
        file_of(spec): json.dumps(plain(spec), indent=1, ensure_ascii=False) + "\n"
        for spec in PALETTE.values()
    }


def _words(port: Port) -> str:
    return f"{port.name}: {port.type_name}{' (optional)' if port.optional else ''}"
