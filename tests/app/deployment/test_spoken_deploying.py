"""What is read out while something is deployed and tested: its steps, its end, each response."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from designer.app.background.errors import UserError
from designer.app.deployment.deploying.deploy_dialog import DeployDialog
from designer.app.deployment.deploying.step_list import StepList
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage
from designer.app.deployment.inference.conversion import Prepared
from designer.app.shell import motion


@pytest.fixture
def dialog(qtbot, backend, background):
    prepared = Prepared("{pipeline}", Path("base"), ())
    made = DeployDialog(backend, background, lambda: prepared, name="cars")
    made.heard = []
    made.announcer.announced.connect(made.heard.append)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


def test_the_steps_and_the_end_of_a_deployment_are_read_out(dialog, qtbot, backend):
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.outcome is not None)
    *steps, end = dialog.heard
    assert end == "“cars” is running, version 1."
    assert len(steps) > 1
    assert all(each.endswith(": working") for each in steps)
    assert len(set(steps)) == len(steps)


def test_the_reason_of_a_failed_deployment_is_read_out(dialog, qtbot, backend):
    backend.fails["deploy"] = UserError("Port 6001 is in use.", "Take another.")
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert dialog.heard[-1] == "Port 6001 is in use. Take another."


def test_each_response_is_read_out(qtbot, backend, background):
    page = EndpointsPage(backend, background)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitExposed(page):
        page.show()
    backend.add("cars", "running")
    page.refresh()
    page.choose("cars", "test")
    tab = page.detail.test
    heard: list[str] = []
    tab.announcer.announced.connect(heard.append)
    qtbot.waitUntil(lambda: tab.send.isEnabled() and bool(tab.json.toPlainText()))
    assert heard == []
    for count in (1, 2):
        QTest.mouseClick(tab.send, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda count=count: len(heard) == count)
        assert heard[-1] == tab.result.text() != ""
    page.set_watching(False)


@pytest.mark.parametrize("reduced", [False, True])
def test_the_mark_of_a_running_step_turns_only_if_things_may_move(qtbot, reduced):
    motion.choose("reduced" if reduced else "full")
    try:
        steps = StepList()
        qtbot.addWidget(steps)
        steps.resize(300, 60)
        with qtbot.waitExposed(steps):
            steps.show()
        steps.set_steps({"one": "Register the model"})
        steps.set_step("one", "running")
        first = steps.grab().toImage()
        if reduced:
            assert not [each for each in steps.findChildren(QTimer) if each.isActive()]
        else:
            qtbot.waitUntil(lambda: steps.grab().toImage() != first)
    finally:
        motion.choose("system")
