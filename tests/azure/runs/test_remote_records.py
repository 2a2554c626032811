"""Records of runs on Azure ML, and what the answers of the service mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kept_records import WHERE, keep, record

from designer.azure.compile.describing import describe
from designer.azure.errors import AzureError
from designer.azure.runs import remote_record
from designer.azure.runs.remote import (
    RemoteStepState,
    log_url,
    read_from,
    status_of,
    with_details,
)
from designer.azure.runs.remote_record import (
    FILE,
    RemoteRecord,
    find_open_run,
    followed_alone,
    forget_record,
    open_runs,
    record_of,
)
from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.workspace import Workspace


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
