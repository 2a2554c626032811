"""Small modules that behave well or badly, for the tests of the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    DataTable,
    Effects,
    ModuleError,
    PathOf,
    When,
    module,
    report_progress,
    secret,
    warn,
)
from modules.contract.context import Trial, report_trial, stop_requested
from modules.values import Evaluation, EvaluationReport


def _table(**columns: object) -> DataTable:
    import pandas as pd

    return DataTable(pd.DataFrame(columns))


def _count(counter: str, name: str) -> None:
    if counter:
        with open(counter, "a", encoding="utf-8") as file:
            file.write(name + "\n")


@module("Numbers", outputs=("numbers",))
def numbers(
    *, rows: Annotated[int, Field(ge=0)] = 3, start: int = 0, counter: str = ""
) -> DataTable:
    """Give whole numbers."""
    _count(counter, "numbers")
    return _table(x=range(start, start + rows))


@module("Add", outputs=("sums",))
def add(
    first: DataTable, second: DataTable | None = None, *, amount: float = 1, counter: str = ""
) -> DataTable:
    """Add an amount, and another table, to x."""
    _count(counter, f"add {amount:g}")
    total = first.frame["x"] + amount
    if second is not None:
        total = total + second.frame["x"]
    return _table(x=total)


@module("Choose", outputs=("value",))
def choose(
    table: DataTable,
    *,
    mode: Literal["all", "some"] = "all",
    count: Annotated[int, Field(ge=1), When(mode="some")] = 1,
    lines: Annotated[str, PathOf("read"), When(mode="some")] = "",
    counter: str = "",
) -> DataTable:
    """Keep all rows, or the first ones."""
    _count(counter, f"choose {mode} {count}")
    return table if mode == "all" else DataTable(table.frame.head(count))


def _to_version_2(parameters: dict[str, Any], version: int) -> dict[str, Any]:
    """Version 1 called the number of rows “size”."""
    return {"rows" if name == "size" else name: value for name, value in parameters.items()}


@module("Renewed", outputs=("value",), version=2, migrate=_to_version_2)
def renewed(*, rows: int = 1) -> DataTable:
    """Give some rows."""
    return _table(x=range(rows))


@module("Halves", outputs=("left", "right"))
def halves(table: DataTable, *, counter: str = "") -> tuple[DataTable, DataTable]:
    """Divide the rows into two."""
    _count(counter, "halves")
    middle = len(table) // 2
    return DataTable(table.frame[:middle]), DataTable(table.frame[middle:])


@module("Maybe", outputs=("value",))
def maybe(table: DataTable, *, present: bool = False) -> DataTable | None:
    """Give the table, or nothing."""
    return table if present else None


@module("Measure", outputs=("evaluation",))
def measure(table: DataTable, other: DataTable | None = None) -> Evaluation:
    """Give the sum of x as a metric, of another table too."""
    tables = {"toy": table} | ({"other": other} if other is not None else {})
    return Evaluation(
        tuple(
            EvaluationReport(name, "regression", {"Sum": float(each.frame["x"].sum())})
            for name, each in tables.items()
        )
    )


@module("Read Lines", outputs=("lines",))
def read_lines(*, path: Annotated[str, PathOf("read")], counter: str = "") -> DataTable:
    """Give the lines of a text file."""
    _count(counter, "read_lines")
    return _table(line=Path(path).read_text("utf-8").splitlines())


@module("Download", outputs=("numbers",), effects=Effects.READS)
def download(*, path: str, counter: str = "") -> DataTable:
    """Give the number in a file that the engine knows nothing of."""
    _count(counter, "download")
    return _table(x=[int(Path(path).read_text("utf-8"))])


@module("Export", outputs=(), effects=Effects.WRITES)
def export(table: DataTable, *, path: Annotated[str, PathOf("write")]) -> None:
    """Write a table to a file."""
    table.frame.to_csv(path, index=False)


@module("Dice", outputs=("numbers",), deterministic=False)
def dice(*, counter: str = "") -> DataTable:
    """Give a number that nobody can foretell."""
    _count(counter, "dice")
    return _table(x=[int.from_bytes(os.urandom(4), "little")])


@module("Random", outputs=("numbers",))
def random_numbers(*, rows: int = 1000) -> DataTable:
    """Give random numbers without a seed."""
    import numpy as np

    return _table(x=np.random.rand(rows))


@module("Script", outputs=("result",), effects=Effects.USER_CODE)
def script(table: DataTable, *, source: str) -> DataTable:
    """Run a person's script."""
    values: dict[str, object] = {"table": table.frame}
    exec(compile(source, "<script>", "exec"), values)
    return DataTable(values["table"])


@module("Misbehave", outputs=("value",))
def misbehave(
    table: DataTable,
    *,
    how: Literal[
        "raise",
        "module error",
        "exit",
        "os exit",
        "os exit 0",
        "kill",
        "segfault",
        "memory",
        "wrong type",
        "strange error",
        "close output",
        "interrupt",
    ],
) -> DataTable:
    """Do something that a module must not do."""
    if how == "raise":
        raise RuntimeError("It went wrong.\nThis is the second line.")
    if how == "module error":
        raise ModuleError(
            "too-bad", "Too bad.", "Do better.", port="table", parameter="how", column="x"
        )
    if how == "exit":
        sys.exit(3)
    if how == "os exit":
        print("last words", flush=True)
        os._exit(7)
    if how == "os exit 0":
        os._exit(0)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "segfault":
        import ctypes

        ctypes.string_at(0)
    if how == "memory":
        raise MemoryError
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "strange error":

        class Strange(Exception):
            def __init__(self, first: object, second: object) -> None:
                super().__init__(lambda: first, second)

        raise Strange(open(os.devnull), 1)  # noqa: SIM115
    if how == "close output":
        sys.stdout.close()
        os.close(1)
        os.close(2)
        return table
    return "no value"  # type: ignore[return-value]


@module("Talk", outputs=("value",))
def talk(*, text: str = "hello", times: int = 1, error: bool = False) -> DataTable:
    """Print a text."""
    stream = sys.stderr if error else sys.stdout
    block = min(times, 1000)
    for _ in range(max(times // max(block, 1), 1)):
        stream.write((text + "\n") * block)
    return _table(x=[times])


@module("Warn", outputs=("value",))
def warns(*, text: str = "Mind the gap.") -> DataTable:
    """Warn the person, twice the same."""
    warn(text)
    warn(text)
    return _table(x=[1])


@module("Progress", outputs=("value",))
def progresses() -> DataTable:
    """Report progress."""
    report_progress(0.25, "a quarter")
    report_progress(1.0, "all")
    return _table(x=[1])


@module("Search", outputs=("best",))
def search(*, endless: bool = True, counter: str = "") -> DataTable:
    """Try the same thing again and again until it is stopped; 7 if it wasn't."""
    _count(counter, "search")
    number = 0
    while endless or number < 2:
        number += 1
        report_trial(Trial(number, 9, "Guess", "side: 6", "Luck", 1 / number, seconds=0.5))
        if stop_requested():
            return _table(x=[1.0])
        time.sleep(0.01)
    return _table(x=[7.0])


@module("Busy", outputs=("value",))
def busy(
    table: DataTable | None = None,
    *,
    what: Literal["loop", "fit", "sleep", "stubborn", "grandchild"] = "loop",
    note: str = "",
) -> DataTable:
    """Work without an end; the note gets the ids of all processes."""
    ids = [os.getpid()]
    if what == "grandchild":
        code = "import time; time.sleep(600)"
        ids.append(subprocess.Popen([sys.executable, "-c", code]).pid)
        ids.append(subprocess.Popen([sys.executable, "-c", code], start_new_session=True).pid)
    if what == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report_progress(0.1, "started")
    Path(note).write_text(" ".join(map(str, ids)), "utf-8")
    if what == "fit":
        import numpy as np
        from sklearn.svm import SVC

        random = np.random.default_rng(0)
        SVC(C=1e6).fit(random.normal(size=(60_000, 50)), random.integers(0, 2, 60_000))
    while True:
        if what in ("sleep", "grandchild", "stubborn"):
            time.sleep(600)


@module("Meet", outputs=("value",))
def meet(table: DataTable, *, mine: str, other: str) -> DataTable:
    """Say that it is there and wait for the other one, at most twenty seconds."""
    Path(mine).touch()
    deadline = time.monotonic() + 20
    while not Path(other).exists():
        if time.monotonic() > deadline:
            raise ModuleError("alone", "Nobody came.")
        time.sleep(0.01)
    return table


@module("Threads", outputs=("value",))
def threads() -> DataTable:
    """Give the number of threads that numeric libraries may use."""
    import pyarrow
    from threadpoolctl import threadpool_info

    found = [pool["num_threads"] for pool in threadpool_info()]
    return _table(x=[*found, pyarrow.cpu_count()])


@module("Where", outputs=("value",))
def where(table: DataTable | None = None) -> DataTable:
    """Give the process and folder that the step runs in."""
    qt = any(name.split(".")[0] in ("PySide6", "designer.app") for name in sys.modules)
    leads = hasattr(os, "getpgrp") and os.getpgrp() == os.getpid()
    return _table(x=[os.getpid()], folder=[os.getcwd()], qt=[qt], leads=[leads])


@module("Tell Secret", outputs=("length",))
def tell_secret(*, key: str) -> DataTable:
    """Give the length of a secret."""
    return _table(x=[len(secret(key))])
