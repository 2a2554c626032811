"""What a worker tells of a step: progress, warnings, failures, and what it could not store.

The step itself is scripted; the store is real.
"""

from __future__ import annotations

import errno
import logging
import os
import queue
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from designer.engine.executors import step_runner
from designer.engine.executors.base import Computed, InputValue, Task
from designer.engine.executors.step_runner import StepRunner
from designer.engine.store import entry as entries
from modules.contract import DataTable, ModuleError
from modules.runtime.step import StepFailed
from modules.values import storage


def table(*values: int) -> DataTable:
    return DataTable(pd.DataFrame({"x": values}))


class Bench:
    """A step runner whose steps are functions, and what it sends."""

    def __init__(self, store: Path, patch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.sent: list[tuple[Any, ...]] = []
        self.stored: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self.called: dict[str, Any] = {}
        self._step: Callable[..., dict[str, Any]]
        patch.setattr(step_runner, "load_specification", lambda *words: words)
        patch.setattr(step_runner, "run_step", self._run_step)
        self.runner = StepRunner(store, self._send)

    def _send(self, kind: str, *content: Any) -> None:
        if kind in ("stored", "unstored"):
            self.stored.put((kind, *content))
        else:
            self.sent.append((kind, *content))

    def _run_step(self, spec: Any, arguments: Any, inputs: Any, **more: Any) -> dict[str, Any]:
        self.called = {"spec": spec, "arguments": arguments, "inputs": inputs, **more}
        return self._step(**inputs, warn=more["on_warning"], progress=more["on_progress"])

    def run(self, step: Callable[..., dict[str, Any]], **facts: Any) -> Any:
        self._step = step
        key = facts.pop("key", "ab" * 20)
        plain = {"module_file": None, "inputs": {}, "arguments": {"a": 1}} | facts
        return self.runner.run(Task("n", key, "base", "m", function="f", **plain), "token")

    def written(self) -> tuple[Any, ...]:
        return self.stored.get(timeout=30)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path / "store", monkeypatch)


def gives(*values: int) -> Callable[..., dict[str, Any]]:
    return lambda **_: {"out": table(*values)}


def test_a_step_is_run_with_all_that_its_task_says(bench, tmp_path):
    (tmp_path / "base").mkdir()
    found = bench.run(
        gives(1),
        module_file="/x/y.py",
        threads=3,
        folder=str(tmp_path / "base"),
        leftovers="/x/left",
        about={"module": "m", "volatile": True},
    )
    assert isinstance(found, Computed)
    assert (found.ports, found.warnings) == (frozenset({"out"}), ())
    assert found.seconds >= 0
    assert bench.called["spec"] == ("m", Path("/x/y.py"), "f")
    assert bench.called["arguments"] == {"a": 1}
    assert bench.called["threads"] == 3
    assert bench.called["failure_folder"] == Path("/x/left")
    assert os.getcwd() == str(tmp_path / "base")
    assert bench.sent == [("running", "token")]
    kind, token, manifest = bench.written()
    assert (kind, token) == ("stored", "token")
    assert manifest["base"] == "base"
    assert (manifest["module"], manifest["volatile"]) == ("m", True)
    assert manifest["seconds"] == found.seconds
    assert manifest["warnings"] == []
    assert manifest["outputs"]["out"]["rows"] == 1
    folder = entries.entry_folder(bench.store, "ab" * 20)
    assert storage.load(folder / "out").frame["x"].tolist() == [1]
    # Without those, the step has none of them, and stays where it was.
    bench.run(gives(1), folder="/there/is/none")
    assert bench.called["spec"] == ("m", None, "f")
    assert bench.called["failure_folder"] is None
    assert os.getcwd() == str(tmp_path / "base")
    bench.written()


@pytest.mark.parametrize(("replace", "kept"), [(False, [1]), (True, [2])])
def test_a_result_replaces_another_one_only_if_it_is_to(bench, replace, kept):
    for value in (1, 2):
        bench.run(gives(value), replace=replace)
        assert bench.written()[0] == "stored"
    folder = entries.entry_folder(bench.store, "ab" * 20)
    assert storage.load(folder / "out").frame["x"].tolist() == kept


def test_what_another_step_will_read_is_kept_in_memory(bench):
    made = {"out": table(1), "more": table(2)}
    bench.run(lambda **_: made, wanted=frozenset({"out"}))
    bench.written()
    source = InputValue("ab" * 20, "out")
    other = InputValue("ab" * 20, "more")

    def reads(**inputs: Any) -> dict[str, Any]:
        return {}

    bench.run(reads, key="cd" * 20, inputs={"first": source, "second": other})
    assert bench.called["inputs"]["first"] is made["out"]
    # This one was read from the store.
    assert bench.called["inputs"]["second"] is not made["more"]
    assert bench.called["inputs"]["second"].frame["x"].tolist() == [2]
    bench.written()
    bench.run(reads, key="ef" * 20, inputs={"first": source}, fresh_inputs=True)
    assert bench.called["inputs"]["first"] is not made["out"]
    bench.written()
    bench.runner.forget({"ab" * 20: "token"})
    bench.run(reads, key="01" * 20, inputs={"first": source})
    assert bench.called["inputs"]["first"] is not made["out"]
    bench.written()


def test_an_input_that_is_gone_is_an_error_of_its_port(bench, monkeypatch, capsys):
    monkeypatch.setattr("designer.engine.executors.value_cache._PAUSES", ())
    error = bench.run(gives(1), inputs={"left": InputValue("ab" * 20, "out")})
    assert error["code"] == "value-missing"
    assert error["port"] == "left"
    assert error["message"] in capsys.readouterr().err
    assert bench.stored.empty()


def test_warnings_are_told_once_and_a_hundred_at_most(bench, caplog):
    def warns(warn: Callable[[str], None], **_: Any) -> dict[str, Any]:
        for number in (0, 0, *range(150)):
            warn(f"w{number}")
        return {"out": table(1)}

    with caplog.at_level(logging.WARNING, "step"):
        found = bench.run(warns)
    expected = [f"w{number}" for number in range(100)]
    assert list(found.warnings) == expected
    assert bench.written()[2]["warnings"] == expected
    # The log has all of them.
    assert [record.getMessage() for record in caplog.records if record.name == "step"] == [
        f"w{number}" for number in range(150)
    ]


def test_progress_is_told_twenty_times_a_second_and_the_end_in_any_case(bench, monkeypatch):
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now, perf_counter=lambda: now)
    monkeypatch.setattr(step_runner, "time", clock)

    def reports(progress: Callable[[float, str], None], **_: Any) -> dict[str, Any]:
        nonlocal now
        for pause, fraction in (
            (0, 0.1),
            (0.04, 0.2),
            (0.02, 0.3),
            (0.06, 0.4),
            (0, 1.0),
            (0, 0.5),
        ):
            now += pause
            progress(fraction, f"{fraction}")
        return {}

    found = bench.run(reports)
    told = [message[1:] for message in bench.sent if message[0] == "progress"]
    assert told == [("token", each, f"{each}") for each in (0.1, 0.3, 0.4, 1.0)]
    assert found.seconds == pytest.approx(0.12)
    bench.written()


class Odd:
    """What JSON can't represent."""

    def __str__(self) -> str:
        return "odd"


def test_a_failure_is_plain_data_and_its_details_are_in_the_log(bench, capsys):
    def fails(**_: Any) -> dict[str, Any]:
        raise StepFailed({"code": "bad", "message": "It is bad.", "value": Odd()}, "the details")

    assert bench.run(fails) == {"code": "bad", "message": "It is bad.", "value": "odd"}
    assert capsys.readouterr().err == "the details\n"
    assert bench.stored.empty()


def test_an_error_outside_of_the_step_fails_it_too(bench, monkeypatch, capsys):
    def broken(*words: Any) -> None:
        raise ModuleError("module-unknown", "The module isn't there.", "Install it.")

    monkeypatch.setattr(step_runner, "load_specification", broken)
    error = bench.run(gives(1))
    assert (error["code"], error["message"], error["hint"]) == (
        "module-unknown",
        "The module isn't there.",
        "Install it.",
    )
    assert "Traceback" in capsys.readouterr().err
    # The next step is as good as any.
    monkeypatch.setattr(step_runner, "load_specification", lambda *words: words)
    assert isinstance(bench.run(gives(1)), Computed)
    assert bench.written()[0] == "stored"


FULL = {
    "code": "disk-full",
    "message": f"There is no space left to store the result of this step: "
    f"{os.strerror(errno.ENOSPC)}.",
    "hint": "Free some space on the workspace's disk, or choose another workspace.",
}
MOVE = "Choose a workspace in a folder that you can write to."


@pytest.mark.parametrize(
    ("raised", "error", "logged"),
    [
        (OSError(errno.ENOSPC, "x"), FULL, False),
        (
            OSError(errno.EIO, "Input/output error"),
            {
                "code": "not-stored",
                "message": "The result of this step can't be stored: input/output error.",
            },
            True,
        ),
        (
            PermissionError(errno.EACCES, "Permission denied.", "/w/store"),
            {
                "code": "not-stored",
                "message": "The result of this step can't be stored in “/w/store”: "
                "permission denied.",
                "hint": MOVE,
            },
            True,
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/w"),
            {
                "code": "not-stored",
                "message": "The result of this step can't be stored in “/w”: "
                "read-only file system.",
                "hint": MOVE,
            },
            True,
        ),
        (
            OSError("Odd"),
            {"code": "not-stored", "message": "The result of this step can't be stored: odd."},
            True,
        ),
        (
            ModuleError("not-a-value", "It isn't one.", "Return a table."),
            {"code": "not-a-value", "message": "It isn't one.", "hint": "Return a table."},
            True,
        ),
    ],
)
def test_why_a_result_is_not_stored_is_said(bench, monkeypatch, caplog, raised, error, logged):
    def fail(value: Any, folder: Path) -> dict[str, Any]:
        raise raised

    monkeypatch.setattr(step_runner, "_save", fail)
    assert isinstance(bench.run(gives(1)), Computed)
    assert bench.written() == ("unstored", "token", error)
    assert ("The result can't be stored." in caplog.text) is logged


def test_a_bug_while_storing_is_said_and_the_writer_goes_on(bench, monkeypatch):
    save = step_runner._save

    def fail(value: Any, folder: Path) -> dict[str, Any]:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(step_runner, "_save", fail)
    bench.run(gives(1))
    kind, token, error = bench.written()
    assert (kind, token) == ("unstored", "token")
    assert error["message"] == "The result of this step can't be stored: a bug"
    monkeypatch.setattr(step_runner, "_save", save)
    bench.run(gives(1))
    assert bench.written()[0] == "stored"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_child_of_a_script_that_forks_is_no_second_worker(bench, tmp_path):
    mark = tmp_path / "mark"

    def forks(**_: Any) -> dict[str, Any]:
        child = os.fork()
        if not child:
            return {}
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        mark.touch()
        return {"out": table(1)}

    parent = os.getpid()
    found = bench.run(forks)
    if os.getpid() != parent:
        # It must not get here, nor go on with the tests.
        os._exit(1)
    assert isinstance(found, Computed)
    assert mark.exists()
    assert bench.written()[0] == "stored"
    assert bench.stored.empty()
