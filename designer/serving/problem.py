"""The one exception of serving."""

from __future__ import annotations


class ServingError(Exception):
    """Something can't be deployed or served; one sentence, and what to do.

    Parameters
    ----------
    wrong_input : bool
        Whether what was asked for is wrong, and not the endpoint or this computer.
    """

    def __init__(self, message: str, hint: str = "", *, wrong_input: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wrong_input = wrong_input

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.message, self.hint, self.wrong_input))


def _rebuilt(message: str, hint: str, wrong_input: bool) -> ServingError:
    return ServingError(message, hint, wrong_input=wrong_input)
