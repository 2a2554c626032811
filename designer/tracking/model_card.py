"""A model card in Markdown, from what is recorded of a registered model.

Sections as in Mitchell et al. (2019), “Model cards for model reporting”, as far as they are
recorded: nothing is made up.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.catalog import load_catalog
from designer.tracking import registry
from designer.tracking.model_reports import reports_on, table_of
from designer.tracking.run_records import RunRecord, find_run
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace
from modules.contract import Columns, ColumnSelector, ModuleSpec
from modules.contract.notebook_view import cell
from modules.contract.sheet import Sheet
from modules.values import TrainedModel

_MOST_ROWS = 30
_MOST_VALUES = 12
_LONGEST = 200


def model_card(workspace: Workspace | Path | str, name: str, number: str = "latest") -> str:
    """Return the card of a version.

    Parameters
    ----------
    number : str
        A version's number, ``latest``, or an alias.

    Raises
    ------
    TrackingError
        If there is no such version, or the registry can't be used.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    specs = load_catalog(*workspace.own_modules)
    found = registry.version(workspace, name, number)
    model = _model(workspace, found)
    record = _record(workspace, found)
    parts = [
        f"# {_text(found['name'])}, version {found['version']}",
        _text(found["description"]),
        "## Model",
        _table(("", ""), _facts(found, model, record)),
        *_data(found, record),
        *_preparation(found, record, specs),
        *_settings(model, specs),
        *_columns(model),
        *_metrics(found),
        *_learned(model),
        *_reported(found, record),
        "## Limits",
        _list(_limits(found, model, record)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _model(workspace: Workspace, found: Mapping[str, Any]) -> TrainedModel | None:
    """Return the model itself; None if its files can't be read any more."""
    from modules.contract.errors import ModuleError
    from modules.values import storage

    try:
        folder = registry.download(workspace, found["name"], found["version"])
        data = registry.data_folder(folder)
        # A model that consists of others contains their folders, so the outermost comes first.
        markers = sorted(data.rglob(storage.MARKER), key=lambda path: (len(path.parts), path))
        for marker in markers:
            if storage.describe(marker.parent)["type"] == TrainedModel.port_type.name:
                value = storage.load(marker.parent)
                return value if isinstance(value, TrainedModel) else None
    except (TrackingError, ModuleError):
        pass
    return None


def _record(workspace: Workspace, found: Mapping[str, Any]) -> RunRecord | None:
    try:
        return find_run(workspace, found["run"]) if found["run"] else None
    except TrackingError:
        return None


def _facts(
    found: Mapping[str, Any], model: TrainedModel | None, record: RunRecord | None
) -> list[tuple[str, str]]:
    classes = [] if model is None else [str(value) for value in model.classes]
    versions = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    facts = [
        ("Learner", found["learner"]),
        ("Task", found["task"]),
        ("Predicts", found["label"]),
        ("Classes", _some(classes)),
        ("Positive class", "" if model is None or model.positive is None else str(model.positive)),
        ("Columns", "" if model is None else f"{len(model.features):,}"),
        ("Registered", _moment(found["created"])),
        ("Trained", _moment(record.started) if record is not None else ""),
        ("Aliases", ", ".join(found["aliases"])),
        ("Pipeline", Path(found["pipeline"]).name if found["pipeline"] else ""),
        ("Run", found["run"]),
        ("Step", found["node"]),
        ("Libraries", versions),
    ]
    return [(title, text) for title, text in facts if text]


def _data(found: Mapping[str, Any], record: RunRecord | None) -> list[str]:
    rows = [(name, f"`{digest}`") for name, digest in found["data"].items()]
    size = _training_size(found, record)
    parts = [_table(("Read by", "Hash of the content (BLAKE3)"), rows, raw=1)] if rows else []
    if size:
        parts.append(f"The model was trained on {size}.")
    return ["## Data", *parts] if parts else []


def _training_size(found: Mapping[str, Any], record: RunRecord | None) -> str:
    """Return the size of the largest table that led to the model."""
    if record is None or record.pipeline is None or not found["node"]:
        return ""
    best: tuple[int, int] | None = None
    for source in record.pipeline.inputs_of(found["node"]).values():
        output = record.nodes.get(source.node, {}).get("outputs", {}).get(source.port, {})
        if isinstance(output.get("rows"), int):
            size = output["rows"], int(output.get("columns") or 0)
            best = max(best or size, size)
    return f"{best[0]:,} rows of {best[1]:,} columns" if best else ""


def _preparation(
    found: Mapping[str, Any], record: RunRecord | None, specs: Mapping[str, ModuleSpec]
) -> list[str]:
    """Return the steps that led to the model, in their order, with what was set."""
    if record is None or record.pipeline is None or found["node"] not in record.pipeline.nodes:
        return []
    pipeline = record.pipeline
    wanted = pipeline.ancestors([found["node"]]) | {found["node"]}
    lines = []
    for id in pipeline.order():
        node = pipeline.nodes[id]
        if id not in wanted or node.disabled:
            continue
        spec = specs.get(node.module)
        title = spec.title if spec else node.module
        given = "; ".join(
            f"{_title(spec, name)}: {_given(spec, name, value)}"
            for name, value in node.parameters.items()
        )
        comment = f" – {node.comment}" if node.comment else ""
        lines.append(f"{title} (`{id}`){comment}" + (f": {given}" if given else ""))
    numbered = (f"{number}. {_text(line)}" for number, line in enumerate(lines, start=1))
    return ["## Preparation and training", "\n".join(numbered)] if lines else []


def _given(spec: ModuleSpec | None, name: str, value: Any) -> str:
    """Return the value of a parameter; rules that select columns in words."""
    known = spec.parameter_by_name.get(name) if spec else None
    if known is not None and isinstance(known.marker, Columns) and isinstance(value, dict):
        with contextlib.suppress(ValueError):
            return ColumnSelector.from_json(value).describe()
    return _short(value)


def _title(spec: ModuleSpec | None, name: str) -> str:
    known = spec.parameter_by_name.get(name) if spec else None
    return known.title if known else name


def _settings(model: TrainedModel | None, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the parameters of the model, and of those that it combines."""
    parts: list[str] = []
    if model is not None and model.parameters:
        table = _table(("Parameter", "Value"), _parameters(model, specs))
        parts += ["## Settings of the learner", table]
    members = list(enumerate(model.members if model is not None else (), start=1))
    rows = [
        (f"{number}. {member.title}", *row)
        for number, member in members
        for row in _parameters(member, specs)
    ]
    if rows:
        table = _table(("Model", "Parameter", "Value"), rows)
        parts += ["## Settings of the models that it combines", table]
    return parts


def _parameters(model: TrainedModel, specs: Mapping[str, ModuleSpec]) -> list[tuple[str, str]]:
    known = (spec for spec in specs.values() if spec.title == model.title)
    spec = next(known, None)
    return [(_title(spec, name), _short(value)) for name, value in model.parameters.items()]


def _columns(model: TrainedModel | None) -> list[str]:
    if model is None or not model.features:
        return []
    known = model.known_values
    rows = []
    for column in model.features[:_MOST_ROWS]:
        values = [str(value) for value in known.get(column.name, ())]
        rows.append((column.name, column.kind, _some(values)))
    more = len(model.features) - len(rows)
    note = f"And {more:,} more columns." if more > 0 else ""
    return ["## Columns", _table(("Column", "Type", "Known values"), rows), note]


def _metrics(found: Mapping[str, Any]) -> list[str]:
    rows = [
        (name, "undefined" if value is None else f"{value:.6g}")
        for name, value in found["metrics"].items()
    ]
    return ["## Metrics", _table(("Metric", "Value"), rows)] if rows else []


def _learned(model: TrainedModel | None) -> list[str]:
    """Return coefficients, importances, or what else the model shows of itself."""
    parts: list[str] = []
    for title, sheet in list(model.sheets().items())[:3] if model is not None else ():
        parts += [f"## {_text(title)}", _text(sheet.note), _sheet(sheet)]
        if len(sheet.rows) > _MOST_ROWS:
            parts.append(f"The first {_MOST_ROWS} of {len(sheet.rows):,} rows.")
    return parts


def _reported(found: Mapping[str, Any], record: RunRecord | None) -> list[str]:
    """Return the texts and tables of the run's reports on the model."""
    parts: list[str] = []
    for report in reports_on(record, found["node"]) if record is not None else ():
        parts.append(f"## {_text(report.title)}")
        for section in report.sections:
            sheet = table_of(section)
            if sheet is None and not section.text:
                continue
            parts += [f"### {_text(section.heading)}", _text(section.text)]
            if sheet is not None:
                parts += [_text(sheet.note), _sheet(sheet)]
    return parts


def _sheet(sheet: Sheet) -> str:
    rows = [tuple(cell(value) for value in row) for row in sheet.rows[:_MOST_ROWS]]
    return _table(sheet.headers, rows)


def _limits(
    found: Mapping[str, Any], model: TrainedModel | None, record: RunRecord | None
) -> list[str]:
    """Return what is known to limit the model: what is missing, and the run's warnings."""
    limits = []
    if not found["metrics"]:
        limits.append("No metrics are recorded: the model wasn't evaluated in its run.")
    undefined = [name for name, value in found["metrics"].items() if value is None]
    if undefined:
        limits.append(f"Undefined metrics: {_some(undefined)}.")
    if not found["data"]:
        limits.append("No content of data is recorded: the run read no files.")
    if record is None:
        limits.append("The run is no longer stored, so preparation and warnings are unknown.")
    if model is None:
        limits.append("The files of the model can't be read, so its settings are unknown.")
    elif model.known_values:
        names = _some(list(model.known_values))
        limits.append(f"Values that training didn't contain count as unknown, in: {names}.")
    if record is not None and record.pipeline is not None and found["node"]:
        steps = record.pipeline.ancestors([found["node"]]) | {found["node"]}
        for id, result in record.nodes.items():
            if id in steps:
                limits += [f"{id}: {warning}" for warning in result.get("warnings", ())]
    limits.append("Groups of people weren't compared unless a metric or report above does so.")
    return limits


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - _MOST_VALUES:,} more" if len(values) > _MOST_VALUES else ""
    return ", ".join(values[:_MOST_VALUES]) + more


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_text(line)}" for line in lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], raw: int = -1) -> str:
    """Return a table; the column ``raw`` is Markdown already."""
    lines = [f"| {' | '.join(map(_text, heads))} |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [each if index == raw else _text(each) for index, each in enumerate(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(text: Any) -> str:
    """Return a text in one line whose characters have no meaning in Markdown or HTML."""
    plain = " ".join(str(text).split())
    for mark in ("\\", "|", "*", "[", "]"):
        plain = plain.replace(mark, f"\\{mark}")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
