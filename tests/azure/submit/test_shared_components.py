"""Shared modules with SDK v2: each is registered once as a pipeline component, and runs as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shared_files import PIPELINE, write_files
from stand_in.service import Service

from designer import paths
from designer.azure.compile.compiling import compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.publish.publishing import publish
from designer.azure.publish.schedule import Schedule
from designer.azure.runs import submission
from designer.azure.runs.submission import RemoteRunHandle, SubmissionTarget
from designer.azure.workspace import WorkspaceConfig, connect_v2
from designer.catalog import Catalog
from designer.engine import Engine, events
from designer.pipeline.file import read
from designer.workspace import Workspace

Start = Callable[..., RemoteRunHandle]


@pytest.fixture
def start(catalog: Catalog, workspace: Workspace, config: WorkspaceConfig) -> Start:
    def go(file: Path, **options: Any) -> RemoteRunHandle:
        return submission.start(
            read(file),
            catalog,
            base=file.parent,
            workspace=workspace,
            destination=SubmissionTarget("azureml-v2", config, "tests", "cpu-cluster", "azure-cli"),
            poll=0.05,
            **options,
        )

    return go


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_a_module_that_is_used_twice_is_one_component_and_gives_what_it_gives_here(
    start: Start, service: Service, catalog: Catalog, tmp_path: Path
) -> None:
    file = write_files(tmp_path / "files")
    seen: list[events.Event] = []
    handle = start(file, on_event=seen.append)
    result = handle.wait(300)
    assert result is not None
    assert result.status == "completed", result.error
    specs = {
        key.partition("/")[0]: each["properties"]["componentSpec"]
        for key, each in service.kept("components").items()
    }
    assert len(service.kept("components")) == len(specs)
    assert {name: spec["type"] for name, spec in specs.items()} == {
        "enter_data_manually": "command",
        "select_columns_in_dataset": "command",
        "split_data": "command",
        "add_rows": "command",
        "take_a_part": "pipeline",
        "prepare": "pipeline",
    }
    assert float(specs["take_a_part"]["inputs"]["share"]["default"]) == 0.5
    assert set(specs["prepare"]["outputs"]) == {"prepared"}
    # In the studio the pipeline has one card for each, which opens.
    names = {run.name: run for run in service.runs.children(handle.remote_id)}
    assert set(names) == {"data", "one", "two", "both"}
    assert [run.name for run in service.runs.children(names["two"].id)] == ["columns", "part"]
    # What came of the steps in them is found, and equals a run of this computer.
    with Engine(Workspace(tmp_path / "here"), catalog, workers=1) as engine:
        local = engine.run(read(file), base=file.parent)
    assert set(result.nodes) == set(local.nodes) >= {"one/part/split", "two/columns"}
    for node, there in result.nodes.items():
        assert there.status == "reused" or there.log is not None
        for port, output in local.nodes[node].outputs.items():
            table = (output.path / "data.arrow").read_bytes()
            assert (there.outputs[port].path / "data.arrow").read_bytes() == table
    assert result.nodes["one/part/split"].outputs["results_dataset1"].rows == 2
    assert result.nodes["two/part/split"].outputs["results_dataset1"].rows == 3
    kinds = [type(each) for each in seen if each.node == "two/part/split"]
    assert [kind for kind in kinds if kind is not events.LogLine] == [
        events.Queued,
        events.Running,
        events.Completed,
    ]


# Components of modules, registered once, are tried by make test: test_reusable_components.py.
@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_what_is_known_is_neither_registered_nor_computed_again(
    start: Start, service: Service, tmp_path: Path
) -> None:
    file = write_files(tmp_path / "files")
    assert start(file).wait(300) is not None
    known = set(service.kept("components"))
    changed = PIPELINE["groups"] | {"two": {"module": "prepare", "parameters": {"share": 0.25}}}
    other = write_files(tmp_path / "other", PIPELINE | {"groups": changed})
    again = start(other).wait(300)
    assert again is not None
    assert again.status == "completed", again.error
    assert set(service.kept("components")) == known
    assert again.nodes["one/part/split"].status == "reused"
    assert again.nodes["two/columns"].status == "reused"
    assert again.nodes["two/part/split"].outputs["results_dataset1"].rows == 1


# A step that fails and one that is skipped are tried by make test: test_submission.py.
@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_a_step_that_fails_in_a_module_is_told_and_what_needs_it_is_skipped(
    start: Start, tmp_path: Path
) -> None:
    wrong = {"rules": [{"include": "names", "values": ["nothing"]}]}
    groups = PIPELINE["groups"] | {"two": {"module": "prepare", "parameters": {"columns": wrong}}}
    file = write_files(tmp_path / "files", PIPELINE | {"groups": groups})
    result = start(file).wait(300)
    assert result is not None
    assert result.status == "failed"
    error = result.nodes["two/columns"].error
    assert error is not None
    assert "nothing" in error["message"]
    assert result.nodes["one/part/split"].status == "completed"
    assert result.nodes["two/part/split"].status == result.nodes["both"].status == "skipped"


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_a_batch_endpoint_and_a_schedule_have_the_cards(
    service: Service,
    catalog: Catalog,
    workspace: Workspace,
    config: WorkspaceConfig,
    tmp_path: Path,
) -> None:
    file = write_files(tmp_path / "files")
    for when in (None, Schedule(frequency="day", interval=1)):
        publish(
            read(file),
            catalog,
            base=file.parent,
            workspace=workspace,
            destination=SubmissionTarget("azureml-v2", config, "t", "cpu-cluster", "azure-cli"),
            endpoint="cards",
            when=when,
        )
    published = service.thing("components", "cards/1")["properties"]["componentSpec"]["jobs"]
    scheduled = service.thing("schedule", "cards")["properties"]["action"]["jobDefinition"]["jobs"]
    for jobs in (published, scheduled):
        assert set(jobs) == {"data", "one", "two", "both"}
        assert jobs["one"]["componentId"] == jobs["two"]["componentId"]
        assert "/components/prepare/" in jobs["one"]["componentId"]


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_compiled_files_that_somebody_else_sends_run(
    service: Service, catalog: Catalog, config: WorkspaceConfig, tmp_path: Path
) -> None:
    """As ``az ml job create --file pipeline.yml`` does: nothing has been registered."""
    from azure.ai.ml import load_job

    file = paths.samples() / "training_size.pipeline.json"
    description = describe(read(file), catalog, base=file.parent, name="size")
    compile_pipeline(description, "azureml-v2", tmp_path / "out")
    _, client = connect_v2(config, "azure-cli")
    job = client.jobs.create_or_update(load_job(tmp_path / "out" / "pipeline.yml"))
    service.runs.wait(job.name, 300)
    assert service.runs.all[job.name].status == "Completed"
    assert len(service.runs.executed) == len(description.steps)
