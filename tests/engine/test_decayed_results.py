"""Stored results whose content has changed though nothing else shows it.

They are compared when they are read, and only then: to plan a run, size and times are enough.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from designer.engine import events, inspection
from designer.engine.fingerprints import digest
from designer.engine.store import entry as store_entry
from designer.engine.store import output_check, store
from designer.engine.store.errors import DamagedEntryError
from designer.engine.store.store import Store
from modules.contract import DataTable, ModuleError
from modules.values import storage


def decay(path: Path, folder: Path) -> None:
    """Change one bit of a file of an entry, as if the disk had lost it."""
    content = bytearray(path.read_bytes())
    content[-200 if len(content) > 200 else 0] ^= 1
    path.write_bytes(bytes(content))
    # The file system has noted that; a disk that decays leaves no such trace.
    entry = store_entry.read_manifest(folder)
    store_entry.rewrite_manifest(folder, store_entry.with_times(folder, entry))


def save(value: bytes, folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "data").write_bytes(value)
    return {"type": "Files"}


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """Return the names of the files whose content is hashed."""
    found = []
    real = store_entry.file_digest

    def note(path: Path, *_: object) -> str:
        found.append(path.parent.name)
        return real(path)

    monkeypatch.setattr(store_entry, "file_digest", note)
    monkeypatch.setattr(store, "file_digest", note)
    return found


def put(folder: Path) -> str:
    """Write an entry with two outputs in another process's name."""
    writer = Store(folder)
    key = digest("a")
    values = {"left": b"left", "right": b"right"}
    writer.add(store_entry.write_entry(folder, key, values, save, {"base": "a"}))
    writer.close()
    return key


def test_a_result_is_compared_when_it_is_read_and_once(tmp_path, read):
    key = put(tmp_path)
    read.clear()
    mine = Store(tmp_path)
    assert mine.find("a", "run") is not None
    assert read == []
    for _ in range(2):
        mine.compare(key, "left")
        assert read == ["left"]
    decay(mine.path(key) / "right" / "data", mine.path(key))
    assert mine.find("a", "run") is not None
    with pytest.raises(DamagedEntryError, match=r"right/data.*different content"):
        mine.compare(key, "right")
    mine.remove(key)
    with pytest.raises(FileNotFoundError):
        mine.compare(key, "left")
    mine.close()


def test_what_has_other_times_is_compared_at_once_and_then_known(tmp_path, read):
    key = put(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    for compared in (["left", "right"], []):
        read.clear()
        copy = Store(tmp_path / "two")
        assert copy.find("a", "run") is not None
        assert read == compared
        copy.close()
    file = copy.path(key) / "left" / "data"
    times = file.stat()
    file.write_bytes(b"LEFT")
    # Whoever sets the time back is given away by the time of that.
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    copy = Store(tmp_path / "two")
    assert copy.find("a", "run") is None
    copy.close()


def test_a_decayed_result_that_a_step_would_read_is_made_again(
    new_engine, build, tmp_path, recorder
):
    links = ("n.numbers > a.first", "a.sums > b.first", "a.sums > c.first")
    nodes = {"n": "numbers", "a": "add", "b": ("add", {"amount": 10})}
    first = new_engine().run(build(nodes, *links[:2]), base=tmp_path)
    for node, port in (("n", "numbers"), ("a", "sums")):
        folder = first.nodes[node].outputs[port].path
        decay(folder / "data.arrow", folder.parent)
    wider = build(nodes | {"c": ("add", {"amount": 100})}, *links)
    # Nobody reads anything: nothing is compared.
    engine = new_engine()
    again = engine.run(build(nodes, *links[:2]), base=tmp_path)
    assert {node.status for node in again.nodes.values()} == {"reused"}
    result = engine.run(wider, base=tmp_path, on_event=recorder)
    assert {name: node.status for name, node in result.nodes.items()} == {
        "n": "completed",
        "a": "completed",
        "b": "reused",
        "c": "completed",
    }
    frame = storage.load(result.nodes["c"].outputs["sums"].path).frame
    assert frame["x"].tolist() == [101, 102, 103]
    for node, title, port in (("n", "Numbers", "numbers"), ("a", "Add", "sums")):
        assert [event.text for event in recorder.of(events.LogLine, node)] == [
            f"The stored result of “{title}” ({node}) at “{port.title()}” is damaged, so the step "
            f"runs again: “{port}/data.arrow” has different content."
        ]
    assert recorder.of(events.RunFinished)[0].status == "completed"
    last = new_engine().run(wider, base=tmp_path)
    assert {node.status for node in last.nodes.values()} == {"reused"}


def test_many_steps_may_follow_from_a_decayed_result(new_engine, build, tmp_path):
    """A lattice, in which each step is reached in thousands of ways."""
    nodes = {"n": "numbers"} | {f"a{row}": "add" for row in range(30)}
    links = ["n.numbers > a0.first"]
    for row in range(1, 30):
        links += [f"a{row - 1}.sums > a{row}.first", f"a{max(row - 2, 0)}.sums > a{row}.second"]
    first = new_engine().run(build(nodes, *links), base=tmp_path)
    folder = first.nodes["n"].outputs["numbers"].path
    decay(folder / "data.arrow", folder.parent)
    more = build(nodes | {"b": ("add", {"amount": 2})}, *links, "n.numbers > b.first")
    result = new_engine().run(more, base=tmp_path)
    assert result.nodes.pop("n").status == "completed"
    assert result.nodes.pop("b").status == "completed"
    assert {node.status for node in result.nodes.values()} == {"reused"}


def test_a_decayed_result_is_not_shown_and_the_next_run_makes_it_again(new_engine, build, tmp_path):
    pipeline = build({"n": "numbers", "m": "measure"}, "n.numbers > m.table")
    first = new_engine().run(pipeline, base=tmp_path)
    for node, port, file in (("n", "numbers", "data.arrow"), ("m", "evaluation", "metrics.json")):
        folder = first.nodes[node].outputs[port].path
        output_check.check_output(folder)
        decay(folder / file, folder.parent)
        with pytest.raises(ModuleError, match=f"“{port}/{file}” has different content") as caught:
            output_check.check_output(folder)
        assert caught.value.code == "value-damaged"
        assert caught.value.hint
    with pytest.raises(ModuleError, match="damaged"):
        inspection.inspect(first.nodes["m"].outputs["evaluation"].path)
    result = new_engine().run(pipeline, base=tmp_path)
    assert [node.status for node in result.nodes.values()] == ["completed", "completed"]
    output_check.check_output(result.nodes["n"].outputs["numbers"].path)


def test_a_large_result_is_not_read_to_be_shown_unless_it_was_touched(tmp_path, monkeypatch, read):
    monkeypatch.setattr(output_check, "LARGE", 3)
    key = put(tmp_path)
    folder = store_entry.entry_folder(tmp_path, key) / "left"
    read.clear()
    output_check.check_output(folder)
    assert read == []
    (folder / "data").write_bytes(b"LEFT")
    with pytest.raises(ModuleError, match="different content"):
        output_check.check_output(folder)
    assert read == ["left"]


def test_a_folder_that_is_in_no_store_is_not_checked(tmp_path):
    import pandas as pd

    storage.save(DataTable(pd.DataFrame({"x": [1]})), tmp_path / "kept")
    output_check.check_output(tmp_path / "kept")


def test_only_the_output_that_a_step_reads_is_compared(tmp_path):
    store = Store(tmp_path)
    values = {"out": b"1", "out2": b"2"}
    key = digest("a")
    store.add(store_entry.write_entry(tmp_path, key, values, save, {"base": "a"}))
    store.close()
    again = Store(tmp_path)
    assert again.find("a", "run") is not None
    decay(again.path(key) / "out2" / "data", again.path(key))
    again.compare(key, "out")
    with pytest.raises(DamagedEntryError, match="out2/data"):
        again.compare(key, "out2")
    again.close()


def test_what_was_compared_as_a_whole_is_not_read_again(tmp_path, read):
    """A store that was copied has other times: all of an entry is compared at its first use."""
    key = put(tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "copied", copy_function=shutil.copyfile)
    read.clear()
    copied = Store(tmp_path / "copied")
    assert copied.find("a", "run") is not None
    assert sorted(read) == ["left", "right"]
    copied.compare(key, "left")
    assert len(read) == 2
    copied.close()
