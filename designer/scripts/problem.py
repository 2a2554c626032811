"""Errors of script runs."""

from __future__ import annotations


class ScriptError(Exception):
    """A script can't be run: ``message`` has the cause, ``hint`` what to do.

    Parameters
    ----------
    wrong_input : bool
        Whether the configuration is wrong, and not what it runs on.
    """

    def __init__(self, message: str, hint: str = "", *, wrong_input: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wrong_input = wrong_input
