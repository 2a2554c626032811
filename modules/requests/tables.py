"""Convert the rows of a request to tables, and tables to rows.

Only tables need pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.requests.schema import RequestSchema
from modules.requests.values import LONGEST_NAME, RequestColumn, shortened

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "KNOWN_VALUES",
    "RequestColumn",
    "RequestSchema",
    "plain_value",
    "plain_values",
    "rows_of",
    "schema_of",
    "series_of",
    "table_of",
]

KNOWN_VALUES = 200
"""Maximum distinct texts of a column that is treated as categories."""


def schema_of(table: DataTable) -> RequestSchema:
    """Return the schema of a table's rows as the columns of a request."""
    frame = table.frame
    found = []
    for column in table.columns:
        values = frame[column.name]
        found.append(
            RequestColumn(
                column.name,
                column.kind,
                missing=bool(values.isna().any()),
                values=_known_values(values, column.kind),
                zone=str(values.dt.tz or "") if column.kind == "datetime" else "",
                role=column.role,
            )
        )
    return RequestSchema(tuple(found))


def table_of(
    rows: Sequence[Mapping[str, Any]],
    schema: RequestSchema,
    dtypes: Mapping[str, Any] | None = None,
) -> DataTable:
    """Return validated rows as a table.

    Parameters
    ----------
    dtypes : mapping of str to dtype, optional
        The types of the table that the schema was made from, for its categories.
    """
    import pandas as pd

    if not schema.columns:
        return _unchecked_table(rows)
    columns = {}
    for column in schema.columns:
        if column.optional and not any(column.name in row for row in rows):
            continue
        values = [row.get(column.name) for row in rows]
        columns[column.name] = series_of(values, column, (dtypes or {}).get(column.name))
    roles = {column.name: column.role for column in schema.columns}
    return DataTable(pd.DataFrame(columns, index=range(len(rows))), roles)


def rows_of(table: DataTable) -> list[dict[str, Any]]:
    """Return the rows of a table as plain JSON data: NaN becomes null, a date a text."""
    columns = {name: plain_values(table.frame[name]) for name in table.names}
    names = list(columns)
    if not names:
        return [{} for _ in range(len(table))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain_values(column: pd.Series) -> list[Any]:
    """Return the values of a column as plain JSON data."""
    import pandas as pd

    if column.dtype.kind == "M":
        return [None if value is pd.NaT else value.isoformat() for value in column]
    values = column.to_list()
    if column.dtype.kind in "iub" and not isinstance(column.dtype, pd.BooleanDtype):
        return values
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [plain_value(value) for value in values]
    return [None if value is pd.NA or value != value else value for value in values]


def plain_value(value: Any) -> Any:
    """Return one value as plain JSON data."""
    # pandas' missing value can't be compared.
    if value is None or type(value).__name__ == "NAType" or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def series_of(values: list[Any], column: RequestColumn, dtype: Any = None) -> pd.Series:
    """Return validated values as a column; ``dtype`` is that of its categories in training."""
    import pandas as pd

    kind = column.kind
    missing = any(value is None for value in values)
    if kind == "categorical":
        if dtype is None:
            return pd.Series(pd.Categorical(values))
        if dtype.categories.dtype.kind == "M":
            known = {value.isoformat(): value for value in dtype.categories}
            values = [known.get(value, value) for value in values]
        return pd.Series(pd.Categorical(values, dtype=_with_unseen(dtype, values)))
    if kind == "datetime":
        moments = pd.to_datetime(
            pd.Series(values, dtype=object), utc=bool(column.zone), format="ISO8601"
        ).astype("datetime64[us, UTC]" if column.zone else "datetime64[us]")
        return moments.dt.tz_convert(column.zone) if column.zone else moments
    plain: Any = {
        "integer": "float64" if missing else "int64",
        "number": "float64",
        "boolean": "boolean" if missing else "bool",
        "string": "str",
    }[kind]
    made: pd.Series = pd.Series(values, dtype=plain)
    return made


def _known_values(column: pd.Series, kind: str) -> tuple[Any, ...] | None:
    """Return the distinct values of a column of categories."""
    import pandas as pd

    if kind == "categorical":
        found = [plain_value(value) for value in pd.unique(column.dropna())]
    elif kind == "string":
        found = [str(value) for value in column.dropna().unique()]
    else:
        return None
    if not found or len(found) > min(KNOWN_VALUES, max(2, len(column) // 2)):
        return None
    return tuple(sorted(found, key=lambda value: (isinstance(value, str), value)))


def _with_unseen(dtype: Any, values: Sequence[Any]) -> Any:
    """Return a categorical dtype extended by unseen values.

    An unseen value is a different value, not a missing one.
    """
    import pandas as pd

    known = frozenset(dtype.categories)
    unseen = list(dict.fromkeys(v for v in values if v is not None and v not in known))
    if not unseen:
        return dtype
    kinds = {type(value) for value in dtype.categories.tolist() + unseen}
    more = pd.Index(unseen, dtype=dtype.categories.dtype if len(kinds) == 1 else object)
    return pd.CategoricalDtype(dtype.categories.append(more), dtype.ordered)


def _unchecked_table(rows: Sequence[Mapping[str, Any]]) -> DataTable:
    """Return rows without a schema as a table.

    Raises
    ------
    ModuleError
        If a column has a value that isn't supported in tables.
    """
    import pandas as pd

    try:
        return DataTable(pd.DataFrame(list(rows)))
    except (ValueError, TypeError, OverflowError) as error:
        for name in dict.fromkeys(name for row in rows for name in row):
            try:
                DataTable(pd.DataFrame({name: [row.get(name) for row in rows]}))
            except (ValueError, TypeError, OverflowError):
                raise ModuleError(
                    "wrong-type",
                    f"Column “{shortened(name)}” has a value that isn't supported.",
                    "Send numbers, texts, true, false, or null.",
                    column=name[:LONGEST_NAME],
                ) from error
        raise
