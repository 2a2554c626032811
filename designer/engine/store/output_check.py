"""Checks that a stored output is unchanged before a view reads it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from designer.engine.store.entry import (
    MANIFEST,
    check_entry,
    is_untouched,
    read_manifest,
)
from designer.engine.store.errors import DamagedEntryError
from modules.contract.errors import ModuleError

LARGE = 1 << 26
"""Bytes of an output up to which its content is compared in any case."""


def check_output(folder: Path) -> None:
    """Check an output before a view reads it; what isn't in a store isn't checked.

    The content is compared if the output is small, or if it may have been changed since it was
    stored. A larger one would keep a user waiting, who views a few of its rows.

    Raises
    ------
    ModuleError
        If it is damaged. The next run that needs it makes it again.
    """
    entry, prefix = folder.parent, f"{folder.name}/"
    if not (entry / MANIFEST).is_file():
        return
    try:
        manifest = read_manifest(entry)
        files = {n: file for n, file in manifest["files"].items() if n.startswith(prefix)}
        part = {"files": files}
        large = sum(file["size"] for file in files.values()) > LARGE
        check_entry(entry, part, contents=not (large and is_untouched(entry, part)))
    except DamagedEntryError as damage:
        # Its times are wrong from now on, so whoever plans with it compares the content.
        with contextlib.suppress(OSError):
            os.utime(entry / (damage.file or MANIFEST))
        raise ModuleError(
            "value-damaged",
            f"The stored result is damaged: {damage}",
            "Run the pipeline again to recompute it.",
        ) from damage
