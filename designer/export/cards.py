"""What there is to export: the cards that a run would execute, with what they are called with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import Endpoint, Json, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.pipeline.parameters import bound_parameter, named_secret
from designer.pipeline.problem import Problem
from designer.pipeline.validation import validate
from modules.contract import ModuleSpec, Parameter
from modules.contract.parameter import is_search, possible_values


class ExportError(Exception):
    """A pipeline can't be exported.

    Parameters
    ----------
    problems : iterable of Problem
        All problems, at least one; each names its card.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


@dataclass(frozen=True)
class Card:
    """A card to export.

    Parameters
    ----------
    inputs : mapping of str to Endpoint
        The source of each linked input port; cards that a run skips are no sources.
    parameters : mapping
        Plain JSON, or a reference to a pipeline parameter; only what applies and differs from
        the default.
    """

    node: Node
    spec: ModuleSpec
    inputs: Mapping[str, Endpoint]
    parameters: Mapping[str, Json]

    @property
    def id(self) -> str:
        """The address of the node."""
        return self.node.id


def cards_of(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path | None = None,
    datasets: Collection[str] | None = None,
    closed: Collection[str] = (),
) -> tuple[dict[str, Card], list[Problem]]:
    """Return the cards that a run would execute by id, and warnings about the others.

    Parameters
    ----------
    base, datasets, closed
        As in :func:`designer.pipeline.validation.validate`.

    Raises
    ------
    ExportError
        If the pipeline has errors, or nothing to run.
    """
    problems = validate(pipeline, specs, base=base, datasets=datasets, closed=closed)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ExportError(errors)
    pipeline = migrate_parameters(pipeline, specs)
    cards: dict[str, Card] = {}
    skipped: list[Problem] = []
    for name in pipeline.order():
        node = pipeline.nodes[name]
        if node.module in WEB_SERVICE:
            continue
        if node.disabled:
            skipped.append(_skipped(name, "it is disabled"))
            continue
        spec = specs[node.module]
        sources = pipeline.inputs_of(name)
        inputs = {
            port.name: sources[port.name]
            for port in spec.inputs
            if port.name in sources and sources[port.name].node in cards
        }
        missing = [p.title for p in spec.inputs if not p.optional and p.name not in inputs]
        if missing:
            skipped.append(_skipped(name, f"its input “{missing[0]}” has no source"))
            continue
        cards[name] = Card(node, spec, inputs, dict(_different(node, spec)))
    if not cards:
        message = "The pipeline has no card that runs, so there is nothing to export."
        raise ExportError(
            [Problem("error", message, "Add a module, or enable one.", code="nothing-to-run")]
        )
    return cards, skipped


def secrets_of(cards: Mapping[str, Card]) -> list[str]:
    """Return the names of the secrets that the cards use, each once."""
    found: dict[str, None] = {}
    for card in cards.values():
        for value in card.parameters.values():
            name = named_secret(value)
            if name is not None:
                found[name] = None
    return list(found)


def _skipped(name: str, reason: str) -> Problem:
    return Problem("warning", f"“{name}” isn't exported: {reason}.", node=name, code="not-exported")


def _different(node: Node, spec: ModuleSpec) -> Iterator[tuple[str, Json]]:
    for parameter in spec.parameters:
        if parameter.name not in node.parameters:
            continue
        value = node.parameters[parameter.name]
        if _may_apply(spec, parameter, node.parameters) and not _is_default(parameter, value):
            yield parameter.name, value


def _may_apply(spec: ModuleSpec, parameter: Parameter, values: Mapping[str, Json]) -> bool:
    """Return whether a parameter can have an effect; a bound value may turn out to be any."""
    for name, allowed in parameter.when.items():
        controlling = spec.parameter_by_name[name]
        value = values.get(name, controlling.default)
        if not _may_apply(spec, controlling, values):
            return False
        possible = possible_values(value)
        if bound_parameter(value) is None and not any(each in allowed for each in possible):
            return False
    return True


def _is_default(parameter: Parameter, value: Json) -> bool:
    if parameter.required or bound_parameter(value) or named_secret(value) or is_search(value):
        return False
    read, default = parameter.read(value), parameter.read(parameter.default)
    return type(read) is type(default) and bool(read == default)
