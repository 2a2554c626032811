"""The part of a matrix that ``make test`` tries; the rest is marked long, and CI tries it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest


def some(cases: Mapping[str, Any], share: int, first: int = 0) -> list[Any]:
    """Return every case as a parameter of a test; all but one in ``share`` are long.

    With another ``first``, another test of the same cases tries others.
    """
    return [
        pytest.param(case, id=name, marks=() if number % share == first else pytest.mark.long)
        for number, (name, case) in enumerate(cases.items())
    ]


def matrix(
    rows: Mapping[str, Any],
    columns: Sequence[str],
    share: int,
    slow: Collection[tuple[str, str]] = (),
) -> list[Any]:
    """Return every cell as parameters of a test; those beside the diagonals are long.

    Neighbors are alike: modules are in the order of their categories, and tables in that of what
    is odd about them. So of neighbors in one direction, each meets another one in the other.

    Parameters
    ----------
    rows : mapping of str to object
        What the test gets first, by its name.
    columns : sequence of str
        What it gets second.
    share : int
        One cell in how many isn't long, in each row and in each column.
    slow : collection of (str, str)
        Cells, by row and column, that are long in any case.
    """
    return [
        pytest.param(
            row,
            column,
            id=f"{column}-{name}",
            marks=()
            if (down + across) % share == 0 and (name, column) not in slow
            else pytest.mark.long,
        )
        for across, column in enumerate(columns)
        for down, (name, row) in enumerate(rows.items())
    ]
