"""A pipeline in which Automated ML gets a dataset: what ``designer automl`` runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.automl.placing import placed
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.own_modules import AUTOMATED_FORECASTING, AUTOMATED_TRAINING, DATASET
from modules.contract import DataTable, ModuleSpec

SEARCHES = (AUTOMATED_TRAINING, AUTOMATED_FORECASTING)
"""Modules that find the best model."""


class NoDatasetError(ValueError):
    """It isn't clear which dataset of a pipeline is meant; the message is one sentence."""


def search_in(pipeline: Pipeline) -> str:
    """Return the module that the pipeline searches with; Automated ML if it has no such card."""
    modules = {node.module for node in pipeline.nodes.values()}
    only_forecasts = modules & {*SEARCHES} == {AUTOMATED_FORECASTING}
    return AUTOMATED_FORECASTING if only_forecasts else AUTOMATED_TRAINING


def for_file(
    path: str,
    parameters: Mapping[str, Any],
    specs: Mapping[str, ModuleSpec],
    module: str = AUTOMATED_TRAINING,
) -> tuple[Pipeline, str]:
    """Return a pipeline of a file with data and Automated ML, and the id of the latter's card.

    Parameters
    ----------
    path : str
        As the pipeline stores it.
    parameters : mapping
        Plain JSON, of Automated ML.
    module : str
        One of :data:`SEARCHES`.
    """
    node = Node(DATASET, DATASET, specs[DATASET].version, {"path": path})
    return _with_automl(Pipeline(nodes={node.id: node}), node.id, parameters, specs, module)


def for_pipeline(
    pipeline: Pipeline,
    parameters: Mapping[str, Any],
    specs: Mapping[str, ModuleSpec],
    module: str = AUTOMATED_TRAINING,
) -> tuple[Pipeline, str]:
    """Return a pipeline with Automated ML, and the id of its card.

    A card of the module that is there gets the parameters. Otherwise one is linked to the only
    dataset that no other card reads.

    Raises
    ------
    NoDatasetError
        If there isn't exactly one.
    """
    present = [node for node in pipeline.nodes.values() if node.module == module]
    if len(present) > 1:
        names = ", ".join(f"“{node.id}”" for node in present)
        title = specs[module].title
        raise NoDatasetError(f"The pipeline has several {title} cards: {names}.")
    if present:
        node = present[0]
        changed = replace(node, parameters={**node.parameters, **parameters})
        return replace(pipeline, nodes={**pipeline.nodes, node.id: changed}), node.id
    ends = [
        name
        for name, node in pipeline.nodes.items()
        if node.module in specs
        and not node.disabled
        and specs[node.module].outputs
        and specs[node.module].outputs[0].types == (DataTable,)
        and name not in pipeline.links_from
    ]
    if len(ends) != 1:
        found = ", ".join(f"“{name}”" for name in ends) or "none"
        raise NoDatasetError(
            f"It isn't clear which dataset of the pipeline is meant; unread ones: {found}."
        )
    return _with_automl(pipeline, ends[0], parameters, specs, module)


def _with_automl(
    pipeline: Pipeline,
    source: str,
    parameters: Mapping[str, Any],
    specs: Mapping[str, ModuleSpec],
    module: str,
) -> tuple[Pipeline, str]:
    spec = specs[module]
    name = free_id(module, pipeline.nodes)
    node = Node(name, module, spec.version, dict(parameters))
    output = specs[pipeline.nodes[source].module].outputs[0].name
    link = Link(Endpoint(source, output), Endpoint(name, spec.inputs[0].name))
    nodes = {**pipeline.nodes, name: node}
    return placed(replace(pipeline, nodes=nodes, links=(*pipeline.links, link))), name
