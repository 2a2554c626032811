"""What Tab reaches on a page in each of its states: its name, its role, and its ring."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from focus_desk import faults, is_well, stops
from modal_desk import in_dialog
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from run_desk import LONG, run, show, splitting
from window_desk import CONTROL, add, key, linked

from designer import paths
from designer.app.library.module_dialog import ModuleDialog
from designer.app.shell.panels import PANELS
from designer.app.shell.sample_gallery import SampleGallery
from designer.app.tour.callout import Callout
from designer.pipeline import edits, grouping
from designer.pipeline import file as pipeline_file
from designer.pipeline.parameters import set_parameter

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""


def pipeline_page(window, qtbot) -> QWidget:
    window.canvas.select([])
    return window.properties


def note_page(window, qtbot) -> QWidget:
    pipeline, note = edits.add_note(window.document.pipeline, "Why so")
    show(window, pipeline)
    window.canvas.select([note])
    return window.properties


def group_page(window, qtbot) -> QWidget:
    pipeline, group = grouping.group(splitting(), ["split_data"], "Take a Part")
    show(window, pipeline)
    window.canvas.select([group])
    return window.properties


def selection_page(window, qtbot) -> QWidget:
    add(window, "split_data")
    names = [name for name in window.document.pipeline.nodes if "split" in name]
    show(window, set_parameter(window.document.pipeline, names[0], "fraction", 0.25))
    window.canvas.select(names)
    return window.properties


def data_page(window, qtbot) -> QWidget:
    window.canvas.select(["enter_data_manually"])
    return window.properties


def shared_page(window, qtbot) -> QWidget:
    """Turn a group into a module, and show its card."""
    pipeline, group = grouping.group(linked(), ["split_data"], "Take a Part")
    file = window.samples.parent / "parts.pipeline.json"
    pipeline_file.write(pipeline, file)
    window.document.undo_stack.setClean()
    assert window.files.open_path(file)
    window.canvas.select([group])

    def act(dialog: ModuleDialog) -> None:
        dialog.tree.topLevelItem(2).child(0).setCheckState(0, Qt.CheckState.Checked)
        QTest.keyClick(dialog.title, Qt.Key.Key_Return)

    in_dialog(ModuleDialog, act)
    window.actions_by_id["turn_into_module"].trigger()
    window.canvas.select([group])
    return window.properties


def shared_module(window, qtbot) -> QWidget:
    """Open a shared module, with the way back above the canvas."""
    shared_page(window, qtbot)
    window.files.save()
    window.actions_by_id["open_module"].trigger()
    assert window.shared.trail.isVisible()
    return window.shared.trail


def problems(window, qtbot) -> QWidget:
    add(window, "train_model")
    window.checker.check_now()
    window.navigation.show_panel("problems")
    rows = window.problems.list
    qtbot.waitUntil(lambda: rows.topLevelItemCount() > 0, timeout=LONG)
    return window.problems


def message_bar(window, qtbot) -> QWidget:
    window.bar.show_message("Something has happened.", [("One", list), ("Two", list)])
    return window.bar


def quick_add(window, qtbot) -> QWidget:
    window.canvas.setFocus()
    key(window, Qt.Key.Key_S)
    return QApplication.focusWidget().parentWidget()


def title_field(window, qtbot) -> QWidget:
    window.canvas.select(["split_data"])
    window.canvas.setFocus()
    key(window, Qt.Key.Key_G, CONTROL)
    return window.canvas.viewer.viewport()


def note_field(window, qtbot) -> QWidget:
    note_page(window, qtbot)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_Return)
    return window.canvas.viewer.viewport()


def start_page(window, qtbot) -> QWidget:
    for name in ("one", "two"):
        file = window.samples.parent / f"{name}.pipeline.json"
        pipeline_file.write(splitting(), file)
        window.settings.add_recent(file)
    window.document.undo_stack.setClean()
    window.files.show_start_page()
    return window.start_page


def gallery(window, qtbot) -> QWidget:
    made = SampleGallery(paths.samples(), window.catalog)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def endpoints(window, qtbot) -> QWidget:
    window.deployment.show_endpoints()
    return window.deployment.center


def tour(window, qtbot) -> QWidget:
    window.document.undo_stack.setClean()
    window.files.show_start_page()
    window.start_page.tour.click()

    def shown() -> list[Callout]:
        return [w for w in QApplication.allWidgets() if isinstance(w, Callout) and w.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=LONG)
    return shown()[0]


STATES: dict[str, Callable[..., QWidget]] = {
    each.__name__: each
    for each in (
        pipeline_page,
        note_page,
        group_page,
        selection_page,
        data_page,
        shared_page,
        shared_module,
        problems,
        message_bar,
        quick_add,
        start_page,
        gallery,
        endpoints,
        tour,
    )
}


@pytest.mark.parametrize("show_field", [title_field, note_field])
def test_a_field_on_the_canvas_has_name_and_role(window, qtbot, show_field):
    show(window, splitting())
    page = show_field(window, qtbot)
    # It ends when the focus leaves it, and so is never without its frame.
    assert QApplication.focusWidget() in stops(page)
    assert faults(page) == []


@pytest.mark.parametrize("state", STATES)
def test_every_stop_in_each_state_has_name_role_and_ring(window, qtbot, state):
    show(window, splitting())
    page = STATES[state](window, qtbot)
    QApplication.processEvents()
    assert stops(page)
    is_well(qtbot, page)


@pytest.mark.parametrize("panel", PANELS, ids=[each.name for each in PANELS])
def test_every_stop_of_a_panel_has_name_role_and_ring(window, qtbot, panel):
    show(window, splitting())
    run(window, qtbot)
    window.canvas.select(["split_data"])
    window.navigation.show_panel(panel.name)
    QApplication.processEvents()
    is_well(qtbot, window.workbench.panel(panel))
