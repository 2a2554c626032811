"""Values to folders and back: the only place that knows how each type is stored.

Every folder holds ``value.json`` with the type and a format number, and files
that ordinary tools open: Arrow IPC, JSON, skops, or the files themselves.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from modules.contract.columns import Column
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.table_files import METADATA, read_table, write_table
from modules.contract.values import (
    Evaluation,
    Files,
    ImageFolder,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
    Value,
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
OWN = "user_modules"
"""What a person's own modules are in; see :mod:`modules.contract.loading`."""


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
            _write_json(folder / MARKER, {"format": FORMAT} | summary)
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


def own_packages(folder: Path) -> dict[str, Path]:
    """Return the packages of a person's own modules that reading stored values takes.

    Parameters
    ----------
    folder : Path
        Holds values, at any depth.

    Returns
    -------
    dict of str to Path
        The folder of each package by its name.

    Raises
    ------
    ModuleError
        If one of them is not here.
    """
    found = {}
    for file in sorted(folder.rglob(_TRANSFORMATION)):
        kind = _read_json(file)["kind"]
        if kind.partition(".")[0] == OWN:
            package = ".".join(_transformation_class(kind).__module__.split(".")[:2])
            found[package] = Path(sys.modules[package].__path__[0])
    return found


def _save_table(table: DataTable, folder: Path) -> dict[str, Any]:
    write_table(table, folder / TABLE_FILE)
    summary: dict[str, Any] = {"rows": len(table.frame), "columns": len(table.frame.columns)}
    return summary | ({"metrics": {"": dict(table.metrics)}} if table.metrics else {})


def _load_table(folder: Path) -> DataTable:
    return read_table(folder / TABLE_FILE)


def _save_untrained(model: UntrainedModel, folder: Path) -> dict[str, Any]:
    from modules.contract.estimators import write_estimator

    write_estimator(model.estimator, folder / "estimator.skops")
    names = ("title", "task", "encoding", "takes_missing", "categorical_parameter", "learner")
    plain = {name: getattr(model, name) for name in names}
    plain["parameters"] = dict(model.parameters)
    plain["sweep"] = {name: list(values) for name, values in model.sweep.items()}
    _write_json(folder / "learner.json", plain)
    return {"title": model.title}


def _load_untrained(folder: Path) -> UntrainedModel:
    from modules.contract.estimators import read_estimator

    plain = _read_json(folder / "learner.json")
    plain["sweep"] = {name: tuple(values) for name, values in plain["sweep"].items()}
    return UntrainedModel(estimator=read_estimator(folder / "estimator.skops"), **plain)


def _save_trained(model: TrainedModel, folder: Path) -> dict[str, Any]:
    from modules.contract.estimators import write_estimator

    write_estimator(model.pipeline, folder / "model.skops")
    names = ("title", "task", "label", "positive", "learner")
    plain = {name: getattr(model, name) for name in names}
    plain["features"] = [column._asdict() for column in model.features]
    plain["classes"] = list(model.classes)
    plain["parameters"] = dict(model.parameters)
    plain["versions"] = dict(model.versions)
    _write_json(folder / "model.json", plain)
    return {"title": model.title}


def _load_trained(folder: Path) -> TrainedModel:
    from modules.contract.estimators import read_estimator

    plain = _read_json(folder / "model.json")
    plain["features"] = tuple(Column(**column) for column in plain["features"])
    plain["classes"] = tuple(plain["classes"])
    return TrainedModel(pipeline=read_estimator(folder / "model.skops"), **plain)


_TRANSFORMATION = "transformation.json"


def _save_transformation(value: Transformation, folder: Path) -> dict[str, Any]:
    import numpy as np

    state: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if field.name == "estimator":
            from modules.contract.estimators import write_estimator

            write_estimator(content, folder / "estimator.skops")
        elif isinstance(content, np.ndarray):
            np.save(folder / f"{field.name}.npy", content, allow_pickle=False)
        else:
            state[field.name] = content
    kind = f"{type(value).__module__}:{type(value).__qualname__}"
    _write_json(folder / _TRANSFORMATION, {"kind": kind, "state": state})
    return {"title": value.title}


def _load_transformation(folder: Path) -> Transformation:
    import numpy as np

    plain = _read_json(folder / _TRANSFORMATION)
    kind = _transformation_class(plain["kind"])
    state = plain["state"]
    for path in sorted(folder.glob("*.npy")):
        state[path.stem] = np.load(path, allow_pickle=False)
    if (folder / "estimator.skops").exists():
        from modules.contract.estimators import read_estimator

        state["estimator"] = read_estimator(folder / "estimator.skops")
    return kind(**state)


def _transformation_class(name: str) -> type[Transformation]:
    """Return the class of a transformation; only classes of modules are ever imported."""
    place, _, kind = name.partition(":")
    if place.split(".")[0] in ("modules", OWN) and kind.isidentifier():
        for candidate in (place, *_own_today(place)):
            try:
                found = getattr(importlib.import_module(candidate), kind, None)
            except ImportError:
                continue
            if isinstance(found, type) and issubclass(found, Transformation):
                return found
    raise ModuleError(
        "transformation-unknown",
        f"“{name}” is not a transformation of this installation.",
        "Install the modules that it was made with, or run the pipeline again.",
    )


def _own_today(place: str) -> Iterator[str]:
    """Yield where a person's own module is by now, the latest first.

    Its package is called after the content of the folder, which may have another file since.
    """
    top, _, rest = place.partition(".")
    inside = rest.partition(".")[2]
    if top == OWN and inside:
        for package in [each for each in list(sys.modules) if each.rpartition(".")[0] == OWN][::-1]:
            yield f"{package}.{inside}"


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
    _write_json(folder / "metrics.json", {"reports": reports})
    return {"metrics": {report.name: dict(report.metrics) for report in value.reports}}


def _load_evaluation(folder: Path) -> Evaluation:
    reports = []
    for number, plain in enumerate(_read_json(folder / "metrics.json")["reports"]):
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


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(_finite(content), indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _finite(content: Any) -> Any:
    """Return plain JSON: NaN as null, tuples as lists, numpy scalars as Python's."""
    if isinstance(content, Mapping):
        return {str(key): _finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    if hasattr(content, "item"):
        content = content.item()
    if isinstance(content, float) and math.isnan(content):
        return None
    return content


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


_REPORT_FRAMES = ("thresholds", "confusion", "residuals", "table")

_FORMATS: dict[type[Value], tuple[Callable[..., dict[str, Any]], Callable[[Path], Any]]] = {
    DataTable: (_save_table, _load_table),
    UntrainedModel: (_save_untrained, _load_untrained),
    TrainedModel: (_save_trained, _load_trained),
    Transformation: (_save_transformation, _load_transformation),
    Evaluation: (_save_evaluation, _load_evaluation),
    ImageFolder: (_save_files, _load_files(ImageFolder)),
    Files: (_save_files, _load_files(Files)),
}
