"""The shape of the source: no import circle, no crowded folder, no long file.

The import graph is read from the source. Imports inside functions and under TYPE_CHECKING
count too, and what a package exports counts as the package.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES_IN_A_FOLDER = 25
LINES_IN_A_FILE = 400

Graph = Mapping[str, set[str]]


@pytest.fixture(scope="module")
def sources() -> dict[str, Path]:
    """Return every module of the project by its dotted name."""
    found = {}
    for package in ("designer", "modules"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    assert len(found) > 300
    return found


@pytest.mark.long
def test_no_modules_import_each_other_in_a_circle(sources: dict[str, Path]) -> None:
    graph = {
        name: set(_imported(ast.parse(path.read_text("utf-8")), sources)) - {name}
        for name, path in sources.items()
    }
    assert circles(graph) == []


def test_circles_are_found_however_they_are_imported() -> None:
    sources = {
        "designer.a": "def f():\n    from designer.b import g",
        "designer.b": "if TYPE_CHECKING:\n    import designer.c.d",
        "designer.c": "from designer import a",
        "designer.c.d": "import designer.c",
        "designer.e": "from designer.c import d",
    }
    graph = {name: set(_imported(ast.parse(text), sources)) for name, text in sources.items()}
    assert circles(graph) == [{"designer.a", "designer.b", "designer.c", "designer.c.d"}]


def test_no_folder_is_crowded(sources: dict[str, Path]) -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in sources.values())
    crowded = {folder for folder, count in counts.items() if count > FILES_IN_A_FOLDER}
    assert crowded == set()


def test_no_file_is_long(sources: dict[str, Path]) -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in sources.items()}
    assert {name: count for name, count in lengths.items() if count > LINES_IN_A_FILE} == {}


def circles(graph: Graph) -> list[set[str]]:
    """Return the strongly connected components of more than one module, after Tarjan."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        path.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in path:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            start = path.index(name)
            members = set(path[start:])
            del path[start:]
            if len(members) > 1:
                found.append(members)

    for name in graph:
        if name not in order:
            visit(name)
    return found


def _imported(tree: ast.Module, known: Mapping[str, object]) -> Iterator[str]:
    """Yield the modules of the project that a source imports anywhere."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            while name and name not in known:
                name = name.rpartition(".")[0]
            if name:
                yield name
