"""Endpoints and schedules: what arrives at the service, and that an endpoint runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stand_in.service import Service

from designer.azure.workspace import WorkspaceConfig, connect_v1
from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter

BOTH = pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])


@pytest.fixture
def submit(service: Service, tmp_path: Path, signed_in: None) -> Callable[..., Result]:
    """Return a function that calls the command with a small pipeline."""
    pipeline = Pipeline(parameters={"share": PipelineParameter("share", "number", 0.5)})
    pipeline, _ = edits.add_node(
        pipeline,
        "enter_data_manually",
        parameters={"data": "a,b\n1,2\n3,4\n5,6\n7,8\n"},
        node_id="data",
    )
    pipeline, _ = edits.add_node(
        pipeline,
        "split_data",
        parameters={"fraction": {"$parameter": "share"}},
        node_id="split",
    )
    pipeline = edits.connect(pipeline, Endpoint("data", "dataset"), Endpoint("split", "dataset"))
    write(pipeline, tmp_path / "small.pipeline.json")
    (tmp_path / "config.json").write_text(json.dumps(service.config()))

    def call(*arguments: str) -> Result:
        common = ["--sign-in", "azure-cli", "--compute", "cpu-cluster", "--json"]
        workspace = ["--workspace", str(tmp_path / "workspace")]
        file = str(tmp_path / "small.pipeline.json")
        return CliRunner().invoke(main, ["submit", file, *common, *workspace, *arguments])

    return call


def document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.long
def test_an_endpoint_of_v1_runs_its_newest_pipeline(
    submit: Callable[..., Result], service: Service, config: WorkspaceConfig
) -> None:
    from azureml.pipeline.core import PipelineEndpoint

    first = document(submit("--to", "azureml-v1", "--publish", "numbers"))
    again = document(submit("--to", "azureml-v1", "--publish", "numbers"))
    assert first["name"] == again["name"] == "numbers"
    assert first["url"] == again["url"]
    assert [first["version"], again["version"]] == ["0", "1"]
    assert not service.runs.all
    # Somebody else runs it, with a value of their own.
    workspace = connect_v1(config, "azure-cli")
    run = PipelineEndpoint.get(workspace, name="numbers").submit(
        "others", pipeline_parameters={"share": 0.25}
    )
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert any("0.25" in word for word in service.runs.executed[-1])


@pytest.mark.long
def test_an_endpoint_of_v2_is_a_batch_endpoint_with_versions(
    submit: Callable[..., Result], service: Service
) -> None:
    first = document(submit("--to", "azureml-v2", "--publish", "numbers"))
    again = document(submit("--to", "azureml-v2", "--publish", "numbers"))
    assert [first["pipeline"], again["pipeline"]] == ["v1", "v2"]
    endpoint = service.thing("batch endpoint", "numbers")
    assert endpoint["properties"]["defaults"] == {"deploymentName": "v2"}
    assert again["url"] == endpoint["properties"]["scoringUri"]
    deployment = service.thing("batch deployment", "numbers/v2")["properties"]
    configuration = deployment["deploymentConfiguration"]
    assert configuration["deploymentConfigurationType"] == "PipelineComponent"
    asset = configuration["componentId"]["assetId"].split("/components/")[1]
    component = service.thing("components", asset.replace("/versions/", "/"))
    specification = component["properties"]["componentSpec"]
    assert set(specification["jobs"]) == {"data", "split"}
    assert float(specification["inputs"]["share"]["default"]) == 0.5
    assert not service.runs.all


@pytest.mark.long
@BOTH
def test_a_schedule_by_time(target: str, submit: Callable[..., Result], service: Service) -> None:
    made = document(submit("--to", target, "--schedule", "nightly", "--every", "2 days"))
    assert made["name"] == "nightly"
    assert made["status"] == "Active"
    (kept,) = service.kept("schedule").values()
    if target == "azureml-v1":
        assert kept["Recurrence"] == {"Frequency": "Day", "Interval": 2}
        assert kept["PipelineId"] in service.kept("published")
    else:
        trigger = kept["properties"]["trigger"]
        assert (trigger["frequency"].lower(), trigger["interval"]) == ("day", 2)
        jobs = kept["properties"]["action"]["jobDefinition"]["jobs"]
        assert set(jobs) == {"data", "split"}
    assert not service.runs.all


@pytest.mark.long
def test_a_schedule_on_changed_data(submit: Callable[..., Result], service: Service) -> None:
    made = submit("--to", "azureml-v1", "--schedule", "fresh", "--on-change", "incoming/today")
    assert document(made)["name"] == "fresh"
    (kept,) = service.kept("schedule").values()
    assert kept["DataStoreTriggerInfo"]["DataStoreName"] == "workspaceblobstore"
    assert kept["DataStoreTriggerInfo"]["PathOnDataStore"] == "incoming/today"


def test_v2_has_no_schedule_on_changed_data(
    submit: Callable[..., Result], service: Service
) -> None:
    refused = submit("--to", "azureml-v2", "--schedule", "fresh", "--on-change", "incoming")
    assert refused.exit_code == 2
    assert "SDK v2 has no schedule that starts when data changes." in refused.stderr
    assert "Use SDK v1 (--to azureml-v1), or a schedule by time" in refused.stderr
    # It is said before anybody is asked to sign in.
    assert not service.door.requests


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
def test_a_schedule_at_set_times(
    target: str, submit: Callable[..., Result], service: Service
) -> None:
    made = submit("--to", target, "--schedule", "mornings", "--cron", "30 6,18 * * 1-5")
    assert document(made)["status"] == "Active"
    (kept,) = service.kept("schedule").values()
    if target == "azureml-v1":
        days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        assert kept["Recurrence"]["Frequency"] == "Week"
        assert kept["Recurrence"]["Schedule"] == {
            "Hours": [6, 18], "Minutes": [30], "WeekDays": days,
        }  # fmt: skip
    else:
        trigger = kept["properties"]["trigger"]
        assert (trigger["triggerType"], trigger["expression"]) == ("Cron", "30 6,18 * * 1-5")


def test_v1_has_no_schedule_on_days_of_the_month(
    submit: Callable[..., Result], service: Service
) -> None:
    refused = submit("--to", "azureml-v1", "--schedule", "first", "--cron", "0 6 1 * *")
    assert refused.exit_code == 2
    assert "SDK v1 has no schedule for “0 6 1 * *”" in refused.stderr
    assert "--to azureml-v2" in refused.stderr
    assert not service.door.requests


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--schedule", "x"), "Use --every, --cron, or --on-change."),
        (
            ("--schedule", "x", "--every", "1 day", "--cron", "0 6 * * *"),
            "needs an interval, fixed times, or a folder",
        ),
        (("--schedule", "x", "--cron", "0 6 * *"), "isn't a cron expression"),
        (("--cron", "0 6 * * *"), "need --schedule"),
        (("--schedule", "x", "--on-change", "../out"), "isn't a folder of the default datastore"),
        (("--every", "1 day"), "need --schedule"),
        (("--schedule", "x", "--every", "often"), "a number and a unit"),
        (("--schedule", "x", "--every", "0 days"), "a number and a unit"),
        (("--schedule", "x", "--every", "1 day", "--publish", "y"), "can't be used together"),
    ],
)
def test_options_that_make_no_sense(
    arguments: tuple[str, ...],
    message: str,
    submit: Callable[..., Result],
    service: Service,
) -> None:
    result = submit(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not service.door.requests
