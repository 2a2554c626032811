from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

Command = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]


def test_a_script_is_written_that_runs(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    script = tmp_path / "scripts" / "small.py"
    script.parent.mkdir()
    result = designer("export", small[1], "--to", "python", "-o", script)
    assert result.exit_code == 0, result.output
    assert str(script) in result.stdout
    done = subprocess.run(
        [sys.executable, script, "--results", tmp_path / "results"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "results").iterdir())) == 2


def test_all_problems_are_shown_and_nothing_is_written(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    pipeline, path = small
    pipeline = edits.set_parameter(pipeline, "split_data", "fraction", 7)
    pipeline = edits.set_parameter(pipeline, "dataset", "path", "gone.csv")
    write(pipeline, path)
    result = designer("export", path, "--to", "python", "-o", tmp_path / "small.py")
    assert result.exit_code == 2
    assert "Error: dataset.path: " in result.stderr
    assert "Error: split_data.fraction: " in result.stderr
    assert not (tmp_path / "small.py").exists()


def test_what_keeps_the_script_from_moving_is_shown(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    pipeline, path = small
    data = tmp_path / "prices.csv"
    write(edits.set_parameter(pipeline, "dataset", "path", str(data)), path)
    result = designer("export", path, "--to", "python", "-o", tmp_path / "small.py")
    assert result.exit_code == 0
    assert f"Warning: “dataset” uses the absolute path “{data}”." in result.stderr


def test_the_pipeline_is_not_overwritten(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    before = small[1].read_bytes()
    result = designer("export", small[1], "--to", "python", "-o", small[1])
    assert result.exit_code == 2
    assert "Hint: Choose another -o." in result.stderr
    assert small[1].read_bytes() == before
    result = designer("export", small[1], "--to", "python", "-o", tmp_path / "no" / "where.py")
    assert result.exit_code == 2
    assert "can't be written" in result.stderr


def test_a_notebook_has_the_results_of_the_last_run_that_are_still_valid(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    pipeline, path = small
    workspace = ("--workspace", tmp_path / "workspace")
    notebook = tmp_path / "small.ipynb"

    def filled() -> dict[str, bool]:
        result = designer("export", path, "--to", "notebook", "-o", notebook, *workspace)
        assert result.exit_code == 0, result.output
        assert f"jupyter lab {notebook}" in result.stdout
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        return {cell["id"]: bool(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"}

    assert filled() == {"imports": False, "dataset": False, "split_data": False}
    assert designer("run", path, *workspace).exit_code == 0
    assert filled() == {"imports": False, "dataset": True, "split_data": True}
    write(edits.set_parameter(pipeline, "split_data", "fraction", 0.2), path)
    assert filled() == {"imports": False, "dataset": True, "split_data": False}


def test_results_are_written_by_choice(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    output = tmp_path / "small.py"
    assert designer("export", small[1], "--to", "python", "-o", output).exit_code == 0
    assert "--results" in output.read_text("utf-8")
    designer("export", small[1], "--to", "python", "-o", output, "--without-results")
    text = output.read_text("utf-8")
    assert "--results" not in text
    assert "main(**arguments)" in text
    compile(text, "small.py", "exec")
    output = tmp_path / "small.ipynb"
    designer("export", small[1], "--to", "notebook", "-o", output, "--with-results")
    assert "storage import save" in output.read_text("utf-8")
