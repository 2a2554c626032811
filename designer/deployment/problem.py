"""The exception of deployments, and how its hints refer to logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from modules.contract.errors import ModuleError

Remedy = Literal["allow", "delete", "files", "run", "show", "start"]
"""What the hint of an error is about. The hint itself suits every interface; one that has a
command or an option for the remedy names it."""


class ServingError(Exception):
    """Something can't be deployed or served; a message, and a hint.

    Parameters
    ----------
    remedy : str, optional
        What the hint advises.
    subject : str
        The endpoint or the file that the remedy is for; of ``allow``, the effects
        as :data:`modules.scoring.ALLOWABLE` names them, with commas.
    option : str
        The option of the target that is wrong, or ``key``; empty for anything else.
    wrong_input : bool
        Whether the request is wrong, and not the endpoint or this computer.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        remedy: Remedy | None = None,
        subject: str = "",
        option: str = "",
        wrong_input: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.remedy = remedy
        self.subject = subject
        self.option = option
        self.wrong_input = wrong_input


def serving_error(error: ModuleError) -> ServingError:
    """Return an error of a scoring package as one of deploying or scoring."""
    from modules.scoring import EffectsNotAllowed

    if isinstance(error, EffectsNotAllowed):
        hint = "Allow it if you trust its author."
        return ServingError(error.message, hint, remedy="allow", subject=",".join(error.names))
    return ServingError(error.message, error.hint)


def not_running(name: str) -> ServingError:
    """Return the error of a request to an endpoint that isn't running."""
    return ServingError(
        f"The endpoint “{name}” isn't running.",
        "Start it.",
        remedy="start",
        subject=name,
        wrong_input=False,
    )


def end_of(log: str) -> str:
    """Return what is shown of the end of a log; nothing if it is empty."""
    return f"The end of its log:\n{log.strip()}" if log.strip() else ""
