"""How pandas reads a table: options that give the table that a module reads.

The table is read while the code is written, once as the module reads it and once with pandas.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.code import literal

if TYPE_CHECKING:
    import pandas as pd

_MOST_CELLS = 2_000


@dataclass
class Plan:
    """How pandas reads a table.

    Parameters
    ----------
    reader : str
        The function of pandas; empty for a table that is written as it is.
    options : dict
        Its keyword arguments.
    types : dict of str to str
        The source of the types to convert columns to afterwards.
    content : str
        The source of the table, if there is no reader.
    problem : str
        Why pandas can't read it; empty if it can.
    """

    reader: str
    options: dict[str, Any] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    content: str = ""
    problem: str = ""


def read_arff(path: Path) -> pd.DataFrame:
    """Read an ARFF file with liac-arff."""
    import arff
    import pandas as pd

    with path.open(encoding="utf-8") as stream:
        loaded = arff.load(stream)
    return pd.DataFrame(loaded["data"], columns=[name for name, _ in loaded["attributes"]])


def matching_plan(
    expected: pd.DataFrame,
    plan: Plan,
    opened: Callable[[], Any],
    sample: dict[str, int] | None = None,
) -> Plan:
    """Return a plan whose table equals the expected one, with more options and types.

    Parameters
    ----------
    opened : callable
        Returns what pandas reads.
    sample : dict of str to int, optional
        More options, if only the first rows are compared.
    """
    found: pd.DataFrame | None = None
    for _ in range(3):
        try:
            found = _read(plan, opened(), sample or {})
        except Exception as error:
            return Plan("", problem=f"pandas can't read its file: {error}")
        if list(found.columns) != list(expected.columns) or len(found) != len(expected):
            break
        different = [str(name) for name in expected if not _equal(found[name], expected[name])]
        if not different:
            return plan
        if plan.reader == "read_csv":
            changed = [_adjusted(plan, name, expected[name], found[name]) for name in different]
            if any(changed):
                continue
        for name in different:
            plan.types[name] = _type(expected[name])
        converted = _converted(found, expected, different)
        if converted:
            return plan
        break
    return Plan("", problem="pandas reads its file differently; save it as Parquet")


def _read(plan: Plan, source: Any, sample: dict[str, int]) -> pd.DataFrame:
    import pandas as pd

    if plan.reader == "arff":
        return read_arff(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame: pd.DataFrame = getattr(pd, plan.reader)(source, **plan.options, **sample)
    return frame


def _adjusted(plan: Plan, name: str, expected: pd.Series, found: pd.Series) -> bool:
    """Add an option for a column; return whether there is one to try."""
    kind = expected.dtype.kind
    if kind == "M" and name not in plan.options.get("parse_dates", []):
        plan.options.setdefault("parse_dates", []).append(name)
        form = _date_format(found, expected)
        if form:
            plan.options.setdefault("date_format", {})[name] = form
        return True
    types: dict[str, str] = plan.options.setdefault("dtype", {})
    wanted = {"O": "str", "b": "boolean"}.get(kind)
    if str(expected.dtype) == "category":
        wanted = "category"
    if wanted and name not in types:
        types[name] = wanted
        return True
    if not types:
        del plan.options["dtype"]
    return False


def _date_format(texts: pd.Series, expected: pd.Series) -> str:
    """Return the format of dates that aren't in ISO 8601; empty for those."""
    import pandas as pd

    if pd.to_datetime(texts, format="ISO8601", errors="coerce").equals(expected):
        return ""
    dates = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%Y{0}%m{0}%d")
    for date in dates:
        for separator in ".-/":
            for time in ("", " %H:%M", " %H:%M:%S"):
                form = date.format(separator) + time
                moments = pd.to_datetime(texts, format=form, errors="coerce")
                if _equal(moments.astype(expected.dtype), expected):
                    return form
    return ""


def _converted(found: pd.DataFrame, expected: pd.DataFrame, names: list[str]) -> bool:
    try:
        changed = found.astype({name: expected[name].dtype for name in names})
    except (TypeError, ValueError):
        return False
    return all(_equal(changed[name], expected[name]) for name in names)


def _equal(one: pd.Series, other: pd.Series) -> bool:
    return bool(one.dtype == other.dtype and one.reset_index(drop=True).equals(other))


def _type(column: pd.Series) -> str:
    """Return the source of a column's type."""
    if str(column.dtype) == "category":
        values = [getattr(value, "item", lambda v=value: v)() for value in column.cat.categories]
        return f"pd.CategoricalDtype({literal(values)})"
    return literal(str(column.dtype))


def plain_table(frame: pd.DataFrame, problem: str) -> Plan:
    """Return the plan that contains a small table; else the reason why there is none."""
    if frame.size > _MOST_CELLS:
        return Plan("", problem=problem)
    columns, types = [], {}
    for name, column in frame.items():
        known = column.astype(object).where(column.notna(), None)
        values = [each.isoformat() if hasattr(each, "isoformat") else each for each in known]
        values = [each.item() if hasattr(each, "item") else each for each in values]
        columns.append(f"{literal(str(name))}: {literal(values)}")
        types[str(name)] = _type(column)
    return Plan("", content=f"{{{', '.join(columns)}}}", types=types)
