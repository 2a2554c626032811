"""A run outlives the program that has sent it, and any other program brings it back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stand_in.service import Service

from designer.app.runs import jobs
from designer.app.runs.remote_run import RemoteRun
from designer.azure.errors import AzureError
from designer.azure.runs import remote_record, submission
from designer.azure.runs.submission import RemoteRunHandle, SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog
from designer.cli.main import main
from designer.engine import Engine, events
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

BOTH = pytest.mark.parametrize("target", submission.TARGETS)
# What takes the same way with both is tried with one SDK by make test.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)
TABLE = "x,y\n" + "\n".join(f"{n},{2 * n + n % 3}" for n in range(20))


def trains_and_evaluates() -> Pipeline:
    made: Pipeline = Pipeline()
    for name, module, parameters in (
        ("data", "enter_data_manually", {"data": TABLE}),
        ("line", "linear_regression", {}),
        ("train", "train_model", {"label_column": "y"}),
        ("score", "score_model", {}),
        ("evaluate", "evaluate_model", {}),
    ):
        made, _ = edits.add_node(made, module, parameters=parameters, node_id=name)
    for source, target in (
        ("line.untrained_model", "train.untrained_model"),
        ("data.dataset", "train.dataset"),
        ("train.trained_model", "score.trained_model"),
        ("data.dataset", "score.dataset"),
        ("score.scored_dataset", "evaluate.scored_dataset"),
    ):
        ends = (Endpoint(*text.split(".")) for text in (source, target))
        made = edits.connect(made, *ends)
    return made


@pytest.fixture
def file(tmp_path: Path, service: Service) -> Path:
    """Return a pipeline that trains and evaluates, beside the config of the workspace."""
    path = tmp_path / "line.pipeline.json"
    write(trains_and_evaluates(), path)
    (tmp_path / "config.json").write_text(json.dumps(service.config()))
    return path


@pytest.fixture
def runs(workspace: Workspace) -> Callable[..., Result]:
    """Return a function that calls ``designer runs``."""

    def call(*arguments: str) -> Result:
        where = ["--workspace", str(workspace.folder)]
        return CliRunner().invoke(main, ["runs", *arguments, *where])

    return call


@contextmanager
def submitted(target: str, file: Path, workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """Give a process that submits a pipeline, once Azure ML has taken it."""
    command = [sys.executable, "-m", "designer.cli.main", "submit", str(file), "--to", target]
    options = ["--compute", "cpu-cluster", "--sign-in", "azure-cli", "--poll", "0.05"]
    where = ["--workspace", str(workspace.folder)]
    process = subprocess.Popen(
        [*command, *options, *where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stderr is not None
    assert process.stdout is not None
    try:
        first = process.stderr.readline()
        assert first.startswith("Submitted: https://"), first + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def sent(
    file: Path, workspace: Workspace, catalog: Catalog, config: WorkspaceConfig
) -> Callable[[str], RemoteRunHandle]:
    """Return a function that submits the pipeline in this process and follows it."""

    def go(target: str) -> RemoteRunHandle:
        return submission.start(
            read(file),
            catalog,
            base=file.parent,
            workspace=workspace,
            destination=SubmissionTarget(target, config, "e", "cpu-cluster", "azure-cli"),
            source=file,
            poll=0.05,
        )

    return go


@pytest.fixture
def left(sent: Callable[[str], RemoteRunHandle], service: Service) -> Callable[[str], str]:
    """Return a function that submits the pipeline and leaves it before any step has begun."""

    def go(target: str) -> str:
        service.runs.hold.clear()
        handle = sent(target)
        handle.leave()
        handle.thread.join(300)
        service.runs.hold.set()
        return handle.id

    return go


@pytest.fixture(scope="module")
def metrics_here(
    catalog: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[str, Any]]:
    """Return the metrics of the pipeline when it runs on this computer."""
    folder = tmp_path_factory.mktemp("here")
    with Engine(Workspace(folder), catalog, workers=1) as engine:
        return engine.run(trains_and_evaluates(), base=folder).metrics


@pytest.mark.long
@pytest.mark.parametrize(
    ("target", "ended"), [("azureml-v1", "it has left it"), ("azureml-v2", "it was killed")]
)
@pytest.mark.usefixtures("signed_in")
def test_a_run_whose_program_is_gone_is_brought_back_by_another(
    target: str,
    ended: str,
    file: Path,
    service: Service,
    workspace: Workspace,
    metrics_here: Mapping[str, Mapping[str, Any]],
    left: Callable[[str], str],
    runs: Callable[..., Result],
) -> None:
    if ended == "it was killed":
        service.runs.hold.clear()
        with submitted(target, file, workspace) as process:
            process.send_signal(signal.SIGKILL)
        service.runs.hold.set()
    else:
        left(target)
    (run,) = remote_record.open_runs(workspace, file)
    assert workspace.runs() == []
    result = runs("follow", run, "--poll", "0.05", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["run"] == run
    # The steps are shown as by the program that is gone, with their logs and results.
    assert result.stderr.count("completed") == 5
    assert document["metrics"] == {"evaluate": dict(metrics_here["evaluate"])}
    assert document["metrics"]["evaluate"]
    model = Path(document["nodes"]["train"]["outputs"]["trained_model"]["path"])
    assert model.is_dir()
    assert model.is_relative_to(workspace.run_folder(run))
    assert document["seconds"] > 0
    # It is the file's latest run, and nothing is left to be followed.
    assert workspace.latest_run(file) == run
    assert workspace.run_record(run)["azure"]["run"] == document["azure"]["run"]
    assert remote_record.open_runs(workspace) == {}
    again = runs("follow", run)
    assert again.exit_code == 2
    assert f"The run “{run}” has ended and is here." in again.stderr


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_an_interrupt_leaves_the_run_and_says_how_to_get_it_back_or_end_it(
    file: Path, service: Service, workspace: Workspace
) -> None:
    service.runs.hold.clear()
    with submitted("azureml-v1", file, workspace) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert out == ""
    (run,) = remote_record.open_runs(workspace)
    assert f"designer runs follow {run}" in err
    assert f"designer runs cancel {run}" in err
    remote = remote_record.open_runs(workspace)[run].remote_id
    assert service.runs.all[remote].status == "Running"


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_run_that_was_left_can_be_ended(
    target: str,
    sent: Callable[[str], RemoteRunHandle],
    service: Service,
    runs: Callable[..., Result],
) -> None:
    service.runs.hold.clear()
    handle = sent(target)
    handle.leave()
    handle.thread.join(300)
    ended = runs("cancel")
    assert ended.exit_code == 0, ended.output
    service.runs.wait(handle.remote_id, 300)
    assert service.runs.all[handle.remote_id].status == "Canceled"
    result = runs("follow", "latest", "--poll", "0.05", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "cancelled"


@pytest.mark.long
@BOTH
@pytest.mark.usefixtures("signed_in")
def test_the_window_brings_a_run_back(
    target: str, left: Callable[[str], str], workspace: Workspace
) -> None:
    run = left(target)
    assert list(remote_record.open_runs(workspace)) == [run]
    seen: list[events.Event] = []
    told: list[str] = []
    arguments = {"workspace": workspace.folder, "run": run, "poll": 0.05}
    followed = RemoteRun(jobs.follow, arguments, seen.append, told.append, again=True)
    result = followed.wait(300)
    assert result is not None
    assert result.status == "completed"
    assert followed.id == result.id == run
    done = {each.node for each in seen if isinstance(each, events.Completed)}
    assert done == {"data", "line", "train", "score", "evaluate"}
    assert result.metrics["evaluate"]


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_run_that_is_gone_at_azure_is_not_offered_again(
    target: str,
    left: Callable[[str], str],
    service: Service,
    workspace: Workspace,
    runs: Callable[..., Result],
) -> None:
    run = left(target)
    record = remote_record.open_runs(workspace)[run]
    service.runs.wait(record.remote_id, 300)
    del service.runs.all[record.remote_id]
    result = runs("follow", run)
    assert result.exit_code == 2
    assert f"Azure ML no longer has the run “{record.remote_id}”." in result.stderr
    assert remote_record.open_runs(workspace) == {}


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_two_programs_do_not_follow_one_run(
    sent: Callable[[str], RemoteRunHandle], service: Service, runs: Callable[..., Result]
) -> None:
    service.runs.hold.clear()
    handle = sent("azureml-v2")
    result = runs("follow", "latest")
    assert result.exit_code == 2
    assert "Another process already follows this run." in result.stderr
    handle.leave()
    handle.thread.join(300)


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_run_that_can_not_be_remembered_is_ended_at_azure(
    target: str,
    file: Path,
    service: Service,
    workspace: Workspace,
    catalog: Catalog,
    config: WorkspaceConfig,
) -> None:
    service.runs.hold.clear()

    class NoRoom:
        """A connection; once Azure ML has the run, its record can't be written here."""

        def __init__(self, under: Any) -> None:
            self._under = under

        def __getattr__(self, name: str) -> Any:
            return getattr(self._under, name)

        def submit(self, *words: Any, **more: Any) -> Any:
            remote = self._under.submit(*words, **more)
            (folder,) = workspace.runs_folder.glob("2*")
            (folder / remote_record.FILE / "in the way").mkdir(parents=True)
            return remote

    where = SubmissionTarget(target, config, "e", "cpu-cluster", "azure-cli")
    with pytest.raises(OSError, match=remote_record.FILE):
        submission.start(
            read(file),
            catalog,
            base=file.parent,
            workspace=workspace,
            destination=where,
            connection=NoRoom(submission.connect(where)),
        )
    (sent,) = [each for each in service.runs.all.values() if each.parent is None]
    service.runs.wait(sent.id, 300)
    assert sent.status == "Canceled"
    assert list(workspace.runs_folder.glob("2*")) == []


def test_without_a_run_it_is_said_so(runs: Callable[..., Result]) -> None:
    for command in ("follow", "cancel"):
        result = runs(command)
        assert result.exit_code == 2
        assert "No run of this workspace is running on Azure ML." in result.stderr


@pytest.fixture
def two(workspace: Workspace) -> list[str]:
    """Return the ids of two runs that were sent, the newest first."""
    where = SubmissionTarget("azureml-v1", WorkspaceConfig("s", "g", "n"), "e", None, "azure-cli")
    made = []
    for number in range(2):
        run, _ = workspace.new_run()
        step = remote_record.RemoteStep("a", "a", (), {"dataset": ("dataset", "DataTable")})
        record = remote_record.RemoteRecord(
            where, f"remote-{number}", "https://x", (step,), {}, 1.5, Path("/x/a.pipeline.json")
        )
        remote_record.write_record(workspace, run, record)
        assert remote_record.open_runs(workspace)[run] == record
        made.append(run)
    return sorted(made, reverse=True)


def test_a_run_is_named_when_there_are_several(
    two: list[str], workspace: Workspace, runs: Callable[..., Result]
) -> None:
    result = runs("follow")
    assert result.exit_code == 2
    assert "2 runs are running on Azure ML." in result.stderr
    assert all(run in result.stderr for run in two)
    result = runs("follow", "nobody")
    assert result.exit_code == 2
    assert "No run “nobody” is running on Azure ML." in result.stderr
    assert remote_record.find_open_run(workspace, "latest")[0] == two[0]
    assert remote_record.find_open_run(workspace, two[1])[0] == two[1]
    assert list(remote_record.open_runs(workspace, Path("/x/a.pipeline.json"))) == two
    assert not remote_record.open_runs(workspace, Path("/x/b.pipeline.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"destination": 3},
        {"destination": {"target": "moon"}},
        {"steps": [{"id": "a"}]},
        {"started": "yesterday"},
        {"source": 3},
    ],
    ids=str,
)
def test_a_damaged_record_hides_no_other_one(
    change: dict[str, object], two: list[str], workspace: Workspace
) -> None:
    place = workspace.run_folder(two[0]) / remote_record.FILE
    place.write_text(json.dumps(json.loads(place.read_text()) | change))
    assert list(remote_record.open_runs(workspace)) == [two[1]]
    place.write_text("{")
    assert list(remote_record.open_runs(workspace)) == [two[1]]


@pytest.mark.usefixtures("signed_in")
def test_nothing_of_a_refused_run_stays(
    file: Path, workspace: Workspace, catalog: Catalog, config: WorkspaceConfig
) -> None:
    with pytest.raises(AzureError, match="no compute target “none”"):
        submission.start(
            read(file),
            catalog,
            base=file.parent,
            workspace=workspace,
            destination=SubmissionTarget("azureml-v2", config, "", "none", "azure-cli"),
        )
    assert list(workspace.runs_folder.iterdir()) == []
