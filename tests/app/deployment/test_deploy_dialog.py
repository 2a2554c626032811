"""The dialog “Deploy”: names, targets, steps, what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_backend import KEY
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from designer.app.deployment.actions import suggested_name
from designer.app.deployment.backend import STEPS, Prepared
from designer.app.deployment.deploy_dialog import DeployDialog
from designer.app.deployment.problem import Problem


@pytest.fixture
def prepared() -> list:
    return []


@pytest.fixture
def dialog(qtbot, backend, background, prepared):
    def prepare() -> Prepared:
        prepared.append(1)
        return Prepared("{pipeline}", Path("base"), ("Mind the gap.",))

    made = DeployDialog(backend, background, prepare, name="cars", source="cars")
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def test_return_deploys_and_address_and_key_are_there(dialog, qtbot, backend, prepared):
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.outcome is not None, timeout=5000)
    assert prepared == [1]
    (order,) = backend.deployed
    assert (order.name, order.pipeline, order.base) == ("cars", "{pipeline}", Path("base"))
    assert dialog.headline.text() == "“cars” answers, version 1."
    assert dialog.address.text == "http://127.0.0.1:5001/cars/score"
    assert dialog.key.line.echoMode() == QLineEdit.EchoMode.Password
    dialog.key.copy.click()
    assert QApplication.clipboard().text() == KEY
    QApplication.clipboard().clear()
    assert KEY not in dialog.windowTitle()
    assert dialog.notes.text() == "Mind the gap.\nCompiled."
    assert all(dialog.steps.state(step) == "completed" for step in STEPS)
    with qtbot.waitSignal(dialog.test_requested) as signal:
        dialog.test.click()
    assert signal.args == ["cars"]
    assert not dialog.isVisible()


@pytest.mark.parametrize("name", ["", "Cars", "ca rs"])
def test_a_wrong_name_is_explained_while_it_is_typed(dialog, name, backend):
    dialog.name.clear()
    QTest.keyClicks(dialog.name, name)
    assert not dialog.start.isEnabled()
    assert "can't be a name" in dialog.hint.text()
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert backend.deployed == []
    dialog.name.setText("cars")
    assert dialog.start.isEnabled()


def test_port_and_key_go_along_and_a_weak_key_is_refused(dialog, qtbot, backend):
    dialog.advanced.fold.click()
    dialog.advanced.port.setValue(6001)
    dialog.advanced.key.setText("short")
    assert not dialog.start.isEnabled()
    assert "short" not in dialog.hint.text()
    dialog.advanced.key.setText("long-enough-key")
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.outcome is not None, timeout=5000)
    assert (backend.deployed[0].port, backend.deployed[0].key) == (6001, "long-enough-key")
    # It may be printed somewhere.
    assert "long-enough-key" not in repr(backend.deployed[0]) + repr(dialog.outcome)


def test_other_targets_write_files(dialog, qtbot, backend, tmp_path):
    dialog.target.setCurrentIndex(dialog.target.findData("aks"))
    assert not dialog.start.isEnabled()
    assert dialog.hint.text() == "Choose a folder for the files."
    dialog.folder.line.setText(str(tmp_path))
    assert dialog.start.text() == "Write the files"
    assert dialog.advanced.fold.isHidden()
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.outcome is not None, timeout=5000)
    order = backend.deployed[0]
    assert (order.target, order.folder) == ("aks", tmp_path)
    assert dialog.address.text == str(tmp_path)
    assert dialog.key.isHidden()
    assert dialog.test.isHidden()


def test_what_fails_is_said_at_its_step_and_can_be_tried_again(dialog, qtbot, backend):
    backend.fails["deploy"] = Problem("Port 6001 is in use.", "Take another.")
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.error.isVisible(), timeout=5000)
    assert dialog.error.text() == "Port 6001 is in use. Take another."
    assert dialog.steps.state("entry-script") == "failed"
    backend.fails.clear()
    dialog.back.click()
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.outcome is not None, timeout=5000)
    assert dialog.steps.state("entry-script") == "completed"


def test_closing_stops_a_deployment_that_goes_on(dialog, qtbot, backend):
    backend.hold.clear()
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running", timeout=5000)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    # The background's end waits for its threads: it would hang if this one went on.


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("automobile_price", "automobile-price"),
        ("Größe 2", "gr-e-2"),
        ("42", "model-42"),
        ("", "model"),
        ("a" * 80, "a" * 32),
    ],
)
def test_a_name_is_suggested_that_can_be_one(title, name):
    from designer.serving.endpoints import is_name

    assert suggested_name(title) == name
    assert is_name(suggested_name(title))
