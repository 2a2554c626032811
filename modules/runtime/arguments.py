"""The arguments of the step program: parameters as files and texts, folders of ports."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from modules.contract.parameter import SEARCHES
from modules.contract.specification import ModuleSpec


def parser() -> argparse.ArgumentParser:
    """Return the parser of the step program's command line."""
    made = argparse.ArgumentParser(
        prog="python -m modules.step",
        description="Run one module: folders in, folders out.",
        epilog="Exit status: 0 success, 1 the step failed (see error.json), 2 wrong arguments.",
    )
    made.add_argument("module", help="id, dotted name or file of the module")
    made.add_argument(
        "--parameters",
        metavar="FILE",
        dest="values",
        type=_File,
        action="append",
        default=[],
        help="JSON file of parameters",
    )
    made.add_argument(
        "--set",
        metavar="NAME=VALUE",
        dest="values",
        action="append",
        help="set one parameter; the later of two values counts, wherever it is",
    )
    made.add_argument(
        "--inside",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="file in the folder that the parameter names",
    )
    made.add_argument("--input", metavar="PORT=DIR", action="append", default=[])
    made.add_argument("--output", metavar="PORT=DIR", action="append", default=[])
    made.add_argument("--threads", type=int, help="threads of numeric libraries")
    made.add_argument(
        "--memory-limit",
        type=float,
        metavar="GB",
        help="memory that the step may use, in GB (Linux only; default: no limit)",
    )
    made.add_argument(
        "--error", metavar="FILE", default="error.json", help="file to write an error to"
    )
    return made


def read_parameters(
    values: Sequence[str], inside: Sequence[str], spec: ModuleSpec
) -> dict[str, Any]:
    """Return parameters as plain JSON, of which the later counts.

    Parameters
    ----------
    values : sequence of str
        Those of ``--parameters`` and ``--set`` in their order.
    inside : sequence of str
        ``NAME=FILE``: the file in the folder that a parameter names.

    Raises
    ------
    ValueError
        With one sentence, if one isn't allowed.
    OSError
        If a file can't be read.
    """
    parameters: dict[str, Any] = {}
    for each in values:
        if isinstance(each, _File):
            parameters |= _parameters_in(each)
        else:
            name, text = _named(each, spec, "--set must be NAME=VALUE")
            parameters[name] = parse_value(text, spec.parameter_by_name[name].kind)
    for each in inside:
        name, text = _named(each, spec, "--inside must be NAME=FILE")
        if isinstance(parameters.get(name), str):
            parameters[name] = f"{parameters[name].rstrip('/')}/{text}"
    spec.read_parameters(parameters)
    return parameters


def parse_value(text: str, kind: str) -> Any:
    """Return a value given as text on a command line as plain JSON.

    Parameters
    ----------
    kind : str
        The kind of the parameter; text is unchanged, everything else is parsed as JSON
        if it is JSON. Values to try are JSON for every kind.
    """
    if text.startswith(SEARCHES):
        with suppress(ValueError):
            return json.loads(text)
    if kind in ("text", "script", "path", "secret"):
        return text
    if kind == "boolean" and text.lower() in ("yes", "no", "on", "off"):
        return text.lower() in ("yes", "on")
    try:
        value = json.loads(text)
    except ValueError:
        value = text.lower() == "true" if text.lower() in ("true", "false") else text
    if kind == "choice" and not isinstance(value, (str, int, float, bool)):
        return text
    if kind == "columns" and isinstance(value, (str, int, float)):
        return [part.strip() for part in text.split(",")]
    return value


def folders(settings: Sequence[str], what: str) -> dict[str, Path]:
    """Return the folders of ports from ``PORT=DIR`` texts; ValueError if one isn't of that form."""
    found = {}
    for setting in settings:
        port, separator, folder = setting.partition("=")
        if not separator or not folder:
            raise ValueError(f"--{what} must be PORT=DIR, not “{setting}”.")
        found[port] = Path(folder)
    return found


class _File(str):
    """The path of a file of parameters, among single parameters."""


def _parameters_in(file: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"“{file}” isn't JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"“{file}” doesn't contain exactly one JSON object.")
    return found


def _named(setting: str, spec: ModuleSpec, form: str) -> tuple[str, str]:
    name, separator, text = setting.partition("=")
    if not separator:
        raise ValueError(f"{form}, not “{setting}”.")
    if name not in spec.parameter_by_name:
        raise ValueError(f"{spec.title} has no parameter “{name}”.")
    return name, text
