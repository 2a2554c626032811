"""Charts of outputs: what the user chose, kept at the node, by the output's port.

A node of the file has them as ``"charts": {"results_dataset": {"kind": "scatter", ...}}``. They
change no result. What they contain is up to the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.pipeline.edits import replace_node
from designer.pipeline.model import Json, Node, Pipeline

CHARTS = "charts"


def chart_of(node: Node, port: str) -> Json:
    """Return the settings of the chart of an output; None if there are none."""
    charts = node.extra.get(CHARTS)
    return charts.get(port) if isinstance(charts, Mapping) else None


def set_chart(pipeline: Pipeline, node: str, port: str, settings: Mapping[str, Json]) -> Pipeline:
    """Keep the settings of the chart of an output."""
    found = pipeline.nodes.get(node)
    if found is None:
        return pipeline
    charts = found.extra.get(CHARTS)
    known = dict(charts) if isinstance(charts, Mapping) else {}
    charts = {name: known[name] for name in sorted(known)} | {port: dict(settings)}
    extra = {**found.extra, CHARTS: dict(sorted(charts.items()))}
    return replace_node(pipeline, replace(found, extra=extra))
