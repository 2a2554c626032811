"""The program by which the window submits, against the stand-in of the service.

What it does in a process of its own is seen by a run and by a refusal.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from stand_in.service import Service

from designer.app.background.process import RemoteError, RemoteRun
from designer.app.background.program import Job, Speaker
from designer.app.runs.compute_target import Place
from designer.azure.runs.submission import TARGETS
from designer.engine import events
from designer.pipeline import edits
from designer.pipeline.file import dumps
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

BOTH = pytest.mark.parametrize("target", TARGETS)


def asked(
    target: str, service: Service, tmp_path: Path, workspace: Workspace, compute: str
) -> dict[str, Any]:
    pipeline, data = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a\n1\n2\n3\n4\n"}
    )
    pipeline, split = edits.add_node(pipeline, "split_data")
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    config = tmp_path / "config.json"
    config.write_text(json.dumps(service.config()))
    place = Place(target, str(config), "azure-cli", "window", compute)
    return {
        "do": "run",
        "pipeline": dumps(pipeline),
        "base": str(tmp_path),
        "source": str(tmp_path / "p.pipeline.json"),
        "name": "p",
        "workspace": str(workspace.folder),
        "destination": place.to_json(),
        "poll": 0.05,
    }


@BOTH
@pytest.mark.usefixtures("signed_in")
def test_a_pipeline_is_sent_followed_and_brought_back(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    seen: list[events.Event] = []
    request = asked(target, service, tmp_path, workspace, "cpu-cluster")
    run = RemoteRun(request, seen.append, lambda text: None)
    result = run.wait(300)
    assert result is not None
    assert result.status == "completed"
    assert result.nodes["split_data"].outputs["results_dataset1"].rows == 2
    assert workspace.latest_run(tmp_path / "p.pipeline.json") == run.id == result.id
    completed = {event.node for event in seen if isinstance(event, events.Completed)}
    assert completed == {"enter_data_manually", "split_data"}
    assert isinstance(seen[0], events.RunStarted)


@pytest.mark.usefixtures("signed_in")
def test_an_unknown_compute_is_refused_in_words(
    service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    request = asked("azureml-v2", service, tmp_path, workspace, "gone")
    run = RemoteRun(request, lambda event: None, lambda text: None)
    with pytest.raises(RemoteError, match="no compute target “gone”") as caught:
        run.wait(300)
    assert "cpu-cluster" in caught.value.hint


def answers(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Do in this process what the program does with a request; return what it tells."""
    stream = io.StringIO()
    assert Job(request, Speaker(stream)).work() == 0, stream.getvalue()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@BOTH
@pytest.mark.usefixtures("signed_in")
def test_the_computes_are_listed(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    told = answers(asked(target, service, tmp_path, workspace, "") | {"do": "computes"})
    assert "cpu-cluster" in told[-1]["computes"]


@BOTH
@pytest.mark.usefixtures("signed_in")
def test_the_window_publishes_and_schedules(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    request = asked(target, service, tmp_path, workspace, "cpu-cluster")
    more = {"do": "publish", "endpoint": "numbers"}
    when = {"frequency": "day", "interval": 2, "cron": "", "path": "", "polling": 5}
    for each in (None, when):
        told = answers(request | more | {"when": each})
        assert told[-1]["made"]["name"] == "numbers", told
        assert "numbers" in told[-1]["told"]
    (kept,) = service.kept("schedule").values()
    assert "2" in json.dumps(kept)
    assert not service.runs.all
