"""A run on Azure ML that is followed in the background, again, or cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept_records import WHERE, keep, record

from designer.azure.errors import AzureError, GoneError
from designer.azure.runs import run_handle, submission
from designer.azure.runs.output_download import FETCH
from designer.azure.runs.remote import (
    RemotePipelineState,
    RemoteStepState,
)
from designer.azure.runs.remote_record import (
    FILE,
    followed_alone,
    open_runs,
    write_record,
)
from designer.azure.runs.run_handle import RemoteRunHandle
from designer.azure.submission_target import SubmissionTarget
from designer.workspace import Workspace


class Remote:
    """A run on Azure ML that has ended, or raises."""

    id = "remote-1"
    url = "https://x"

    def __init__(self, ends: Any = "completed") -> None:
        self.ends = ends
        self.cancelled = threading.Event()

    def state(self, cards: Collection[str] = ()) -> RemotePipelineState:
        if isinstance(self.ends, Exception):
            raise self.ends
        if self.ends == "when cancelled":
            return RemotePipelineState("cancelled" if self.cancelled.is_set() else "running")
        return RemotePipelineState(self.ends)

    def ended(self, state: RemoteStepState) -> RemoteStepState:
        return replace(state, seconds=42.0)

    def cancel(self) -> None:
        self.cancelled.set()


class Connected:
    """A connection to the workspace of one run."""

    def __init__(self, remote: Remote | None) -> None:
        self.remote = remote
        self.asked: list[str] = []

    def find(self, run: str) -> Remote:
        self.asked.append(run)
        if self.remote is None:
            raise GoneError("It is gone.")
        return self.remote


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Workspace]:
    made: list[Workspace] = []
    monkeypatch.setattr(run_handle, "record_later", made.append)
    return made


def test_a_run_that_has_ended_is_the_latest_of_its_file(
    workspace: Workspace, recorded: list[Workspace]
) -> None:
    kept = keep(workspace, "r-1")
    told: list[str] = []
    handle = RemoteRunHandle(
        workspace,
        "r-1",
        Remote(),  # type: ignore[arg-type]
        kept,
        on_event=lambda event: told.append(type(event).__name__),
        poll=0,
    )
    result = handle.wait(20)
    assert result is not None
    handle.thread.join(20)
    assert handle.done
    assert (handle.id, handle.remote_id, handle.url) == ("r-1", "remote-1", "https://x")
    assert result.nodes["g/a"].status == "cancelled"
    plain = workspace.run_record("r-1")
    assert plain == {
        **result.to_json(),
        "started": 12.5,
        "source": "/x/p.pipeline.json",
        "parameters": {"n": 3},
        "versions": {"numpy": "2"},
        "azure": kept.brief,
    }
    assert workspace.latest_run(Path("/x/p.pipeline.json")) == "r-1"
    assert recorded == [workspace]
    assert told[0] == "RunStarted"
    assert told[-1] == "RunFinished"
    with followed_alone(handle.folder):
        pass


@pytest.mark.parametrize("end", ["error", "left", "cancelled"])
def test_a_run_that_is_not_followed_to_its_end_stays_open(
    workspace: Workspace, recorded: list[Workspace], end: str
) -> None:
    kept = keep(workspace, "r-1", source=None)
    remote = Remote(AzureError("The sign-in expired.") if end == "error" else "when cancelled")
    handle = RemoteRunHandle(workspace, "r-1", remote, kept, poll=0.001)  # type: ignore[arg-type]
    if end != "error":
        assert handle.wait(0) is None
        assert not handle.done
        with pytest.raises(AzureError, match="Another process"):
            RemoteRunHandle(workspace, "r-1", remote, kept)  # type: ignore[arg-type]
    if end == "cancelled":
        handle.cancel()
        result = handle.wait(20)
        assert result is not None
        assert result.status == "cancelled"
        assert workspace.run_record("r-1")["source"] is None
    elif end == "left":
        handle.leave()
        assert handle.wait(20) is None
        assert not remote.cancelled.is_set()
    else:
        with pytest.raises(AzureError, match="The sign-in expired"):
            handle.wait(20)
    handle.thread.join(20)
    assert (open_runs(workspace) == {}) is (end == "cancelled")
    assert (recorded == [workspace]) is (end == "cancelled")
    # Another one may follow it now.
    with followed_alone(handle.folder):
        pass


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[Remote | None], list[Any]]:
    """Return a function that lets every connection lead to one run, and lists where to."""

    def make(remote: Remote | None) -> list[Any]:
        made: list[Any] = []

        def connected(destination: SubmissionTarget, *, notify: Any) -> Connected:
            made.append(destination)
            return Connected(remote)

        monkeypatch.setattr(submission, "connect", connected)
        return made

    return make


def test_a_run_is_followed_again_from_its_beginning(
    workspace: Workspace,
    recorded: list[Workspace],
    connect: Callable[..., list[Any]],
) -> None:
    assert submission.POLL == 5
    assert FETCH == ("all", "reports", "none")
    keep(workspace, "r-1")
    made = connect(Remote())
    handle = submission.attach(workspace, sign_in="device-code", fetch="none", poll=0)
    result = handle.wait(20)
    assert result is not None
    handle.thread.join(20)
    # How long it took is known by Azure alone.
    assert result.seconds == 42
    assert made == [replace(WHERE, sign_in="device-code")]
    assert handle._record.fetch == "none"
    keep(workspace, "r-2")
    connection = Connected(Remote())
    handle = submission.attach(workspace, "r-2", connection=connection, poll=0)  # type: ignore[arg-type]
    assert handle.wait(20) is not None
    handle.thread.join(20)
    assert connection.asked == ["remote-1"]
    assert (handle._record.destination, handle._record.fetch) == (WHERE, "reports")
    assert len(made) == 1


def test_a_run_is_cancelled_without_being_followed(
    workspace: Workspace, connect: Callable[..., list[Any]]
) -> None:
    keep(workspace, "r-1")
    remote = Remote()
    made = connect(remote)
    assert submission.cancel(workspace, "r") == "r-1"
    assert remote.cancelled.is_set()
    assert submission.cancel(workspace, sign_in="browser") == "r-1"
    assert made == [WHERE, replace(WHERE, sign_in="browser")]
    assert list(open_runs(workspace)) == ["r-1"]


def test_a_run_that_is_gone_at_azure_is_no_longer_open(
    workspace: Workspace, connect: Callable[..., list[Any]]
) -> None:
    for call in (submission.attach, submission.cancel):
        if not workspace.run_folder("r-1").exists():
            keep(workspace, "r-1")
        else:
            write_record(workspace, "r-1", record())
        connect(None)
        with pytest.raises(GoneError, match="It is gone"):
            call(workspace)
        assert not (workspace.run_folder("r-1") / FILE).exists()
