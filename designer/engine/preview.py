"""The first rows that a module which loads data would output, and what a file contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.pipeline.own_modules import DATASET

PREVIEW_ROWS = 5
"""Rows that are shown."""

_READ_ROWS = 200
_CELL = 80


@dataclass(frozen=True)
class Preview:
    """A few rows as text.

    Parameters
    ----------
    columns : tuple of (str, str)
        Name and kind of each column.
    rows : tuple of tuple
        The cells as text; None where a value is missing.
    warnings : tuple of str
        The module's warnings about the data.
    error : mapping or None
        ``message``, ``hint`` and more, as in ``error.json``, where there are no rows.
    """

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    warnings: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None


def preview(module: str, parameters: Mapping[str, Any], rows: int = PREVIEW_ROWS) -> Preview:
    """Run a built-in module without inputs on a sample and return its first rows.

    Parameters
    ----------
    module : str
        The module's id.
    parameters : mapping
        Plain JSON; paths absolute.
    rows : int
        Rows to return, at most 200.
    """
    from modules.contract import DataTable
    from modules.contract.context import sampling
    from modules.runtime.step import StepFailed, find_module, run_step

    warnings: list[str] = []
    try:
        spec = find_module(module)
        with sampling(_READ_ROWS):
            outputs = run_step(spec, parameters, {}, threads=1, on_warning=warnings.append)
    except StepFailed as failure:
        return Preview(error=failure.error, warnings=tuple(warnings))
    except LookupError as error:
        return Preview(error={"message": str(error)})
    table = outputs[spec.outputs[0].name]
    if not isinstance(table, DataTable):
        return Preview(error={"message": f"{spec.title} doesn't output a table."})
    head = table.slice(0, rows).frame
    missing = head.isna().to_numpy()
    cells = head.astype(object).to_numpy()
    texts = tuple(
        tuple(None if absent else _text(value) for value, absent in zip(values, gaps, strict=True))
        for values, gaps in zip(cells, missing, strict=True)
    )
    columns = tuple((column.name, column.kind) for column in table.columns)
    return Preview(columns, texts, tuple(warnings))


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


def _text(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
