"""A background for the widgets, and a backend without processes."""

from __future__ import annotations

import pytest
from fake_backend import FakeBackend

from designer.app.background.background import Background


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.close()


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()
