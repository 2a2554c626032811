"""Write the golden snapshot anew: ``python tests/modules/regenerate_golden.py``.

Do so after a change of a module's ports or parameters, look at the difference in git, and
count the module's version up (with a ``migrate``) if a stored pipeline would now mean
something else.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from golden_specifications import GOLDEN, snapshot  # noqa: E402

if __name__ == "__main__":
    files = snapshot()
    for file in set(GOLDEN.rglob("*.json")) - set(files):
        file.unlink()
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    print(f"Wrote {len(files)} files in {GOLDEN}")
