"""What a stored model predicts for a row that is made by hand, and why.

Runs in a worker process, which keeps the last models that it was asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    from modules.learning.explanation.contributions import Explainer
    from modules.requests.schema import RequestSchema

MOST_VALUES = 200
"""Values of a column that are offered."""


@dataclass(frozen=True)
class Blank:
    """What a row of a model consists of.

    Parameters
    ----------
    columns : tuple of dict
        ``name``, ``kind``, ``missing`` and, of few known values, ``values``, as in a request.
    row : dict
        The row to begin with.
    trees : int
        Of the model; 0 if it doesn't consist of trees.
    """

    columns: tuple[dict[str, Any], ...]
    row: dict[str, Any]
    trees: int = 0


@dataclass(frozen=True)
class Prediction:
    """The prediction of a row.

    Parameters
    ----------
    scores : dict
        The score columns.
    output : str
        The class that is explained; empty for a regression.
    unit : str
        Of base and contributions; see :class:`modules.learning.explanation.contributions`.
    base : float
    contributions : tuple of (str, float)
        By column, in the order of the model.
    """

    scores: dict[str, Any]
    output: str
    unit: str
    base: float
    contributions: tuple[tuple[str, float], ...]


def average_row(folder: Path) -> Blank:
    """Return the columns of a stored model, and the average training row.

    Where that isn't known, values are missing.

    Raises
    ------
    ModuleError
        If the model can't be read, or doesn't predict a label.
    """
    explainer, schema = opened(folder)
    average = explainer.model.average_row or {}
    columns = tuple(column.to_json() for column in schema.columns)
    row = {each["name"]: _plain(average.get(each["name"]), each["kind"]) for each in columns}
    return Blank(columns, row, explainer.model.tree_count)


def table_row(folder: Path, table: Path, position: int) -> Blank:
    """Return the columns of a stored model, and their values in a row of a stored table.

    Parameters
    ----------
    position : int
        Of the row in the file, from 0.

    Raises
    ------
    ModuleError
        If one of them can't be read, the model doesn't predict a label, or the table lacks a
        column that it reads.
    """
    from modules.requests.tables import rows_of
    from modules.values import storage

    explainer, schema = opened(folder)
    names = [column.name for column in schema.columns]
    found = storage.load(table)
    if not isinstance(found, DataTable):
        raise ModuleError("wrong-value", "This isn't a table.")
    missing = [name for name in names if name not in found.names]
    if missing:
        raise ModuleError(
            "column-missing",
            f"The model reads the column “{missing[0]}”, which this table doesn't have.",
            "Choose a row of a table that the model can score.",
            column=missing[0],
        )
    columns = tuple(column.to_json() for column in schema.columns)
    row = rows_of(found.slice(position, 1).select(names))[0]
    return Blank(columns, row, explainer.model.tree_count)


def predict(folder: Path, row: Mapping[str, Any]) -> Prediction:
    """Return the prediction of a row and its contributions.

    Raises
    ------
    ModuleError
        If a value can't be read, or the model.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    from modules.requests.tables import rows_of

    explainer, schema = opened(folder)
    table = row_table(row, schema)
    # For one row, further threads only cost time.
    with threadpool_limits(1):
        scored = explainer.model.score(table)
        found = explainer.explain(table)
    chosen = int(np.argmax(found.sums[0])) if len(found.outputs) > 1 else 0
    values = found.values[0, :, chosen].tolist()
    return Prediction(
        rows_of(scored)[0],
        str(found.outputs[chosen]) if found.outputs else "",
        found.unit,
        float(found.base[chosen]),
        tuple(zip(found.columns, values, strict=True)),
    )


def opened(folder: Path) -> tuple[Explainer, RequestSchema]:
    """Return a stored model and the schema of its rows; the last ones are kept."""
    try:
        changed = (folder / "value.json").stat().st_mtime_ns
    except OSError:
        changed = 0
    return _open(folder, changed)


@lru_cache(maxsize=2)
def _open(folder: Path, changed: int) -> tuple[Explainer, RequestSchema]:
    from modules.learning.explanation.contributions import Explainer
    from modules.requests.schema import RequestSchema
    from modules.requests.values import RequestColumn
    from modules.values import TrainedModel, storage

    model = storage.load(folder)
    if not isinstance(model, TrainedModel):
        raise ModuleError("wrong-value", "This isn't a trained model.")
    known = model.known_values
    columns = []
    for column in model.features:
        values = known.get(column.name)
        few = None if values is None or len(values) > MOST_VALUES else tuple(values)
        columns.append(RequestColumn(column.name, column.kind, missing=True, values=few))
    return Explainer(model), RequestSchema(tuple(columns))


def row_table(row: Mapping[str, Any], schema: RequestSchema) -> DataTable:
    """Return a row as a table; a ModuleError if a value can't be read."""
    from modules.requests.tables import table_of
    from modules.requests.values import KIND_TITLES

    try:
        return table_of(schema.read([dict(row)]), schema)
    except ModuleError as error:
        # Its hint is about the JSON of a request.
        kinds = {column.name: column.kind for column in schema.columns}
        hint = f"Enter {KIND_TITLES[kinds[error.column]]}." if error.column in kinds else error.hint
        message = error.message[:1].upper() + error.message[1:]
        raise ModuleError(error.code, message, hint, column=error.column) from error


def _plain(value: Any, kind: str) -> Any:
    """Return an average as a value of its column."""
    from datetime import datetime, timedelta

    if value is None or value != value:
        return None
    if kind == "integer":
        return round(value)
    if kind == "boolean":
        return value >= 0.5
    if kind == "datetime":
        moment = datetime(1970, 1, 1) + timedelta(days=value)
        return moment.replace(microsecond=0).isoformat()
    return float(f"{value:.6g}") if kind == "number" else value
