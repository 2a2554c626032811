"""The deployment targets that are installed, found by entry point."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import designer
from designer.deployment.options import Option
from designer.deployment.problem import ServingError
from designer.deployment.target import DeploymentTarget
from designer.pipeline.problem import near

ENTRY_POINTS = "modeldesk.deployment_targets"
"""Group of the entry points that name subclasses of :class:`DeploymentTarget`."""


@cache
def targets() -> Mapping[str, type[DeploymentTarget]]:
    """Return all deployment targets by name, in the order of lists.

    A target that can't be loaded is left out, with a warning.
    """
    found = []
    for entry in _entries():
        try:
            target = entry.load()
            if not (isinstance(target, type) and issubclass(target, DeploymentTarget)):
                raise TypeError("it isn't a DeploymentTarget")
            found.append(target)
        except Exception as error:
            warnings.warn(
                f"The deployment target “{entry.name}” ({entry.value}) can't be loaded: {error}",
                stacklevel=2,
            )
    return {each.name: each for each in sorted(found, key=lambda each: (each.rank, each.name))}


def find_target(name: str) -> type[DeploymentTarget]:
    """Return a deployment target.

    Raises
    ------
    ServingError
        If there is none of this name.
    """
    known = targets()
    if name not in known:
        raise ServingError(f"There is no target “{name}”.", near(name, known, "targets"))
    return known[name]


def title_of(name: str) -> str:
    """Return the title of a deployment target; of one that isn't installed, its name."""
    known = targets()
    return known[name].title if name in known else name


def options_by_name(found: Iterable[type[DeploymentTarget]]) -> dict[str, Option]:
    """Return the options of targets, each once; of several of one name, the first."""
    options: dict[str, Option] = {}
    for target in found:
        for option in target.options:
            options.setdefault(option.name, option)
    return options


def parse_options(
    target: type[DeploymentTarget], given: Mapping[str, Any], *, files: bool = False
) -> dict[str, Any]:
    """Return a value for each option of a target.

    Parameters
    ----------
    given : mapping of str to object
        Those that were chosen; None means the default.
    files : bool
        Whether only files are written, for which no option is required.

    Raises
    ------
    ServingError
        For the first option that is unknown, missing or wrong; its ``option`` names it.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    for name in chosen:
        if name not in options_by_name([target]):
            raise _unknown_option(target, name)
    values = {}
    for option in target.options:
        value = chosen.get(option.name)
        if value is None and option.required and not files:
            raise option.error(f"{option.title} is missing.", option.required)
        wanted = value is not None and (option.in_files or not files)
        values[option.name] = option.parse(value) if wanted else option.default
    return values


def _unknown_option(target: type[DeploymentTarget], name: str) -> ServingError:
    fitting = [each.name for each in targets().values() if name in options_by_name([each])]
    return ServingError(
        f"Target “{target.name}” doesn't support the option “{name.replace('_', '-')}”.",
        f"Use it with {' or '.join(fitting)}." if fitting else "Omit it.",
    )


def _entries() -> list[EntryPoint]:
    found = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    return list((found | _of_checkout()).values())


def _of_checkout() -> dict[str, EntryPoint]:
    """Return those of the checkout that this is: its installed metadata may be older."""
    project = Path(designer.__file__).parents[1] / "pyproject.toml"
    if not project.is_file():
        return {}
    groups = tomllib.loads(project.read_text("utf-8"))["project"].get("entry-points", {})
    lines: dict[str, str] = groups.get(ENTRY_POINTS, {})
    return {name: EntryPoint(name, value, ENTRY_POINTS) for name, value in lines.items()}
