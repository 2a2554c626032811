"""Large tables for ``benchmarks/transformations.py``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modules.contract import DataTable, Role


def table(rows: int) -> DataTable:
    """Return a table with every kind of column."""
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
    frame["gaps"] = frame["price"].where(random.random(rows) < 0.9)
    return DataTable(frame, {"label": Role.LABEL})


def texts(rows: int) -> DataTable:
    """Return texts of 20 words, which are as frequent as those of a language."""
    random = np.random.default_rng(1)
    words = np.array([f"word{number}" for number in range(5000)])
    shares = 1 / np.arange(1, 5001)
    chosen = random.choice(words, (rows, 20), p=shares / shares.sum())
    return DataTable(pd.DataFrame({"text": [" ".join(row) for row in chosen]}, dtype="str"))
