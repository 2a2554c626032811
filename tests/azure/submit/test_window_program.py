"""The jobs by which the window submits, against the stand-in of the service.

What they do in a process of its own is seen by a run and by a refusal.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stand_in.service import Service

from designer.app.background.control import Control
from designer.app.background.errors import UserError
from designer.app.runs import jobs
from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.jobs import Submission
from designer.app.runs.remote_run import RemoteRun
from designer.azure.publish.schedule import Schedule
from designer.azure.runs.submission import TARGETS
from designer.engine import events
from designer.pipeline import edits
from designer.pipeline.file import dumps
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

BOTH = pytest.mark.parametrize("target", TARGETS)
# What takes the same way with both is tried with one SDK by make test.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)


def ordered(
    target: str, service: Service, tmp_path: Path, workspace: Workspace, compute: str
) -> Submission:
    pipeline, data = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a\n1\n2\n3\n4\n"}
    )
    pipeline, split = edits.add_node(pipeline, "split_data")
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    config = tmp_path / "config.json"
    config.write_text(json.dumps(service.config()))
    return Submission(
        dumps(pipeline),
        "p",
        tmp_path,
        workspace.folder,
        ComputeTarget(target, str(config), "azure-cli", "window", compute),
        tmp_path / "p.pipeline.json",
    )


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
@pytest.mark.usefixtures("signed_in")
def test_a_pipeline_is_sent_followed_and_brought_back(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    seen: list[events.Event] = []
    order = ordered(target, service, tmp_path, workspace, "cpu-cluster")
    run = RemoteRun(jobs.submit, {"order": order, "poll": 0.05}, seen.append, lambda text: None)
    result = run.wait(300)
    assert result is not None
    assert result.status == "completed"
    assert result.nodes["split_data"].outputs["results_dataset1"].rows == 2
    assert workspace.latest_run(tmp_path / "p.pipeline.json") == run.id == result.id
    completed = {event.node for event in seen if isinstance(event, events.Completed)}
    assert completed == {"enter_data_manually", "split_data"}
    assert isinstance(seen[0], events.RunStarted)


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_an_unknown_compute_is_refused_in_words(
    service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    order = ordered("azureml-v2", service, tmp_path, workspace, "gone")
    run = RemoteRun(jobs.submit, {"order": order}, lambda event: None, lambda text: None)
    with pytest.raises(UserError, match="no compute target “gone”") as caught:
        run.wait(300)
    assert "cpu-cluster" in caught.value.hint


@ONE
@pytest.mark.usefixtures("signed_in")
def test_the_computes_are_listed(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    compute_target = ordered(target, service, tmp_path, workspace, "").compute_target
    assert "cpu-cluster" in jobs.computes(compute_target, print)


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_the_window_publishes_and_schedules(
    target: str, service: Service, tmp_path: Path, workspace: Workspace
) -> None:
    order = ordered(target, service, tmp_path, workspace, "cpu-cluster")
    for when in (None, Schedule("day", 2)):
        text = jobs.publish(order, "numbers", when, print, Control())
        assert "numbers" in text
    (kept,) = service.kept("schedule").values()
    assert "2" in json.dumps(kept)
    assert not service.runs.all
