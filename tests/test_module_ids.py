"""A module says everything about itself: no other file knows it by its id."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from designer.catalog import load_catalog

ROOT = Path(__file__).resolve().parent.parent
OWN_MODULES = ROOT / "designer" / "pipeline" / "own_modules.py"
"""The one file that may name modules: those that the designer itself puts on a canvas."""

SPECS = load_catalog()
PORTS = {port.name for spec in SPECS.values() for port in (*spec.inputs, *spec.outputs)}
FILES = sorted(path for room in ("designer", "modules") for path in (ROOT / room).rglob("*.py"))


@pytest.mark.long
def test_no_other_file_knows_a_modules_id() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in FILES
        if path != OWN_MODULES
        for line, name in named(path.read_text("utf-8"))
        if path != own_file(name)
    ]
    assert found == []


def test_only_its_folder_knows_a_category() -> None:
    """A new one needs no line in the import contracts, the themes, or the icons."""
    categories = {spec.file.parent.name: spec.category for spec in SPECS.values()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    texts = [str(project["tool"]["importlinter"])]
    texts += [path.read_text("utf-8") for path in (ROOT / "resources" / "themes").glob("*.*")]
    for folder, category in categories.items():
        assert not [text for text in texts if folder in text or category.title in text], folder
        assert Path(category.icon) == ROOT / "modules" / folder / "icon.svg"


def test_the_ids_that_the_designer_knows_are_modules_of_the_palette() -> None:
    tree = ast.parse(OWN_MODULES.read_text("utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    ids = {node.value.value for node in assigned if isinstance(node.value, ast.Constant)}
    assert ids
    assert ids <= set(SPECS)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("if node.module == 'split_data': pass", "split_data"),
        ("KINDS = {'train_model': 1}", "train_model"),
        ("name = f'score_model_{number}'", "score_model"),
        ("place = 'modules.model_training.train_model'", "train_model"),
        ("spec = catalog['dataset']", "dataset"),
        ("spec = self.catalog.get('dataset')", "dataset"),
        ("same = node.module in ('dataset', other)", "dataset"),
        ("made = Node(name, 'dataset')", "dataset"),
        ("from modules.model_training import train_model", "train_model"),
        ("from modules.model_training.train_model import train_model", "train_model"),
        ("made = module.train_model(table)", "train_model"),
    ],
)
def test_an_id_is_found_however_it_is_written(text: str, name: str) -> None:
    assert name in {found for _, found in named(text)}


@pytest.mark.parametrize(
    "text",
    [
        "'''Like train_model.'''",
        "table.require(names, port='dataset')",
        "rows = dataset.frame",
        "title = 'Split Data'",
    ],
)
def test_a_port_or_a_text_is_not_an_id(text: str) -> None:
    assert not list(named(text))


def own_file(name: str) -> Path:
    return Path(SPECS[name].function.__code__.co_filename)


def named(text: str) -> Iterator[tuple[int, str]]:
    """Yield the modules that a file names, with the lines.

    An id that is a port's name too, ``dataset``, counts only where a module is meant.
    """
    for node in ast.walk(ast.parse(text)):
        for part in _modules_meant(node):
            for name in _ids(part):
                yield part.lineno, name
        if isinstance(node, (ast.Constant, ast.Attribute)):
            for name in _ids(node):
                if name not in PORTS:
                    yield node.lineno, name
        elif isinstance(node, ast.ImportFrom):
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            if parts[0] == "modules":
                yield from ((node.lineno, name) for name in parts if name in SPECS)


def _ids(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Attribute):
        return {node.attr} & SPECS.keys()
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value.strip("_"), node.value.rpartition(".")[2]} & SPECS.keys()
    return set()


def _modules_meant(node: ast.AST) -> list[ast.expr]:
    """Return the parts of an expression that stand where only a module's id can."""
    if isinstance(node, ast.Subscript) and _is_catalog(node.value):
        return [node.slice]
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Attribute) and side.attr in ("module", "id") for side in sides):
            return [part for side in sides for part in getattr(side, "elts", [side])]
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and _is_catalog(node.func.value):
            return node.args[:1]
        if isinstance(node.func, ast.Name) and node.func.id == "Node":
            return node.args[1:2]
    return []


def _is_catalog(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return any(word in name.lower() for word in ("catalog", "specs"))
