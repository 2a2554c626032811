"""Features of users or items as arrays: codes of categories, and scaled numbers."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.recommendation._ratings import key, keys

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NUMERIC = ("integer", "number", "boolean")


@dataclass(frozen=True, eq=False)
class Side:
    """The users, or the items, with their features.

    Row 0 is one that isn't known: its numbers are means, its categories missing.

    Parameters
    ----------
    keys : list
        As JSON scalars; their rows are 1, 2, ….
    categories : mapping of str to list
        The values of each categorical column; their codes are 1, 2, …, and 0 is a missing or
        unknown one.
    means, deviations : mapping of str to float
        Of each numeric column.
    codes : numpy.ndarray, shape (keys + 1, categorical columns)
    numbers : numpy.ndarray, shape (keys + 1, numeric columns)
    """

    keys: list[Any]
    categories: Mapping[str, list[Any]]
    means: Mapping[str, float]
    deviations: Mapping[str, float]
    codes: np.ndarray
    numbers: np.ndarray

    @functools.cached_property
    def index(self) -> Mapping[Hashable, int]:
        """The row of each key."""
        return {each: at for at, each in enumerate(self.keys, start=1)}

    def extended(self, table: pd.DataFrame | None, port: str) -> Side:
        """Return the side with the features in a table, and with keys that only it has."""
        import numpy as np

        if table is None:
            return self
        frame = _checked(table, port)
        names = [*self.categories, *self.means]
        lacking = [name for name in names if name not in frame.columns]
        if lacking:
            raise ModuleError(
                "column-not-found",
                f"Column “{lacking[0]}”, a feature in training, is missing.",
                "Use the same features as in training.",
                port=port,
                column=lacking[0],
            )
        for name in self.means:
            kind = kind_of(frame[name].dtype)
            if kind not in _NUMERIC:
                raise ModuleError(
                    "column-type-changed",
                    f"Column “{name}” contained numbers in training; "
                    f"here it contains {KIND_LABELS[kind]}.",
                    "Use the same columns as in training.",
                    port=port,
                    column=name,
                )
        found = self.encoded(frame)
        index = self.index
        codes, numbers = [self.codes.copy()], [self.numbers.copy()]
        added = []
        for each, row_codes, row_numbers in zip(keys(frame.iloc[:, 0]), *found, strict=True):
            if each in index:
                codes[0][index[each]], numbers[0][index[each]] = row_codes, row_numbers
            else:
                added.append(each)
                codes.append(row_codes[None])
                numbers.append(row_numbers[None])
        return Side(
            [*self.keys, *added],
            self.categories,
            self.means,
            self.deviations,
            np.concatenate(codes),
            np.concatenate(numbers),
        )

    def encoded(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes and the scaled numbers of the rows of a frame."""
        import numpy as np

        codes = np.zeros((len(frame), len(self.categories)), "int64")
        for at, (name, values) in enumerate(self.categories.items()):
            positions = {value: place for place, value in enumerate(values, start=1)}
            column = frame[name]
            codes[:, at] = [
                0 if lost else positions.get(key(value), 0)
                for value, lost in zip(column.to_numpy(dtype=object), column.isna(), strict=True)
            ]
        numbers = np.zeros((len(frame), len(self.means)))
        for at, (name, mean) in enumerate(self.means.items()):
            given = frame[name].astype("float64").to_numpy()
            with np.errstate(over="ignore"):
                scaled = (given - mean) / self.deviations[name]
            # The mean also for what is infinite, or is in the network's 32 bits.
            numbers[:, at] = np.where(np.abs(scaled) <= np.finfo("float32").max, scaled, 0.0)
        return codes, numbers


def fitted(known: list[Any], table: pd.DataFrame | None, port: str) -> Side:
    """Return the users or items of the training ratings, with the features of a table.

    Parameters
    ----------
    known : list
        Their keys.
    table : pandas.DataFrame, optional
        The first column contains keys, the others features.
    """
    import numpy as np

    if table is None:
        nothing = np.zeros((len(known) + 1, 0))
        return Side(known, {}, {}, {}, nothing.astype("int64"), nothing)
    frame = _checked(table, port)
    categories: dict[str, list[Any]] = {}
    means: dict[str, float] = {}
    deviations: dict[str, float] = {}
    for name in frame.columns[1:]:
        column = frame[name]
        if kind_of(column.dtype) in _NUMERIC:
            values = column.astype("float64").to_numpy()
            values = values[np.isfinite(values)]
            means[name], deviations[name] = _mean_and_deviation(values)
        else:
            found = {key(value) for value in column.dropna().to_numpy(dtype=object)}
            categories[name] = sorted(found, key=lambda value: (isinstance(value, str), value))
    empty = Side(
        known,
        categories,
        means,
        deviations,
        np.zeros((len(known) + 1, len(categories)), "int64"),
        np.zeros((len(known) + 1, len(means))),
    )
    wanted = set(known)
    mask = [each in wanted for each in keys(frame.iloc[:, 0])]
    return empty.extended(frame[mask], port)


def _mean_and_deviation(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and the standard deviation, 1 in place of 0, without overflow."""
    import numpy as np

    if not len(values):
        return 0.0, 1.0
    # A power of two changes no bit of the results.
    exponent = np.frexp(np.abs(values).max())[1]
    scaled = np.ldexp(values, -exponent)
    mean, deviation = np.ldexp([scaled.mean(), scaled.std()], exponent).tolist()
    return mean, deviation or 1.0


def _checked(table: pd.DataFrame, port: str) -> pd.DataFrame:
    """Return the rows with a key, each key once."""
    if table.shape[1] < 2:
        raise ModuleError(
            "too-few-columns",
            "The table of features has no column besides the first one.",
            "Link a table whose first column contains the users or items, and others features.",
            port=port,
        )
    first = table.columns[0]
    return table.dropna(subset=[first]).drop_duplicates(subset=[first], ignore_index=True)
