"""Finds modules: the built-in ones, plug-ins, and those in a user's own folder.

Finding imports the modules' files, none of which imports a heavy library before
it runs. A user's own folder is code: it is imported only where it is passed.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import sys
import threading
import types
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from designer.extras import install_command, missing_distributions
from designer.texts import N_
from modules.contract.installed import plug_in_entries
from modules.contract.registry.discovery import built_in_modules, functions_of
from modules.contract.specification import Category, ModuleSpec, specification

USER_PACKAGE = "user_modules"
USER_CATEGORY = Category(N_("My Modules"), 2_000)
"""The user's own modules come last in the palette."""

_MANY_OBJECTS = 10_000
"""So many new objects take longer to search for garbage than to count frozen ones."""


@dataclass(frozen=True)
class LoadProblem:
    """A module that couldn't be loaded.

    Parameters
    ----------
    source : str
        The file or entry point.
    message : str
        One sentence.
    """

    source: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


class Catalog(Mapping[str, ModuleSpec]):
    """Every module that is known, by id, in the order of the palette.

    A built-in module is imported when it is asked for, so that a command which needs a few of
    them doesn't wait for all; who goes through the catalog gets all.

    Parameters
    ----------
    specs : iterable of ModuleSpec
        With an id each.
    problems : iterable of LoadProblem
        What couldn't be loaded so far.
    built_in : mapping of str to str, optional
        Dotted names of built-in modules that aren't imported yet, by their ids.
    """

    def __init__(
        self,
        specs: Iterable[ModuleSpec] = (),
        problems: Iterable[LoadProblem] = (),
        built_in: Mapping[str, str] | None = None,
    ) -> None:
        self._specs = _ordered(specs)
        self._waiting = dict(built_in or {})
        self.problems = list(problems)
        self._missing: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._lock = threading.RLock()

    def adopt(self, other: Catalog) -> None:
        """Become another catalog, for everyone who has this one."""
        with self._lock:
            self._specs, self._waiting = dict(other), {}
            self.problems, self._missing = other.problems, {}

    def __getitem__(self, module: str) -> ModuleSpec:
        if module in self._waiting:
            self._load([module])
        return self._specs[module]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def loaded(self) -> list[ModuleSpec]:
        """Return the modules that are imported: plug-ins, the user's own, and some built-in."""
        return list(self._specs.values())

    def _all(self) -> dict[str, ModuleSpec]:
        if self._waiting:
            self._load(list(self._waiting))
        return self._specs

    def _load(self, modules: Iterable[str]) -> None:
        """Import built-in modules."""
        with self._lock, _without_collection():
            # Another thread may have been quicker.
            wanted = {each: None for each in modules if each in self._waiting}
            finder = _Finder(self._waiting)
            for each in wanted:
                finder.add_built_in(each)
            # Complete before it is seen: who reads has no lock.
            self._specs = _ordered([*self._specs.values(), *finder.specs.values()])
            self.problems = [*self.problems, *finder.problems]
            self._waiting = {k: v for k, v in self._waiting.items() if k not in wanted}

    def missing(self, spec: ModuleSpec) -> tuple[str, ...]:
        """Return the distributions that a module needs and that aren't installed."""
        if spec.requires not in self._missing:
            self._missing[spec.requires] = missing_distributions(spec.requires)
        return self._missing[spec.requires]

    def available(self, spec: ModuleSpec) -> bool:
        """Return whether a module can run here."""
        return not self.missing(spec)

    def install_hint(self, spec: ModuleSpec) -> str | None:
        """Return the command that makes a module available; None if it is."""
        missing = self.missing(spec)
        return install_command(missing) if missing else None

    def categories(self) -> dict[str, list[ModuleSpec]]:
        """Return the modules by category, both in the order of the palette."""
        found: dict[str, list[ModuleSpec]] = {}
        for spec in self._all().values():
            found.setdefault(spec.category_title, []).append(spec)
        return found


def load_catalog(*user_folders: Path, again: Collection[str] = ()) -> Catalog:
    """Find all modules.

    Parameters
    ----------
    user_folders : Path
        Folders of files with functions decorated by ``@module``. Their code runs. If two modules
        have the same id, the first one is used.
    again : collection of str
        Packages of plug-ins to import again, because their code has changed.

    Returns
    -------
    Catalog
        What doesn't load is among its problems.
    """
    finder = _Finder({name.rpartition(".")[2]: name for name in built_in_modules()})
    with _without_collection():
        for name in [name for name in sys.modules if name.partition(".")[0] in again]:
            del sys.modules[name]
        finder.add_plug_ins()
        for folder in user_folders:
            finder.add_user_modules(folder)
    return Catalog(finder.specs.values(), finder.problems, finder.built_in)


def _ordered(specs: Iterable[ModuleSpec]) -> dict[str, ModuleSpec]:
    """Return specifications by id, in the order of the palette."""
    found = {spec.id: spec for spec in specs}.values()
    return {
        spec.id: spec
        for spec in sorted(
            found, key=lambda spec: (spec.category.order, spec.category_title, spec.title.lower())
        )
    }


def own_packages(specs: Iterable[ModuleSpec]) -> dict[str, str]:
    """Return the folders of the user's own modules, by the name of their package.

    Parameters
    ----------
    specs : iterable of ModuleSpec
        Of a catalog, :meth:`Catalog.loaded` are enough.
    """
    found = {}
    for spec in specs:
        package = spec.function.__module__.rpartition(".")[0]
        if package.startswith(f"{USER_PACKAGE}."):
            found[package] = str(spec.file.parent)
    return found


class _Finder:
    """Collects specifications; an error in third-party code is a problem, not a crash.

    Parameters
    ----------
    built_in : mapping of str to str
        Dotted names of the built-in modules by their ids, which no other may have.
    """

    def __init__(self, built_in: Mapping[str, str]) -> None:
        self.built_in = built_in
        self.specs: dict[str, ModuleSpec] = {}
        self.problems: list[LoadProblem] = []

    def add_built_in(self, module: str) -> None:
        name = self.built_in[module]
        self._load(name, partial(importlib.import_module, name))

    def add_plug_ins(self) -> None:
        for entry in plug_in_entries():
            self._load(f"{entry.name} ({entry.value})", entry.load)

    def add_user_modules(self, folder: Path) -> None:
        try:
            files = sorted(file for file in folder.iterdir() if file.suffix == ".py")
            package = f"{USER_PACKAGE}.{_content_key(folder)}"
        except OSError as error:
            self.problems.append(LoadProblem(str(folder), f"{error.strerror}."))
            return
        _make_package(USER_PACKAGE, [])
        _make_package(package, [str(folder)])
        importlib.invalidate_caches()
        wrote = sys.dont_write_bytecode
        # Bytecode is trusted by time and size: a quick change would load the old code.
        sys.dont_write_bytecode = True
        try:
            for file in files:
                if not file.name.startswith("_"):
                    load = partial(importlib.import_module, f"{package}.{file.stem}")
                    self._load(str(file), load, category=USER_CATEGORY)
        finally:
            sys.dont_write_bytecode = wrote

    def _load(self, source: str, load: Callable[[], Any], category: Category | None = None) -> None:
        try:
            functions = list(functions_of(load()))
        except (Exception, SystemExit) as error:
            self.problems.append(LoadProblem(source, _reason(error)))
            return
        per_file = Counter(function.__module__ for function in functions)
        for function in functions:
            try:
                spec = specification(function)
            except Exception as error:
                self.problems.append(LoadProblem(source, _reason(error)))
                continue
            if per_file[function.__module__] > 1:
                spec = replace(spec, id=function.__name__)
            if category is not None:
                spec = replace(spec, category=category)
            taken = self.built_in.get(spec.id)
            if taken not in (None, function.__module__):
                self.add_built_in(spec.id)
            known = self.specs.setdefault(spec.id, spec)
            if known is not spec:
                self.problems.append(
                    LoadProblem(source, f"the id “{spec.id}” is taken by “{known.title}”.")
                )


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Don't look for garbage in what is found, neither now nor right after: it all stays."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # To look through a few objects takes less than to count what is frozen.
            if gc.get_count()[0] > _MANY_OBJECTS and not gc.get_freeze_count():
                # What is frozen and thawed counts as old, without being looked at.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _content_key(folder: Path) -> str:
    """Return a name made from the content of the Python files in a folder.

    Changed files so load under a new name, and never mix with what is loaded.
    """
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return f"_{digest.hexdigest()}"


def _make_package(name: str, path: list[str]) -> None:
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, package)


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno} isn't Python: {error.msg}."
    return f"{type(error).__name__}: {error}"
