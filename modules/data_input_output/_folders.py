"""The files of a folder that match a pattern."""

from __future__ import annotations

from pathlib import Path

from modules.contract import ModuleError


def matching(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder, sorted by name.

    Raises
    ------
    ModuleError
        If the pattern isn't valid, or matches none.
    """
    try:
        found = sorted(file for file in folder.glob(pattern or "**/*") if file.is_file())
    except (ValueError, NotImplementedError, IndexError) as error:
        raise ModuleError(
            "bad-pattern",
            f"“{pattern}” isn't a valid file name pattern.",
            "Enter *.csv, or **/*.csv to include subfolders.",
            parameter="pattern",
        ) from error
    if not found:
        raise no_files(folder, pattern)
    return found


def no_files(folder: Path, pattern: str) -> ModuleError:
    """Return the error for a pattern that no file matches."""
    return ModuleError(
        "no-files",
        f"No file in “{folder.name}” matches “{pattern}”.",
        "Enter another pattern, *.csv for example.",
        parameter="pattern",
    )
