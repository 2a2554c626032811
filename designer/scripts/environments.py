"""Environments of scripts: made once from a file, kept in the workspace by content."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.content_hash import file_digest
from designer.private_files import make_folder
from designer.scripts.configuration import CURRENT
from designer.scripts.problem import ScriptError
from designer.workspace import Workspace

FOLDER = "environments"
_NO_ENVIRONMENT = "Check the environment file, and that the package index can be reached."


@dataclass(frozen=True)
class Requirements:
    """What an environment file asks for.

    Parameters
    ----------
    lines : tuple of str
        As in a ``requirements.txt``.
    python : str
        The version of Python; empty for this one.
    """

    lines: tuple[str, ...]
    python: str = ""


def python_of(
    environment: str, workspace: Workspace, on_line: Callable[[str], object]
) -> tuple[str, str]:
    """Return the Python that a script runs with; its environment is made if necessary.

    Returns
    -------
    (str, str)
        Its path, and the hash of the environment file; empty texts for the current one.

    Raises
    ------
    ScriptError
        If it can't be made.
    """
    if environment == CURRENT:
        return "", ""
    file = Path(environment)
    digest = file_digest(file)
    version = ".".join(map(str, sys.version_info[:2]))
    folder = workspace.folder / FOLDER / f"{digest[:24]}-{version}"
    python = _python_in(folder)
    if not python.exists():
        _make(file, folder, on_line)
    return str(python), digest


def read_requirements(file: Path) -> Requirements:
    """Return what a ``requirements.txt`` or a conda file asks for.

    The packages of a conda file are installed from Python's package index, under the same names.

    Raises
    ------
    ScriptError
        If a conda file can't be read.
    """
    import yaml

    if file.suffix == ".txt":
        return Requirements((f"-r {file}",))
    try:
        content = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
        lines: list[str] = []
        python = ""
        for each in _list(content["dependencies"]):
            if isinstance(each, dict):
                lines += map(str, _list(each["pip"]))
                continue
            name, version = _conda_package(each)
            if name == "python":
                python = version.removesuffix(".*").lstrip("=<>")
            elif name != "pip":
                lines.append(name + version)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ScriptError(
            f"“{file}” isn't a conda file.", "It needs a list “dependencies”."
        ) from error
    return Requirements(tuple(lines), python)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _conda_package(text: str) -> tuple[str, str]:
    """Return name and version of a package of conda as pip writes them."""
    found = re.fullmatch(r"\s*(?:[\w.-]+::)?([\w.-]+)\s*([<>=!~].*)?", text)
    if found is None:
        raise ValueError(text)
    name, version = found[1], (found[2] or "").replace(" ", "")
    if version.startswith("=") and not version.startswith("=="):
        # In conda 1.2 is any 1.2.x; what follows is the build.
        version = f"=={version[1:].partition('=')[0].removesuffix('.*')}.*"
    return name, version


def _make(file: Path, folder: Path, on_line: Callable[[str], object]) -> None:
    requirements = read_requirements(file)
    fresh = make_folder(folder.parent) / f".{secrets.token_hex(6)}"
    listed = fresh.with_suffix(".txt")
    try:
        listed.write_text("".join(f"{line}\n" for line in requirements.lines), "utf-8")
        on_line(f"Making the environment of {file.name} …")
        for command in _commands(requirements, fresh, listed):
            _run(command, on_line, file)
        try:
            fresh.rename(folder)
        except OSError:
            # Another process was faster.
            if not _python_in(folder).exists():
                raise
    finally:
        listed.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _commands(requirements: Requirements, folder: Path, listed: Path) -> list[list[str]]:
    uv = _uv()
    if uv is not None:
        python = requirements.python or sys.executable
        return [
            [uv, "venv", "--relocatable", "--python", python, str(folder)],
            [uv, "pip", "install", "--python", str(_python_in(folder)), "-r", str(listed)],
        ]
    if requirements.python and not _is_this(requirements.python):
        raise ScriptError(
            f"The environment needs Python {requirements.python}.",
            f"Install uv, or use Python {'.'.join(map(str, sys.version_info[:2]))} in the file.",
        )
    return [
        [sys.executable, "-m", "venv", str(folder)],
        [str(_python_in(folder)), "-m", "pip", "install", "-r", str(listed)],
    ]


def _run(command: list[str], on_line: Callable[[str], object], file: Path) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_variables(),
    )
    last = ""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            last = line.strip() or last
            on_line(line.rstrip())
        status = process.wait()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if status:
        raise ScriptError(
            f"The environment in “{file}” can't be made: {last or f'status {status}'}",
            _NO_ENVIRONMENT,
            wrong_input=False,
        )


def _variables() -> dict[str, Any]:
    # The environment that ModelDesk runs in must not be taken for the new one.
    left_out = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    if beside.is_file():
        return str(beside)
    return shutil.which("uv")


def _is_this(python: str) -> bool:
    wanted = python.split(".")
    return list(map(str, sys.version_info[: len(wanted)])) == wanted


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
