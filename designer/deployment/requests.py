"""Requests made from files, to try an endpoint with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.deployment.problem import ServingError
from designer.deployment.scoring_package import SAMPLE
from designer.records import DamagedRecordError, Record, read_record

MOST_ROWS = 1_000
"""Rows of a file that are sent; a larger file is for a batch."""


def read_request(package: Path, data: Path | None) -> bytes:
    """Return the body of a request.

    Parameters
    ----------
    package : Path
        The scoring package, which contains the columns.
    data : Path, optional
        A request in JSON, which is sent as it is, or a table. Columns of a table that the
        endpoint doesn't use are left out, the label for example. By default the sample.

    Raises
    ------
    ServingError
        If the file can't be read.
    """
    if data is None:
        return sample_request(package).encode()
    if not data.is_file():
        raise ServingError(f"There is no file “{data}”.")
    if data.suffix.lower() in (".json", ".txt"):
        return data.read_bytes()
    from modules.contract.errors import ModuleError
    from modules.scoring.plan import read_plan

    try:
        plan = read_plan(package / "model")
    except ModuleError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error
    name, plain = next(iter(plan["inputs"].items()))
    rows = _rows(data, plain.get("columns") or [])
    return json.dumps({"Inputs": {name: rows}}, ensure_ascii=False).encode()


def sample_request(package: Path) -> str:
    """Return the sample request of a scoring package, in JSON.

    Raises
    ------
    ServingError
        If it is damaged.
    """
    path = package / SAMPLE
    hint = "Deploy the endpoint again."
    try:
        found = read_record(path, Record, hint)
    except DamagedRecordError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error
    if found is None:
        raise ServingError(f"“{path}” is missing.", hint, wrong_input=False)
    return json.dumps(found.plain(), ensure_ascii=False)


def _rows(data: Path, columns: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    from designer.catalog import load_catalog
    from designer.pipeline.own_modules import DATASET
    from modules.contract.errors import ModuleError
    from modules.requests.tables import rows_of

    try:
        (table,) = load_catalog()[DATASET](path=str(data))
    except ModuleError as error:
        raise ServingError(error.message, error.hint) from error
    rows = rows_of(table)[:MOST_ROWS]
    known = {column["name"] for column in columns}
    optional = {column["name"] for column in columns if column.get("optional")}
    if not known:
        return rows
    return [{key: row[key] for key in row if key in known and key not in optional} for row in rows]
