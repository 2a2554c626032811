"""Programs that modules need besides Python's libraries.

Among what a module requires, a program is written as ``program:Rscript``; everything else is a
distribution.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_PREFIX = "program:"


@dataclass(frozen=True, eq=False)
class Program:
    """A program that modules run.

    Parameters
    ----------
    command : str
        As on the command line.
    title : str
        As in messages.
    conda, debian : str
        The package of conda-forge, and of Debian and Ubuntu, that contains it.
    installing : mapping of str to str
        How to install it, by ``sys.platform``.
    folders : tuple of str
        Patterns of folders below ``ProgramFiles`` on Windows, where it isn't on the path.
    """

    command: str
    title: str
    conda: str
    debian: str
    installing: Mapping[str, str]
    folders: tuple[str, ...] = ()

    def path(self) -> str | None:
        """Return where it is; None if it isn't installed."""
        found = shutil.which(self.command)
        if found is None and sys.platform == "win32":
            root = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"))
            places = [path for folder in self.folders for path in sorted(root.glob(folder))]
            found = next(
                (hit for path in places[::-1] if (hit := shutil.which(self.command, path=path))),
                None,
            )
        return found

    @property
    def hint(self) -> str:
        """How to install it on this system."""
        return self.installing.get(sys.platform, self.installing["linux"])


R = Program(
    "Rscript",
    "R",
    "r-base",
    "r-base-core",
    {
        "linux": "apt install r-base-core",
        "darwin": "brew install r",
        "win32": "winget install RProject.R",
    },
    (r"R\R-*\bin",),
)

_KNOWN = {f"{_PREFIX}{each.command}": each for each in (R,)}


def distributions(requires: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements that are distributions."""
    return tuple(each for each in requires if not each.startswith(_PREFIX))


def programs(requires: Iterable[str]) -> tuple[Program, ...]:
    """Return the programs among requirements, each once."""
    return tuple(dict.fromkeys(_KNOWN[each] for each in requires if each in _KNOWN))


def titles(requires: Iterable[str]) -> tuple[str, ...]:
    """Return requirements as they are named in messages."""
    return tuple(_KNOWN[each].title if each in _KNOWN else each for each in requires)


def distribution(requirement: str) -> str:
    """Return the name of the distribution that a requirement, ``torch>=2`` perhaps, is of."""
    name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement.strip())
    return name[0] if name else requirement


def is_installed(requirement: str) -> bool:
    """Return whether a distribution or program is installed, without importing it.

    Versions aren't compared: what is installed together was resolved together.
    """
    if requirement in _KNOWN:
        return _KNOWN[requirement].path() is not None
    # An endpoint that asks for none starts sooner without it.
    from importlib import metadata

    try:
        # Reading its version would parse all of its metadata.
        metadata.distribution(distribution(requirement))
    except (metadata.PackageNotFoundError, ValueError):
        return False
    return True


@lru_cache
def version_of(program: Program) -> str | None:
    """Return the installed version; None if it isn't installed."""
    path = program.path()
    if path is None:
        return None
    done = subprocess.run(
        [path, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else None
