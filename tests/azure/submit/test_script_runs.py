from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from stand_in.service import Service

from designer.azure.errors import AzureError
from designer.azure.runs import submission
from designer.azure.runs.submission import SubmissionTarget
from designer.azure.scripts import script_run
from designer.azure.scripts.script import Script, script_of_file, script_of_module
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog
from modules.values import storage

BOTH = pytest.mark.parametrize("target", submission.TARGETS)
# What takes the same way with both is tried with one SDK by make test.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)

TRAIN = """\
import json, os, sys
from helper import answer
os.makedirs("outputs/model", exist_ok=True)
with open("outputs/model/model.json", "w") as file:
    json.dump({"answer": answer, "words": sys.argv[1:]}, file)
print("trained")
"""


@pytest.fixture
def script(tmp_path: Path) -> Script:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "helper.py").write_text("answer = 42\n")
    (folder / "train.py").write_text(TRAIN)
    (folder / "conda.yml").write_text("name: mine\ndependencies:\n  - python=3.11\n")
    return script_of_file(folder / "train.py", ["--rate", "0.1", "two words"])


@BOTH
@pytest.mark.usefixtures("signed_in")
def test_a_training_script_runs_and_its_model_is_saved(
    target: str,
    script: Script,
    config: WorkspaceConfig,
    service: Service,
    tmp_path: Path,
) -> None:
    destination = SubmissionTarget(target, config, "training", "cpu-cluster", "azure-cli")
    connection = submission.connect(destination)
    lines: list[str] = []
    remote = script_run.submit(script, destination, connection=connection)
    state = script_run.wait(remote, poll=0.05, on_line=lines.append, timeout=300)
    assert state.status == "completed"
    assert "trained" in lines
    remote.fetch(tmp_path / "fetched")
    model = (tmp_path / "fetched" / "model" / "model.json").read_text()
    assert model == '{"answer": 42, "words": ["--rate", "0.1", "two words"]}'
    assert remote.register_model("answers", "model") == "answers:1"
    assert remote.register_model("answers", "model") == "answers:2"
    assert "python=3.11" in script.conda


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_module_runs_as_a_job(
    target: str, config: WorkspaceConfig, catalog: Catalog, tmp_path: Path
) -> None:
    spec = catalog["enter_data_manually"]
    job = script_of_module(spec, {"data": "a,b\n1,2\n3,4\n"}, {}, tmp_path / "data")
    destination = SubmissionTarget(target, config, "", "cpu-cluster", "azure-cli")
    connection = submission.connect(destination)
    remote = script_run.submit(job, destination, connection=connection, name="data")
    assert script_run.wait(remote, poll=0.05, timeout=300).status == "completed"
    remote.fetch(tmp_path / "one")
    # What one job has made is what the next one reads.
    spec = catalog["split_data"]
    stored = {"dataset": tmp_path / "one" / "dataset"}
    job = script_of_module(spec, {"fraction": 0.5}, stored, tmp_path / "split")
    remote = script_run.submit(job, destination, connection=connection, name="split")
    assert script_run.wait(remote, poll=0.05, timeout=300).status == "completed"
    remote.fetch(tmp_path / "two")
    assert storage.load(tmp_path / "two" / "results_dataset1").frame.shape == (1, 2)


@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_script_can_be_cancelled(
    target: str, config: WorkspaceConfig, tmp_path: Path, service: Service
) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "train.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(3600)\n")
    job = script_of_file(folder / "train.py")
    destination = SubmissionTarget(target, config, "", "cpu-cluster", "azure-cli")
    remote = script_run.submit(job, destination)
    cancel = threading.Event()
    state = script_run.wait(
        remote, poll=0.05, on_line=lambda line: cancel.set(), cancel=cancel, timeout=300
    )
    assert state.status == "cancelled"
    assert service.runs.all[remote.id].status == "Canceled"


@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_script_for_an_unknown_compute_is_not_sent(
    target: str, script: Script, config: WorkspaceConfig, service: Service
) -> None:
    destination = SubmissionTarget(target, config, "", "no-cluster", "azure-cli")
    with pytest.raises(AzureError, match="no compute target “no-cluster”"):
        script_run.submit(script, destination)
    with pytest.raises(AzureError, match="No compute target is selected"):
        script_run.submit(script, replace(destination, compute=None))
    assert not service.runs.all
    assert {each.method for each in service.door.requests} == {"GET"}


def test_a_script_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(AzureError, match="There is no script"):
        script_of_file(tmp_path / "train.py")
