"""What has to be undone when something fails half-way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from designer.deployment.problem import ServingError


class Undoing:
    """What was made so far, each with how it is removed."""

    def __init__(self) -> None:
        self._made: list[tuple[str, Callable[[], object], str]] = []
        self.said: list[str] = []
        """What the person should know of what was undone."""

    def add(self, what: str, remove: Callable[[], object], said: str = "") -> None:
        """Remember that something was made, or is about to be.

        Parameters
        ----------
        said : str
            A sentence for the person, once it is removed.
        """
        self._made.append((what, remove, said))

    def undo(self) -> list[str]:
        """Remove all of it, the last first; return what could not be removed."""
        remains = []
        while self._made:
            what, remove, said = self._made.pop()
            try:
                remove()
            except Exception:
                remains.append(what)
            else:
                self.said += [said] if said else []
        return remains


@contextlib.contextmanager
def undone_on_failure() -> Iterator[Undoing]:
    """Undo what was made if the block fails or is ended.

    Raises
    ------
    ServingError
        The one of the block, with what was undone, and what remains if something could not be.
    """
    made = Undoing()
    try:
        yield made
    except BaseException as error:
        remains = made.undo()
        if not remains and not (isinstance(error, ServingError) and made.said):
            raise
        given = error if isinstance(error, ServingError) else ServingError("It was ended.")
        said = list(made.said)
        if remains:
            listed = " and ".join(remains)
            said.append(f"What was made could not be removed: {listed}. Remove it yourself.")
        raise ServingError(
            given.message,
            "\n".join(part for part in (" ".join(said), given.hint) if part),
            remedy=given.remedy,
            subject=given.subject,
            wrong_input=given.wrong_input and not remains,
        ) from error
