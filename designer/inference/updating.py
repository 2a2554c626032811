"""A person's inference pipeline with the values of a fresh one; edits stay."""

from __future__ import annotations

from dataclasses import replace

from designer.inference.draft import ORIGIN
from designer.pipeline.model import Pipeline


def updated(inference: Pipeline, fresh: Pipeline) -> tuple[Pipeline, list[str]]:
    """Return an inference pipeline with the values and columns of a fresh one, and what changed."""
    said = []
    nodes = dict(inference.nodes)
    made = {
        (str(node.extra[ORIGIN]), node.module): node
        for node in fresh.nodes.values()
        if ORIGIN in node.extra
    }
    for name, node in inference.nodes.items():
        if ORIGIN not in node.extra:
            continue
        new = made.pop((str(node.extra[ORIGIN]), node.module), None)
        if new is None:
            said.append(
                f"“{name}” stayed as it was: the training pipeline no longer gives "
                f"{node.extra[ORIGIN]} to the scoring steps."
            )
            continue
        changed = [key for key in _RENEWED if new.parameters.get(key) != node.parameters.get(key)]
        if not changed:
            continue
        renewed = {key: new.parameters[key] for key in changed if key in new.parameters}
        kept = {key: value for key, value in node.parameters.items() if key not in changed}
        nodes[name] = replace(node, parameters={**kept, **renewed})
        said.append(f"“{name}” now holds {_WHAT.get(node.module, 'what')} of the latest run.")
    for origin, module in made:
        said.append(
            f"The training pipeline now needs a {module.replace('_', ' ')} from {origin}, which "
            "this pipeline lacks. Create the inference pipeline anew to have it."
        )
    if not said:
        said.append("Nothing has changed since.")
    return replace(inference, nodes=nodes), said


_RENEWED = ("path", "columns", "order")
"""Parameters that an update takes over; all others are the person's."""

_WHAT = {
    "saved_model": "the model",
    "saved_transformation": "what was learnt",
    "saved_dataset": "the rows",
    "web_service_input": "the columns",
    "add_missing_columns": "the values",
    "select_columns_in_dataset": "the columns",
}
