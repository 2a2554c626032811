"""What has to be undone when something fails half-way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from designer.serving.problem import ServingError


class Undoing:
    """What was made so far, each with how it is removed."""

    def __init__(self) -> None:
        self._made: list[tuple[str, Callable[[], object]]] = []

    def add(self, what: str, remove: Callable[[], object]) -> None:
        """Remember that something was made, or is about to be."""
        self._made.append((what, remove))

    def undo(self) -> list[str]:
        """Remove all of it, the last first; return what could not be removed."""
        remains = []
        while self._made:
            what, remove = self._made.pop()
            try:
                remove()
            except Exception:
                remains.append(what)
        return remains


@contextlib.contextmanager
def undone_on_failure() -> Iterator[Undoing]:
    """Undo what was made if the block fails or is ended.

    Raises
    ------
    ServingError
        The one of the block, with what remains if something could not be removed.
    """
    made = Undoing()
    try:
        yield made
    except BaseException as error:
        remains = made.undo()
        if not remains:
            raise
        given = error if isinstance(error, ServingError) else ServingError("It was ended.")
        listed = " and ".join(remains)
        hint = f"What was made could not be removed: {listed}. Remove it yourself."
        raise ServingError(
            given.message,
            f"{hint}\n{given.hint}".strip(),
            remedy=given.remedy,
            subject=given.subject,
            wrong_input=False,
        ) from error
