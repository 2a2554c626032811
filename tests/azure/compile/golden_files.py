"""What the golden files of a compiled sample hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

GOLDEN = Path(__file__).parent / "golden"


def texts(v1: Path, v2: Path) -> dict[str, str]:
    """Return by file name the texts to compare, from both compilations of one pipeline."""
    graph = json.loads((v1 / "graph.json").read_text("utf-8"))
    components = sorted((v2 / "components").iterdir())
    text = "---\n".join(component(path) for path in components)
    return {
        "pipeline.py": (v1 / "pipeline.py").read_text("utf-8"),
        "pipeline.yml": (v2 / "pipeline.yml").read_text("utf-8"),
        "components.yml": text,
        "graph.json": json.dumps(outline(graph), indent=1, ensure_ascii=False) + "\n",
        "parameters.json": json.dumps(parameters(v1), indent=1, ensure_ascii=False) + "\n",
    }


def component(path: Path) -> str:
    """Return a component without what a change of any module's code or help changes."""
    document = yaml.safe_load(path.read_text("utf-8"))
    for each in filter(None, (document, document.get("environment"))):
        each["version"] = re.sub(r"\w{10}$", "…", each["version"])
    for port in (*document.get("inputs", {}).values(), *document.get("outputs", {}).values()):
        assert port.pop("description")
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96))


def outline(graph: Any) -> Any:
    """Return what our code decides of a graph, without the SDK's own settings."""
    submitted = graph["Submission"]
    return {
        "modules": {
            name: {
                "reuse": module["IsDeterministic"],
                "arguments": [
                    each["Value"]
                    if each["ValueType"] == "Literal"
                    else f"<{each['ValueType'].lower()} {each['Value']}>"
                    for each in module["Arguments"]
                ],
            }
            for name, module in graph["Modules"].items()
        },
        "data": {
            name: reference["AzureBlobReference"]["RelativePath"]
            for name, reference in graph["DataSources"].items()
        },
        "edges": [
            " > ".join(
                f"{edge[end]['NodeId']}.{edge[end]['PortName']}"
                for end in ("SourceOutputPort", "DestinationInputPort")
            )
            for edge in submitted["Graph"]["Edges"]
        ],
        "parameters": {
            each["Name"]: each["DefaultValue"] for each in submitted["GraphInterface"]["Parameters"]
        },
    }


def parameters(folder: Path) -> Any:
    """Return the parameters of all steps."""
    return {
        path.parent.name: json.loads(path.read_text("utf-8"))
        for path in sorted(folder.glob("parameters/*/parameters.json"))
    }
