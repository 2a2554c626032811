"""The libraries that decide results, and their versions."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable
from functools import lru_cache

import designer
from modules.programs import distribution, programs, titles, version_of

LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn")
"""Distributions that decide every result, besides those a module requires."""


@lru_cache(maxsize=256)
def installed_version(requirement: str) -> str | None:
    """Return the version of a requirement, without importing it; None if it isn't there."""
    for program in programs([requirement]):
        return version_of(program)
    try:
        return importlib.metadata.version(distribution(requirement))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def versions(requires: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions of Python, of this application and of libraries that decide results.

    Parameters
    ----------
    requires : iterable of str
        What modules require; what isn't installed is left out.
    """
    found = {"python": platform.python_version(), "modeldesk": designer.__version__}
    for requirement in (*LIBRARIES, *sorted(requires)):
        version = installed_version(requirement)
        if version is not None:
            (name,) = titles([requirement])
            found[distribution(name)] = version
    return found
