"""What a registered file contains, read once when it is registered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from designer.pipeline.own_modules import DATASET


def dataset_facts(path: Path | str) -> dict[str, Any]:
    """Return ``rows`` and ``columns`` (name and kind) of the table in a file.

    Returns
    -------
    dict
        Empty for what can't be read as a table with the default parameters.
    """
    from modules.contract import DataTable
    from modules.runtime.step import StepFailed, find_module, run_step

    spec = find_module(DATASET)
    if not Path(path).is_file():
        return {}
    try:
        outputs = run_step(spec, {"path": str(path)}, {}, threads=1)
    except StepFailed:
        return {}
    table = outputs[spec.outputs[0].name]
    assert isinstance(table, DataTable)
    columns = [[column.name, column.kind] for column in table.columns]
    return {"rows": len(table), "columns": columns}
