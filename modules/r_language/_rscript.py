"""Run the user's script in a process of R."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from modules.contract import ModuleError
from modules.contract.context import threads
from modules.programs import R
from modules.r_language._exchange import read_frame, write_frame
from modules.r_language._program import RUNNER

if TYPE_CHECKING:
    import pandas as pd

_HINTS = {
    "no-azureml-main": "Define azureml_main <- function(dataframe1, dataframe2).",
    "no-results": "Return list(dataset1 = …, dataset2 = …) with at least one data frame.",
    "too-many-results": "Return list(dataset1 = …, dataset2 = …).",
    "not-a-data-frame": "Convert it with as.data.frame.",
    "wrong-column": "Convert the column to numbers, text, or a factor, or remove it.",
}
_SYNTAX = re.compile(r"script\.R:(\d+):\d+: (.*)")


class Session:
    """A temporary folder in which a script runs.

    Parameters
    ----------
    folder : Path
        Contains the exchanged tables.
    """

    def __init__(self, folder: Path) -> None:
        self._work = folder / "work"
        self.current = folder / "current"
        """The current folder of the script."""
        for path in (self._work, self._work / "plots", self.current):
            path.mkdir()

    @property
    def plots(self) -> list[Path]:
        """The pictures that were drawn, in their order."""
        return sorted((self._work / "plots").glob("*.png"))

    def run(
        self, script: str, seed: int, frames: dict[str, pd.DataFrame]
    ) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """Run a script; what it prints is printed.

        Raises
        ------
        ModuleError
            If R isn't installed, or the script fails.
        """
        program = R.path()
        if program is None:
            raise ModuleError(
                "r-not-installed",
                "R isn't installed on this computer, or Rscript isn't on the path.",
                f"Install it, for example with: {R.hint}",
            )
        for port, frame in frames.items():
            write_frame(frame, self._work / port, port)
        # R reads a script of a Windows editor in any case, but an incomplete last line warns.
        text = script.replace("\r\n", "\n").rstrip("\n") + "\n"
        (self._work / "script.R").write_text(text, "utf-8")
        (self._work / "runner.R").write_text(RUNNER, "utf-8")
        command = [program, "--vanilla", "--encoding=UTF-8", str(self._work / "runner.R")]
        status = _printed([*command, str(self._work), str(seed)], self.current)
        if not (self._work / "done").exists():
            raise self._failed(status)
        found = [self._work / f"result{number}" for number in (1, 2)]
        first, second = (read_frame(each) if each.exists() else None for each in found)
        return first, second

    def _failed(self, status: int) -> ModuleError:
        error = self._work / "error"
        if not error.exists():
            reason = f"the process of R ended with status {status}"
            if status == 0:
                reason = "the script called quit"
            elif status < 0:
                reason = f"the process of R was terminated by signal {-status}"
            return ModuleError(
                "script-failed",
                f"The script didn't finish: {reason}.",
                "Return from azureml_main, and see the log of the step.",
                parameter="script",
            )
        code, message, at = error.read_bytes().decode("utf-8", "replace").split("\0")[:3]
        if code in _HINTS:
            return ModuleError(code, message, _HINTS[code], parameter="script")
        line = int(at) if at else None
        syntax = _SYNTAX.search(message)
        if syntax is not None:
            line, message = int(syntax[1]), syntax[2]
        place = f" in line {line}" if line else ""
        shown = message.strip().splitlines()[0][:300].rstrip(".") if message.strip() else "error"
        return ModuleError(
            "script-failed",
            f"The script failed{place}: {shown}.",
            _hint_of(message),
            parameter="script",
            line=line,
        )


@contextmanager
def session() -> Iterator[Session]:
    """Return a session whose folder is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="modeldesk-r-") as folder:
        yield Session(Path(folder).resolve())


def _printed(command: list[str], folder: Path) -> int:
    """Run a command, print what it prints, and return its status."""
    # Dates are read and written in UTC, texts in UTF-8, whatever the user's settings are.
    count = str(threads())
    environment = {
        **os.environ,
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
    }
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            output: IO[str] = process.stdout  # type: ignore[assignment]
            for line in output:
                # The log of the step is what a module prints.
                print(line, end="", flush=True)  # noqa: T201
            return process.wait()
        finally:
            process.kill()


def _hint_of(message: str) -> str:
    package = re.search(r"there is no package called .([\w.]+).", message)
    if package:
        return (
            f'Install the package in R: install.packages("{package[1]}"). On Debian and Ubuntu '
            f"many are packages named r-cran-{package[1].lower()}."
        )
    return "See the log of the step for what R printed."
