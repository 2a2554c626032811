"""What ends with a run, an engine or its program, and what is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from unending import end_of, noted, posix, start_and_wait

from designer.engine import Engine, events
from designer.engine.executors import local
from designer.engine.reuse import ResultFinder
from designer.workspace import Workspace
from modules.values import storage


@pytest.fixture(scope="module")
def one_worker(catalog, tmp_path_factory):
    with Engine(Workspace(tmp_path_factory.mktemp("workspace")), catalog, workers=1) as engine:
        yield engine


@posix
@pytest.mark.parametrize(
    "what",
    [
        *("fit", "stubborn"),
        *(pytest.param(each, marks=pytest.mark.long) for each in ("loop", "sleep", "grandchild")),
    ],
)
def test_cancelling_ends_a_step_that_would_never_end(one_worker, build, tmp_path, what):
    note = tmp_path / "note"
    pipeline = build(
        {"b": ("busy", {"what": what, "note": str(note)}), "a": "add"}, "b.value > a.first"
    )
    handle = start_and_wait(one_worker, pipeline, tmp_path)
    processes = noted(note)
    handle.cancel()
    result = handle.wait(10)
    assert result is not None
    assert result.status == "cancelled"
    assert {node.status for node in result.nodes.values()} == {"cancelled"}
    assert end_of(processes)
    # The next run works, in a new process.
    again = one_worker.run(build({"n": "numbers"}), base=tmp_path, reuse=False)
    assert again.nodes["n"].status == "completed", again.nodes["n"].error


@posix
def test_a_step_that_dies_takes_its_children_along(new_engine, build, tmp_path):
    source = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'note')!r}, 'w').write(str(child.pid))\n"
        "os._exit(1)\n"
    )
    pipeline = build({"n": "numbers", "s": ("script", {"source": source})}, "n.numbers > s.table")
    result = new_engine(workers=1).run(pipeline, base=tmp_path)
    assert result.nodes["s"].error["code"] == "worker-died"
    pid = int((tmp_path / "note").read_text())
    assert not psutil.pid_exists(pid) or end_of([psutil.Process(pid)])


def test_cancelling_keeps_what_is_already_done(new_engine, build, tmp_path):
    note = tmp_path / "note"
    pipeline = build(
        {"n": "numbers", "a": "add", "b": ("busy", {"note": str(note)})},
        "n.numbers > a.first",
        "a.sums > b.table",
    )
    engine = new_engine(workers=1)
    handle = start_and_wait(engine, pipeline, tmp_path, stored="a")
    handle.cancel()
    result = handle.wait(60)
    assert [result.nodes[node].status for node in "nab"] == ["completed", "completed", "cancelled"]
    again = engine.run(pipeline, base=tmp_path, to="a")
    assert {node.status for node in again.nodes.values()} == {"reused"}


def test_closing_the_engine_ends_its_processes(catalog, build, tmp_path):
    engine = Engine(Workspace(tmp_path / "w"), catalog, workers=2)
    pipeline = build({"w": "where", "v": "where"})
    result = engine.run(pipeline, base=tmp_path)
    helper = engine.call(os.getpid).result(30)
    pids = {helper}
    for node in "wv":
        pids.add(int(storage.load(result.nodes[node].outputs["value"].path).frame["x"][0]))
    processes = [psutil.Process(pid) for pid in pids]
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith("engine")}
    assert threads
    engine.close()
    engine.close()
    assert end_of(processes)
    with pytest.raises(RuntimeError, match="closed"):
        engine.run(pipeline, base=tmp_path)


@posix
@pytest.mark.long
def test_workers_end_when_the_program_that_started_them_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        f"""
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.model import Node
from designer.workspace import Workspace
if __name__ == "__main__":
    catalog = load_catalog(Path({str(Path(__file__).parent / "toys")!r}))
    engine = Engine(Workspace(Path({str(tmp_path / "w")!r})), catalog, workers=1)
    node = Node("b", "busy", parameters={{"what": "loop", "note": {str(tmp_path / "note")!r}}})
    engine.run(Pipeline(nodes={{"b": node}}), base=Path.cwd())
"""
    )
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(program)], env=os.environ | {"PYTHONPATH": str(root)}
    )
    workers = noted(tmp_path / "note")
    process.kill()
    process.wait()
    assert end_of(workers)


def test_closing_ends_all_processes_whatever_becomes_of_a_run(new_engine, build, tmp_path):
    """The record of a run can't be written, which becomes known while the engine is closed."""
    closing = threading.Event()
    finished = threading.Event()

    def at_the_end(event: events.Event) -> None:
        if isinstance(event, events.RunFinished):
            shutil.rmtree(handle.folder)
            handle.folder.write_text("in the way")
            finished.set()
            closing.wait(60)

    engine = new_engine()
    worker = psutil.Process(
        int(
            storage.load(
                engine.run(build({"w": "where"}), base=tmp_path).nodes["w"].outputs["value"].path
            ).frame["x"][0]
        )
    )
    started = threading.Event()
    handle = engine.start(
        build({"n": "numbers"}),
        base=tmp_path,
        on_event=lambda event: (started.wait(60), at_the_end(event)),
    )
    started.set()
    assert finished.wait(60)
    handle.cancel = closing.set
    engine.close()
    assert handle.done
    with pytest.raises(OSError, match="can't be used"):
        handle.wait()
    assert end_of([worker])


def test_an_engine_that_fails_in_a_run_lets_no_step_go_on(new_engine, build, tmp_path, monkeypatch):
    note = tmp_path / "note"
    pipeline = build(
        {"b": ("busy", {"note": str(note)}), "r": ("read_lines", {"path": "lines.txt"})}
    )
    (tmp_path / "lines.txt").write_text("x")
    engine = new_engine(workers=1)
    busy: list[psutil.Process] = []
    real = ResultFinder.identify

    def fail(lookup, state):
        if state.step.node == "r":
            busy.extend(noted(note))
            raise RuntimeError("a mistake in the engine")
        return real(lookup, state)

    monkeypatch.setattr(ResultFinder, "identify", fail)
    handle = engine.start(pipeline, base=tmp_path)
    with pytest.raises(RuntimeError, match="a mistake in the engine"):
        handle.wait(60)
    assert busy
    assert end_of(busy)


def test_workers_leave_the_folder_of_a_run(new_engine, build, tmp_path):
    """Windows removes and renames no folder that a process works in."""
    base = tmp_path / "project"
    base.mkdir()
    engine = new_engine()
    result = engine.run(build({"w": "where"}), base=base)
    row = storage.load(result.nodes["w"].outputs["value"].path).frame.iloc[0]
    assert Path(row["folder"]) == base
    engine.sample(build({"w": "where"}), base=base)
    here = [Path(child.cwd()) for child in psutil.Process().children(recursive=True)]
    assert here
    assert base not in here


@posix
def test_the_next_step_is_not_taken_for_the_one_that_was_cancelled(
    new_engine, build, tmp_path, monkeypatch
):
    """The end of a process is told only when the next step waits for a worker."""
    on_end = local.LocalExecutor._on_end
    waiting = threading.Event()

    def told_late(self, slot, process):
        end = time.monotonic() + 60
        while time.monotonic() < end and not waiting.is_set():
            if any(job.task.node == "next" for job in list(self._queue.values())):
                waiting.set()
            time.sleep(0.001)
        on_end(self, slot, process)

    monkeypatch.setattr(local.LocalExecutor, "_on_end", told_late)
    engine = new_engine(workers=1)
    note = tmp_path / "note"
    handle = start_and_wait(engine, build({"b": ("busy", {"note": str(note)})}), tmp_path)
    handle.cancel()
    result = engine.run(build({"next": "numbers"}), base=tmp_path)
    assert waiting.is_set()
    assert result.nodes["next"].status == "completed", result.nodes["next"].error
