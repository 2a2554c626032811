"""The code that travels contains each module, and nothing that only its example needs."""

from __future__ import annotations

from pathlib import Path

import modules
from designer.packaging.snapshot import write_snapshot

ROOT = Path(modules.__file__).parent


def test_examples_of_modules_stay_at_home(tmp_path: Path) -> None:
    write_snapshot(tmp_path)
    travelled = {
        file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()
    }
    examples = [folder for folder in ROOT.glob("*/examples") if folder.is_dir()]
    assert examples
    here = {
        file.relative_to(ROOT.parent).as_posix()
        for file in ROOT.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    left = {
        file.relative_to(ROOT.parent).as_posix()
        for folder in examples
        for file in folder.rglob("*")
        if file.is_file()
    }
    assert not travelled & left
    assert travelled == here - left
    # No code is left behind.
    assert not [name for name in left if name.endswith(".py")]
