"""The learners that can be tried, with what they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from modules.contract import DataTable, ModuleError, ModuleSpec
from modules.contract.installed import module_functions
from modules.contract.registry.automated import Candidate, InFolds
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


@dataclass(frozen=True)
class Setting:
    """A learner with parameters.

    Parameters
    ----------
    learner : str
        Dotted name of its module.
    parameters : mapping
        Plain JSON, those that differ from the defaults.
    through : (str, mapping) or None
        Dotted name and parameters of a module that the learner goes through.
    """

    learner: str
    parameters: Mapping[str, Any]
    through: tuple[str, Mapping[str, Any]] | None = None

    @property
    def arm(self) -> str:
        """What settings are searched for: the learner, with what it goes through."""
        return self.learner if self.through is None else f"{self.learner} {self.through[0]}"

    @property
    def title(self) -> str:
        """For display."""
        title = _specification(self.learner).title
        if self.through is None:
            return title
        added = cast(InFolds, _specification(self.through[0]).automated).title
        return f"{title} with {added}"

    def made(self) -> UntrainedModel:
        """Return the learner."""
        spec = _specification(self.learner)
        (found,) = spec(**spec.read_parameters(self.parameters))
        if self.through is not None:
            spec = _specification(self.through[0])
            (found,) = spec(found, **spec.read_parameters(self.through[1]))
        return cast(UntrainedModel, found)


def portfolio(
    specs: list[ModuleSpec], through: Sequence[tuple[str, Mapping[str, Any]]] = ()
) -> list[Setting]:
    """Return the settings to try first, in their order.

    Parameters
    ----------
    through : sequence of (str, mapping)
        Modules that the first setting of each learner goes through, besides.
    """
    found: list[tuple[float, str, Setting]] = []
    for spec in specs:
        learner = spec.function.__module__
        settings = sorted(cast(Candidate, spec.automated).portfolio, key=lambda each: each[0])
        found += [(turn, learner, Setting(learner, dict(given))) for turn, given in settings]
        found += [
            (turn + len(specs), learner, Setting(learner, dict(given), each))
            for turn, given in settings[:1]
            for each in through
        ]
    return [setting for *_, setting in sorted(found, key=lambda each: each[:2])]


def in_folds(table: DataTable, label: str, seed: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the modules that prepare a table within each training, with their parameters."""
    found = []
    for spec in automated_modules():
        if isinstance(spec.automated, InFolds):
            parameters = spec.automated.plan(table, label, seed)
            if parameters is not None:
                found.append((spec.function.__module__, parameters))
    return found


def combined(
    combination: str, parameters: Mapping[str, Any], members: Sequence[Setting]
) -> UntrainedModel:
    """Return several learners with their settings as one.

    Parameters
    ----------
    combination : str
        Dotted name of the module that combines them.
    """
    spec = _specification(combination)
    learners = [member.made() for member in members]
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
