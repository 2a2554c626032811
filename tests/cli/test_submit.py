"""The command ``submit`` against the stand-in of Azure ML."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parents[1] / "azure" / "service"))

from stand_in import azure_cli
from stand_in.fixtures import cluster, peers, service
from stand_in.service import Service

from designer.cli.main import main
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

__all__ = ["cluster", "peers", "service"]

# tests/azure/submit tries what an SDK does; this is the same command for both.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)
Submit = Callable[..., Result]


@pytest.fixture
def submit(
    service: Service,
    peers: list[str],
    small: tuple[Pipeline, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Submit:
    """Return a function that calls the command; the person is signed in."""
    monkeypatch.setenv("PATH", azure_cli.install(service, tmp_path / "bin"))
    (tmp_path / "config.json").write_text(json.dumps(service.config()))

    def call(*arguments: str) -> Result:
        command = ["submit", str(small[1]), "--sign-in", "azure-cli", "--poll", "0.05"]
        workspace = ["--workspace", str(tmp_path / "workspace")]
        return CliRunner().invoke(main, [*command, *workspace, *arguments])

    return call


@pytest.mark.long
@ONE
def test_a_pipeline_is_submitted_and_its_results_come_back(
    target: str, submit: Submit, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    result = submit("--to", target, "--compute", "cpu-cluster", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["status"] == "completed"
    split = document["nodes"]["split_data"]
    assert split["outputs"]["results_dataset1"]["rows"] == 1
    assert document["azure"]["url"] in result.stderr
    # Each step was shown on the way, as “run” shows it.
    for node in small[0].nodes:
        assert f"{node}" in result.stderr
    assert result.stderr.count("completed") == len(small[0].nodes)
    workspace = Workspace(tmp_path / "workspace")
    run = workspace.latest_run(small[1])
    assert run == document["run"]
    assert workspace.run_record(run)["azure"]["run"] == document["azure"]["run"]
    # “show” finds it like any other run.
    shown = CliRunner().invoke(
        main,
        [
            "show",
            str(small[1]),
            "split_data.results_dataset1",
            "--json",
            "--workspace",
            str(tmp_path / "workspace"),
        ],
    )
    assert shown.exit_code == 0, shown.output


@pytest.mark.long
@ONE
def test_a_summary_is_printed_for_people(target: str, submit: Submit) -> None:
    result = submit("--to", target, "--compute", "cpu-cluster")
    assert result.exit_code == 0, result.output
    assert "completed in" in result.stdout
    assert "2 completed" in result.stdout
    # Nothing that the SDKs print is in between.
    assert len(result.stdout.splitlines()) == 1
    assert "experimental" not in result.stderr
    assert len(result.stderr.splitlines()) == 5, result.stderr


@pytest.mark.long
@ONE
def test_without_waiting_it_is_said_where_it_runs(
    target: str, submit: Submit, service: Service
) -> None:
    result = submit("--to", target, "--compute", "cpu-cluster", "--no-wait", "--json")
    assert result.exit_code == 0, result.output
    azure = json.loads(result.stdout)["azure"]
    assert azure["url"].startswith("https://")
    service.runs.wait(azure["run"], 300)
    assert service.runs.all[azure["run"]].status == "Completed"


@pytest.mark.long
def test_only_what_a_node_depends_on_is_submitted(submit: Submit, service: Service) -> None:
    result = submit("--compute", "cpu-cluster", "--until", "dataset", "--json")
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["nodes"]) == ["dataset"]
    refused = submit("--compute", "cpu-cluster", "--until", "datset")
    assert refused.exit_code == 2
    assert "There is no node “datset”." in refused.stderr
    assert "Did you mean “dataset”?" in refused.stderr


def test_help_imports_no_sdk() -> None:
    import subprocess

    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom designer.cli.main import main\n"
        "assert CliRunner().invoke(main, ['submit', '--help']).exit_code == 0\n"
        "assert not {'azureml', 'azure', 'pandas', 'requests'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
