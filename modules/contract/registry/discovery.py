"""Find the modules of this installation, for modules that use others whatever they are."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from importlib.abc import InspectLoader
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modules.contract.installed import ENTRY_POINTS, OWN
from modules.contract.module_spec import ModuleSpec
from modules.contract.specification import specification
from modules.programs import is_installed


def built_in_modules() -> Iterator[str]:
    """Yield the dotted names of the built-in modules of the palette, without importing them."""
    root = importlib.import_module("modules")
    for folder in pkgutil.iter_modules(root.__path__):
        name = f"modules.{folder.name}"
        if not folder.ispkg or not _is_category(name):
            continue
        package = importlib.import_module(name)
        for file in pkgutil.iter_modules(package.__path__):
            if not file.ispkg and not file.name.startswith("_"):
                yield f"{name}.{file.name}"


def automated_modules() -> list[ModuleSpec]:
    """Return the modules that declare a part in Automated ML, sorted by their dotted names.

    Those whose libraries are missing are left out, and plug-ins and the user's own modules that
    can't be imported.
    """
    found = {}
    for function in _installed_functions():
        if function.__module_options__["automated"] is None:  # type: ignore[attr-defined]
            continue
        with suppress(Exception):
            spec = specification(function)
            if all(map(is_installed, spec.requires)):
                found[function.__module__] = spec
    return [found[name] for name in sorted(found)]


def own_packages() -> dict[str, str]:
    """Return the folders of the user's own modules by their packages, the latest of each folder.

    Those that are loaded, and those that travel beside ``modules``, as in a job of Azure ML.
    """
    root = Path(importlib.import_module("modules").__path__[0]).parent / OWN
    found = {str(each): f"{OWN}.{each.name}" for each in root.glob("*/")}
    for name, module in list(sys.modules.items()):
        if name.rpartition(".")[0] == OWN and getattr(module, "__path__", None):
            found[str(module.__path__[0])] = name
    return {package: folder for folder, package in found.items()}


def make_packages(name: str, folder: Path) -> None:
    """Create the packages of a user's own module, the last one in its folder."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        package = ".".join(parts[:count])
        if package not in sys.modules:
            made = types.ModuleType(package)
            made.__path__ = [str(folder)] if count == len(parts) else []
            sys.modules[package] = made


def functions_of(loaded: Any) -> Iterator[types.FunctionType]:
    """Yield the module functions of a Python module, a package, or the function itself.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(loaded, types.FunctionType) and hasattr(loaded, "__module_options__"):
        yield loaded
        return
    if not isinstance(loaded, types.ModuleType):
        raise TypeError("this is neither a module function nor a package of modules")
    for value in list(vars(loaded).values()):
        if (
            isinstance(value, types.FunctionType)
            and hasattr(value, "__module_options__")
            and value.__module__ == loaded.__name__
        ):
            yield value
    for file in pkgutil.iter_modules(getattr(loaded, "__path__", [])):
        yield from functions_of(importlib.import_module(f"{loaded.__name__}.{file.name}"))


def _installed_functions() -> Iterator[types.FunctionType]:
    from importlib import metadata

    for name in built_in_modules():
        yield from functions_of(importlib.import_module(name))
    # An error in a plug-in, even the wish to exit, makes it unusable, no more.
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        with suppress(Exception, SystemExit):
            yield from functions_of(entry.load())
    for package, folder in own_packages().items():
        for file in pkgutil.iter_modules([folder]):
            with suppress(Exception, SystemExit):
                yield from functions_of(importlib.import_module(f"{package}.{file.name}"))


def _is_category(package: str) -> bool:
    """Return whether a package states a category, without running what others import."""
    found = find_spec(package)
    assert found is not None
    assert isinstance(found.loader, InspectLoader)
    code = found.loader.get_code(package)
    return code is not None and "CATEGORY" in code.co_names
