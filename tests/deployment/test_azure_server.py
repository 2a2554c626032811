"""A package behind Azure ML's own inference server, unchanged.

The server can't be installed beside this project; ``python benchmarks/azure_server.py`` makes a
Python for it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving_examples import Trained, azure_request, changed, refusal, same_scores

from designer.deployment.deploying import Packed

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from azure_server import azure_python

PYTHON = azure_python()

pytestmark = [
    pytest.mark.skipif(PYTHON is None, reason="make it first: python benchmarks/azure_server.py"),
    pytest.mark.skipif(os.name != "posix", reason="the server's Windows form is another program"),
]


@contextlib.contextmanager
def server(package: Path, log: Path, **environment: str) -> Iterator[tuple[str, Any]]:
    """Start ``azmlinfsrv`` as Azure does; give its address and process."""
    assert PYTHON is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                str(PYTHON.parent / "azmlinfsrv"),
                "--entry_script",
                str(package / "score.py"),
                "--port",
                str(port),
            ],
            stdout=stream,
            stderr=stream,
            cwd=log.parent,
            env={key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
            | environment,
            start_new_session=True,
        )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(300)


def wait_for(address: str, process: Any) -> None:
    while process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(address, trust_env=False, timeout=5)
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)


@pytest.fixture(scope="module")
def address(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the server's address; the model is where Azure puts registered ones."""
    folder = tmp_path_factory.mktemp("azure")
    models = folder / "azureml-models" / "people" / "1"
    shutil.copytree(packed.package.folder / "model", models / "model")
    code = shutil.copytree(packed.package.folder, folder / "code")
    shutil.rmtree(code / "model")
    log = folder / "log.txt"
    with server(code, log, AZUREML_MODEL_DIR=str(models)) as (found, process):
        wait_for(found, process)
        assert process.poll() is None, log.read_text()
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield client


def test_it_answers_with_the_pipelines_scores(client: httpx.Client, trained: Trained) -> None:
    answer = client.post("/score", json=azure_request(*trained.rows))

    assert answer.status_code == 200
    assert same_scores(answer.json()["Results"]["output1"], trained.expected)
    assert client.get("/").text == "Healthy"


def test_what_is_wrong_is_the_callers_fault(client: httpx.Client, trained: Trained) -> None:
    row = trained.rows[0]

    error = refusal(client.post("/score", json=azure_request(changed(row, town="Osslo"))), 422)
    assert error["column"] == "town"
    assert refusal(client.post("/score", content=b"{"), 400)["code"] == "not-json"
    assert refusal(client.post("/score", json=[]), 400)["code"] == "no-rows"
    assert refusal(client.get("/score"), 405)["code"] == "wrong-method"
    assert client.post("/score", json=azure_request(row)).status_code == 200


def test_a_damaged_package_is_said_at_the_start(packed: Packed, tmp_path: Path) -> None:
    package = shutil.copytree(packed.package.folder, tmp_path / "package")
    path = next((package / "model" / "compiled").rglob("*.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    log = tmp_path / "log.txt"

    with server(package, log) as (_, process):
        assert process.wait(60) != 0

    assert "is damaged or was changed" in log.read_text()
