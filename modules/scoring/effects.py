"""What a scoring folder does beyond computing from a request and its own files.

A folder may come from anyone. What it needs no consent for is computing; everything else is
an effect, which is allowed by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import OWN
from modules.contract.markers import PathOf, Secret
from modules.contract.messages import readable
from modules.contract.module_spec import Effects
from modules.contract.specification import specification
from modules.scoring.plan import step_function
from modules.values.saved import inside
from modules.values.storage import runs_code

ALLOWABLE = {"code": Effects.USER_CODE, "reads": Effects.READS, "writes": Effects.WRITES}
"""The names that effects are allowed by."""

EVERYTHING = frozenset(ALLOWABLE)
"""What a user's own pipeline may do."""

_SHOWN = 20
"""Maximum effects that a message names."""


@dataclass(frozen=True)
class StepEffect:
    """An effect of a step.

    Parameters
    ----------
    node : str
        The step.
    title : str
        Its module.
    effect : str
        One of :data:`ALLOWABLE`.
    reaches : tuple of str
        What it reads, writes, or sends, where that is known: files, addresses, and secrets.
    """

    node: str
    title: str
    effect: str
    reaches: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """What the step does: “load” (Import Data) reads the file “/etc/passwd”, for example."""
        verb = {"code": "runs custom code", "reads": "reads", "writes": "writes"}[self.effect]
        reached = " and ".join(self.reaches)
        if self.effect == "code":
            reached = f"with {reached}" if reached else ""
        elif not reached:
            reached = "outside of the package"
        return readable(f"“{self.node}” ({self.title}) {verb} {reached}".rstrip())


class EffectsNotAllowed(ModuleError):
    """A scoring folder has effects that weren't allowed.

    Parameters
    ----------
    effects : sequence of StepEffect
        At least one.
    hint : str, optional
        How to allow them; by default with the options of a command.
    """

    def __init__(self, effects: Collection[StepEffect], hint: str = "") -> None:
        self.effects = tuple(effects)
        phrases = [each.phrase for each in self.effects[:_SHOWN]]
        if len(self.effects) > _SHOWN:
            phrases.append(f"{len(self.effects) - _SHOWN} other steps have effects")
        message = f"The scoring package does more than compute: {'; '.join(phrases)}."
        options = " ".join(f"--allow {name}" for name in self.names)
        hint = hint or f"If you trust its author, add {options}."
        super().__init__("effects-not-allowed", message, hint)
        # Each effect is named, however long the sentence is; names in it are shortened already.
        self.message = message
        self.args = (message,)

    @property
    def names(self) -> tuple[str, ...]:
        """What has to be allowed, in the order of :data:`ALLOWABLE`."""
        found = {each.effect for each in self.effects}
        return tuple(name for name in ALLOWABLE if name in found)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.effects, self.hint))


def check_effects(folder: Path, plan: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Refuse a scoring folder with effects that aren't allowed, before any of it is used.

    Parameters
    ----------
    plan : mapping
        From :func:`modules.scoring.plan.read_plan`.
    allowed : collection of str
        Names of :data:`ALLOWABLE`.

    Raises
    ------
    EffectsNotAllowed
        It names each step with its effect.
    ModuleError
        If the plan is damaged, or something in the folder is outside of it.
    """
    if set(allowed) >= EVERYTHING:
        return
    found = [each for each in effects_of(folder, plan) if each.effect not in allowed]
    if found:
        raise EffectsNotAllowed(found)


def effects_of(folder: Path, plan: Mapping[str, Any]) -> tuple[StepEffect, ...]:
    """Return the effects of a scoring folder; nothing in it is run.

    A step has the effects that its module declares. It also reads or writes outside if it names
    a file that isn't in the folder, or one that a request chooses.

    Raises
    ------
    ModuleError
        If the plan is damaged, or something in the folder is outside of it.
    """
    try:
        # The classes of the values fitted by such steps.
        packages = plan.get("packages", {})
        needing = {str(node) for nodes in packages.values() for node in nodes}
        found = [
            each
            for step in plan["steps"]
            for each in _effects_of_step(folder, step, plan, step["node"] in needing)
        ]
        if packages and not any(each.effect == "code" for each in found):
            # The author of the plan must not decide which steps these are.
            found += [StepEffect(str(each), "custom modules", "code") for each in packages]
    except (ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise ModuleError(
            "package-damaged",
            f"The plan of the scoring package can't be read: {reason_of(error)}.",
            "Create the scoring package again.",
        ) from error
    return tuple(found)


def _effects_of_step(
    folder: Path, step: Mapping[str, Any], plan: Mapping[str, Any], needs_package: bool
) -> Iterator[StepEffect]:
    node, module = str(step["node"]), str(step["module"])
    if step.get("file") is not None or module.partition(".")[0] == OWN:
        yield StepEffect(node, module.rpartition(".")[2], "code")
        return
    # An installed plug-in is as trusted as ModelDesk: the user installed both.
    spec = specification(step_function(folder, step))
    declared = next((name for name, each in ALLOWABLE.items() if each == spec.effects), "")
    found: dict[str, list[str]] = {declared: []} if declared else {}
    if needs_package:
        found.setdefault("code", [])
    for parameter in spec.parameters:
        # Also where it doesn't apply: a request may change the parameter that decides that.
        value, bound = _text_of(step["parameters"].get(parameter.name), plan)
        marker = parameter.marker
        if not value and not bound:
            continue
        if isinstance(marker, PathOf):
            if bound or not _is_inside(folder, step, parameter.name, value):
                effect = "reads" if marker.mode == "read" else "writes"
                found.setdefault(effect, []).append(f"the {_kind(marker)} “{value}”")
            elif marker.value and runs_code(inside(folder, value)):
                found.setdefault("code", [])
        elif isinstance(marker, Secret):
            # An effect also where the module declares none.
            found.setdefault(declared or "reads", []).append(f"the secret “{value}”")
        elif declared and "://" in value and len(value.split()) == 1:
            found[declared].append(f"“{value}”")
    for name in ALLOWABLE:
        if name in found:
            yield StepEffect(node, spec.title, name, tuple(found[name]))


def _text_of(value: Any, plan: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text of a parameter, and whether a request can change it."""
    if isinstance(value, Mapping):
        if set(value) == {"$parameter"}:
            default = plan["parameters"][value["$parameter"]].get("default")
            return default if isinstance(default, str) else "", True
        value = value.get("$secret", "")
    return value if isinstance(value, str) else "", False


def _is_inside(folder: Path, step: Mapping[str, Any], name: str, value: str) -> bool:
    """Return whether a path is within the folder; raises if it only claims to be."""
    if name not in step["paths"]:
        return False
    inside(folder, value)
    return True


def _kind(marker: PathOf) -> str:
    return "folder" if marker.folder else "file"
