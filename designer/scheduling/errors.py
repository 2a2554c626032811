"""Errors of schedules that the user can fix."""

from __future__ import annotations


class ScheduleError(Exception):
    """Something about a schedule is wrong.

    Parameters
    ----------
    message : str
        One sentence: what is wrong.
    hint : str
        One sentence: what to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
