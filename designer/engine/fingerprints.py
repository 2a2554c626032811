"""Fingerprints: equal ones mean that running a step again would give what is stored."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import sys
import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from blake3 import blake3

from modules.contract import ModuleSpec

LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn")
"""Distributions that decide every result, besides those a module requires."""


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
        canonical(_versions(spec.requires)),
        str(sample),
    )


def canonical(content: Any) -> str:
    """Return plain data as text, the same for equal data."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def module_file(spec: ModuleSpec) -> Path:
    """Return the source file of a module."""
    return Path(spec.function.__code__.co_filename)


def module_digest(spec: ModuleSpec) -> str:
    """Return a hash of the source of a module and of all own files that it imports.

    Own files are those of ``modules`` and those of the package or folder that
    the module itself is in; libraries count by their version.
    """
    file = module_file(spec)
    name = spec.function.__module__
    roots = {"modules": _package_parent("modules")}
    top = name.partition(".")[0]
    if top not in roots:
        package = _package_parent(top)
        if package is not None and file.is_relative_to(package / top):
            roots[top] = package
        else:
            roots[""] = file.parent
    package_name = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return _sources.closure(file, package_name, {k: v for k, v in roots.items() if v is not None})


class SourceDigests:
    """Hashes of source files with all that they import; a file is parsed once a version."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[tuple[int, int], str, frozenset[tuple[int, str]]]] = {}
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
        with self._lock:
            found: dict[str, str] = {}
            waiting = [(file, package)]
            seen = {file}
            while waiting:
                path, inside = waiting.pop()
                text_hash, imports = self._read(path)
                found[_relative(path, roots)] = text_hash
                for level, name in imports:
                    for target, target_package in _resolve(level, name, inside, roots):
                        if target not in seen:
                            seen.add(target)
                            waiting.append((target, target_package))
            return digest(canonical(found))

    def _read(self, path: Path) -> tuple[str, frozenset[tuple[int, str]]]:
        try:
            state = path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            known = self._files.get(path)
            if known is None or known[0] != stamp:
                content = path.read_bytes()
                known = (stamp, digest(content), _imports(content))
                self._files[path] = known
            return known[1], known[2]
        except OSError:
            return "unreadable", frozenset()


def _imports(content: bytes) -> frozenset[tuple[int, str]]:
    """Return (level, dotted name) of everything that a source may import."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return frozenset()
    names: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            names.add((node.level, start))
            # What is imported may be a module of its own.
            names.update(
                (node.level, f"{start}.{alias.name}" if start else alias.name)
                for alias in node.names
            )
    return frozenset(names)


def _resolve(
    level: int, name: str, package: str, roots: Mapping[str, Path]
) -> list[tuple[Path, str]]:
    """Return the files that an import runs: the module's and its packages'."""
    if level:
        parts = package.split(".") if package else []
        parts = parts[: len(parts) - level + 1]
        name = ".".join([*parts, name] if name else parts)
    top = name.partition(".")[0]
    root = roots.get(top, roots.get(""))
    if root is None or not name:
        return []
    found = []
    place, inside = root, ""
    for part in name.split("."):
        if (place / part / "__init__.py").is_file():
            inside = f"{inside}.{part}" if inside else part
            found.append((place / part / "__init__.py", inside))
        elif (place / f"{part}.py").is_file():
            found.append((place / f"{part}.py", inside))
        place = place / part
    return found


def _relative(path: Path, roots: Mapping[str, Path]) -> str:
    """Return a name of a file that doesn't depend on where the project lies."""
    for root in roots.values():
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name


def _package_parent(top: str) -> Path | None:
    package = sys.modules.get(top)
    paths = list(getattr(package, "__path__", []))
    return Path(os.path.abspath(paths[0])).parent if paths else None


@lru_cache(maxsize=256)
def _versions(requires: tuple[str, ...]) -> dict[str, str]:
    versions = {"python": ".".join(map(str, sys.version_info[:2]))}
    for name in (*LIBRARIES, *requires):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "none"
    return versions


_sources = SourceDigests()
