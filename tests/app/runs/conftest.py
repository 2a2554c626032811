"""An engine of their own for the tests that end its workers."""

from __future__ import annotations

import pytest
from window_desk import warm

from designer.engine.engine import Engine
from designer.workspace import Workspace


@pytest.fixture(scope="package")
def engine(tmp_path_factory, catalog):
    """An engine whose workers a test may end: those of no other test wait for them."""
    engine = Engine(Workspace(tmp_path_factory.mktemp("runs")), catalog, workers=2)
    warm(engine)
    yield engine
    engine.close()
