from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in.service import Service

STEP = """\
import pathlib, sys
print("called with", len(sys.argv) - 1, "arguments")
folder = pathlib.Path(sys.argv[2])
if sys.argv[1] == "--out":
    folder.mkdir(parents=True)
    (folder / "ratio.txt").write_text(sys.argv[4])
else:
    print("the ratio is", (folder / "ratio.txt").read_text())
    sys.exit(int(sys.argv[4]))
"""

# What a person would write: public names only, but for the class that only a package of
# half a gigabyte makes public, and not a word about proxies or certificates.
USER = """\
import ipaddress, json, os, sys

peers = set()
def watch(event, arguments):
    if event == "socket.connect":
        peers.add(arguments[1][0])
        assert ipaddress.ip_address(arguments[1][0]).is_loopback
sys.addaudithook(watch)

from azureml.core import Experiment, Workspace
from azureml.core.authentication import TokenAuthentication
from azureml.core.runconfig import RunConfiguration
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.core._python_script_step_base import (
    _PythonScriptStepBase as PythonScriptStep,
)

token = os.environ["TOKEN"]
workspace = Workspace.from_config(
    "config.json", auth=TokenAuthentication(lambda audience: token, cloud="AzureCloud")
)
store = workspace.get_default_datastore()
ratio = PipelineParameter("ratio", default_value=0.8)
code = PipelineParameter("code", default_value=0)
numbers = PipelineData("numbers", datastore=store)
common = dict(script_name="step.py", source_directory="code", runconfig=RunConfiguration(),
              compute_target="cpu-cluster", allow_reuse=False)
first = PythonScriptStep(name="first", arguments=["--out", numbers, "--ratio", ratio],
                         outputs=[numbers], **common)
second = PythonScriptStep(name="second", arguments=["--in", numbers, "--exit", code],
                          inputs=[numbers], **common)
pipeline = Pipeline(workspace, [first, second])
assert pipeline.validate() == []
run = Experiment(workspace, "two-steps").submit(pipeline, pipeline_parameters=PARAMETERS)
status = run.wait_for_completion(show_output=False, raise_on_error=False)
steps = {step.name: step for step in run.get_steps()}
steps["first"].get_output_data("numbers").download("down")
logs = {name: step.get_details_with_logs()["logFiles"] for name, step in steps.items()}
print("RESULT", json.dumps({
    "status": status,
    "computes": sorted(workspace.compute_targets),
    "steps": {name: step.get_status() for name, step in steps.items()},
    "logs": {name: log["user_logs/std_log.txt"] for name, log in logs.items()},
    "peers": sorted(peers),
}))
"""


def run_user_code(service: Service, folder: Path, parameters: dict[str, object]) -> dict:
    (folder / "home").mkdir()
    (folder / "code").mkdir()
    (folder / "code" / "step.py").write_text(STEP)
    (folder / "config.json").write_text(json.dumps(service.config()))
    (folder / "user.py").write_text(USER.replace("PARAMETERS", repr(parameters)))
    kept = {"PATH": os.environ["PATH"]}
    environment = kept | service.environment(folder / "home") | {"TOKEN": service.new_token()}
    done = subprocess.run(
        [sys.executable, "user.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))


def test_unmodified_calls_of_the_sdk_run_a_pipeline(service: Service, tmp_path: Path) -> None:
    result = run_user_code(service, tmp_path, {"ratio": 0.7})
    assert result["status"] == "Finished"
    assert result["steps"] == {"first": "Finished", "second": "Finished"}
    assert result["computes"] == ["cpu-cluster", "other-cluster"]
    # The value of the run, not the default, arrived in both steps, and came back.
    assert "the ratio is 0.7" in result["logs"]["second"]
    (down,) = (tmp_path / "down").rglob("ratio.txt")
    assert down.read_text() == "0.7"
    assert result["peers"] == ["127.0.0.1"]
    # The two steps really were processes, in the order of the graph.
    assert [words[2] for words in service.runs.executed] == ["--out", "--in"]


@pytest.mark.long
def test_a_step_that_fails_fails_the_pipeline(service: Service, tmp_path: Path) -> None:
    result = run_user_code(service, tmp_path, {"code": 3})
    assert result["status"] == "Failed"
    assert result["steps"] == {"first": "Finished", "second": "Failed"}
    assert "the ratio is 0.8" in result["logs"]["second"]


@pytest.mark.usefixtures("peers")
def test_an_old_token_is_refused(service: Service) -> None:
    import requests
    from stand_in.names import API, SCOPE

    url = f"{API}/rp/workspaces{SCOPE}/computes"
    headers = {"Authorization": f"Bearer {service.new_token(seconds=-1)}"}
    assert requests.get(url, headers=headers, timeout=60).status_code == 401
    headers = {"Authorization": f"Bearer {service.new_token()}"}
    assert requests.get(url, headers=headers, timeout=60).status_code == 200


def test_nothing_gets_past_the_service(peers: list[str]) -> None:
    with (
        socket.socket() as connection,
        pytest.raises(OSError, match=r"socket\.connect 192\.0\.2\.1"),
    ):
        connection.connect(("192.0.2.1", 443))
    with pytest.raises(OSError, match=r"socket\.getaddrinfo management\.azure\.com"):
        socket.getaddrinfo("management.azure.com", 443)
    assert peers == ["192.0.2.1", "management.azure.com"]
    peers.clear()
