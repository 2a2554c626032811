"""An inference pipeline whose responses explain each prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.inference.draft import InferenceError
from designer.inference.training import port_of
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.pipeline.own_modules import EXPLAIN_PREDICTION, SCORE_MODEL
from modules.contract.data_table import DataTable
from modules.contract.specification import ModuleSpec
from modules.values import TrainedModel


def with_explanations(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    """Return a pipeline with Explain Prediction behind each Score Model.

    Whatever read the scores then reads them with their contributions.

    Raises
    ------
    InferenceError
        If no step scores rows with Score Model.
    """
    scorers = [
        node for node in pipeline.nodes.values() if node.module == SCORE_MODEL and not node.disabled
    ]
    if not scorers:
        raise InferenceError(
            "No step scores rows with Score Model, so predictions can't be explained.",
            "Deploy without explanations.",
        )
    for scorer in scorers:
        pipeline = _explained(pipeline, scorer.id, specs)
    return pipeline


def _explained(pipeline: Pipeline, scorer: str, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    spec, own = specs[EXPLAIN_PREDICTION], specs[SCORE_MODEL]
    scores = Endpoint(scorer, port_of(own.outputs, DataTable).name)
    model = port_of(own.inputs, TrainedModel).name
    behind = [link for link in pipeline.links if link.source == scores]
    across, down = pipeline.nodes[scorer].position
    pipeline, name = edits.add_node(pipeline, EXPLAIN_PREDICTION, position=(across, down + 1))
    explained = Endpoint(name, port_of(spec.outputs, DataTable).name)
    moved = tuple(
        Link(explained, link.target) if link in behind else link for link in pipeline.links
    )
    pipeline = replace(pipeline, links=moved)
    target = Endpoint(name, port_of(spec.inputs, TrainedModel).name)
    pipeline = edits.connect(pipeline, pipeline.inputs_of(scorer)[model], target)
    return edits.connect(pipeline, scores, Endpoint(name, port_of(spec.inputs, DataTable).name))
