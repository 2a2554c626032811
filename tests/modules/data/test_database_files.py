"""Import Data from files of SQLite: what is not there is told, and nothing is created."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modules.contract import DataTable
from modules.data_input_output.export_data import export_data
from modules.data_input_output.import_data import import_data


def query(connection: str, text: str = "select * from sales") -> DataTable:
    return import_data(source="database", connection=connection, query=text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline's folder, in which its steps run, with a database."""
    with closing(sqlite3.connect(tmp_path / "sales.db")) as opened, opened:
        opened.execute("create table sales (town text)")
        opened.execute("insert into sales values ('Rome')")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nope.db", "start from the pipeline's folder"),
        ("sale.db", "Did you mean “sales.db”?"),
        ("no folder/sales.db", "start from the pipeline's folder"),
    ],
)
def test_a_file_that_is_not_there(name: str, hint: str, folder: Path, refused: Any) -> None:
    with refused("no-such-database", str(folder / name), parameter="connection") as caught:
        query(f"sqlite:///{name}", "select 1")
    assert hint in caught.value.hint
    assert [file.name for file in folder.iterdir()] == ["sales.db"]


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+pysqlite"])
def test_a_relative_path_starts_from_the_folder(driver: str, folder: Path) -> None:
    assert query(f"{driver}:///sales.db").frame["town"].tolist() == ["Rome"]
    assert query(f"{driver}:///sales.db?timeout=5").frame["town"].tolist() == ["Rome"]
    assert query(f"{driver}:///{folder / 'sales.db'}").frame["town"].tolist() == ["Rome"]
    assert [file.name for file in folder.iterdir()] == ["sales.db"]


def test_names_with_signs_of_addresses(folder: Path) -> None:
    odd = folder / "a #1% ü.db"
    (folder / "sales.db").rename(odd)
    assert query(f"sqlite:///{str(odd).replace('%', '%25')}").frame["town"].tolist() == ["Rome"]


def test_reading_changes_nothing(folder: Path, refused: Any) -> None:
    before = (folder / "sales.db").read_bytes()
    with refused("database-failed", "readonly"):
        query("sqlite:///sales.db", "insert into sales values ('Oslo') returning town")
    assert (folder / "sales.db").read_bytes() == before


def test_reading_leaves_no_files_of_a_log(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "sales.db")) as opened:
        opened.execute("pragma journal_mode = wal")
    assert query("sqlite:///sales.db").frame["town"].tolist() == ["Rome"]
    assert [file.name for file in folder.iterdir()] == ["sales.db"]


def test_a_file_that_may_not_be_written(folder: Path) -> None:
    (folder / "sales.db").chmod(0o400)
    assert query("sqlite:///sales.db").frame["town"].tolist() == ["Rome"]


def test_a_database_in_memory_and_a_file_that_is_written(folder: Path) -> None:
    assert query("sqlite://", "select 1 as one").frame["one"].tolist() == [1]
    table = DataTable(pd.DataFrame({"town": ["Oslo"]}))
    export_data(table, destination="database", connection="sqlite:///new.db", table="sales")
    assert query("sqlite:///new.db").frame["town"].tolist() == ["Oslo"]
