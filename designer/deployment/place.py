"""What each place where endpoints run can do with one: this computer, Docker, Azure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from designer.deployment.options import TargetOptions
from designer.deployment.status import Keys, Status
from designer.deployment.steps import Steps


@dataclass(frozen=True)
class Order:
    """A scoring package that is to be deployed.

    Parameters
    ----------
    package : Path
        Its folder, which is moved into the workspace.
    own_code : bool
        Whether the pipeline has code of the person's own.
    key : str or None
        The primary key; None for one that nobody can guess.
    about : mapping
        What is remembered of the version.
    """

    name: str
    package: Path
    options: TargetOptions
    own_code: bool
    key: str | None = field(default=None, repr=False)
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """An endpoint that answers.

    Parameters
    ----------
    said : tuple of str
        Plain sentences for the person.
    """

    version: int
    url: str
    key: str = field(repr=False)
    pid: int | None = None
    portal: str = ""
    said: tuple[str, ...] = ()


class Place(Protocol):
    """Deploys to one target and looks after its endpoints; raises ServingError.

    Apart from the first three methods, names are those of endpoints of this target.
    """

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Refuse what can't be deployed, as far as that is known at once."""

    def prepare(self, order: Order, steps: Steps) -> None:
        """Do what can fail before anything is made."""

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Deploy the next version and test it; if that fails, nothing of it stays."""

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
