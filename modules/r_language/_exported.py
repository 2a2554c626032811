"""R scripts in scripts without this project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract.normalize_frame import normalize_frame
from modules.r_language._exchange import read_frame, write_frame
from modules.r_language._program import RUNNER

if TYPE_CHECKING:
    import pandas as pd


def run_r_script(
    script: str, seed: int, **frames: pd.DataFrame
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Call an R script's ``azureml_main``; return its data frames, None for a missing one."""
    import os
    import shutil
    import subprocess
    import tempfile
    from pathlib import Path

    program = shutil.which("Rscript")
    if program is None:
        raise RuntimeError("Rscript isn't on the path. Install R.")
    with tempfile.TemporaryDirectory() as folder:
        work, current = Path(folder) / "work", Path(folder) / "current"
        for path in (work, work / "plots", current):
            path.mkdir()
        for port, frame in frames.items():
            write_frame(frame, work / port, port)
        text = script.replace("\r\n", "\n").rstrip("\n") + "\n"
        (work / "script.R").write_text(text, "utf-8")
        (work / "runner.R").write_text(RUNNER, "utf-8")
        command = [program, "--vanilla", "--encoding=UTF-8", str(work / "runner.R")]
        # Dates are read and written in UTC, texts in UTF-8.
        environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        subprocess.run([*command, str(work), str(seed)], cwd=current, env=environment, check=False)
        if not (work / "done").exists():
            raise RuntimeError("The R script failed.")
        found = [work / f"result{number}" for number in (1, 2)]
        first, second = (
            normalize_frame(read_frame(each)) if each.exists() else None for each in found
        )
    return first, second
