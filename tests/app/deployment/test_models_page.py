"""The page of registered models."""

from __future__ import annotations

import pytest
from fake_backend import version
from PySide6.QtWidgets import QLabel

from designer.app.background.errors import UserError
from designer.app.deployment.models_page import ModelsPage


@pytest.fixture
def page(qtbot, backend, background):
    made = ModelsPage(backend, background)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


def shown(page) -> str:
    return "\n".join(label.text() for label in page._facts.findChildren(QLabel))


def test_an_empty_registry_says_how_a_model_gets_there(page, qtbot):
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=5000)
    assert page.empty.message == "No model is registered yet."


def test_versions_show_run_pipeline_and_metrics(page, qtbot, backend):
    backend.models_["cars"] = [version("cars", "2", learner="Linear"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    assert page.title.text() == "cars, version 2"
    assert "cars.pipeline.json" in shown(page)
    assert "evaluate_model.RMSE\n2.5" in shown(page)
    item = page.tree.topLevelItem(0)
    item.setExpanded(True)
    qtbot.waitUntil(lambda: item.childCount() == 2, timeout=5000)
    page.tree.setCurrentItem(item.child(1))
    assert page.title.text() == "cars, version 1"
    assert "run-1" in shown(page)
    with qtbot.waitSignal(page.deploy_requested) as signal:
        page.deploy.click()
    assert (signal.args[0]["name"], signal.args[0]["version"]) == ("cars", "1")


def test_a_version_or_a_whole_model_is_deleted_after_a_question(page, qtbot, backend, answer):
    backend.models_["cars"] = [version("cars", "2"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    item = page.tree.topLevelItem(0)
    item.setExpanded(True)
    qtbot.waitUntil(lambda: item.childCount() == 2, timeout=5000)
    page.tree.setCurrentItem(item.child(1))
    asked = answer("Delete")
    page.delete.click()
    assert asked == ["Delete version 1 of “cars”?"]
    qtbot.waitUntil(lambda: len(backend.models_["cars"]) == 1, timeout=5000)
    qtbot.waitUntil(lambda: page.tree.topLevelItem(0).childCount() == 1, timeout=5000)
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    answer("Delete")
    page.delete.click()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=5000)


def test_a_registry_that_can_not_be_read_is_explained(page, qtbot, backend):
    backend.fails["models"] = UserError("The tracking server can't be reached.", "Start it.")
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.problem, timeout=5000)
    assert "can't be reached. Start it." in page.problem.findChildren(QLabel)[1].text()
