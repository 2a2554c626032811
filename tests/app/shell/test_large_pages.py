"""Pages with entries, in a font that is larger than usual, in the window of a small laptop."""

from __future__ import annotations

from pathlib import Path

import pytest
from layout_desk import SMALL, is_whole
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, show, splitting

from designer.app.schedules import retraining_page, schedules_page
from designer.pipeline import grouping
from designer.pipeline.file import write
from designer.private_files import make_folder
from designer.records import write_record
from designer.retraining.loop import Event, Loop, Loops, Round
from designer.scheduling.schedule import Schedule
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import read_cron

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""

PANELS = ("modules", "outline", "problems", "log", "runs", "timeline", "trials", "code")


@pytest.fixture
def small(large, window):
    """A window as large as the screen of a small laptop."""
    window.window().resize(SMALL)
    QApplication.processEvents()
    return window


def test_the_panels_of_the_editor(small, qtbot):
    show(small, splitting())
    run(small, qtbot)
    for name in PANELS:
        small.navigation.show_panel(name)
        is_whole(qtbot, small)


@pytest.mark.parametrize(
    "module",
    [
        "select_columns_in_dataset",
        "execute_python_script",
        "two_class_logistic_regression",
        "edit_metadata",
        "import_data",
        "apply_sql_transformation",
    ],
)
def test_the_properties_of_modules(small, qtbot, module):
    small.modules.add_at_center(module)
    (node,) = small.document.pipeline.nodes
    small.canvas.select([node])
    is_whole(qtbot, small)
    page = small.properties.page
    assert page.minimumSizeHint().width() <= small.properties.width()


def test_the_properties_of_groups_and_of_several_modules(small, qtbot):
    pipeline, group = grouping.group(splitting(), ["split_data"], "Take a Part")
    show(small, pipeline)
    for chosen in ([group], list(pipeline.nodes), []):
        small.canvas.select(chosen)
        is_whole(qtbot, small)


def test_schedules(small, qtbot, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(schedules_page, "INTERVAL", 200)
    # No service of this computer's.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "prices.pipeline.json"
    write(splitting(), path)
    store = ScheduleStore(small.workspace)
    names = ("nightly", "a schedule with a rather long name")
    try:
        for name in names:
            trigger = read_cron("0 6 * * *", "UTC")
            store.add(Schedule(name=name, file=str(path), trigger=trigger, notify=()), mark="x")
        small.schedules.show_schedules()
        page = small.schedules.center.schedules
        qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 2, timeout=LONG)
        qtbot.waitUntil(lambda: page.pages.currentIndex() == 2, timeout=LONG)
        for name in names:
            page.list.choose(name)
            is_whole(qtbot, small.window())
    finally:
        for name in names:
            store.remove(name)


def test_rounds_of_retraining(small, qtbot, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(retraining_page, "INTERVAL", 200)
    loops = Loops(small.workspace)
    folder = make_folder(loops.records.root / "loans")
    write_record(folder / "endpoint.json", {"version": 1, "target": "local", "port": 5901})
    loop = Loop(endpoint="loans", pipeline=str(tmp_path / "x.pipeline.json"), dataset="loans")
    loops.put(loop.model_copy(update={"approve": True, "group": "region"}))
    made = Round(
        number=1,
        state="waiting",
        started=1_800_000_000.0,
        data={"name": "loans", "version": 2, "hash": "x"},
        champion=1,
        metric="accuracy",
        comparison={"champion": 0.8, "challenger": 0.9125, "p_better": 0.003},
        reason="Accuracy on 400 held rows. It is better.",
        events=[Event(time=1_800_000_100.0, text="It waits for approval.")],
    )
    make_folder(loops.round_folder("loans", 1))
    loops.save("loans", made)
    try:
        small.schedules.show_schedules()
        center = small.schedules.center
        QTest.mouseClick(center.bar.tabs.button(2), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: center.retraining.rounds.topLevelItemCount() == 1, timeout=LONG)
        is_whole(qtbot, small.window())
    finally:
        loops.records.delete("loans")
