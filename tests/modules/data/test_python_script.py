"""Execute Python Script: its contract, its errors, its bundle, and that nothing leaks out of it."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError, Role, Scoring
from modules.python_language.execute_python_script import execute_python_script
from modules.values import Files

ONE = DataTable(
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "p": [0.5, 0.25]}),
    {"a": Role.LABEL, "p": Role.SCORE},
    Scoring("regression", "p", "a"),
)
TWO = DataTable(pd.DataFrame({"c": [3]}), {"c": Role.WEIGHT})


def run(body: str, *inputs: Any, header: str = "") -> tuple[DataTable | None, DataTable | None]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    script = f"{header}def azureml_main(dataframe1=None, dataframe2=None):\n{lines}"
    first, second, _ = execute_python_script(*inputs, script=script)
    return first, second


def test_the_first_script_passes_its_table_on() -> None:
    first, second, pictures = execute_python_script(ONE)
    assert first is not None
    pd.testing.assert_frame_equal(first.frame, ONE.frame)
    assert first.roles == ONE.roles
    assert first.scoring == ONE.scoring
    assert second is None
    assert pictures is None


@pytest.mark.parametrize(
    ("body", "present"),
    [
        ("return dataframe1", (True, False)),
        ("return dataframe1,", (True, False)),
        ("return [dataframe2, dataframe1]", (True, True)),
        ("return None, dataframe1", (False, True)),
    ],
)
@pytest.mark.proves("execute_python_script", by="by hand")
def test_ways_to_return(body: str, present: tuple[bool, bool]) -> None:
    assert tuple(table is not None for table in run(body, ONE, TWO)) == present


def test_unconnected_inputs_are_none() -> None:
    first, _ = run(
        "import pandas as pd\n"
        "return pd.DataFrame({'a': [dataframe1 is None], 'b': [dataframe2 is None]})"
    )
    assert first is not None
    assert first.frame.to_numpy().tolist() == [[True, True]]


def test_roles_come_back_by_name() -> None:
    first, second = run(
        "return dataframe1.rename(columns={'b': 'a2'}).assign(new=1, c=2), dataframe2", ONE, TWO
    )
    assert first is not None
    assert second is not None
    assert first.roles == {"a": Role.LABEL, "p": Role.SCORE, "c": Role.WEIGHT}
    assert second.roles == {"c": Role.WEIGHT}


def test_script_can_not_change_what_came_in() -> None:
    before = ONE.frame.copy(deep=True)
    run("dataframe1.loc[0, 'a'] = 99\ndataframe1['p'] *= 2\nreturn dataframe1", ONE)
    run("import numpy as np\nnp.multiply(1, 0)\ndel dataframe1['a']\nreturn dataframe1", ONE)
    pd.testing.assert_frame_equal(ONE.frame, before)


def test_scripts_do_not_know_each_other() -> None:
    run("global kept\nkept = 5\nreturn dataframe1", ONE)
    first, _ = run("return dataframe1.assign(known='kept' in globals())", ONE)
    assert first is not None
    assert not first.frame["known"].any()


def test_prints_go_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    run("print('hello')\nreturn dataframe1", ONE)
    assert capsys.readouterr().out == "hello\n"


@pytest.mark.parametrize(
    ("body", "header", "words"),
    [
        ("x = 1\nreturn 1 / 0", "", ("line 3", "ZeroDivisionError: division by zero")),
        ("return helper()", "def helper():\n    raise KeyError('a')\n\n", ("line 2", "KeyError")),
        ("return dataframe1['zz']", "", ("line 2", "KeyError", "zz")),
        ("return", "import nothing_of_this_name\n", ("line 1", "ModuleNotFoundError")),
        ("return (", "", ("line", "SyntaxError")),
        ("import sys\nsys.exit(3)", "", ("exit", "line 3")),
        ("exit()", "", ("exit", "line 2")),
        ("def f(): return f()\nreturn f()", "", ("RecursionError",)),
    ],
)
def test_what_a_script_does_wrong_is_told_with_its_line(
    body: str, header: str, words: tuple[str, ...], refused: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with refused("script-failed", *words, parameter="script") as caught:
        run(body, ONE, header=header)
    told = [int(word.removeprefix("line ")) for word in words if word.startswith("line ")]
    plain = caught.value.to_json()
    assert isinstance(plain["line"], int)
    assert plain["line"] == (told or [plain["line"]])[0]
    assert ModuleError.from_json(plain).line == plain["line"]
    # The log has the traceback with the lines of the script.
    assert "<script>" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("x = 1", "no-azureml-main"),
        ("azureml_main = 5", "no-azureml-main"),
        ("def azureml_main(): pass", "script-failed"),
        ("def azureml_main(a, b): return 5", "not-a-dataframe"),
        ("def azureml_main(a, b): return a['a']", "not-a-dataframe"),
        ("def azureml_main(a, b): return a, a, a", "too-many-results"),
        ("def azureml_main(a, b): pass", "no-results"),
        ("def azureml_main(a, b): return ()", "no-results"),
    ],
)
def test_scripts_that_break_the_contract(script: str, code: str, refused: Any) -> None:
    with refused(code, parameter="script"):
        execute_python_script(ONE, script=script)


def test_bundle_is_imported_read_and_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr("helper_of_a_script.py", "def double(x): return 2 * x\n")
        archive.writestr("data/factor.txt", "21")
        archive.writestr("../../outside.txt", "no")
    before = os.getcwd(), list(sys.path)
    first, _ = run(
        "from helper_of_a_script import double\n"
        "from pathlib import Path\n"
        "factor = int(Path('./Script Bundle/data/factor.txt').read_text())\n"
        "return dataframe1.assign(a=double(factor))",
        ONE,
        None,
        Files(folder),
    )
    assert first is not None
    assert first.frame["a"].tolist() == [42, 42]
    assert (os.getcwd(), sys.path) == before
    assert "helper_of_a_script" not in sys.modules
    assert not (tmp_path / "outside.txt").exists()


def test_bundle_that_is_damaged(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "code.zip").write_bytes(b"nothing")
    with refused("bad-bundle", "code.zip"):
        execute_python_script(ONE, None, Files(tmp_path))


def test_error_in_a_bundle_names_the_line_of_the_script(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "broken_helper.py").write_text("\n\n\n\nraise ValueError('deep')\n")
    before = os.getcwd()
    with refused("script-failed", "line 2", "ValueError: deep"):
        run("import broken_helper\nreturn dataframe1", ONE, None, Files(tmp_path))
    assert os.getcwd() == before
