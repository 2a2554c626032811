"""A module's form for single rows, with which an endpoint responds without tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RowStep = Callable[..., dict[str, Any] | None]
"""Accepts one row for each table of a request; returns one row, or None to drop the row."""


@dataclass(frozen=True)
class ExampleStep:
    """A step as it ran on example rows: everything that a row form is made from.

    Parameters
    ----------
    arguments : mapping of str to object
        The keyword arguments of the module.
    inputs : mapping of str to Value
        The input values by port.
    result : Value
        What the module returned.
    store : callable
        Calls a function that writes into a new folder; returns the folder's name in the
        scoring folder, for anything that the form needs besides JSON.
    stored : mapping of str to str
        By port, for inputs that are stored values: the folder in the scoring folder.
    """

    arguments: Mapping[str, Any]
    inputs: Mapping[str, Any]
    result: Any
    store: Callable[[Callable[[Path], object]], str]
    stored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowForm:
    """How a module works on one row at a time.

    It must return exactly what the module returns for a table of these rows. This is
    checked on the example rows whenever a scoring package is created.

    Parameters
    ----------
    make : callable
        Accepts an :class:`ExampleStep` with its tables. Returns plain JSON, or the reason
        why there is no form with these parameters, to follow a colon. The JSON may have
        ``microseconds``, the time per row, if that is more than two.
    load : callable
        Accepts that JSON and the scoring folder; returns the :data:`RowStep`. It imports numpy
        at most. The rows are in the order of the module's ports.
    fixed : tuple of str
        Inputs whose table is the same for every request, as lookup tables. All
        other tables come from the request: their rows belong together one by one.
    """

    make: Callable[[ExampleStep], Mapping[str, Any] | str]
    load: Callable[[Mapping[str, Any], Path], RowStep]
    fixed: tuple[str, ...] = ()
