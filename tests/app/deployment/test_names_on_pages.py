"""What Tab reaches on the pages of endpoints and models has a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from assistive_desk import select_row
from fake_backend import version
from focus_desk import faults, faults_everywhere, is_well, stops, weak_rings
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.background.errors import UserError
from designer.app.deployment.deploying.deploy_dialog import DeployDialog
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage
from designer.app.deployment.inference.conversion import Prepared
from designer.app.deployment.inference.conversion_report import ConversionReport
from designer.app.deployment.models_page import ModelsPage
from designer.app.shell import theme


@pytest.mark.parametrize("state", ["running", "failed"])
def test_every_stop_of_an_endpoint_has_a_name_of_its_own(qtbot, backend, background, state):
    page = EndpointsPage(backend, background)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitExposed(page):
        page.show()
    backend.add("cars", state, (1, 2))
    page.refresh()
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 1)
    page.choose("cars", "test")
    qtbot.waitUntil(lambda: page.current is not None and len(stops(page)) > 8)
    if state == "running":
        # The form of a request is made of what the endpoint expects.
        qtbot.waitUntil(lambda: bool(page.detail.test.json.toPlainText()))
    found = faults_everywhere(page)
    page.set_watching(False)
    assert found == []


@pytest.mark.long
@pytest.mark.parametrize("state", ["running", "failed"])
def test_every_stop_of_an_endpoint_has_a_ring(qapp, qtbot, backend, background, state):
    page = EndpointsPage(backend, background)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitExposed(page):
        page.show()
    backend.add("cars", state, (1, 2))
    page.refresh()
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 1)
    for tab in ("test", "metrics", "logs", "consume", "batch"):
        page.choose("cars", tab)
        qtbot.waitUntil(lambda: page.current is not None and len(stops(page)) > 6)
        page.set_watching(False)
        is_well(qtbot, page)


def test_every_stop_of_a_model_has_a_name_and_a_ring(qapp, qtbot, backend, background):
    theme.apply(qapp, "light")
    page = ModelsPage(backend, background)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    with qtbot.waitExposed(page):
        page.show()
    backend.models_["cars"] = [version("cars", "2"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    assert len(stops(page)) > 5
    assert faults(page) == []
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    assert weak_rings(page) == {}


def test_every_stop_of_what_was_replaced_has_a_name_of_its_own(qtbot):
    report = ConversionReport()
    qtbot.addWidget(report)
    report.show_messages("Replaced", [f"Step {number}" for number in range(40)], deployable=True)
    with qtbot.waitExposed(report):
        report.show()
    assert report.area in stops(report)
    assert faults(report) == []


def test_a_model_that_assistive_technology_selects_is_shown(qtbot, backend, background):
    page = ModelsPage(backend, background)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    for name in ("cars", "loans"):
        backend.models_[name] = [version(name, "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    for name in ("loans", "cars"):
        select_row(page.tree, name)
        assert page.title.text() == f"{name}, version 1"


@pytest.mark.parametrize("fails", [False, True])
def test_every_stop_of_a_finished_deployment_has_name_role_and_ring(
    qtbot, backend, background, fails
):
    if fails:
        backend.fails["deploy"] = UserError("The port is in use.", "Choose another port.")
    prepared = Prepared("{pipeline}", Path("base"), ("Mind the gap.",))
    dialog = DeployDialog(backend, background, lambda: prepared, name="cars")
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.outcome is not None or dialog.back.isVisible())
    is_well(qtbot, dialog)
    dialog.close()


def test_every_stop_where_files_are_written_has_name_role_and_ring(qtbot, backend, background):
    prepared = Prepared("{pipeline}", Path("base"), ())
    dialog = DeployDialog(backend, background, lambda: prepared, name="cars")
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    form = dialog.form
    form.target.setCurrentIndex(form.target.findData("docker"))
    form.only_files.setFocus()
    QTest.keyClick(form.only_files, Qt.Key.Key_Space)
    assert form.folder.isVisible()
    is_well(qtbot, dialog)
    dialog.close()
