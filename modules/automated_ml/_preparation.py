"""Preparing a table for all learners: columns to leave out, and modules that prepare the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.contract import DataTable, ModuleError, ModuleSpec, Role, warn
from modules.contract.data_table import kind_of
from modules.contract.registry.automated import Preparation, Weighting
from modules.contract.registry.discovery import automated_modules
from modules.learning.preparation.steps import Step, run_step

if TYPE_CHECKING:
    import pandas as pd

_TEXT_WORDS = 2
"""A text with more words on average isn't an identifier."""

_UNIQUE = 0.97
"""Share of different values from which on a text column identifies rows."""

_KNOWN = 0.5
"""Share of values from which on a column that determines the label is taken for a copy of it."""

_NAMED = 5


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


def prepare(table: DataTable, label: str, *, balance: bool, time: str = "") -> Prepared:
    """Prepare a table.

    Parameters
    ----------
    balance : bool
        Weight the classes of the label inversely to their frequencies.
    time : str
        A column that orders the rows, which isn't left out; empty if there is none.

    Raises
    ------
    ModuleError
        If no feature is left.
    """
    left_out = columns_to_leave_out(table, label, time)
    table = table.with_frame(table.frame.drop(columns=left_out))
    features = table.having_role(Role.FEATURE)
    if not set(features) - {label}:
        useless = f" than {_listed(left_out)}" if left_out else ""
        raise ModuleError(
            "no-features",
            f"There is no column to learn from besides the label “{label}”.",
            f"Use a dataset with other columns{useless}.",
            port="dataset",
        )
    steps: list[Step] = []
    modules = [spec for spec in automated_modules() if isinstance(spec.automated, Preparation)]
    for spec in sorted(modules, key=_turn):
        assert isinstance(spec.automated, Preparation)
        for parameters in spec.automated.plan(table, label):
            table, step = run_step(spec, parameters, table)
            steps.append(step)
    if balance and not table.having_role(Role.WEIGHT):
        for spec in automated_modules():
            if isinstance(spec.automated, Weighting):
                table, step = run_step(spec, spec.automated.plan(label), table, for_training=True)
                steps.append(step)
                break
    return Prepared(table, left_out, steps, features)


def columns_to_leave_out(table: DataTable, label: str, needed: str = "") -> list[str]:
    """Return the features that a model can't learn from, or mustn't; with a warning for each kind.

    Those with a single value, those that identify rows, and those that are the label itself; but
    not the one that is needed.
    """
    frame = table.frame
    reasons: dict[str, list[str]] = {"constant": [], "identifier": [], "label": []}
    known = frame[frame[label].notna()]
    for name in table.having_role(Role.FEATURE):
        if name in (label, needed):
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
            warn(f"{_listed(names)} {texts[reason]}; Automated ML left it out.")
    return [name for name in table.names if any(name in names for names in reasons.values())]


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED} more columns" if len(names) > _NAMED else "")


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
    """Return whether a column and the label determine each other wherever it is known."""
    import numpy as np
    import pandas as pd

    known = column.notna()
    # A column with few values may agree with the label by chance.
    if known.sum() < max(3, _KNOWN * len(label)):
        return False
    column, label = column[known], label[known]
    numeric = [kind_of(each.dtype) in ("integer", "number") for each in (column, label)]
    if all(numeric) and label.nunique() > 20:
        one, two = (each.to_numpy("float64") for each in (column, label))
        if not (np.isfinite(one).all() and np.ptp(one) and np.ptp(two)):
            return False
        # Squares of very large or small numbers would be infinite, or zero.
        one, two = one / np.abs(one).max(), two / np.abs(two).max()
        return bool(abs(abs(np.corrcoef(one, two)[0, 1]) - 1) < 1e-12)
    codes, values = pd.factorize(column)
    labels, classes = pd.factorize(label)
    if len(values) != len(classes) or not 1 < len(values) <= len(label) / 2:
        return False
    return len(np.unique(codes * len(classes) + labels)) == len(values)


def _turn(spec: ModuleSpec) -> tuple[float, str]:
    assert isinstance(spec.automated, Preparation)
    return spec.automated.turn, spec.function.__module__
