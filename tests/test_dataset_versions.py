"""Versions of registered datasets: numbered, described, stored once by content."""

from __future__ import annotations

import subprocess
import sys

import pytest
from blake3 import blake3

from designer.dataset_record import changes
from designer.records import DamagedRecordError
from designer.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "w")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("a\n1\n", "utf-8")
    return path


def stored(workspace) -> int:
    """Return how many contents are stored."""
    return len(list((workspace.datasets_folder / ".data").glob("*")))


def test_registering_again_makes_a_version_and_each_stays_readable(workspace, file):
    first = workspace.register_dataset("prices", file, description="one")
    file.write_text("a\n2\n", "utf-8")
    second = workspace.register_dataset("prices", file)
    assert (first.version, second.version) == (1, 2)
    assert second.hash == blake3(b"a\n2\n").hexdigest()
    assert workspace.dataset("prices").read_text() == "a\n2\n"
    assert workspace.dataset("prices@latest").read_text() == "a\n2\n"
    assert workspace.dataset("prices@1").read_text() == "a\n1\n"
    assert workspace.resolve("dataset:prices@1", file.parent).read_text() == "a\n1\n"
    listed = workspace.dataset_store.versions("prices")
    assert [(each.version, each.description) for each in listed] == [(2, ""), (1, "one")]
    assert set(workspace.dataset_store.references()) == {
        "prices", "prices@1", "prices@2", "prices@latest"
    }  # fmt: skip


def test_the_content_of_the_latest_version_makes_no_other(workspace, file):
    workspace.register_dataset("prices", file)
    again = workspace.register_dataset("prices", file, description="of May")
    assert again.version == 1
    assert workspace.dataset_store.versions("prices")[0].description == "of May"
    assert len(workspace.dataset_store.versions("prices")) == 1


def test_equal_content_is_stored_once_and_stays_while_anything_has_it(workspace, file, tmp_path):
    other = tmp_path / "same.txt"
    other.write_bytes(file.read_bytes())
    workspace.register_dataset("prices", file)
    workspace.register_dataset("copy", file)
    workspace.register_dataset("text", other)
    assert stored(workspace) == 1
    assert workspace.dataset("text").name == "same.txt"
    assert workspace.dataset("text").stat().st_ino == workspace.dataset("copy").stat().st_ino
    workspace.dataset_store.remove("prices")
    workspace.dataset_store.remove("copy")
    assert workspace.dataset("text").read_text() == "a\n1\n"
    workspace.dataset_store.remove("text")
    assert list(workspace.datasets_folder.iterdir()) == []


def test_the_number_of_a_removed_version_is_not_used_again(workspace, file):
    for value in (1, 2):
        file.write_text(f"a\n{value}\n", "utf-8")
        workspace.register_dataset("prices", file)
    workspace.dataset_store.remove("prices@2")
    assert workspace.dataset("prices").read_text() == "a\n1\n"
    with pytest.raises(KeyError, match="has no version 2; it has 1"):
        workspace.dataset("prices@2")
    file.write_text("a\n3\n", "utf-8")
    assert workspace.register_dataset("prices", file).version == 3
    assert stored(workspace) == 2


@pytest.mark.parametrize("reference", ["prices@0", "prices@x", "prices@1.0", "prices@-1", "@1"])
def test_a_version_that_is_not_there_is_named(workspace, file, reference):
    workspace.register_dataset("prices", file)
    with pytest.raises(KeyError, match=r"no version|no registered dataset"):
        workspace.dataset(reference)
    with pytest.raises(KeyError, match=r"no version|no registered dataset"):
        workspace.dataset_store.remove(reference)
    assert workspace.dataset("prices").exists()


def test_a_folder_has_versions_by_its_content_and_names(workspace, tmp_path):
    folder = tmp_path / "pictures"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a").write_bytes(b"1")
    first = workspace.register_dataset("pictures", folder)
    expected = blake3(f"in/a\0{blake3(b'1').hexdigest()}\n".encode()).hexdigest()
    assert first.hash == expected
    assert workspace.register_dataset("pictures", folder).version == 1
    (folder / "in" / "a").rename(folder / "in" / "b")
    assert workspace.register_dataset("pictures", folder).version == 2
    assert (workspace.dataset("pictures@1") / "in" / "a").read_bytes() == b"1"


def test_a_damaged_version_leaves_the_others(workspace, file):
    for value in (1, 2):
        file.write_text(f"a\n{value}\n", "utf-8")
        workspace.register_dataset("prices", file)
    record = workspace.datasets_folder / "prices" / "2" / "dataset.json"
    record.write_text('{"version": 2, "file": "../../x", "hash": "no"}', "utf-8")
    damaged: list[DamagedRecordError] = []
    assert [
        each.version for each in workspace.dataset_store.versions("prices", damaged.append)
    ] == [1]
    assert [each.path for each in damaged] == [record]
    assert workspace.dataset("prices@1").read_text() == "a\n1\n"
    with pytest.raises(KeyError, match="can't be used"):
        workspace.dataset("prices")
    # Which content the damaged one has isn't known, so none is deleted.
    workspace.dataset_store.remove("prices@1")
    assert stored(workspace) == 2


def test_what_changed_is_told_by_columns_and_rows(workspace, file):
    def register(text: str, rows: int, *columns: str):
        file.write_text(text, "utf-8")
        table = {"rows": rows, "columns": [column.split(":") for column in columns]}
        return workspace.register_dataset("prices", file, table=table)

    one = register("1", 3, "a:integer", "b:string")
    two = register("2", 5, "a:number", "c:string")
    assert changes(one, two) == [
        "“c” added (string)", "“b” removed", "“a”: integer → number", "+2 rows"
    ]  # fmt: skip
    three = register("3", 5, "c:string", "a:number")
    assert changes(two, three) == ["columns in another order"]
    assert changes(three, register("4", 5, "c:string", "a:number")) == ["other values"]
    assert changes(one, one) == ["same content"]


def test_processes_that_register_at_once_get_a_version_each(workspace, tmp_path):
    program = (
        "import sys; from pathlib import Path; from designer.workspace import Workspace\n"
        "for file in sys.argv[2:]:\n"
        "    Workspace(Path(sys.argv[1])).register_dataset('prices', Path(file))\n"
    )
    started = []
    for process in range(2):
        files = [tmp_path / f"{process}-{number}.csv" for number in range(10)]
        for each in files:
            each.write_text(each.name, "utf-8")
        command = [sys.executable, "-c", program, str(workspace.folder), *map(str, files)]
        started.append(subprocess.Popen(command))
    assert [process.wait() for process in started] == [0, 0]
    versions = workspace.dataset_store.versions("prices")
    assert sorted(each.version for each in versions) == list(range(1, 21))
    assert len({each.hash for each in versions}) == 20
