from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_in.service import Service

from designer.azure.errors import AzureError
from designer.azure.runs import response_watch, submission
from designer.azure.runs.submission import RemoteRunHandle, SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog
from designer.engine import events
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.workspace import Workspace

Start = Callable[..., RemoteRunHandle]
BOTH = pytest.mark.parametrize("target", submission.TARGETS)
# What takes the same way with both is tried with one SDK by make test.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)


def pipeline_of(script: str = "    return dataframe1,\n") -> Pipeline:
    """Numbers that are typed in, a script, and a split with a fraction that a run may set."""
    pipeline = Pipeline(parameters={"share": PipelineParameter("share", "number", 0.5)})
    pipeline, _ = edits.add_node(
        pipeline,
        "enter_data_manually",
        parameters={"data": "a,b\n1,2\n3,4\n5,6\n7,8\n"},
        node_id="data",
    )
    code = f"def azureml_main(dataframe1=None, dataframe2=None):\n{script}"
    pipeline, _ = edits.add_node(
        pipeline, "execute_python_script", parameters={"script": code}, node_id="script"
    )
    pipeline, _ = edits.add_node(
        pipeline,
        "split_data",
        parameters={"fraction": {"$parameter": "share"}},
        node_id="split",
    )
    pipeline = edits.connect(pipeline, Endpoint("data", "dataset"), Endpoint("script", "dataset1"))
    return edits.connect(
        pipeline, Endpoint("script", "result_dataset"), Endpoint("split", "dataset")
    )


@pytest.fixture
def start(catalog: Catalog, workspace: Workspace, config: WorkspaceConfig, tmp_path: Path) -> Start:
    def go(target: str, pipeline: Pipeline, **options: Any) -> RemoteRunHandle:
        compute = options.pop("compute", "cpu-cluster")
        sign_in = options.pop("sign_in", "azure-cli")
        where = options.pop("config", config)
        return submission.start(
            pipeline,
            catalog,
            base=tmp_path,
            workspace=workspace,
            destination=SubmissionTarget(target, where, "tests", compute, sign_in),
            poll=0.05,
            **options,
        )

    return go


@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_value_of_a_parameter_reaches_the_step(target: str, start: Start) -> None:
    result = start(target, pipeline_of(), parameters={"share": 0.25}).wait(300)
    assert result is not None
    assert result.status == "completed"
    outputs = result.nodes["split"].outputs
    assert (outputs["results_dataset1"].rows, outputs["results_dataset2"].rows) == (1, 3)
    # The script gives no second table, so there is none here either.
    assert set(result.nodes["script"].outputs) == {"result_dataset"}


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_an_absent_output_survives_a_store_without_empty_folders(
    target: str, start: Start, service: Service
) -> None:
    # The first script returns one table; the second one has a link to the other.
    code = "def azureml_main(dataframe1=None, dataframe2=None):\n    assert dataframe2 is None\n"
    pipeline, _ = edits.add_node(
        pipeline_of(),
        "execute_python_script",
        parameters={"script": f"{code}    return dataframe1,\n"},
        node_id="next",
    )
    for port, source in (("dataset1", "result_dataset"), ("dataset2", "result_dataset2")):
        pipeline = edits.connect(pipeline, Endpoint("script", source), Endpoint("next", port))
    result = start(target, pipeline).wait(300)
    assert result is not None
    assert {node: each.status for node, each in result.nodes.items()} == dict.fromkeys(
        pipeline.nodes, "completed"
    )
    assert set(result.nodes["script"].outputs) == {"result_dataset"}
    folders = [path for path in service.blob_folder.rglob("*") if path.is_dir()]
    assert all(any(path.iterdir()) for path in folders)


@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_failed_step_says_why_and_the_rest_goes_on(target: str, start: Start) -> None:
    pipeline = pipeline_of("    print('so far')\n    raise ValueError('no such luck')\n")
    pipeline, _ = edits.add_node(pipeline, "summarize_data", node_id="summary")
    pipeline = edits.connect(pipeline, Endpoint("data", "dataset"), Endpoint("summary", "dataset"))
    seen: list[events.Event] = []
    result = start(target, pipeline, on_event=seen.append).wait(300)
    assert result is not None
    assert result.status == "failed"
    error = result.nodes["script"].error
    assert error is not None
    assert "no such luck" in error["message"]
    assert result.nodes["split"].status == "skipped"
    assert result.nodes["split"].reason == "“script” failed."
    assert result.nodes["summary"].status == "completed"
    lines = [each.text for each in seen if isinstance(each, events.LogLine)]
    assert "so far" in lines
    log = result.nodes["script"].log
    assert log is not None
    assert "so far" in log.read_text("utf-8")


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_disabled_node_is_not_sent(target: str, start: Start, service: Service) -> None:
    pipeline = edits.set_disabled(pipeline_of(), ["script"], True)
    result = start(target, pipeline).wait(300)
    assert result is not None
    assert result.status == "completed"
    assert result.nodes["script"].reason == "It is disabled."
    assert result.nodes["split"].status == "skipped"
    assert len(service.runs.executed) == 1


@pytest.mark.long
@BOTH
@pytest.mark.usefixtures("signed_in")
def test_what_has_not_changed_is_reused_on_azure(
    target: str, start: Start, service: Service
) -> None:
    first = start(target, pipeline_of()).wait(300)
    again = start(target, pipeline_of(), parameters={"share": 0.25}).wait(300)
    assert first is not None
    assert again is not None
    assert again.status == "completed"
    # The script is a person's own code; only what it reads is as it was.
    assert again.nodes["data"].status == "reused"
    assert again.nodes["data"].outputs["dataset"].rows == 4
    assert again.nodes["split"].status == "completed"
    assert again.nodes["split"].outputs["results_dataset1"].rows == 1


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_cancel_ends_the_run_and_its_process(
    target: str, start: Start, service: Service, tmp_path: Path
) -> None:
    running = threading.Event()
    mark = tmp_path / "ended"
    script = f"    import time\n    time.sleep(3600)\n    open({str(mark)!r}, 'w').close()\n"

    def look(event: events.Event) -> None:
        if isinstance(event, events.Running) and event.node == "script":
            running.set()

    handle = start(target, pipeline_of(script), on_event=look)
    assert running.wait(300)
    handle.cancel()
    result = handle.wait(300)
    assert result is not None
    assert result.status == "cancelled"
    assert result.nodes["data"].status == "completed"
    assert result.nodes["script"].status == result.nodes["split"].status == "cancelled"
    assert service.runs.all[handle.remote_id].status == "Canceled"
    assert not mark.exists()


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_only_reports_are_fetched_if_only_they_are_wanted(target: str, start: Start) -> None:
    result = start(target, pipeline_of(), fetch="reports").wait(300)
    assert result is not None
    assert result.status == "completed"
    assert not any(node.outputs for node in result.nodes.values())


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_run_that_is_left_goes_on(target: str, start: Start, service: Service) -> None:
    service.runs.hold.clear()
    handle = start(target, pipeline_of())
    handle.leave()
    handle.thread.join(300)
    assert handle.done
    assert handle.wait(0) is None
    service.runs.hold.set()
    service.runs.wait(handle.remote_id, 300)
    assert service.runs.all[handle.remote_id].status == "Completed"


@pytest.mark.long
@BOTH
@pytest.mark.usefixtures("signed_in")
def test_a_short_break_of_the_network_is_survived(
    target: str, start: Start, service: Service
) -> None:
    service.runs.hold.clear()
    handle = start(target, pipeline_of())
    service.busy = 3
    service.runs.hold.set()
    result = handle.wait(300)
    assert result is not None
    assert result.status == "completed"
    assert service.busy == 0


@pytest.mark.long
@BOTH
@pytest.mark.usefixtures("signed_in")
def test_silence_is_reported_while_the_sdk_waits_for_an_answer(
    target: str, start: Start, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_watch, "FIRST", 0.1)
    monkeypatch.setattr(response_watch, "CHECK", 0.01)
    service.runs.hold.clear()
    told: list[str] = []

    def notify(text: str) -> None:
        told.append(text)
        if "hasn't responded" in text:
            # The connection is back after the report, and only then.
            service.answering.set()
            service.runs.hold.set()

    def lose(event: events.Event) -> None:
        service.answering.clear()

    result = start(target, pipeline_of(), notify=notify, on_event=lose).wait(300)
    assert result is not None
    assert result.status == "completed"
    assert any("designer runs follow" in text for text in told)
    assert "Azure ML responds again." in told


@ONE
@pytest.mark.usefixtures("signed_in")
def test_no_secret_is_in_a_log_a_file_or_an_error(
    target: str,
    start: Start,
    service: Service,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The folder one happens to be in has a repository with a password in its address.
    canary = "canary-of-the-repository"
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    for arguments in (
        ["init", "-q"],
        ["remote", "add", "origin", f"https://me:{canary}@example.com/x.git"],
    ):
        subprocess.run(["git", *arguments], check=True)
    # A script that prints a token of the kind that Azure gives.
    token = service.new_token()
    script = f"    print('using', {token!r})\n    raise ValueError('with ' + {token!r})\n"
    result = start(target, pipeline_of(script)).wait(300)
    assert result is not None
    assert result.status == "failed"
    with pytest.raises(AzureError) as caught:
        start(target, pipeline_of(), compute="none")
    sent = b"".join(request.body for request in service.door.requests)
    assert canary.encode() not in sent
    printed = capfd.readouterr()
    kept = [
        printed.out,
        printed.err,
        caplog.text,
        str(caught.value),
        json.dumps(result.to_json()),
        *(
            path.read_text("utf-8", "replace")
            for path in workspace.folder.rglob("*")
            # The script itself is the person's, and is kept as it is.
            if path.is_file() and path.name != "pipeline.json"
        ),
    ]
    for secret in service.tokens:
        assert not any(secret in text for text in kept)
        assert not any(secret.rpartition(".")[2] in text for text in kept)
