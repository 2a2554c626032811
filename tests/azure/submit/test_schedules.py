"""What a person writes of a schedule, and what becomes of it; no service is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.azure.errors import AzureError
from designer.azure.publish.schedule import Schedule, fields_of, read_schedule, recurrence_of


@pytest.mark.parametrize(
    ("text", "frequency", "interval"),
    [("1 day", "day", 1), (" 2hours ", "hour", 2), ("15 minutes", "minute", 15)],
)
def test_how_often(text: str, frequency: str, interval: int) -> None:
    assert read_schedule(every=text) == Schedule(frequency, interval)


@pytest.mark.parametrize("text", ["often", "0 days", "-1 day", "1 year", "1.5 days", "99999 days"])
def test_what_is_no_how_often(text: str) -> None:
    with pytest.raises(AzureError, match="a number and a unit"):
        read_schedule(every=text)


def test_a_folder_is_written_without_slashes_around_it() -> None:
    assert read_schedule(on_change="/incoming/today/") == Schedule(path="incoming/today")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("* * * * *", [None] * 5),
        ("*/15 0-6/2 1,15 * 7", [[0, 15, 30, 45], [0, 2, 4, 6], [1, 15], None, [7]]),
        ("50/5 * * * *", [[50, 55], None, None, None, None]),
    ],
)
def test_the_fields_of_cron(text: str, fields: list[list[int] | None]) -> None:
    assert fields_of(text) == fields


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "* * * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *",
     "0 0 * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1; * * * *", "@daily"],
)  # fmt: skip
def test_what_is_no_cron(text: str) -> None:
    with pytest.raises(AzureError, match="isn't a cron expression"):
        fields_of(text)


@pytest.mark.parametrize(
    ("text", "recurrence"),
    [
        ("0 6 * * *", {"frequency": "Day", "interval": 1, "hours": [6], "minutes": [0]}),
        (
            "0 6 * * 0,6,7",
            {"frequency": "Week", "interval": 1, "hours": [6], "minutes": [0],
             "week_days": ["Saturday", "Sunday"]},
        ),
        ("*/20 * * * *", {"frequency": "Minute", "interval": 20}),
    ],
)  # fmt: skip
def test_the_recurrence_of_cron(text: str, recurrence: dict[str, object]) -> None:
    assert recurrence_of(text) == recurrence


@pytest.mark.parametrize(
    "text", ["0 6 1 * *", "0 6 * 3 *", "0 * * * *", "* * * * *", "*/7 * * * *"]
)
def test_cron_that_is_no_recurrence(text: str) -> None:
    with pytest.raises(AzureError, match="SDK v1 has no schedule for"):
        recurrence_of(text)


@given(st.lists(st.text(alphabet="0123456789*/,-", min_size=1, max_size=6), min_size=5, max_size=5))
def test_any_five_words_give_numbers_in_range_or_a_sentence(words: list[str]) -> None:
    try:
        fields = fields_of(" ".join(words))
    except AzureError:
        return
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    for numbers, (low, high) in zip(fields, limits, strict=True):
        assert numbers is None or (numbers and low <= min(numbers) <= max(numbers) <= high)
