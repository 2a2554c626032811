"""What the user chose for a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from modules.contract.columns import NUMERIC, Column
from modules.contract.errors import ModuleError

ChartKind = Literal["scatter", "line", "bar", "histogram", "box", "correlation", "pairs"]
Statistic = Literal["mean", "median", "sum", "minimum", "maximum"]

USES: Mapping[ChartKind, tuple[str, ...]] = {
    "scatter": ("x", "y", "color", "size", "facet"),
    "line": ("x", "y", "color", "facet"),
    "bar": ("x", "y", "statistic", "color", "facet"),
    "histogram": ("x", "bins", "color", "facet"),
    "box": ("y", "x", "facet"),
    "correlation": ("columns",),
    "pairs": ("columns", "color"),
}
"""The settings that each kind uses, in the order in which a form shows them."""

NEEDS: Mapping[ChartKind, tuple[str, ...]] = {
    "scatter": ("x", "y"),
    "line": ("x", "y"),
    "bar": ("x",),
    "histogram": ("x",),
    "box": ("y",),
    "correlation": (),
    "pairs": (),
}
"""The columns without which a kind can't be drawn."""

ORDERED = ("integer", "number", "datetime")
"""Kinds of columns whose values have a position on an axis."""

MOST_PAIRED = 6
MOST_CORRELATED = 60


@dataclass(frozen=True)
class ChartSettings:
    """What is drawn, and how; a setting that its kind doesn't use has no effect.

    Parameters
    ----------
    x, y, color, size, facet : str
        Names of columns; empty for none.
    columns : tuple of str
        Of a correlation matrix or pair plot; empty for all numeric ones (the first 60, or 4).
    bins : int
        Bars of a histogram of numbers.
    statistic : str
        Of ``y`` for each bar.
    """

    kind: ChartKind = "scatter"
    x: str = ""
    y: str = ""
    color: str = ""
    size: str = ""
    facet: str = ""
    columns: tuple[str, ...] = ()
    bins: int = 30
    statistic: Statistic = "mean"

    def to_json(self) -> dict[str, Any]:
        """Return what differs from the defaults, and the kind, as plain JSON."""
        used = {"kind", *USES[self.kind]}
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in found.items()
            if name == "kind" or (name in used and value != getattr(_USUAL, name))
        }

    @classmethod
    def from_json(cls, plain: object) -> ChartSettings | None:
        """Read what :meth:`to_json` returned; None for anything else."""
        if not isinstance(plain, Mapping) or not {*plain} <= {each.name for each in fields(cls)}:
            return None
        found = dict(plain)
        texts = ("x", "y", "color", "size", "facet")
        columns, bins = found.get("columns", []), found.get("bins", 1)
        if (
            found.get("kind") not in get_args(ChartKind)
            or found.get("statistic", "mean") not in get_args(Statistic)
            or not all(isinstance(found.get(name, ""), str) for name in texts)
            or not isinstance(columns, list)
            or not all(isinstance(name, str) for name in columns)
            or not (type(bins) is int and 1 <= bins <= MOST_BINS)
        ):
            return None
        return cls(**{**found, "columns": tuple(columns)})

    def used(self) -> ChartSettings:
        """Return the settings without those that have no effect."""
        kept = USES[self.kind]
        unused = [each.name for each in fields(self) if each.name not in (*kept, "kind")]
        return replace(self, **{name: getattr(_USUAL, name) for name in unused})

    def read_columns(self, columns: Sequence[Column]) -> list[str]:
        """Return the columns of a table that the chart reads, each once.

        Raises
        ------
        ModuleError
            If one isn't chosen, doesn't exist, or is of a kind that can't be drawn this way.
        """
        used = self.used()
        kinds = {column.name: column.kind for column in columns}
        for setting in NEEDS[self.kind]:
            if not getattr(used, setting):
                raise ModuleError(
                    "column-missing",
                    f"This chart has no column for {TITLES[setting]}.",
                    f"Choose a column for {TITLES[setting]}.",
                    parameter=setting,
                )
        single = {name: getattr(used, name) for name in ("x", "y", "color", "size", "facet")}
        for setting, name in single.items():
            if name:
                self._check(setting, name, kinds)
        many = self._many(columns, kinds) if "columns" in USES[self.kind] else ()
        return list(dict.fromkeys([*filter(None, single.values()), *many]))

    def accepts(self, setting: str, kind: str) -> bool:
        """Return whether a setting can name a column of a kind."""
        if setting in ("size", "columns"):
            return kind in NUMERIC
        if setting == "y":
            return kind in (NUMERIC if self.kind in ("bar", "line", "box") else ORDERED)
        if setting == "x" and self.kind in ("scatter", "line"):
            return kind in ORDERED
        return True

    def _many(self, columns: Sequence[Column], kinds: Mapping[str, str]) -> tuple[str, ...]:
        most, usual = (MOST_PAIRED, 4) if self.kind == "pairs" else (MOST_CORRELATED,) * 2
        if not self.columns:
            numeric = [column.name for column in columns if column.kind in NUMERIC]
            if not numeric:
                raise ModuleError(
                    "no-columns-selected",
                    "The table has no numeric column to draw.",
                    "Choose another kind of chart.",
                    parameter="columns",
                )
            return tuple(numeric[:usual])
        for name in self.columns:
            self._check("columns", name, kinds)
        if len(self.columns) > most:
            raise ModuleError(
                "too-many-columns",
                f"{len(self.columns)} columns are selected; this chart shows at most {most}.",
                "Select fewer columns.",
                parameter="columns",
            )
        return self.columns

    def _check(self, setting: str, name: str, kinds: Mapping[str, str]) -> None:
        if name not in kinds:
            raise ModuleError(
                "column-not-found",
                f"The table has no column “{name}”.",
                f"Choose another column for {TITLES[setting]}.",
                parameter=setting,
                column=name,
            )
        if not self.accepts(setting, kinds[name]):
            needed = "dates or numbers" if setting in ("x", "y") else "numbers"
            raise ModuleError(
                "column-type",
                f"Column “{name}” can't be used for {TITLES[setting]}: "
                f"it doesn't contain {needed}.",
                "Choose another column, or another kind of chart.",
                parameter=setting,
                column=name,
            )


MOST_BINS = 500

TITLES: Mapping[str, str] = {
    "x": "x",
    "y": "y",
    "color": "color",
    "size": "size",
    "facet": "panels",
    "columns": "this chart",
}
"""What messages call the settings that are columns."""

_USUAL = ChartSettings()


def usual_settings(columns: Sequence[Column]) -> ChartSettings:
    """Return a chart to start from: of the first numbers that a table has, or of counts."""
    features = [column for column in columns if column.kind in NUMERIC]
    if len(features) > 1:
        return ChartSettings("scatter", features[0].name, features[1].name)
    name = features[0].name if features else columns[0].name if columns else ""
    return ChartSettings("histogram", name)
