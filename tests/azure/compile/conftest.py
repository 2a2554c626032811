from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chosen_samples import SAMPLES

from designer.azure.compile.compiling import compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.compile.steps import Description
from designer.catalog import Catalog, load_catalog
from designer.pipeline.file import SUFFIX, read
from designer.pipeline.model import Endpoint, Link, Node, Pipeline


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module", autouse=True)
def no_network() -> Iterator[None]:
    """Let any attempt to reach another computer fail loudly."""

    def refuse(*arguments: Any, **_: Any) -> Any:
        raise AssertionError(f"the network was asked for: {arguments}")

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family != getattr(socket, "AF_UNIX", None):
            refuse(address)
        return real(self, address)

    real = socket.socket.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield


@pytest.fixture(scope="session")
def described(catalog: Catalog) -> Callable[[str], Description]:
    def make(sample: str) -> Description:
        file = SAMPLES / f"{sample}{SUFFIX}"
        return describe(read(file), catalog, base=file.parent, name=sample)

    return make


@pytest.fixture(scope="session")
def compiled(
    described: Callable[[str], Description], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """Return a function that compiles a sample, once, and gives its folder."""
    known: dict[tuple[str, str], Path] = {}

    def make(sample: str, target: str) -> Path:
        if (sample, target) not in known:
            folder = tmp_path_factory.mktemp(sample) / target
            compile_pipeline(described(sample), target, folder)
            known[sample, target] = folder
        return known[sample, target]

    return make


@pytest.fixture(scope="session")
def graph() -> Callable[[Path], Any]:
    return lambda folder: json.loads((folder / "graph.json").read_text("utf-8"))


@pytest.fixture
def build() -> Callable[..., Pipeline]:
    """Makes pipelines: ``build({"a": ("split_data", {"seed": 3})}, "a.x > b.y")``."""

    def make(nodes: dict[str, Any], *links: str, **fields: Any) -> Pipeline:
        made = {}
        for name, what in nodes.items():
            if isinstance(what, Node):
                made[name] = what
            else:
                module, parameters = what if isinstance(what, tuple) else (what, {})
                made[name] = Node(name, module, parameters=parameters)
        pairs = [link.split(" > ") for link in links]
        return Pipeline(
            nodes=made,
            links=tuple(
                Link(Endpoint(*source.rsplit(".", 1)), Endpoint(*target.rsplit(".", 1)))
                for source, target in pairs
            ),
            **fields,
        )

    return make


@pytest.fixture
def own_modules(tmp_path: Path) -> Path:
    """A person's folder with a module that uses a file beside it."""
    folder = tmp_path / "own"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "hook.py").write_text("raise SystemExit\n", "utf-8")
    (folder / "_factor.py").write_text("FACTOR = 2\n", "utf-8")
    (folder / "notes.txt").write_text("private\n", "utf-8")
    (folder / "doubled.py").write_text(_DOUBLED, "utf-8")
    return folder


_DOUBLED = '''
from modules.contract import DataTable, module


@module("Doubled", outputs=("dataset",))
def doubled(dataset: DataTable) -> DataTable:
    """Double the numbers."""
    from ._factor import FACTOR

    return DataTable(dataset.frame * FACTOR)
'''
