"""Write values to folders and read them.

Every folder contains ``value.json`` with the type, the class and a format number, and files
in standard formats: Arrow IPC, JSON, skops, or the files themselves. Only the class
determines which.
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import OWN, load_class, load_module
from modules.contract.json_files import read_json, write_json
from modules.contract.port_type import find_port_type
from modules.contract.value import Value

FORMAT = 1
MARKER = "value.json"

_DAMAGED = (
    OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip
"""What reading a file that isn't as it was written may raise."""


def save(value: Value, folder: Path) -> dict[str, Any]:
    """Write a value into an empty folder, which is created if necessary.

    Returns
    -------
    dict
        What is shown for the value without opening it: ``type``, ``kind`` (the class, as
        ``module:name``) and, by type, ``rows``, ``columns``, ``title``, ``metrics``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not isinstance(value, Value):
        raise ModuleError(
            "not-a-value", f"A module returned a {type(value).__name__}, which isn't a port type."
        )
    kind = type(value)
    about = {"type": kind.port_type.name, "kind": f"{kind.__module__}:{kind.__qualname__}"}
    summary = about | value.save(folder)
    write_json(folder / MARKER, {"format": FORMAT} | summary, as_made=True)
    return summary


def load(folder: Path) -> Value:
    """Read the value that :func:`save` wrote.

    Only classes of modules are ever imported, regardless of the folder's content.

    Raises
    ------
    ModuleError
        If the folder doesn't contain a value, or it can't be trusted or read.
    """
    summary = describe(folder)
    try:
        return load_class(summary["kind"], Value).load(folder)
    except _DAMAGED as error:
        raise _damaged(summary, error) from error


def describe(folder: Path) -> dict[str, Any]:
    """Return the summary of a stored value without reading the value.

    Raises
    ------
    ModuleError
        If the folder doesn't contain a value.
    """
    try:
        summary = read_json(folder / MARKER)
        if isinstance(summary.get("type"), str):
            return summary
    except (OSError, ValueError, RecursionError):
        pass
    raise ModuleError("value-missing", f"“{folder.name}” doesn't contain a stored value.")


def modules_of(folder: Path) -> dict[str, ModuleType]:
    """Return the Python modules that are needed to read stored values.

    Parameters
    ----------
    folder : Path
        Contains values, at any depth.

    Returns
    -------
    dict of str to module
        By the name in the files; a user's own module may have another name now.

    Raises
    ------
    ModuleError
        If one of them isn't installed.
    """
    found: dict[str, ModuleType] = {}
    for file in sorted(folder.rglob(MARKER)):
        summary = describe(file.parent)
        name = str(summary.get("kind", ""))
        kind = load_class(name, Value)
        found[name.partition(":")[0]] = sys.modules[kind.__module__]
        try:
            others = kind.modules_named(file.parent)
        except _DAMAGED as error:
            raise _damaged(summary, error) from error
        found |= {name: load_module(name) for name in others}
    return found


def runs_code(folder: Path) -> bool:
    """Return whether using one of the values in a folder, at any depth, runs code stored in it.

    Nothing of the values is read. A value that can't be used, because its module isn't
    installed for example, runs nothing. A symbolic link in the folder counts as code.
    """
    for path in chain([folder], folder.rglob("*")):
        if path.is_symlink() and path != folder:
            # No value is written with one, and behind it may be any other.
            return True
        try:
            kind = load_class(str(describe(path).get("kind", "")), Value)
        except ModuleError:
            continue
        if kind.runs_code:
            return True
    return False


def own_package(module: ModuleType) -> tuple[str, Path] | None:
    """Return name and folder of the package of a user's own module; None for another module."""
    top, *rest = module.__name__.split(".")
    if top != OWN:
        return None
    package = f"{top}.{rest[0]}"
    return package, Path(sys.modules[package].__path__[0])


def _damaged(summary: dict[str, Any], error: Exception) -> ModuleError:
    kind = find_port_type(summary["type"])
    return ModuleError(
        "value-damaged",
        f"The stored {kind.title if kind else summary['type']} can't be read: {reason_of(error)}.",
        "Run its step again.",
    )
