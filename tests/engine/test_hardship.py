"""Steps that fail, die, never end or print without measure, and a store that suffers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from designer.engine import events, logs
from designer.engine.fingerprints import digest
from modules.contract import storage

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups")


def run_with_neighbours(engine, build, how: str, on_event=None):
    """Run a step that misbehaves, with one that follows and one that has no part in it."""
    pipeline = build(
        {"n": "numbers", "bad": ("misbehave", {"how": how}), "after": "add", "other": "add"},
        "n.numbers > bad.table",
        "bad.value > after.first",
        "n.numbers > other.first",
    )
    return engine.run(pipeline, base=Path.cwd(), reuse=False, on_event=on_event)


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        ("raise", "exception", "Misbehave stopped with RuntimeError: It went wrong."),
        ("exit", "exit", "exit with 3"),
        ("memory", "out-of-memory", "not enough memory"),
        ("interrupt", "interrupted", "interrupted"),
        ("wrong type", "output-wrong", "gave a str"),
        ("strange error", "exception", "Strange"),
        pytest.param("os exit", "worker-died", "status 7", marks=posix),
        pytest.param("os exit 0", "worker-died", "status 0", marks=posix),
        pytest.param("kill", "worker-died", "SIGKILL", marks=posix),
        pytest.param("segfault", "worker-died", "SIGSEGV", marks=posix),
    ],
)
def test_a_failure_is_data_and_only_that_step_fails(shared_engine, build, how, code, words):
    result = run_with_neighbours(shared_engine, build, how)
    assert result.status == "failed"
    error = result.nodes["bad"].error
    assert error["code"] == code
    assert words in error["message"]
    assert "\n" not in error["message"]
    assert result.nodes["after"].status == "skipped"
    assert result.nodes["other"].status == "completed"
    json.dumps(result.to_json(), allow_nan=False)
    # The engine is as good as new.
    again = shared_engine.run(build({"n": "numbers"}), base=Path.cwd(), reuse=False)
    assert again.status == "completed"


@posix
def test_a_step_does_not_start_whose_input_was_lost_a_moment_ago(shared_engine, build, monkeypatch):
    """The engine's thread hears of a lost value while the executor is still clearing up."""
    real = Future.set_exception

    def at_leisure(future, error):
        real(future, error)
        if getattr(error, "lost", False):
            # What another thread may do between two lines has time to happen.
            threading.Event().wait(0.3)

    monkeypatch.setattr(Future, "set_exception", at_leisure)
    result = run_with_neighbours(shared_engine, build, "os exit 0")
    assert result.nodes["other"].error is None
    assert result.nodes["other"].status == "completed"


def test_an_error_of_a_module_keeps_all_it_says(shared_engine, build):
    result = run_with_neighbours(shared_engine, build, "module error")
    assert result.nodes["bad"].error == {
        "code": "too-bad",
        "message": "Too bad.",
        "hint": "Do better.",
        "port": "table",
        "parameter": "how",
        "column": "x",
    }


def test_the_traceback_is_in_the_log_and_not_in_the_message(shared_engine, build):
    result = run_with_neighbours(shared_engine, build, "raise")
    log = result.nodes["bad"].log.read_text()
    assert "Traceback (most recent call last)" in log
    assert "toys.py" in log
    assert "This is the second line." in log


@posix
def test_the_last_words_of_a_step_that_ends_its_process_are_in_the_log(shared_engine, build):
    result = run_with_neighbours(shared_engine, build, "os exit")
    assert result.nodes["bad"].log.read_text() == "last words\n"
    crash = run_with_neighbours(shared_engine, build, "segfault").nodes["bad"].log.read_text()
    assert "Segmentation fault" in crash
    assert "misbehave" in crash


def test_a_step_that_closes_its_output_harms_nobody(shared_engine, build, tmp_path):
    result = run_with_neighbours(shared_engine, build, "close output")
    assert result.status == "completed"
    talk = build({f"t{number}": ("talk", {"text": f"still here {number}"}) for number in range(4)})
    result = shared_engine.run(talk, base=tmp_path, reuse=False)
    for number in range(4):
        assert result.nodes[f"t{number}"].log.read_text() == f"still here {number}\n"


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError in line 2 of the script"),
        ("x = 1\n\ndef f(:\n", 3, "SyntaxError in line 3 of the script"),
        ("import sys\nsys.exit('enough')", 2, "exit with 'enough'"),
        ("import no_such_library", 1, "“no_such_library” can't be imported"),
    ],
)
def test_an_error_in_a_script_names_the_line(shared_engine, build, source, line, words):
    pipeline = build({"n": "numbers", "s": ("script", {"source": source})}, "n.numbers > s.table")
    error = shared_engine.run(pipeline, base=Path.cwd()).nodes["s"].error
    assert error["line"] == line
    assert words in error["message"]


def test_what_a_script_does_to_its_surroundings_is_undone(shared_engine, build, tmp_path):
    source = (
        "import os, sys, logging\nos.chdir('/')\nos.environ['HELLO'] = '1'\n"
        "os.environ.pop('PATH')\nsys.stdout = None\nlogging.warning('noted')\n"
    )
    ask = "import os\nassert 'HELLO' not in os.environ and 'PATH' in os.environ\nprint(os.getcwd())"
    pipeline = build(
        {"n": "numbers", "s": ("script", {"source": source}), "t": ("script", {"source": ask})},
        "n.numbers > s.table",
        "s.result > t.table",
    )
    result = shared_engine.run(pipeline, base=tmp_path, reuse=False)
    assert result.status == "completed"
    assert result.nodes["s"].log.read_text() == "WARNING root: noted\n"
    assert result.nodes["t"].log.read_text() == f"{tmp_path}\n"


def test_a_gigabyte_of_output_fills_neither_disk_nor_memory(shared_engine, build, recorder):
    before = psutil.Process().memory_info().rss
    times = 1_000_000_000 // 100
    pipeline = build({"t": ("talk", {"text": "x" * 99, "times": times})})
    result = shared_engine.run(pipeline, base=Path.cwd(), reuse=False, on_event=recorder)
    assert result.status == "completed"
    log = result.nodes["t"].log
    assert log.stat().st_size <= logs.HEAD + logs.TAIL + 200
    text = log.read_text()
    assert text.startswith("x" * 99 + "\n")
    assert text.endswith("x" * 99 + "\n")
    assert "bytes are left out" in text
    assert psutil.Process().memory_info().rss - before < 200e6
    assert len(recorder.of(events.LogLine)) < 5000


def test_lines_are_told_while_a_step_prints(shared_engine, build, recorder):
    pipeline = build({"t": ("talk", {"text": "grüß dich", "times": 3, "error": True})})
    shared_engine.run(pipeline, base=Path.cwd(), reuse=False, on_event=recorder)
    assert [event.text for event in recorder.of(events.LogLine, "t")] == ["grüß dich"] * 3


def alive(process: psutil.Process) -> bool:
    """A zombie is dead, though nobody has asked after it yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@posix
@pytest.mark.parametrize("what", ["loop", "fit", "sleep", "stubborn", "grandchild"])
def test_cancelling_ends_a_step_that_would_never_end(new_engine, build, tmp_path, what):
    note = tmp_path / "note"
    pipeline = build(
        {"b": ("busy", {"what": what, "note": str(note)}), "a": "add"}, "b.value > a.first"
    )
    begun = threading.Event()

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Progress):
            begun.set()

    engine = new_engine(workers=1)
    handle = engine.start(pipeline, base=tmp_path, on_event=listen)
    assert begun.wait(60)
    while not (note.exists() and note.read_text()):
        assert not handle.done
        time.sleep(0.01)
    processes = [psutil.Process(int(pid)) for pid in note.read_text().split()]
    handle.cancel()
    result = handle.wait(10)
    assert result is not None
    assert result.status == "cancelled"
    assert {node.status for node in result.nodes.values()} == {"cancelled"}
    end = time.monotonic() + 10
    while time.monotonic() < end and any(alive(process) for process in processes):
        time.sleep(0.01)
    assert not any(alive(process) for process in processes)
    # The next run works, in a new process.
    assert engine.run(build({"n": "numbers"}), base=tmp_path).status == "completed"


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
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and alive(psutil.Process(pid)):
        assert time.monotonic() < deadline


def test_cancelling_keeps_what_is_already_done(new_engine, build, tmp_path):
    note = tmp_path / "note"
    pipeline = build(
        {"n": "numbers", "a": "add", "b": ("busy", {"note": str(note)})},
        "n.numbers > a.first",
        "a.sums > b.table",
    )
    engine = new_engine(workers=1)
    begun = threading.Event()
    handle = engine.start(
        pipeline,
        base=tmp_path,
        on_event=lambda event: begun.set() if isinstance(event, events.Progress) else None,
    )
    assert begun.wait(60)
    handle.cancel()
    result = handle.wait(60)
    assert [result.nodes[node].status for node in "nab"] == ["completed", "completed", "cancelled"]
    again = engine.run(pipeline, base=tmp_path, to="a")
    assert {node.status for node in again.nodes.values()} == {"reused"}


def test_closing_the_engine_ends_its_processes(catalog, build, tmp_path):
    from designer.engine import Engine
    from designer.workspace import Workspace

    engine = Engine(Workspace(tmp_path / "w"), catalog, workers=2)
    pipeline = build({"w": "where", "v": "where"})
    result = engine.run(pipeline, base=tmp_path)
    helper = engine.call(os.getpid).result(30)
    pids = {helper}
    for node in "wv":
        pids.add(int(storage.load(result.nodes[node].outputs["value"].path).frame["x"][0]))
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith("engine")}
    assert threads
    engine.close()
    engine.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(psutil.pid_exists(pid) for pid in pids):
        time.sleep(0.02)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    with pytest.raises(RuntimeError, match="closed"):
        engine.run(pipeline, base=tmp_path)


@posix
def test_workers_end_when_the_program_that_started_them_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        f"""
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Node, Pipeline
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
    note = tmp_path / "note"
    while not (note.exists() and note.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    worker = psutil.Process(int(note.read_text()))
    process.kill()
    process.wait()
    psutil.wait_procs([worker], timeout=5)
    assert not worker.is_running()


def test_a_damaged_result_is_made_again(new_engine, build, tmp_path, caplog):
    pipeline = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    first = new_engine(workers=1).run(pipeline, base=tmp_path)
    path = first.nodes["n"].outputs["numbers"].path / "data.arrow"
    content = bytearray(path.read_bytes())
    state = path.stat()
    content[-200] ^= 1
    path.write_bytes(bytes(content))
    # Size and time are as they were: only the content tells.
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    second = new_engine(workers=1).run(pipeline, base=tmp_path)
    assert second.status == "completed"
    assert second.nodes["n"].status == "completed"
    assert second.nodes["a"].status == "reused"
    assert "damaged" in caplog.text
    frame = storage.load(second.nodes["n"].outputs["numbers"].path).frame
    assert frame["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("harm", ["truncate", "remove", "manifest", "touch"])
def test_any_damage_is_noticed_by_the_engine_that_wrote_it_too(new_engine, build, tmp_path, harm):
    pipeline = build({"n": "numbers"})
    engine = new_engine(workers=1)
    folder = engine.run(pipeline, base=tmp_path).nodes["n"].outputs["numbers"].path
    data = folder / "data.arrow"
    if harm == "truncate":
        data.write_bytes(data.read_bytes()[:-10])
    elif harm == "remove":
        data.unlink()
    elif harm == "manifest":
        (folder.parent / "entry.json").write_text("{")
    else:
        data.write_bytes(data.read_bytes())
        os.utime(data, (1, 1))
    result = engine.run(pipeline, base=tmp_path)
    assert result.nodes["n"].status == "completed"
    assert storage.load(folder).frame["x"].tolist() == [0, 1, 2]
    assert engine.run(pipeline, base=tmp_path).nodes["n"].status == "reused"


@posix
def test_a_full_disk_is_said_clearly_and_leaves_nothing_half_written(tmp_path, build):
    # The operating system refuses to let any file grow beyond a limit, as a full disk would.
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import json, resource, sys
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Node, Pipeline
from designer.workspace import Workspace
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
    catalog = load_catalog(Path({str(Path(__file__).parent / "toys")!r}))
    nodes = {{
        "small": Node("small", "numbers", parameters={{"start": 5}}),
        "big": Node("big", "numbers", parameters={{"rows": 1_000_000}}),
    }}
    with Engine(Workspace(Path({str(tmp_path / "w")!r})), catalog, workers=1) as engine:
        result = engine.run(Pipeline(nodes=nodes), base=Path.cwd())
        print(json.dumps(result.to_json()))
"""
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(program)],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    nodes = json.loads(done.stdout)["nodes"]
    assert nodes["small"]["status"] == "completed"
    assert nodes["big"]["status"] == "failed"
    assert nodes["big"]["error"]["code"] == "disk-full"
    assert "no space left" in nodes["big"]["error"]["message"]
    assert list((tmp_path / "w" / "store" / "unfinished").iterdir()) == []
    assert len(list((tmp_path / "w" / "store").glob("entries/*/*"))) == 1


def test_two_engines_use_one_store_at_once(new_engine, build, tmp_path):
    pipeline = build(
        {f"n{number}": ("numbers", {"start": number, "rows": 1000}) for number in range(12)}
        | {f"a{number}": "add" for number in range(12)},
        *(f"n{number}.numbers > a{number}.first" for number in range(12)),
    )
    engines = [new_engine(workers=1), new_engine(workers=1)]
    handles = [engine.start(pipeline, base=tmp_path) for engine in engines]
    results = [handle.wait(120) for handle in handles]
    for result in results:
        assert result.status == "completed"
        for number in range(12):
            output = result.nodes[f"a{number}"].outputs["sums"]
            frame = storage.load(output.path).frame
            assert frame["x"].tolist() == list(range(number + 1, number + 1001))
    assert results[0].nodes["a3"].outputs == results[1].nodes["a3"].outputs
    third = new_engine(workers=1).run(pipeline, base=tmp_path)
    assert {node.status for node in third.nodes.values()} == {"reused"}


def test_two_runs_of_one_engine_at_once(shared_engine, build, tmp_path):
    pipelines = [
        build(
            {"n": ("numbers", {"start": 77}), "a": ("add", {"amount": amount})},
            "n.numbers > a.first",
        )
        for amount in (1, 1, 2)
    ]
    handles = [shared_engine.start(pipeline, base=tmp_path) for pipeline in pipelines]
    results = [handle.wait(60) for handle in handles]
    values = [storage.load(r.nodes["a"].outputs["sums"].path).frame["x"][0] for r in results]
    assert values == [78, 78, 79]


def test_digest_keeps_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
