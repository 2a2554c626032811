"""The imports of a script."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from designer.catalog import USER_PACKAGE
from designer.export.names import Names
from designer.export.source import WIDTH, quoted
from modules.contract import ModuleSpec

_SHORT = ("modules.contract", "modules.values")
"""Packages whose names are imported from them, wherever they are defined."""

SWITCHES = "sklearn.experimental"
"""A package whose names are imported, but never used: other imports need that."""


class Imports:
    """The imports of a script: each name once, under another name if two are alike."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._modules: dict[str, str] = {}
        self._objects: dict[tuple[str, str], str] = {}
        self._own: dict[str, str] = {}
        self._loading: list[str] = []
        self.postponed = False
        """Annotations aren't evaluated: a class may name itself in them."""

    def module(self, name: str, short: str = "") -> str:
        """Import a module, under a short name perhaps; return its name in the script."""
        if name not in self._modules:
            self._modules[name] = self._names.take(short or name)
        return self._modules[name]

    def name(self, module: str, name: str) -> str:
        """Import something from a module; return its name in the script."""
        if (module, name) not in self._objects:
            self._objects[module, name] = self._names.take(name)
        return self._objects[module, name]

    def kind(self, kind: type) -> str:
        """Import a class; return its name in the script."""
        for package in _SHORT:
            if getattr(sys.modules.get(package), kind.__name__, None) is kind:
                return self.name(package, kind.__name__)
        return self.name(kind.__module__, kind.__qualname__)

    def function(self, spec: ModuleSpec) -> str:
        """Import the function of a module; return its name in the script.

        A user's own module is in no package, so it is loaded from its file.
        """
        function = spec.function
        if not is_own(function.__module__):
            return self.name(function.__module__, function.__name__)
        if spec.id not in self._own:
            load = self.name("modules.runtime.loading", "load_function")
            path = self.name("pathlib", "Path")
            module = f"{USER_PACKAGE}.own.{spec.file.stem}"
            local = self._names.claim(function.__name__)
            self._own[spec.id] = local
            self._loading += [
                f"{local} = {load}(",
                f"    {quoted(module)},",
                f"    {path}({quoted(str(spec.file))}),",
                f"    {quoted(function.__name__)},",
                ")",
            ]
        return self._own[spec.id]

    def lines(self) -> list[str]:
        """Return the import statements in the order of isort."""
        groups: list[list[str]] = [[], []]
        for name, local in sorted(self._modules.items(), key=lambda item: item[0].lower()):
            alias = "" if local == name else f" as {local}"
            groups[not _is_standard(name)].append(f"import {name}{alias}")
        by_module: dict[str, list[tuple[str, str]]] = {}
        for (module, name), local in self._objects.items():
            by_module.setdefault(module, []).append((name, local))
        for module, found in sorted(by_module.items(), key=lambda item: item[0].lower()):
            found.sort(key=lambda each: _member_key(each[0]))
            groups[not _is_standard(module)] += list(_from_import(module, found))
        future = ["from __future__ import annotations", ""] if self.postponed else []
        lines = future + groups[0] + ([""] if all(groups) else []) + groups[1]
        if self._loading:
            lines += ["", *self._loading]
        return lines


def is_own(module: str) -> bool:
    """Return whether a dotted name is of a user's own module."""
    return module.partition(".")[0] == USER_PACKAGE


def _from_import(module: str, found: list[tuple[str, str]]) -> Iterator[str]:
    plain = [name for name, local in found if name == local]
    line = f"from {module} import {', '.join(plain)}"
    if module == SWITCHES:
        line += "  # noqa: F401"
    if len(line) > WIDTH:
        yield f"from {module} import ("
        yield from (f"    {name}," for name in plain)
        yield ")"
    elif plain:
        yield line
    yield from (f"from {module} import {name} as {local}" for name, local in found if name != local)


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _member_key(name: str) -> tuple[int, str]:
    """Return isort's order of names: constants, classes, functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name
