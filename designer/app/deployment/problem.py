"""What went wrong, as the window says it."""

from __future__ import annotations

import logging

_LOG = logging.getLogger(__name__)


class Problem(Exception):
    """Something that the person can read and do something about.

    Parameters
    ----------
    message, hint : str
        One sentence each.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Cancelled(Problem):
    """Something ended because a person wanted it, and nothing of it remains."""


class Ended(Problem):
    """Something was ended; what of it remains is not known."""


def in_words(error: BaseException) -> str:
    """Return an error as one or two sentences; what is not meant for people goes to the log."""
    message = getattr(error, "message", None)
    if isinstance(message, str) and message:
        return f"{message} {getattr(error, 'hint', '') or ''}".strip()
    if isinstance(error, OSError):
        place = f" “{error.filename}”" if error.filename else ""
        return f"The computer refused it{place}: {error.strerror or error}."
    _LOG.error("Something failed in the background.", exc_info=error)
    return f"This did not work ({type(error).__name__}). The log has the details."
