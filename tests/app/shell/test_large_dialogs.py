"""Dialogs, the tour, the guide, and results in a font that is larger than usual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import nan

import pytest
from layout_desk import clipped
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from run_desk import show, splitting

from designer import paths
from designer.app.dialogs.azure_target import AzureTargetDialog
from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.guide import Guide
from designer.app.dialogs.information import About, ModuleHelp, Shortcuts
from designer.app.dialogs.message_history import MessageHistory, PastMessage
from designer.app.dialogs.new_id import NewId
from designer.app.dialogs.pipeline_parameters import PipelineParameters
from designer.app.dialogs.register_dataset import RegisterDataset
from designer.app.dialogs.run_comparison import RunComparison
from designer.app.dialogs.run_values import RunValues
from designer.app.library.install_dialog import InstallDialog
from designer.app.library.new_module import NewModule
from designer.app.preferences.dialog import Preferences
from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.publish_dialog import PublishDialog
from designer.app.runs.run_comparison import Difference
from designer.app.scripts.script_dialog import ScriptDialog
from designer.app.tour.callout import Callout
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture(params=[1.5, 2.0])
def large(request, font):
    font(request.param)
    return request.param


def parameters() -> Pipeline:
    pipeline = splitting()
    for name, kind, value in (("rows", "integer", 10), ("share", "number", 0.25)):
        pipeline = add_parameter(pipeline, PipelineParameter(name, kind, value))
    return pipeline


def columns(window: QWidget) -> QWidget:
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    known = [Column("age", "integer"), Column("income", "number")]
    return ColumnPicker("Columns", rules, known, parent=window)


def runs(window: QWidget) -> QWidget:
    names = {"r1": "Monday", "r2": "Tuesday"}
    accuracy = Difference("Metrics", "accuracy", ("0.5", "0.9"), (0.5, 0.9), frozenset({1}))
    solver = Difference("Parameters", "solver", ("sag", "–"), (nan, nan))
    return RunComparison(names, [accuracy, solver], window)


def guide(page: str) -> Callable[..., QWidget]:
    def make(window: QWidget) -> QWidget:
        made = Guide(paths.guide(), window)
        made.show_page(page)
        return made

    return make


AZURE = ComputeTarget("azureml-v2")

DIALOGS: dict[str, Callable[..., QWidget]] = {
    "about": About,
    "help": lambda w: ModuleHelp(w.catalog["train_model"], None, w),
    "shortcuts": lambda w: Shortcuts(w.commands, w),
    "commands": lambda w: CommandPalette(w.commands, w),
    "guide": guide("guide.md"),
    "problem": guide("problems/input-not-connected.md"),
    "id": lambda w: NewId(w.document.pipeline, "split_data", w),
    "parameters": lambda w: PipelineParameters(parameters(), w),
    "values": lambda w: RunValues(parameters(), {}, w),
    "columns": columns,
    "runs": runs,
    "azure": lambda w: AzureTargetDialog(AZURE, w.samples, "x", w),
    "publish": lambda w: PublishDialog(AZURE, "x", w),
    "module": lambda w: NewModule(w.catalog, w),
    "libraries": lambda w: InstallDialog("Train DenseNet", ("torch", "torchvision"), w),
    "script": lambda w: ScriptDialog(w.workspace, None, w.samples, w),
    "dataset": lambda w: RegisterDataset(w.workspace, None, w.samples, parent=w),
    "messages": lambda w: MessageHistory([PastMessage("Saved.", datetime.now(), False)], w),
}


def test_no_text_of_a_dialog_is_cut_off(large, window, qtbot):
    show(window, splitting())
    found = {}
    for name, make in DIALOGS.items():
        dialog = make(window)
        with qtbot.waitExposed(dialog):
            dialog.show()
        QApplication.processEvents()
        # The screen of the tests may be narrower than any that the dialog fits on.
        least = dialog.layout().totalMinimumSize().width()
        fits = least <= dialog.screen().availableGeometry().width()
        if fits and (cut := clipped(dialog)):
            found[name] = cut
        dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert found == {}


def test_no_text_of_the_preferences_is_cut_off(large, window, qtbot):
    found = {}

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, Preferences):
            QTimer.singleShot(20, look)
            return
        for row in range(dialog.sections.count()):
            dialog.sections.setCurrentRow(row)
            QApplication.processEvents()
            if cut := clipped(dialog):
                found[dialog.sections.item(row).text()] = cut
        dialog.reject()

    QTimer.singleShot(0, look)
    window.preferences.preferences()
    assert found == {}


def test_no_text_of_the_tour_is_cut_off(large, window, qtbot):
    window.files.show_start_page()
    window.start_page.tour.click()

    def callouts() -> list[Callout]:
        return [w for w in QApplication.allWidgets() if isinstance(w, Callout) and w.isVisible()]

    qtbot.waitUntil(lambda: len(callouts()) == 1, timeout=60_000)
    (callout,) = callouts()
    qtbot.waitUntil(lambda: clipped(callout) == [])
    window.tour.leave()


def test_the_side_panels_are_wide_enough_for_their_texts(large, window):
    window.window().resize(1280, 720)
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    sides = window.workbench.sides
    assert sides["left"].width() > 180
    assert sides["right"].width() > 260
    assert window.canvas.width() > 200
    assert window.width() == 1280


def test_recent_files_have_whole_lines(large, window, tmp_path):
    window.settings.add_recent(tmp_path / "gypsy_queries.pipeline.json")
    window.files.show_start_page()
    QApplication.processEvents()
    (button,) = window.start_page.recent_buttons()
    assert button.height() >= window.fontMetrics().height() + 8
    assert clipped(button) == []
