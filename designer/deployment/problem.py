"""The one exception of serving, and what its hints say of logs."""

from __future__ import annotations

from typing import Literal

Remedy = Literal["allow-code", "cluster", "delete", "files", "run", "show", "start"]
"""What the hint of an error is about. The hint itself holds for every surface; one that has a
command or an option for the remedy names it."""


class ServingError(Exception):
    """Something can't be deployed or served; one sentence, and what to do.

    Parameters
    ----------
    remedy : str, optional
        What the hint advises.
    subject : str
        The endpoint or the file that the remedy is for.
    wrong_input : bool
        Whether what was asked for is wrong, and not the endpoint or this computer.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        remedy: Remedy | None = None,
        subject: str = "",
        wrong_input: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.remedy = remedy
        self.subject = subject
        self.wrong_input = wrong_input

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.message, self.hint, self.remedy, self.subject, self.wrong_input))


def end_of(log: str) -> str:
    """Return what is said of the end of a log; nothing if it is empty."""
    return f"The end of its log:\n{log.strip()}" if log.strip() else ""


def _rebuilt(
    message: str, hint: str, remedy: Remedy | None, subject: str, wrong_input: bool
) -> ServingError:
    return ServingError(message, hint, remedy=remedy, subject=subject, wrong_input=wrong_input)
