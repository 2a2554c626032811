"""Paths in parameters: whether what they name exists."""

from __future__ import annotations

import contextlib
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from designer.paths import EXAMPLE_PREFIX, absolute_path, is_relative_path
from designer.pipeline.problem import NameHints
from modules.contract.regular_files import kind_of_special
from modules.contract.specification import PathOf

_REGISTERED = "dataset:"

_LONGEST_PATH = 32_767
"""Characters, on Windows; elsewhere fewer."""

Fault = tuple[str, str, str]
"""The code, message, and hint of a problem."""


@dataclass(frozen=True)
class Files:
    """How paths are resolved.

    Parameters
    ----------
    base : Path or None
        The folder that relative paths start from; None leaves them unchecked.
    datasets : collection of str or None
        References to registered datasets, as in a path parameter; None leaves them unchecked.
    closed : bool
        The user hasn't agreed to the files: whether they exist isn't looked at.
    """

    base: Path | None = None
    datasets: Collection[str] | None = None
    closed: bool = False


def path_faults(marker: PathOf, value: str, files: Files, hints: NameHints) -> Iterator[Fault]:
    """Yield what is wrong with a path that a module reads; the messages begin in lowercase."""
    if "://" in value:
        return
    if value.startswith(_REGISTERED):
        name = value.removeprefix(_REGISTERED).strip()
        if files.datasets is not None and name not in files.datasets:
            hint = hints.near(name, files.datasets, "registered datasets")
            named, _, version = name.partition("@")
            if version and named.strip() in files.datasets:
                message = f"the dataset “{named}” has no version {version}."
            else:
                message = f"there is no registered dataset “{name}”."
            yield "dataset-unknown", message, hint
        return
    # Windows would connect to a computer that is named to find out.
    if files.closed or names_computer(value):
        return
    hint = "Choose another one."
    present, special = False, ""
    if len(value) <= _LONGEST_PATH:
        with contextlib.suppress(OSError, ValueError):
            # As a run finds it: “~” is the home folder.
            path = absolute_path(value, files.base or Path())
            relative = not value.startswith(EXAMPLE_PREFIX) and is_relative_path(value)
            if relative and files.base is None:
                return
            if relative:
                hint = f"Its full path is “{path}”."
            mode = path.stat().st_mode
            # Instead of a folder, an archive where the module reads some.
            file_fits = not marker.folder or value.lower().endswith(marker.suffixes)
            present = stat.S_ISDIR(mode) or file_fits
            special = kind_of_special(mode)
    if special:
        yield "not-a-file", f"“{value}” is {special}, not a file.", "Choose a file."
    elif not present:
        what = "folder" if marker.folder else "file"
        yield f"{what}-not-found", f"there is no {what} “{value}”.", hint


def names_computer(path: str) -> bool:
    r"""Return whether a path names another computer or a device: ``\\host\share``, ``//./COM1``."""
    return re.match(r"[\\/]{2}", path.lstrip()) is not None
