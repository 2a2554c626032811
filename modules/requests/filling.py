"""Columns that a request may omit: added if they are absent, filled if they are null."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable, kind_of
from modules.contract.errors import ModuleError
from modules.requests.tables import RequestSchema, series_of
from modules.requests.values import check_of

if TYPE_CHECKING:
    import pandas as pd


def filled_table(
    table: DataTable, columns: Sequence[Mapping[str, Any]], order: Sequence[str]
) -> DataTable:
    """Return a table with absent columns added and missing values of present ones filled.

    Raises
    ------
    ModuleError
        If a value doesn't match its column.
    """
    import pandas as pd

    frame = table.frame
    found = {name: frame[name] for name in frame.columns}
    roles = dict(table.roles)
    for entry in RequestSchema.from_json(columns).columns:
        value = next(plain.get("value") for plain in columns if plain["name"] == entry.name)
        fresh = series_of([value] * len(frame), entry)
        present = found.get(entry.name)
        if present is None or present.isna().all():
            found[entry.name] = fresh if present is None or len(frame) else present
            roles.setdefault(entry.name, entry.role)
        elif present.isna().any():
            found[entry.name] = _patched(present, fresh, entry.name)
    names = [name for name in order if name in found]
    names += [name for name in found if name not in set(names)]
    made = pd.DataFrame({name: found[name] for name in names}, frame.index)
    return DataTable(made, roles, table.scoring)


def row_filler(
    columns: Sequence[Mapping[str, Any]], order: Sequence[str]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return :func:`filled_table` for one row."""
    values = {
        entry.name: check_of(entry, "accept")(
            next(plain.get("value") for plain in columns if plain["name"] == entry.name)
        )
        for entry in RequestSchema.from_json(columns).columns
    }
    names = tuple(order)
    known = frozenset(names)
    last = {name: value for name, value in values.items() if name not in known}

    def fill(row: Mapping[str, Any]) -> dict[str, Any]:
        result = {}
        for name in names:
            value = row.get(name)
            if value is None:
                if name in values:
                    value = values[name]
                elif name not in row:
                    continue
            result[name] = value
        for name, value in row.items():
            if name not in known:
                result[name] = value
        for name, value in last.items():
            if result.get(name) is None:
                result[name] = value
        return result

    return fill


def _patched(present: pd.Series, fresh: pd.Series, name: str) -> pd.Series:
    import pandas as pd

    value = fresh.iloc[0]
    if isinstance(present.dtype, pd.CategoricalDtype):
        if value not in present.cat.categories:
            present = present.cat.add_categories([value])
        return present.fillna(value)
    kinds = {kind_of(present.dtype), kind_of(fresh.dtype)}
    if len(kinds) > 1 and not kinds <= {"integer", "number"}:
        raise ModuleError(
            "wrong-type",
            f"The value to add doesn't match the column “{name}”.",
            "Correct the kind and the value of the column to add.",
            parameter="columns",
            column=name,
        )
    filled: pd.Series = present.fillna(value)
    return filled
