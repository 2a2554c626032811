"""Preparing a table for all learners: columns to leave out, and modules that prepare the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from modules.contract import DataTable, ExampleStep, ModuleError, ModuleSpec, Role, RowForm, warn
from modules.contract.data_table import kind_of
from modules.contract.json_files import plain
from modules.contract.registry.automated import Preparation, Weighting
from modules.contract.registry.discovery import automated_modules
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

_TEXT_WORDS = 2
"""A text with more words on average isn't an identifier."""

_UNIQUE = 0.97
"""Share of different values from which on a text column identifies rows."""

_NAMED = 5


@dataclass(frozen=True)
class Step:
    """A module that prepares the table, as it ran.

    Parameters
    ----------
    module : str
        The module's id.
    source : str
        Its dotted name.
    parameters : mapping
        Plain JSON.
    fitted : Transformation or None
        What it learned; None if the output for a row depends on that row alone.
    port : str
        The output port of the transformation; empty if there is none.
    for_training : bool
        It adds what only training reads: weights.
    form : mapping or None
        How it works on one row, if it learned nothing and can; see
        :class:`modules.contract.RowForm`.
    """

    module: str
    source: str
    parameters: Mapping[str, Any]
    fitted: Transformation | None = None
    port: str = ""
    for_training: bool = False
    form: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Prepared:
    """A prepared table, and how it came about.

    Parameters
    ----------
    features : list of str
        The columns of the unprepared table that the preparation and the model may read.
    """

    table: DataTable
    left_out: list[str]
    steps: list[Step]
    features: list[str]


def prepare(table: DataTable, label: str, *, balance: bool) -> Prepared:
    """Prepare a table.

    Parameters
    ----------
    balance : bool
        Weight the classes of the label inversely to their frequencies.
    """
    left_out = columns_to_leave_out(table, label)
    table = table.with_frame(table.frame.drop(columns=left_out))
    features = table.having_role(Role.FEATURE)
    steps: list[Step] = []
    modules = [spec for spec in automated_modules() if isinstance(spec.automated, Preparation)]
    for spec in sorted(modules, key=_turn):
        assert isinstance(spec.automated, Preparation)
        for parameters in spec.automated.plan(table, label):
            table, step = _ran(spec, parameters, table)
            steps.append(step)
    if balance and not table.having_role(Role.WEIGHT):
        for spec in automated_modules():
            if isinstance(spec.automated, Weighting):
                table, step = _ran(spec, spec.automated.plan(label), table, for_training=True)
                steps.append(step)
                break
    return Prepared(table, left_out, steps, features)


def apply(steps: list[Step], table: DataTable) -> DataTable:
    """Prepare another table in the same way; what is only for training is left out."""
    for step in steps:
        if step.for_training:
            continue
        if step.fitted is not None:
            table = step.fitted.apply(table)
        else:
            (table, *_) = _called(preparing_module(step.source), step.parameters, table)
    return table


def preparing_module(source: str) -> ModuleSpec:
    """Return the module that a stored preparation names.

    Raises
    ------
    ModuleError
        If it isn't one that prepares tables: another one could run code, or write files.
    """
    from modules.contract.installed import module_functions
    from modules.contract.specification import specification

    for function in module_functions(source)[:1]:
        spec = specification(function)
        if isinstance(spec.automated, Preparation):
            return spec
    raise ModuleError(
        "model-damaged",
        f"The model prepares rows with “{source}”, which isn't a module that prepares tables.",
        "Train the model again.",
    )


def columns_to_leave_out(table: DataTable, label: str) -> list[str]:
    """Return the features that a model can't learn from, or mustn't; with a warning for each kind.

    Those with a single value, those that identify rows, and those that are the label itself.
    """
    frame = table.frame
    reasons: dict[str, list[str]] = {"constant": [], "identifier": [], "label": []}
    known = frame[frame[label].notna()]
    for name in table.having_role(Role.FEATURE):
        if name == label:
            continue
        if frame[name].nunique(dropna=False) <= 1:
            reasons["constant"].append(name)
        elif len(frame) > 1 and _identifies(frame[name]):
            reasons["identifier"].append(name)
        elif _is_copy(known[name], known[label]):
            reasons["label"].append(name)
    texts = {
        "constant": "has the same value in every row",
        "identifier": "is different in every row, so it identifies rows",
        "label": f"is the label “{label}” in other values",
    }
    for reason, names in reasons.items():
        if names:
            shown = ", ".join(f"“{name}”" for name in names[:_NAMED])
            more = f" and {len(names) - _NAMED} more columns" if len(names) > _NAMED else ""
            warn(f"{shown}{more} {texts[reason]}; Automated ML left it out.")
    return [name for name in table.names if any(name in names for names in reasons.values())]


def _identifies(column: pd.Series) -> bool:
    kind = kind_of(column.dtype)
    if kind in ("string", "categorical"):
        present = column.dropna().astype("str")
        distinct = present.nunique()
        if distinct < _UNIQUE * len(column) or distinct < 20:
            return False
        return bool(present.str.count(" ").mean() + 1 <= _TEXT_WORDS)
    if kind != "integer" or column.isna().any() or len(column) < 20:
        return False
    return bool(column.is_unique and column.max() - column.min() + 1 == len(column))


def _is_copy(column: pd.Series, label: pd.Series) -> bool:
    """Return whether a column and the label determine each other: both ways, in every row."""
    import numpy as np
    import pandas as pd

    if column.isna().any() or len(label) < 3:
        return False
    numeric = [kind_of(each.dtype) in ("integer", "number") for each in (column, label)]
    if all(numeric) and label.nunique() > 20:
        one, two = (each.to_numpy("float64") for each in (column, label))
        if not (np.isfinite(one).all() and np.ptp(one) and np.ptp(two)):
            return False
        return bool(abs(abs(np.corrcoef(one, two)[0, 1]) - 1) < 1e-12)
    codes, values = pd.factorize(column)
    labels, classes = pd.factorize(label)
    if len(values) != len(classes) or len(values) > len(label) / 2:
        return False
    return len(np.unique(codes * len(classes) + labels)) == len(values)


def _turn(spec: ModuleSpec) -> tuple[float, str]:
    assert isinstance(spec.automated, Preparation)
    return spec.automated.turn, spec.function.__module__


def _ran(
    spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable, for_training: bool = False
) -> tuple[DataTable, Step]:
    outputs = _called(spec, parameters, table)
    port, fitted = "", None
    for output, value in zip(spec.outputs, outputs, strict=True):
        if isinstance(value, Transformation):
            port, fitted = output.name, value
    form = _row_form(spec, parameters, table, outputs[0]) if fitted is None else None
    source = spec.function.__module__
    return outputs[0], Step(spec.id, source, parameters, fitted, port, for_training, form)


def _row_form(
    spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable, result: DataTable
) -> Mapping[str, Any] | None:
    """Return how a module works on one row; None if it can't, or needs files for that."""
    if not isinstance(spec.row, RowForm):
        return None

    def store(write: object) -> NoReturn:
        raise NotImplementedError

    arguments = spec.read_parameters(parameters)
    step = ExampleStep(arguments, {spec.inputs[0].name: table}, result, store)
    try:
        form = spec.row.make(step)
    except NotImplementedError:
        return None
    # As it comes back from a file, so that a stored model equals the one that was trained.
    return None if isinstance(form, str) else plain(form)


def _called(spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable) -> tuple[Any, ...]:
    optional = [None] * (len(spec.inputs) - 1)
    return spec(table, *optional, **spec.read_parameters(parameters))
