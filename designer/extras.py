"""Extras: libraries that single modules need, installed into this Python on demand."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modules.programs import distribution, distributions, is_installed, programs

DISTRIBUTION = "modeldesk"
_INTERNAL = ("dev",)


@dataclass(frozen=True)
class Extra:
    """Libraries that are installed together.

    Parameters
    ----------
    requirements : tuple of str
        With the versions that ModelDesk works with.
    """

    name: str
    requirements: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The requirements that aren't installed."""
        return missing_distributions(self.requirements)


@dataclass(frozen=True)
class Progress:
    """What an installation is doing.

    Parameters
    ----------
    share : float or None
        Of the file that is downloaded, from 0 to 1; None if that isn't known.
    """

    text: str
    share: float | None = None


@cache
def extras() -> dict[str, Extra]:
    """Return the extras by name, as this installation of ModelDesk declares them."""
    from importlib import metadata

    from packaging.requirements import Requirement

    found: dict[str, list[str]] = {}
    try:
        about = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return {}
    for text in about.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        name = re.search(r"extra == ['\"]([^'\"]+)['\"]", str(marker)) if marker else None
        if marker is None or name is None or name[1] in _INTERNAL:
            continue
        if marker.evaluate({"extra": name[1]}):
            requirement.marker = None
            found.setdefault(name[1], []).append(str(requirement))
    return {name: Extra(name, tuple(each)) for name, each in sorted(found.items())}


def extra_of(missing: Iterable[str]) -> Extra | None:
    """Return the extra that has all of some missing distributions; None if there is none."""
    wanted = set(map(_normal, missing))
    for extra in extras().values():
        names = set(map(_normal, extra.requirements))
        if wanted and wanted <= names:
            return extra
    return None


def install_command(missing: Iterable[str]) -> str:
    """Return the commands that install missing requirements: usually one."""
    names = distributions(missing)
    extra = extra_of(names)
    commands = [f"pip install {' '.join(names)}"] if names else []
    if extra is not None:
        commands = [f"designer extras install {extra.name}"]
    return " && ".join([*commands, *(program.hint for program in programs(missing))])


class Installation:
    """An installation of requirements into this Python, by pip or uv.

    No package that is installed already changes its version. Whoever runs the command passes on
    its lines with :meth:`read`.

    Raises
    ------
    RuntimeError
        With one sentence, if there is neither pip nor uv.
    """

    def __init__(self, requirements: Sequence[str]) -> None:
        self.requirements = tuple(requirements)
        self._folder = tempfile.TemporaryDirectory(prefix="modeldesk-extras-")
        pins = Path(self._folder.name) / "installed.txt"
        pins.write_text("".join(f"{pin}\n" for pin in _installed()), "utf-8")
        installer = [*_installer(), "--constraint", str(pins)]
        if sys.platform == "linux" and any(_normal(each) in _TORCH for each in requirements):
            # The usual build brings gigabytes for graphics cards.
            installer += _CPU_WITH_UV if installer[1] == "pip" else _CPU_WITH_PIP
        self.command = [*installer, *self.requirements]
        self._lines: list[str] = []

    def read(self, line: str) -> Progress | None:
        """Return the progress that a line of the output shows; None if none."""
        line = line.strip()
        raw = re.fullmatch(r"Progress (\d+) of (\d+)", line)
        if raw:
            share = int(raw[1]) / int(raw[2]) if int(raw[2]) else None
            return Progress(self._doing, share)
        self._lines.append(line)
        for pattern, text in _DOING:
            found = re.match(pattern, line)
            if found:
                self._doing = text.format(*found.groups())
                return Progress(self._doing)
        return None

    def problem(self, status: int) -> str:
        """Return why it failed, in one sentence; empty if it worked."""
        if status == 0:
            importlib.invalidate_caches()
            left = missing_distributions(self.requirements)
            return f"{', '.join(left)} can't be found after the installation." if left else ""
        output = "\n".join(self._lines)
        for pattern, sentence in _PROBLEMS:
            if re.search(pattern, output, re.IGNORECASE):
                return sentence
        errors = [line for line in self._lines if re.match(r"(ERROR|error|×)", line)]
        last = (errors or self._lines or [f"exit status {status}"])[-1]
        return f"The installation failed: {re.sub(r'^(ERROR|error): *', '', last)}"

    def close(self) -> None:
        """Remove the temporary files."""
        self._folder.cleanup()

    _doing = "Looking for the packages"


def missing_distributions(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements that aren't installed, without importing any."""
    return tuple(item for item in requirements if not is_installed(item))


def environment() -> dict[str, str]:
    """Return the environment of the installer: no questions, no colors, all lines at once."""
    return os.environ | {
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _installer() -> list[str]:
    """Return the beginning of the command: this Python's pip, or else uv."""
    if importlib.util.find_spec("pip") is not None:
        raw = ["--progress-bar", "raw"] if _pip_version() >= (24, 1) else []
        return [sys.executable, "-m", "pip", "install", *raw]
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise RuntimeError("This Python has neither pip nor uv. Install one of them.")
    return [found, "pip", "install", "--python", sys.executable]


def _pip_version() -> tuple[int, ...]:
    from importlib import metadata

    numbers = re.findall(r"\d+", metadata.version("pip"))
    return tuple(map(int, numbers[:2]))


def _installed() -> list[str]:
    """Return the exact versions of everything installed, as requirements."""
    from importlib import metadata

    found: dict[str, str] = {}
    for each in metadata.distributions():
        name = each.metadata["Name"]
        # The first of a name is the one that is imported.
        if name and re.fullmatch(r"[\w.!+-]+", each.version):
            found.setdefault(_normal(name), f"{name}=={each.version}")
    return sorted(found.values())


def _normal(requirement: str) -> str:
    """Return the normalized name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution(requirement)).lower()


_TORCH = ("torch", "torchvision")
_CPU_WITH_PIP = ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]
_CPU_WITH_UV = ["--torch-backend", "cpu"]

_DOING = (
    (r"Collecting (\S+)", "Looking for {0}"),
    (r"Downloading (\S+?)(?:-\d\S*)? \((.+)\)", "Downloading {0} ({1})"),
    (r"Downloading (\S+) \((.+)\)", "Downloading {0} ({1})"),
    (r"Building wheel for (\S+)", "Building {0}"),
    (r"Building (\S+)", "Building {0}"),
    (r"Installing collected packages: (.+)", "Installing {0}"),
    (r"Resolved (\d+) packages?", "{0} packages found"),
    (r"Prepared (\d+) packages?", "Installing {0} packages"),
)
"""Lines of pip and uv, and what they are doing then."""

_PROBLEMS = (
    (
        r"externally.managed",
        "The system manages this Python. Use ModelDesk in a virtual environment.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Temporary failure in name|getaddrinfo|dns error"
        r"|Failed to fetch|error sending request|ProxyError|Read timed out|Max retries",
        "The package index can't be reached. Check the connection, then try again.",
    ),
    (
        r"Permission denied|EnvironmentError|not writable",
        "You can't write to the folder of this Python. Use ModelDesk in a virtual environment.",
    ),
    (r"No space left", "There is no space left on the disk."),
    (
        r"ResolutionImpossible|conflicting dependencies|No solution found",
        "It needs other versions of installed packages. Install it into another environment.",
    ),
    (
        r"No matching distribution|Could not find a version|not found in the package registry",
        "The package index has no version for this Python and system.",
    ),
)
"""What the output of pip or uv contains, and what it means."""
