"""The icon in the notification area, as a user sees it while the window serves schedules."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSystemTrayIcon

from designer.scheduling.schedule import Schedule
from designer.scheduling.server_list import ServerList
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import read_cron

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def store(window, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = ScheduleStore(window.workspace)
    for name in ("nightly", "weekly"):
        trigger = read_cron("0 6 * * *", "UTC")
        store.add(Schedule(name=name, file=str(tmp_path / "x.pipeline.json"), trigger=trigger))
    yield store
    for entry in store.entries():
        store.remove(entry.name)


def _click(menu, text):
    """Click an entry of the menu."""
    menu.popup(menu.pos())
    action = next(each for each in menu.actions() if each.isVisible() and each.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def test_the_icon_is_there_while_the_window_serves_schedules(window, qtbot, store, monkeypatch):
    # This computer's screen has no notification area.
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    schedules, tray = window.schedules, window.schedules.tray
    assert tray.icon is None
    schedules.start()
    qtbot.waitUntil(lambda: tray.icon is not None and tray.icon.isVisible(), timeout=LONG)
    assert not tray.icon.icon().isNull()
    qtbot.waitUntil(lambda: tray.icon.toolTip() == "ModelDesk: 2 active schedules", timeout=LONG)

    store.pause("weekly")
    _click(tray.menu, "Pause all schedules")
    qtbot.waitUntil(lambda: store.entry("nightly").paused, timeout=LONG)
    qtbot.waitUntil(lambda: "are paused" in tray.icon.toolTip(), timeout=LONG)
    _click(tray.menu, "Resume all schedules")
    qtbot.waitUntil(lambda: not store.entry("nightly").paused, timeout=LONG)
    # What was paused before stays so.
    assert store.entry("weekly").paused
    qtbot.waitUntil(lambda: tray.icon.toolTip() == "ModelDesk: 1 active schedule", timeout=LONG)

    window.window().showMinimized()
    _click(tray.menu, "Open ModelDesk")
    qtbot.waitUntil(lambda: not window.window().isMinimized(), timeout=LONG)

    servers = ServerList(store.workspace)
    qtbot.waitUntil(lambda: [each.kind for each in servers.all()] == ["window"], timeout=LONG)
    _click(tray.menu, "Quit")
    assert window.closed
    assert tray.icon is None
    qtbot.waitUntil(lambda: servers.all() == [], timeout=LONG)


def test_a_failed_run_is_reported_there(window, qtbot, store, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    tray, told = window.schedules.tray, []
    tray.show_serving(True)
    monkeypatch.setattr(tray.icon, "showMessage", lambda *values: told.append(values[:2]))
    # The user looks at another program.
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    number = store.claim(store.entry("nightly"), due=time.time(), now=time.time())
    store.end(number, "failed", "split_data: no rows.")
    # Nothing that works in the background, only the look itself.
    monkeypatch.setattr(window.schedules, "_serve", lambda: None)
    monkeypatch.setattr(tray, "show_serving", lambda serving: None)
    window.schedules.look()
    qtbot.waitUntil(lambda: bool(told), timeout=LONG)
    assert told == [("Schedule “nightly”: failed.", "split_data: no rows.")]


@pytest.mark.long
def test_without_a_notification_area_there_is_no_icon(window, qtbot, store, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    window.schedules.start()
    servers = ServerList(store.workspace)
    qtbot.waitUntil(lambda: [each.kind for each in servers.all()] == ["window"], timeout=LONG)
    assert window.schedules.tray.icon is None
    window.close()
    qtbot.waitUntil(lambda: servers.all() == [], timeout=LONG)
