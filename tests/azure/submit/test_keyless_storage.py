"""A workspace whose storage has no keys: SDK v1 can't use it, SDK v2 can."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stand_in.service import Service

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline


def call(folder: Path, service: Service, *options: str) -> Result:
    pipeline, _ = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a,b\n1,2\n"}, node_id="data"
    )
    write(pipeline, folder / "small.pipeline.json")
    (folder / "config.json").write_text(json.dumps(service.config()))
    words = ["submit", str(folder / "small.pipeline.json"), "--compute", "cpu-cluster"]
    words += ["--sign-in", "azure-cli", "--workspace", str(folder / "workspace")]
    return CliRunner().invoke(main, [*words, "--poll", "0.05", *options])


@pytest.mark.parametrize("how", ["absent", pytest.param("denied", marks=pytest.mark.long)])
@pytest.mark.parametrize("what", [(), ("--publish", "numbers")])
@pytest.mark.usefixtures("signed_in")
def test_v1_says_it_before_anything_is_sent_and_names_v2(
    how: str, what: tuple[str, ...], service: Service, tmp_path: Path
) -> None:
    service.keyless = how
    refused = call(tmp_path, service, "--to", "azureml-v1", *what)
    assert refused.exit_code == 2
    assert "The datastore “workspaceblobstore” of the workspace “desk” has no storage key" in (
        refused.stderr
    )
    assert "Hint: Use SDK v2 (--to azureml-v2)" in refused.stderr
    assert {each.method for each in service.door.requests} == {"GET"}
    assert not list((tmp_path / "workspace").glob("runs/*"))


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_v2_runs_without_keys(service: Service, tmp_path: Path) -> None:
    service.keyless = "absent"
    result = call(tmp_path, service, "--to", "azureml-v2", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["nodes"]["data"]["outputs"]["dataset"]["rows"] == 1


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
@pytest.mark.usefixtures("signed_in")
def test_a_pipeline_that_fails_as_a_whole_shows_why(
    target: str, service: Service, tmp_path: Path
) -> None:
    service.pipeline_error = "The cluster has no quota left."
    result = call(tmp_path, service, "--to", target)
    assert result.exit_code == 1, result.output
    assert "Error: The cluster has no quota left." in result.stderr


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_no_wait_asks_nothing_about_the_run(service: Service, tmp_path: Path) -> None:
    service.runs.hold.clear()
    result = call(tmp_path, service, "--to", "azureml-v2", "--no-wait", "--json")
    service.runs.hold.set()
    assert result.exit_code == 0, result.output
    run = json.loads(result.stdout)["azure"]["run"]
    paths = [each.path for each in service.door.requests]
    sent = max(index for index, path in enumerate(paths) if path.endswith(f"/jobs/{run}"))
    # What submits is the last request.
    assert paths[sent + 1 :] == []
    assert service.door.requests[sent].method == "PUT"
