"""Everything that Tab reaches, on every page and in every dialog: its name, role, and ring."""

from __future__ import annotations

import pytest
from dialog_desk import DIALOGS, dialog_classes
from focus_desk import faults, faults_everywhere, stops, weak_rings
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from run_desk import LONG, run, show, splitting
from tab_desk import new_tab
from window_desk import close

from designer.app.deployment.deploying.deploy_dialog import DeployDialog
from designer.app.preferences.dialog import Preferences
from designer.app.shell import theme
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from designer.app.shell.panels import PANELS
from designer.app.views.table.what_if_window import WhatIfWindow

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture
def full(window, qtbot):
    """A window with a pipeline that has run, a step of it selected."""
    show(window, splitting())
    run(window, qtbot)
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    return window


def test_every_stop_of_every_page_has_a_name_of_its_own(full):
    found = {}
    for name in (panel.name for panel in PANELS):
        full.navigation.show_panel(name)
        QApplication.processEvents()
        found[name] = faults(full)
    for page in (START, DEPLOYMENT, SCHEDULES):
        full.navigation.show(page)
        QApplication.processEvents()
        found[page] = faults(full)
    assert {page: each for page, each in found.items() if each} == {}


def test_tabs_have_names_and_rings(full, qapp):
    other = new_tab(full)
    frame = full.window()
    try:
        assert frame.tabs in stops(frame)
        assert faults(frame) == []
        for mode in ("light", "dark", "contrast-light", "contrast-dark"):
            theme.apply(qapp, mode)
            assert weak_rings(frame.strip) == {}
    finally:
        theme.apply(qapp, "light")
        close(other)


def test_every_stop_of_every_dialog_has_a_name_of_its_own(full, qtbot):
    found = walk_dialogs(full, qtbot, faults_everywhere)
    classes = {name.split()[0] for name in found}
    assert {"Preferences", "CommandPalette", "PipelineParameters", "DeployDialog"} <= classes
    assert {name: each for name, each in found.items() if each} == {}


def walk_dialogs(full, qtbot, look_at):
    """Return what is found in the dialog of each command, by its class and title."""
    found = {}
    looking = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        # What looks at a dialog handles events, this timer's too.
        if dialog is None or dialog in looking or not dialog.isActiveWindow():
            return
        looking.append(dialog)
        if not isinstance(dialog, QFileDialog):
            found[f"{type(dialog).__name__} {dialog.windowTitle()}"] = look_at(dialog)
        dialog.close()

    timer = QTimer(interval=20, timeout=look)
    timer.start()
    for command in full.commands.all():
        action = full.actions_by_id[command.id]
        if not command.text.endswith("…") or not action.isEnabled() or command.id == "save_as":
            continue
        action.trigger()
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=20_000)
        full.navigation.show(EDITING)
        full.canvas.select(["split_data"])
    timer.stop()
    return found


def test_every_dialog_that_there_is_has_names(full, qtbot):
    found, classes = {}, {each.__name__ for each in (Preferences, DeployDialog, WhatIfWindow)}
    for name, dialog in each_dialog(full, qtbot):
        found[name] = faults_everywhere(dialog)
        classes.add(type(dialog).__name__)
    assert {name: each for name, each in found.items() if each} == {}
    # Two others are opened by commands, with what they show, and one by views/test_row_trees.py.
    assert classes == dialog_classes()


@pytest.mark.parametrize("mode", ["light", "dark", "contrast-light", "contrast-dark"])
def test_every_dialog_that_there_is_has_rings(full, qtbot, qapp, mode):
    theme.apply(qapp, mode)
    try:
        found = {}
        for name, dialog in each_dialog(full, qtbot):
            dialog.activateWindow()
            qtbot.waitUntil(dialog.isActiveWindow, timeout=20_000)
            found[name] = weak_rings(dialog)
        assert {name: each for name, each in found.items() if each} == {}
    finally:
        theme.apply(qapp, "light")


def each_dialog(full, qtbot):
    for name, make in DIALOGS.items():
        dialog = make(full)
        with qtbot.waitExposed(dialog):
            dialog.show()
        QApplication.processEvents()
        yield name, dialog
        dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_every_stop_of_every_result_has_a_name_of_its_own(full, qtbot):
    full.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(lambda: len(full.runs.result_windows()) == 1, timeout=LONG)
    (result,) = full.runs.result_windows()
    qtbot.waitUntil(lambda: len(stops(result)) > 3, timeout=LONG)
    assert faults(result) == []


@pytest.mark.parametrize("mode", ["light", "dark", "contrast-light", "contrast-dark"])
def test_the_ring_around_the_focus_has_a_contrast_of_three(full, qapp, mode):
    theme.apply(qapp, mode)
    try:
        full.navigation.show_panel("problems")
        QApplication.processEvents()
        weak = {}
        for page in (EDITING, START):
            full.navigation.show(page)
            QApplication.processEvents()
            weak |= weak_rings(full)
        assert weak == {}
    finally:
        theme.apply(qapp, "light")


@pytest.mark.parametrize("mode", ["light", "dark", "contrast-light", "contrast-dark"])
def test_the_ring_in_every_dialog_has_a_contrast_of_three(full, qtbot, qapp, mode):
    theme.apply(qapp, mode)
    try:
        found = walk_dialogs(full, qtbot, weak_rings)
        assert {name: each for name, each in found.items() if each} == {}
    finally:
        theme.apply(qapp, "light")
