"""Trying an inference pipeline on example rows: what a client has to send, what may be null.

Nothing is guessed from names. A column is optional if the features that the models
read are the same without it; it must not be null if a row with null there gets lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import set_columns
from modules.requests.filling import filled_table
from modules.requests.tables import plain_value, plain_values
from modules.values import TrainedModel, Transformation

if TYPE_CHECKING:
    import pandas as pd

MOST_CANDIDATES = 64
"""Columns of an input, beside the models' features, that are tried; of more only labels."""

_STAND_INS = 5


@dataclass
class Findings:
    """The findings from trying a draft.

    Parameters
    ----------
    stand_ins : dict of str to dict
        By input: optional columns, with the value that replaces them.
    needed_labels : dict of str to list
        By input: labels that features are computed from, so that they have to be sent.
    never_null : dict of str to set
        By input: columns that may not be null, since the row would get lost.
    filters : set of str
        Nodes that apply a transformation and only leave out rows.
    """

    stand_ins: dict[str, dict[str, Any]] = field(default_factory=dict)
    needed_labels: dict[str, list[str]] = field(default_factory=dict)
    never_null: dict[str, set[str]] = field(default_factory=dict)
    filters: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Scoring:
    """A scoring step of the draft: the endpoints of its model and of its rows."""

    model: str
    rows: str


class Probe:
    """Tries one draft of an inference pipeline.

    Parameters
    ----------
    run : callable
        Takes the tables of the inputs, returns every value by ``node.port``.
    tables : mapping of str to DataTable
        Example rows by input.
    scorings : list of Scoring
        The scoring steps.
    applied : mapping of str to tuple
        For each node that applies a transformation: the endpoints of its rows and of the
        transformation.
    """

    def __init__(
        self,
        run: Callable[[Mapping[str, DataTable]], dict[str, Any]],
        tables: Mapping[str, DataTable],
        scorings: list[Scoring],
        applied: Mapping[str, tuple[str, str]],
    ) -> None:
        self.run = run
        self.tables = dict(tables)
        self.scorings = scorings
        self.applied = applied
        self.base = self._run({})
        self.labels = {
            model.label
            for model in (self.base[scoring.model] for scoring in scorings)
            if isinstance(model, TrainedModel) and model.label is not None
        }

    def findings(self, full: Mapping[str, DataTable]) -> Findings:
        """Return what the example rows show.

        Parameters
        ----------
        full : mapping of str to DataTable
            The whole tables, for the most frequent values.
        """
        found = Findings()
        for name in self.tables:
            self._find_stand_ins(name, full[name], found)
        for node in self.applied:
            if self._only_filters(node):
                found.filters.add(node)
        for name in self.tables:
            found.never_null[name] = self._never_null(name, found)
        return found

    def same_without_columns(self, name: str, columns: Mapping[str, Any]) -> bool:
        """Return whether features stay the same if columns aren't there at all."""
        table = self.tables[name]
        kept = table.with_frame(table.frame.drop(columns=list(columns)))
        values = self._attempt({name: kept})
        return values is not None and self._same_features(values, len(table))

    def _run(self, changed: Mapping[str, DataTable]) -> dict[str, Any]:
        with _quiet():
            return self.run({**self.tables, **changed})

    def _attempt(self, changed: Mapping[str, DataTable]) -> dict[str, Any] | None:
        try:
            return self._run(changed)
        except (ModuleError, ValueError, TypeError):
            return None

    def _find_stand_ins(self, name: str, full: DataTable, found: Findings) -> None:
        table = self.tables[name]
        features = {
            column.name for scoring in self.scorings for column in self.base[scoring.model].features
        }
        candidates = [each for each in table.names if each not in features or each in self.labels]
        if len(candidates) > MOST_CANDIDATES:
            candidates = [each for each in candidates if each in self.labels]
        stand_ins: dict[str, Any] = {}
        for column in candidates:
            is_label = column in self.labels
            if table.frame[column].nunique() < 2 and not is_label:
                continue
            for value in _most_frequent(full.frame[column]):
                changed = _with_constant(table, column, value)
                values = self._attempt({name: changed})
                if values is not None and self._same_features(values, len(table)):
                    stand_ins[column] = value
                    break
            else:
                if is_label:
                    found.needed_labels.setdefault(name, []).append(column)
        found.stand_ins[name] = stand_ins

    def _same_features(self, values: Mapping[str, Any], most: int) -> bool:
        """Return whether every row of features is there that was there, and each row once."""
        for scoring in self.scorings:
            model = self.base[scoring.model]
            names = [column.name for column in model.features]
            before, after = self.base[scoring.rows], values.get(scoring.rows)
            if after is None or len(after) > most or not set(names) <= set(after.names):
                return False
            if not _contains(after.frame[names], before.frame[names]):
                return False
        return True

    def _only_filters(self, node: str) -> bool:
        """Return whether a transformation does nothing but leave out rows."""
        table, transformation = (self.base[endpoint] for endpoint in self.applied[node])
        if not isinstance(transformation, Transformation) or not len(table):
            return False
        tried = _with_nulls(table)
        marked = tried.with_frame(tried.frame.copy().assign(**{_MARK: range(len(tried))}))
        try:
            with _quiet():
                result = transformation.apply(marked)
        except (ModuleError, ValueError, TypeError):
            return False
        if _MARK not in result.names or len(result) == len(tried):
            return False
        if [each for each in result.names if each != _MARK] != tried.names:
            return False
        kept = tried.frame.take(result.frame[_MARK].to_numpy()).reset_index(drop=True)
        return bool(result.frame.drop(columns=_MARK).equals(kept))

    def _never_null(self, name: str, found: Findings) -> set[str]:
        """Return the columns of which a null makes the row get lost."""
        table = self.tables[name]
        stand_ins = found.stand_ins[name]
        whole = table
        for column, value in stand_ins.items():
            whole = _with_constant(whole, column, value)
        complete = whole.frame.dropna().index
        candidates = [
            column
            for column in table.names
            if column not in stand_ins and table.frame[column].isna().any()
        ]
        for row in [int(row) for row in complete[:3]]:
            one = whole.with_frame(whole.frame.iloc[[row]])
            if not self._scores_one_row(name, one):
                continue
            return {
                column
                for column in candidates
                if not self._scores_one_row(name, _nulled(one, column, table))
            }
        return set()

    def _scores_one_row(self, name: str, one: DataTable) -> bool:
        others = {
            other: table.with_frame(table.frame.iloc[:1])
            for other, table in self.tables.items()
            if other != name
        }
        values = self._attempt({name: one, **others})
        return values is not None and all(
            len(values.get(scoring.rows, ())) > 0 for scoring in self.scorings
        )


_MARK = "row of the probe"


def example_rows(table: DataTable, most: int = 100) -> DataTable:
    """Return rows spread evenly over a table."""
    step = max(1, -(-len(table) // most))
    return table.with_frame(table.frame.iloc[::step])


def _most_frequent(column: pd.Series) -> list[Any]:
    counts = column.value_counts(dropna=True)
    return [plain_value(value) for value in counts.index[:_STAND_INS]]


def _with_constant(table: DataTable, column: str, value: Any) -> DataTable:
    """Return a table with one value in all rows of a column, at its position and of its kind."""
    kind = next(each.kind for each in table.columns if each.name == column)
    entry: dict[str, Any] = {"name": column, "kind": kind, "value": value}
    zone = getattr(table.frame[column].dtype, "tz", None)
    if zone is not None:
        entry["zone"] = str(zone)
    without = table.with_frame(table.frame.drop(columns=column))
    filled = filled_table(without, [entry], table.names)
    if kind == "categorical":
        dtype = table.frame[column].dtype
        filled = filled.with_frame(filled.frame.astype({column: dtype}))
    return filled.with_roles({column: table.roles[column]} if column in table.roles else {})


def _with_nulls(table: DataTable) -> DataTable:
    """Return a table with further rows, each with a null in one column."""
    import pandas as pd

    count, width = len(table), len(table.names)
    rows = [*range(count), *([0] * width)]
    columns = {}
    for index, name in enumerate(table.names):
        values = _nullable(table.frame[name].take(rows).reset_index(drop=True))
        values.iloc[count + index] = None
        columns[name] = values
    return table.with_frame(pd.DataFrame(columns))


def _nulled(one: DataTable, column: str, table: DataTable) -> DataTable:
    values = _nullable(one.frame[column]).copy()
    values.iloc[0] = None
    return one.with_frame(
        set_columns(one.frame, {column: values.astype(table.frame[column].dtype)})
    )


def _nullable(column: pd.Series) -> pd.Series:
    if column.dtype.kind in "iu":
        return column.astype("float64")
    if column.dtype.kind == "b":
        return column.astype("boolean")
    return column


def _contains(frame: pd.DataFrame, part: pd.DataFrame) -> bool:
    """Return whether every row of a frame is among the rows of another."""
    return _keys(part) <= _keys(frame)


def _keys(frame: pd.DataFrame) -> set[tuple[Any, ...]]:
    plain = [plain_values(frame[name]) for name in frame.columns]
    return set(zip(*plain, strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress warnings of modules: the user didn't start these runs."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
