"""Load the specification of a module from its name or file."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.contract.registry.discovery import make_packages
from modules.contract.specification import ModuleSpec, specification

_ROOT = Path(__file__).parents[1]


def find_module(name: str) -> ModuleSpec:
    """Return the specification of a module.

    Parameters
    ----------
    name : str
        Its id, its dotted name, or the path of its file.

    Raises
    ------
    LookupError
        With one sentence, if it doesn't exist.
    """
    if name.endswith(".py"):
        path = Path(name)
        if not path.is_file():
            raise LookupError(f"File “{name}” doesn't exist.")
        return load_specification(f"user_modules.{_content_key(path)}.{path.stem}", path)
    if "." not in name:
        found = sorted(_ROOT.glob(f"*/{name}.py")) if name.isidentifier() else []
        if not found:
            raise LookupError(f"Module “{name}” doesn't exist.")
        name = f"modules.{found[0].parent.name}.{name}"
    try:
        return load_specification(name)
    except (ImportError, AttributeError, TypeError) as error:
        raise LookupError(f"The module “{name}” can't be imported: {error}") from error


def load_specification(
    name: str, file: Path | None = None, function: str | None = None
) -> ModuleSpec:
    """Import a module and derive its specification; see :func:`load_function`."""
    return specification(load_function(name, file, function))


def load_function(
    name: str, file: Path | None = None, function: str | None = None
) -> Callable[..., Any]:
    """Import a module and return its function.

    Parameters
    ----------
    name : str
        The dotted name.
    file : Path, optional
        Its file, if it can't be found by its name: a user's own module.
    function : str, optional
        The function; by default the only one that is a module.

    Raises
    ------
    ImportError, AttributeError, TypeError
        If it can't be imported or isn't a module.
    """
    if file is not None and name not in sys.modules:
        make_packages(name.rpartition(".")[0], file.parent)
        importlib.invalidate_caches()
        wrote = sys.dont_write_bytecode
        # Bytecode is validated by time and size: a quick change would load stale code.
        sys.dont_write_bytecode = True
        try:
            imported = importlib.import_module(name)
        finally:
            sys.dont_write_bytecode = wrote
    else:
        imported = importlib.import_module(name)
    found: list[Callable[..., Any]] = [
        thing
        for thing in vars(imported).values()
        if hasattr(thing, "__module_options__") and getattr(thing, "__module__", None) == name
    ]
    chosen = [thing for thing in found if function in (None, thing.__name__)]
    if not chosen:
        raise AttributeError(f"{name} has no function decorated with @module.")
    return chosen[0]


def _content_key(file: Path) -> str:
    """Return a name from a file's content and path, so that files never collide."""
    content = str(file.resolve()).encode() + b"\0" + file.read_bytes()
    return "_" + hashlib.blake2b(content, digest_size=8).hexdigest()
