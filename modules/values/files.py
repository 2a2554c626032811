"""Unmodified files."""

from __future__ import annotations

import shutil
import stat
import tempfile
import weakref
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.value import Value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class FolderValue(Value):
    """Base class of the port types that are a folder of unmodified files."""

    folder: Path

    @classmethod
    def temporary(cls) -> Self:
        """Return a value with a new, empty folder, which is removed along with it."""
        folder = Path(tempfile.mkdtemp(prefix="modeldesk-"))
        value = cls(folder)
        weakref.finalize(value, shutil.rmtree, folder, ignore_errors=True)
        return value

    def describe(self) -> pd.DataFrame:
        """Return how many files are in each folder: where they lie here is of no interest."""
        import pandas as pd

        files = (path for path in self.folder.rglob("*") if path.is_file())
        counts = Counter(path.parent.relative_to(self.folder).as_posix() for path in files)
        return pd.DataFrame(sorted(counts.items()), columns=["folder", "files"])

    def save(self, folder: Path) -> dict[str, Any]:
        """Copy the files."""
        copied = folder / "files"
        # Without permissions: copies of read-only files must be deletable.
        shutil.copytree(self.folder, copied, copy_function=shutil.copyfile)
        for each in (copied, *(path for path in copied.rglob("*") if path.is_dir())):
            each.chmod(each.stat().st_mode | stat.S_IRWXU)
        return {"files": sum(1 for path in copied.rglob("*") if path.is_file())}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the stored files without copying them."""
        return cls(folder / "files")


@dataclass(frozen=True, eq=False)
class Files(
    FolderValue,
    title="files",
    description="A folder of files.",
    colors=("#7a6a12", "#d3c05a"),
    shape="bar",
    icon="folder",
    view="files",
):
    """A folder of files."""
