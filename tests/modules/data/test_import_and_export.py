"""Import Data, Export Data and Enter Data Manually, with real files, a server and a database."""

from __future__ import annotations

import functools
import http.server
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_input_output.dataset import dataset
from modules.data_input_output.enter_data_manually import enter_data_manually
from modules.data_input_output.export_data import export_data
from modules.data_input_output.import_data import import_data

TABLE = DataTable(
    pd.DataFrame(
        {
            "whole": [1, 2],
            "number": [0.1, np.nan],
            "text": pd.Series(["a,b", None], dtype="str"),
            "yes": [True, False],
            "day": pd.to_datetime(["2024-01-31 00:00:00", "2024-02-29 13:30:00"]).as_unit("us"),
        }
    )
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve a folder over HTTP on this computer."""
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    (tmp_path / "data").write_text("a,b\n1,x\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture
def database(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "sales.db")) as opened, opened:
        opened.execute("create table sales (town text, amount real, at text)")
        opened.executemany(
            "insert into sales values (?, ?, ?)", [("Rome", 1.5, "10:30"), ("Oslo", None, "11:00")]
        )
    return f"sqlite:///{tmp_path / 'sales.db'}"


def test_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for number in (2, 1, 3):
        (tmp_path / f"part{number}.csv").write_text(f"a\n{number}\n")
    (tmp_path / "notes.doc").write_text("nothing")
    table = import_data(path=str(tmp_path), pattern="*.csv")
    assert table.frame["a"].tolist() == [1, 2, 3]


def test_folder_with_nothing_that_fits(tmp_path: Path, refused: Any) -> None:
    with refused("no-files", "*.csv", parameter="pattern"):
        import_data(path=str(tmp_path), pattern="*.csv")
    with refused("bad-pattern", parameter="pattern"):
        import_data(path=str(tmp_path), pattern="/etc/*")


def test_files_of_a_folder_must_agree(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "1.csv").write_text("a\n1\n")
    (tmp_path / "2.csv").write_text("b\n1\n")
    with refused("columns-differ", "2.csv", "1.csv", parameter="pattern"):
        import_data(path=str(tmp_path))


def test_url(server: str, refused: Any) -> None:
    expected = {"a": [1], "b": ["x"]}
    table = import_data(source="URL", url=f"{server}/a.csv")
    assert table.frame.to_dict("list") == expected
    table = import_data(source="URL", url=f"{server}/data?x=1", format="CSV")
    assert table.frame.to_dict("list") == expected
    with refused("download-failed", "404", parameter="url"):
        import_data(source="URL", url=f"{server}/nothing.csv")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/a.csv", "a.csv", ""])
def test_only_the_web_is_downloaded(url: str, refused: Any) -> None:
    with refused("bad-url", parameter="url"):
        import_data(source="URL", url=url)


@pytest.mark.proves("import_data", by="rows written by sqlite3")
def test_query(database: str, refused: Any) -> None:
    table = import_data(
        source="database",
        connection=database,
        query="select town, amount from sales where at <> '10:31' order by 1",
    )
    assert table.frame["town"].tolist() == ["Oslo", "Rome"]
    assert table.frame["amount"].isna().tolist() == [True, False]
    with refused("database-failed", "no such table"):
        import_data(source="database", connection=database, query="select * from nowhere")
    with refused("no-query", parameter="query"):
        import_data(source="database", connection=database, query=" ")


def test_password_stays_out_of_the_connection(
    database: str, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    with refused("password-in-connection", parameter="connection"):
        import_data(source="database", connection="postgresql://a:b@host/c", query="select 1")
    with refused("bad-connection", parameter="connection"):
        import_data(source="database", connection="nonsense", query="select 1")
    with refused("driver-missing", parameter="connection"):
        import_data(source="database", connection="unheard+of://host/c", query="select 1")
    with refused("secret-not-found", "nobody"):
        import_data(source="database", connection=database, password="nobody", query="select 1")
    monkeypatch.setenv("MODELDESK_SECRET_SALES", "s3cret")
    with refused("bad-connection", parameter="connection"):
        import_data(
            source="database", connection="sqlite://a@host/b", password="sales", query="select 1"
        )


def test_password_is_taken_out_of_what_a_driver_says() -> None:
    from modules.data_input_output._database import _without_password

    assert _without_password("no login with s3cret here", "s3cret") == "no login with *** here"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.xlsx", "a.jsonl"])
@pytest.mark.proves("export_data", by="pandas")
def test_what_is_exported_comes_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / name
    export_data(TABLE, path=str(path))
    back = dataset(path=str(path))
    assert back.columns == TABLE.columns
    pd.testing.assert_frame_equal(back.frame, TABLE.frame, check_dtype=False)
    assert [file.name for file in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_blanks_at_the_start_of_a_text_come_back(name: str, tmp_path: Path) -> None:
    texts = [" a", "b", None, "\tc", ' "d"']
    frame = pd.DataFrame({"text": pd.Series(texts, dtype="str"), "number": [1, 2, 3, 4, 5]})
    export_data(DataTable(frame), path=str(tmp_path / name))
    pd.testing.assert_frame_equal(dataset(path=str(tmp_path / name)).frame, frame)
    export_data(DataTable(frame.astype({"text": "category"})), path=str(tmp_path / name))
    pd.testing.assert_frame_equal(dataset(path=str(tmp_path / name)).frame, frame)


def test_json_lines_keep_every_digit(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "x": [0.1 + 0.2, 1e-300, np.inf],
            "c": pd.Categorical([1, None, 2]),
            "big": [2**62 + 1] * 3,
        }
    )
    path = tmp_path / "a.jsonl"
    export_data(DataTable(frame), path=str(path))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows[0] == {"x": 0.1 + 0.2, "c": 1, "big": 2**62 + 1}
    assert rows[1] == {"x": 1e-300, "c": None, "big": 2**62 + 1}
    assert rows[2]["x"] is None


def test_export_options(tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "a.csv"
    export_data(
        TABLE,
        columns=ColumnSelector.names("whole", "yes"),
        path=str(path),
        header=False,
        delimiter="semicolon",
    )
    assert path.read_text() == "1;True\n2;False\n"
    with refused("format-unknown", "a.doc", parameter="format"):
        export_data(TABLE, path=str(tmp_path / "a.doc"))
    with refused("no-file", parameter="path"):
        export_data(TABLE)


def test_export_that_fails_leaves_the_old_file(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "a.csv").mkdir()
    with refused("file-not-writable", "a.csv", parameter="path"):
        export_data(TABLE, path=str(tmp_path / "a.csv"))
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_export_to_a_database(tmp_path: Path, refused: Any) -> None:
    connection = f"sqlite:///{tmp_path / 'new.db'}"
    export_data(TABLE, destination="database", connection=connection, table="t")
    export_data(TABLE, destination="database", connection=connection, table="t", existing="append")
    with closing(sqlite3.connect(tmp_path / "new.db")) as opened:
        rows = opened.execute("select whole, text from t").fetchall()
    assert rows == [(1, "a,b"), (2, None)] * 2
    with refused("table-exists", "t", parameter="existing"):
        export_data(
            TABLE, destination="database", connection=connection, table="t", existing="fail"
        )
    with refused("no-table", parameter="table"):
        export_data(TABLE, destination="database", connection=connection)


def test_columns_of_a_database_have_names_of_their_own(tmp_path: Path, refused: Any) -> None:
    chosen = {
        "columns": ColumnSelector.names("whole", "yes"),
        "destination": "database",
        "connection": f"sqlite:///{tmp_path / 'new.db'}",
        "table": "t",
    }
    export_data(TABLE, table_columns='id, "yes, or no"', **chosen)
    with closing(sqlite3.connect(tmp_path / "new.db")) as opened:
        assert opened.execute('select id, "yes, or no" from t').fetchall() == [(1, 1), (2, 0)]
    for names, code in (
        ("id", "names-do-not-match"),
        ("id, id", "bad-name"),
        ("id, ", "bad-name"),
    ):
        with refused(code, parameter="table_columns"):
            export_data(TABLE, table_columns=names, **chosen)


@pytest.mark.proves("enter_data_manually", by="by hand")
def test_typed_csv_and_tsv() -> None:
    table = enter_data_manually(data="a,b\n1,x\n\n2,y\n\n\n")
    assert table.frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    table = enter_data_manually(data_format="TSV", header=False, data="1\tx\n2\ty")
    assert table.frame.to_dict("list") == {"Col1": [1, 2], "Col2": ["x", "y"]}


def test_typed_svmlight() -> None:
    table = enter_data_manually(data_format="SVMLight", data="1 1:0.5 3:2\n-1 2:1\n")
    assert table.frame.to_dict("list") == {
        "Col1": [0.5, 0.0],
        "Col2": [0.0, 1.0],
        "Col3": [2.0, 0.0],
        "Labels": [1.0, -1.0],
    }


def test_typed_arff() -> None:
    text = "@relation r\n@attribute a {x,y}\n@data\nx\ny\n"
    table = enter_data_manually(data_format="ARFF", data=text)
    assert table.columns[0].kind == "categorical"


@pytest.mark.parametrize(
    ("data_format", "data", "code"),
    [
        ("CSV", "", "no-data"),
        ("CSV", "a,b\n1,2,3\n", "ragged-rows"),
        ("ARFF", "a,b\n", "not-the-format"),
        ("SVMLight", "a b c\n", "not-the-format"),
        ("SVMLight", "1 1000000:1\n", "too-many-columns"),
    ],
)
def test_what_is_typed_wrongly(data_format: Any, data: str, code: str, refused: Any) -> None:
    with refused(code, parameter="data"):
        enter_data_manually(data_format=data_format, data=data)


def test_typed_names_may_repeat() -> None:
    with pytest.warns(ModuleWarning, match="Duplicate column names"):
        table = enter_data_manually(data="a,a\n1,2\n")
    assert table.names == ["a", "a (2)"]
