"""What ``Annotated`` says of a parameter beyond its type and limits."""

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


@dataclass(frozen=True)
class Columns:
    """Marks a :class:`ColumnSelector` parameter: of which input, and how many.

    Parameters
    ----------
    of : str
        The input port whose columns can be picked.
    single : bool
        Exactly one column, a label for example.
    kinds : tuple of str
        Kinds of columns that can be picked; empty for any.
    role : str
        The role whose column is taken if none is picked; empty if there is no such way.
    """

    of: str
    single: bool = False
    kinds: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class Needed:
    """Marks a parameter that may not stay empty while it applies.

    A parameter without a default is needed anyway. This is for those whose function has an
    empty default, since they apply in some cases only.
    """


@dataclass(frozen=True)
class Script:
    """Marks a text parameter that is program text, edited with highlighting."""

    language: Literal["python", "sql", "r"]


@dataclass(frozen=True)
class Text:
    """Marks a text parameter of several lines that is not a program."""


@dataclass(frozen=True)
class PathOf:
    """Marks a text parameter that names a file or folder.

    A file to read is an implicit input: its content is part of the step's
    fingerprint, and it is uploaded when the pipeline goes elsewhere.

    Parameters
    ----------
    value : bool
        It is the folder of a stored value, which the module brings into a pipeline: an
        inference pipeline has the module for values of its output's type.
    decides : str
        The choice among the module's parameters whose value ``auto`` goes by the suffix of
        the file; empty if there is none.
    formats : tuple of (str, str)
        Suffixes, each with the value of that choice that it stands for.
    """

    mode: Literal["read", "write"] = "read"
    suffixes: tuple[str, ...] = ()
    folder: bool = False
    value: bool = False
    decides: str = ""
    formats: tuple[tuple[str, str], ...] = ()

    def format_of(self, path: str) -> str | None:
        """Return what ``auto`` stands for with this file; None if its name doesn't say."""
        return dict(self.formats).get(PurePath(path).suffix.lower())


@dataclass(frozen=True)
class Secret:
    """Marks a text parameter that holds the *name* of a secret, never the secret."""


class Tasks:
    """Marks a port for models: what they are for, as in :class:`UntrainedModel`.

    ``Tasks("clustering")``. A link joins only ports that have a task in common; a port without
    this mark takes and gives any.
    """

    def __init__(self, *tasks: str) -> None:
        self.tasks = tasks


PREDICTING = Tasks("regression", "two-class", "multiclass")
"""The tasks of models that predict a label."""

CLUSTERING = Tasks("clustering")


class Sweep:
    """Values that are worth trying when a learner is tuned, unless others are given."""

    def __init__(self, *values: Any) -> None:
        self.values = values
