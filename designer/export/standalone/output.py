"""What a script does with its results; copied into the script."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_result(value: Any, path: Path) -> None:
    """Write a table as CSV, a folder, bytes, or a dictionary as files, others with joblib."""
    import shutil

    import joblib
    import pandas as pd

    if isinstance(value, dict) and all(
        isinstance(each, (pd.DataFrame, bytes)) for each in value.values()
    ):
        for name, table in value.items():
            write_result(table, path / name)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(value, pd.DataFrame):
        value.to_csv(path.with_name(f"{path.name}.csv"), index=False)
    elif isinstance(value, bytes):
        path.write_bytes(value)
    elif isinstance(value, Path):
        shutil.copytree(value, path, dirs_exist_ok=True)
    else:
        joblib.dump(value, path.with_name(f"{path.name}.joblib"))
