"""The same pipelines on a Dask cluster: its own scheduler and workers, on this computer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from designer.automl.dataset_pipeline import for_file
from designer.catalog import load_catalog
from designer.engine import Engine, events
from designer.engine.executors.cluster import ClusterError
from designer.pipeline.file import read
from designer.workspace import Workspace
from modules.values import storage

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and process groups")

SAMPLES = Path(__file__).parents[2] / "samples"


def start(*arguments: object, folder: Path, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(folder), **environment},
        stdout=(folder / f"{arguments[0]}.log").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start_scheduler(folder: Path) -> tuple[subprocess.Popen, str]:
    file = folder / "scheduler.json"
    process = start(
        "scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard",
        "--scheduler-file", file, folder=folder,
    )  # fmt: skip
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, (folder / "scheduler.log").read_text()
        try:
            return process, json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.05)
    raise AssertionError("The scheduler doesn't start.")


def start_workers(folder: Path, address: str, count: int, **environment: str) -> subprocess.Popen:
    import distributed

    workers = start(
        "worker", address, "--host", "127.0.0.1", "--no-dashboard",
        "--nthreads", 1, "--nworkers", count, folder=folder, **environment,
    )  # fmt: skip
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)
    return workers


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A cluster of two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    scheduler, address = start_scheduler(folder)
    workers = start_workers(folder, address, 2)
    yield address
    stop(workers)
    stop(scheduler)


@pytest.fixture(scope="module")
def cluster(catalog, tmp_path_factory, address):
    workspace = Workspace(tmp_path_factory.mktemp("shared_workspace"))
    with Engine(workspace, catalog, cluster=address) as engine:
        yield engine


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(*pids: int) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end and any(map(alive, pids)):
        time.sleep(0.02)
    return not any(map(alive, pids))


def noted(note: Path) -> list[int]:
    end = time.monotonic() + 120
    while time.monotonic() < end and not (note.exists() and note.read_text().strip()):
        time.sleep(0.02)
    return [int(pid) for pid in note.read_text().split()] if note.exists() else []


def contents(result) -> dict:
    """The bytes of everything that each node has stored."""
    return {
        (node, port, path.relative_to(output.path).as_posix()): path.read_bytes()
        for node, outcome in result.nodes.items()
        for port, output in outcome.outputs.items()
        for path in sorted(output.path.rglob("*"))
        if path.is_file()
    }


@pytest.mark.long
def test_a_sample_gives_the_same_bytes_as_on_this_computer(address, tmp_path):
    catalog = load_catalog()
    pipeline = read(SAMPLES / "automobile_price.pipeline.json")
    results = {}
    for name, options in {
        "here": {"cores": 1, "workers": 1},
        "there": {"cluster": address},
    }.items():
        workspace = Workspace(tmp_path / name)
        with Engine(workspace, catalog, **options) as engine:
            result = engine.run(pipeline, base=SAMPLES)
            assert result.status == "completed"
            results[name] = contents(result)
            again = engine.run(pipeline, base=SAMPLES)
            assert {node.status for node in again.nodes.values()} == {"reused"}
    assert len(results["here"]) > 8
    assert results["there"] == results["here"]


@pytest.mark.long
def test_steps_tell_what_they_do(cluster, build, recorder, tmp_path):
    pipeline = build({"t": ("talk", {"text": "good day"}), "w": "warns", "p": "progresses"})
    result = cluster.run(pipeline, base=tmp_path, on_event=recorder)
    assert result.status == "completed"
    assert "good day" in [line.text for line in recorder.of(events.LogLine, "t")]
    assert "good day" in Path(result.nodes["t"].log).read_text()
    assert result.nodes["w"].warnings == ("Mind the gap.",)
    assert recorder.of(events.Progress, "p")
    kinds = recorder.kinds("t")
    assert [kinds[0], kinds[1], kinds[-1]] == ["Queued", "Running", "Completed"]


@pytest.mark.long
def test_two_steps_run_at_once(cluster, build, tmp_path):
    """Each waits until it has seen the other, so one after the other would never end."""
    pipeline = build(
        {
            "n": "numbers",
            "a": ("meet", {"mine": str(tmp_path / "a"), "other": str(tmp_path / "b")}),
            "b": ("meet", {"mine": str(tmp_path / "b"), "other": str(tmp_path / "a")}),
        },
        "n.numbers > a.table",
        "n.numbers > b.table",
    )
    assert cluster.run(pipeline, base=tmp_path).status == "completed"


@pytest.mark.long
def test_a_step_may_use_as_much_memory_as_was_set(catalog, address, build, tmp_path):
    """More than the steps of the other tests need, and far less than the computer has."""
    source = "kept = [bytearray(b'x' * 20_000_000) for _ in range(200)]"
    pipeline = build({"n": "numbers", "s": ("script", {"source": source})}, "n.numbers > s.table")
    workspace = Workspace(tmp_path / "workspace")
    with Engine(workspace, catalog, cluster=address, memory_limit=900_000_000) as engine:
        result = engine.run(pipeline, base=tmp_path)
    assert result.nodes["n"].status == "completed"
    assert result.nodes["s"].error["code"] == "out-of-memory"
    assert "needed more than 0.9 GB" in result.nodes["s"].error["message"]


@pytest.mark.long
@pytest.mark.parametrize("end", ["import os; os._exit(3)", "raise ValueError('not that')"])
def test_a_step_that_fails_or_dies_takes_nothing_along(cluster, build, tmp_path, end):
    pipeline = build({"n": "numbers", "s": ("script", {"source": end})}, "n.numbers > s.table")
    result = cluster.run(pipeline, base=tmp_path)
    assert (result.nodes["n"].status, result.nodes["s"].status) in [
        ("completed", "failed"),
        ("reused", "failed"),
    ]
    assert ("status 3" if "exit" in end else "not that") in result.nodes["s"].error["message"]
    assert cluster.run(build({"n": "numbers"}), base=tmp_path, reuse=False).status == "completed"


@pytest.mark.long
def test_a_stopped_search_keeps_the_best_so_far(cluster, build, tmp_path):
    begun = threading.Event()
    handle = cluster.start(
        build({"s": "search", "a": "add"}, "s.best > a.first"),
        base=tmp_path,
        on_event=lambda event: isinstance(event, events.TrialEnded) and begun.set(),
    )
    assert begun.wait(60)
    assert handle.stop()
    result = handle.wait(60)
    assert result is not None
    assert result.status == "completed"
    found = storage.load(result.nodes["a"].outputs["sums"].path)
    assert found.frame["x"].tolist() == [2.0]


@pytest.mark.long
def test_automated_ml_gives_the_same_there_and_can_be_stopped(address, catalog, tmp_path):
    """A step on a cluster has one thread, and so one trial at once."""
    rows = np.random.default_rng(4).normal(size=(120, 3))
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    frame.assign(y=frame["a"] > frame["b"]).to_csv(tmp_path / "rows.csv", index=False)
    parameters = {"label_column": ["y"], "trials": 4, "allowed_learners": "Logistic Regression"}
    pipeline, node = for_file("rows.csv", parameters, catalog)

    def run(name: str, **options: object) -> dict:
        with Engine(Workspace(tmp_path / name), catalog, **options) as engine:
            return contents(engine.run(pipeline, base=tmp_path))

    there = run("cluster", cluster=address)
    assert len(there) > 6
    assert there == run("here", workers=2)
    endless, node = for_file("rows.csv", parameters | {"trials": 10_000}, catalog)
    begun = threading.Event()
    with Engine(Workspace(tmp_path / "stopped"), catalog, cluster=address) as engine:
        handle = engine.start(
            endless,
            base=tmp_path,
            on_event=lambda event: isinstance(event, events.TrialEnded) and begun.set(),
        )
        assert begun.wait(120)
        assert handle.stop()
        result = handle.wait(120)
    assert result is not None
    assert result.status == "completed"
    assert any("It was stopped." in text for text in result.nodes[node].warnings)
    board = storage.load(result.nodes[node].outputs["leaderboard"].path)
    assert board.trials[0]["score"] is not None


@pytest.mark.long
@pytest.mark.parametrize("what", ["loop", "stubborn", "grandchild"])
def test_cancelling_ends_a_step_that_would_never_end(cluster, build, tmp_path, what):
    note = tmp_path / "note"
    pipeline = build({"b": ("busy", {"what": what, "note": str(note)})})
    handle = cluster.start(pipeline, base=tmp_path)
    processes = noted(note)
    handle.cancel()
    result = handle.wait(20)
    assert result is not None
    assert result.status == "cancelled"
    assert processes
    assert gone(*processes)
    # The place is free again.
    assert cluster.run(build({"n": "numbers"}), base=tmp_path, reuse=False).status == "completed"


@pytest.mark.long
def test_a_step_whose_dask_worker_is_lost_runs_again(cluster, build, tmp_path):
    note = tmp_path / "note"
    handle = cluster.start(build({"b": ("busy", {"note": str(note)})}), base=tmp_path)
    (first,) = noted(note)
    beside = [
        one for one in psutil.Process(first).parents() if "cluster_host" in str(one.cmdline())
    ]
    dask_worker = beside[-1].parent()
    assert dask_worker is not None
    note.unlink()
    dask_worker.kill()
    (second,) = noted(note)
    assert second != first
    assert gone(first)
    handle.cancel()
    assert handle.wait(20).status == "cancelled"
    assert gone(second)


@pytest.mark.long
def test_the_steps_of_a_command_that_is_killed_end_too(address, tmp_path):
    note = tmp_path / "note"
    script = (
        "import os, time\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        f"    open({str(note)!r}, 'w').write(str(os.getpid()))\n"
        "    while True:\n"
        "        time.sleep(1)\n"
    )
    pipeline = {
        "format": "modeldesk-pipeline",
        "version": 1,
        "nodes": {"endless": {"module": "execute_python_script", "parameters": {"script": script}}},
    }
    file = tmp_path / "endless.pipeline.json"
    file.write_text(json.dumps(pipeline))
    command = subprocess.Popen(
        [
            sys.executable, "-m", "designer", "run", str(file),
            "--target", f"dask:{address}", "--workspace", str(tmp_path / "workspace"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    processes = noted(note)
    assert processes, command.communicate()
    command.kill()
    command.communicate()
    assert gone(*processes)


def test_an_address_without_a_scheduler_is_told(catalog, build, tmp_path, monkeypatch):
    monkeypatch.setattr("designer.engine.executors.cluster.CONNECTING", 0.5)
    with Engine(Workspace(tmp_path), catalog, cluster="tcp://127.0.0.1:1") as engine:
        with pytest.raises(ClusterError, match="No Dask scheduler responds") as told:
            engine.start(build({"n": "numbers"}), base=tmp_path)
        assert "dask scheduler" in told.value.hint


@pytest.mark.long
def test_a_cluster_that_would_not_do_the_same_is_refused(catalog, build, tmp_path):
    scheduler, other = start_scheduler(tmp_path)
    try:
        with Engine(Workspace(tmp_path / "w"), catalog, cluster=other) as engine:
            with pytest.raises(ClusterError, match="has no worker"):
                engine.start(build({"n": "numbers"}), base=tmp_path)
            # What Python finds first is the version of this library.
            older = tmp_path / "older" / "skops-0.0.1.dist-info"
            older.mkdir(parents=True)
            (older / "METADATA").write_text("Metadata-Version: 2.1\nName: skops\nVersion: 0.0.1\n")
            workers = start_workers(tmp_path, other, 1, PYTHONPATH=str(older.parent))
            try:
                with pytest.raises(ClusterError, match=r"a different version of skops: 0\.0\.1"):
                    engine.start(build({"n": "numbers"}), base=tmp_path)
            finally:
                stop(workers)
    finally:
        stop(scheduler)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_workspace_that_the_workers_cannot_see_is_refused(
    catalog, build, address, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    # For each process another folder: the one that it works in.
    workspace = Workspace(Path("/proc/self/cwd/mine"))
    with (
        Engine(workspace, catalog, cluster=address) as engine,
        pytest.raises(ClusterError, match="can't see the workspace"),
    ):
        engine.start(build({"n": "numbers"}), base=tmp_path)


def test_without_the_library_the_extra_is_named(catalog, build, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with Engine(Workspace(tmp_path), catalog, cluster="tcp://127.0.0.1:1") as engine:
        with pytest.raises(ClusterError) as told:
            engine.start(build({"n": "numbers"}), base=tmp_path)
        assert "modeldesk[cluster]" in told.value.hint
