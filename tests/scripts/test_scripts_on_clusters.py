"""A script on a Dask cluster of this computer."""

from __future__ import annotations

import os
import threading

import pytest

from designer.scripts.script_run import run_script

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="process groups")]


@pytest.fixture(scope="module")
def address():
    """Return the address of a cluster with one worker in a process of its own."""
    import distributed

    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        yield cluster.scheduler_address


def test_a_script_runs_on_a_worker_with_its_output_live(workspace, written, address):
    text = (
        "import os, sys, pathlib\n"
        "print('训练', os.getppid(), flush=True)\n"
        "pathlib.Path(sys.argv[1], 'm').write_text('2')\n"
    )
    lines: list[str] = []
    configuration = written(
        text, "${{outputs.model}}", outputs={"model": ""}, compute=f"dask:{address}"
    )
    result = run_script(configuration, workspace, on_line=lines.append)
    assert result.status == "completed"
    label, parent = lines[0].split()
    assert label == "训练"
    assert int(parent) != os.getpid()
    assert (result.nodes["script"].outputs["model"].path / "files" / "m").read_text() == "2"


def test_a_script_on_a_worker_can_fail_and_be_cancelled(workspace, written, address):
    compute = f"dask:{address}"
    failed = run_script(written("raise SystemExit(3)", compute=compute), workspace)
    assert "exit status 3" in failed.nodes["script"].error["message"]
    begun = threading.Event()
    text = "import time; print('begun', flush=True); time.sleep(600)"
    ended = run_script(
        written(text, compute=compute),
        workspace,
        on_line=lambda line: begun.set(),
        is_cancelled=begun.is_set,
    )
    assert ended.status == "cancelled"


def test_no_cluster_is_a_run_that_failed_with_what_to_do(workspace, written):
    result = run_script(written("", compute="dask:tcp://127.0.0.1:9"), workspace)
    error = result.nodes["script"].error
    assert "No Dask scheduler responds" in error["message"]
    assert "dask scheduler" in error["hint"]
