"""Each transformation against the obvious call of pandas or scikit-learn, and of DuckDB.

Prints processor time, the best of several runs of all, in turns, and the ratio to the quickest
other one, in processor time and in time; at most 1.1 is good. A module may take half a millisecond
more than the ratio allows: the call of a step, with its check that the result is a valid table, has
fixed costs of 0.1 to 0.3 ms, which exceed what pandas needs to put two tables side by side. DuckDB
(pip install duckdb) is left out if it isn't installed.

With --growth it prints how much longer the module and the call of pandas or scikit-learn take for a
tenth of the rows, the rows, and ten times the rows, again in processor time, the best of runs in
turns. Linear is 10 and 100, somewhat more where arrays outgrow the caches of the processor, and
where the system must first clear the memory for them; the other call shows how much. Modules of
text get one text of 20 words for 50 rows.

Fails if a transformation of the catalog isn't tried.

    python benchmarks/transformations.py [ROWS] [--growth] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from _transformation_cases import CASES, LEFT_OUT, uncovered
from _transformation_tables import table, texts
from threadpoolctl import threadpool_limits

from designer.catalog import load_catalog
from modules.contract import DataTable

SECONDS = 2.0
"""Processor time for the runs of all sides."""

LEAST_RUNS, MOST_RUNS = 3, 100

CATALOG = load_catalog()
TEXTS_OF_ROWS = 50
"""Rows for one text: words take longer than numbers."""

SOME_ROWS = 200
"""Rows for one row of what compares rows with rows."""

LIMIT = 1.1
CALL = 0.5
"""Milliseconds that the call of a module may take beyond the limit: its fixed costs."""


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
    frames = [each.frame for each in given]
    more = case.by_rows(len(frames[0])) if case.by_rows is not None else {}
    arguments = spec.read_parameters({**case.parameters, **more})
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


def best(sides: Sequence[Callable[[], Any]]) -> list[tuple[float, float]]:
    """Return the least processor time of each side, and the least time, of runs in turns."""
    runs: list[list[tuple[float, float]]] = []
    spent = 0.0
    while len(runs) < LEAST_RUNS or (spent < SECONDS and len(runs) < MOST_RUNS):
        runs.append([seconds(each) for each in sides])
        spent += sum(processor for processor, _ in runs[-1])
    return [(min(a for a, _ in side), min(b for _, b in side)) for side in zip(*runs, strict=True)]


def ratios(rows: int, only: str) -> None:
    """Print the ratio of each module."""
    print(f"{rows:,} rows; milliseconds of the module, of the obvious call, and of DuckDB;")
    print("ratio to the quicker one in processor time, and in time")
    for name in chosen(only):
        given = inputs_of(name, rows)
        sides = [*calls(name, given)]
        if (duck := queried(name, given)) is not None:
            sides.append(duck)
        found = best(sides)
        (own, own_time), *others = found
        quickest, quickest_time = (max(min(each), 1e-6) for each in zip(*others, strict=True))
        shown = "".join(f"{1000 * each:10.2f}" for each, _ in found)
        mark = ""
        if own > LIMIT * quickest + CALL / 1000:
            mark = "  above the limit"
        ratio = f"{own / quickest:8.2f}{own_time / quickest_time:8.2f}"
        print(f"{name:34}{shown:30}{ratio}{mark}", flush=True)


def growth(rows: int, only: str) -> None:
    """Print how the time of the module and of the obvious call grows with the rows."""
    sizes = [rows // 10, rows, rows * 10]
    print(f"seconds for {', '.join(f'{size:,}' for size in sizes)} rows, and growth by the first;")
    print("the same of the obvious call")
    for name in chosen(only):
        found = []
        for size in sizes:
            given = inputs_of(name, size)
            found.append([processor for processor, _ in best(calls(name, given))])
            del given
        for label, times in zip((name, ""), zip(*found, strict=True), strict=True):
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
