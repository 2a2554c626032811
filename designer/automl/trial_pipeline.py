"""A trial of Automated ML as a pipeline: cards, links, and settings that give its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.automl.placing import placed
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.own_modules import (
    APPLY_TRANSFORMATION,
    CROSS_VALIDATE_MODEL,
    EVALUATE_MODEL,
    SCORE_MODEL,
    SELECT_COLUMNS,
    TRAIN_MODEL,
)
from modules.contract import ModuleSpec


class TrialError(ValueError):
    """A trial can't be opened as a pipeline; the message is one sentence for the user."""


def trial_pipeline(
    plan: Mapping[str, Any],
    trial: Mapping[str, Any],
    source: Pipeline,
    node: str,
    specs: Mapping[str, ModuleSpec],
) -> Pipeline:
    """Return a row of a leaderboard as a pipeline.

    Parameters
    ----------
    plan, trial : mapping
        The plan and a row of a :class:`modules.values.leaderboard.Leaderboard`.
    source : Pipeline
        Contains the card that made the leaderboard.
    node : str
        The id of that card.

    Returns
    -------
    Pipeline
        What feeds the card, then the trial: prepared, trained on all rows, and evaluated as in the
        trial.

    Raises
    ------
    TrialError
        If the row failed, the card isn't linked, or a module of the trial isn't installed.
    """
    if node not in source.nodes:
        raise TrialError(f"The pipeline has no card “{node}” any more.")
    inputs = list(source.inputs_of(node).values())
    if not inputs:
        raise TrialError(f"“{node}” has no dataset any more. Link its input.")
    above = source.ancestors([node]) - {node}
    draft = _Draft(
        {name: source.nodes[name] for name in source.nodes if name in above},
        [link for link in source.links if {link.source.node, link.target.node} <= above],
        specs,
    )
    _write(draft, plan, trial, inputs)
    made = Pipeline(
        description=f"Trial of Automated ML: {trial['title']}. {trial['settings']}".strip(),
        nodes=draft.nodes,
        links=tuple(draft.links),
        parameters=source.parameters,
    )
    return placed(made)


@dataclass
class _Draft:
    """The nodes and links so far."""

    nodes: dict[str, Node]
    links: list[Link]
    specs: Mapping[str, ModuleSpec]
    fitted: list[tuple[str, Endpoint | None, Mapping[str, Any]]] = field(default_factory=list)

    def add(
        self, module: str, parameters: Mapping[str, Any], *inputs: Endpoint, comment: str = ""
    ) -> Node:
        """Add a node, with its first inputs linked in order."""
        spec = self.specs.get(module)
        if spec is None:
            raise TrialError(f"The module “{module}” isn't installed.")
        given = {
            name: value
            for name, value in parameters.items()
            if name not in spec.parameter_by_name or value != spec.parameter_by_name[name].default
        }
        name = free_id(module, self.nodes)
        self.nodes[name] = Node(name, module, spec.version, given, comment=comment)
        ports = [port.name for port in spec.inputs]
        self.links += [
            Link(source, Endpoint(name, port)) for source, port in zip(inputs, ports, strict=False)
        ]
        return self.nodes[name]

    def output(self, node: Node, index: int = 0) -> Endpoint:
        """Return an output port of a node."""
        return Endpoint(node.id, self.specs[node.module].outputs[index].name)


def _write(
    draft: _Draft, plan: Mapping[str, Any], trial: Mapping[str, Any], inputs: list[Endpoint]
) -> None:
    validation = plan["validation"]
    rows = _prepared(draft, plan, inputs[0])
    learner = _learner(draft, trial)
    if validation["kind"] == "back test":
        training = validation["training"]
        draft.add(validation["module"], validation["parameters"], learner, rows)
        draft.add(training["module"], training["parameters"], learner, rows)
        return
    chosen: dict[str, Any] = {"label_column": [plan["label"]]}
    if plan["positive"]:
        chosen["positive_class"] = plan["positive"]
    if validation["kind"] == "folds":
        given = {**chosen, "folds": validation["folds"], "seed": validation["seed"]}
        draft.add(CROSS_VALIDATE_MODEL, given, learner, rows)
        draft.add(TRAIN_MODEL, chosen, learner, rows)
        return
    if validation["kind"] == "table":
        held_out = _prepared_again(draft, plan, inputs[1])
        model = draft.add(TRAIN_MODEL, chosen, learner, rows)
    else:
        split = draft.add(validation["module"], validation["parameters"], rows)
        held_out = draft.output(split, 1)
        comment = "Only on the rows that the evaluation doesn't use"
        model = draft.add(TRAIN_MODEL, chosen, learner, draft.output(split), comment=comment)
        draft.add(TRAIN_MODEL, chosen, learner, rows, comment="On all rows")
    scored = draft.add(SCORE_MODEL, {}, draft.output(model), held_out)
    draft.add(EVALUATE_MODEL, {}, draft.output(scored))


def _prepared(draft: _Draft, plan: Mapping[str, Any], rows: Endpoint) -> Endpoint:
    """Add the preparation; return the prepared rows."""
    rows = _without(draft, plan["left_out"], rows)
    for step in plan["steps"]:
        node = draft.add(step["module"], step["parameters"], rows)
        rows = draft.output(node)
        if not step["for_training"]:
            fitted = Endpoint(node.id, step["port"]) if step["port"] else None
            draft.fitted.append((node.module, fitted, step["parameters"]))
    return rows


def _prepared_again(draft: _Draft, plan: Mapping[str, Any], rows: Endpoint) -> Endpoint:
    """Add the preparation of another table, as it was fitted to the first."""
    rows = _without(draft, plan["left_out"], rows)
    for module, fitted, parameters in draft.fitted:
        if fitted is not None:
            node = draft.add(APPLY_TRANSFORMATION, {}, fitted, rows)
        else:
            node = draft.add(module, parameters, rows)
        rows = draft.output(node)
    return rows


def _without(draft: _Draft, names: list[str], rows: Endpoint) -> Endpoint:
    if not names:
        return rows
    rules = [{"include": "all"}, {"exclude": "names", "values": names}]
    return draft.output(draft.add(SELECT_COLUMNS, {"columns": {"rules": rules}}, rows))


def _learner(draft: _Draft, trial: Mapping[str, Any]) -> Endpoint:
    """Add the learner, or several and what combines them."""
    if trial["problem"] and not trial["learners"]:
        raise TrialError(f"The trial failed: {trial['problem']}")
    learners = []
    for each in trial["learners"]:
        learner = draft.output(draft.add(each["module"], each["parameters"]))
        through = each["through"]
        if through is not None:
            learner = draft.output(draft.add(through["module"], through["parameters"], learner))
        learners.append(learner)
    combination = trial["combination"]
    if combination is None:
        return learners[0]
    return draft.output(draft.add(combination["module"], combination["parameters"], *learners))
