"""Looks at tables and databases with the modules of the catalog, in a separate process.

The process that waits for due times stays small: it never imports pandas.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from designer.paths import program_environment
from designer.scheduling.errors import ScheduleError
from designer.workspace import Workspace

PATIENCE = 600.0
"""Seconds that a database or a comparison of tables may take."""


def ask(workspace: Workspace, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a process found.

    Parameters
    ----------
    question : mapping
        ``{"query": [connection, secret, SQL]}`` or ``{"drift": [path, path, threshold]}``.

    Raises
    ------
    ScheduleError
        With the reason, if it found nothing.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "designer.scheduling.observing"],
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=PATIENCE,
            env=program_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ScheduleError(
            f"There was no answer within {PATIENCE / 60:.0f} minutes.",
            "Use a query that is faster, or smaller tables.",
        ) from None
    lines = done.stdout.splitlines()
    try:
        answer = dict(json.loads(lines[-1]))
    except (ValueError, IndexError, TypeError):
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ScheduleError(
            "The process that looks for changes failed.", *(reason or ["Look at the log."])
        ) from None
    if "message" in answer:
        raise ScheduleError(answer["message"], answer["hint"])
    return answer


def main() -> int:
    """Answer the question on the standard input, as a JSON line."""
    from modules.contract import ModuleError

    ((kind, values),) = json.load(sys.stdin).items()
    try:
        answer = _KINDS[kind](*values)
    except ModuleError as error:
        answer = {"message": error.message, "hint": error.hint}
    print(json.dumps(answer))  # noqa: T201 the answer
    return 0


def _query(connection: str, password: str, query: str) -> dict[str, Any]:
    from designer.catalog import load_catalog
    from designer.pipeline.own_modules import IMPORT_DATA

    table = load_catalog()[IMPORT_DATA].function(
        source="database", connection=connection, password=password, query=query
    )
    return {"rows": json.loads(table.frame.to_json(orient="values", date_format="iso"))}


def _drift(reference: str, current: str, threshold: float) -> dict[str, Any]:
    from designer.catalog import load_catalog
    from designer.pipeline.own_modules import DATASET, DETECT_DRIFT

    catalog = load_catalog()
    tables = [catalog[DATASET].function(path=path) for path in (reference, current)]
    compared, _ = catalog[DETECT_DRIFT].function(*tables, stability_threshold=threshold)
    frame = compared.frame
    if compared.metrics["Share of columns with drift"] < 0.5:
        return {"drifted": []}
    drifted = frame[frame["Drift"].astype(bool)]
    index = drifted["Population stability index"]
    shown = ["other" if value != value else f"{value:.3g}" for value in index]
    return {"drifted": list(zip(drifted["Column"].tolist(), shown, strict=True))}


_KINDS: Mapping[str, Callable[..., dict[str, Any]]] = {"query": _query, "drift": _drift}


if __name__ == "__main__":
    sys.exit(main())
