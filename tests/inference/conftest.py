from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from designer.catalog import Catalog, load_catalog
from designer.engine import Engine
from designer.workspace import Workspace


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def engine(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Workspace(tmp_path_factory.mktemp("workspace")), catalog, workers=2) as engine:
        yield engine


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the dataset that the pipelines read."""
    folder = tmp_path_factory.mktemp("data")
    from served import people

    people().to_parquet(folder / "people.parquet")
    return folder
