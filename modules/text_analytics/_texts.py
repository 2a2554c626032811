"""Columns of text, their words, and n-grams of words. Imports no library."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.data_table import kind_of
from modules.tables.frames import wrong_kind

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 250_000_000
"""Maximum cells of a table of text features; 2 GB."""

_WORD = re.compile(r"[^\W_]+")


def words(text: str, shortest: int = 1, longest: int | None = None) -> list[str]:
    """Return the words of a text in lowercase: runs of letters and digits.

    Parameters
    ----------
    shortest, longest : int
        Limits for the characters of a word; others are left out.
    """
    found = _WORD.findall(text.lower())
    if longest is None:
        return [word for word in found if len(word) >= shortest] if shortest > 1 else found
    return [word for word in found if shortest <= len(word) <= longest]


def word_n_grams(tokens: Sequence[str], longest: int, separator: str = "_") -> list[str]:
    """Return all n-grams of 1 to ``longest`` successive words, joined by the separator."""
    if longest == 1:
        return list(tokens)
    found = list(tokens)
    for size in range(2, longest + 1):
        found += map(separator.join, zip(*(tokens[at:] for at in range(size)), strict=False))
    return found


def text_columns(
    columns: ColumnSelector, dataset: DataTable, parameter: str, purpose: str
) -> list[str]:
    """Return the selected columns, all of which contain text, categories, or no values.

    Parameters
    ----------
    purpose : str
        What the module does, for messages: ``"to clean"``.

    Raises
    ------
    ModuleError
        If none is selected, or one contains anything else.
    """
    names = columns.resolve_each(
        dataset.columns, parameter=parameter, allow_empty=not columns.is_empty
    )
    if not names:
        raise ModuleError(
            "no-columns-selected",
            f"The selection doesn't match any column; there is nothing {purpose}.",
            "Choose a column that contains text.",
            parameter=parameter,
        )
    for name in names:
        check_text(dataset, name, f"text is required {purpose}", parameter)
    return names


def check_text(dataset: DataTable, name: str, wanted: str, parameter: str | None = None) -> None:
    """Check that a column contains text, categories, or no values.

    Raises
    ------
    ModuleError
        If it contains anything else.
    """
    column = dataset.frame[name]
    kind = kind_of(column.dtype)
    if kind not in ("string", "categorical") and column.notna().any():
        hint = "Choose another column, or convert it to text with Edit Metadata."
        raise wrong_kind(name, kind, wanted, parameter=parameter, hint=hint)


def texts_of(column: pd.Series) -> list[str | None]:
    """Return the values of a column as texts; None for missing ones."""
    if kind_of(column.dtype) not in ("string", "categorical"):
        return [None] * len(column)
    return [as_text(value) for value in column.to_numpy(dtype=object)]


def as_text(value: Any) -> str | None:
    """Return a value of a row as a text; None for a missing one."""
    if value is None or value != value:
        return None
    return str(value)


def too_many(columns: int, rows: int, parameter: str, remedy: str) -> None:
    """Check that a table of features fits in memory.

    Raises
    ------
    ModuleError
        If it doesn't; ``remedy`` is the hint.
    """
    if columns * max(rows, 1) > MOST_CELLS:
        raise ModuleError(
            "too-many-features",
            f"{columns:,} features of {rows:,} rows don't fit in memory.",
            remedy,
            parameter=parameter,
        )
