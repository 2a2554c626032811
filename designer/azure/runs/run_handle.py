"""A run on Azure ML that is being followed, with its record in the user's workspace."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from designer.azure.runs.remote import RemotePipeline
from designer.azure.runs.remote_record import RemoteRecord, followed_alone
from designer.azure.runs.run_follower import RunFollower
from designer.azure.workspace import Notify
from designer.engine.events import Event
from designer.engine.results import RunResult
from designer.tracking.trigger import record_later
from designer.workspace import Workspace


class RemoteRunHandle:
    """A run on Azure ML that is being followed; like the engine's RunHandle.

    ``remote_id`` and ``url`` are Azure's.

    Parameters
    ----------
    workspace : Workspace
        The user's own, which has the folder of the run.
    run : str
        The run's id there.
    poll : float
        Seconds between two polls of the run.
    again : bool
        Whether it was followed before.
    notify : callable
        Receives that Azure ML doesn't respond, and that it does again.

    Raises
    ------
    AzureError
        If another program follows it.
    """

    def __init__(
        self,
        workspace: Workspace,
        run: str,
        remote: RemotePipeline,
        record: RemoteRecord,
        *,
        on_event: Callable[[Event], None] | None = None,
        poll: float = 5.0,
        again: bool = False,
        notify: Notify = print,
    ) -> None:
        self.id = run
        self.folder = workspace.run_folder(run)
        self.remote_id = remote.id
        self.url = remote.url
        self._workspace = workspace
        self._record = record
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self._follower = RunFollower(
            run,
            remote,
            record,
            self.folder,
            on_event=on_event,
            poll=poll,
            again=again,
            notify=notify,
        )
        self._held = ExitStack()
        self._held.enter_context(followed_alone(self.folder))
        self.thread = threading.Thread(target=self._run, name=f"run {run}", daemon=True)
        self.thread.start()

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._done.is_set()

    def cancel(self) -> None:
        """Request the cancellation of the run on Azure ML, without waiting."""
        self._follower.cancel()

    def leave(self) -> None:
        """Stop following the run, which keeps running. Returns at once."""
        self._follower.leave()

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end of the run; None if that takes longer, or if it was left.

        Raises
        ------
        AzureError
            If the run can no longer be followed; it keeps running.
        OSError
            If the run's record can't be written.
        """
        if not self._done.wait(timeout):
            return None
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        source = self._record.source
        try:
            self._result = self._follower.follow()
            if self._result is not None:
                ended = self._result.to_json() | {
                    "started": self._record.started,
                    "source": str(source) if source else None,
                    "parameters": dict(self._record.parameters),
                    "versions": dict(self._record.versions),
                    "azure": self._record.brief,
                }
                self._workspace.remember_run(self.id, ended, source)
                record_later(self._workspace)
        except BaseException as error:
            self._error = error
        finally:
            self._held.close()
            self._done.set()
