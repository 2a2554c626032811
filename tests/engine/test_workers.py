"""Workers that end at a bad moment, and what a worker has of the program that starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from unending import alive, end_of, posix

from designer.engine import Engine, events
from designer.engine.executors import local
from designer.engine.executors.forking import PROGRAM
from designer.workspace import Workspace
from modules.runtime.isolation import PRELOADED
from modules.values import storage


def worker_of(engine: Engine, build, base: Path) -> psutil.Process:
    result = engine.run(build({"w": "where"}), base=base, reuse=False)
    frame = storage.load(result.nodes["w"].outputs["value"].path).frame
    return psutil.Process(int(frame["x"][0]))


@posix
@pytest.mark.parametrize("moment", ["before", "while it is given", "after"])
def test_a_step_is_not_lost_with_a_worker_that_had_not_begun_it(
    new_engine, build, tmp_path, monkeypatch, moment
):
    engine = new_engine(workers=1)
    worker = worker_of(engine, build, tmp_path)
    give = local.LocalExecutor._give

    def given(self, job, slot):
        if moment == "while it is given":
            worker.kill()
        if moment == "after":
            # It can't read what it is sent.
            worker.suspend()
        give(self, job, slot)
        if moment == "after":
            worker.kill()
        monkeypatch.undo()

    monkeypatch.setattr(local.LocalExecutor, "_give", given)
    if moment == "before":
        worker.kill()
    result = engine.run(build({"n": "numbers"}), base=tmp_path, reuse=False)
    assert result.nodes["n"].status == "completed", result.nodes["n"].error
    assert end_of([worker])


@posix
def test_a_step_that_no_worker_survives_reading_fails_in_words(
    new_engine, build, tmp_path, monkeypatch
):
    engine = new_engine(workers=1)
    send = local.WorkerProcess.send

    def killed(self, kind, *content):
        if kind == "run":
            self._tree.kill()
        send(self, kind, *content)

    monkeypatch.setattr(local.WorkerProcess, "send", killed)
    handle = engine.start(build({"n": "numbers"}), base=tmp_path)
    result = handle.wait(60)
    assert result is not None
    assert result.nodes["n"].error["message"] == "The workers end when they start."


@posix
def test_a_worker_that_is_still_starting_ends_with_its_engine(catalog, tmp_path):
    before = set(psutil.Process().children(recursive=True))
    for _ in range(5):
        engine = Engine(Workspace(tmp_path), catalog, workers=1)
        engine.warm_up()
        engine.close()
    # The one that forks workers and multiprocessing's own remain until the program ends.
    left = [each for each in psutil.Process().children(recursive=True) if each not in before]
    assert end_of([each for each in left if each.ppid() != os.getpid()])


SCRIPT = """
import os, sys
import pandas as pd

def azureml_main(a=None, b=None):
    return pd.DataFrame({
        "variable": [os.environ.get("OF_THE_TEST", "")],
        "interrupts": [str(__import__("signal").getsignal(2))],
        "leader": [os.getsid(0) == os.getpid()],
        "path": [sys.path[0]],
        "threads": [os.environ["OMP_NUM_THREADS"]],
        "safe": ["PYTHONSAFEPATH" in os.environ],
        "files": [len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0],
        "template": [os.getppid()],
    })
"""


@posix
def test_a_forked_worker_is_as_a_new_interpreter(new_engine, build, tmp_path, monkeypatch):
    pipeline = build({"s": ("execute_python_script", {"script": SCRIPT})})
    found = []
    for value in ("first", "second"):
        monkeypatch.setenv("OF_THE_TEST", value)
        engine = new_engine(tmp_path / value, workers=1)
        result = engine.run(pipeline, base=tmp_path)
        assert result.nodes["s"].error is None
        frame = storage.load(result.nodes["s"].outputs["result_dataset"].path).frame
        found.append(frame.iloc[0])
    for row, value in zip(found, ("first", "second"), strict=True):
        assert row["variable"] == value
        assert "default_int_handler" in row["interrupts"]
        assert row["leader"]
        assert row["threads"] == "1"
        assert not row["safe"]
    # Nothing is inherited from the workers before, nor from this program.
    assert found[1]["files"] == found[0]["files"] < 30
    if sys.platform == "linux":
        template = psutil.Process(int(found[0]["template"]))
        assert int(found[1]["template"]) == template.pid
        # A fork copies one thread only: what the others hold would be held for ever.
        assert template.num_threads() == 1
        assert template.cwd() != str(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_workers_start_after_the_template_was_killed(new_engine, build, tmp_path):
    engine = new_engine(workers=1)
    worker = worker_of(engine, build, tmp_path)
    template = worker.parent()
    template.kill()
    # A worker that is there works on, and how it ends is no longer known.
    assert engine.run(build({"n": "numbers"}), base=tmp_path).status == "completed"
    worker.kill()
    assert end_of([worker])
    assert engine.run(build({"m": "numbers"}), base=tmp_path).status == "completed"
    assert not alive(template)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_a_file_named_like_a_library_beside_the_pipeline_harms_nobody(tmp_path):
    """Neither the template nor a worker looks for libraries in the folder it starts in."""
    (tmp_path / "pandas.py").write_text("raise SystemExit('the wrong pandas')")
    (tmp_path / "designer").mkdir()
    (tmp_path / "designer" / "__init__.py").write_text("raise SystemExit('the wrong designer')")
    (tmp_path / "p.pipeline.json").write_bytes(
        (Path(__file__).parents[2] / "samples" / "automobile_price.pipeline.json").read_bytes()
    )
    (tmp_path / "data").symlink_to(Path(__file__).parents[2] / "samples" / "data")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "designer", "run", "p.pipeline.json", "--workspace", "w"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr


@posix
def test_an_interrupt_while_the_template_starts_is_for_the_command_alone(tmp_path):
    """A terminal sends it to all of its group, and none but the command has a word to say."""
    sample = Path(__file__).parents[2] / "samples" / "automobile_price.pipeline.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "designer", "run", str(sample), "--workspace", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not psutil.Process(process.pid).children() and time.monotonic() < end:
        threading.Event().wait(0.005)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert "multiprocessing" not in output
    assert end_of(children)


@posix
def test_a_template_whose_program_has_ended_before_it_began_imports_nothing(tmp_path):
    """Otherwise it lives on for as long as it imports: many seconds on a busy machine."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"{PRELOADED[0]}.py").write_text("raise SystemExit('imported for nobody')")
    done = subprocess.run(
        [sys.executable, "-c", "import designer.engine.executors.template"],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join([str(tmp_path), *map(str, sys.path)]),
            PROGRAM: str(ended.pid),
        },
    )
    assert done.returncode == 0


def test_one_worker_is_started_for_a_chain_of_steps(new_engine, build, tmp_path, recorder):
    engine = new_engine(workers=4)
    pipeline = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    result = engine.run(pipeline, base=tmp_path, on_event=recorder)
    assert result.status == "completed"
    assert len(recorder.of(events.Completed)) == 2
    assert sum(slot.process is not None for slot in engine._executor._slots) == 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_changed_source_is_not_run_from_the_template(new_engine, build, tmp_path, monkeypatch):
    """The process that workers are forked from has imported what modules are made of."""
    from designer.engine import engine as engines

    engine = new_engine(workers=1)
    built_in = build({"r": "linear_regression"})
    assert engine.run(built_in, base=tmp_path).status == "completed"
    assert worker_of(engine, build, tmp_path).ppid() != os.getpid()
    real = engines.module_digest
    monkeypatch.setattr(engines, "module_digest", lambda spec: real(spec) + "changed")
    assert engine.run(built_in, base=tmp_path).status == "completed"
    assert worker_of(engine, build, tmp_path).ppid() == os.getpid()
