"""A database of runs and models that can't be used: it is never advised to move it away."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from designer.tracking import TrackingError, registry
from designer.tracking.connection import locked, unusable_database
from designer.workspace import Workspace


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database of an empty registry."""
    workspace = Workspace(tmp_path / "workspace")
    assert registry.models(workspace) == []
    return workspace.folder / "tracking" / "mlflow.db"


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 1000)


def _torn(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # Every page but the first, which has the header.
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.long
@pytest.mark.parametrize("damage", [_garbage, _torn])
def test_a_damaged_database_is_to_be_copied_and_stays(
    database: Path, damage: Callable[[Path], None]
) -> None:
    damage(database)
    before = database.read_bytes()
    with pytest.raises(TrackingError) as caught:
        registry.models(Workspace(database.parents[1]))
    assert caught.value.message == (f"The database of runs and models, “{database}”, is damaged.")
    assert "Don't delete it" in caught.value.hint
    assert "Copy it" in caught.value.hint
    assert database.read_bytes() == before


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "tracking" / "mlflow.db").mkdir(parents=True)
    with pytest.raises(TrackingError) as caught:
        registry.models(workspace)
    assert "can't be opened or written" in caught.value.message
    assert "writable" in caught.value.hint


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no named pipes.")
def test_a_pipe_in_its_place_is_named_instead_of_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "tracking" / "mlflow.db"
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(TrackingError) as caught:
        registry.models(Workspace(tmp_path))
    assert f"can't be read from “{path}”: it is a pipe, not a file" in caught.value.message
    assert "backup" in caught.value.hint


@pytest.mark.long
def test_another_program_that_writes_is_named(database: Path) -> None:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(TrackingError) as caught:
            registry.models(Workspace(database.parents[1]))
    finally:
        other.close()
    assert "Another program is using the database" in caught.value.message


def test_a_lock_that_cant_be_made_isnt_taken_for_one_of_another_process(tmp_path: Path) -> None:
    (tmp_path / "tracking" / "lock.sqlite").mkdir(parents=True)
    with (
        pytest.raises(TrackingError, match="can't be opened or written"),
        locked(Workspace(tmp_path), wait=0),
    ):
        pytest.fail("it was locked")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space"),
        (OSError(errno.EROFS, "Read-only file system"), "writable"),
        (RuntimeError("(sqlite3.OperationalError) database or disk is full"), "Free some space"),
        (RuntimeError("(sqlite3.OperationalError) attempt to write a readonly database"), "wri"),
        (RuntimeError("Can't locate revision identified by '1bd49d398cd2'"), "Update ModelDesk"),
    ],
)
def test_each_cause_has_its_own_advice(error: Exception, hint: str, tmp_path: Path) -> None:
    found = unusable_database(error, tmp_path / "mlflow.db")
    assert found is not None
    assert hint in found.hint
    assert unusable_database(RuntimeError("something else"), tmp_path / "mlflow.db") is None


@pytest.mark.long
def test_a_database_that_loses_its_tables_is_reported_in_words_alone(tmp_path: Path) -> None:
    """In a process of its own: MLflow's log goes to the error stream that it began with."""
    code = """
from designer.tracking.connection import connected
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace
workspace = Workspace()
with connected(workspace) as client:
    client.search_registered_models()
(file,) = workspace.folder.rglob("mlflow.db")
file.write_bytes(b"")
try:
    with connected(workspace) as client:
        client.search_registered_models()
except TrackingError as error:
    print(error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **{name: value for name, value in os.environ.items() if name != "MODELDESK_TRACKING"},
            "MODELDESK_WORKSPACE": str(tmp_path / "w"),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "can't be used: no such table" in done.stdout
    assert done.stderr == ""
