"""What is scheduled and published on Azure ML is listed and removed from here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stand_in.service import Service

from designer.azure.workspace import WorkspaceConfig, connect_v1
from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

BOTH = pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)
Call = Callable[..., Result]


@pytest.fixture
def call(service: Service, tmp_path: Path, signed_in: None) -> Call:
    """Return a function that calls a command where the workspace's config.json is."""
    pipeline, _ = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a,b\n1,2\n"}, node_id="data"
    )
    write(pipeline, tmp_path / "small.pipeline.json")
    (tmp_path / "config.json").write_text(json.dumps(service.config()))

    def call(*words: str) -> Result:
        if words[0] == "submit":
            words = (*words, str(tmp_path / "small.pipeline.json"), "--compute", "cpu-cluster")
            words = (*words, "--workspace", str(tmp_path / "workspace"))
        config = ["--config", str(tmp_path / "config.json"), "--sign-in", "azure-cli"]
        return CliRunner().invoke(main, [*words, *config])

    return call


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def schedule(call: Call, target: str, name: str, *when: str) -> None:
    made = call("submit", "--to", target, "--schedule", name, *when)
    assert made.exit_code == 0, made.output


def schedules(call: Call, target: str) -> Any:
    return document(call("azure", "schedules", "--sdk", target, "--json"))


@pytest.mark.long
@BOTH
def test_schedules_are_listed_and_removed(target: str, call: Call, service: Service) -> None:
    assert schedules(call, target) == []
    schedule(call, target, "nightly", "--every", "2 days")
    schedule(call, target, "mornings", "--cron", "30 6,18 * * 1-2")
    first, second = schedules(call, target)
    assert (first["name"], second["name"]) == ("mornings", "nightly")
    assert first["when"] == (
        "every week on Monday, Tuesday at 06:30, 18:30 (UTC)"
        if target == "azureml-v1"
        else "30 6,18 * * 1-2 (UTC)"
    )
    assert second["when"] == "every 2 days"
    assert {first["status"], second["status"]} == {"active"}
    removed = call("azure", "schedules", "remove", "nightly", "--sdk", target)
    assert removed.exit_code == 0, removed.output
    assert removed.stdout == "Removed the schedule “nightly”.\n"
    assert [each["name"] for each in schedules(call, target)] == ["mornings"]
    # Azure starts nothing more: it is gone, or disabled where the SDK can't delete it.
    kept = service.kept("schedule").values()
    states = [each.get("EntityStatus") or each["properties"]["isEnabled"] for each in kept]
    assert states == (["Disabled", "Active"] if target == "azureml-v1" else [True])


@pytest.mark.long
@BOTH
def test_a_schedule_is_paused_and_resumed(target: str, call: Call, service: Service) -> None:
    schedule(call, target, "nightly", "--every", "1 day")
    paused = call("azure", "schedules", "pause", "nightly", "--sdk", target)
    assert paused.exit_code == 0, paused.output
    assert paused.stdout == "Paused the schedule “nightly”.\n"
    (found,) = schedules(call, target)
    assert (found["status"], found["next"]) == ("paused", None)
    (kept,) = service.kept("schedule").values()
    state = kept.get("EntityStatus") or kept["properties"]["isEnabled"]
    assert state in ("Disabled", "1", False)
    resumed = document(call("azure", "schedules", "resume", "nightly", "--sdk", target, "--json"))
    assert resumed["status"] == "active"
    # With SDK v1, an interval counts from the first run.
    assert bool(resumed["next"]) == (target == "azureml-v2")
    # One that was removed is paused no more.
    call("azure", "schedules", "remove", "nightly", "--sdk", target)
    assert schedules(call, target) == []
    assert call("azure", "schedules", "resume", "nightly", "--sdk", target).exit_code == 2


@pytest.mark.long
@ONE
def test_a_run_of_a_schedule_is_started_now(target: str, call: Call, service: Service) -> None:
    schedule(call, target, "nightly", "--every", "1 day")
    started = document(call("azure", "schedules", "run-now", "nightly", "--sdk", target, "--json"))
    if target == "azureml-v1":
        assert service.runs.all[started["run"]]
        service.runs.wait(started["run"], 300)
        assert service.runs.executed
    else:
        assert started["run"] == "nightly-1"
        assert list(service.kept("triggered")) == ["nightly"]
    refused = call("azure", "schedules", "run-now", "none", "--sdk", target)
    assert (refused.exit_code, "has no schedule “none”" in refused.stderr) == (2, True)


@pytest.mark.long
@ONE
def test_next_and_last_runs_of_schedules_are_listed(
    target: str, call: Call, service: Service
) -> None:
    schedule(call, target, "nightly", "--cron", "30 6 * * *")
    (found,) = schedules(call, target)
    # Never run; the next time is 6:30 in UTC, of today or tomorrow.
    assert (found["last"], found["last_status"]) == (None, "")
    following = datetime.fromisoformat(found["next"]).astimezone(UTC)
    assert (following.hour, following.minute) == (6, 30)
    assert timedelta() < following - datetime.now(UTC) <= timedelta(days=1, seconds=1)

    made = document(call("submit", "--to", target, "--json"))
    run = made["azure"]["run"]
    service.kept("started by schedule")[found["id"]] = {"run": run}
    (found,) = schedules(call, target)

    began = datetime.fromisoformat(found["last"])
    assert found["last_status"] == "completed"
    assert abs(began - datetime.now(UTC)) < timedelta(hours=1)
    table = call("azure", "schedules", "list", "--sdk", target).stdout
    assert f"{began.astimezone():%Y-%m-%d %H:%M} completed" in table


@pytest.mark.long
def test_a_watched_folder_is_named_in_the_list(call: Call) -> None:
    schedule(call, "azureml-v1", "fresh", "--on-change", "incoming/today")
    (found,) = schedules(call, "azureml-v1")
    assert found["when"] == "when “incoming/today” in “workspaceblobstore” changes"
    table = call("azure", "schedules", "list", "--sdk", "azureml-v1")
    assert "fresh" in table.stdout
    assert found["id"] in table.stdout


@pytest.mark.long
def test_v1_schedules_of_one_name_are_told_apart_by_id(call: Call) -> None:
    for _ in range(2):
        schedule(call, "azureml-v1", "nightly", "--every", "1 day")
    first, second = schedules(call, "azureml-v1")
    refused = call("azure", "schedules", "remove", "nightly", "--sdk", "azureml-v1")
    assert refused.exit_code == 2
    assert "2 schedules are called “nightly”." in refused.stderr
    assert first["id"] in refused.stderr
    call("azure", "schedules", "remove", first["id"], "--sdk", "azureml-v1")
    (left,) = schedules(call, "azureml-v1")
    assert left["id"] == second["id"]


@pytest.mark.long
def test_the_pipeline_of_a_removed_v1_schedule_is_disabled_too(
    call: Call, service: Service
) -> None:
    schedule(call, "azureml-v1", "nightly", "--every", "1 day")
    (pipeline,) = document(call("azure", "endpoints", "--sdk", "azureml-v1", "--json"))
    assert (pipeline["name"], pipeline["kind"]) == ("nightly", "pipeline")
    call("azure", "schedules", "remove", "nightly", "--sdk", "azureml-v1")
    assert document(call("azure", "endpoints", "--sdk", "azureml-v1", "--json")) == []
    assert service.thing("published", pipeline["id"])["EntityStatus"] == "Disabled"


@pytest.mark.long
@ONE
def test_endpoints_are_listed_and_removed(
    target: str, call: Call, service: Service, config: WorkspaceConfig
) -> None:
    for _ in range(2):
        made = document(call("submit", "--to", target, "--publish", "numbers", "--json"))
    (found,) = document(call("azure", "endpoints", "list", "--sdk", target, "--json"))
    assert (found["name"], found["kind"], found["status"]) == ("numbers", "endpoint", "active")
    assert found["url"] == made["url"]
    assert found["version"] == ("1" if target == "azureml-v1" else "v2")
    removed = call("azure", "endpoints", "remove", "numbers", "--sdk", target)
    assert removed.exit_code == 0, removed.output
    assert document(call("azure", "endpoints", "--sdk", target, "--json")) == []
    if target == "azureml-v2":
        assert not service.kept("batch endpoint")
        assert not service.kept("batch deployment")
        return
    # A client that kept its id can't start it any more.
    from azureml.pipeline.core import PipelineEndpoint

    workspace = connect_v1(config, "azure-cli")
    endpoint = PipelineEndpoint.get(workspace, id=found["id"])
    with pytest.raises(Exception, match="its Disabled"):
        endpoint.submit("others")
    assert {each["EntityStatus"] for each in service.kept("published").values()} == {"Disabled"}


@ONE
@pytest.mark.parametrize(("what", "one"), [("schedules", "schedule"), ("endpoints", "endpoint")])
def test_what_is_not_there_is_named(target: str, what: str, one: str, call: Call) -> None:
    refused = call("azure", what, "remove", "nightly", "--sdk", target)
    assert refused.exit_code == 2
    assert f"The workspace “desk” has no {one} “nightly”." in refused.stderr
    assert "Hint: It has none." in refused.stderr


def test_no_config_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "nothing.json")
    refused = CliRunner().invoke(main, ["azure", "schedules", "list", "--config", path])
    assert refused.exit_code == 2
    assert "can't be read" in refused.stderr
