"""A stored value as the plain data that ``designer show`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.cli.listing import modules_of
from modules.contract.sheet import json_value

if TYPE_CHECKING:
    from designer.workspace import Workspace


def content_of(folder: Path, rows: int, workspace: Workspace) -> dict[str, Any]:
    """Return what there is to show of a stored value.

    Parameters
    ----------
    folder : Path
        Where the value is stored.
    rows : int
        Rows of a table to return; of everything else it is all.
    workspace : Workspace
        It may contain the modules that the value needs to be read.

    Raises
    ------
    ModuleError
        If the value is gone or damaged.
    """
    from designer.engine.store.output_check import check_output
    from modules.contract import DataTable
    from modules.values import storage

    check_output(folder)
    summary = storage.describe(folder)
    if summary["type"] == DataTable.__name__:
        return _table(folder, rows)
    # It may be of a type of the user's own.
    modules_of(workspace)
    about = {name: value for name, value in summary.items() if name not in _INTERNAL}
    return about | storage.load(folder).summary().to_json()


def _table(folder: Path, rows: int) -> dict[str, Any]:
    from designer.engine.stored_table import open_table, python_rows

    table = open_table(folder)
    return {
        "schema": [column._asdict() for column in table.columns],
        "data": [[json_value(value) for value in row] for row in python_rows(table.slice(0, rows))],
    }


_INTERNAL = ("format", "type", "kind")
