"""What modules that run a script of the user have in common: its bundle and its tables."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from modules.contract import DataTable, ModuleError
from modules.contract.code import CodeStep, TableFacts

BUNDLE = "Script Bundle"
"""The folder of the bundle, in the current folder of the script."""


def extract_bundle(source: Path, target: Path) -> None:
    """Copy the files of a bundle into a new folder, and extract its zip files.

    Raises
    ------
    ModuleError
        If a zip file can't be extracted.
    """
    target.mkdir()
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif path.suffix.lower() == ".zip":
            try:
                with zipfile.ZipFile(path) as archive:
                    # zipfile sanitizes names with .. or a root.
                    archive.extractall(copy.parent)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
                raise ModuleError(
                    "bad-bundle",
                    f"“{path.name}” can't be extracted: {error}.",
                    "Create the zip file again, without a password.",
                    port="script_bundle",
                ) from error
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def table_with_roles(
    frame: Any, own: DataTable | None, other: DataTable | None
) -> DataTable | None:
    """Return a table with the roles that its columns had, first in its own input."""
    if frame is None:
        return None
    tables = [table for table in (own, other) if table is not None]
    roles: dict[str, str] = {}
    for table in tables:
        roles = {**table.roles, **roles}
    scoring = next((table.scoring for table in tables if table.scoring), None)
    return DataTable(frame, roles, scoring)


def know_roles_of_scripts(step: CodeStep) -> None:
    """State the roles of a script's second table: a column's is that in its own input first."""
    tables = [step.facts(port) for port in ("dataset1", "dataset2") if port in step.inputs]
    if len(tables) == 2:
        other = TableFacts({**tables[0].roles, **tables[1].roles}, tables[0].scores)
        step.know("result_dataset2", other)
