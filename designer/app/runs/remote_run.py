"""A run on Azure ML, as the window sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designer.app.background.errors import Cancelled, UserError
from designer.app.background.job import COMMAND, Job
from designer.engine.results import RunResult
from designer.texts import tr

if TYPE_CHECKING:
    from designer.engine.events import EventListener


class RemoteRun:
    """A run on Azure ML, which continues when it isn't followed.

    Parameters
    ----------
    function : callable
        :func:`designer.app.runs.jobs.submit` or :func:`designer.app.runs.jobs.follow`.
    arguments : mapping of str to object
        Of the function.
    on_event : callable
        Accepts the events of the run, on a thread.
    notify : callable
        Called, on a thread, with messages for the user, such as the code of a sign-in;
        empty once the run is submitted.
    again : bool
        Whether it was submitted before.
    command : sequence of str
        See :class:`designer.app.background.job.Job`.
    """

    def __init__(
        self,
        function: Callable[..., RunResult | None],
        arguments: Mapping[str, object],
        on_event: EventListener,
        notify: Callable[[str], None],
        *,
        again: bool = False,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.id = ""
        self.folder: Path | None = None
        self.url = ""
        self._notify = notify
        self._again = again
        callbacks: dict[str, Callable[..., object]] = {
            "on_event": on_event,
            "notify": notify,
            "on_submitted": self._on_submitted,
        }
        self._job = Job(function, arguments, callbacks, command)

    def stop(self) -> bool:
        """Return false: a run elsewhere can only be canceled."""
        return False

    def cancel(self) -> None:
        """Cancel the run. Returns at once."""
        self._job.cancel()

    def leave(self) -> None:
        """Stop following the run, which continues. Returns at once."""
        self._job.leave()

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end of the run; None if that takes longer.

        Raises
        ------
        UserError
            If it can't be submitted or followed.
        """
        try:
            result = self._job.future.result(timeout)
        except TimeoutError:
            return None
        except Cancelled:
            if self._again and not self.id:
                raise UserError(
                    tr("The run isn't followed."), tr("It continues on Azure ML.")
                ) from None
            result = None
        return result or RunResult(self.id, "cancelled", 0.0, {})

    def _on_submitted(self, run: str, folder: Path, url: str) -> None:
        self.id, self.folder, self.url = run, folder, url
        self._notify("")
