"""Which columns of a table Automated ML prepares, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, Role
from modules.contract.data_table import kind_of

if TYPE_CHECKING:
    import pandas as pd

MANY_VALUES = 30
"""A category with more values also gets how frequent they are."""

_WORDS = 3.0
"""Average number of words from which on a column is text, not categories."""

_FEW_TEXTS = 20
"""A column with at most this many different values is categories, however long they are."""


def text_features(table: DataTable, label: str) -> list[str]:
    """Return the features that contain text of several words."""
    return [name for name in _texts(table, label) if _is_text(table.frame[name])]


def many_valued_features(table: DataTable, label: str) -> list[str]:
    """Return the categorical features with many values."""
    return [
        name
        for name in _texts(table, label)
        if table.frame[name].nunique() > MANY_VALUES and not _is_text(table.frame[name])
    ]


def date_features(table: DataTable, label: str) -> list[str]:
    """Return the features that contain dates."""
    return [
        column.name
        for column in table.columns
        if column.kind == "datetime" and column.role == Role.FEATURE and column.name != label
    ]


def without_texts(table: DataTable, label: str) -> list[dict[str, Any]]:
    """Return the selection of all columns but texts, whose words are features by now."""
    names = text_features(table, label)
    if not names:
        return []
    excluded = {"exclude": "names", "values": names}
    return [{"columns": {"rules": [{"include": "all"}, excluded]}}]


def _texts(table: DataTable, label: str) -> list[str]:
    return [
        column.name
        for column in table.columns
        if column.kind in ("string", "categorical")
        and column.role == Role.FEATURE
        and column.name != label
    ]


def _is_text(column: pd.Series) -> bool:
    present = column.dropna().astype("str")
    if kind_of(column.dtype) == "categorical" or present.nunique() <= _FEW_TEXTS:
        return False
    return bool(present.str.count(" ").mean() + 1 >= _WORDS)
