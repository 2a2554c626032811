"""Runs that go on, as the window sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from designer.engine.events import Event
from designer.engine.results import RunResult

OnEvent = Callable[[Event], None]
"""Takes events, from any thread."""


class Handle(Protocol):
    """A run that goes on: the engine's, or one elsewhere."""

    @property
    def id(self) -> str:
        """The run's id; empty while it is not known."""

    @property
    def folder(self) -> Path | None:
        """The run's folder in the workspace; None while it is not known."""

    def cancel(self) -> None:
        """End the run. Returns at once."""

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end; None if that takes longer."""


@runtime_checkable
class RemoteHandle(Handle, Protocol):
    """A run elsewhere, which need not end when nobody looks at it."""

    def leave(self) -> None:
        """Stop to follow the run, which goes on. Returns at once."""
