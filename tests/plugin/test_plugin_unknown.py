"""Nothing outside of this folder knows the package."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).parent / "package" / "spectra"


def test_no_other_file_names_it() -> None:
    ids = {path.stem for path in (SOURCE / "spectroscopy").glob("[a-z]*.py")}
    names = re.compile(rf"\b({'|'.join(sorted(ids))}|spectra|observatory)\b", re.IGNORECASE)
    assert names.search("from spectra import view")
    listed = subprocess.run(
        ["git", "ls-files", "designer", "modules", "resources", "tests", "tools", "*.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [ROOT / name for name in listed if not name.startswith("tests/plugin/")]
    assert len(files) > 500
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix in (".py", ".toml", ".json", ".svg", ".sh", ".yml")
        if names.search(path.read_text("utf-8"))
    ]
    assert found == []
