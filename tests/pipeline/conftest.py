from __future__ import annotations

from collections.abc import Callable

import pytest

from designer.catalog import Catalog, load_catalog
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract.specification import ModuleSpec


@pytest.fixture(scope="session")
def specs() -> dict[str, ModuleSpec]:
    import small_modules

    return small_modules.SPECS


@pytest.fixture
def build() -> Callable[..., Pipeline]:
    """Return a function that builds a pipeline: nodes by id, links as text."""

    def make(nodes: dict[str, object], links: str = "", **fields: object) -> Pipeline:
        made = {}
        for name, value in nodes.items():
            module, parameters = value if isinstance(value, tuple) else (value, {})
            made[name] = Node(name, module, parameters=parameters)
        joined = []
        for line in links.split():
            source, _, target = line.partition(">")
            joined.append(Link(Endpoint(*source.rsplit(".", 1)), Endpoint(*target.rsplit(".", 1))))
        return Pipeline(nodes=made, links=tuple(joined), **fields)

    return make


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()
