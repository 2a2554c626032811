"""Where a registered model comes from: the output of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.tracking.run_records import RunRecord
from designer.tracking.settings import TrackingError
from modules.values import TrainedModel


def model_output(record: RunRecord, node: str, port: str = "") -> Path:
    """Return the folder of the trained model output by a node of a run.

    Raises
    ------
    TrackingError
        If there is no such node, or it has no output, or that is no longer stored.
    """
    from designer.pipeline.problem import near

    result = record.nodes.get(node)
    if result is None:
        raise TrackingError(
            f"The run has no node “{node}”.", near(node, record.nodes, "nodes"), wrong_input=True
        )
    outputs: Mapping[str, Any] = result.get("outputs", {})
    if port and port not in outputs:
        raise TrackingError(
            f"“{node}” has no output “{port}”.",
            near(port, outputs, "outputs"),
            wrong_input=True,
        )
    chosen = [
        output for name, output in outputs.items() if _is_model(output) and port in ("", name)
    ]
    if not chosen:
        models = [
            other
            for other, found in record.nodes.items()
            if any(
                o.get("type") == TrainedModel.port_type.name
                for o in found.get("outputs", {}).values()
            )
        ]
        what = "failed" if result.get("status") == "failed" else "has no trained model"
        raise TrackingError(f"“{node}” {what}.", _models_hint(models), wrong_input=True)
    folder = Path(chosen[0]["path"])
    if not folder.is_dir():
        raise TrackingError(
            f"The result of “{node}” is no longer stored.", "Run the pipeline again."
        )
    return folder


def lineage(
    record: RunRecord, node: str, about: Mapping[str, str], mark: Mapping[str, Any]
) -> dict[str, str]:
    """Return the tags with the origin of a model."""
    from designer.engine.libraries import versions
    from designer.tracking.mlflow_run import LONGEST_TAG, PREFIX, pipeline_hash
    from designer.tracking.model_metrics import metrics_on

    data = {key: each.get("hash", "") for key, each in mark.get("data", {}).items()}
    tags = {
        "run": record.id,
        "node": node,
        "pipeline": str(record.source) if record.source else "",
        "data": json.dumps(data),
        "metrics": json.dumps(metrics_on(record, node)),
        "versions": json.dumps(record.versions or versions()),
        **about,
    }
    if record.pipeline is not None:
        tags["pipeline_hash"] = pipeline_hash(record.pipeline)
    return {
        f"{PREFIX}{name}": value
        for name, value in tags.items()
        if value and len(value) < LONGEST_TAG
    }


def _is_model(output: Mapping[str, Any]) -> bool:
    return bool(output.get("type") == TrainedModel.port_type.name)


def _models_hint(nodes: list[str]) -> str:
    if not nodes:
        return "No node of this run has a trained model."
    return f"Nodes with one are {', '.join(f'“{node}”' for node in nodes[:8])}."
