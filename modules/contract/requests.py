"""The rows of a request: what they may hold, and how they become rows and tables.

Checking needs no library; only tables need pandas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.request_values import LONGEST_NAME, WORDS, check_of, near, shortened

if TYPE_CHECKING:
    import pandas as pd

KNOWN_VALUES = 200
"""Different texts of a column up to which they count as categories."""


@dataclass(frozen=True)
class RequestColumn:
    """A column of a request.

    Parameters
    ----------
    kind : str
        As in :data:`modules.contract.columns.KINDS`.
    missing : bool
        It may be null.
    optional : bool
        It may be left out: the prediction does not depend on it.
    values : tuple or None
        The known values of a column with few; None where there is no such list.
    zone : str
        The time zone of a datetime column; empty for none.
    role : str
        As in :class:`modules.contract.Role`.
    """

    name: str
    kind: str
    missing: bool = False
    optional: bool = False
    values: tuple[Any, ...] | None = None
    zone: str = ""
    role: str = Role.FEATURE

    def to_json(self) -> dict[str, Any]:
        """Return plain data; what is usual is left out."""
        plain: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.missing:
            plain["missing"] = True
        if self.optional:
            plain["optional"] = True
        if self.values is not None:
            plain["values"] = list(self.values)
        if self.zone:
            plain["zone"] = self.zone
        if self.role != Role.FEATURE:
            plain["role"] = self.role
        return plain


@dataclass(frozen=True)
class RequestSchema:
    """The columns of the rows that an input takes.

    Parameters
    ----------
    columns : tuple of RequestColumn
        Empty: rows are not checked.
    unseen : str
        ``refuse`` or ``accept`` a value that is not among the known ones.
    """

    columns: tuple[RequestColumn, ...]
    unseen: str = "refuse"
    _checks: dict[str, Callable[[Any], Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _needed: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checks = {column.name: check_of(column, self.unseen) for column in self.columns}
        object.__setattr__(self, "_checks", checks)
        needed = tuple(column.name for column in self.columns if not column.optional)
        object.__setattr__(self, "_needed", needed)

    @classmethod
    def from_json(
        cls, columns: Iterable[Mapping[str, Any]], unseen: str = "refuse"
    ) -> RequestSchema:
        """Read the columns as a Web Service Input holds them.

        Raises
        ------
        ModuleError
            If an entry is not one.
        """
        found = []
        for plain in columns:
            try:
                values = plain.get("values")
                column = RequestColumn(
                    str(plain["name"]),
                    str(plain["kind"]),
                    bool(plain.get("missing", False)),
                    bool(plain.get("optional", False)),
                    None if values is None else tuple(values),
                    str(plain.get("zone", "")),
                    str(plain.get("role", Role.FEATURE)),
                )
            except (KeyError, TypeError, AttributeError):
                column = RequestColumn("", "")
            if column.kind not in WORDS:
                raise ModuleError(
                    "bad-columns",
                    "An entry of the columns has no name, or no kind that is known.",
                    f"Kinds are {', '.join(WORDS)}.",
                    parameter="columns",
                )
            found.append(column)
        return cls(tuple(found), unseen)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the columns as a Web Service Input holds them."""
        return [column.to_json() for column in self.columns]

    def read(self, rows: Any) -> list[dict[str, Any]]:
        """Check rows and return them with values of the right types.

        Parameters
        ----------
        rows : list of dict
            As they come from JSON.

        Returns
        -------
        list of dict
            int, float, bool, str, datetime or None, in the order of the columns; a column
            that may be left out is there only where it was sent.

        Raises
        ------
        ModuleError
            For the first thing that is wrong; it names the column, and the row of several.
        """
        if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
            raise ModuleError(
                "not-rows",
                "The input is not a list of rows.",
                "Send a list with one object for each row.",
            )
        if not rows:
            raise ModuleError("no-rows", "The input has no rows.", "Send at least one row.")
        return [self._read(row, place, len(rows)) for place, row in enumerate(rows)]

    def _read(self, row: Any, place: int, count: int) -> dict[str, Any]:
        checks = self._checks
        result = {}
        try:
            if not isinstance(row, Mapping):
                raise _NO_ROW
            if not checks:
                return dict(row)
            for name, value in row.items():
                if name not in checks:
                    raise self._extra(name, row)
                result[name] = checks[name](value)
            if len(result) < len(checks):
                for name in self._needed:
                    if name not in result:
                        raise self._absent(name)
        except ModuleError as error:
            raise _placed(error, place, count) from None
        return result

    def _extra(self, name: Any, row: Mapping[str, Any]) -> ModuleError:
        absent = [known for known in self._checks if known not in row]
        return ModuleError(
            "column-unknown",
            f"there is no column “{shortened(name)}”.",
            near(name, absent) or "Leave it out.",
            column=str(name)[:LONGEST_NAME],
        )

    def _absent(self, name: str) -> ModuleError:
        kind = next(column.kind for column in self.columns if column.name == name)
        return ModuleError(
            "column-missing",
            f"the column “{name}” is missing.",
            f"Send {WORDS[kind]} for it.",
            column=name,
        )


def schema_of(table: DataTable) -> RequestSchema:
    """Return what the rows of a table hold, as the columns of a request."""
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
    """Return checked rows as a table.

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
    """Return the rows of a table as plain JSON data: NaN is null, a date is a text."""
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
    """Return checked values as a column; ``dtype`` is that of its categories in training."""
    import pandas as pd

    kind = column.kind
    missing = any(value is None for value in values)
    if kind == "categorical":
        if dtype is None:
            return pd.Series(pd.Categorical(values))
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


_NO_ROW = ModuleError(
    "not-a-row",
    "the row is not an object with one value a column.",
    'Send rows such as {"column": 1}.',
)


def _placed(error: ModuleError, place: int, count: int) -> ModuleError:
    if count > 1:
        message = f"Row {place + 1}: {error.message}"
    else:
        message = error.message[:1].upper() + error.message[1:]
    return ModuleError(error.code, message, error.hint, column=error.column)


def _known_values(column: pd.Series, kind: str) -> tuple[Any, ...] | None:
    """Return the distinct values of a column that holds categories."""
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
    """Return a type of categories with the values that it lacks.

    What training did not see is another value, and not a missing one.
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
    """Return rows of which nothing is known as a table.

    Raises
    ------
    ModuleError
        If a column has a value that no table holds.
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
                    f"The column “{shortened(name)}” has a value that no table can hold.",
                    "Send numbers, texts, true, false or null.",
                    column=name[:LONGEST_NAME],
                ) from error
        raise
