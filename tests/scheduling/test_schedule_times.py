"""Cron lines and intervals, on clocks that are set forward and back."""

from __future__ import annotations

import pytest
from schedule_desk import BERLIN, at, shown

from designer.scheduling.errors import ScheduleError
from designer.scheduling.times import read_cron, read_interval, times_between


def times(line: str, start: str, end: str, zone: str = BERLIN) -> list[str]:
    cron = read_cron(line, zone)
    return [shown(each, zone) for each in times_between(cron, at(start, zone), at(end, zone))]


def test_days_of_the_week_are_numbered_from_sunday_as_in_cron():
    # 2026-12-07 is a Monday.
    assert times("0 6 * * 1", "2026-12-01 00:00", "2026-12-15 00:00") == [
        "12-07 06:00 +0100",
        "12-14 06:00 +0100",
    ]
    assert times("0 6 * * 0", "2026-12-01 00:00", "2026-12-08 00:00") == ["12-06 06:00 +0100"]
    assert times("0 6 * * 7", "2026-12-01 00:00", "2026-12-08 00:00") == ["12-06 06:00 +0100"]


def test_a_day_of_the_month_or_of_the_week_is_enough_as_in_cron():
    # crontab(5): “If both fields are restricted, the command will be run when either field
    # matches.” Its example is 30 4 1,15 * 5: on the 1st and 15th, and every Friday.
    assert times("30 4 1,15 * 5", "2026-12-01 00:00", "2026-12-16 00:00") == [
        "12-01 04:30 +0100",
        "12-04 04:30 +0100",
        "12-11 04:30 +0100",
        "12-15 04:30 +0100",
    ]


def test_a_time_that_is_left_out_comes_as_soon_as_there_is_one():
    assert times("30 2 * * *", "2026-03-28 03:00", "2026-03-31 00:00") == [
        "03-29 03:00 +0200",
        "03-30 02:30 +0200",
    ]
    # Two times that are left out are one minute.
    assert times("0,30 2 * * *", "2026-03-28 03:00", "2026-03-30 00:00") == ["03-29 03:00 +0200"]


def test_a_time_that_comes_twice_counts_once():
    assert times("30 2 * * *", "2026-10-24 03:00", "2026-10-27 00:00") == [
        "10-25 02:30 +0200",
        "10-26 02:30 +0100",
    ]
    # Also if the search starts between the first time and the second.
    assert times("30 2 * * *", "2026-10-25 02:10*", "2026-10-26 00:00") == []


def test_every_hour_means_every_hour_that_passes():
    assert times("0 * * * *", "2026-03-29 00:30", "2026-03-29 04:30") == [
        "03-29 01:00 +0100",
        "03-29 03:00 +0200",
        "03-29 04:00 +0200",
    ]
    assert times("0 * * * *", "2026-10-25 01:30", "2026-10-25 03:30") == [
        "10-25 02:00 +0200",
        "10-25 02:00 +0100",
        "10-25 03:00 +0100",
    ]


def test_changes_of_the_clock_are_reported():
    cron = read_cron("30 2 * * *", BERLIN)
    assert cron.clock_changes(at("2026-01-01 00:00"), at("2026-12-31 00:00")) == [
        "02:30 doesn't exist on 2026-03-29; the run starts at 03:00.",
        "02:30 comes twice on 2026-10-25; the run starts the first time.",
    ]
    for line, zone in (("30 4 * * *", BERLIN), ("30 2 * * *", "UTC"), ("*/30 * * * *", BERLIN)):
        found = read_cron(line, zone)
        assert found.clock_changes(at("2026-01-01 00:00"), at("2026-12-31 00:00")) == []


def test_a_sentence_for_a_cron_line():
    assert read_cron("0 6 * * 1-5", BERLIN).description() == "At 06:00 on Monday through Friday"
    assert read_cron("@daily", BERLIN).description() == read_cron("0 0 * * *", "UTC").description()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("60 * * * *", "the minute must be from 0 to 59"),
        ("0 24 * * *", "the hour must be from 0 to 23"),
        ("0 6 32 * *", "the day of the month must be from 1 to 31"),
        ("0 6 31 2 *", "the day of the month must be"),
        ("0 6 * 13 *", "the month must be from 1 to 12"),
        ("0 6 * * 8", "the day of the week must be from 0 to 7"),
        ("0 6 * *", "it has 4 fields, not five"),
        ("0 0 6 * * 1", "it has 6 fields, not five"),
        ("every day", "it has 2 fields, not five"),
        ("", "it has 0 fields, not five"),
        ("@reboot", "it has 1 fields, not five"),
        ("a b c d e", "the minute must be"),
        ("*/0 * * * *", "the minute must be"),
    ],
)
def test_what_is_wrong_with_a_cron_line(line, reason):
    with pytest.raises(ScheduleError) as error:
        read_cron(line, BERLIN)
    assert reason in error.value.message
    assert "“0 6 * * 1-5” is 6:00 from Monday to Friday" in error.value.hint


def test_a_time_zone_must_exist():
    for name in ("Europe/Atlantis", "../../etc/passwd", ""):
        with pytest.raises(ScheduleError, match="isn't a time zone"):
            read_cron("0 6 * * *", name)


@pytest.mark.parametrize(
    ("text", "seconds", "shown_as"),
    [
        ("30m", 1800, "Every 30 minutes"),
        ("2h", 7200, "Every 2 hours"),
        ("1 day", 86_400, "Every day"),
        ("36 hours", 129_600, "Every 36 hours"),
        ("2 weeks", 1_209_600, "Every 2 weeks"),
        ("90 min", 5400, "Every 90 minutes"),
    ],
)
def test_intervals(text, seconds, shown_as):
    interval = read_interval(text, 0)
    assert (interval.seconds, interval.description()) == (seconds, shown_as)


@pytest.mark.parametrize(
    "text", ["", "2", "h", "-1h", "0m", "30s", "1.5h", "2 fortnights", "9999d"]
)
def test_what_isnt_an_interval(text):
    with pytest.raises(ScheduleError, match="interval"):
        read_interval(text, 0)


def test_an_interval_counts_hours_that_pass_whatever_the_clock_shows():
    interval = read_interval("12h", at("2026-03-28 12:00"))
    found = times_between(interval, at("2026-03-28 12:00"), at("2026-03-30 02:00"))
    assert [shown(each) for each in found] == [
        "03-29 00:00 +0100",
        "03-29 13:00 +0200",
        "03-30 01:00 +0200",
    ]
    # A clock that was set to long before the first time.
    assert shown(interval.after(at("2026-01-01 03:00"))) == "01-01 12:00 +0100"
