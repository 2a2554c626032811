"""The plug-ins that travel: as files, like ``modules``, because they may be on no index.

A job or an endpoint runs the very code that runs here, whether it was published or not, and
needs no access to a private index. What a plug-in requires is installed there by exact
version. One with compiled code is installed too, since its files fit one system only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modules.contract.installed import ENTRY_POINTS, declarations, plug_in_of
from modules.contract.specification import ModuleSpec
from modules.values import storage

_COMPILED = (".so", ".pyd", ".dylib", ".dll")


@dataclass(frozen=True)
class PlugIn:
    """An installed distribution that offers modules.

    Parameters
    ----------
    name, version : str
        Of the distribution.
    entry_points : tuple of (str, str)
        Name and value of each that offers modules.
    requires : tuple of str
        Requirements as its metadata has them.
    """

    name: str
    version: str
    entry_points: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the files of its packages of modules with the names that they get, in order."""
        for top in sorted({value.partition(".")[0] for _, value in self.entry_points}):
            found = find_spec(top)
            if found is None:
                continue
            folders = list(found.submodule_search_locations or ())
            if folders:
                yield from files_of(top, Path(folders[0]))
            elif found.origin:
                yield Path(found.origin).name, Path(found.origin)

    def metadata_files(self) -> dict[str, str]:
        """Return by name the texts that make it an installed distribution where it travels to."""
        folder = f"{self.name.replace('-', '_')}-{self.version}.dist-info"
        lines = [f"{name} = {value}" for name, value in self.entry_points]
        return {
            f"{folder}/METADATA": (
                f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
            ),
            f"{folder}/entry_points.txt": "\n".join([f"[{ENTRY_POINTS}]", *lines]) + "\n",
        }

    @property
    def travels(self) -> bool:
        """Whether its files run on any system."""
        return not any(path.suffix in _COMPILED for _, path in self.files())


def requirements(spec: ModuleSpec, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the distributions that a module needs, the plug-in that it comes with among them.

    Those of the modules that it finds by itself are too: it couldn't call them otherwise.

    Parameters
    ----------
    values : mapping
        Of the module's parameters, as plain JSON.
    """
    found = dict.fromkeys(spec.requirements(values))
    for each in (spec, *spec.called):
        found |= dict.fromkeys((*each.requires, *_distributions_of(each.function.__module__)))
    return tuple(found)


def requirements_of_values(folder: Path, modules: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the distributions needed to read stored values.

    Parameters
    ----------
    folder : Path
        Contains values, at any depth.
    modules : iterable of str
        Dotted names of modules that are needed besides.

    Raises
    ------
    modules.contract.ModuleError
        If the modules that one was made with aren't here.
    """
    found: dict[str, None] = {}
    for name in (*modules, *(each.__name__ for each in storage.modules_of(folder).values())):
        for options in declarations(name):
            found |= dict.fromkeys(options["requires"])
        found |= dict.fromkeys(_distributions_of(name))
    return tuple(found)


def plug_in(distribution: str) -> PlugIn | None:
    """Return an installed plug-in by the name of its distribution; None if it isn't one."""
    try:
        found = metadata.distribution(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        return None
    entries = found.entry_points.select(group=ENTRY_POINTS)
    points = tuple(sorted((entry.name, entry.value) for entry in entries))
    if not points:
        return None
    return PlugIn(found.name, found.version, points, tuple(found.requires or ()))


def bundled_plug_ins(requires: Iterable[str]) -> list[PlugIn]:
    """Return the plug-ins among requirements, and those that these need, whose files travel."""
    from packaging.requirements import InvalidRequirement, Requirement

    found: dict[str, PlugIn] = {}
    waiting = list(requires)
    seen = set()
    while waiting:
        try:
            name = Requirement(waiting.pop()).name
        except InvalidRequirement:
            continue
        if name in seen:
            continue
        seen.add(name)
        known = plug_in(name)
        if known is not None:
            waiting += known.requires
            if known.travels:
                found[known.name] = known
    return [found[name] for name in sorted(found)]


def _distributions_of(module: str) -> tuple[str, ...]:
    found = plug_in_of(module)
    return () if found is None else (found.name,)


def files_of(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package with the names that they get, in order."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield f"{prefix}/{inside.as_posix()}", path
