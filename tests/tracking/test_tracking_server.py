"""The same on a tracking server: an unmodified one, on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from designer.tracking import registry
from designer.tracking.connection import connected
from designer.tracking.recording import mark_of, record_pending
from designer.workspace import Workspace


@pytest.fixture
def server(tmp_path, tracked, monkeypatch):
    """Start ``mlflow server``; its database is a copy, which saves making the tables."""
    from designer.tracking.settings import tracking_folder

    shutil.copyfile(tracking_folder(tracked.workspace) / "mlflow.db", tmp_path / "server.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{(tmp_path / 'server.db').as_posix()}"]
    command += ["--artifacts-destination", (tmp_path / "files").as_uri()]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            # Jobs are for evaluations, and slow to start.
            env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process)
        monkeypatch.setenv("MODELDESK_TRACKING_URI", f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


@pytest.mark.long
def test_runs_and_models_are_kept_by_a_server(server, small_workspace, ran, capfd):
    workspace: Workspace = small_workspace
    # An experiment of the workspace's own database keeps its files in the workspace.
    record = workspace.run_record(ran.first)
    record["source"] = str(ran.file.with_name("elsewhere.pipeline.json"))
    workspace.remember_run(ran.first, record, None)
    assert record_pending(workspace) == ([ran.first], [])
    mark = mark_of(workspace, ran.first)
    assert mark["uri"] == server
    with connected(workspace) as client:
        found = client.get_run(mark["run_id"])
        assert found.data.metrics["evaluate_model.AUC"] == pytest.approx(
            record["metrics"]["evaluate_model"]["AUC"]
        )
        assert "run.json" in [each.path for each in client.list_artifacts(mark["run_id"])]
    made = registry.register(
        workspace, "On a server", ran.first, "train_model", aliases=["champion"]
    )
    assert made["folder"] is None
    place = registry.download(workspace, "On a server", "champion")
    original = Path(record["nodes"]["train_model"]["outputs"]["trained_model"]["path"])
    for name in ("model.json", "model.skops"):
        copy = registry.data_folder(place) / name
        assert copy.read_bytes() == (original / name).read_bytes()
    assert registry.delete(workspace, "On a server") == ["1"]
    assert not place.exists()
    # Nothing is printed that would be taken for the command's output.
    assert capfd.readouterr().out == ""


def _wait_for(address: str, process: subprocess.Popen) -> None:
    # Not urlopen, which keeps for good the proxies of whichever test has called it first.
    opener = build_opener(ProxyHandler({}))
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            with opener.open(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            # Not listening yet.
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
    pytest.fail("the server does not answer")


def _end(process: subprocess.Popen) -> None:
    """End the server with the workers that it has started."""
    import psutil

    family = [*psutil.Process(process.pid).children(recursive=True), process]
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait(30)
    psutil.wait_procs(family[:-1], timeout=10)
