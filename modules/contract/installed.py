"""Resolve names stored in files to classes and functions of installed modules only.

Stored values, models and scoring packages name classes and functions. Only packages of
modules are ever imported for such a name, regardless of the file's content.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    from importlib import metadata

T = TypeVar("T")

ENTRY_POINTS = "modeldesk.modules"
"""Entry point group of plug-ins: a module function, or a package that contains some."""

OWN = "user_modules"
"""The package that a user's own modules are loaded into; see :mod:`modules.runtime.loading`."""

_METADATA = ("dist-info", "egg-info")


def load_class(name: str, kind: type[T]) -> type[T]:
    """Return the class ``module:qualified.name`` that a file names.

    Parameters
    ----------
    kind : type
        The class must be a subclass of this one.

    Raises
    ------
    ModuleError
        If no module of this installation defines it.
    """
    path, _, qualified = name.partition(":")
    for module in _candidates(path):
        found: Any = module
        for part in qualified.split("."):
            found = getattr(found, part, None)
        # Names that a module merely imports aren't defined by it.
        if (
            isinstance(found, type)
            and issubclass(found, kind)
            and found.__module__ == module.__name__
        ):
            return found
    raise ModuleError(
        "not-installed",
        f"“{name}” isn't defined by any module of this installation.",
        _install(path),
    )


def load_module(name: str) -> ModuleType:
    """Return the Python module that a file names.

    Raises
    ------
    ModuleError
        If it isn't a module of this installation.
    """
    for module in _candidates(name):
        return module
    raise ModuleError("not-installed", f"The module “{name}” isn't installed.", _install(name))


def module_functions(module: str) -> list[FunctionType]:
    """Return the module functions that a Python module defines.

    Parameters
    ----------
    module : str
        Its dotted name, as stored in a file.

    Returns
    -------
    list of function
        Those made by ``@module`` or ``@learner``; empty if it isn't installed.
    """
    for found in _candidates(module):
        functions = [
            thing
            for thing in vars(found).values()
            if isinstance(thing, FunctionType)
            and hasattr(thing, "__module_options__")
            and thing.__module__ == found.__name__
        ]
        if functions:
            return functions
    return []


def declarations(module: str) -> list[dict[str, Any]]:
    """Return what ``@module`` or ``@learner`` declare in a Python module.

    ``module`` as for :func:`module_functions`.
    """
    return [vars(function)["__module_options__"] for function in module_functions(module)]


def trusted_types(module: str) -> frozenset[str]:
    """Return the types that a module declares for its stored estimators.

    Declarations of other modules don't count: a file that names a learner may contain the
    types of that learner only.
    """
    return frozenset(name for options in declarations(module) for name in options["trusted"])


def is_module_package(name: str) -> bool:
    """Return whether a dotted name is in a package of modules.

    Those are ``modules`` itself, a user's own modules, and the packages that plug-ins offer.
    """
    return name.partition(".")[0] in ("modules", OWN) or plug_in_of(name) is not None


def plug_in_of(name: str) -> metadata.Distribution | None:
    """Return the plug-in, a distribution, that a dotted name is in; None if it isn't in one.

    Parameters
    ----------
    name : str
        Dotted name of a Python module, ``package.folder.file`` for example.
    """
    top = name.partition(".")[0]
    return None if top in ("modules", OWN) else _plug_ins(tuple(sys.path)).get(top)


def plug_in_entries() -> tuple[metadata.EntryPoint, ...]:
    """Return what the installed plug-ins offer, each a module function or a package of some."""
    if not any(map(_may_offer_modules, sys.path)):
        return ()
    from importlib import metadata

    return tuple(metadata.entry_points(group=ENTRY_POINTS))


def forget_plug_ins() -> None:
    """Look for plug-ins again: one may have been installed, or removed."""
    _plug_ins.cache_clear()


@cache
def _plug_ins(path: tuple[str, ...]) -> dict[str, metadata.Distribution]:
    """Return the plug-ins by their packages: once for each search path, since it takes 20 ms."""
    found = plug_in_entries()
    return {each.module.partition(".")[0]: each.dist for each in found if each.dist is not None}


def _may_offer_modules(folder: str) -> bool:
    """Return whether an entry of the search path may contain a plug-in.

    Reading the files takes a tenth of the 35 ms of ``importlib.metadata``, and most
    installations have no plug-in.
    """
    try:
        with os.scandir(folder or ".") as entries:
            found = [each.path for each in entries if each.name.lower().endswith(_METADATA)]
    except FileNotFoundError:
        return False
    except OSError:  # An archive, or a folder that only its owner may list.
        return True
    return any(map(_names_entry_points, found))


def _names_entry_points(distribution: str) -> bool:
    try:
        with open(os.path.join(distribution, "entry_points.txt"), "rb") as file:
            return ENTRY_POINTS.encode() in file.read()
    except OSError:
        return False


def _install(name: str) -> str:
    """Return the hint for a missing module."""
    top = name.partition(".")[0]
    if top in ("modules", OWN, "") or not top.isidentifier():
        return "Install the modules that the file was created with, or rerun the pipeline."
    return f"Install the package that contains “{top}”, or rerun the pipeline."


def _candidates(name: str) -> Iterator[ModuleType]:
    """Yield the imported modules that a dotted name in a file may mean."""
    if not all(part.isidentifier() for part in name.split(".")) or not is_module_package(name):
        return
    for candidate in (name, *_current_names(name)):
        try:
            yield importlib.import_module(candidate)
        except Exception:  # Any error of a plug-in makes it unusable.
            continue


def _current_names(name: str) -> Iterator[str]:
    """Yield the current names of a user's own module, the latest first.

    Its package is named after the content of the folder, which may have changed since.
    """
    top, _, rest = name.partition(".")
    inside = rest.partition(".")[2]
    if top == OWN and inside:
        for package in [each for each in list(sys.modules) if each.rpartition(".")[0] == OWN][::-1]:
            yield f"{package}.{inside}"
