"""Runs start when they are due: over sleep, restarts, and clocks that are set."""

from __future__ import annotations

import pytest
from schedule_desk import at, shown

from designer.scheduling import store
from designer.scheduling.errors import ScheduleError


def test_runs_start_when_they_are_due(desk):
    desk.add("0 6 * * 1-5")
    assert desk.go("2026-01-06 12:00", step=1800) == ["01-02 06:00 +0100", "01-05 06:00 +0100",
                                                      "01-06 06:00 +0100"]  # fmt: skip
    assert desk.states() == ["completed"] * 3


def test_the_clock_is_set_forward_and_back_for_daylight_saving(desk):
    desk.now = at("2026-03-28 12:00")
    desk.add("30 2 * * *")
    assert desk.go("2026-03-30 12:00", step=900) == ["03-29 03:00 +0200", "03-30 02:30 +0200"]
    desk.now = at("2026-10-24 12:00")
    desk.server.tick()
    desk.started.clear()
    assert desk.go("2026-10-26 12:00", step=900) == ["10-25 02:30 +0200", "10-26 02:30 +0100"]


@pytest.mark.parametrize(
    ("missed", "starts", "states"),
    [
        # At 12:00 of the 4th the run of 6:00 is made up for, once for three days.
        ("once", ["01-04 06:00 +0100"], ["completed"]),
        ("skip", [], ["skipped"]),
    ],
)
def test_times_missed_in_sleep(desk, missed, starts, states):
    desk.add("0 6 * * *", missed=missed)
    assert desk.jump("2026-01-04 12:00") == starts
    assert desk.states() == states
    # After that it goes as usual.
    assert desk.go("2026-01-05 12:00", step=3600) == ["01-05 06:00 +0100"]
    if missed == "once":
        assert desk.store.history("nightly")[-1].note == "For 3 missed times."
    else:
        assert "missed" in desk.store.history("nightly")[-1].reason


def test_a_due_time_in_the_last_minute_isnt_missed(desk):
    desk.add("0 6 * * *", missed="skip")
    assert desk.jump("2026-01-02 06:00:55") == ["01-02 06:00 +0100"]


def test_years_of_sleep_end_in_one_run(desk):
    desk.add("* * * * *")
    desk.add("0 0 29 2 *", name="leap days")
    desk.jump("2033-01-01 00:00")
    assert [each.schedule for each in desk.started] == ["leap days", "nightly"]
    assert desk.tick(1) == 0


def test_no_two_runs_of_a_schedule_at_once(desk):
    desk.outcome = None
    desk.add("0 * * * *")
    assert desk.go("2026-01-01 15:30") == ["01-01 13:00 +0100"]
    # Two hours passed meanwhile: one run makes up for both.
    desk.end()
    assert desk.tick(1) == 1
    assert desk.states() == ["completed", "running"]
    desk.end()
    assert desk.go("2026-01-01 16:01") == ["01-01 16:00 +0100"]


def test_a_run_that_takes_long_skips_times_if_wanted(desk):
    desk.outcome = None
    desk.add("0 * * * *", missed="skip")
    assert desk.go("2026-01-01 15:30") == ["01-01 13:00 +0100"]
    assert desk.states() == ["running", "skipped", "skipped"]
    assert "still in progress" in desk.store.history("nightly")[0].reason


def test_a_clock_that_is_set_back_repeats_nothing(desk):
    desk.add("0 * * * *")
    assert desk.go("2026-01-01 15:10") == [f"01-01 {hour}:00 +0100" for hour in (13, 14, 15)]
    # Two hours back: 14:00 and 15:00 come again, and have been.
    assert desk.jump("2026-01-01 13:10") == []
    assert desk.go("2026-01-01 16:10") == ["01-01 16:00 +0100"]


def test_a_clock_that_was_far_ahead_doesnt_stop_a_schedule(desk):
    desk.add("0 6 * * *")
    desk.add("2h", name="interval")  # at 6:00, too
    desk.jump("2040-01-01 12:00")
    started = len(desk.started)
    # The battery was empty; now the time comes from the network.
    desk.jump("2026-01-03 12:00")
    assert len(desk.started) == started
    found = desk.go("2026-01-04 12:00", step=600)
    assert found.count("01-04 06:00 +0100") == 2
    assert len(found) == 1 + 12


def test_paused_schedules_run_nothing_and_miss_nothing(desk):
    desk.add("0 * * * *")
    desk.store.pause("nightly")
    assert desk.go("2026-01-01 15:10") == []
    desk.store.resume("nightly", now=desk.now)
    assert desk.tick(1) == 0
    assert desk.go("2026-01-01 16:10") == ["01-01 16:00 +0100"]


def test_a_removed_schedule_runs_nothing(desk):
    desk.add("0 * * * *")
    desk.store.remove("nightly")
    assert desk.go("2026-01-01 15:10") == []
    for act in (desk.store.remove, desk.store.pause, desk.store.entry, desk.store.resume):
        with pytest.raises(ScheduleError, match="no schedule “nightly”"):
            act("nightly")


def test_names_are_unique_whatever_their_case(desk):
    desk.add(name="Nightly")
    with pytest.raises(ScheduleError, match="“Nightly” already"):
        desk.add(name="nightly")


def test_a_schedule_of_a_server_that_starts_later_is_kept(desk):
    desk.add("0 6 * * *")
    desk.go("2026-01-02 05:00", step=3600)
    desk.server = desk.new_server()
    assert desk.go("2026-01-02 07:00") == ["01-02 06:00 +0100"]


def test_a_damaged_schedule_doesnt_keep_others_from_running(desk):
    import sqlite3

    desk.add("0 * * * *")
    desk.add("0 * * * *", name="damaged")
    database = sqlite3.connect(desk.store.folder / "schedules.sqlite")
    with database:
        database.execute("UPDATE schedules SET definition = '{}' WHERE name = 'damaged'")
    database.close()
    assert desk.go("2026-01-01 13:30") == ["01-01 13:00 +0100"]
    problems: list[ScheduleError] = []
    assert [entry.name for entry in desk.store.entries(problems.append)] == ["nightly"]
    assert "“damaged”" in problems[0].message
    desk.store.remove("damaged")


def test_only_the_latest_runs_are_remembered(desk, monkeypatch):
    monkeypatch.setattr(store, "KEPT", 5)
    desk.add("* * * * *")
    started = desk.go("2026-01-01 12:15")
    assert len(started) == 15
    assert [shown(each.due) for each in desk.store.history("nightly", 99)] == started[:-6:-1]
