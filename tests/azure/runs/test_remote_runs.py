"""Records of runs on Azure ML, what the service's answers mean, and a run that is followed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from designer.azure.compile.describing import describe
from designer.azure.errors import AzureError, GoneError
from designer.azure.runs import remote_record, run_handle, submission
from designer.azure.runs.output_download import FETCH
from designer.azure.runs.remote import (
    RemotePipelineState,
    RemoteStepState,
    log_url,
    read_from,
    status_of,
    with_details,
)
from designer.azure.runs.remote_record import (
    FILE,
    RemoteRecord,
    RemoteStep,
    find_open_run,
    followed_alone,
    forget_record,
    open_runs,
    record_of,
    write_record,
)
from designer.azure.runs.run_handle import RemoteRunHandle
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.workspace import Workspace

WHERE = SubmissionTarget("azureml-v2", WorkspaceConfig("s", "g", "w"), "e", "cpu", "azure-cli")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def record(**facts: Any) -> RemoteRecord:
    plain = RemoteRecord(
        WHERE,
        "remote-1",
        "https://x",
        (RemoteStep("s1", "g/a", ("s0",), {"out": ("o", "DataTable")}),),
        {"b": "It is disabled."},
        12.5,
        Path("/x/p.pipeline.json"),
        "reports",
        {"n": 3},
        {"numpy": "2"},
    )
    return replace(plain, **facts)


def keep(workspace: Workspace, run: str, **facts: Any) -> RemoteRecord:
    made = record(**facts)
    workspace.run_folder(run).mkdir(parents=True)
    write_record(workspace, run, made)
    return made


def test_a_record_is_read_as_it_was_written(workspace: Workspace) -> None:
    made = keep(workspace, "run-1")
    assert RemoteRecord.from_json(json.loads(json.dumps(made.to_json()))) == made
    assert open_runs(workspace) == {"run-1": made}
    bare = record(source=None)
    assert bare.to_json()["source"] is None
    assert RemoteRecord.from_json(bare.to_json()).source is None
    assert made.brief == {
        "target": "azureml-v2",
        "workspace": "w",
        "experiment": "e",
        "run": "remote-1",
        "url": "https://x",
    }
    for change in ({"target": "azureml-v3"}, {"sign_in": "telepathy"}):
        plain = made.to_json()
        plain["destination"] = {**plain["destination"], **change}
        (workspace.run_folder("run-1") / FILE).write_text(json.dumps(plain))
        assert open_runs(workspace) == {}


def test_open_runs_are_those_that_have_not_ended_here(workspace: Workspace) -> None:
    assert open_runs(workspace) == {}
    keep(workspace, "run-1")
    keep(workspace, "run-2", source=None)
    keep(workspace, "run-3")
    workspace.remember_run("run-3", {}, None)
    (workspace.run_folder("run-4")).mkdir()
    # The newest first.
    assert list(open_runs(workspace)) == ["run-2", "run-1"]
    assert list(open_runs(workspace, Path("/x/p.pipeline.json"))) == ["run-1"]
    forget_record(workspace, "run-2")
    forget_record(workspace, "run-2")
    assert list(open_runs(workspace)) == ["run-1"]


def refusal(workspace: Workspace, *text: str) -> tuple[str, str]:
    with pytest.raises(AzureError) as caught:
        find_open_run(workspace, *text)
    assert not caught.value.passing
    return caught.value.message, caught.value.hint


def test_an_open_run_is_named_by_the_beginning_of_its_id(workspace: Workspace) -> None:
    none = (
        "No run of this workspace is running on Azure ML.",
        "“designer runs” lists the downloaded ones.",
    )
    assert refusal(workspace) == refusal(workspace, "latest") == refusal(workspace, "x") == none
    keep(workspace, "r-11")
    assert find_open_run(workspace)[0] == "r-11"
    for run in ("r-12", "r-21", "r-22", "r-23"):
        keep(workspace, run)
    listed = "There are “r-23”, “r-22”, “r-21”, “r-12”."
    assert find_open_run(workspace, "latest")[0] == "r-23"
    assert find_open_run(workspace, "r-12")[0] == "r-12"
    assert find_open_run(workspace, "r-11")[1] == record()
    assert refusal(workspace) == ("5 runs are running on Azure ML.", f"Specify one. {listed}")
    assert refusal(workspace, "r-1") == ("2 runs begin with “r-1”.", f"Specify one. {listed}")
    assert refusal(workspace, "s") == ("No run “s” is running on Azure ML.", listed)
    workspace.remember_run("r-23", {}, None)
    assert refusal(workspace, "r-23") == (
        "The run “r-23” has ended and is here.",
        "designer runs show r-23",
    )


def test_a_run_is_followed_by_one_at_a_time(tmp_path: Path) -> None:
    with followed_alone(tmp_path):
        with pytest.raises(AzureError) as caught, followed_alone(tmp_path):
            pass
        assert caught.value.message == "Another process already follows this run."
        assert caught.value.hint == "Use or stop that one."
    with pytest.raises(ZeroDivisionError), followed_alone(tmp_path):
        raise ZeroDivisionError
    with followed_alone(tmp_path):
        pass


def test_the_record_of_a_pipeline_has_what_following_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_record.time, "time", lambda: 77.5)
    pipeline: Pipeline = Pipeline()
    for name, module, parameters in (
        ("data", "enter_data_manually", {"data": "x,y\n1,2\n"}),
        ("line", "linear_regression", {}),
        ("train", "train_model", {"label_column": "y"}),
        ("off", "enter_data_manually", {"data": "x\n1\n"}),
        ("needs", "split_data", {}),
        ("request", "web_service_input", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters, node_id=name)
    for source, target in (
        ("line.untrained_model", "train.untrained_model"),
        ("data.dataset", "train.dataset"),
        ("off.dataset", "needs.dataset"),
    ):
        ends = (Endpoint(*text.split(".")) for text in (source, target))
        pipeline = edits.connect(pipeline, *ends)
    pipeline = edits.set_disabled(pipeline, "off", True)
    pipeline = replace(
        pipeline,
        parameters={
            "n": PipelineParameter("n", "integer", 3),
            "word": PipelineParameter("word", "text", "x"),
        },
    )
    description = describe(pipeline, load_catalog(), base=tmp_path, name="p")
    remote = SimpleNamespace(id="r", url="u")
    given = {"word": "postgres://me:hunter2@host"}
    made = record_of(
        remote,  # type: ignore[arg-type]
        description,
        pipeline,
        WHERE,
        parameters=given,
        source=tmp_path / "p.pipeline.json",
        fetch="none",
    )
    assert made.left_out == {"off": "It is disabled.", "needs": "What it needs is disabled."}
    assert made.parameters == {"n": 3, "word": "postgres://me:***@host"}
    assert (made.started, made.fetch, made.remote_id, made.url) == (77.5, "none", "r", "u")
    assert made.source == tmp_path / "p.pipeline.json"
    by_node = {step.node: step for step in made.steps}
    assert set(by_node) >= {"train", "data"}
    train = by_node["train"]
    assert by_node["data"].id in train.above
    assert len(set(train.above)) == len(train.above)
    ((_, kind),) = train.outputs.values()
    assert kind == "TrainedModel"
    assert set(train.outputs) == {"trained_model"}
    assert "scikit-learn" in made.versions
    assert (
        record_of(
            remote,  # type: ignore[arg-type]
            description,
            pipeline,
            WHERE,
            parameters={},
            source=None,
            fetch="all",
        ).source
        is None
    )


# What the service's answers mean.


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        ("NotStarted Unapproved", "waiting"),
        ("Queued Preparing Provisioning Starting", "queued"),
        ("Running Finalizing CancelRequested NotResponding cancel_requested", "running"),
        ("Completed Finished", "completed"),
        ("Failed FAILED", "failed"),
        ("Canceled Bypassed", "cancelled"),
        # What is unknown still runs: nothing is given up for a new word.
        ("Paused", "running"),
    ],
)
def test_each_status_of_the_services_has_one_here(texts: str, status: str) -> None:
    assert {status_of(text) for text in texts.split()} == {status}
    assert status_of("Not Started") == "waiting"


@pytest.mark.parametrize(
    ("files", "url"),
    [
        ({}, None),
        ({"system_logs/x.txt": "a"}, None),
        ({"user_logs/a.txt": "a", "user_logs/std_log.txt": "b"}, "b"),
        ({"user_logs/a.txt": "a", "azureml-logs/70_driver_log.txt": "b"}, "b"),
        ({"azureml-logs/70_driver_log.txt": "b", "user_logs/std_log.txt": "c"}, "c"),
        ({"logs/a.txt": "z", "user_logs/a.txt": "a", "user_logs/b.txt": "b"}, "a"),
    ],
)
def test_the_log_of_the_step_itself_is_found(files: Mapping[str, str], url: str | None) -> None:
    assert log_url(files) == url


@pytest.mark.parametrize(
    ("details", "seconds", "error"),
    [
        ({}, 0.0, ""),
        ({"startTimeUtc": "2026-01-02T03:04:05Z"}, 0.0, ""),
        (
            {"startTimeUtc": "2026-01-02T03:04:05Z", "endTimeUtc": "2026-01-02T03:05:05.5Z"},
            60.5,
            "",
        ),
        # Clocks of two computers.
        ({"startTimeUtc": "2026-01-02T03:04:05Z", "endTimeUtc": "2026-01-02T03:04:04Z"}, 0.0, ""),
        ({"error": {"error": {"message": "Deep."}}}, 0.0, "Deep."),
        ({"error": {"message": "Flat."}}, 0.0, "Flat."),
        ({"error": "text"}, 0.0, ""),
        ({"error": {"message": None}}, 0.0, ""),
    ],
)
def test_the_duration_and_the_error_of_a_step(
    details: Mapping[str, Any], seconds: float, error: str
) -> None:
    state = RemoteStepState("k", "failed", True)
    assert with_details(state, details) == RemoteStepState("k", "failed", True, seconds, error)


@pytest.mark.parametrize(
    ("status", "content", "found"),
    [
        (206, b"the rest", b"the rest"),
        # A server that doesn't know ranges sends all.
        (200, b"beginning and rest", b"ing and rest"),
        (404, b"no such blob", b""),
        (416, b"nothing after that", b""),
    ],
)
def test_a_log_is_read_from_a_byte_on(
    monkeypatch: pytest.MonkeyPatch, status: int, content: bytes, found: bytes
) -> None:
    import requests

    asked: list[Any] = []

    def get(url: str, *, headers: Mapping[str, str], timeout: float) -> requests.Response:
        asked.append((url, headers, timeout))
        response = requests.Response()
        response.status_code = status
        response._content = content
        return response

    monkeypatch.setattr(requests, "get", get)
    assert read_from("https://x", 6) == found
    assert asked == [("https://x", {"Range": "bytes=6-"}, 30)]
    status = 500
    with pytest.raises(requests.HTTPError):
        read_from("https://x", 6)


# A run that is followed.


class Remote:
    """A run on Azure ML that has ended, or raises."""

    id = "remote-1"
    url = "https://x"

    def __init__(self, ends: Any = "completed") -> None:
        self.ends = ends
        self.cancelled = threading.Event()

    def state(self) -> RemotePipelineState:
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
