"""Checks whether a result is still valid for the current pipeline."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from designer.pipeline.model import Pipeline
from designer.pipeline.parameters import bound_parameter


def node_keys(pipeline: Pipeline, base: Path) -> dict[str, str]:
    """Return for each node a key of everything in the file that determines its result.

    Two equal keys mean that neither the node nor its predecessors were changed. What
    is outside of the pipeline (the data files) isn't checked.
    """
    keys: dict[str, str] = {}
    try:
        order = pipeline.order()
    except ValueError:
        return keys
    for name in order:
        node = pipeline.nodes[name]
        values = {}
        for key, value in node.parameters.items():
            bound = bound_parameter(value)
            known = pipeline.parameters.get(bound) if bound is not None else None
            values[key] = known.default if known is not None else value
        inputs = [
            (port, source.port, keys.get(source.node, ""))
            for port, source in sorted(pipeline.inputs_of(name).items())
        ]
        plain = [node.module, node.version, node.disabled, values, inputs, str(base)]
        text = json.dumps(plain, sort_keys=True, default=str)
        keys[name] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return keys
