"""The learners that can be tried, with what they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from modules.contract import ModuleError, ModuleSpec
from modules.contract.installed import module_functions
from modules.contract.registry.automated import Candidate
from modules.contract.registry.discovery import automated_modules
from modules.contract.specification import specification
from modules.values import UntrainedModel


def candidates(task: str, allowed: str, blocked: str) -> list[ModuleSpec]:
    """Return the learners of a task to try, sorted by the turn of their first setting.

    Parameters
    ----------
    allowed, blocked : str
        Families, separated by commas. Nothing allowed allows all.

    Raises
    ------
    ModuleError
        For an unknown family, or if none is left.
    """
    known = [
        spec
        for spec in automated_modules()
        if isinstance(spec.automated, Candidate) and task in spec.outputs[0].tasks
    ]
    wanted = _families(allowed, known, "allowed_learners")
    unwanted = _families(blocked, known, "blocked_learners")
    chosen = [
        spec
        for spec in known
        if (not wanted or family_of(spec) in wanted) and family_of(spec) not in unwanted
    ]
    if not chosen:
        raise ModuleError(
            "no-learners",
            "Every learner is blocked.",
            "Allow more learners, or block fewer.",
            parameter="blocked_learners",
        )
    return sorted(chosen, key=lambda spec: (_first_turn(spec), spec.function.__module__))


def family_of(spec: ModuleSpec) -> str:
    """Return the name of a learner across tasks."""
    return cast(Candidate, spec.automated).family


def portfolio(specs: list[ModuleSpec]) -> list[tuple[ModuleSpec, dict[str, Any]]]:
    """Return the settings to try first, in their order."""
    found = [
        (turn, spec.function.__module__, spec, dict(parameters))
        for spec in specs
        for turn, parameters in cast(Candidate, spec.automated).portfolio
    ]
    return [(spec, parameters) for *_, spec, parameters in sorted(found, key=lambda each: each[:2])]


def made(learner: str, parameters: Mapping[str, Any]) -> UntrainedModel:
    """Return a learner with settings.

    Parameters
    ----------
    learner : str
        Dotted name of its module.
    parameters : mapping
        Plain JSON.
    """
    spec = _specification(learner)
    (found,) = spec(**spec.read_parameters(parameters))
    return cast(UntrainedModel, found)


def combined(
    combination: str,
    parameters: Mapping[str, Any],
    members: Sequence[tuple[str, Mapping[str, Any]]],
) -> UntrainedModel:
    """Return several learners with their settings as one.

    Parameters
    ----------
    combination : str
        Dotted name of the module that combines them.
    members : sequence of (str, mapping)
        As for :func:`made`.
    """
    spec = _specification(combination)
    learners = [made(*member) for member in members]
    missing = [None] * (len(spec.inputs) - len(learners))
    (found,) = spec(*learners, *missing, **spec.read_parameters(parameters))
    return cast(UntrainedModel, found)


@cache
def _specification(learner: str) -> ModuleSpec:
    return specification(module_functions(learner)[0])


def _first_turn(spec: ModuleSpec) -> float:
    return min((turn for turn, _ in cast(Candidate, spec.automated).portfolio), default=0)


def _families(text: str, known: list[ModuleSpec], parameter: str) -> set[str]:
    families = {family_of(spec).casefold(): family_of(spec) for spec in known}
    found = set()
    for each in filter(None, map(str.strip, text.replace("\n", ",").split(","))):
        if each.casefold() not in families:
            raise ModuleError(
                "unknown-learner",
                f"“{each}” isn't a learner that Automated ML tries for this label.",
                f"Use {', '.join(sorted(families.values()))}.",
                parameter=parameter,
            )
        found.add(families[each.casefold()])
    return found
