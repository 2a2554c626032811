"""Markers in ``Annotated``: facts about a parameter beyond its type and limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal


class When:
    """A condition: the parameter applies only while others have certain values.

    ``When(mode="rows")`` or, for one of several values, ``When(mode=("mean", "median"))``.
    A parameter whose controlling parameter doesn't apply doesn't apply either.
    """

    def __init__(self, **conditions: Any) -> None:
        self.conditions: dict[str, tuple[Any, ...]] = {
            name: value if isinstance(value, tuple) else (value,)
            for name, value in conditions.items()
        }


class Requires:
    """Libraries that a choice parameter needs for certain values, beyond those of the module.

    ``Requires(DuckDB="duckdb")`` or, for several libraries, ``Requires(x=("a", "b"))``. The module
    works without them as long as the parameter has another value.
    """

    def __init__(self, **libraries: str | tuple[str, ...]) -> None:
        self.libraries: dict[str, tuple[str, ...]] = {
            value: (names,) if isinstance(names, str) else names
            for value, names in libraries.items()
        }


@dataclass(frozen=True)
class Columns:
    """Mark a :class:`ColumnSelector` parameter: for which input, and how many columns.

    Parameters
    ----------
    of : str
        The input port whose columns can be picked.
    single : bool
        Exactly one column, a label for example.
    kinds : tuple of str
        Kinds of columns that can be picked; empty for any.
    role : str
        The role whose column is used if none is picked; empty for no default.
    """

    of: str
    single: bool = False
    kinds: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class ValueOf:
    """Mark a text parameter that is one of the values of a column.

    Parameters
    ----------
    column : str
        The parameter of the module that names the column.
    """

    column: str


@dataclass(frozen=True)
class Needed:
    """Mark a parameter that must not be empty while it applies.

    A parameter without a default is always needed. This is for those with an
    empty default, because they apply in some cases only.
    """


@dataclass(frozen=True)
class Script:
    """Mark a text parameter that is program text, edited with syntax highlighting."""

    language: Literal["python", "sql", "r"]


@dataclass(frozen=True)
class Text:
    """Mark a text parameter of several lines that isn't a program."""


@dataclass(frozen=True)
class Numbers:
    """Mark a text parameter that lists numbers, separated by commas."""


@dataclass(frozen=True)
class TypesOfColumns:
    """Mark a mapping of column names to kinds: the types chosen for the module's output."""


@dataclass(frozen=True)
class Comparison:
    """A comparison of a column's value that a rule can make.

    Parameters
    ----------
    name : str
        As stored and shown; it follows the name of the column.
    kinds : tuple of str
        Kinds of columns that can be compared so; empty for any.
    values : str
        Whether it needs a value, several separated by commas, or none.
    """

    name: str
    kinds: tuple[str, ...] = ()
    values: Literal["one", "several", "none"] = "one"


@dataclass(frozen=True)
class Rules:
    """Mark a list of rules: dictionaries with ``column``, ``comparison``, and ``value``.

    Parameters
    ----------
    of : str
        The input port whose columns are compared.
    comparisons : tuple of Comparison
        Those that can be chosen.
    """

    of: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class PathOf:
    """Mark a text parameter that names a file or folder.

    A file to read is an implicit input: its content is part of the step's
    fingerprint, and it is uploaded when the pipeline runs elsewhere.

    Parameters
    ----------
    suffixes : tuple of str
        The extensions of files to choose from; with ``folder`` those that also pass for one:
        archives.
    folder : bool
        It names a folder.
    value : bool
        It is the folder of a stored value, which the module loads into a pipeline: an
        inference pipeline uses the module for values of its output's type.
    decides : str
        The choice parameter of the module whose value ``auto`` is resolved by the extension of
        the file; empty for none.
    formats : tuple of (str, str)
        File extensions, each with the value of that choice that it means.
    """

    mode: Literal["read", "write"] = "read"
    suffixes: tuple[str, ...] = ()
    folder: bool = False
    value: bool = False
    decides: str = ""
    formats: tuple[tuple[str, str], ...] = ()

    def format_of(self, path: str) -> str | None:
        """Return what ``auto`` means for this file; None if its extension is unknown."""
        return dict(self.formats).get(PurePath(path).suffix.lower())


@dataclass(frozen=True)
class Secret:
    """Mark a text parameter that contains the *name* of a secret, never the secret."""


class Tasks:
    """Mark a port for models with their tasks, as in :class:`UntrainedModel`.

    ``Tasks("clustering")``. Only ports that have a task in common can be linked; a port without
    this mark accepts and outputs any.
    """

    def __init__(self, *tasks: str) -> None:
        self.tasks = tasks


PREDICTING = Tasks("regression", "two-class", "multiclass")
"""The tasks of models that predict a label."""

ANOMALY = Tasks("anomaly")

SCORING = Tasks(*PREDICTING.tasks, *ANOMALY.tasks)
"""The tasks of models that score rows with labels."""

CLUSTERING = Tasks("clustering")


class AsTables:
    """Mark an output for reports that exported code writes as a dictionary of frames."""


class TriesValues:
    """Mark an input for learners that accepts those with values to try."""


class Sweep:
    """Default values to try when a learner is tuned."""

    def __init__(self, *values: Any) -> None:
        self.values = values
