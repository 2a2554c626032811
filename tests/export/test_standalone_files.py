"""Code without this project reads files as the module does: types, dates, codes, encodings."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from alone import alone, assert_equal, compared, executed
from exporting import digests, make

from module_examples import PALETTE, example_images, run  # isort: skip

from designer.export import ExportError
from designer.export.standalone import standalone_script
from modules.contract import DataTable

pytestmark = pytest.mark.filterwarnings("ignore")

TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "dates": ("a,b\n1,2024-05-31\n2,2024-06-01\n3,\n", {}),
    "times": ("a,b\n1,2024-05-31 14:30\n2,2024-06-01 00:00\n", {}),
    "zones": ("a,b\n1,2024-05-31T14:30:00Z\n2,2024-06-01T00:00:00Z\n", {}),
    "day first": ("a,b\n1,31.05.2024\n2,01.06.2024\n", {"dates": "day first"}),
    "slashes": ("a,b\n1,2024/5/31\n2,2024/6/1\n", {}),
    "no dates": ("a,b\n1,2024-05-31\n2,2024-06-01\n", {"dates": "never"}),
    "codes": ("zip,b\n01067,1\n80331,2\n,3\n", {}),
    "long": ("id,b\n1234567890123456,1\n,2\n", {}),
    "booleans": ("a,b\ntrue,1\nfalse,2\n,3\n", {}),
    "missing": ("a,b\n?,1\n5,unknown\n", {"missing_values": "?; unknown"}),
    "words": ("a,b\nNA,1\n5,null\n", {"usual_missing": False}),
    "semicolons": ("a;b\n1,5;x\n2,25;y\n", {"decimal": "comma"}),
    "groups": ("a;b\n1,234.5;x\n12,345.0;y\n", {"thousands": "comma"}),
    "quotes": ('a,b\n"x, y","1 ""two"""\nz,\n', {}),
    "single quotes": ("a,b\n'x, y',1\nz,2\n", {"quote": "single quote"}),
    "no quotes": ('a,b\n"x,1\nz",2\n', {"quote": "none"}),
    "no header": ("1,x\n2,y\n", {"header": False}),
    "no names": ("a,,a\n1,2,3\n4,5,6\n", {}),
    "skipped": ("# made by x\n# y\na,b\n1,2\n", {"skip_rows": 2}),
    "trailing": ("a,b,\n1,2,\n3,4,\n", {}),
    "blanks": ("a, b\n1, x\n2, y\n", {}),
    "aligned": ("a   b\n1   x\n22  y\n", {"delimiter": "space"}),
    "one column": ("a\n1\n\n3\n", {}),
    "ragged": ("a,b\n1,2\n3,4,5\n6,7\n", {"ragged_rows": "skip"}),
    "types": ("a,b\n1,2\n3,4\n", {"column_types": {"a": "string", "b": "categorical"}}),
    "pipes": ("a|b\n1|x\n2|y\n", {"delimiter": "other", "other_delimiter": "|"}),
    "hint": ("sep=;\na;b\n1;2\n", {}),
    "Chinese": ("名字,b\n数据,1\n清洗,2\n", {}),
    "empty": ("a,b\n", {}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str, tmp_path: Path) -> None:
    text, parameters = TEXTS[name]
    (tmp_path / "data.csv").write_text(text, "utf-8", newline="\n")
    compare("data.csv", parameters, tmp_path)


def test_encodings(tmp_path: Path) -> None:
    (tmp_path / "western.csv").write_bytes("name,b\nJürgen,1\nZoë,2\n".encode("cp1252"))
    (tmp_path / "wide.csv").write_bytes("name,b\nJürgen,1\nZoë,2\n".encode("utf-16"))
    (tmp_path / "marked.csv").write_bytes("name,b\nJürgen,1\n".encode("utf-8-sig"))
    for name in ("western.csv", "wide.csv", "marked.csv"):
        compare(name, {"encoding": "utf-16"} if name == "wide.csv" else {}, tmp_path)


def test_other_formats(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [1, 2, 3], "b": ["x", None, "z"], "c": pd.date_range("2024-05-31", periods=3)}
    )
    frame.to_parquet(tmp_path / "data.parquet")
    frame.to_excel(tmp_path / "data.xlsx", index=False)
    (tmp_path / "data.jsonl").write_text('{"a": 1, "b": "2024-05-31"}\n{"a": 2, "b": null}\n')
    (tmp_path / "list.json").write_text('[{"a": 1, "b": true}, {"a": 2.5, "b": false}]')
    (tmp_path / "data.arff").write_text(
        "@relation r\n@attribute a numeric\n@attribute b {y,x}\n@data\n1,x\n2,y\n"
    )
    for name in ("data.parquet", "data.xlsx", "data.jsonl", "list.json", "data.arff"):
        compare(name, {}, tmp_path)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("CSV", "a,b\n1,2024-05-31\n"),
        ("TSV", "a\tb\n1\tx\n"),
        ("ARFF", "@relation r\n@attribute a numeric\n@attribute b {y,x}\n@data\n1,x\n2,?\n"),
        ("SVMLight", "1 1:0.5 3:2\n-1 2:1\n"),
    ],
)
def test_entered_data(kind: str, data: str, tmp_path: Path) -> None:
    parameters = {"data": data, "data_format": kind}
    pipeline = make({"module": ("enter_data_manually", parameters)})
    (found,) = executed(alone(pipeline, tmp_path), tmp_path).values()
    (wanted,) = run(PALETTE["enter_data_manually"], [], parameters)
    assert_equal(found, wanted, wanted)


def test_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for name in "abc":
        (tmp_path / "many" / f"{name}.csv").write_text(f"x,y\n1,{name}\n")
    parameters = {"path": "many", "pattern": "*.csv"}
    pipeline = make({"module": ("import_data", parameters)})
    (found,) = executed(alone(pipeline, tmp_path), tmp_path).values()
    (wanted,) = run(PALETTE["import_data"], [], parameters | {"path": str(tmp_path / "many")})
    assert_equal(found, wanted, wanted)


@pytest.mark.parametrize(
    "options", [{"path": "pictures"}, {"path": "packed.zip"}, {"source": "URL"}], ids=str
)
def test_files_become_images(options: dict[str, Any], tmp_path: Path) -> None:
    example_images(tmp_path / "pictures")
    (tmp_path / "pictures" / ".hidden").write_text("no", "utf-8")
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "pictures")
    with served(tmp_path) as address:
        if "source" in options:
            options = {**options, "url": f"{address}/packed.zip"}
        pipeline = make(
            {
                "files": ("import_files", {**options, "pattern": "**/*.png"}),
                "images": "convert_to_image_directory",
            },
            "files.files > images.input_dataset",
        )
        found = compared(pipeline, pd.DataFrame(), tmp_path)
    (images,) = [each[1:] for each in found if each[0].startswith("images")]
    assert len(digests(images[0])) == 8
    assert_equal(*images, DataTable(pd.DataFrame()))


@pytest.mark.parametrize(("path", "unpack"), [("mixed", True), ("mixed", False), ("one.txt", True)])
def test_files_of_folders_and_archives(path: str, unpack: bool, tmp_path: Path) -> None:
    (tmp_path / "mixed" / "inner").mkdir(parents=True)
    for file in ("one.txt", "mixed/b.txt", "mixed/inner/ä.txt", "mixed/.hidden"):
        (tmp_path / file).write_text(file, "utf-8")
    shutil.make_archive(str(tmp_path / "mixed" / "more"), "zip", tmp_path / "mixed")
    pipeline = make({"files": ("import_files", {"path": path, "unpack": unpack})})
    for _, found, wanted in compared(pipeline, pd.DataFrame(), tmp_path):
        assert found
        assert_equal(found, wanted, DataTable(pd.DataFrame()))


PROGRAM = """\
import sys
from pathlib import Path

import pandas as pd

from helping import read

data, files, out, written = sys.argv[1:]
frame = read(data)
frame["files"] = len(list(Path(files).iterdir()))
getattr(frame, "to_" + out.rpartition(".")[2])(out, index=False)
(Path(written) / "inner").mkdir()
(Path(written) / "inner" / "sum.txt").write_text(str(frame["a"].sum()))
"""


@pytest.mark.parametrize("kind", ["CSV", pytest.param("Parquet", marks=pytest.mark.long)])
def test_a_script_is_run(kind: str, tmp_path: Path) -> None:
    (tmp_path / "own" / "inner").mkdir(parents=True)
    (tmp_path / "own" / "inner" / "train.py").write_text(PROGRAM, "utf-8")
    (tmp_path / "own" / "inner" / "helping.py").write_text(
        f"from pandas import read_{kind.lower()} as read\n", "utf-8"
    )
    arguments = [
        "${{inputs.dataset}}",
        "${{inputs.files}}",
        "${{ outputs.results_dataset }}",
        "${{outputs.results_files}}",
    ]
    pipeline = make(
        {
            "rows": ("dataset", {"path": "rows.csv"}),
            "files": ("import_files", {"path": "own"}),
            "run": (
                "run_script",
                {
                    "source": "folder",
                    "folder": "own",
                    "file": "inner/train.py",
                    "arguments": " ".join(f'"{each}"' for each in arguments),
                    "table_format": kind,
                    "minutes": 5.0,
                },
            ),
        },
        "rows.dataset > run.dataset",
        "files.files > run.files",
    )
    found = compared(pipeline, pd.DataFrame({"a": [1, 2], "b": ["x", None]}), tmp_path)
    assert [end for end, *_ in found] == ["run.results_dataset", "run.results_files"]
    for _, value, wanted in found:
        assert_equal(value, wanted, DataTable(pd.DataFrame()))
    assert found[1][1] == {"inner/sum.txt": b"3"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("${{outputs.trained_model}}", "only a run shows what the model of its script predicts"),
        ("${{inputs.files}}", "its arguments name the input files, which isn't there"),
    ],
)
def test_a_script_that_cant_be_exported(arguments: str, sentence: str, tmp_path: Path) -> None:
    pipeline = make({"run": ("run_script", {"arguments": arguments})})
    with pytest.raises(ExportError, match=sentence):
        alone(pipeline, tmp_path)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; yield its URL."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_pandas_reads_differently_names_the_card(tmp_path: Path) -> None:
    rows = "".join(f'{{"a": [{row}], "b": {{"c": {row}}}}}\n' for row in range(2_000))
    (tmp_path / "data.jsonl").write_text(rows)
    with pytest.raises(ExportError, match=r"“module” can't be exported.*save it as Parquet"):
        alone(make({"module": ("dataset", {"path": "data.jsonl"})}), tmp_path)


def test_a_file_that_mustnt_be_looked_at_is_read_with_the_options_alone(tmp_path: Path) -> None:
    from exporting import CATALOG

    from designer.workspace import Workspace

    (tmp_path / "data.csv").write_text("a;b\n1;2024-05-31\n")
    pipeline = make({"module": ("dataset", {"path": "data.csv", "delimiter": "semicolon"})})
    script = standalone_script(
        pipeline,
        CATALOG,
        file=tmp_path / "made.pipeline.json",
        workspace=Workspace(tmp_path / "workspace"),
        closed={"module"},
    )
    assert 'pd.read_csv(FOLDER / "data.csv", sep=";")' in script.text


def compare(name: str, parameters: dict[str, Any], base: Path) -> None:
    """Compare the table that the code reads with that of the module."""
    pipeline = make({"module": ("dataset", {"path": name, **parameters})})
    (found,) = executed(alone(pipeline, base), base).values()
    (wanted,) = run(PALETTE["dataset"], [], {"path": str(base / name), **parameters})
    assert isinstance(wanted, DataTable)
    assert_equal(found, wanted, wanted)
