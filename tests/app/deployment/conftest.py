"""A background for the widgets, and a backend without processes."""

from __future__ import annotations

import pytest
from fake_backend import FakeBackend

from designer.app.background.background import Background
from designer.app.deployment.endpoints import endpoints_page, logs_tab, metrics_tab


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.close()


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    # It is asked again after 50 ms instead of seconds, for which tests would wait.
    for each in (endpoints_page, logs_tab, metrics_tab):
        monkeypatch.setattr(each, "INTERVAL", 50)
    return FakeBackend()
