from __future__ import annotations

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
