"""The snapshot of all specifications: files store only what differs from a default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from module_examples import PALETTE

from modules.contract import ModuleSpec, Port

GOLDEN = Path(__file__).parent / "golden" / "specifications.json"


def plain(spec: ModuleSpec) -> dict[str, Any]:
    """Return what a stored pipeline depends on, and what a person would notice, as JSON."""
    found: dict[str, Any] = {
        "title": spec.title,
        "category": spec.category,
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
        if parameter.when:
            entry["when"] = {name: list(values) for name, values in parameter.when.items()}
        if parameter.sweep:
            entry["sweep"] = list(parameter.sweep)
        found["parameters"][parameter.name] = entry
    return found


def snapshot() -> str:
    """Return the text of the golden file for the palette as it is."""
    specs = {id: plain(spec) for id, spec in sorted(PALETTE.items())}
    return json.dumps(specs, indent=1, ensure_ascii=False) + "\n"


def _words(port: Port) -> str:
    return f"{port.name}: {port.type_name}{' (optional)' if port.optional else ''}"
