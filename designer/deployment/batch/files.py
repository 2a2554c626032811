"""Tables of scores as files, written atomically."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract.arrow_conversion import to_arrow

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl")
"""The formats of a file of scores."""


def target_files(target: Path, outputs: list[str]) -> dict[str, Path]:
    """Return the file of each output.

    One output goes to the file that was named; of several, each goes to a file beside it
    with the output's name in its own.
    """
    if len(outputs) == 1:
        return {outputs[0]: target}
    return {name: target.with_name(f"{target.stem}_{name}{target.suffix}") for name in outputs}


def write_files(frames: Mapping[Path, pd.DataFrame]) -> None:
    """Write tables in the formats of the file extensions.

    What was in the files stays until all of the new ones are written.

    Raises
    ------
    OSError
        If one can't be written.
    """
    fresh: dict[Path, Path] = {}
    try:
        for target, frame in frames.items():
            part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
            fresh[target] = part
            _write(frame, part, target.suffix.lower())
        for target, part in fresh.items():
            os.replace(part, target)
    finally:
        for part in fresh.values():
            part.unlink(missing_ok=True)


def _write(frame: pd.DataFrame, file: Path, suffix: str) -> None:
    if suffix == ".parquet":
        import pyarrow.parquet

        pyarrow.parquet.write_table(to_arrow(frame), file)
    elif suffix == ".jsonl":
        frame.to_json(file, orient="records", lines=True, date_format="iso", force_ascii=False)
    else:
        _write_text(frame, file, "\t" if suffix == ".tsv" else ",")


def _write_text(frame: pd.DataFrame, file: Path, delimiter: str) -> None:
    """Write CSV with pyarrow, which is several times as fast as pandas."""
    import pyarrow.csv

    plain = frame.copy(deep=False)
    for name, dtype in frame.dtypes.items():
        if str(dtype) == "category":
            plain[name] = frame[name].astype(frame[name].cat.categories.dtype)
    options = pyarrow.csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    pyarrow.csv.write_csv(to_arrow(plain), file, options)
