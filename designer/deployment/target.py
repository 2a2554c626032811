"""What a deployment target is: one class with everything about it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from designer.deployment.options import Option
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.status import Keys, Status
from designer.deployment.steps import Steps
from designer.pipeline.problem import Problem

PACKAGE = "package"
"""The folder of the scoring package among the files of a deployment."""


@dataclass(frozen=True)
class DeployRequest:
    """A scoring package that is to be deployed.

    Parameters
    ----------
    package : Path
        Its folder; deploying moves it into the workspace.
    options : mapping of str to object
        A value for each option of the target.
    allowed : frozenset of str
        Effects that the package may have; see :data:`modules.scoring.ALLOWABLE`.
    key : str or None
        The primary key; None for a random one.
    about : mapping
        What is remembered of the version.
    """

    name: str
    package: Path
    options: Mapping[str, Any]
    allowed: frozenset[str] = frozenset()
    key: str | None = field(default=None, repr=False)
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DeployResult:
    """An endpoint that was deployed and passed a test request.

    Parameters
    ----------
    target : str
        The name of the target.
    pid : int or None
        Its process, if it has one on this computer.
    model : str
        The registered model as ``NAME version N``; empty if it wasn't registered.
    portal : str
        The URL of a page that shows it; empty if there is none.
    messages : tuple of str
        Sentences for the user.
    """

    name: str
    target: str
    version: int
    url: str
    key: str = field(repr=False)
    pid: int | None = None
    model: str = ""
    portal: str = ""
    messages: tuple[str, ...] = ()

    @property
    def logs(self) -> str:
        """The command that prints its log."""
        return f"designer endpoints logs {self.name}"

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer deploy --json`` prints."""
        return {
            "name": self.name,
            "url": self.url,
            "key": self.key,
            "version": self.version,
            "pid": self.pid,
        }


class DeploymentTarget(ABC):
    """Deploys to one target and manages its endpoints; its methods raise ServingError.

    A target is offered by an entry point of the group
    :data:`designer.deployment.targets.ENTRY_POINTS`. Command line, window and dry run derive
    from its class. Importing its module must be quick: libraries are imported where they are
    needed.

    Attributes
    ----------
    name : str
        Its name on the command line and in files.
    title : str
        Its name in the window.
    summary : str
        What deploying to it does.
    files_summary : str
        What the files of a deployment are.
    rank : int
        Its position in lists, the lowest first.
    options : tuple of Option
        Its options.
    steps : mapping of str to str
        The steps of a deployment in order: titles by id, see
        :func:`designer.deployment.steps.steps_of`.
    takes_key : bool
        Whether the primary key can be chosen.
    remote : bool
        Whether endpoints run elsewhere. Asking for their state then takes seconds and perhaps a
        sign-in, so it happens only when the user wants it, in a separate process.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str] = ""
    files_summary: ClassVar[str] = ""
    rank: ClassVar[int] = 100
    options: ClassVar[tuple[Option, ...]] = ()
    steps: ClassVar[Mapping[str, str]]
    takes_key: ClassVar[bool] = True
    remote: ClassVar[bool] = False

    def __init__(self, records: Records) -> None:
        self.records = records

    @classmethod
    def needs(cls) -> list[Problem]:
        """Return what this computer lacks to deploy, each with what to do. Quick."""
        return []

    @classmethod
    def leftovers(cls, name: str) -> str:
        """Return what may remain of a deployment that was ended by force, and what to do."""
        return f"An endpoint “{name}” may remain on “{cls.title}”. Delete it there."

    def check(self, request: DeployRequest) -> None:  # noqa: B027
        """Raise if a file can't be deployed, before there is a package."""

    @abstractmethod
    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return the files that deploy the package elsewhere: texts by relative path.

        They are beside the package, which is in the folder :data:`PACKAGE`; ``README.txt`` explains
        how to use them.
        """

    def prepare(self, request: DeployRequest, steps: Steps) -> None:  # noqa: B027
        """Do what can fail before anything is created."""

    @abstractmethod
    def deploy(self, request: DeployRequest, steps: Steps) -> DeployResult:
        """Deploy the next version and test it; if that fails, roll it back."""

    @abstractmethod
    def status(self, name: str, *, refresh: bool = False) -> Status:
        """Return the state; with ``refresh``, found out now even if that takes long."""

    @abstractmethod
    def send(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key of an endpoint; return status and body."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove all of an endpoint from where it runs."""

    def keys(self, name: str) -> Keys:
        """Return the keys."""
        return self.records.keys(name)

    def renew_key(self, name: str, which: str) -> None:
        """Replace the ``primary`` or the ``secondary`` key."""
        raise self._unsupported(name, "The keys of", "can't be renewed")

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start a stopped endpoint, or one with something that changes.

        Parameters
        ----------
        arguments : sequence of str
            More arguments of the server, where it is a process on this computer.
        """
        raise self._unsupported(name, "", "can't be started")

    def stop(self, name: str) -> None:
        """Stop an endpoint; it stays in the list."""
        raise self._unsupported(name, "", "can't be stopped")

    def rollback(self, name: str, version: int) -> None:
        """Return to an earlier version."""
        raise self._unsupported(name, "", "can't be rolled back")

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of its log."""
        return []

    def _unsupported(self, name: str, before: str, what: str) -> ServingError:
        subject = f"{before} “{name}”".strip()
        return ServingError(f"{subject} {what}: “{self.title}” doesn't support it.")


def readme(name: str, *steps: str) -> str:
    """Return the text of ``README.txt``: how the files of a deployment are used."""
    numbered = "\n".join(f"  {step}" for step in steps)
    return (
        f"The endpoint “{name}”, ready to be deployed.\n\n{numbered}\n\n"
        f"{PACKAGE}/ is the scoring package; {PACKAGE}/sample_request.json is a request to try.\n"
    )
