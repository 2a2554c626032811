"""A table on a wire: a pandas frame with the roles of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.columns import Column, column_not_found
from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import tidy
from modules.contract.value import Value

if TYPE_CHECKING:
    import pandas as pd


class Role:
    """Roles of columns. Every column is a feature until something says otherwise."""

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
        For multiclass one column a class; for two-class the one column with the
        probability of the positive class.
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


@dataclass(frozen=True, eq=False)
class DataTable(
    Value,
    title="dataset",
    description="A table; every column has a type and a role.",
    colors=("#2f6fc4", "#74a9f5"),
    icon="table",
    view="table",
):
    """A pandas frame with a role for every column.

    The frame has a plain index, unique column names that are strings, and no
    column of mixed types; what comes otherwise is converted, with a warning
    where that loses something. Nobody changes a frame in place: other steps may
    hold the same one.

    Parameters
    ----------
    frame : pandas.DataFrame
        Shape (rows, columns).
    roles : mapping of str to str
        Only for columns that are not features; see :class:`Role`.
    scoring : Scoring, optional
        Set by what scores.
    metrics : mapping of str to float, optional
        Numbers that stand for the table in the list of runs. Other data does not have them.
    """

    frame: pd.DataFrame
    roles: Mapping[str, str] = field(default_factory=dict)
    scoring: Scoring | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frame = tidy(self.frame)
        present = set(frame.columns)
        roles = {
            name: role
            for name, role in self.roles.items()
            if name in present and role != Role.FEATURE
        }
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "roles", roles)
        scoring = self.scoring
        if scoring and not {scoring.scored, *scoring.probabilities} <= present:
            object.__setattr__(self, "scoring", None)
        elif scoring and scoring.label is not None and scoring.label not in present:
            object.__setattr__(self, "scoring", replace(scoring, label=None))

    def __len__(self) -> int:
        return len(self.frame)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the table as an Arrow file."""
        from modules.contract.table_files import TABLE_FILE, write_table

        write_table(self, folder / TABLE_FILE)
        summary: dict[str, Any] = {"rows": len(self), "columns": len(self.names)}
        return summary | ({"metrics": {"": dict(self.metrics)}} if self.metrics else {})

    @classmethod
    def load(cls, folder: Path) -> DataTable:
        """Read the table by memory map."""
        from modules.contract.table_files import TABLE_FILE, read_table

        return read_table(folder / TABLE_FILE)

    def describe(self) -> pd.DataFrame:
        """Return the columns."""
        import pandas as pd

        return pd.DataFrame(self.columns, columns=["column", "kind", "role"])

    @property
    def names(self) -> list[str]:
        """The names of the columns in their order."""
        return list(self.frame.columns)

    @property
    def columns(self) -> list[Column]:
        """Name, kind and role of every column."""
        return [
            Column(name, kind_of(dtype), self.roles.get(name, Role.FEATURE))
            for name, dtype in zip(self.frame.columns, self.frame.dtypes, strict=True)
        ]

    def with_frame(
        self, frame: pd.DataFrame, *, renamed: Mapping[str, str] | None = None
    ) -> DataTable:
        """Return a table with other data; roles stay with the names of the columns.

        Parameters
        ----------
        renamed : mapping of str to str, optional
            New names by old ones, for roles to follow.
        """
        renamed = renamed or {}
        roles = {renamed.get(name, name): role for name, role in self.roles.items()}
        scoring = self.scoring
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
        return DataTable(self.frame, {**self.roles, **roles}, self.scoring)

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
            For the first that does not.
        """
        known = set(self.frame.columns)
        for name in names:
            if name not in known:
                raise column_not_found(name, self.names, parameter=parameter, port=port)

    def require_rows(self, count: int = 1, *, port: str | None = None) -> None:
        """Check that there are at least so many rows.

        Raises
        ------
        ModuleError
            If there are fewer.
        """
        if len(self.frame) < count:
            have = "no rows" if not len(self.frame) else f"only {len(self.frame)} rows"
            raise ModuleError(
                "too-few-rows",
                f"The dataset has {have}; at least {count} {'is' if count == 1 else 'are'} needed.",
                "Look at the data that comes in: a filter or join before may drop every row.",
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
