"""The environment of jobs and endpoints: the exact versions that are installed here.

The same versions produce the same results. The list has what the modules require, what the
contract requires, and all that these need in turn; no SDK, no Qt. Plug-ins whose files travel
are left out, and what they need isn't.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import metadata

from designer.packaging.errors import PackagingError
from designer.packaging.plug_ins import plug_in
from designer.pipeline.problem import Problem
from modules.programs import distributions, programs, version_of

CONTRACT = ("numpy", "pandas", "pyarrow", "pydantic", "scikit-learn", "skops", "threadpoolctl")
"""Distributions that the contract and the step program need themselves."""

SYSTEM_PACKAGES = {"lightgbm": "libgomp1"}
"""Debian packages that the wheels of distributions need, and that small images lack."""

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
"""The image that the environment is built on, by default."""

OURS = "modeldesk"
"""The distribution that plug-ins require; its ``modules`` travel, and nothing else of it."""

NAME = "modeldesk"
FILE = "environment/conda.yml"
"""Where the conda file is among the compiled files."""


def conda_file(requires: Iterable[str], *, python: str | None = None) -> str:
    """Return the text of a conda file.

    Parameters
    ----------
    requires : iterable of str
        Distributions that the modules need, beyond :data:`CONTRACT`.
    python : str, optional
        The version of Python, ``"3.11"`` for example; default: this one.

    Raises
    ------
    PackagingError
        If something that is needed isn't installed here.
    """
    requires = tuple(requires)
    python = python or ".".join(map(str, sys.version_info[:2]))
    pins = pinned((*CONTRACT, *requires), python=python)
    lines = [
        f"name: {NAME}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python={python}",
        *(f"  - {each}" for each in conda_programs(requires)),
        "  - pip",
        "  - pip:",
        *(f"      - {name}=={number}" for name, number in pins.items()),
    ]
    return "\n".join(lines) + "\n"


def conda_programs(requires: Iterable[str]) -> list[str]:
    """Return the conda packages of programs, in the minor version that is installed here."""
    found = []
    for program in programs(requires):
        version = version_of(program)
        if version is None:
            message = f"{program.title} isn't installed, so its version isn't known."
            raise PackagingError([Problem("error", message, program.hint, code="not-installed")])
        found.append(f"{program.conda}={'.'.join(version.split('.')[:2])}")
    return found


def debian_packages(requires: Iterable[str]) -> list[str]:
    """Return the Debian packages that an image needs, sorted."""
    requires = tuple(requires)
    needed = {SYSTEM_PACKAGES[each] for each in requires if each in SYSTEM_PACKAGES}
    return sorted(needed | {program.debian for program in programs(requires)})


def pinned(requires: Iterable[str], *, python: str) -> dict[str, str]:
    """Return the installed version of each distribution and of all that it needs on Linux.

    Raises
    ------
    PackagingError
        If a required one isn't installed.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    surroundings = {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "python_version": python,
    }
    found: dict[str, str] = {}
    missing: list[Problem] = []
    waiting = [(Requirement(text), True) for text in distributions(requires)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, asked_for = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            if asked_for:
                message = f"{requirement.name} isn't installed, so its version isn't known."
                missing.append(
                    Problem(
                        "error", message, f"pip install {requirement.name}", code="not-installed"
                    )
                )
            continue
        if name == OURS:
            continue
        known = plug_in(requirement.name)
        if known is None or not known.travels:
            # A version of this computer's own making, “2.3+cu118”, is on no index.
            found[name] = distribution.version.partition("+")[0]
        for text in distribution.requires or ():
            if not requirement.extras and _needs_extra(text):
                continue
            try:
                needed = Requirement(text)
            except InvalidRequirement:
                continue
            extras = ["", *requirement.extras]
            if needed.marker is None or any(
                needed.marker.evaluate({**surroundings, "extra": extra}) for extra in extras
            ):
                waiting.append((needed, False))
    if missing:
        raise PackagingError(missing)
    return dict(sorted(found.items()))


def _needs_extra(text: str) -> bool:
    """Skip most of what isn't needed without parsing it, which is slow."""
    marker = text.partition(";")[2]
    return "extra ==" in marker and " or " not in marker
