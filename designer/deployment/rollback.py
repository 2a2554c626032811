"""What to roll back when something fails halfway."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from designer.deployment.problem import ServingError


class Rollback:
    """What was created so far, each with how it is removed."""

    def __init__(self) -> None:
        self._made: list[tuple[str, Callable[[], object], str]] = []
        self.messages: list[str] = []
        """Messages for the user about what was rolled back."""

    def add(self, what: str, remove: Callable[[], object], message: str = "") -> None:
        """Record that something was created, or is about to be.

        Parameters
        ----------
        message : str
            A sentence for the user, once it is removed.
        """
        self._made.append((what, remove, message))

    def undo(self) -> list[str]:
        """Remove everything, the last first; return what couldn't be removed."""
        remains = []
        while self._made:
            what, remove, message = self._made.pop()
            try:
                remove()
            except Exception:
                remains.append(what)
            else:
                self.messages += [message] if message else []
        return remains


@contextlib.contextmanager
def rolled_back_on_failure() -> Iterator[Rollback]:
    """Roll back if the block fails or is cancelled.

    Raises
    ------
    ServingError
        That of the block, with what was rolled back, and what remains.
    """
    made = Rollback()
    try:
        yield made
    except BaseException as error:
        remains = made.undo()
        if not remains and not (isinstance(error, ServingError) and made.messages):
            raise
        given = error if isinstance(error, ServingError) else ServingError("It was canceled.")
        messages = list(made.messages)
        if remains:
            listed = " and ".join(remains)
            messages.append(
                f"Rollback failed; these couldn't be removed: {listed}. Delete them manually."
            )
        raise ServingError(
            given.message,
            "\n".join(part for part in (" ".join(messages), given.hint) if part),
            remedy=given.remedy,
            subject=given.subject,
            option=given.option,
            wrong_input=given.wrong_input and not remains,
        ) from error
