"""Every sample is submitted with both SDKs, runs, and gives what it gives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from stand_in.service import Service

from designer.azure.runs import submission
from designer.azure.runs.submission import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog
from designer.engine import Engine, RunResult, events
from designer.engine.results import Output
from designer.pipeline.file import read
from designer.workspace import Workspace

SAMPLES = sorted((Path(__file__).parents[3] / "samples").glob("*.pipeline.json"))
EACH_SAMPLE = [pytest.param(path, id=path.name.partition(".")[0]) for path in SAMPLES]


@pytest.fixture(scope="module")
def here(
    catalog: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], RunResult]]:
    """Return a function that runs a sample on this computer, once."""
    workspace = Workspace(tmp_path_factory.mktemp("here"))
    with pytest.MonkeyPatch.context() as patch, Engine(workspace, catalog) as engine:
        # The last digits of a sum depend on the threads; a step of the stand-in has one.
        patch.setattr("designer.engine.plan.core_count", lambda: 1)
        yield cache(lambda path: engine.run(read(path), base=path.parent))


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("target", submission.TARGETS)
@pytest.mark.parametrize("path", EACH_SAMPLE)
def test_a_sample_gives_the_same_on_azure(
    path: Path,
    target: str,
    here: Callable[[Path], RunResult],
    service: Service,
    config: WorkspaceConfig,
    catalog: Catalog,
    workspace: Workspace,
) -> None:
    pipeline = read(path)
    seen: list[events.Event] = []
    handle = submission.start(
        pipeline,
        catalog,
        base=path.parent,
        workspace=workspace,
        destination=SubmissionTarget(target, config, "samples", "cpu-cluster", "azure-cli"),
        source=path,
        on_event=seen.append,
        poll=0.25,
    )
    result = handle.wait(300)
    local = here(path)
    assert result is not None
    assert result.status == local.status == "completed"
    assert result.metrics == local.metrics
    if any(node.module == "evaluate_model" for node in pipeline.nodes.values()):
        assert result.metrics
    for node, there in result.nodes.items():
        assert there.status == "completed"
        # The tables that were brought back are those of the local run, byte for byte.
        assert tables(there.outputs) == tables(local.nodes[node].outputs)
        assert set(there.outputs) == set(local.nodes[node].outputs)
    # It is in the history like any run of this computer.
    assert workspace.latest_run(path) == handle.id
    assert workspace.run_record(handle.id).items() >= result.to_json().items()
    # Each step was told of in order, on one thread.
    assert isinstance(seen[0], events.RunStarted)
    assert isinstance(seen[-1], events.RunFinished)
    for node in result.nodes:
        kinds = [type(each) for each in seen if each.node == node]
        kinds = [kind for kind in kinds if kind is not events.LogLine]
        assert kinds == [events.Queued, events.Running, events.Completed]
    assert len(service.runs.executed) == len(result.nodes)


def tables(outputs: Mapping[str, Output]) -> dict[str, bytes]:
    return {
        port: (output.path / "data.arrow").read_bytes()
        for port, output in outputs.items()
        if output.type == "DataTable"
    }
