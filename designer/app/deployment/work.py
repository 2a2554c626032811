"""A program of its own for what takes long: ``python -m designer.app.deployment.work``.

It reads one order, a line of JSON, from standard input, where no list of processes shows a
key, and writes lines of JSON: ``{"step": ...}``, ``{"rows": ...}``, and at last ``{"result":
...}`` or ``{"error": {"message": ..., "hint": ...}}``.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract.requests import RequestSchema

CHUNK = 20_000
"""Rows that are scored at once."""

REASON = "Not scored because"
"""The column that says why a row has no scores."""

Say = Callable[[dict[str, Any]], None]


def main() -> int:
    """Carry out the order."""
    out = sys.stdout
    # What libraries print is no part of the answer.
    sys.stdout = sys.stderr
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def say(content: dict[str, Any]) -> None:
        _write(out, content)

    order = json.loads(sys.stdin.readline())
    try:
        result = _ACTIONS[order["action"]](order, say)
    except Exception as error:
        message = getattr(error, "message", None)
        if not isinstance(message, str):
            raise
        say({"error": {"message": message, "hint": str(getattr(error, "hint", "") or "")}})
        return 1
    say({"result": result})
    return 0


def _deploy(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    from designer.serving.deploying import deploy

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = deploy(
            Path(order["workspace"]),
            _pipeline_file(order, Path(folder)),
            order["name"],
            port=order["port"],
            key=order["key"] or None,
            on_step=lambda step: say({"step": step}),
        )
    return {**made.to_json(), "notes": list(made.said)}


def _write_files(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    from designer.serving.targets import write_deployment
    from designer.workspace import Workspace

    say({"step": "Scoring package"})
    target = Path(order["folder"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = write_deployment(
            Workspace(Path(order["workspace"])),
            _pipeline_file(order, Path(folder)),
            order["name"],
            order["target"],
            target,
            port=order["port"],
        )
    return {"folder": str(target), "notes": list(made.said)}


def _score(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Score the rows of a file with the package of an endpoint."""
    from designer.app.deployment.problem import Problem
    from designer.catalog import load_catalog
    from designer.serving import Endpoints
    from modules.contract import ModuleError
    from modules.contract.requests import rows_of
    from modules.scorer import Scorer

    scorer = Scorer(Endpoints(Path(order["workspace"])).package(order["name"]) / "model")
    if len(scorer.inputs) != 1:
        raise Problem(
            "This endpoint takes several inputs; a file holds the rows of one.",
            "Run a batch inference pipeline instead.",
        )
    (name, schema), output = next(iter(scorer.inputs.items())), scorer.outputs[0]
    (table,) = load_catalog()["dataset"](path=order["source"])
    frame = table.frame
    given = [column.name for column in schema.columns if column.name in frame.columns]
    lacking = [
        column.name
        for column in schema.columns
        if column.name not in frame.columns and not column.optional
    ]
    if lacking:
        listed = ", ".join(f"“{column}”" for column in lacking[:8])
        raise Problem(f"The file lacks {listed}.", "Give its columns the names of the training.")
    wanted = given if schema.columns else list(frame.columns)
    count, refused = len(frame), 0
    if not count:
        raise Problem("The file has no rows.")
    parts = []
    for begin in range(0, count, CHUNK):
        part = frame.iloc[begin : begin + CHUNK].reset_index(drop=True)
        rows = rows_of(type(table)(part[wanted]))
        reasons = _reasons(schema, rows)
        sound = [row for row, reason in zip(rows, reasons, strict=True) if not reason]
        refused += len(rows) - len(sound)
        try:
            scored = type(part)(scorer.score({name: sound})[output] if sound else [])
        except ModuleError as error:
            raise Problem(error.message, error.hint) from error
        parts.append(_beside(part, scored, reasons))
        say({"rows": begin + len(part), "of": count})
    import pandas as pd

    whole = pd.concat(parts, ignore_index=True)
    whole.to_csv(order["target"], index=False)
    return {"rows": count - refused, "refused": refused}


def _reasons(schema: RequestSchema, rows: list[dict[str, Any]]) -> list[str]:
    """Return why each row can't be scored; empty for one that can."""
    from modules.contract import ModuleError

    try:
        schema.read(rows)
    except ModuleError:
        reasons = []
        for row in rows:
            try:
                schema.read([row])
                reasons.append("")
            except ModuleError as error:
                reasons.append(error.message)
        return reasons
    return [""] * len(rows)


def _beside(part: pd.DataFrame, scored: pd.DataFrame, reasons: list[str]) -> pd.DataFrame:
    """Return scores beside what was not asked for, an id for example; refused rows in place."""
    sound = [place for place, reason in enumerate(reasons) if not reason]
    if len(scored) != len(sound):
        return scored
    scored.index = sound
    rest = part[[column for column in part.columns if column not in scored.columns]]
    result = rest.join(scored)
    if len(sound) < len(part):
        both = [column for column in part.columns if column in scored.columns]
        result[both] = part[both].where(part[both].notna(), None)
        result[REASON] = reasons
    old = [column for column in part.columns if column in result.columns]
    return result[[*old, *(column for column in result.columns if column not in old)]]


def _pipeline_file(order: Mapping[str, Any], folder: Path) -> Path:
    """Write the pipeline of an order into a folder; its paths lead to the same files."""
    from designer.app.path_parameters import rebase
    from designer.catalog import load_catalog
    from designer.pipeline.file import SUFFIX, loads, write

    own = Path(order["workspace"]) / "modules"
    catalog = load_catalog(own if own.is_dir() else None)
    pipeline = rebase(loads(order["pipeline"]), catalog, Path(order["base"]), folder)
    file = folder / f"{order['name']}{SUFFIX}"
    write(pipeline, file)
    return file


def _write(out: TextIO, content: dict[str, Any]) -> None:
    out.write(json.dumps(content) + "\n")
    out.flush()


_ACTIONS: dict[str, Callable[[Mapping[str, Any], Say], dict[str, Any]]] = {
    "deploy": _deploy,
    "write": _write_files,
    "score": _score,
}

if __name__ == "__main__":
    sys.exit(main())
