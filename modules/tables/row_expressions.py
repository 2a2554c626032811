"""The expressions of Split Data: which rows match. They are never evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError
from modules.contract.columns import column_not_found
from modules.contract.data_table import kind_of
from modules.tables.frames import without_categories, wrong_kind
from modules.tables.typed_text import number_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_COLUMN = r'\\?"(?P<name>[^"]+)"|\(\s*\\(?P<index>\d+)\s*\)'
PATTERN = re.compile(rf"\s*(?:{_COLUMN})\s*(?P<pattern>.*)", re.DOTALL)
_COMPARISON = re.compile(
    rf"\s*(?:(?:{_COLUMN})\s*)?(?P<operator><=|>=|==|!=|<>|<|>|=)\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^&|\"']+?))\s*"
)
_JOIN = re.compile(r"\s*(&&?|\|\|?)\s*")
_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
}


def matching_pattern(dataset: DataTable, text: str) -> np.ndarray:
    """Return a boolean for each row: whether the regular expression matches its value.

    Raises
    ------
    ModuleError
        If the text isn't such an expression, or the column isn't text.
    """
    import numpy as np
    import pandas as pd

    parameter = "regular_expression"
    parts = PATTERN.fullmatch(text)
    if not parts or not parts["pattern"]:
        raise ModuleError(
            "bad-expression",
            f"“{text}” isn't a column and a regular expression.",
            'Enter the column in double quotes and a pattern: "City" ^San',
            parameter=parameter,
        )
    name = _name(dataset, parts, parameter)
    try:
        pattern = re.compile(parts["pattern"])
    except re.error as error:
        raise ModuleError(
            "bad-expression",
            f"“{parts['pattern']}” isn't a valid regular expression: {error}.",
            "Use the syntax of Python's re module.",
            parameter=parameter,
        ) from error
    column = dataset.frame[name]
    kind = kind_of(column.dtype)
    if kind not in ("string", "categorical"):
        raise wrong_kind(name, kind, "a regular expression requires text", parameter=parameter)
    codes, values = pd.factorize(column)
    found = [bool(pattern.search(str(value))) for value in values]
    return np.asarray([*found, False], dtype=bool)[codes]


def matching_comparisons(dataset: DataTable, text: str) -> np.ndarray:
    """Return a boolean for each row: whether the comparisons are true for its values.

    Raises
    ------
    ModuleError
        If the text isn't such an expression, or doesn't match the column's type.
    """
    import numpy as np

    result = np.zeros(len(dataset), dtype=bool)
    for terms in alternatives(text):
        hits = np.ones(len(dataset), dtype=bool)
        name = ""
        for parts in terms:
            if parts["name"] is not None or parts["index"] is not None:
                name = _name(dataset, parts, "relational_expression")
            hits &= compared(dataset.frame[name], parts["operator"], text_of(parts))
        result |= hits
    return result


def alternatives(text: str) -> list[list[dict[str, Any]]]:
    """Parse ``a & b | c``; the first comparison names a column, later ones may."""
    alternatives: list[list[dict[str, Any]]] = [[]]
    position, column = 0, None
    while True:
        match = _COMPARISON.match(text, position)
        # A bare value matches as little as possible; extend it to the next & or | or the end.
        if match and match["bare"] is not None:
            end = re.compile(r"[&|]|$").search(text, match.start("bare"))
            stop = end.start() if end else len(text)
            bare, position = text[match.start("bare") : stop].strip(), stop
        elif match:
            bare, position = None, match.end()
        if not match or (column is None and match["name"] is None and match["index"] is None):
            raise _bad_comparison(text)
        parts = match.groupdict() | {"bare": bare}
        if parts["name"] is None and parts["index"] is None:
            parts["name"], parts["index"] = column or (None, None)
        column = (parts["name"], parts["index"])
        alternatives[-1].append(parts)
        if not text[position:].strip():
            return alternatives
        join = _JOIN.match(text, position)
        if not join:
            raise _bad_comparison(text)
        if join[1].startswith("|"):
            alternatives.append([])
        position = join.end()


def _bad_comparison(text: str) -> ModuleError:
    return ModuleError(
        "bad-expression",
        f"“{text}” isn't a column and comparisons.",
        'Enter the column in double quotes and comparisons: "Year" > 2010 & < 2020',
        parameter="relational_expression",
    )


def _name(dataset: DataTable, parts: Any, parameter: str) -> str:
    names = dataset.names
    if parts["name"] is not None:
        name = str(parts["name"])
        if name not in names:
            raise column_not_found(name, names, parameter=parameter)
        return name
    index = int(parts["index"])
    if index >= len(names):
        raise ModuleError(
            "column-index-out-of-range",
            f"Column (\\{index}) doesn't exist; the dataset has {len(names)} columns.",
            "Use indices from 0 in an expression.",
            parameter=parameter,
        )
    return names[index]


def text_of(parts: Mapping[str, Any]) -> str:
    """Return the value of a comparison as it is written."""
    return next(str(parts[key]) for key in ("double", "single", "bare") if parts[key] is not None)


def compared(column: pd.Series, sign: str, text: str) -> np.ndarray:
    """Return where a comparison with a value is true; never for a missing value."""
    import numpy as np

    column = without_categories(column)
    name, kind = str(column.name), kind_of(column.dtype)
    compare = _OPERATORS[sign]
    if kind in ("integer", "number"):
        value: Any = _number(text, name)
        values = column.to_numpy()
        present = ~np.isnan(values.astype("float64", copy=False))
        holds: np.ndarray = np.asarray(compare(values, value), dtype=bool) & present
        return holds
    known = column.notna().to_numpy()
    if kind == "datetime":
        moment = _moment(text, column)
        return np.asarray(compare(column, moment), dtype=bool) & known
    if kind == "boolean":
        value = {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
        if value is None:
            raise _bad_value(text, name, "true or false")
        filled = column.fillna(False).to_numpy(dtype=bool)
        return np.asarray(compare(filled, value), dtype=bool) & known
    if sign not in ("==", "=", "!=", "<>"):
        raise ModuleError(
            "text-not-ordered",
            f"Column “{name}” contains text, which can't be compared with “{sign}”.",
            "Use == or != for text.",
            parameter="relational_expression",
            column=name,
        )
    texts = column.astype("str")
    return np.asarray(compare(texts, text), dtype=bool) & known


def _number(text: str, name: str) -> float | int:
    try:
        return number_of(text)
    except ValueError:
        raise _bad_value(text, name, "a number") from None


def _moment(text: str, column: pd.Series) -> Any:
    import pandas as pd

    try:
        moment = pd.Timestamp(text)
    except ValueError:
        raise _bad_value(text, str(column.name), "a date such as 2024-05-31") from None
    zone = getattr(column.dtype, "tz", None)
    try:
        return moment.tz_localize(zone) if zone is not None and moment.tz is None else moment
    except ValueError:
        wanted = "a time with its offset from UTC, such as 2024-10-27 02:30+02:00"
        raise _bad_value(text, str(column.name), wanted) from None


def _bad_value(text: str, name: str, wanted: str) -> ModuleError:
    return ModuleError(
        "bad-expression",
        f"“{text}” isn't {wanted}, but column “{name}” requires it.",
        "Correct the value in the expression.",
        parameter="relational_expression",
        column=name,
    )
