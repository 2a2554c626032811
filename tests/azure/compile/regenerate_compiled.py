"""Write the golden files of the compiled samples anew: look at the difference before a commit.

Run: python tests/azure/compile/regenerate_compiled.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from chosen_samples import CHOSEN, SAMPLES
from golden_files import GOLDEN, texts

from designer.azure.compile.compiling import TARGETS, compile_pipeline
from designer.azure.compile.describing import describe
from designer.catalog import load_catalog
from designer.pipeline.file import SUFFIX, read


def main() -> None:
    catalog = load_catalog()
    for sample in CHOSEN:
        file = SAMPLES / f"{sample}{SUFFIX}"
        description = describe(read(file), catalog, base=file.parent, name=sample)
        with tempfile.TemporaryDirectory() as name:
            folders = [Path(name) / target for target in TARGETS]
            for folder in folders:
                compile_pipeline(description, folder.name, folder)
            (GOLDEN / sample).mkdir(parents=True, exist_ok=True)
            for each, text in texts(*folders).items():
                (GOLDEN / sample / each).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
