"""What the window and its backend of deployment tell each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from designer.deployment.targets import targets

LOCAL = "local"

INFERENCE = "inference"
"""The first step of every deployment: the window makes the inference pipeline."""


@dataclass(frozen=True)
class Halt:
    """How a person ends what goes on; the events may be set on any thread.

    Parameters
    ----------
    asked : threading.Event
        It is to end, and to take back what it made.
    now : threading.Event
        It is to end at once, whatever remains.
    leaving : threading.Event
        The window closes: it is to take back what it made, but nobody waits for that.
    """

    asked: threading.Event = field(default_factory=threading.Event)
    now: threading.Event = field(default_factory=threading.Event)
    leaving: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class EndpointInfo:
    """An endpoint as the list shows it.

    Parameters
    ----------
    state : str
        ``running``, ``starting``, ``unresponsive``, ``stopped`` or ``failed``.
    versions : tuple of int
        All that can be gone back to, oldest first.
    url : str
        The address that rows are sent to.
    requests, errors : int or None
        None while it does not run, and in the cloud.
    latency : float or None
        Median in milliseconds.
    target : str
        The name of a deployment target.
    checked : float or None
        When the state was found out, in seconds since 1970; None for just now.
    portal : str
        The page of Azure ML studio that shows it, if there is one.
    """

    name: str
    state: str
    version: int
    versions: tuple[int, ...] = ()
    url: str = ""
    requests: int | None = None
    errors: int | None = None
    latency: float | None = None
    target: str = LOCAL
    checked: float | None = None
    portal: str = ""

    @property
    def in_cloud(self) -> bool:
        """Whether it runs elsewhere, so that its state is asked for only when the user wants it."""
        known = targets()
        return self.target in known and known[self.target].remote

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self.state == "running"


@dataclass(frozen=True)
class Prepared:
    """An inference pipeline that is ready to be deployed.

    Parameters
    ----------
    text : str
        In the form of a pipeline file.
    base : Path
        The folder that its relative paths start from.
    notes : tuple of str
        What the person should know.
    """

    text: str = field(repr=False)
    base: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeployOrder:
    """What is to be deployed, and where.

    Parameters
    ----------
    pipeline : str
        The text of the inference pipeline.
    base : Path
        The folder that its relative paths start from.
    source : str
        What the person calls the pipeline; for lists.
    options : mapping of str to object
        By the names of the target's options.
    key : str
        Empty for one that nobody can guess.
    folder : Path or None
        Only write the files of the deployment, into this folder.
    """

    name: str
    pipeline: str = field(repr=False)
    base: Path
    source: str = ""
    target: str = LOCAL
    options: Mapping[str, Any] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    folder: Path | None = None


@dataclass(frozen=True)
class Deployed:
    """What came of a deployment.

    Parameters
    ----------
    folder : Path or None
        The files, if only they were written.
    portal : str
        The page of Azure ML studio that shows it, if there is one.
    notes : tuple of str
        What the person should know.
    """

    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    version: int = 1
    folder: Path | None = None
    portal: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoreOrder:
    """A file that is to be scored with the version that an endpoint has.

    Parameters
    ----------
    sources : mapping of str to Path
        The file of each input.
    target : Path
        The file of scores.
    bad_rows : str
        What becomes of rows that can't be scored: ``refuse``, ``leave-out`` or ``keep``.
    """

    name: str
    sources: Mapping[str, Path]
    target: Path
    bad_rows: str = "keep"


@dataclass(frozen=True)
class Scored:
    """What came of scoring a file.

    Parameters
    ----------
    files : tuple of Path
        One for each output.
    rows : int
        Rows that have scores.
    bad_rows : int
        Rows that could not be scored.
    """

    files: tuple[Path, ...]
    rows: int
    bad_rows: int = 0


@dataclass(frozen=True)
class Interface:
    """What an endpoint takes.

    Parameters
    ----------
    inputs : mapping of str to sequence of mapping
        The columns of each input, as ``RequestColumn.to_json`` gives them.
    samples : mapping of str to sequence of mapping
        Real rows of each input.
    parameters : mapping of str to object
        Pipeline parameters that a request may set, with their defaults.
    """

    inputs: Mapping[str, Sequence[Mapping[str, Any]]]
    samples: Mapping[str, Sequence[Mapping[str, Any]]]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The answer of an endpoint to a request.

    Parameters
    ----------
    status : int
        Of HTTP.
    seconds : float
        From sending to the last byte, as this computer saw it.
    """

    status: int
    text: str
    seconds: float
