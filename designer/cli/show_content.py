"""A stored value as the plain data that ``designer show`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.cli.listing import modules_of

if TYPE_CHECKING:
    from designer.engine.inspection import ReportSummary, Sheet
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
        It may hold the modules that the value needs to be read.

    Raises
    ------
    ModuleError
        If the value is gone or damaged.
    """
    from designer.engine import inspection
    from modules.values import storage

    summary = storage.describe(folder)
    kind = summary["type"]
    if kind == "DataTable":
        return _table(folder, rows)
    about = {name: value for name, value in summary.items() if name not in ("format", "type")}
    if kind not in ("Evaluation", "TrainedModel", "UntrainedModel", "Transformation"):
        return about
    if kind == "Transformation":
        # It may be one of the person's own.
        modules_of(workspace)
    found = inspection.inspect(folder)
    if isinstance(found, inspection.EvaluationSummary):
        reports = {report.name: _report(report) for report in found.reports}
        return {"metrics": about.get("metrics", {}), "reports": reports}
    if isinstance(found, inspection.TransformationSummary):
        headers = found.sheet.headers
        fitted = [dict(zip(headers, map(_plain, row), strict=True)) for row in found.sheet.rows]
        return about | {"fitted": fitted}
    about["parameters"] = dict(found.parameters)
    if isinstance(found, inspection.ModelSummary):
        about["label"] = found.label
        about["classes"] = list(found.classes)
        about["features"] = [column._asdict() for column in found.features]
        about["learnt"] = {title: _sheet(sheet) for title, sheet in found.sheets.items()}
    return about


def _table(folder: Path, rows: int) -> dict[str, Any]:
    from designer.engine.output_check import check_output
    from designer.engine.stored_table import open_table, python_rows

    check_output(folder)
    table = open_table(folder)
    return {
        "schema": [column._asdict() for column in table.columns],
        "data": [[_plain(value) for value in row] for row in python_rows(table.slice(0, rows))],
    }


def _report(report: ReportSummary) -> dict[str, Any]:
    """Return the parts that a report has; which ones follows from what was evaluated."""
    found: dict[str, Any] = {"task": report.task}
    if report.classes:
        found["classes"] = list(report.classes)
    if report.positive:
        found["positive"] = report.positive
    if report.confusion is not None:
        found["confusion"] = [[_count(value) for value in row] for row in report.confusion]
    if report.thresholds:
        found["thresholds"] = {
            "threshold": [_plain(value) for value in report.thresholds],
            "true_positives": [_count(value) for value in report.hits],
            "false_positives": [_count(value) for value in report.alarms],
        }
        found["curves"] = {
            name: {"x": [_plain(value) for value in x], "y": [_plain(value) for value in y]}
            for name, (x, y) in report.curves.items()
        }
    if report.residuals is not None:
        edges, counts = report.residuals
        found["residuals"] = {
            "edges": [_plain(value) for value in edges],
            "counts": [_count(value) for value in counts],
        }
    if report.table is not None:
        found["table"] = _sheet(report.table)
    return found


def _sheet(sheet: Sheet) -> dict[str, Any]:
    rows = [[_plain(value) for value in row] for row in sheet.rows]
    return {"columns": list(sheet.headers), "rows": rows, "note": sheet.note}


def _count(value: float) -> Any:
    """Return a number of rows as a whole number, as long as it is one."""
    return int(value) if float(value).is_integer() else _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what is not a number is null."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None if value != value else str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
