"""Fingerprints: equal ones mean that running a step again would output what is stored."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import decode_source
from pathlib import Path
from typing import Any

from blake3 import blake3

from designer.engine.libraries import LIBRARIES, installed_version
from modules.contract import ModuleError, ModuleSpec
from modules.contract.installed import plug_in_of
from modules.values import storage


def digest(*parts: str | bytes) -> str:
    """Return one hash of several parts, in hexadecimal."""
    hasher = blake3()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        # The length keeps ("ab", "c") apart from ("a", "bc").
        hasher.update(len(content).to_bytes(8, "little"))
        hasher.update(content)
    return hasher.hexdigest(20)


def step_fingerprint(
    spec: ModuleSpec,
    code: str,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    files: Iterable[str],
    *,
    sample: int | None = None,
) -> str:
    """Return the fingerprint of a step, its number of threads left out.

    Parameters
    ----------
    code : str
        The module's :func:`module_digest`.
    parameters : mapping
        Complete, as plain JSON; secrets by name.
    inputs : mapping of str to str
        Which value is at each linked input port.
    files : iterable of str
        Hashes of the contents of files that the parameters name.
    sample : int, optional
        Rows of the sample, at design time.
    """
    return digest(
        spec.id,
        str(spec.version),
        code,
        canonical(parameters),
        canonical(dict(inputs)),
        canonical(list(files)),
        canonical(_versions((*spec.requirements(parameters), *_plug_in(spec)))),
        str(sample),
    )


def canonical(content: Any) -> str:
    """Return plain data as text, the same for equal data."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def module_file(spec: ModuleSpec) -> Path:
    """Return the source file of a module."""
    return spec.file


def module_digest(spec: ModuleSpec) -> str:
    """Return a hash of the source of a module and of all own files that it imports.

    Own files are those of ``modules`` and those of the package or folder that
    the module itself is in; libraries count by their version. Of modules that it finds by
    itself and may call, the same counts, and their libraries.
    """
    code = _code(spec.function.__module__, module_file(spec))
    called = {
        each.id: [
            _code(each.function.__module__, module_file(each)),
            each.version,
            _versions((*each.requires, *_plug_in(each))),
        ]
        for each in spec.called
    }
    return digest(code, canonical(called)) if called else code


def value_digest(folder: Path) -> str:
    """Return a hash of the source of the modules that read and use the values in a folder.

    Their content doesn't change with it: a learner is stored as its name and its parameters.
    """
    try:
        found = storage.modules_of(folder)
    except ModuleError as error:
        return digest(error.message)
    code = {
        name.rpartition(".")[2]: _code(module.__name__, Path(module.__file__ or ""))
        for name, module in found.items()
    }
    return digest(canonical(code))


def _code(name: str, file: Path) -> str:
    """Return a hash of a Python module and of all own files that it imports."""
    roots = {"modules": _package_parent("modules")}
    top = name.partition(".")[0]
    if top not in roots:
        package = _package_parent(top)
        if package is not None and file.is_relative_to(package / top):
            roots[top] = package
        else:
            roots[""] = file.parent
    package_name = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return file_closure(file, package_name, {k: v for k, v in roots.items() if v is not None})


def file_closure(file: Path, package: str, roots: Mapping[str, Path]) -> str:
    """Return the hash of a file and its imports; see :meth:`SourceDigests.closure`."""
    return _sources.closure(file, package, roots)


def module_versions(specs: Iterable[ModuleSpec]) -> dict[str, dict[str, Any]]:
    """Return version and hash of the source of modules, by their id."""
    return {
        spec.id: {"version": spec.version, "code": module_digest(spec)}
        for spec in sorted(specs, key=lambda spec: spec.id)
    }


def script_digest(script: Path) -> str:
    """Return a hash of a script and of all files that it imports from its folder."""
    return file_closure(script, "", {"": script.parent})


class SourceDigests:
    """Hashes of source files with all their imports; each version is parsed once."""

    def __init__(self) -> None:
        self._files: dict[str, _Source] = {}
        self._exists: dict[str, bool] = {}
        self._looked = 0.0
        self._lock = threading.Lock()

    def closure(self, file: Path, package: str, roots: Mapping[str, Path]) -> str:
        """Return the hash of a file and of every file that it imports from the roots.

        Parameters
        ----------
        package : str
            The package that relative imports of the file start from.
        roots : mapping of str to Path
            Folders to look in, by the first part of a module's name; that of the
            empty string for any name.
        """
        folders = {top: str(root) for top, root in roots.items()}
        with self._lock:
            if time.monotonic() - self._looked > _LOOK_AGAIN:
                self._exists.clear()
                self._looked = time.monotonic()
            found: dict[str, str] = {}
            waiting = [(str(file), package)]
            seen = {str(file)}
            while waiting:
                path, inside = waiting.pop()
                source = self._read(path)
                found[_relative(path, folders)] = source.digest
                for target in source.candidates(inside, folders):
                    if target[0] not in seen and self._is_file(target[0]):
                        seen.add(target[0])
                        waiting.append(target)
            return digest(canonical(found))

    def _is_file(self, path: str) -> bool:
        known = self._exists.get(path)
        if known is None:
            known = self._exists[path] = os.path.isfile(path)
        return known

    def _read(self, path: str) -> _Source:
        try:
            state = os.stat(path)
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            known = self._files.get(path)
            if known is None or known.stamp != stamp:
                content = Path(path).read_bytes()
                known = self._files[path] = _Source(stamp, digest(content), _imports(content))
            return known
        except OSError:
            return _Source((0, 0, 0), "unreadable", frozenset())


class _Source:
    """One version of a source file."""

    def __init__(
        self, stamp: tuple[int, int, int], digest: str, imports: frozenset[tuple[int, str]]
    ) -> None:
        self.stamp = stamp
        self.digest = digest
        self._imports = imports
        self._candidates: dict[tuple[Any, ...], list[tuple[str, str]]] = {}

    def candidates(self, package: str, roots: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the files that its imports would run if they exist, with their packages."""
        key = (package, *roots.items())
        if key not in self._candidates:
            self._candidates[key] = [
                found
                for level, name in sorted(self._imports)
                for found in _resolve(level, name, package, roots)
            ]
        return self._candidates[key]


def _imports(content: bytes) -> frozenset[tuple[int, str]]:
    """Return (level, dotted name) of everything that a source may import.

    What looks like an import inside a string counts too: one file more is hashed. Parsing the
    source would take ten times as long.
    """
    try:
        text = decode_source(content)
    except (SyntaxError, ValueError):
        return frozenset()
    if not text.isascii():
        # As Python itself reads names.
        text = unicodedata.normalize("NFKC", text)
    names: set[tuple[int, str]] = set()
    for whole, start, inside, rest in _IMPORT.findall(text.replace("\\\n", " ")):
        if whole:
            names.update((0, name) for name in _names(whole))
            continue
        dotted = "".join(start.split())
        source = dotted.lstrip(".")
        level = len(dotted) - len(source)
        names.add((level, source))
        # What is imported may be a separate module.
        names.update(
            (level, f"{source}.{name}" if source else name) for name in _names(inside or rest)
        )
    return frozenset(names)


def _names(listed: str) -> Iterator[str]:
    """Yield the dotted names of a list of imports, without those they get."""
    for each in _COMMENT.sub("", listed).split(","):
        name = "".join(_AS.split(each, maxsplit=1)[0].split())
        if name and name != "*":
            yield name


def _resolve(
    level: int, name: str, package: str, roots: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the files that an import may run, its packages' included."""
    if level:
        parts = package.split(".") if package else []
        parts = parts[: len(parts) - level + 1]
        name = ".".join([*parts, name] if name else parts)
    root = roots.get(name.partition(".")[0], roots.get(""))
    if root is None or not name:
        return []
    found = []
    folder, inside = root, ""
    for part in name.split("."):
        whole = f"{inside}.{part}" if inside else part
        folder = f"{folder}{os.sep}{part}"
        found.append((f"{folder}.py", inside))
        found.append((f"{folder}{os.sep}__init__.py", whole))
        inside = whole
    return found


def _relative(path: str, roots: Mapping[str, str]) -> str:
    """Return a name of a file that doesn't depend on the location of the project."""
    for root in roots.values():
        if path.startswith(root + os.sep):
            return path[len(root) + 1 :].replace(os.sep, "/")
    return os.path.basename(path)


def _package_parent(top: str) -> Path | None:
    package = sys.modules.get(top)
    paths = list(getattr(package, "__path__", []))
    return Path(os.path.abspath(paths[0])).parent if paths else None


def _plug_in(spec: ModuleSpec) -> tuple[str, ...]:
    """Return the distribution of a plug-in: its version counts for what isn't Python source."""
    found = plug_in_of(spec.function.__module__)
    return () if found is None else (found.name,)


@lru_cache(maxsize=256)
def _versions(requires: tuple[str, ...]) -> dict[str, str]:
    versions = {"python": ".".join(map(str, sys.version_info[:2]))}
    return versions | {name: installed_version(name) or "none" for name in (*LIBRARIES, *requires)}


def forget_versions() -> None:
    """Check again which libraries are installed."""
    _versions.cache_clear()
    installed_version.cache_clear()


_IMPORT = re.compile(
    r"""
    (?:^|[;:])[ \t\f]*
    (?:
        import[ \t\f]+([^;\n\#]+)
        |
        from([ \t\f.][^;\n\#("']*?)(?<=[ \t\f.])import\b[ \t\f]*
        (?:\(((?:[^)\#]|\#[^\n]*+)*+)\)|([^;\n\#]+))
    )
    """,
    re.MULTILINE | re.VERBOSE,
)
"""Import statements: of modules; or of a module, with names in parentheses or without."""

_COMMENT = re.compile(r"#[^\n]*")
_AS = re.compile(r"\bas\b")

_LOOK_AGAIN = 1.0
"""Seconds for which it is remembered that a file is there, or isn't."""

_sources = SourceDigests()
