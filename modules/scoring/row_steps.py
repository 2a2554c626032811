"""Steps of an inference pipeline as functions of one row, made before serving starts.

A module that changes tables by its parameters alone has a form here, kept as plain JSON;
fitted values have their own (``compile()``). What has none is served with tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.contract.columns import ColumnSelector
from modules.contract.data_table import DataTable
from modules.contract.value import Row
from modules.data_transformation._join_rows import join_form, load_join
from modules.requests.filling import row_filler
from modules.values import TrainedModel, Transformation
from modules.values.saved import inside

RowStep = Callable[..., dict[str, Any] | None]
"""Takes one row for each table input, gives one row, or None where the row is left out."""


@dataclass(frozen=True)
class StepInputs:
    """What is known of a step when its row form is made.

    Parameters
    ----------
    module : str
        The id of the module.
    arguments : mapping
        Its keyword arguments.
    values : mapping of str to Value
        What entered it on example rows, by port.
    result : DataTable
        What it gave.
    kept : mapping of str to str
        For inputs that are kept values: the folder, relative to the scoring folder.
    fixed : frozenset of str
        Inputs that are the same for every request.
    """

    module: str
    arguments: Mapping[str, Any]
    values: Mapping[str, Any]
    result: DataTable
    kept: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    @property
    def rows(self) -> list[str]:
        """The inputs that give the rows of a request."""
        return [
            port
            for port, value in self.values.items()
            if isinstance(value, DataTable) and port not in self.fixed
        ]


def row_form(step: StepInputs, model_folder: Callable[[TrainedModel], str | None]) -> Any:
    """Return the row form of a step as plain JSON; None if it has none.

    Parameters
    ----------
    model_folder : callable
        Stores a model in compiled form and returns the folder's name, or None.
    """
    make = _MAKERS.get(step.module)
    if make is not None:
        return make(step) if _is_by_row(step) else None
    for name, value in step.values.items():
        if isinstance(value, Transformation) and step.module == "apply_transformation":
            if value.compile() is None or name not in step.kept:
                return None
            return {"do": "transform", "value": step.kept[name]}
        if isinstance(value, TrainedModel) and step.module in _SCORERS:
            folder = model_folder(value)
            if folder is None:
                return None
            append = bool(step.arguments[_SCORERS[step.module]])
            label = value.label if step.module == "score_model" else None
            return {"do": "score", "model": folder, "append": append, "label": label}
    return None


def reason_without_form(module: str) -> str:
    """Return why a module has no row form, to stand behind a colon; empty if not known."""
    return _REASONS.get(module, "")


def load_row_step(form: Mapping[str, Any], folder: Path) -> RowStep:
    """Return the function of a row form.

    Parameters
    ----------
    folder : Path
        The scoring folder, where values and compiled models are.

    Raises
    ------
    ModuleError
        If a value is missing or damaged.
    """
    return _LOADERS[form["do"]](form, folder)


def _is_by_row(step: StepInputs) -> bool:
    """Tell whether the rows of a request come in where the row form takes them."""
    return step.module == "join_data" or not step.fixed


def _make_selection(step: StepInputs) -> Any:
    table, selector = step.values["dataset"], step.arguments["columns"]
    assert isinstance(selector, ColumnSelector)
    names = selector.resolve(table.columns)
    # A column that is chosen twice has another name the second time.
    return {"do": "select", "names": names, "as": step.result.names}


def _make_filling(step: StepInputs) -> Any:
    columns, order = step.arguments["columns"] or [], step.arguments["order"] or []
    return {"do": "fill", "columns": columns, "order": order}


def _make_metadata(step: StepInputs) -> Any:
    """Names and roles change no value; of the types only what is the same in plain data."""
    table, data_type = step.values["dataset"], step.arguments["data_type"]
    chosen = step.arguments["columns"].resolve(table.columns)
    names = dict(zip(table.names, step.result.names, strict=True))
    kinds = {column.name: column.kind for column in table.columns}
    convert = {}
    for name in chosen:
        if data_type in ("unchanged", _PLAIN_TYPES.get(kinds[name])):
            continue
        if (kinds[name], data_type) not in _CONVERTIBLE:
            return None
        convert[name] = data_type
    return {"do": "rename", "names": names, "convert": convert}


def _make_side_by_side(step: StepInputs) -> Any:
    """Names that both tables have are numbered, and so others than in the row."""
    left, right = step.values["left_dataset"], step.values["right_dataset"]
    names = step.result.names
    sides = (left.names, names[: len(left.names)]), (right.names, names[len(left.names) :])
    renamed = [
        {old: new for old, new in zip(before, after, strict=True) if old != new}
        for before, after in sides
    ]
    return {"do": "beside", "renamed": renamed}


def _make_join(step: StepInputs) -> Any:
    if step.rows != ["left_dataset"]:
        return None
    left, right = step.values["left_dataset"], step.values["right_dataset"]
    return join_form(left, right, step.arguments, step.result.names)


def _load_selection(form: Mapping[str, Any], folder: Path) -> RowStep:
    names = form["names"]
    if names == form["as"]:
        return lambda row: {name: row[name] for name in names if name in row}
    pairs = list(zip(names, form["as"], strict=True))
    return lambda row: {new: row[old] for old, new in pairs if old in row}


def _load_filling(form: Mapping[str, Any], folder: Path) -> RowStep:
    return row_filler(form["columns"], form["order"])


def _load_renaming(form: Mapping[str, Any], folder: Path) -> RowStep:
    names = [(old, new) for old, new in form["names"].items()]
    convert = {name: _CONVERSIONS[kind] for name, kind in form["convert"].items()}
    if not convert and all(old == new for old, new in names):
        return dict

    def rename(row: Row) -> dict[str, Any]:
        result = {}
        for old, new in names:
            value = row[old]
            if value is not None and old in convert:
                value = convert[old](value)
            result[new] = value
        return result

    return rename


def _load_side_by_side(form: Mapping[str, Any], folder: Path) -> RowStep:
    first, second = form["renamed"]
    if not first and not second:
        return lambda left, right: {**left, **right}

    def beside(left: Row, right: Row) -> dict[str, Any]:
        result = {first.get(name, name): value for name, value in left.items()}
        result.update((second.get(name, name), value) for name, value in right.items())
        return result

    return beside


def _load_join(form: Mapping[str, Any], folder: Path) -> RowStep:
    return load_join(form)


def _load_transformation(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.values.storage import load

    value = load(inside(folder, form["value"]))
    assert isinstance(value, Transformation)
    function = value.compile()
    assert function is not None
    return function


def _load_model(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.values.compiled_model import CompiledModel

    score = CompiledModel.load(inside(folder, form["model"])).row_function()
    label = form["label"]
    if form["append"]:

        def append(row: Row) -> dict[str, Any]:
            scores = score(row)
            return {name: value for name, value in row.items() if name not in scores} | scores

        return append

    def alone(row: Row) -> dict[str, Any]:
        scores = score(row)
        if label in row and label not in scores:
            return {label: row[label], **scores}
        return scores

    return alone


_SCORERS = {
    "score_model": "append_score_columns_to_output",
    "assign_data_to_clusters": "append",
}
"""Modules that score, and their parameter that says whether the scores are appended."""

_PLAIN_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "double",
    "boolean": "boolean",
    "datetime": "datetime",
}
_CONVERTIBLE = {
    ("integer", "double"),
    ("integer", "string"),
    ("boolean", "double"),
    ("boolean", "integer"),
}
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"double": float, "string": str, "integer": int}

_MAKERS: dict[str, Callable[[StepInputs], Any]] = {
    "add_columns": _make_side_by_side,
    "add_missing_columns": _make_filling,
    "edit_metadata": _make_metadata,
    "join_data": _make_join,
    "select_columns_in_dataset": _make_selection,
}
_LOADERS: dict[str, Callable[[Mapping[str, Any], Path], RowStep]] = {
    "beside": _load_side_by_side,
    "fill": _load_filling,
    "join": _load_join,
    "rename": _load_renaming,
    "score": _load_model,
    "select": _load_selection,
    "transform": _load_transformation,
}

_REASONS = {
    "add_rows": "its rows are no rows of the request",
    "apply_sql_transformation": "a query may look at all rows of a request together",
    "apply_transformation": "what was learnt has none",
    "edit_metadata": "this change of types is left to tables",
    "execute_python_script": "a script takes tables",
    "join_data": "only a fixed right table with a key that does not repeat is looked up row by row",
    "score_model": "the learner has none",
    "summarize_data": "it looks at all rows of a request together",
}
"""Why a module has no row form, or has none with some settings."""
