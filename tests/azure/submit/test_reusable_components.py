"""What SDK v2 registers: a component for each module, which somebody else can use in the studio."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_in.service import Service

from designer.azure.runs import submission
from designer.azure.runs.submission import RemoteRunHandle, SubmissionTarget
from designer.azure.workspace import WorkspaceConfig, connect_v2
from designer.catalog import Catalog
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.workspace import Workspace

Start = Callable[..., RemoteRunHandle]


def pipeline_of(fraction: Any = 0.25) -> Pipeline:
    """Two splits of one table: one with a number, one with a pipeline parameter."""
    pipeline = Pipeline(parameters={"share": PipelineParameter("share", "number", 0.5)})
    for name, module, parameters in (
        ("data", "enter_data_manually", {"data": "a,b\n1,2\n3,4\n5,6\n7,8\n"}),
        ("one", "split_data", {"fraction": fraction}),
        ("two", "split_data", {"fraction": {"$parameter": "share"}}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters, node_id=name)
    for name in ("one", "two"):
        pipeline = edits.connect(pipeline, Endpoint("data", "dataset"), Endpoint(name, "dataset"))
    return pipeline


@pytest.fixture
def start(catalog: Catalog, workspace: Workspace, config: WorkspaceConfig, tmp_path: Path) -> Start:
    def go(pipeline: Pipeline, **options: Any) -> RemoteRunHandle:
        return submission.start(
            pipeline,
            catalog,
            base=tmp_path,
            workspace=workspace,
            destination=SubmissionTarget("azureml-v2", config, "tests", "cpu-cluster", "azure-cli"),
            poll=0.05,
            **options,
        )

    return go


@pytest.mark.usefixtures("signed_in")
def test_one_component_for_each_module_and_one_environment(start: Start, service: Service) -> None:
    result = start(pipeline_of()).wait(300)
    assert result is not None
    assert result.status == "completed"
    rows = {name: result.nodes[name].outputs["results_dataset1"].rows for name in ("one", "two")}
    assert rows == {"one": 1, "two": 2}
    components = service.kept("components")
    names = [key.partition("/")[0] for key in components]
    assert sorted(names) == ["enter_data_manually", "split_data"]
    environments = set(service.kept("environments"))
    assert {key.partition("/")[0] for key in environments} == {"modeldesk"}
    assert len(environments) == 1
    # A second pipeline registers nothing that is there; what differs are the job's inputs.
    before = registrations(service)
    again = start(pipeline_of(0.75)).wait(300)
    assert again is not None
    assert again.nodes["one"].outputs["results_dataset1"].rows == 3
    assert registrations(service) == before


def registrations(service: Service) -> list[str]:
    """Return what was sent to register code, components, and environments."""
    kinds = ("/codes/", "/components/", "/environments/")
    return [
        each.path
        for each in service.door.requests
        if each.method in ("PUT", "POST") and any(kind in each.path for kind in kinds)
    ]


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_a_person_uses_a_component_with_the_newer_sdk(
    start: Start, service: Service, config: WorkspaceConfig
) -> None:
    """As from the studio: the inputs have the names, types, limits, and defaults of the module."""
    from azure.ai.ml import dsl

    first = start(pipeline_of())
    assert first.wait(300) is not None
    _, client = connect_v2(config, "azure-cli")
    versions = {key.partition("/")[0]: key.partition("/")[2] for key in service.kept("components")}
    split = client.components.get("split_data", versions["split_data"])
    fraction = split.inputs["fraction"]
    assert (fraction.type, float(fraction.min), float(fraction.max)) == ("number", 0.0, 1.0)
    assert float(fraction.default) == 0.5
    assert "rows" in split.inputs["mode"].enum
    data = client.components.get("enter_data_manually", versions["enter_data_manually"])

    @dsl.pipeline(name="mine", default_compute="cpu-cluster")  # type: ignore[call-overload]
    def mine() -> dict[str, Any]:
        # Default rows, and a fraction of one's own.
        table = data(data="x,y 1,2")
        parts = split(dataset=table.outputs.dataset, fraction=0.9)
        return {"first": parts.outputs.results_dataset1}

    job = client.jobs.create_or_update(mine(), experiment_name="by hand")
    service.runs.wait(job.name, 300)
    run = service.runs.all[job.name]
    log = "\n".join(
        service.runs.log(each.id).read_text("utf-8") for each in service.runs.children(job.name)
    )
    assert run.status == "Completed", log
    assert any("fraction=0.9" in " ".join(words) for words in service.runs.executed)


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_the_outputs_that_no_step_reads_are_outputs_of_the_pipeline(
    start: Start, service: Service
) -> None:
    handle = start(pipeline_of())
    assert handle.wait(300) is not None
    job = service.thing("job", handle.remote_id)
    assert set(job["outputs"]) == {
        f"{step}_results_dataset{number}" for step in ("one", "two") for number in (1, 2)
    }
    text = json.dumps(job["jobs"]["one"]["outputs"])
    assert "${{parent.outputs.one_results_dataset1}}" in text
