"""The graph that SDK v1 sends to the service, with names instead of random ids."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from azureml.pipeline.core import Pipeline

from designer.azure.sdk_v1.private import creation_document, data_documents, module_documents
from designer.pipeline.model import Json


def graph_document(pipeline: Pipeline, parameters: Mapping[str, Json] | None = None) -> Json:
    """Return what submitting a pipeline built offline would send.

    Parameters
    ----------
    parameters : mapping, optional
        Values of pipeline parameters for the run.

    Returns
    -------
    dict
        ``Modules`` and ``DataSources``, which are sent to the service first, by the names
        of their nodes, and ``Submission``; equal for equal pipelines.
    """
    submission = creation_document(pipeline, dict(parameters or {}))
    nodes = {node.node_id: node.name for node in pipeline.graph.nodes}
    graph = submission["Graph"]
    for kind in ("ModuleNodes", "DatasetNodes"):
        graph[kind].sort(key=lambda node: nodes[node["Id"]])
    graph["Edges"].sort(
        key=lambda edge: tuple(
            (nodes[edge[end]["NodeId"]], edge[end]["PortName"])
            for end in ("SourceOutputPort", "DestinationInputPort")
        )
    )
    modules = module_documents(pipeline)
    sources = data_documents(pipeline)
    document = {
        "Modules": {nodes[node["Id"]]: modules[node["ModuleId"]] for node in graph["ModuleNodes"]},
        "DataSources": {
            nodes[node["Id"]]: (
                sources[node["DatasetId"]]["DataLocation"]["DataReference"]
                if "DatasetId" in node
                # A registered one, which was sent to the service before.
                else node["DataSetDefinition"]["Value"]
            )
            for node in graph["DatasetNodes"]
        },
        "Submission": submission,
    }
    return _Renamed(nodes).of(document)


_LENGTH = 36
"""Characters of an id."""


class _Renamed:
    """Gives each id that is met a name: that of its node, or a number in order."""

    _ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def of(self, content: Any) -> Any:
        if isinstance(content, dict):
            return {key: self.of(value) for key, value in content.items()}
        if isinstance(content, list):
            return [self.of(value) for value in content]
        if isinstance(content, str):
            if content in self._names:
                return self._names[content]
            return self._ID.sub(self._number, content) if len(content) >= _LENGTH else content
        return content

    def _number(self, match: re.Match[str]) -> str:
        number = len(self._names) + 1
        return self._names.setdefault(match[0], f"id-{number}")


def graph_text(document: Json) -> str:
    """Return a graph document as text, a line for each node, edge and parameter."""
    return _written(document, _LEVELS, "") + "\n"


_LEVELS = 4
"""Depth to which the document is broken into lines."""


def _written(content: Json, levels: int, indent: str) -> str:
    if not levels or not content or not isinstance(content, (dict, list)):
        return json.dumps(content, ensure_ascii=False, sort_keys=True)
    inner = f"{indent} "
    if isinstance(content, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {_written(content[key], levels - 1, inner)}"
            for key in sorted(content)
        ]
    else:
        items = [_written(each, levels - 1, inner) for each in content]
    opening, closing = ("{", "}") if isinstance(content, dict) else ("[", "]")
    return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{closing}"
