"""The recovery file of a document by itself: what is written, found and deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from designer import replacing
from designer.app.document import recovery as module
from designer.app.document.recovery import FORMAT, Recovery, RecoveryFile, find_recoveries
from designer.records import DamagedRecordError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


def lock_of(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".json") + ".lock")


def leave(folder: Path, name: str = "a", **changes: Any) -> Path:
    """Leave a file as a session does that has crashed."""
    folder.mkdir(exist_ok=True)
    plain = {
        "format": FORMAT,
        "path": None,
        "saved_at": 5.0,
        "crashed": True,
        "pipeline": "text",
    }
    file = folder / f"{name}.recovery.json"
    file.write_text(json.dumps(plain | changes), "utf-8")
    return file


def test_what_is_written_is_found_by_the_next_session(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "time", lambda: 1234.5)
    mine = RecoveryFile(folder)
    path = folder / "é.pipeline.json"
    mine.write(path, lambda: "{“text”}").result(30)
    # The session continues: its work must not be offered.
    assert find_recoveries(folder) == []
    mine.close(keep=True)
    assert find_recoveries(folder) == [Recovery(mine.file, path, 1234.5, "{“text”}", True)]
    # Looking for it has not taken it.
    (found,) = find_recoveries(folder)
    assert mine.file.exists()
    found.discard()
    assert list(folder.iterdir()) == []
    found.discard()


def test_a_session_that_ends_as_told_did_not_crash(folder: Path) -> None:
    mine = RecoveryFile(folder)
    mine.write(None, lambda: "one")
    mine.write(None, lambda: "two", ending=True)
    mine.close(keep=True)
    (found,) = find_recoveries(folder)
    assert (found.crashed, found.text, found.path) == (False, "two", None)


def test_the_calls_are_done_in_their_order_on_another_thread(folder: Path) -> None:
    threads = []
    begun, go = threading.Event(), threading.Event()

    def text() -> str:
        threads.append(threading.current_thread())
        begun.set()
        assert go.wait(30)
        return "text"

    mine = RecoveryFile(folder)
    # Nothing is there to discard, and nothing to close: no thread is started.
    mine.discard()
    mine.close()
    assert not folder.exists()
    done = mine.write(None, text)
    # What waits is replaced by the next call; what is being written is not.
    assert begun.wait(30)
    mine.discard()
    go.set()
    done.result(30)
    mine.close(keep=True)
    assert not mine.file.exists()
    assert threading.main_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)
    # It can be used again.
    mine.write(None, text).result(30)
    assert mine.file.exists()
    mine.close()
    assert not mine.file.exists()
    assert find_recoveries(folder) == []


def test_what_can_not_be_written_leaves_the_file_before(folder: Path) -> None:
    def refuse() -> str:
        raise ValueError("no text")

    mine = RecoveryFile(folder)
    mine.write(None, lambda: "before").result(30)
    assert isinstance(mine.write(None, refuse).exception(30), ValueError)
    assert mine.write(None, lambda: "\udc80").exception(30) is None
    assert json.loads(mine.file.read_text("utf-8"))["pipeline"] == "\udc80"
    mine.file.unlink()
    mine.file.mkdir()
    (mine.file / "in the way").touch()
    assert isinstance(mine.write(None, lambda: "after").exception(30), OSError)
    # No half-written file stays beside it.
    assert {path.name for path in folder.iterdir()} == {mine.file.name, lock_of(mine.file).name}
    (mine.file / "in the way").unlink()
    mine.file.rmdir()
    mine.close()


def test_it_is_on_the_disk_before_it_replaces_the_last_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(replacing.os, "fsync", lambda number: (done.append("sync"), sync(number)))
    monkeypatch.setattr(
        replacing.os, "replace", lambda old, new: (done.append("replace"), replace(old, new))
    )
    mine = RecoveryFile(folder)
    mine.write(None, lambda: "x" * 100_000).result(30)
    # The folder follows, where the system lets it be synced.
    assert done[:2] == ["sync", "replace"]
    assert set(done[2:]) <= {"sync"}
    mine.close()


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.write_text("{"),
        lambda file: file.write_text("[]"),
        lambda file: file.write_bytes(b"\xff\xfe"),
        lambda file: leave(file.parent, format="other"),
        lambda file: leave(file.parent, pipeline=3),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)
def test_a_damaged_file_hides_no_other_one(folder: Path, harm: Callable[[Path], object]) -> None:
    damaged = leave(folder)
    other = leave(folder, "b")
    harm(damaged)
    named: list[DamagedRecordError] = []
    assert [found.file for found in find_recoveries(folder, named.append)] == [other]
    assert [error.path for error in named] == [damaged]
    assert damaged.exists()
    # Whoever locked it to look at it has let it go.
    assert not lock_of(damaged).exists()


@pytest.mark.parametrize(
    ("entry", "value"),
    [("saved_at", "now"), ("saved_at", None), ("saved_at", 1e300), ("path", 7), ("crashed", "no")],
)
def test_a_damaged_entry_is_named_and_hides_no_pipeline(
    folder: Path, entry: str, value: object
) -> None:
    file = leave(folder, **{"path": "/x/p.pipeline.json", "crashed": False, entry: value})
    (found,) = find_recoveries(folder)
    assert (found.file, found.text, found.damaged) == (file, "text", (entry,))
    known = {"path": found.path, "saved_at": found.saved_at, "crashed": found.crashed}
    del known[entry]
    whole = {"path": Path("/x/p.pipeline.json"), "saved_at": 5.0, "crashed": False}
    assert known.items() <= whole.items()


def test_locks_that_a_crash_has_left_are_removed_and_those_in_use_are_not(folder: Path) -> None:
    folder.mkdir()
    stray, junk, young = (folder / f"{name}.recovery.lock" for name in ("a", "b", "c"))
    for path in (stray, junk, young):
        path.write_text("" if path != junk else "no lock at all")
    running = RecoveryFile(folder)
    running.write(None, lambda: "text").result(30)
    running.discard()
    running._thread.submit(lambda: None).result(30)
    in_use = lock_of(running.file)
    for path in (stray, junk, in_use):
        os.utime(path, (1, 1))
    assert not running.file.exists()
    find_recoveries(folder)
    assert set(folder.iterdir()) == {young, in_use}
    running.close()


def test_the_latest_comes_first_and_odd_facts_harm_nothing(folder: Path) -> None:
    leave(folder, "a", saved_at=1)
    leave(folder, "b", saved_at=3.5, other=7)
    leave(folder, "c", saved_at=2, path="/x/p.pipeline.json", crashed=False)
    (folder / "other.json").write_text("{}")
    found = find_recoveries(folder)
    assert [each.saved_at for each in found] == [3.5, 2.0, 1.0]
    assert [each.path for each in found] == [None, Path("/x/p.pipeline.json"), None]
    assert [each.crashed for each in found] == [True, False, True]
    assert all(isinstance(each.saved_at, float) for each in found)
    assert find_recoveries(folder / "none") == []


def test_a_lock_is_stale_by_its_process_and_never_by_its_age(folder: Path) -> None:
    """A session may be open for weeks without an edit."""
    program = (
        "import sys; from pathlib import Path;"
        "from designer.app.document.recovery import RecoveryFile;"
        "mine = RecoveryFile(Path(sys.argv[1])); mine.write(None, lambda: 'text').result(30);"
        "print(mine.file, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as session:
        assert session.stdout
        file = Path(session.stdout.readline().strip())
        long_ago = time.time() - 40 * 24 * 3600
        os.utime(lock_of(file), (long_ago, long_ago))
        assert find_recoveries(folder) == []
        session.kill()
    assert [each.file for each in find_recoveries(folder)] == [file]
    # Neither its lock nor anything else stays beside it.
    assert list(folder.iterdir()) == [file]
