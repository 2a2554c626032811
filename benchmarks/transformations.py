"""Each transformation on a million rows against the obvious call of pandas or scikit-learn.

Prints the ratio of the best of several runs of both, one after the other; at most 1.1 is good.

    python benchmarks/transformations.py [ROWS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from designer.catalog import load_catalog
from modules.contract import DataTable, Role

RUNS = 5
CATALOG = load_catalog()


def table(rows: int) -> DataTable:
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "key": random.integers(0, 1_000, rows),
            "town": pd.Series(random.choice(["Bergen", "Lima", "Oslo", "Rome"], rows), dtype="str"),
            "price": random.normal(100, 20, rows),
            "age": random.integers(18, 80, rows),
            "at": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(random.integers(0, 10**8, rows), "s"),
            "label": random.random(rows) < 0.5,
        }
    )
    return DataTable(frame, {"label": Role.LABEL})


def melted(frame: pd.DataFrame) -> Any:
    return frame.melt(["key", "town", "at", "label"], ["price", "age"])


def lagged(frame: pd.DataFrame) -> Any:
    return frame.assign(lag=frame.sort_values("at", kind="stable").groupby("key")["price"].shift(1))


CASES: dict[str, tuple[dict[str, Any], Callable[[pd.DataFrame], Any]]] = {
    "apply_math_operation": (
        {"columns": ["price"], "basic_function": "Sqrt"},
        lambda frame: frame.assign(made=np.sqrt(frame["price"])),
    ),
    "convert_to_dataset": (
        {"action": "SetMissingValues", "custom_missing_value": "50"},
        lambda frame: frame.assign(
            **{
                name: frame[name].astype("float64").mask(frame[name] == 50)
                for name in ("key", "price", "age")
            },
            town=frame["town"].mask(frame["town"] == "50"),
        ),
    ),
    "group_by": (
        {"keys": ["town", "key"], "columns": ["price"], "functions": "mean, sum"},
        lambda frame: (
            frame.groupby(["town", "key"])["price"].agg(["mean", "sum", "size"]).reset_index()
        ),
    ),
    "pivot": (
        {"keys": ["key"], "column": ["town"], "values": ["price"]},
        lambda frame: frame.pivot_table("price", "key", "town").reset_index(),
    ),
    "unpivot": ({"columns": ["price", "age"]}, melted),
    "sort_rows": (
        {"keys": ["town", "price"]},
        lambda frame: frame.sort_values(["town", "price"], kind="stable", ignore_index=True),
    ),
    "window_and_rank": (
        {"function": "lag", "columns": ["price"], "partition": ["key"], "order": ["at"]},
        lagged,
    ),
    "date_parts": (
        {"columns": ["at"]},
        lambda frame: frame.assign(
            year=frame["at"].dt.year.astype(float),
            month=frame["at"].dt.month.astype(float),
            weekday=frame["at"].dt.day_of_week + 1.0,
        ),
    ),
    "sample_by_stratum": (
        {"keys": ["key"], "rows": 100},
        lambda frame: frame.groupby("key").sample(100, random_state=0).reset_index(drop=True),
    ),
}


def seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    given = table(rows)
    print(f"{rows:,} rows; seconds of the module, of the obvious call, and their ratio")
    for name, (parameters, obvious) in CASES.items():
        spec = CATALOG[name]
        arguments = spec.read_parameters(parameters)

        def module(spec: Any = spec, arguments: dict[str, Any] = arguments) -> Any:
            return spec(given, **arguments)

        pairs = [
            (seconds(module), seconds(lambda call=obvious: call(given.frame))) for _ in range(RUNS)
        ]
        own, other = (min(each) for each in zip(*pairs, strict=True))
        print(f"{name:24}{own:8.3f}{other:8.3f}{own / other:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
