"""Errors from outside the window's thread, as the window shows them."""

from __future__ import annotations

import logging
from typing import Protocol

from designer.composed_texts import in_language
from designer.texts import tr

_LOG = logging.getLogger(__name__)


class UserError(Exception):
    """A problem that the user can read about and fix.

    Parameters
    ----------
    message, hint : str
        What happened, and what to do; one sentence each.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Cancelled(UserError):
    """A user canceled a job, and everything it made was rolled back."""


class Killed(UserError):
    """A job was killed; what remains of it is unknown."""


def error_text(error: BaseException) -> str:
    """Return an error as one or two sentences; what isn't meant for people goes to the log."""
    explained = explain(error)
    if explained is None:
        _LOG.error("A background task failed.", exc_info=error)
        return tr("Unexpected error ({name}). See the log for details.").format(
            name=type(error).__name__
        )
    return " ".join(part for part in explained if part)


class Explained(Protocol):
    """A problem or an error with a message and a hint."""

    @property
    def message(self) -> str:
        """What happened."""

    @property
    def hint(self) -> str:
        """What to do."""


def explained(problem: Explained) -> str:
    """Return the message and the hint of a problem, in the language of the window."""
    return f"{in_language(problem.message)} {in_language(problem.hint)}".strip()


def explain(error: BaseException) -> tuple[str, str] | None:
    """Return the message and the hint of an error; None if it has none for people."""
    problems = getattr(error, "problems", None)
    if problems:
        first, more = problems[0], len(problems) - 1
        return in_language(first.message), in_language(first.hint) + (
            tr(" (and {more} more)").format(more=more) if more else ""
        )
    message = getattr(error, "message", None)
    if isinstance(message, str) and message:
        return in_language(message), in_language(str(getattr(error, "hint", "") or ""))
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        if error.filename:
            return tr("Can't access “{file}”: {reason}.").format(
                file=error.filename, reason=reason
            ), ""
        return tr("System error: {reason}.").format(reason=reason), ""
    return None
