"""The trained models that can be asked about the rows of a table of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from designer.app.document.labels import output_label
from designer.app.views.registry import StoredModel
from designer.engine.results import Output
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract import ModuleSpec
from modules.values import TrainedModel


def models_beside(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    node: str,
    port: str,
    stored: Callable[[str, str], Output | None],
) -> list[StoredModel]:
    """Return the models of the modules that made a table or accept it, the nearest first.

    Parameters
    ----------
    stored : callable
        Returns the stored output of a node and port, if there is one.
    """
    own = Endpoint(node, port)
    accepting = [link.target.node for link in pipeline.links if link.source == own]
    found: dict[Endpoint, StoredModel] = {}
    for each in dict.fromkeys([node, *accepting]):
        # A window may show a result of a module that was deleted since.
        known = pipeline.nodes.get(each)
        spec = specs.get(known.module) if known else None
        ends = list(pipeline.inputs_of(each).values())
        ends += [Endpoint(each, output.name) for output in spec.outputs] if spec else []
        for end in ends:
            output = stored(end.node, end.port)
            if output is not None and output.type == TrainedModel.port_type.name:
                title = output_label(pipeline, specs, end.node, end.port)
                found[end] = StoredModel(title, output.path)
    return list(found.values())
