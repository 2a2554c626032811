"""How long Dataset takes to read delimited text, beside ``pandas.read_csv`` of the same file.

    python benchmarks/reading.py [ROWS]

Prints processor time as a ratio, the median of interleaved rounds. pandas only parses; Dataset
also finds encoding, delimiter, dates, codes, and the words that mean a missing value.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from modules.data_input_output.dataset import dataset

ROUNDS = 5


def tables(rows: int) -> dict[str, pd.DataFrame]:
    """Return one table for each thing that reading looks for."""
    random = np.random.default_rng(0)
    numbers = pd.DataFrame(random.normal(size=(rows, 10)).round(6)).add_prefix("x")
    gaps = numbers.mask(random.random(numbers.shape) < 0.05)
    codes = numbers.assign(code=pd.Series(random.integers(0, 99_999, rows)).map("{:05d}".format))
    dates = numbers.assign(
        day=pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 2_000, rows), "D")
    )
    texts = numbers.iloc[:, :3].copy()
    for at in range(6):
        texts[f"text{at}"] = random.choice(["alpha", "beta", "gamma delta", "NA"[:1]], rows)
    return {"numbers": numbers, "gaps": gaps, "codes": codes, "dates": dates, "texts": texts}


def seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables(rows).items():
            file = Path(folder, f"{name}.csv")
            table.to_csv(file, index=False)
            ratios = [
                seconds(lambda file=file: dataset(path=str(file)))
                / seconds(lambda file=file: pd.read_csv(file, dtype={"code": str}))
                for _ in range(ROUNDS)
            ]
            print(f"{name:8} {statistics.median(ratios):.2f} × pandas.read_csv")


if __name__ == "__main__":
    main()
