"""Environments of scripts: made from a file once, without a package index here."""

from __future__ import annotations

import zipfile

import pytest

from designer.scripts import environments
from designer.scripts.environments import Requirements, read_requirements
from designer.scripts.problem import ScriptError
from designer.scripts.script_run import run_script

VERSION = "import only_here, sys; print(only_here.answer, sys.prefix)"


@pytest.fixture
def wheel(tmp_path):
    """Return a wheel that no index has."""
    path = tmp_path / "only_here-1.0-py3-none-any.whl"
    about = "only_here-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("only_here.py", "answer = 42\n")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: only-here\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.mark.parametrize(
    "kind", [pytest.param("requirements.txt", marks=pytest.mark.long), "conda.yml"]
)
def test_a_script_runs_in_the_environment_of_a_file_which_is_made_once(
    workspace, written, wheel, tmp_path, kind
):
    file = tmp_path / kind
    line = f"only-here @ {wheel.as_uri()}"
    if kind.endswith(".yml"):
        line = f"name: mine\ndependencies:\n  - pip\n  - pip:\n      - {line}"
    file.write_text(line + "\n", "utf-8")
    lines: list[str] = []
    configuration = written(VERSION, environment=str(file))
    result = run_script(configuration, workspace, on_line=lines.append)
    assert result.status == "completed", lines
    answer, prefix = lines[-1].split(" ", 1)
    assert answer == "42"
    assert prefix.startswith(str(workspace.folder / "environments"))
    wheel.unlink()
    lines.clear()
    assert run_script(configuration, workspace, on_line=lines.append).status == "completed"
    assert lines == [f"42 {prefix}"]
    assert len(list((workspace.folder / "environments").iterdir())) == 1


def test_an_environment_that_cannot_be_made_is_no_run_and_leaves_nothing(
    workspace, written, tmp_path
):
    file = tmp_path / "requirements.txt"
    file.write_text(f"nothing @ {(tmp_path / 'none-1.0-py3-none-any.whl').as_uri()}\n")
    with pytest.raises(ScriptError, match="can't be made") as raised:
        run_script(written(VERSION, environment=str(file)), workspace)
    assert not raised.value.wrong_input
    assert workspace.runs() == []
    assert list((workspace.folder / "environments").iterdir()) == []


def test_packages_of_conda_are_those_of_the_index(tmp_path):
    file = tmp_path / "conda.yml"
    file.write_text(
        "dependencies:\n- python=3.11\n- numpy=1.26\n- conda-forge::pandas==2.2.1\n"
        "- scipy >= 1.10\n"
        "- lightgbm=4.3.0=py311_0\n- pip\n- pip:\n  - mlflow\n  - -r more.txt\n"
    )
    assert read_requirements(file) == Requirements(
        (
            "numpy==1.26.*",
            "pandas==2.2.1",
            "scipy>=1.10",
            "lightgbm==4.3.0.*",
            "mlflow",
            "-r more.txt",
        ),
        "3.11",
    )


@pytest.mark.parametrize(
    "text", ["[", "a", "dependencies: 3", "dependencies: [{pip: 1}]", "a: b", ""]
)
def test_what_is_no_conda_file_is_said(tmp_path, text):
    file = tmp_path / "conda.yml"
    file.write_text(text)
    with pytest.raises(ScriptError, match="isn't a conda file"):
        read_requirements(file)


def test_without_uv_python_makes_the_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "_uv", lambda: None)
    (venv, install) = environments._commands(Requirements(()), tmp_path / "e", tmp_path / "r.txt")
    assert venv[1:] == ["-m", "venv", str(tmp_path / "e")]
    assert install[1:4] == ["-m", "pip", "install"]
    with pytest.raises(ScriptError, match=r"needs Python 2\.7"):
        environments._commands(Requirements((), "2.7"), tmp_path / "e", tmp_path / "r.txt")
