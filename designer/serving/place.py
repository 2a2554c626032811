"""What each place where endpoints run can do with one: this computer, Docker, Azure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from designer.serving.status import Keys, Status


class Place(Protocol):
    """Looks after endpoints of one target; raises ServingError.

    Every name is one of an endpoint of this target.
    """

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state; with ``ask``, found out now even if that takes long."""

    def keys(self, name: str) -> Keys:
        """Return the keys."""

    def renew_key(self, name: str, which: str) -> None:
        """Replace the ``primary`` or the ``secondary`` key."""

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Start an endpoint that was stopped, or with something that is other than before."""

    def stop(self, name: str) -> None:
        """Stop it; it stays in the list."""

    def rollback(self, name: str, version: int) -> None:
        """Let an earlier version answer."""

    def delete(self, name: str) -> None:
        """Remove all of it from where it runs."""

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of its log."""

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with its key; return status and body."""
