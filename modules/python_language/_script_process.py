"""Runs a script as a separate program: arguments, tables and folders, output, time limit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError

if TYPE_CHECKING:
    import pandas as pd

PLACEHOLDER = re.compile(r"\$\{\{\s*(inputs|outputs)\.([^{}\s]*)\s*\}\}")
"""Is replaced by the path of an input or output, as in jobs of Azure ML."""


class Paths:
    """Where a script finds its inputs and writes its outputs.

    Parameters
    ----------
    known : mapping of (str, str) to Path
        By ``inputs`` or ``outputs`` and name.
    absent : frozenset of str
        Inputs to which nothing is connected.
    """

    def __init__(self, known: dict[tuple[str, str], Path], absent: frozenset[str]) -> None:
        self._known = known
        self._absent = absent
        self.named: set[str] = set()
        """The outputs that the arguments name."""

    def arguments(self, text: str) -> list[str]:
        """Return the arguments in a text, with paths in place of placeholders.

        Raises
        ------
        ModuleError
            If a quote isn't closed, or a placeholder names nothing.
        """
        try:
            words = shlex.split(text)
        except ValueError:
            raise ModuleError(
                "wrong-arguments",
                "A quote isn't closed in the arguments.",
                "Close it, or put a backslash before it.",
                parameter="arguments",
            ) from None
        return [PLACEHOLDER.sub(self._path, word) for word in words]

    def _path(self, found: re.Match[str]) -> str:
        kind, name = found[1], found[2]
        if kind == "inputs" and name in self._absent:
            raise ModuleError(
                "nothing-connected",
                f"The arguments name the input {name}, and nothing is connected to it.",
                "Connect it, or remove it from the arguments.",
                port=name,
            )
        if (kind, name) not in self._known:
            names = ", ".join(each for part, each in self._known if part == kind)
            raise ModuleError(
                "wrong-arguments",
                f"“{found[0]}” in the arguments names nothing.",
                f"Use one of these {kind}: {names}.",
                parameter="arguments",
            )
        if kind == "outputs":
            self.named.add(name)
        return str(self._known[kind, name])


def run_program(script: Path, arguments: list[str], minutes: float) -> None:
    """Run a script in its folder with this Python; what it prints is printed.

    Raises
    ------
    ModuleError
        If it fails, or takes too long.
    """
    process = subprocess.Popen(
        [sys.executable, script.name, *arguments],
        cwd=script.parent,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(minutes * 60, end) if minutes else None
    last = ""
    assert process.stdout is not None
    try:
        if timer is not None:
            timer.start()
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            last = line.strip() or last
        status = process.wait()
    finally:
        if timer is not None:
            timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    if late.is_set():
        raise ModuleError(
            "script-too-long",
            f"“{script.name}” took longer than {minutes:g} minutes.",
            "Raise the time limit, or let the script do less.",
            parameter="minutes",
        )
    if status:
        said = f": {last[:300]}" if last else "."
        raise ModuleError(
            "script-failed",
            f"“{script.name}” failed with exit status {status}{said}",
            "See the full output in the log of the step.",
        )


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the extension of the file."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)


def read_table(path: Path) -> Any:
    """Return the frame in a CSV or Parquet file that a script has written.

    Raises
    ------
    ModuleError
        If there is none, or it can't be read.
    """
    import pandas as pd

    if not path.is_file():
        raise ModuleError(
            "nothing-written",
            f"The script didn't write its table to “{path.name}”.",
            "Write it to the path that the script gets as ${{outputs.results_dataset}}.",
        )
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        frame = pd.read_csv(path)
        for name, dtype in frame.dtypes.items():
            if dtype.kind == "O" and not isinstance(dtype, pd.StringDtype):
                # Integers of very many digits, which no number has room for.
                frame[name] = frame[name].map(str, na_action="ignore").astype("str")
        return frame
    except (ValueError, OSError) as error:
        raise ModuleError(
            "table-not-readable",
            f"The table that the script wrote can't be read: {str(error).splitlines()[0]}.",
            "Write it without an index, in the format that is chosen in the parameters.",
        ) from error
