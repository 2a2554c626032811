"""The mark of problems on a card: what it counts, and what is heard of it."""

from __future__ import annotations

from types import SimpleNamespace

ERROR = SimpleNamespace(severity="error", message="No data", hint="")
WARNING = SimpleNamespace(severity="warning", message="Odd rows", hint="")
HINT = SimpleNamespace(severity="hint", message="Perhaps too short", hint="")


def picture(canvas, *problems):
    canvas.set_problems({"split_data": problems})
    return canvas.grab().toImage()


def test_the_mark_counts_what_is_as_grave_as_its_colour(training):
    canvas = training.canvas
    nothing = picture(canvas)
    one = picture(canvas, ERROR)
    assert picture(canvas, ERROR, HINT) == one
    assert picture(canvas, ERROR, WARNING) == one
    assert picture(canvas, ERROR, ERROR) != one
    assert picture(canvas, WARNING) not in (one, nothing)
    assert picture(canvas, HINT) == nothing


def test_a_screen_reader_hears_of_errors_warnings_and_hints_apart(training):
    canvas = training.canvas
    canvas.set_problems({"split_data": [ERROR, WARNING, WARNING, HINT]})
    canvas.select(["split_data"])
    heard = canvas.viewer.accessibleDescription()
    assert heard.startswith("Split Data. 1 error, 2 warnings, 1 hint: No data")
