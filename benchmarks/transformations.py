"""Each transformation against the obvious call of pandas or scikit-learn, and of DuckDB.

Prints processor time, the best of several runs of all, in turns, and the ratio to the quickest
other one, in processor time and in time; at most 1.1 is good. DuckDB (pip install duckdb) is left
out if it isn't installed. With --growth it prints how much longer the module and the call of
pandas or scikit-learn take for 10 and 100 times the rows; linear is 10 and 100, somewhat more where
arrays outgrow the caches of the processor. Fails if a transformation of the catalog isn't tried.

    python benchmarks/transformations.py [ROWS] [--growth] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import math
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from _transformation_cases import CASES, LEFT_OUT, table, texts, uncovered
from threadpoolctl import threadpool_limits

from designer.catalog import load_catalog
from modules.contract import DataTable, ModuleError

SECONDS = 2.0
"""Processor time for all sides of a ratio, with at least three runs and at most a hundred."""

CATALOG = load_catalog()
TEXTS_OF_ROWS = 50
"""Rows for one text: words take longer than numbers."""

SOME_ROWS = 200
"""Rows for one row of what compares rows with rows."""

LIMIT = 1.1
CALL = 0.2
"""Milliseconds that the call of a module may take, however short what it does is."""


def seconds(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the processor time of a call, and the time."""
    gc.collect()
    start, processor = time.perf_counter(), time.process_time()
    call()
    return time.process_time() - processor, time.perf_counter() - start


def inputs_of(name: str, rows: int) -> list[DataTable]:
    """Return the inputs of a module for a number of rows."""
    case = CASES[name]
    if case.kind == "texts":
        first = texts(rows // TEXTS_OF_ROWS)
    else:
        first = table(rows if case.kind == "rows" else rows // SOME_ROWS)
    first = first.select([each for each in first.names if each not in case.without])
    return [first] if case.second is None else [first, DataTable(case.second(first.frame))]


def calls(name: str, given: list[DataTable]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return the module and the obvious call, ready to run."""
    case, spec = CASES[name], CATALOG[name.partition(" ")[0]]
    inputs: list[DataTable | None] = [*given, *[None] * (len(spec.inputs) - len(given))]
    arguments = spec.read_parameters(dict(case.parameters))
    frames = [each.frame for each in given]
    return lambda: spec(*inputs, **arguments), lambda: case.obvious(*frames)


def queried(name: str, given: list[DataTable]) -> Callable[[], Any] | None:
    """Return DuckDB's call on one thread, if it is a candidate and installed."""
    query = CASES[name].query
    if not query or importlib.util.find_spec("duckdb") is None:
        return None
    connection = importlib.import_module("duckdb").connect()
    connection.execute("set threads = 1")
    for number, each in enumerate(given, start=1):
        connection.register(f"t{number}", each.frame)
    return lambda: connection.execute(query).df()


def chosen(only: str) -> list[str]:
    """Return the cases with a text in their name whose library is installed."""
    return [
        name
        for name, case in CASES.items()
        if only in name and (not case.library or importlib.util.find_spec(case.library) is not None)
    ]


def ratios(rows: int, only: str) -> None:
    """Print the ratio of each module."""
    print(f"{rows:,} rows; milliseconds of the module, of the obvious call, and of DuckDB;")
    print("ratio to the quicker one in processor time, and in time")
    for name in chosen(only):
        given = inputs_of(name, rows)
        sides = [*calls(name, given)]
        if (duck := queried(name, given)) is not None:
            sides.append(duck)
        runs: list[list[tuple[float, float]]] = []
        spent = 0.0
        while len(runs) < 3 or (spent < SECONDS and len(runs) < 100):
            runs.append([seconds(each) for each in sides])
            spent += sum(processor for processor, _ in runs[-1])
        own, *others = (min(run[side] for run in runs) for side in range(len(sides)))
        own_time, *times = (min(run[side][1] for run in runs) for side in range(len(sides)))
        quickest = max(min(others)[0], 1e-6)
        ratio, in_time = own[0] / quickest, own_time / max(min(times), 1e-6)
        shown = "".join(f"{1000 * each:10.2f}" for each, _ in (own, *others))
        mark = ""
        if ratio > LIMIT and 1000 * (own[0] - quickest) > CALL:
            mark = "  above the limit"
        print(f"{name:34}{shown:30}{ratio:8.2f}{in_time:8.2f}{mark}", flush=True)


def growth(rows: int, only: str) -> None:
    """Print how the time of the module and of the obvious call grows with the rows."""
    sizes = [rows // 10, rows, rows * 10]
    print(f"seconds for {', '.join(f'{size:,}' for size in sizes)} rows, and growth by the first;")
    print("the same of the obvious call; nan if the module refuses a result beyond the memory")
    for name in chosen(only):
        found: list[list[float]] = [[], []]
        for size in sizes:
            given = inputs_of(name, size)
            for side, call in enumerate(calls(name, given)):
                try:
                    found[side].append(min(seconds(call)[0] for _ in range(2)))
                except ModuleError:
                    found[side].append(math.nan)
            del given, call
        for label, times in zip((name, ""), found, strict=True):
            growths = "".join(f"{each / times[0]:8.1f}" for each in times)
            print(f"{label:34}{''.join(f'{each:8.3f}' for each in times)}{growths}", flush=True)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    gc.freeze()
    if missing := uncovered(CATALOG):
        sys.exit(f"Not tried: {', '.join(missing)}")
    # Threads of a library that wait for each other would count as work.
    with threadpool_limits(1):
        (growth if given.growth else ratios)(given.rows, given.only)
    print(f"Left out: {'; '.join(f'{name}, {reason}' for name, reason in LEFT_OUT.items())}")


if __name__ == "__main__":
    main()
