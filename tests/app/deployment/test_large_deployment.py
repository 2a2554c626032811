"""Endpoints and models in a font that is larger than usual, in the window of a small laptop."""

from __future__ import annotations

import pytest
from fake_backend import version
from layout_desk import SMALL, is_whole
from PySide6.QtWidgets import QTabWidget

from designer.app.deployment.center import Center

pytestmark = pytest.mark.long


@pytest.fixture
def center(large, qtbot, backend, background):
    """Endpoints and models that are only remembered."""
    backend.add("cars", versions=(1, 2))
    backend.add("loans", "failed")
    backend.add("cloud", target="managed")
    backend.models_["cars"] = [version("cars", "2", learner="Linear"), version("cars", "1")]
    made = Center(backend, background)
    qtbot.addWidget(made)
    made.resize(SMALL)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.endpoints.set_watching(False)


def test_endpoints(center, qtbot):
    center.show_endpoints()
    page = center.endpoints
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 3, timeout=60_000)
    for name in ("cars", "loans", "cloud"):
        page.choose(name, "test")
        qtbot.waitUntil(lambda name=name: page.current is not None and page.current.name == name)
        tabs = page.detail.findChild(QTabWidget)
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            is_whole(qtbot, center)
    assert center.minimumSizeHint().width() <= SMALL.width()


def test_models(center, qtbot):
    center.show_models()
    qtbot.waitUntil(lambda: center.models.current is not None)
    is_whole(qtbot, center)
    assert center.minimumSizeHint().width() <= SMALL.width()
