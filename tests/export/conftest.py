from __future__ import annotations

from collections.abc import Iterator

import pytest
from exporting import Scripts


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripts]:
    made = Scripts(tmp_path_factory.mktemp("packages"))
    yield made
    made.close()
