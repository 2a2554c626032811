"""Steps that fail, die or print without measure, and scripts that are no better."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from designer.engine import events, logs
from designer.engine.executors.exit_errors import exit_error

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
        ("memory", "out-of-memory", "enough memory"),
        ("interrupt", "interrupted", "interrupted"),
        ("wrong type", "output-wrong", "returned a str"),
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


@pytest.mark.long
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


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0xC0000005, "was terminated by the operating system (access violation)"),
        (0xC0000409, "was terminated by the operating system (fail fast)"),
        (0xC000012D, "was terminated by the operating system (status 0xC000012D)"),
        (7, "ended its own process with status 7"),
    ],
)
def test_a_crash_on_windows_is_no_end_of_the_step_s_own(code, words):
    """Windows has no signals; it tells crashes by their numbers."""
    assert words in exit_error(code)["message"]
