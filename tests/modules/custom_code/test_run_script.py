"""Run Script: a program of the user's own as a step, compared with the libraries themselves."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.python_language.run_script import run_script
from modules.values import Files, storage

TRAIN = """\
import argparse, pathlib
import pandas as pd, skops.io
from helper import make
parser = argparse.ArgumentParser()
parser.add_argument("--data"); parser.add_argument("--model"); parser.add_argument("--report")
given = parser.parse_args()
table = pd.read_csv(given.data)
model = make().fit(table[["a", "b"]], table["y"])
skops.io.dump(model, given.model + "/model.skops")
pathlib.Path(given.report, "报告.txt").write_text(str(len(table)))
"""
ARGUMENTS = (
    "--data ${{inputs.dataset}} --model ${{outputs.trained_model}} "
    "--report '${{ outputs.results_files }}'"
)


@pytest.fixture
def table() -> DataTable:
    frame = pd.DataFrame({"a": range(40), "b": [n * 7 % 11 for n in range(40)]})
    frame["y"] = ["yes" if n * 3 % 40 > 17 else "no" for n in range(40)]
    return DataTable(frame)


def folder_with(tmp_path, learner: str, text: str = TRAIN):
    folder = tmp_path / "my code"
    folder.mkdir()
    (folder / "train.py").write_text(text, "utf-8")
    module = "sklearn.linear_model"
    (folder / "helper.py").write_text(f"from {module} import {learner} as make\n")
    return folder


@pytest.mark.parametrize(
    "kind", [LogisticRegression, pytest.param(LinearRegression, marks=pytest.mark.long)]
)
@pytest.mark.proves("run_script", by="scikit-learn")
def test_an_unchanged_script_trains_a_model_that_scores_like_the_library(tmp_path, table, kind):
    if kind is LinearRegression:
        table = DataTable(table.frame.assign(y=table.frame["a"] * 0.5 + table.frame["b"]))
    folder = folder_with(tmp_path, kind.__name__)
    before = sorted(folder.rglob("*"))
    result, files, model = run_script(
        table,
        source="folder",
        folder=str(folder),
        arguments=ARGUMENTS,
        label_column=ColumnSelector.names("y"),
    )
    assert result is None
    assert [path.name for path in files.folder.iterdir()] == ["报告.txt"]
    assert sorted(folder.rglob("*")) == before
    expected = kind().fit(table.frame[["a", "b"]], table.frame["y"])
    storage.save(model, tmp_path / "stored")
    read = storage.load(tmp_path / "stored")
    scored = read.score(table).frame
    assert scored["Scored Labels"].tolist() == expected.predict(table.frame[["a", "b"]]).tolist()
    if kind is LogisticRegression:
        shares = expected.predict_proba(table.frame[["a", "b"]])[:, 1]
        assert scored["Scored Probabilities"].tolist() == pytest.approx(shares.tolist(), abs=0)


def test_tables_and_files_go_in_and_a_table_comes_out_with_its_roles(tmp_path, table):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "factor.txt").write_text("3")
    program = (
        "import sys, pandas as pd\n"
        "table = pd.read_parquet(sys.argv[1])\n"
        "table['c'] = table['a'] * int(open(sys.argv[2] + '/factor.txt').read())\n"
        "table.to_parquet(sys.argv[3])\n"
    )
    labeled = DataTable(table.frame, {"y": "label"})
    result, files, model = run_script(
        labeled,
        Files(folder),
        script=program,
        table_format="Parquet",
        arguments="${{inputs.dataset}} ${{inputs.files}} ${{outputs.results_dataset}}",
    )
    assert result.frame["c"].tolist() == [n * 3 for n in range(40)]
    assert result.roles["y"] == "label"
    assert (files, model) == (None, None)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"script": "raise SystemExit(4)"}, "script-failed"),
        ({"script": "print('nothing')"}, "nothing-written"),
        ({"script": "import time; time.sleep(600)", "minutes": 0.01}, "script-too-long"),
        ({"arguments": "it's"}, "wrong-arguments"),
        ({"arguments": "${{inputs.dates}}"}, "wrong-arguments"),
        ({"arguments": "${{inputs.files}}"}, "nothing-connected"),
        ({"script": "pass", "arguments": "${{outputs.results_files}}"}, "nothing-written"),
        ({"script": "pass", "arguments": "${{outputs.trained_model}}"}, "nothing-written"),
        ({"source": "folder", "folder": "/no/such"}, "no-folder"),
        ({"source": "folder", "folder": "FOLDER", "file": "none.py"}, "no-script"),
        ({"source": "folder", "folder": "FOLDER", "file": "../up.py"}, "no-script"),
    ],
)
def test_what_goes_wrong_is_said(tmp_path, table, options, code):
    (tmp_path / "up.py").write_text("")
    folder = folder_with(tmp_path, "LinearRegression")
    given = {name: str(folder) if value == "FOLDER" else value for name, value in options.items()}
    with pytest.raises(ModuleError) as raised:
        run_script(table, **given)
    assert raised.value.code == code
    assert raised.value.hint


def test_a_model_of_a_foreign_type_or_a_pickle_is_not_read(tmp_path, table):
    text = (
        "import pickle, sys, os\n"
        "class Evil:\n"
        "    def __reduce__(self): return (os.system, ('touch pwned',))\n"
        "pickle.dump(Evil(), open(sys.argv[1] + '/model.skops', 'wb'))\n"
    )
    with pytest.raises(ModuleError, match="can't be read"):
        run_script(
            table,
            script=text,
            arguments="${{outputs.trained_model}}",
            label_column=ColumnSelector.names("y"),
        )


def test_what_the_script_prints_is_printed(table, capfd):
    run_script(table)
    assert "40 rows" in capfd.readouterr().out
