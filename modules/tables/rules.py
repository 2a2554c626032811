"""Rules that compare a column with values, for tables and for single values."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NotRequired

from typing_extensions import TypedDict

from modules.contract import Comparison, ModuleError
from modules.contract.columns import column_not_found
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.tables.frames import wrong_kind
from modules.tables.typed_text import moment_of, read_value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TEXT = ("string", "categorical")
ORDERED_KINDS = ("integer", "number", "datetime", *TEXT)

COMPARISONS = (
    Comparison("equals"),
    Comparison("doesn't equal"),
    Comparison("is one of", values="several"),
    Comparison("isn't one of", values="several"),
    Comparison("less than", ORDERED_KINDS),
    Comparison("at most", ORDERED_KINDS),
    Comparison("greater than", ORDERED_KINDS),
    Comparison("at least", ORDERED_KINDS),
    Comparison("contains", TEXT),
    Comparison("doesn't contain", TEXT),
    Comparison("starts with", TEXT),
    Comparison("ends with", TEXT),
    Comparison("matches", TEXT),
    Comparison("is missing", values="none"),
    Comparison("isn't missing", values="none"),
)

ORDERED = {
    "less than": operator.lt,
    "at most": operator.le,
    "greater than": operator.gt,
    "at least": operator.ge,
}
OF_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts with": str.startswith,
    "ends with": str.endswith,
}
OPPOSITES = {
    "doesn't equal": "equals",
    "isn't one of": "is one of",
    "doesn't contain": "contains",
}


class Rule(TypedDict):
    """A comparison of the value in a column."""

    column: str
    comparison: Literal[
        "equals",
        "doesn't equal",
        "is one of",
        "isn't one of",
        "less than",
        "at most",
        "greater than",
        "at least",
        "contains",
        "doesn't contain",
        "starts with",
        "ends with",
        "matches",
        "is missing",
        "isn't missing",
    ]
    value: NotRequired[str]


def rows_that_meet(
    frame: pd.DataFrame, rules: Sequence[Rule], match: str, match_case: bool
) -> np.ndarray:
    """Return which rows meet all rules, or any of them.

    Raises
    ------
    ModuleError
        If there is no rule, or one doesn't fit its column.
    """
    if not rules:
        raise ModuleError(
            "no-rule", "There is no rule.", "Add a rule for a column.", parameter="rules"
        )
    hits = [
        matching(frame[rule["column"]], rule["comparison"], values, match_case)
        for rule, values in [
            (rule, wanted_values(frame, rule, number)) for number, rule in enumerate(rules, start=1)
        ]
    ]
    found = hits[0]
    for hit in hits[1:]:
        found = found & hit if match == "all rules" else found | hit
    return found


def wanted_values(frame: pd.DataFrame, rule: Rule, number: int) -> list[Any]:
    """Return the values to compare a column with, in its type.

    Parameters
    ----------
    number : int
        That of the rule, for messages.

    Raises
    ------
    ModuleError
        If the column doesn't exist, or the comparison or the value doesn't fit its type.
    """
    name, comparison, text = rule["column"], rule["comparison"], rule.get("value", "")
    if not name:
        raise ModuleError(
            "no-column",
            f"Rule {number} has no column.",
            "Choose a column, or remove the rule.",
            parameter="rules",
        )
    if name not in frame.columns:
        raise column_not_found(name, list(frame.columns), parameter="rules")
    column = frame[name]
    kind = kind_of(column.dtype)
    known = next(each for each in COMPARISONS if each.name == comparison)
    if known.kinds and kind not in known.kinds:
        phrase, wanted = (
            comparison,
            "text is required" if known.kinds == TEXT else "it has no order",
        )
        raise wrong_kind(
            name,
            kind,
            f"for “{phrase}” {wanted}",
            parameter="rules",
            hint="Choose another comparison or column.",
        )
    if known.values == "none":
        return []
    if comparison == "matches":
        try:
            re.compile(text)
        except re.error as error:
            raise ModuleError(
                "bad-pattern",
                f"Rule {number}: “{text}” isn't a regular expression: {error}.",
                "Correct the expression, or choose “contains” for plain text.",
                parameter="rules",
                column=name,
            ) from error
    several = known.values == "several"
    return [
        _value(column, kind, part, several) for part in (text.split(",") if several else [text])
    ]


def _value(column: pd.Series, kind: str, text: str, several: bool) -> Any:
    value = read_value(kind, text.strip() if several else text)
    if value is None and kind == "integer":
        # A limit of integers may have decimals.
        value = read_value("number", text)
    if value is None:
        raise ModuleError(
            "bad-value",
            f"Column “{column.name}” contains {KIND_LABELS[kind]}, which “{text}” isn't.",
            "Enter a value of the same type.",
            parameter="rules",
            column=str(column.name),
        )
    return moment_of(column, value) if kind == "datetime" else value


def condition_of(
    comparison: str, values: list[Any], *, text: bool, match_case: bool
) -> Callable[[Any], bool]:
    """Return a rule as a function of a value, None for missing."""
    if comparison in ("is missing", "isn't missing"):
        return lambda value: (value is None) == (comparison == "is missing")
    test = test_of(OPPOSITES.get(comparison, comparison), values, text=text, match_case=match_case)
    wanted = comparison not in OPPOSITES
    return lambda value: value is not None and bool(test(value)) == wanted


def test_of(
    comparison: str, values: list[Any], *, text: bool, match_case: bool
) -> Callable[[Any], Any]:
    """Return a comparison as a function of a text, or of a number or date or an array of them."""
    if comparison == "matches":
        pattern = re.compile(values[0], 0 if match_case else re.IGNORECASE)
        return lambda value: pattern.search(value) is not None
    if comparison in ORDERED:
        compare = ORDERED[comparison]
        return lambda value: compare(value, values[0])
    if not text:
        first, *others = values

        def equals(value: Any) -> Any:
            hit = value == first
            for other in others:
                hit = hit | (value == other)
            return hit

        return equals
    fold: Callable[[str], str] = str if match_case else str.casefold
    wanted = [fold(each) for each in values]
    if comparison in OF_TEXT:
        function = OF_TEXT[comparison]
        return lambda value: function(fold(value), wanted[0])
    return lambda value: fold(value) in wanted


def matching(column: pd.Series, comparison: str, values: list[Any], match_case: bool) -> np.ndarray:
    """Return which rows of a column meet a rule."""
    import numpy as np
    import pandas as pd

    if comparison in ("is missing", "isn't missing"):
        missing: np.ndarray = column.isna().to_numpy()
        return missing if comparison == "is missing" else ~missing
    text = kind_of(column.dtype) in TEXT
    plain = OPPOSITES.get(comparison, comparison)
    test = test_of(plain, values, text=text, match_case=match_case)
    if text:
        # Each distinct text once.
        codes, texts = pd.factorize(column)
        hits = np.array([bool(test(str(each))) for each in texts] + [False])
        hit: np.ndarray = hits[codes]
    else:
        tested = pd.Series(test(column), copy=False)
        hit = (tested if tested.dtype == bool else tested.fillna(False)).to_numpy(bool)
    # What is missing meets neither a rule nor its opposite.
    return column.notna().to_numpy() & ~hit if comparison in OPPOSITES else hit
