"""Values to folders and back: the only place that knows how each type is stored.

Every folder holds ``value.json`` with the type and a format number, and files
that ordinary tools open: Arrow IPC, JSON, skops, or the files themselves.
"""

from __future__ import annotations

import json
import math
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.contract.columns import Column
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json, write_json
from modules.contract.table_files import METADATA, read_table, write_table
from modules.contract.value import Value
from modules.values.transformation_files import (
    OWN,
    own_packages,
    read_transformation,
    write_transformation,
)
from modules.values.values import (
    Evaluation,
    Files,
    ImageFolder,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
)

__all__ = [
    "FORMAT",
    "MARKER",
    "METADATA",
    "OWN",
    "TABLE_FILE",
    "describe",
    "load",
    "own_packages",
    "read_table",
    "save",
    "write_table",
]

FORMAT = 1
MARKER = "value.json"
TABLE_FILE = "data.arrow"


def save(value: Value, folder: Path) -> dict[str, Any]:
    """Write a value into an empty folder, which is made if need be.

    Returns
    -------
    dict
        What to say of the value without opening it: ``type`` and, by type,
        ``rows``, ``columns``, ``title``, ``metrics``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (write, _) in _FORMATS.items():
        if isinstance(value, kind):
            summary = {"type": kind.__name__} | write(value, folder)
            write_json(folder / MARKER, {"format": FORMAT} | summary, as_made=True)
            return summary
    raise ModuleError(
        "not-a-value",
        f"A module gave a {type(value).__name__}, which is not a type of value.",
    )


def load(folder: Path) -> Value:
    """Read the value that :func:`save` wrote.

    Raises
    ------
    ModuleError
        If the folder holds no value, or one that can't be trusted or read.
    """
    summary = describe(folder)
    for kind, (_, read) in _FORMATS.items():
        if kind.__name__ == summary["type"]:
            try:
                value: Value = read(folder)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise ModuleError(
                    "value-damaged",
                    f"The stored {summary['type']} can't be read: {error}",
                    "Run the step that made it again.",
                ) from error
            return value
    raise ModuleError("value-unknown", f"“{summary['type']}” is not a type of value.")


def describe(folder: Path) -> dict[str, Any]:
    """Return the summary of a stored value without reading the value.

    Raises
    ------
    ModuleError
        If the folder holds no value.
    """
    try:
        summary = json.loads((folder / MARKER).read_text("utf-8"))
        if isinstance(summary, dict) and isinstance(summary.get("type"), str):
            return summary
    except (OSError, ValueError):
        pass
    raise ModuleError("value-missing", f"There is no stored value in “{folder.name}”.")


def _save_table(table: DataTable, folder: Path) -> dict[str, Any]:
    write_table(table, folder / TABLE_FILE)
    summary: dict[str, Any] = {"rows": len(table), "columns": len(table.names)}
    return summary | ({"metrics": {"": dict(table.metrics)}} if table.metrics else {})


def _load_table(folder: Path) -> DataTable:
    return read_table(folder / TABLE_FILE)


def _save_untrained(model: UntrainedModel, folder: Path) -> dict[str, Any]:
    from modules.values.estimators import write_estimator

    write_estimator(model.estimator, folder / "estimator.skops")
    names = ("title", "task", "encoding", "takes_missing", "categorical_parameter", "learner")
    plain = {name: getattr(model, name) for name in names}
    plain["parameters"] = dict(model.parameters)
    plain["sweep"] = {name: list(values) for name, values in model.sweep.items()}
    write_json(folder / "learner.json", plain)
    return {"title": model.title}


def _load_untrained(folder: Path) -> UntrainedModel:
    from modules.values.estimators import read_estimator

    plain = read_json(folder / "learner.json")
    plain["sweep"] = {name: tuple(values) for name, values in plain["sweep"].items()}
    return UntrainedModel(estimator=read_estimator(folder / "estimator.skops"), **plain)


def _save_trained(model: TrainedModel, folder: Path) -> dict[str, Any]:
    from modules.values.estimators import write_estimator

    write_estimator(model.pipeline, folder / "model.skops")
    names = ("title", "task", "label", "positive", "learner")
    plain = {name: getattr(model, name) for name in names}
    plain["features"] = [column._asdict() for column in model.features]
    plain["classes"] = list(model.classes)
    plain["parameters"] = dict(model.parameters)
    plain["versions"] = dict(model.versions)
    write_json(folder / "model.json", plain)
    return {"title": model.title}


def _load_trained(folder: Path) -> TrainedModel:
    from modules.values.estimators import read_estimator

    plain = read_json(folder / "model.json")
    plain["features"] = tuple(Column(**column) for column in plain["features"])
    plain["classes"] = tuple(plain["classes"])
    return TrainedModel(pipeline=read_estimator(folder / "model.skops"), **plain)


def _save_transformation(value: Transformation, folder: Path) -> dict[str, Any]:
    write_transformation(value, folder)
    return {"title": value.title}


def _save_evaluation(value: Evaluation, folder: Path) -> dict[str, Any]:
    reports = []
    for number, report in enumerate(value.reports):
        reports.append(
            {
                "name": report.name,
                "task": report.task,
                "metrics": dict(report.metrics),
                "positives": report.positives,
                "negatives": report.negatives,
                "positive": report.positive,
                "classes": list(report.classes),
            }
        )
        for name in _REPORT_FRAMES:
            frame = getattr(report, name)
            if frame is not None:
                if name == "confusion":
                    frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
                write_table(DataTable(frame), folder / f"{name}_{number}.arrow")
    write_json(folder / "metrics.json", {"reports": reports}, as_made=True)
    return {"metrics": {report.name: dict(report.metrics) for report in value.reports}}


def _load_evaluation(folder: Path) -> Evaluation:
    reports = []
    for number, plain in enumerate(read_json(folder / "metrics.json")["reports"]):
        classes = tuple(plain.pop("classes"))
        metrics = {
            name: math.nan if number is None else number
            for name, number in plain.pop("metrics").items()
        }
        frames: dict[str, Any] = {
            name: read_table(path).frame
            for name in _REPORT_FRAMES
            if (path := folder / f"{name}_{number}.arrow").exists()
        }
        if "confusion" in frames:
            confusion = frames["confusion"]
            confusion.index = confusion.columns = list(classes)
        reports.append(Report(metrics=metrics, classes=classes, **plain, **frames))
    return Evaluation(tuple(reports))


def _save_files(value: Files | ImageFolder, folder: Path) -> dict[str, Any]:
    copied = folder / "files"
    # Without permissions: what is read-only where it comes from can be removed here.
    shutil.copytree(value.folder, copied, copy_function=shutil.copyfile)
    for place in (copied, *(path for path in copied.rglob("*") if path.is_dir())):
        place.chmod(place.stat().st_mode | stat.S_IRWXU)
    return {"files": sum(1 for path in (folder / "files").rglob("*") if path.is_file())}


def _load_files(kind: type[Any]) -> Callable[[Path], Any]:
    return lambda folder: kind(folder / "files")


_REPORT_FRAMES = ("thresholds", "confusion", "residuals", "table")

_FORMATS: dict[type[Value], tuple[Callable[..., dict[str, Any]], Callable[[Path], Any]]] = {
    DataTable: (_save_table, _load_table),
    UntrainedModel: (_save_untrained, _load_untrained),
    TrainedModel: (_save_trained, _load_trained),
    Transformation: (_save_transformation, read_transformation),
    Evaluation: (_save_evaluation, _load_evaluation),
    ImageFolder: (_save_files, _load_files(ImageFolder)),
    Files: (_save_files, _load_files(Files)),
}
