"""What the store keeps and for how long, and the exact words about a damaged entry."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from designer.engine.fingerprints import digest
from designer.engine.store import entry as entries
from designer.engine.store import index as indexes
from designer.engine.store import output_check
from designer.engine.store import store as stores
from designer.engine.store.output_check import check_output
from designer.engine.store.store import DEFAULT_LIMIT, Store
from designer.workspace import WorkspaceError
from modules.contract import ModuleError


def save(value: bytes, folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "data").write_bytes(value)
    return {"type": "Files"}


def put(store: Store, name: str, content: bytes = b"0123456789") -> str:
    key = digest(name)
    manifest = entries.write_entry(store.folder, key, {"out": content}, save, {"base": name})
    store.add(manifest)
    return key


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "store", limit=5)
    yield made
    made.close()


def pins(store: Store) -> set[str]:
    return {owner for (owner,) in store._index.rows("SELECT owner FROM pins")}


def pin_as(store: Store, key: str, owner: str, pid: int) -> None:
    """Pin an entry as another process would."""
    store._index.write(("INSERT INTO pins VALUES (?, ?, ?, ?)", (key, owner, pid, 0.0)))


@pytest.fixture
def dead() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_pins_of_a_process_that_has_died_keep_nothing(store, dead):
    kept, freed, mine = (put(store, name) for name in ("kept", "freed", "mine"))
    pin_as(store, kept, "a run that continues", os.getppid())
    pin_as(store, freed, "a run that was killed", dead)
    store.pin(mine, "my run")
    assert store.tidy() == [freed]
    assert store.path(kept).exists()
    assert store.path(mine).exists()
    # Another program that opens the store forgets them at once.
    Store(store.folder).close()
    assert pins(store) == {"a run that continues", "my run"}


@pytest.mark.skipif(os.name == "nt", reason="processes of POSIX")
def test_a_process_that_has_ended_and_is_not_yet_buried_has_died(store):
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
        key = put(store, "a")
        pin_as(store, key, "its run", process.pid)
        assert store.tidy() == [key]
    finally:
        process.wait()


def test_a_process_that_can_not_be_asked_may_be_alive(store, monkeypatch):
    def denied(pid):
        raise psutil.AccessDenied(pid)

    monkeypatch.setattr(psutil, "Process", denied)
    key = put(store, "a")
    pin_as(store, key, "their run", 4)
    assert store.tidy() == []


def test_the_limit_is_twenty_gigabytes_and_is_met_exactly(tmp_path):
    assert DEFAULT_LIMIT == 20 * 1024**3
    store = Store(tmp_path)
    assert store.limit == DEFAULT_LIMIT
    first, second, third = (put(store, name) for name in "abc")
    store.limit = 30
    assert store.tidy() == []
    store.limit = 29
    assert store.tidy() == [first]
    # It stops as soon as the rest fits.
    assert store.size() == 20
    store.limit = 10
    assert store.tidy() == [second]
    store.limit = 0
    assert store.tidy() == [third]
    assert store.size() == 0
    store.close()


@pytest.mark.parametrize(("hours", "stays"), [(23, True), (25, False)])
def test_what_another_computer_left_unfinished_goes_after_a_day(store, hours, stays):
    path = store.folder / "unfinished" / "abc-0123abcd-1-1"
    path.mkdir(parents=True)
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))
    store.tidy()
    assert path.exists() is stays


@pytest.mark.parametrize("name", ["abc", "abc-{}-x-1", "abc-{}"])
def test_what_nobody_writes_goes_at_once(store, name):
    path = store.folder / "unfinished" / name.format(entries.computer())
    path.mkdir(parents=True)
    os.utime(path, (0, 0))
    store.close()
    assert not path.exists()


@pytest.mark.parametrize(("age", "reads"), [(1.5, 2), (2.5, 1)])
def test_a_file_is_read_again_if_it_was_written_just_before(
    store, tmp_path, monkeypatch, age, reads
):
    file = tmp_path / "data.csv"
    file.write_text("1")
    now = file.stat().st_mtime + age
    monkeypatch.setattr(stores, "time", SimpleNamespace(time=lambda: now))
    read = []
    real = stores.file_digest
    monkeypatch.setattr(
        stores, "file_digest", lambda path, *rest: read.append(path) or real(path, *rest)
    )
    assert store.content_digest(file) == store.content_digest(file) == real(file)
    assert len(read) == reads


def test_a_damaged_entry_is_told_and_removed(store, caplog):
    key = put(store, "a")
    file = store.path(key) / "out" / "data"
    file.unlink()
    told = []
    assert store.find("a", "run", told.append) is None
    (damage,) = told
    assert (str(damage), damage.file, damage.port) == (
        "“out/data” is missing.",
        "out/data",
        "out",
    )
    assert caplog.text == ""
    assert not store.path(key).exists()
    assert store.find("a", "run") is None
    key = put(store, "a")
    file.unlink()
    assert store.get(key, "run") is None
    assert f"The stored result {key} is damaged and was removed. “out/data” is" in caplog.text
    assert store.size() == 0


def relabel(**changes: object) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        file = folder / entries.MANIFEST
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    return harm


def unreadable(reason: str) -> str:
    return f"The list of files can't be read: {reason}."


def write(text: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder / entries.MANIFEST).write_text(text)

    return harm


@pytest.mark.parametrize(
    ("harm", "problem", "file"),
    [
        (relabel(format=2), unreadable("“format”: input should be 1"), ""),
        (relabel(key="other"), "The list of files belongs to another entry.", ""),
        (relabel(files=[]), unreadable("“files”: input should be a valid dictionary"), ""),
        (relabel(outputs=3), unreadable("“outputs”: input should be a valid dictionary"), ""),
        (write("{"), unreadable("line 1 isn't JSON"), ""),
        (write("3"), unreadable("it doesn't contain a JSON object"), ""),
        (write("{}"), unreadable("“format”: field required"), ""),
        (lambda folder: (folder / "entry.json").unlink(), "The list of files is missing.", ""),
        (
            lambda folder: (
                (folder / "entry.json").unlink(),
                (folder / "entry.json").mkdir(),
            ),
            unreadable("it isn't a file"),
            "",
        ),
        (
            lambda folder: (folder / "out" / "data").write_bytes(b"012345678"),
            "“out/data” has a different size.",
            "out/data",
        ),
        (
            lambda folder: (folder / "out" / "data").write_bytes(b"0123456780"),
            "“out/data” has different content.",
            "out/data",
        ),
        (
            lambda folder: (
                (folder / "out" / "data").unlink(),
                (folder / "out" / "data").mkdir(),
            ),
            "“out/data” isn't a file.",
            "out/data",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_exactly(tmp_path, harm, problem, file):
    key = "ab" * 20
    manifest = entries.write_entry(tmp_path, key, {"out": b"0123456789"}, save, {"base": "b"})
    folder = entries.entry_folder(tmp_path, key)
    assert folder == tmp_path / "entries" / "ab" / key
    assert manifest["bytes"] == 10
    entries.check_entry(folder, entries.read_manifest(folder), contents=True)
    harm(folder)
    with pytest.raises(entries.DamagedEntryError) as caught:
        entries.check_entry(folder, entries.read_manifest(folder), contents=True)
    assert (str(caught.value), caught.value.file) == (problem, file)
    assert caught.value.port == file.partition("/")[0]


def test_times_tell_that_a_file_was_changed(tmp_path):
    manifest = entries.write_entry(tmp_path, "ab" * 20, {"out": b"x"}, save, {})
    folder = entries.entry_folder(tmp_path, "ab" * 20)
    assert entries.is_untouched(folder, manifest)
    entries.check_entry(folder, manifest, contents=False)
    os.utime(folder / "out" / "data", (1, 1))
    assert not entries.is_untouched(folder, manifest)
    with pytest.raises(entries.DamagedEntryError, match="“out/data” was changed"):
        entries.check_entry(folder, manifest, contents=False)
    entries.check_entry(folder, manifest, contents=True)
    (folder / "out" / "data").unlink()
    assert not entries.is_untouched(folder, manifest)


@pytest.mark.parametrize(
    ("number", "full"),
    [(errno.ENOSPC, True), (errno.EFBIG, True), (errno.EDQUOT, True), (errno.EIO, False)],
)
def test_a_full_disk_is_told_from_a_broken_one(tmp_path, number, full):
    def fail(value, folder):
        folder.mkdir()
        raise OSError(number, "of the library", "x")

    with pytest.raises(OSError, match="." if full else "of the library") as caught:
        entries.write_entry(tmp_path, "ab" * 20, {"out": b"x"}, fail, {})
    assert isinstance(caught.value, entries.StoreFullError) is full
    assert caught.value.errno == number
    if full:
        assert caught.value.strerror == os.strerror(number)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_no_entry_is_not_a_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        entries.read_manifest(tmp_path / "none")
    assert caught.value.filename == str(tmp_path / "none")


def test_an_entry_that_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path):
    key = "ab" * 20
    first = entries.write_entry(tmp_path, key, {"out": b"1"}, save, {"base": "b", "n": 1})
    assert entries.write_entry(tmp_path, key, {"out": b"2"}, save, {"base": "b", "n": 2}) == first
    folder = entries.entry_folder(tmp_path, key)
    assert (folder / "out" / "data").read_bytes() == b"1"
    second = entries.write_entry(
        tmp_path, key, {"out": b"2"}, save, {"base": "b", "n": 2}, replace=True
    )
    assert entries.read_manifest(folder) == second
    assert (folder / "out" / "data").read_bytes() == b"2"
    assert not any((tmp_path / "unfinished").iterdir())


def test_the_digest_of_an_output_is_of_its_own_files(tmp_path):
    values = {"a": b"1", "ab": b"2"}
    first = entries.write_entry(tmp_path, "ab" * 20, values, save, {})
    other = entries.write_entry(tmp_path, "cd" * 20, values | {"ab": b"3"}, save, {})
    assert entries.output_digest(first, "a") == entries.output_digest(other, "a")
    assert entries.output_digest(first, "ab") != entries.output_digest(other, "ab")
    assert len(entries.output_digest(first, "a")) == 40


# The index.


def test_the_index_waits_half_a_minute_for_others(tmp_path, monkeypatch):
    waits = []
    connect = sqlite3.connect

    def remembered(path, **options):
        waits.append(options["timeout"])
        return connect(path, **options)

    monkeypatch.setattr(sqlite3, "connect", remembered)
    Store(tmp_path).close()
    assert waits == [30]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SQLITE_BUSY_SNAPSHOT", "another program keeps its index locked"),
        ("SQLITE_READONLY_DBMOVED", os.strerror(errno.EACCES).lower()[0:1]),
        ("SQLITE_CANTOPEN", os.strerror(errno.EACCES)[0:1].lower()),
        ("SQLITE_PERM", os.strerror(errno.EACCES)[0:1].lower()),
        ("SQLITE_FULL", "no space"),
        ("SQLITE_IOERR", "what SQLite says"),
    ],
)
def test_why_the_index_can_not_be_opened(tmp_path, monkeypatch, name, reason):
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorname = name

    def refuse(path, **options):
        raise error

    monkeypatch.setattr(indexes.sqlite3, "connect", refuse)
    with pytest.raises(WorkspaceError) as caught:
        Store(tmp_path / "w" / "store")
    assert caught.value.folder == tmp_path / "w"
    assert caught.value.reason.startswith(reason)
    wanted = "Free some space" if name == "SQLITE_FULL" else "Choose another folder"
    assert caught.value.hint.startswith(wanted)


def test_an_index_that_is_made_anew_lists_sound_entries_only(tmp_path):
    store = Store(tmp_path)
    kept, broken = put(store, "kept"), put(store, "broken")
    store.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    relabel(bytes="many")(entries.entry_folder(tmp_path, broken))
    again = Store(tmp_path)
    assert again.size() == 10
    assert again.find("kept", "run")["key"] == kept
    assert again.find("broken", "run") is None
    # It would use room that nobody counts.
    assert not again.path(broken).exists()
    again.close()


# What is checked before it is shown.


@pytest.mark.parametrize(("limit", "noticed"), [(9, False), (10, True), (11, True)])
def test_content_is_compared_up_to_a_size(tmp_path, monkeypatch, limit, noticed):
    assert output_check.LARGE == 64 * 1024**2
    monkeypatch.setattr(output_check, "LARGE", limit)
    key = "ab" * 20
    entries.write_entry(tmp_path, key, {"out": b"0123456789"}, save, {"base": "b"})
    folder = entries.entry_folder(tmp_path, key)
    file = folder / "entry.json"
    # Other content than is written down, and nothing shows that it was changed.
    plain = json.loads(file.read_text())
    plain["files"]["out/data"]["blake3"] = "0" * 64
    file.write_text(json.dumps(plain))
    if not noticed:
        check_output(folder / "out")
        return
    with pytest.raises(ModuleError) as caught:
        check_output(folder / "out")
    assert caught.value.code == "value-damaged"
    assert caught.value.message == (
        "The stored result is damaged: “out/data” has different content."
    )
    assert caught.value.hint == "Run the pipeline again to recompute it."
    # Whoever plans with it will look at its content too.
    assert not entries.is_untouched(folder, plain)


def test_everything_that_no_run_needs_is_cleared_at_once(tmp_path):
    store = Store(tmp_path / "store")
    keys = [put(store, name) for name in ("one", "two", "mine")]
    store.pin(keys[2], "my run")
    assert store.clear() == 20
    assert [store.path(key).exists() for key in keys] == [False, False, True]
    assert store.size() == 10
    store.close()
