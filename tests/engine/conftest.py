from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted_run import Clock, Running

from designer.catalog import Catalog, load_catalog
from designer.engine import Engine, runner
from designer.engine.events import Event
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace

TOYS = Path(__file__).parent / "toys"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The built-in modules and the toys."""
    catalog = load_catalog(TOYS)
    assert not catalog.problems
    return catalog


@pytest.fixture(scope="session")
def shared_engine(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine with two workers for all tests that don't mind a store in use."""
    with Engine(Workspace(tmp_path_factory.mktemp("shared")), catalog, workers=2) as engine:
        engine.warm_up()
        yield engine


@pytest.fixture
def new_engine(catalog: Catalog, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Makes engines that are closed at the end of the test."""
    engines: list[Engine] = []

    def make(folder: Path | None = None, **options: Any) -> Engine:
        options.setdefault("workers", 1)
        engine = Engine(Workspace(folder or tmp_path / "workspace"), catalog, **options)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def build() -> Callable[..., Pipeline]:
    """Makes pipelines: ``build({"a": ("numbers", {"rows": 3})}, "a.numbers > b.first")``."""

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


class Recorder:
    """Keeps the events of a run."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[Event], node: str | None = None) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind) and node in (None, e.node)]

    def kinds(self, node: str) -> list[str]:
        return [type(event).__name__ for event in self.events if event.node == node]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of runs."""
    made = Clock()
    monkeypatch.setattr(runner, "time", SimpleNamespace(perf_counter=made))
    return made


@pytest.fixture
def start(tmp_path, catalog, build) -> Callable[..., Running]:
    """Makes runs of pipelines with scripted workers."""

    def make(pipeline, script, **more):
        return Running(tmp_path, catalog, build(*pipeline), script, **more)

    return make
