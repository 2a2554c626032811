"""What left on the way from training to scoring, in sentences for the person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from designer.inference.draft import Draft
from designer.pipeline.model import Node, Pipeline
from modules.contract.specification import ModuleSpec, Port, Serving
from modules.values import UntrainedModel


def say_what_follows(
    draft: Draft, pipeline: Pipeline, specs: Mapping[str, ModuleSpec], chosen: Sequence[str]
) -> None:
    """Say which steps behind the scores are left out."""
    behind = pipeline.descendants(chosen) - set(chosen)
    names = [
        named(node, specs[node.module])
        for name, node in pipeline.nodes.items()
        if name in behind
        and not node.disabled
        and node.module in specs
        and specs[node.module].when_serving == Serving.KEEP
    ]
    if names:
        draft.said.append(
            f"{listed(names)} {'works' if len(names) == 1 else 'work'} on the scored rows "
            "of a whole dataset and left. Put a step between scoring and Web Service Output "
            "if each answer needs it."
        )


def say_what_left(
    draft: Draft, pipeline: Pipeline, specs: Mapping[str, ModuleSpec], dropped: Collection[str]
) -> None:
    """Say which steps of training and evaluation are gone."""
    gone = [
        node
        for name, node in pipeline.nodes.items()
        if name not in draft.nodes and name not in dropped and not node.disabled
    ]
    learners = [
        named(node, specs[node.module])
        for node in gone
        if node.module in specs and _only(specs[node.module].outputs, UntrainedModel)
    ]
    others = [
        named(node, specs[node.module])
        for node in gone
        if node.module in specs
        and specs[node.module].when_serving == Serving.DROP
        and not _only(specs[node.module].outputs, UntrainedModel)
        and specs[node.module].inputs
    ]
    if learners:
        draft.said.append(f"{listed(learners)} left: the model is trained already.")
    if others:
        draft.said.append(
            f"{listed(others)} left: {'it has' if len(others) == 1 else 'they have'} no part "
            "in scoring a row."
        )


def named(node: Node, spec: ModuleSpec) -> str:
    """Return a module's title and the id of its node."""
    return f"{spec.title} “{node.id}”"


def listed(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence: “a, b and c”."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _only(ports: Sequence[Port], kind: type) -> bool:
    return bool(ports) and all(port.types == (kind,) for port in ports)
