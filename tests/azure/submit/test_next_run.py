"""Next times of Azure's schedules: against a calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from designer.azure.publish.next_run import Recurrence, next_of_cron, seconds_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# A Monday.
NOW = at("2026-11-30T15:00")


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (Recurrence("minute", 15), "2026-11-30T14:50", "2026-11-30T15:05"),
        (Recurrence("hour", 6), "2026-11-01T01:00", "2026-11-30T19:00"),
        (Recurrence("hour", 6), "2026-12-24T08:00", "2026-12-24T08:00"),
        (Recurrence("hour", 6), None, None),
        (Recurrence("day", 2), "2026-11-27T08:30", "2026-12-01T08:30"),
        (Recurrence("day", 1, [6, 18], [30]), None, "2026-11-30T18:30"),
        (Recurrence("day", 1, [6], [0]), None, "2026-12-01T06:00"),
        (Recurrence("day", 2), None, None),
        (Recurrence("week", 1, [6], [30], ["monday", "friday"]), None, "2026-12-04T06:30"),
        (Recurrence("week", 2, [6], [0], ["monday"]), "2026-11-16T00:00", "2026-12-14T06:00"),
        (Recurrence("month", 1, [9], [0], month_days=[1, 15]), "2026-01-01T00:00",
         "2026-12-01T09:00"),
        (Recurrence("month", 1), "2026-01-30T09:00", "2026-12-30T09:00"),
        # 6:30 in Berlin, by its Windows name; in winter that is 5:30 in UTC.
        (Recurrence("day", 1, [6], [30], zone="W. Europe Standard Time"), None, "2026-12-01T05:30"),
        (Recurrence("day", 1, [6], zone="Middle-earth Standard Time"), None, None),
    ],
)  # fmt: skip
def test_the_next_time_of_a_recurrence(rule, start, expected):
    found = rule.next(None if start is None else at(start), NOW)
    assert found == (None if expected is None else at(expected))


def test_the_next_time_of_a_cron_line():
    assert next_of_cron("0 6 * * 1-5", "UTC", NOW) == at("2026-12-01T06:00")
    assert next_of_cron("0 6 * * *", "Tokyo Standard Time", NOW) == at("2026-11-30T21:00")
    assert next_of_cron("every day", "UTC", NOW) is None


def test_moments_of_the_sdks():
    assert seconds_of("2026-11-30T15:00:00Z") == NOW
    assert seconds_of(datetime(2026, 11, 30, 15)) == NOW
    assert seconds_of("soon") is seconds_of(None) is None
