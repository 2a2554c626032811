"""The state of an endpoint at one moment, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["running", "starting", "unresponsive", "stopped", "failed", "damaged"]

STATES: tuple[State, ...] = (
    "running",
    "starting",
    "unresponsive",
    "stopped",
    "failed",
    "damaged",
)


@dataclass(frozen=True)
class Keys:
    """The keys of an endpoint; never in a log, an argument or an error."""

    primary: str = field(repr=False)
    secondary: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    """The state of an endpoint.

    Parameters
    ----------
    state : str
        ``running``; ``starting``; ``unresponsive``: it is there and doesn't respond;
        ``stopped``: by a user; ``failed``: it ended without being stopped, or with the
        computer; ``damaged``: its files here can't be read.
    version : int
        The current version; 0 if that isn't known.
    port : int or None
        On this computer; None for an endpoint in the cloud.
    url : str
        Where rows are sent to.
    pid, memory : int or None
        Of the process, memory in bytes; None if there is none.
    target : str
        One of :data:`designer.deployment.targets.TARGETS`.
    checked : float or None
        When the state was found out, in seconds since 1970; None for just now. To ask
        Azure takes seconds and perhaps a sign-in, so its last response is cached.
    portal : str
        The page of Azure ML studio that shows it; empty for what isn't in Azure.
    problem : str
        What is damaged, and what to do.
    """

    name: str
    state: State
    version: int
    versions: tuple[int, ...]
    port: int | None
    url: str
    pid: int | None = None
    memory: int | None = None
    started: float | None = None
    compiled: bool | None = None
    target: str = "local"
    checked: float | None = None
    portal: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name,
            "target": self.target,
            "state": self.state,
            "url": self.url,
            "version": self.version,
            "versions": list(self.versions),
            "port": self.port,
            "pid": self.pid,
            "memory": self.memory,
            "started": self.started,
            "compiled": self.compiled,
            "checked": self.checked,
            "portal": self.portal,
            "problem": self.problem,
        }
