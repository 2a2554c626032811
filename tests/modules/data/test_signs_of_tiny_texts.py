"""Tiny texts of Windows: curly quotes and the euro are no letters of an old alphabet."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.contract.context import ModuleWarning
from modules.data_input_output.dataset import dataset


@pytest.mark.parametrize("value", ["“q”,€5", "“q”,5 €", "—,…", "‘q’,–", "™,•", "„q“,€5"])
def test_signs_are_read_as_written(value: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"a,b\n{value}\n".encode("cp1252"))
    with pytest.warns(ModuleWarning, match="read as cp1252"):
        frame = dataset(path=str(path)).frame
    assert ",".join(frame.iloc[0]) == value
