"""How a program of the user runs in code without this project."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract.normalize_frame import normalize_frame
from modules.python_language._script_process import PLACEHOLDER, read_table, write_table
from modules.values.file_contents import contents_of, write_contents

if TYPE_CHECKING:
    import pandas as pd


def run_alone(
    script: str | Path,
    arguments: str,
    *,
    file: str = "script.py",
    dataset: pd.DataFrame | None = None,
    files: Mapping[str, bytes] | None = None,
    extension: str = "csv",
    minutes: float = 0,
) -> tuple[pd.DataFrame | None, dict[str, bytes] | None]:
    """Run a script in a new folder; return the table and the files that its arguments name.

    Parameters
    ----------
    script : str or Path
        The text of the script, or the folder that it is in.
    arguments : str
        The command line, with ``${{inputs.NAME}}`` and ``${{outputs.NAME}}`` for paths.
    file : str
        The script in the folder.
    extension : str
        The format of tables: ``csv`` or ``parquet``.
    minutes : float
        The time limit; 0 for none.
    """
    with tempfile.TemporaryDirectory() as made:
        work = Path(made).resolve()
        code = work / "code"
        if isinstance(script, Path):
            ignored = shutil.ignore_patterns("__pycache__", ".git")
            shutil.copytree(script.expanduser(), code, ignore=ignored)
        else:
            code.mkdir()
            (code / file).write_text(script, "utf-8")
        program, written = code / file, work / "results_files"
        table = work / f"results_dataset.{extension}"
        written.mkdir()
        if dataset is not None:
            write_table(dataset, work / f"dataset.{extension}")
        if files is not None:
            write_contents(files, work / "files")

        def path_of(found: re.Match[str]) -> str:
            tables = ("dataset", "results_dataset")
            return str(work / (f"{found[2]}.{extension}" if found[2] in tables else found[2]))

        words = [PLACEHOLDER.sub(path_of, word) for word in shlex.split(arguments)]
        subprocess.run(
            [sys.executable, program.name, *words],
            cwd=program.parent,
            timeout=minutes * 60 or None,
            check=True,
        )
        named = {name for kind, name in PLACEHOLDER.findall(arguments) if kind == "outputs"}
        return (
            normalize_frame(read_table(table)) if "results_dataset" in named else None,
            contents_of(written) if "results_files" in named else None,
        )
