"""Everything that Tab reaches, on every page and in every dialog: its name, role, and ring."""

from __future__ import annotations

import pytest
from focus_desk import faults, name_of, ring, stops
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from run_desk import LONG, run, show, splitting

from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.information import ModuleHelp, Shortcuts
from designer.app.shell import theme
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""

PANELS = ("modules", "outline", "properties", "problems", "log", "runs", "trials", "code")


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
    for name in PANELS:
        full.navigation.show_panel(name)
        QApplication.processEvents()
        found[name] = faults(full)
    for page in (START, DEPLOYMENT, SCHEDULES):
        full.navigation.show(page)
        QApplication.processEvents()
        found[page] = faults(full)
    assert {page: each for page, each in found.items() if each} == {}


def test_every_stop_of_every_dialog_has_a_name_of_its_own(full, qtbot):
    found = {}
    opened = []
    for command in full.commands.all():
        action = full.actions_by_id[command.id]
        if not command.text.endswith("…") or not action.isEnabled() or command.id == "save_as":
            continue

        def look(name: str = command.id, tries: int = 20) -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None:
                if tries:
                    QTimer.singleShot(20, lambda: look(name, tries - 1))
                return
            if not isinstance(dialog, QFileDialog):
                found[name] = faults(dialog)
                opened.append(type(dialog).__name__)
            dialog.close()

        QTimer.singleShot(0, look)
        action.trigger()
        # A command that opens no dialog: let the search for one end before the next.
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        full.navigation.show(EDITING)
        full.canvas.select(["split_data"])
    assert {"Preferences", "CommandPalette", "PipelineParameters", "DeployDialog"} <= set(opened)
    assert {name: each for name, each in found.items() if each} == {}


def test_dialogs_that_no_command_opens_alone_have_names_too(full, qtbot):
    columns = [Column("age", "integer"), Column("income", "number")]
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    picker = ColumnPicker("Columns", rules, columns, parent=full)
    more = ColumnPicker("Columns", rules, columns, parent=full)
    more.tabs.setCurrentIndex(1)
    more.rules.add.click()
    spec = full.catalog["split_data"]
    for dialog in (picker, more, Shortcuts(full.commands, full), ModuleHelp(spec, None, full)):
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        assert faults(dialog) == []
        dialog.close()


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
            for widget in stops(full):
                if (ratio := ring(full, widget)) < 3.0:
                    weak[f"{type(widget).__name__} {name_of(widget)}"] = round(ratio, 2)
        assert weak == {}
    finally:
        theme.apply(qapp, "light")
