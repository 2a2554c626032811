"""Endpoints in containers, with a stand-in for Docker that really starts the package's server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker_here
import httpx
import pytest
import raw_http
from click.testing import CliRunner, Result
from serving_examples import Trained, azure_request, same_scores

from designer.cli.main import main
from designer.deployment import Endpoints
from designer.deployment.deploying import Packed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-in reads /proc")

Deploy = Callable[..., Result]


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def designer(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a Docker that is installed and runs."""
    place = docker_here.install(tmp_path, monkeypatch)
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    yield place
    for name in Endpoints(tmp_path / "workspace").names():
        designer("endpoints", "delete", name)
    assert not list((place / "containers").glob("*"))


@pytest.fixture
def deploy(packed: Packed) -> Deploy:
    file = packed.package.folder / "pipeline.pipeline.json"
    common = ("--name", "people", "--no-register", "--target", "docker")
    return lambda *words: designer("deploy", file, *common, *words)


def calls(docker: Path) -> list[list[str]]:
    return [json.loads(line) for line in (docker / "calls.jsonl").read_text().splitlines()]


def test_a_container_answers_as_the_training_pipeline_scored(
    deploy: Deploy, docker: Path, trained: Trained
) -> None:
    made = document(deploy("--cores", 0.5, "--memory", 1.5, "--json"))

    headers = {"Authorization": f"Bearer {made['key']}"}
    rows = azure_request(*trained.rows)
    answer = httpx.post(made["url"], json=rows, headers=headers, trust_env=False, timeout=60)
    assert same_scores(answer.json()["Results"]["output1"], trained.expected)
    assert httpx.post(made["url"], json=rows, trust_env=False, timeout=60).status_code == 401
    (run,) = (words for words in calls(docker) if words[0] == "run")
    port = httpx.URL(made["url"]).port
    assert run[run.index("--publish") + 1] == f"127.0.0.1:{port}:5001"
    assert (run[run.index("--cpus") + 1], run[run.index("--memory") + 1]) == ("0.5", "1536m")
    # A list of processes shows arguments to everybody, so the key is in none.
    assert not [words for words in calls(docker) if made["key"] in " ".join(words)]

    (listed,) = document(designer("endpoints", "list", "--json"))
    assert (listed["target"], listed["state"], listed["url"]) == ("docker", "running", made["url"])
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200
    log = designer("endpoints", "logs", "people").stdout
    assert "Ready at" in log
    assert made["key"] not in log


@pytest.mark.long
def test_a_container_is_stopped_started_updated_and_goes_back(deploy: Deploy, docker: Path) -> None:
    first = document(deploy("--json"))
    assert document(designer("endpoints", "stop", "people", "--json"))["state"] == "stopped"
    assert designer("endpoints", "test", "people").exit_code == 1
    assert document(designer("endpoints", "start", "people", "--json"))["state"] == "running"

    second = document(deploy("--json"))
    assert (second["version"], second["url"], second["key"]) == (2, first["url"], first["key"])
    back = document(designer("endpoints", "rollback", "people", "--json"))
    assert (back["state"], back["version"]) == ("running", 1)
    renewed = document(designer("endpoints", "keys", "people", "--renew", "primary", "--json"))
    assert renewed["primary"] != first["key"]

    designer("endpoints", "delete", "people")
    assert not list((docker / "containers").glob("*"))
    assert not list((docker / "images").glob("*"))


@pytest.mark.long
def test_a_build_that_fails_shows_its_log_and_leaves_the_version_before(
    deploy: Deploy, docker: Path
) -> None:
    document(deploy("--json"))
    (docker / "broken").touch()

    failed = deploy()

    assert failed.exit_code == 1
    assert "The image couldn't be built." in failed.stderr
    assert "No matching distribution found for numpy==99" in failed.stderr
    assert document(designer("endpoints", "show", "people", "--json"))["versions"] == [1]
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200


@pytest.mark.long
def test_a_container_that_ends_by_itself_is_removed_and_its_log_shown(
    deploy: Deploy, docker: Path
) -> None:
    # The server refuses a key that is too short for one, as it would in a real container.
    program = Path(os.environ["PATH"].split(os.pathsep)[0]) / "docker"
    text = program.read_text()
    program.write_text(text.replace("exec ", "export MODELDESK_ENDPOINT_KEY=short; exec "))

    failed = deploy()

    assert failed.exit_code == 1
    assert "isn't responding; its state is “exited”" in failed.stderr
    assert "A key must have 8 to 512" in failed.stderr
    assert designer("endpoints", "list").stdout.startswith("There are no endpoints.")
    assert not list((docker / "images").glob("*"))


@pytest.mark.long
def test_a_port_that_docker_refuses_is_said_or_the_next_one_used(
    deploy: Deploy, docker: Path
) -> None:
    (docker / "allocated").touch()
    refused = deploy("--port", raw_http.free_port())
    assert refused.exit_code == 2
    assert "is in use." in refused.stderr
    assert "--port" in refused.stderr
    assert not list((docker / "containers").glob("*"))
    assert not list((docker / "images").glob("*"))

    (docker / "allocated").touch()
    made = document(deploy("--json"))
    *_, first, second = [words for words in calls(docker) if words[0] == "run"]
    ports = [int(run[run.index("--publish") + 1].split(":")[1]) for run in (first, second)]
    assert ports[0] < ports[1] == httpx.URL(made["url"]).port
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200


def test_a_docker_that_does_not_run_or_is_not_installed_is_said(
    deploy: Deploy, docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docker / "down").touch()
    down = deploy()
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    missing = deploy()

    assert (down.exit_code, missing.exit_code) == (2, 2)
    assert "Docker isn't responding: Cannot connect to the Docker daemon" in down.stderr
    assert "Docker isn't installed on this computer." in missing.stderr
    assert "--dry-run -o DIR" in missing.stderr
