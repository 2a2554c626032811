"""Which metrics of a run are about one of its models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from designer.pipeline.model import Endpoint, Pipeline
from designer.tracking.run_records import RunRecord
from modules.contract.errors import ModuleError
from modules.values import Evaluation, TrainedModel, UntrainedModel, storage


def metrics_on(record: RunRecord, node: str) -> dict[str, float | None]:
    """Return the metrics of a run that judge the model of a step, as ``NODE.METRIC``.

    Those of the step itself, of all that follows it, and of what trains its learner to judge it,
    on folds for example. Where scores of two models are compared, only those of this one.
    """
    pipeline = record.pipeline
    if pipeline is None or node not in pipeline.nodes:
        return record.metrics
    following = pipeline.descendants([node])
    judging = set(_judging(record, pipeline, node))
    found: dict[str, float | None] = {}
    for id, values in record.plain.get("metrics", {}).items():
        if id in following:
            others = _reports_on_others(record, pipeline, id, following)
            found |= {
                f"{id}.{name}": value
                for name, value in values.items()
                if not any(name.startswith(f"{report}: ") for report in others)
            }
        elif id in judging or id not in pipeline.nodes:
            found |= {f"{id}.{name}": value for name, value in values.items()}
    return found


def _judging(record: RunRecord, pipeline: Pipeline, node: str) -> Iterator[str]:
    """Yield the steps that read the learner of a step, but make no model of it to keep."""
    for link in pipeline.links_into.get(node, ()):
        if _type(record, link.source) == UntrainedModel.port_type.name:
            for other in pipeline.links_from.get(link.source.node, ()):
                id = other.target.node
                outputs = _outputs(record, id)
                if other.source == link.source and not any(
                    _type(record, Endpoint(id, port)) == TrainedModel.port_type.name
                    for port in outputs
                ):
                    yield id


def _reports_on_others(
    record: RunRecord, pipeline: Pipeline, node: str, following: set[str]
) -> list[str]:
    """Return the names of a step's reports on scores that came from no model of these steps."""
    sources = pipeline.inputs_of(node)
    others = []
    for output in _outputs(record, node).values():
        if output.get("type") != Evaluation.port_type.name:
            continue
        try:
            value = storage.load(Path(output["path"]))
        except ModuleError:
            # Results of old runs are removed when there are too many.
            continue
        if isinstance(value, Evaluation) and len(value.reports) > 1:
            others += [
                report.name
                for report in value.reports
                if report.port in sources and sources[report.port].node not in following
            ]
    return others


def _type(record: RunRecord, end: Endpoint) -> str:
    return str(_outputs(record, end.node).get(end.port, {}).get("type", ""))


def _outputs(record: RunRecord, node: str) -> Mapping[str, Any]:
    outputs: Mapping[str, Any] = record.nodes.get(node, {}).get("outputs", {})
    return outputs
