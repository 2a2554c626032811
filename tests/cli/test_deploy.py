"""``designer deploy``, ``designer endpoints`` and ``designer score``, as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parents[1] / "deployment"))

from serving_examples import Trained, azure_request, same_scores, train

from designer.cli.main import main
from designer.deployment import Endpoints

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    made = train(tmp_path_factory.mktemp("people"))
    yield made
    endpoints = Endpoints(made.workspace)
    for name in endpoints.names():
        endpoints.delete(name)


@pytest.fixture
def here(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(trained.workspace.folder))
    return trained


def as_json(result: Result, status: int = 0) -> dict[str, object]:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_one_line_deploys_and_the_rest_follows(
    designer: Command, here: Trained, tmp_path: Path
) -> None:
    made = as_json(designer("deploy", here.file, "--name", "people", "--no-register", "--json"))

    assert set(made) == {"name", "url", "key", "version", "pid"}
    assert (made["name"], made["version"]) == ("people", 1)
    headers = {"Authorization": f"Bearer {made['key']}"}
    answer = httpx.post(
        str(made["url"]),
        json=azure_request(*here.rows),
        headers=headers,
        trust_env=False,
        timeout=60,
    )
    assert same_scores(answer.json()["Results"]["output1"], here.expected)

    (listed,) = json.loads(designer("endpoints", "list", "--json").stdout)
    assert (listed["state"], listed["url"], listed["pid"]) == ("running", made["url"], made["pid"])
    assert "running" in designer("endpoints").stdout

    request = tmp_path / "request.json"
    request.write_text(json.dumps(azure_request(here.rows[0])), "utf-8")
    tested = as_json(designer("endpoints", "test", "people", "--data", request, "--json"))
    assert tested["status"] == 200
    assert same_scores(tested["answer"]["Results"]["output1"], here.expected[:1])  # type: ignore[index]
    table = designer("endpoints", "test", "people", "--data", here.data)
    assert table.exit_code == 0
    request.write_text("[]", "utf-8")
    assert designer("endpoints", "test", "people", "--data", request).exit_code == 1

    code = designer("endpoints", "consume", "people", "--language", "python").stdout
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"ENDPOINT_KEY": str(made["key"]), "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Scored Labels" in run.stdout, run.stderr
    assert str(made["key"]) not in code

    assert as_json(designer("endpoints", "show", "people", "--json"))["metrics"]["requests"] >= 4  # type: ignore[index]
    assert "Ready at" in designer("endpoints", "logs", "people").stdout
    assert as_json(designer("endpoints", "restart", "people", "--json"))["state"] == "running"
    assert as_json(designer("endpoints", "stop", "people", "--json"))["state"] == "stopped"
    stopped = designer("endpoints", "test", "people")
    assert stopped.exit_code == 1
    assert "isn't running" in stopped.stderr
    scores = tmp_path / "scores.csv"
    scored = as_json(designer("score", "people", "--data", here.data, "-o", scores, "--json"))
    assert scored["rows"] == 200
    assert scores.is_file()
    deleted = as_json(designer("endpoints", "delete", "people", "--json"))
    assert deleted == {"name": "people", "deleted": True}
    assert json.loads(designer("endpoints", "list", "--json").stdout) == []


def test_the_key_can_come_from_the_standard_input(here: Trained) -> None:
    arguments = ["deploy", str(here.file), "--name", "piped", "--key", "-", "--no-register"]

    result = CliRunner().invoke(main, [*arguments, "--json"], input="a-key-that-is-piped\n")

    assert json.loads(result.stdout)["key"] == "a-key-that-is-piped"
    assert Endpoints(here.workspace).keys("piped").primary == "a-key-that-is-piped"


def test_a_dry_run_writes_files_and_starts_nothing(
    designer: Command, here: Trained, tmp_path: Path
) -> None:
    names = Endpoints(here.workspace).names()
    arguments = ("--target", "managed", "--dry-run", "-o", tmp_path / "files", "--json")

    made = as_json(designer("deploy", here.file, "--name", "people", *arguments))

    assert made["target"] == "managed"
    assert {"package", "endpoint.yml", "deployment.yml"} <= set(made["files"])  # type: ignore[arg-type]
    assert Endpoints(here.workspace).names() == names


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--name", "Bad Name"), "Use “bad-name”"),
        (("--name", "people", "--key", "short"), "8 to 512"),
        (("--name", "people", "--dry-run"), "must be used together"),
        (("--name", "people", "--target", "aks"), "config.json"),
        (("--name", "people", "--target", "moon"), "'moon' is not one of"),
        (("--name", "people", "--port", "0"), "0 is not in the range"),
        ((), "Missing option '--name'"),
    ],
)
def test_wrong_calls_end_with_status_2_and_a_hint(
    designer: Command, here: Trained, arguments: tuple[str, ...], sentence: str
) -> None:
    result = designer("deploy", here.file, *arguments)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "short" not in result.stderr.replace("too short", "")


def test_names_that_are_not_there_end_with_status_2(designer: Command, here: Trained) -> None:
    for command in ("show", "test", "logs", "start", "stop", "restart", "rollback", "delete"):
        result = designer("endpoints", command, "nobody")
        assert (command, result.exit_code) == (command, 2)
        assert "There is no endpoint “nobody”" in result.stderr
    assert designer("score", "nobody", "--data", here.data, "-o", "x.csv").exit_code == 2
    assert designer("deploy", "none.pipeline.json", "--name", "people").exit_code == 2
