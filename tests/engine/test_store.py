"""The store by itself, without workers."""

from __future__ import annotations

import copy
import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from permissions import binding_permissions

from designer.engine.fingerprints import digest
from designer.engine.store import entry as entries
from designer.engine.store.store import Store
from designer.workspace import WorkspaceError
from modules.values import Files, storage


def save(value: bytes, folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "data").write_bytes(value)
    return {"type": "Files"}


def put(store: Store, name: str, content: bytes = b"content") -> str:
    key = digest(name)
    manifest = entries.write_entry(store.folder, key, {"out": content}, save, {"base": name})
    store.add(manifest)
    return key


def test_an_entry_is_found_by_its_fingerprint_and_survives_a_restart(tmp_path):
    store = Store(tmp_path)
    key = put(store, "one")
    assert store.find("one", "run")["key"] == key
    assert store.find("two", "run") is None
    store.close()
    again = Store(tmp_path)
    assert again.find("one", "run")["key"] == key
    assert (again.path(key) / "out" / "data").read_bytes() == b"content"
    again.close()


def test_a_lost_index_is_made_anew(tmp_path):
    store = Store(tmp_path)
    put(store, "one")
    store.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    again = Store(tmp_path)
    assert again.find("one", "run") is not None
    assert again.size() == 7
    again.close()


@pytest.mark.parametrize("harm", ["no database", "half of it", "a page of zeros", "an old page"])
def test_a_damaged_index_is_made_anew(tmp_path, harm, caplog):
    store = Store(tmp_path)
    file = tmp_path / "index.sqlite"
    keys = [put(store, f"entry {number}") for number in range(150)]
    store.close()
    content = bytearray(file.read_bytes())
    assert len(content) >= 8 * 4096
    page = slice(5 * 4096, 6 * 4096)
    if harm == "no database":
        content[:] = b"this is no database" * 100
    elif harm == "half of it":
        del content[len(content) // 2 :]
    elif harm == "a page of zeros":
        content[page] = bytes(4096)
    else:
        content[page] = content[2 * 4096 : 3 * 4096]
    file.write_bytes(content)
    again = Store(tmp_path)
    assert "The index of the store is damaged and is rebuilt" in caplog.text
    assert [again.find(f"entry {n}", "run")["key"] for n in range(150)] == keys
    assert again.size() == 150 * 7
    again.close()


def test_an_index_that_is_damaged_while_it_is_open_stops_nothing(tmp_path, caplog):
    store = Store(tmp_path)
    for number in range(150):
        put(store, f"entry {number}")
    store._index._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (tmp_path / "index.sqlite").read_bytes()
    (tmp_path / "index.sqlite").write_bytes(b"\xff" * len(content))
    store._index._database.execute("PRAGMA shrink_memory")
    found = [store.find(f"entry {number}", "run") for number in range(150)]
    assert None in found
    assert "The index of the store can't be read" in caplog.text
    key = put(store, "more")
    assert store.get(key, "run")["key"] == key
    store.limit = 0
    store.tidy()
    store.release("run")
    store.close()
    again = Store(tmp_path)
    assert again.find("entry 7", "run") is not None
    again.close()


@pytest.fixture
def powerless(tmp_path):
    """Return a folder; permissions bind whoever runs the test."""
    with binding_permissions():
        yield tmp_path


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("place", ["out/data", "out", "entry.json", ""])
def test_an_entry_that_may_not_be_read_is_made_again(powerless, place, warm, caplog):
    store = Store(powerless)
    key = put(store, "a")
    if not warm:
        store.close()
        store = Store(powerless)
    (store.path(key) / place).chmod(0)
    assert store.find("a", "run") is None
    assert f"The stored result {key} is damaged and was removed." in caplog.text
    assert put(store, "a", b"again") == key
    assert store.find("a", "run")["bytes"] == 5
    assert list((powerless / "unfinished").iterdir()) == []
    store.close()


@pytest.mark.parametrize("place", ["", "index.sqlite"])
def test_a_store_that_may_not_be_written_is_said(powerless, place):
    Store(powerless / "w" / "store").close()
    (powerless / "w" / "store" / place).chmod(0o500)
    with pytest.raises(WorkspaceError) as raised:
        Store(powerless / "w" / "store")
    reason = os.strerror(errno.EACCES).lower()
    assert raised.value.message == f"The workspace “{powerless / 'w'}” can't be used: {reason}."


def test_what_is_stored_of_files_that_nobody_may_change_can_be_removed(powerless):
    source = powerless / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file").write_text("x")
    for path in (source / "deep" / "file", source / "deep", source):
        path.chmod(0o555)
    store = Store(powerless / "store")
    key = digest("a")
    files = {"out": Files(source)}
    store.add(entries.write_entry(store.folder, key, files, storage.save, {"base": "a"}))
    assert (store.path(key) / "out" / "files" / "deep" / "file").read_text() == "x"
    store.limit = 0
    assert store.tidy() == [key]
    assert [
        path for path in store.folder.glob("*/*") if path.is_file() or any(path.iterdir())
    ] == []
    store.close()
    for path in (source, source / "deep"):
        path.chmod(0o755)


def test_what_was_used_least_recently_goes_first(tmp_path):
    store = Store(tmp_path, limit=25)
    keys = {name: put(store, name, b"0123456789") for name in "ab"}
    assert store.tidy() == []
    store.find("a", "run")
    store.release("run")
    keys["c"] = put(store, "c", b"0123456789")
    assert store.tidy() == [keys["b"]]
    assert not store.path(keys["b"]).exists()
    assert store.find("b", "run") is None
    assert store.find("a", "run") is not None
    store.close()


def test_what_a_run_needs_stays_even_beyond_the_limit(tmp_path):
    store, other = Store(tmp_path, limit=5), Store(tmp_path, limit=5)
    key = put(store, "a", b"0123456789")
    assert other.find("a", "their run") is not None
    assert store.tidy() == []
    other.release("their run")
    assert store.tidy() == [key]
    assert other.find("a", "their run") is None
    for each in (store, other):
        each.close()


def test_the_first_of_two_writers_wins_and_nothing_is_left_behind(tmp_path):
    store = Store(tmp_path)
    key = put(store, "a", b"first")
    assert put(store, "a", b"again") == key
    assert (store.path(key) / "out" / "data").read_bytes() == b"first"
    manifest = entries.write_entry(
        tmp_path, key, {"out": b"third"}, save, {"base": "a"}, replace=True
    )
    store.add(manifest)
    assert (store.path(key) / "out" / "data").read_bytes() == b"third"
    assert store.find("a", "run") is not None
    assert list((tmp_path / "unfinished").iterdir()) == []
    store.close()


def test_an_equal_result_that_is_made_again_is_never_away(tmp_path, caplog):
    """Another process may be reading it just now."""
    store, other = Store(tmp_path), Store(tmp_path)
    key = put(store, "a")
    assert other.find("a", "their run") is not None
    file = store.path(key) / "out" / "data"
    before = file.stat()
    manifest = entries.write_entry(
        tmp_path,
        key,
        {"out": b"content"},
        save,
        {"base": "a", "warnings": ["new"]},
        replace=True,
    )
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    store.add(manifest)
    for each in (store, other):
        assert each.find("a", "their run")["warnings"] == ["new"]
    assert caplog.text == ""
    # What only looks equal is replaced.
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    entries.write_entry(tmp_path, key, {"out": b"content"}, save, {"base": "a"}, replace=True)
    assert file.read_bytes() == b"content"
    for each in (store, other):
        each.close()


def test_a_result_that_another_process_removed_and_made_again_is_as_good(tmp_path, caplog):
    store, other = Store(tmp_path), Store(tmp_path)
    key = put(store, "a")
    assert other.find("a", "their run") is not None
    store.remove(key)
    assert put(store, "a") == key
    file = store.path(key) / "out" / "data"
    # As if more time had passed than the clock of the disk can tell.
    manifest = entries.read_manifest(store.path(key))
    manifest["files"]["out/data"]["mtime"] += 10**9
    os.utime(file, ns=(0, manifest["files"]["out/data"]["mtime"]))
    (store.path(key) / entries.MANIFEST).write_text(json.dumps(manifest))
    for _ in range(2):
        assert other.find("a", "their run") is not None
    assert caplog.text == ""
    os.utime(file, (1, 1))
    assert other.find("a", "their run") is None
    assert "was changed" in caplog.text
    for each in (store, other):
        each.close()


def keep_what_is_in_use(monkeypatch):
    """Act as Windows does with a file that a process has mapped: ``data`` in an entry."""

    def refuse(call, place):
        def refusing(path, *more, **options):
            if place(path, *more):
                raise PermissionError(13, "Permission denied", str(path))
            return call(path, *more, **options)

        return refusing

    def in_use(path, *_):
        return os.path.basename(path) == "data"

    monkeypatch.setattr(os, "unlink", refuse(os.unlink, in_use))
    monkeypatch.setattr(os, "replace", refuse(os.replace, lambda _, to: in_use(to)))
    monkeypatch.setattr(
        Path, "rename", refuse(Path.rename, lambda path, _: (path / "out" / "data").exists())
    )


def test_a_result_in_use_that_is_computed_again_stays_whole(tmp_path, monkeypatch):
    key = "ab" * 20
    folder = entries.entry_folder(tmp_path, key)
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "data").write_bytes(b"content")
    os.utime(folder / "out" / "data", (1, 1))
    keep_what_is_in_use(monkeypatch)
    store = Store(tmp_path)
    for content in (b"content", b"content"):
        manifest = entries.write_entry(
            tmp_path, key, {"out": content}, save, {"base": "a"}, replace=True
        )
        store.add(manifest)
        assert store.find("a", "run") is not None
    with pytest.raises(PermissionError):
        entries.write_entry(tmp_path, key, {"out": b"other"}, save, {"base": "a"}, replace=True)
    assert (folder / "out" / "data").read_bytes() == b"content"
    assert store.find("a", "run") is None
    store.close()


def test_what_is_in_use_is_removed_as_soon_as_it_is_not(tmp_path, monkeypatch):
    store = Store(tmp_path, limit=5)
    key = put(store, "a", b"0123456789")
    keep_what_is_in_use(monkeypatch)
    assert store.tidy() == []
    assert store.find("a", "run") is None
    assert store.size() == 10
    monkeypatch.undo()
    assert store.tidy() == [key]
    assert store.size() == 0
    assert not store.path(key).exists()
    store.close()


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    def fail(value: bytes, folder: Path) -> dict[str, object]:
        save(value, folder)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        entries.write_entry(tmp_path, "ab" * 20, {"out": b"x"}, fail, {})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_dead_writer_left_is_removed(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    here = entries.computer()
    names = ("abc", f"abc-{here}-{process.pid}-1234", f"abc-{here}-{os.getpid()}-1234")
    for name in names:
        (tmp_path / "unfinished" / name).mkdir(parents=True)
    os.utime(tmp_path / "unfinished" / "abc", (0, 0))
    Store(tmp_path).close()
    assert [path.name for path in (tmp_path / "unfinished").iterdir()] == [names[2]]


def test_what_another_computer_writes_stays_for_a_day(tmp_path):
    """The number of its process says nothing here."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    fresh, old = (tmp_path / "unfinished" / f"abc-0123abcd-{process.pid}-{n}" for n in (1, 2))
    for path in (fresh, old):
        path.mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    Store(tmp_path).close()
    assert list((tmp_path / "unfinished").iterdir()) == [fresh]


def test_a_store_may_be_copied(tmp_path):
    import shutil

    store = Store(tmp_path / "one")
    put(store, "a")
    store.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    copy = Store(tmp_path / "two")
    for _ in range(2):
        assert copy.find("a", "run") is not None
    copy.close()


def test_an_index_that_can_not_be_written_any_more_stops_nothing(tmp_path, caplog):
    store = Store(tmp_path)
    key = put(store, "a")
    # As on a full disk: the file can't grow.
    (pages,) = store._index._database.execute("PRAGMA page_count").fetchone()
    store._index._database.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(500):
        put(store, f"more {number}")
        store.pin(digest(str(number)), "run " * 50)
    assert "The index of the store can't be written" in caplog.text
    assert "full" in caplog.text
    assert store.get(key, "run")["key"] == key
    file = tmp_path / "some file"
    file.write_text("x")
    os.utime(file, (1, 1))
    assert store.content_digest(file) == store.content_digest(file)
    store.release("run " * 50)
    assert store.tidy() == []
    store.close()
    # What the index missed, the next one doesn't find, and makes again.
    again = Store(tmp_path)
    assert again.get(key, "run")["key"] == key
    again.close()


@pytest.mark.parametrize("harm", ["file", "index"])
def test_a_folder_that_can_not_be_used_is_said_with_its_name(tmp_path, harm):
    place = tmp_path / "w"
    if harm == "file":
        place.write_text("")
    else:
        (place / "store" / "index.sqlite").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="can't be used") as raised:
        Store(place / "store")
    assert f"“{place}”" in raised.value.message
    assert raised.value.hint
    twin = copy.copy(raised.value)
    assert (twin.message, twin.hint) == (raised.value.message, raised.value.hint)


def test_a_folder_has_a_digest_of_names_and_contents(tmp_path):
    store = Store(tmp_path / "store")
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a").write_text("1")
    before = store.content_digest(folder)
    assert store.content_digest(folder) == before
    (folder / "deep" / "a").rename(folder / "deep" / "b")
    renamed = store.content_digest(folder)
    (folder / "deep" / "b").write_text("2")
    assert len({before, renamed, store.content_digest(folder)}) == 3
    store.close()


PINNING = """
import sys
from pathlib import Path
from designer.engine.store.store import Store

store = Store(Path(sys.argv[1]))
for key in sys.argv[2:]:
    assert store.get(key, "run") is not None
print("pinned", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("opened", ["before", "after"])
def test_pins_of_a_process_that_died_dont_keep_the_store_above_its_limit(tmp_path, opened):
    store = Store(tmp_path, limit=10)
    keys = [put(store, str(number), b"x" * 10) for number in range(4)]
    process = subprocess.Popen(
        [sys.executable, "-c", PINNING, str(tmp_path), *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "pinned\n"
    # As long as it is alive it needs them.
    assert store.tidy() == []
    assert store.size() == 40
    process.kill()
    process.wait()
    if opened == "after":
        store.close()
        store = Store(tmp_path, limit=10)
    assert sorted(store.tidy()) == sorted(keys[:3])
    assert store.size() == 10
    assert [store.path(key).exists() for key in keys] == [False, False, False, True]
    store.close()
    process.stdin.close()
    process.stdout.close()


def test_the_latest_entry_of_a_fingerprint_is_found(tmp_path):
    """A step that isn't deterministic is stored under a new key each time."""
    store = Store(tmp_path)
    for number in (1, 2):
        key = digest(f"run {number}")
        store.add(entries.write_entry(tmp_path, key, {"out": b"x"}, save, {"base": "one"}))
        assert store.find("one", "run")["key"] == key
    store.close()
