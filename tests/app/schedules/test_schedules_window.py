"""Schedules in the window, as a user makes, sees, and ends them."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime

import pytest
from focus_desk import is_well, stops
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from designer import texts
from designer.app.dialogs.buttons import Kind
from designer.app.schedules import schedules_page
from designer.app.schedules.notifications_dialog import NotificationsDialog
from designer.app.schedules.schedule_list import moment
from designer.app.shell.navigation import EDITING, SCHEDULES
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter
from designer.scheduling.channels import Command
from designer.scheduling.delivery import Notification, Notifications
from designer.scheduling.schedule import Schedule
from designer.scheduling.server_list import ServerList
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import read_cron
from designer.scheduling.triggers import FileChange

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def store(window, tmp_path, monkeypatch):
    monkeypatch.setattr(schedules_page, "INTERVAL", 200)
    # No service of this computer's.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = ScheduleStore(window.workspace)
    yield store
    for entry in store.entries():
        store.remove(entry.name)
    notifications = Notifications(window.workspace)
    for each in notifications.all():
        notifications.remove(each.name)


@pytest.fixture
def file(window, tmp_path):
    """The file of the pipeline that is open."""
    pipeline, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": "a\n1\n"})
    pipeline = add_parameter(pipeline, PipelineParameter("rows", "integer", 10))
    path = tmp_path / "prices.pipeline.json"
    write(pipeline, path)
    window.files.open_path(path)
    return path


def add(store, file, name="nightly", trigger=None, **fields):
    trigger = trigger or read_cron("0 6 * * *", "UTC")
    wanted = Schedule(name=name, file=str(file), trigger=trigger, notify=(), **fields)
    return store.add(wanted, mark="x")


def page(window, qtbot, count):
    """Show the page and wait until it lists so many schedules."""
    window.schedules.show_schedules()
    found = window.schedules.center.schedules
    qtbot.waitUntil(lambda: found.list.topLevelItemCount() == count, timeout=LONG)
    qtbot.waitUntil(lambda: found.pages.currentIndex() == (2 if count else 1), timeout=LONG)
    return found


def dialog_of(window, qtbot):
    window.actions_by_id["schedule"].trigger()
    qtbot.waitUntil(lambda: window.schedules.dialog is not None, timeout=LONG)
    dialog = window.schedules.dialog
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def retype(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_days_of_the_week_are_in_the_language_of_the_window():
    noon = datetime(2026, 12, 1, 12).timestamp()
    assert moment(noon) == "Tue 2026-12-01 12:00"
    try:
        texts.use("de")
        assert moment(noon) == "Di. 2026-12-01 12:00"
    finally:
        texts.use("en")


def test_a_pipeline_is_scheduled(window, qtbot, store, file):
    dialog = dialog_of(window, qtbot)
    ok = dialog.buttons.button(Kind.Ok)
    assert "At 06:00 every day. Next" in dialog.preview.text()
    retype(dialog.trigger.cron, "99 6 * * *")
    assert "the minute must be from 0 to 59" in dialog.preview.text()
    assert not ok.isEnabled()
    retype(dialog.trigger.cron, "30 6 * * 1-5")
    assert dialog.trigger.preset.currentText() == "Other times"
    assert "At 06:30 on Monday through Friday" in dialog.preview.text()
    retype(dialog.values["rows"], "many")
    QTest.mouseClick(ok, LEFT)
    # What is wrong with the pipeline's values shows as the schedule is made.
    qtbot.waitUntil(lambda: "type integer" in dialog.error.text(), timeout=LONG)
    retype(dialog.values["rows"], "20")
    retype(dialog.name, "mornings")
    QTest.mouseClick(ok, LEFT)
    qtbot.waitUntil(lambda: window.navigation.page == SCHEDULES, timeout=LONG)
    found = window.schedules.center.schedules
    qtbot.waitUntil(lambda: found.list.topLevelItemCount() == 1, timeout=LONG)
    entry = store.entry("mornings")
    assert entry.schedule.file == str(file)
    assert entry.schedule.parameters == ("rows=20",)
    assert entry.schedule.trigger.expression == "30 6 * * 1-5"
    assert found.list.topLevelItem(0).text(2) == "At 06:30 on Monday through Friday"
    assert window.schedules.dialog is None


def test_the_fields_of_each_trigger(window, qtbot, store, file, tmp_path):
    dialog = dialog_of(window, qtbot)
    fields = dialog.trigger
    kinds = {str(fields.kind.itemData(row)): row for row in range(fields.kind.count())}
    fields.kind.setCurrentIndex(kinds["every"])
    retype(fields.every, "soon")
    assert "isn't an interval" in dialog.preview.text()
    retype(fields.every, "3h")
    assert fields.trigger(0).seconds == 3 * 3600
    fields.kind.setCurrentIndex(kinds["change"])
    assert "“File or folder” is empty" in dialog.preview.text()
    retype(fields.path, "incoming")
    assert fields.trigger(0) == FileChange(path=str(tmp_path / "incoming"), settle=10)
    fields.kind.setCurrentIndex(kinds["dataset"])
    fields.kind.setCurrentIndex(kinds["query"])
    retype(fields.connection, "sqlite:///x.db")
    retype(fields.query, "SELECT 1")
    retype(fields.query_pause, "10m")
    assert (fields.trigger(0).query, fields.trigger(0).every) == ("SELECT 1", 600)
    fields.kind.setCurrentIndex(kinds["drift"])
    retype(fields.current, "new.csv")
    retype(fields.reference, "dataset:prices")
    retype(fields.threshold, "-1")
    assert "isn't a number from 0 to 100" in dialog.preview.text()
    retype(fields.threshold, "0.25")
    trigger = fields.trigger(0)
    assert (trigger.current, trigger.reference, trigger.threshold) == (
        str(tmp_path / "new.csv"), "dataset:prices", 0.25,
    )  # fmt: skip
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.schedules.dialog is None
    assert store.entries() == []


def test_unsaved_changes_are_saved_first(window, qtbot, store, file, answer):
    window.document.apply("Add", lambda p: edits.add_node(p, "split_data")[0])
    asked = answer("Cancel")
    window.actions_by_id["schedule"].trigger()
    assert asked == ["Save “prices” first?"]
    assert window.document.dirty
    answer("Save")
    dialog = dialog_of(window, qtbot)
    assert not window.document.dirty
    assert "split_data" in file.read_text("utf-8")
    dialog.reject()


def test_a_pipeline_from_elsewhere_is_scheduled_with_consent_only(window, qtbot, store, tmp_path):
    script = f"# {tmp_path}\ndef azureml_main(a=None, b=None):\n    return a"
    pipeline, _ = edits.add_node(Pipeline(), "execute_python_script", parameters={"script": script})
    path = tmp_path / "foreign.pipeline.json"
    write(pipeline, path)
    window.files.open_path(path)
    window.actions_by_id["schedule"].trigger()
    assert window.schedules.dialog is None
    assert not window.bar.isHidden()


def test_schedules_are_paused_resumed_and_removed(window, qtbot, store, file, answer):
    add(store, file)
    add(store, file, "other")
    found = page(window, qtbot, 2)
    found.choose("nightly")
    detail = found.detail
    qtbot.waitUntil(lambda: detail.name.text() == "nightly", timeout=LONG)
    assert "At 06:00 every day (UTC). Next: " in detail.when.text()
    QTest.mouseClick(detail.pause, LEFT)
    qtbot.waitUntil(lambda: store.entry("nightly").paused, timeout=LONG)
    qtbot.waitUntil(detail.resume.isVisible, timeout=LONG)
    assert found.list.currentItem().text(3) == "Paused"
    QTest.mouseClick(detail.resume, LEFT)
    qtbot.waitUntil(lambda: not store.entry("nightly").paused, timeout=LONG)
    asked = answer("Remove")
    QTest.keyClick(found.list, Qt.Key.Key_Delete)
    assert asked == ["Remove the schedule “nightly”?"]
    qtbot.waitUntil(lambda: found.list.topLevelItemCount() == 1, timeout=LONG)
    assert [entry.name for entry in store.entries()] == ["other"]
    answer("Remove")
    QTest.keyClick(found.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: found.pages.currentIndex() == 1, timeout=LONG)
    assert found.empty.message == "No pipeline runs on a schedule yet."
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.navigation.page == EDITING


def test_runs_and_problems_of_a_schedule_are_shown(window, qtbot, store, file, tmp_path):
    entry = add(store, file, trigger=FileChange(path=str(tmp_path / "gone")))
    number = store.claim(entry, due=1e9, now=1e9, state="attention", reason="It is gone.")
    store.note_delivery(number, "“me” wasn't notified.")
    store.note_check("nightly", 1e9, "“gone” doesn't exist.")
    found = page(window, qtbot, 1)
    runs = found.detail.runs
    qtbot.waitUntil(lambda: runs.topLevelItemCount() == 1, timeout=LONG)
    assert runs.topLevelItem(0).text(1) == "Needs attention"
    assert runs.topLevelItem(0).text(3) == "It is gone. “me” wasn't notified."
    assert found.detail.problem.text() == "“gone” doesn't exist."
    assert found.list.topLevelItem(0).text(3) == "When it changes"


def test_a_run_that_failed_is_reported_with_the_way_to_it(window, qtbot, store, file):
    entry = add(store, file)
    number = store.claim(entry, due=time.time(), now=time.time())
    store.end(number, "failed", "split_data: no rows.")
    window.schedules.look()
    qtbot.waitUntil(lambda: not window.bar.isHidden(), timeout=LONG)
    text = "Schedule “nightly”: failed. split_data: no rows."
    assert text in [label.text() for label in window.bar.findChildren(QLabel)]
    button = next(b for b in window.bar.findChildren(QPushButton) if b.text() == "Show schedule")
    QTest.mouseClick(button, LEFT)
    assert window.navigation.page == SCHEDULES


def test_the_service_is_installed_and_removed(window, qtbot, store, file, tmp_path, monkeypatch):
    if sys.platform != "linux":
        pytest.skip("systemd")
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'no bus' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    add(store, file)
    found = page(window, qtbot, 1)
    assert found.service.text() == "Install service"
    QTest.mouseClick(found.service, LEFT)
    qtbot.waitUntil(lambda: "no bus" in found.error.text(), timeout=LONG)
    program.write_text("#!/bin/sh\n")
    QTest.mouseClick(found.service, LEFT)
    qtbot.waitUntil(lambda: found.service.text() == "Remove service", timeout=LONG)
    assert list((tmp_path / "config" / "systemd" / "user").iterdir())
    QTest.mouseClick(found.service, LEFT)
    qtbot.waitUntil(lambda: found.service.text() == "Install service", timeout=LONG)
    assert not list((tmp_path / "config" / "systemd" / "user").iterdir())


def test_a_window_serves_schedules_while_it_is_open(window, qtbot, store, file):
    window.schedules.start()
    add(store, file)
    window.schedules.look()
    servers = ServerList(store.workspace)
    qtbot.waitUntil(lambda: [each.kind for each in servers.all()] == ["window"], timeout=LONG)
    found = page(window, qtbot, 1)
    qtbot.waitUntil(lambda: "while ModelDesk is open" in found.serving.text(), timeout=LONG)
    # One is enough.
    window.schedules.look()
    window.close()
    qtbot.waitUntil(lambda: servers.all() == [], timeout=LONG)


@pytest.mark.long
def test_a_run_is_started_now_and_is_among_the_runs(window, qtbot, store, file):
    add(store, file)
    found = page(window, qtbot, 1)
    QTest.mouseClick(found.detail.run_now, LEFT)
    qtbot.waitUntil(
        lambda: [each.state for each in store.history("nightly")] == ["completed"], timeout=LONG
    )
    window.navigation.show(EDITING)
    window.history.refresh()
    runs = window.run_list.list
    qtbot.waitUntil(lambda: runs.topLevelItemCount() == 1, timeout=LONG)
    assert runs.topLevelItem(0).text(5) == "Schedule nightly"


def test_notifications_are_made_tested_and_removed(window, qtbot, store, tmp_path):
    window.schedules.show_schedules()
    QTest.mouseClick(window.schedules.center.notifications, LEFT)
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, NotificationsDialog))
    # The first one is proposed.
    assert (dialog.name.text(), dialog.kind.currentData()) == ("me", "desktop")
    retype(dialog.name, "log")
    dialog.kind.setCurrentIndex(dialog.kind.findData("email"))
    retype(dialog.to, "me.example.org")
    QTest.mouseClick(dialog.save, LEFT)
    assert "“Server” is empty" in dialog.status.text()
    retype(dialog.host, "smtp.example.org:2525")
    QTest.mouseClick(dialog.save, LEFT)
    assert "isn't an e-mail address" in dialog.status.text()
    dialog.kind.setCurrentIndex(dialog.kind.findData("command"))
    out = tmp_path / "out"
    retype(dialog.command, f'echo "$MODELDESK_STATUS" > "{out}"')
    QTest.mouseClick(dialog.test, LEFT)
    qtbot.waitUntil(lambda: dialog.status.text() == "The test message was sent.", timeout=LONG)
    assert out.read_text() == "completed\n"
    dialog.when["completed"].click()
    QTest.mouseClick(dialog.save, LEFT)
    (made,) = Notifications(window.workspace).all()
    assert made == Notification(
        name="log",
        channel=Command(command=f'echo "$MODELDESK_STATUS" > "{out}"'),
        when=("failed", "attention"),
        default=True,
    )
    QTest.mouseClick(dialog.remove, LEFT)
    assert Notifications(window.workspace).all() == []
    dialog.reject()


@pytest.mark.long
def test_every_stop_of_a_schedule_has_a_name_of_its_own(window, qtbot, store, file):
    add(store, file)
    add(store, file, "weekly", enabled=False)
    found = page(window, qtbot, 2)
    for row in range(2):
        found.list.setCurrentItem(found.list.topLevelItem(row))
        QApplication.processEvents()
        assert len(stops(window.schedules.center)) > 10
        is_well(qtbot, window.schedules.center)
