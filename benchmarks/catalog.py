"""Finding every module: the specifications of the whole catalog, in a process of its own.

Prints the processor seconds until all are loaded, how many heavy libraries it loads, and how it
grows with the number of modules: copies of all built-in ones in a user's folder::

    python -m benchmarks.catalog
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 0.3
COPIES = (0, 1, 4)
ROUNDS = 5

PROGRAM = """
import json, sys, time
from pathlib import Path
began = time.process_time()
from designer.catalog import load_catalog
catalog = load_catalog(Path(sys.argv[1]))
catalog.categories()
seconds = time.process_time() - began
assert not catalog.problems, catalog.problems[0]
heavy = [name for name in ("numpy", "pandas", "pyarrow", "scipy", "sklearn") if name in sys.modules]
print(json.dumps([seconds, len(catalog), heavy]))
"""


def measure(folder: Path) -> tuple[float, int, list[str]]:
    """Return the median of the processor seconds, the number of modules, and what is heavy."""
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    # The first round compiles the modules, which a person waits for once.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    found = [json.loads(subprocess.check_output(command, env=environment)) for _ in range(ROUNDS)]
    return statistics.median(seconds for seconds, *_ in found), found[0][1], found[0][2]


def main() -> None:
    first = 0.0
    with tempfile.TemporaryDirectory() as name:
        for copies in COPIES:
            folder = Path(name) / str(copies)
            folder.mkdir()
            copy_modules(folder, copies)
            seconds, count, heavy = measure(folder)
            first = first or seconds / count
            print(
                f"{count:4} modules: {seconds:.2f} s of processor time, heavy libraries: "
                f"{', '.join(heavy) or 'none'}, a module {seconds / count / first:.2f} × as long"
            )
            if not copies:
                print(f"ratio to the limit: {seconds / LIMIT:.2f}")


def copy_modules(folder: Path, copies: int) -> None:
    """Copy every built-in module under other names."""
    from designer.catalog import load_catalog

    helpers: set[Path] = set()
    for spec in load_catalog().values():
        helpers.update(spec.file.parent.glob("_*.py"))
        for number in range(copies):
            text = spec.file.read_text("utf-8")
            name = f"{spec.id}_{number}"
            text = text.replace(f"def {spec.id}(", f"def {name}(")
            (folder / f"{name}.py").write_text(text, "utf-8")
    for helper in helpers:
        shutil.copy(helper, folder)


if __name__ == "__main__":
    main()
