"""A dataset: columns with roles, in Arrow, in pandas, or both."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.arrow_conversion import has_plain_types, kind_of_arrow, to_arrow, to_frame
from modules.contract.columns import Column, column_not_found
from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import has_plain_names, normalize_frame, part_of, unique_names
from modules.contract.table_files import TABLE_FILE, read_table, write_table
from modules.contract.value import Value

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from modules.contract.sheet import Sheet

SHOWN_ROWS = 10
"""Rows that a notebook shows."""


class Role:
    """Roles of columns. Every column is a feature unless it has another role."""

    FEATURE = "feature"
    LABEL = "label"
    SCORE = "score"
    WEIGHT = "weight"
    FOLD = "fold"
    NONE = "none"

    ALL = (FEATURE, LABEL, SCORE, WEIGHT, FOLD, NONE)


@dataclass(frozen=True)
class Scoring:
    """How a scored dataset was scored, so that it can be evaluated.

    Parameters
    ----------
    task : str
        ``regression``, ``two-class``, ``multiclass``, ``clustering`` or ``anomaly``.
    label : str or None
        The column with the true values, if the dataset has it.
    scored : str
        The column with the predictions.
    classes : tuple
        The classes as JSON scalars, in the order of ``probabilities``.
    probabilities : tuple of str
        For multiclass one column per class; for two-class the one column with the
        probability of the positive class; for quantile regression one per quantile.
    positive : object or None
        The positive class of a two-class task.
    learner : str
        The title of the learner, for legends.
    """

    task: str
    scored: str
    label: str | None = None
    classes: tuple[Any, ...] = ()
    probabilities: tuple[str, ...] = ()
    positive: Any = None
    learner: str = ""


class DataTable(
    Value,
    title="dataset",
    description="A table; every column has a type and a role.",
    colors=("#2f6fc4", "#74a9f5"),
    icon="table",
    view="table",
    has_rows=True,
):
    """Columns of values with a role for each: a pandas frame, or an Arrow table, or both.

    A table made by a module starts as a frame; one opened from a file starts as an Arrow table
    in a memory map, of which only the schema is read. Each is made from the other once,
    on first access. Names, kinds, roles and the number of rows are known without that.

    The frame has a default index, unique column names that are strings, and no column of mixed
    types; anything else is converted, with a warning if information is lost. Never
    change a table in place: other steps may share it.

    Parameters
    ----------
    frame : pandas.DataFrame
        Shape (rows, columns).
    roles : mapping of str to str, optional
        Only for columns that aren't features; see :class:`Role`.
    scoring : Scoring, optional
        Set by modules that score.
    metrics : mapping of str to float, optional
        Numbers shown for the table in the run list. Other data doesn't have them.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        roles: Mapping[str, str] | None = None,
        scoring: Scoring | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        self._frame: Any = normalize_frame(frame)
        self._arrow: Any = None
        self._describe(roles or {}, scoring, metrics or {})

    @classmethod
    def from_arrow(
        cls,
        data: pa.Table,
        roles: Mapping[str, str] | None = None,
        scoring: Scoring | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> DataTable:
        """Return an Arrow table as a table, without reading its values.

        One with names or types that the contract doesn't allow is converted like a frame.

        Parameters
        ----------
        data : pyarrow.Table
            Its own metadata is dropped.
        """
        if not has_plain_names(data.column_names):
            data = data.rename_columns(unique_names(data.column_names))
        if not has_plain_types(data):
            return cls(to_frame(data), roles, scoring, metrics)
        table = cls.__new__(cls)
        table._frame, table._arrow = None, data.replace_schema_metadata(None)
        table._describe(roles or {}, scoring, metrics or {})
        return table

    def _describe(
        self, roles: Mapping[str, str], scoring: Scoring | None, metrics: Mapping[str, float]
    ) -> None:
        present = set(self._names)
        if scoring and not {scoring.scored, *scoring.probabilities} <= present:
            scoring = None
        elif scoring and scoring.label is not None and scoring.label not in present:
            scoring = replace(scoring, label=None)
        self._roles = {
            name: role for name, role in roles.items() if name in present and role != Role.FEATURE
        }
        self._scoring = scoring
        self._metrics = dict(metrics)

    @property
    def roles(self) -> Mapping[str, str]:
        """The roles of the columns that aren't features."""
        return self._roles

    @property
    def scoring(self) -> Scoring | None:
        """How the table was scored; None if it wasn't."""
        return self._scoring

    @property
    def metrics(self) -> Mapping[str, float]:
        """Numbers shown for the table in the run list."""
        return self._metrics

    @property
    def frame(self) -> pd.DataFrame:
        """The table in pandas, made on first access. Don't change it."""
        if self._frame is None:
            self._frame = normalize_frame(to_frame(self._arrow))
        frame: pd.DataFrame = self._frame
        return frame

    @property
    def arrow(self) -> pa.Table:
        """The table in Arrow, made on first access."""
        if self._arrow is None:
            self._arrow = to_arrow(self._frame)
        return self._arrow

    def __len__(self) -> int:
        return int(self._arrow.num_rows) if self._frame is None else len(self._frame)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the table as an Arrow file."""
        self.write(folder / TABLE_FILE)
        summary: dict[str, Any] = {"rows": len(self), "columns": len(self._names)}
        return summary | ({"metrics": {"": dict(self.metrics)}} if self.metrics else {})

    @classmethod
    def load(cls, folder: Path) -> DataTable:
        """Open the table by memory map."""
        return cls.read(folder / TABLE_FILE)

    def write(self, path: Path) -> None:
        """Write the table as an Arrow IPC file with roles, scoring and metrics in the metadata."""
        # Metrics keep the order in which they were added; nothing else has a meaningful order.
        extra: dict[str, Any] = {"metrics": dict(self.metrics)} if self.metrics else {}
        extra["roles"] = dict(sorted(self.roles.items()))
        if self.scoring:
            extra["scoring"] = dict(sorted(asdict(self.scoring).items()))
        # Not cached: an Arrow table made from a frame needs as much memory again.
        data = to_arrow(self.frame) if self._arrow is None else self._arrow
        write_table(data, extra, path)

    @classmethod
    def read(cls, path: Path) -> DataTable:
        """Open a table that :meth:`write` wrote, by memory map.

        Raises
        ------
        ModuleError
            If the table is missing or can't be read.
        """
        try:
            data, extra = read_table(path)
            if scoring := extra.get("scoring"):
                for name in ("classes", "probabilities"):
                    scoring[name] = tuple(scoring[name])
                scoring = Scoring(**scoring)
            return cls.from_arrow(
                data, extra.get("roles", {}), scoring or None, extra.get("metrics", {})
            )
        except FileNotFoundError as error:
            raise ModuleError(
                "value-missing", "The stored table is missing.", "Run its step again."
            ) from error
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ModuleError(
                "value-damaged",
                "The stored table is damaged and can't be read.",
                "Run its step again.",
            ) from error

    def describe(self) -> pd.DataFrame:
        """Return the columns."""
        import pandas as pd

        return pd.DataFrame(self.columns, columns=["column", "kind", "role"])

    def tables(self) -> Mapping[str, Sheet]:
        """Return the first rows, and how many rows and columns there are."""
        from modules.contract.sheet import Sheet

        rows, columns = len(self), len(self._names)
        size = (
            f"{rows:,} row{'' if rows == 1 else 's'}, "
            f"{columns:,} column{'' if columns == 1 else 's'}"
        )
        return {"": Sheet.of(self.slice(0, SHOWN_ROWS).frame, size)}

    @property
    def names(self) -> list[str]:
        """The names of the columns in their order."""
        return list(self._names)

    @property
    def columns(self) -> list[Column]:
        """Name, kind and role of every column."""
        return list(self._columns)

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        data = self._arrow if self._frame is None else self._frame
        return tuple(data.column_names if self._frame is None else data.columns.tolist())

    @functools.cached_property
    def _columns(self) -> tuple[Column, ...]:
        if self._frame is None:
            kinds = [kind_of_arrow(field.type) for field in self._arrow.schema]
        else:
            kinds = [kind_of(dtype) for dtype in self._frame.dtypes.tolist()]
        return tuple(
            Column(name, kind, self._roles.get(name, Role.FEATURE))
            for name, kind in zip(self._names, kinds, strict=True)
        )

    def select(self, names: Sequence[str]) -> DataTable:
        """Return some of the columns, in the order of the names; doesn't make a frame.

        Raises
        ------
        KeyError
            For a name that the table doesn't have.
        """
        if self._frame is None:
            return DataTable.from_arrow(self._arrow.select(names), self._roles, self._scoring)
        return DataTable(part_of(self._frame, names), self._roles, self._scoring)

    def slice(self, start: int, rows: int) -> DataTable:
        """Return consecutive rows, as far as there are any; doesn't make a frame.

        Parameters
        ----------
        start : int
            Index of the first row, from 0.
        rows : int
            Number of rows.
        """
        if self._frame is None:
            return DataTable.from_arrow(self._arrow.slice(start, rows), self._roles, self._scoring)
        part = self._frame.iloc[start : start + rows]
        return DataTable(part, self._roles, self._scoring)

    def batches(self, rows: int) -> Iterator[DataTable]:
        """Yield the table in batches; an empty table is one batch.

        Parameters
        ----------
        rows : int
            Rows of each batch except the last.
        """
        for start in range(0, max(len(self), 1), rows):
            yield self.slice(start, rows)

    def with_frame(
        self, frame: pd.DataFrame, *, renamed: Mapping[str, str] | None = None
    ) -> DataTable:
        """Return a table with other data; roles follow the column names.

        Parameters
        ----------
        renamed : mapping of str to str, optional
            New names by old ones, for roles to follow.
        """
        renamed = renamed or {}
        roles = {renamed.get(name, name): role for name, role in self._roles.items()}
        scoring = self._scoring
        if scoring and renamed:
            scoring = replace(
                scoring,
                scored=renamed.get(scoring.scored, scoring.scored),
                label=renamed.get(scoring.label, scoring.label) if scoring.label else None,
                probabilities=tuple(renamed.get(name, name) for name in scoring.probabilities),
            )
        return DataTable(frame, roles, scoring)

    def with_roles(self, roles: Mapping[str, str]) -> DataTable:
        """Return the same data with some roles changed."""
        table = DataTable.__new__(DataTable)
        table._frame, table._arrow = self._frame, self._arrow
        table._describe({**self._roles, **roles}, self._scoring, {})
        return table

    def having_role(self, role: str) -> list[str]:
        """Return the names of the columns with a role."""
        return [column.name for column in self.columns if column.role == role]

    def require(
        self, names: Iterable[str], *, parameter: str | None = None, port: str | None = None
    ) -> None:
        """Check that columns exist.

        Raises
        ------
        ModuleError
            For the first that doesn't.
        """
        known = set(self._names)
        for name in names:
            if name not in known:
                raise column_not_found(name, self.names, parameter=parameter, port=port)

    def require_rows(self, count: int = 1, *, port: str | None = None) -> None:
        """Check that the table has at least ``count`` rows.

        Raises
        ------
        ModuleError
            If it has fewer.
        """
        if len(self) < count:
            have = "no rows" if not len(self) else f"only {len(self)} rows"
            raise ModuleError(
                "too-few-rows",
                f"The dataset has {have}; at least {count} {'is' if count == 1 else 'are'} needed.",
                "Check the input data: an earlier filter or join may drop every row.",
                port=port,
            )


def kind_of(dtype: Any) -> str:
    """Return the kind of a column from its pandas dtype; see ``columns.KINDS``."""
    code = getattr(dtype, "kind", "O")
    if code in "iu":
        return "integer"
    if code == "f":
        return "number"
    if code == "b":
        return "boolean"
    if code == "M":
        return "datetime"
    return "categorical" if str(dtype) == "category" else "string"
