"""Fitted transformations of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from modules.contract.installed import trusted_types
from modules.contract.sheet import Sheet
from modules.contract.value import RowFunction, Summary, Value

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable

_ESTIMATOR = "estimator.skops"


@dataclass(frozen=True, eq=False)
class Transformation(
    Value,
    title="transformation",
    description="A transformation that was fitted to data and can be applied to new data.",
    colors=("#16808a", "#58c4cc"),
    shape="triangle",
    icon="module",
    is_report=True,
):
    """A transformation that was fitted to data and can be applied to new data.

    A subclass is a frozen dataclass in the module that fits it. Its fields are plain JSON
    (numbers, strings, lists, dictionaries), or numpy arrays; they are stored as readable
    JSON, so applying a stored transformation doesn't require trust. A field named ``estimator``
    with the metadata ``APART`` may contain a fitted scikit-learn object, stored with skops; the
    module declares the types in it with ``@module(trusted=...)``.
    """

    title: ClassVar[str] = "Transformation"
    on_frames: ClassVar[Any] = None
    """The transformation as a function of a frame and the mapping of the fields, if there is one;
    code without this project contains it."""

    cross_fitted: ClassVar[bool] = False
    """The module's own output isn't that of :meth:`apply`: each row was changed as fitted to
    others, so that a model can't read its label."""

    fields_file = "transformation.json"

    def apply(self, table: DataTable) -> DataTable:
        """Return the transformed table.

        Raises
        ------
        ModuleError
            If the table doesn't have a column that the transformation needs.
        """
        raise NotImplementedError

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values in training of columns that it replaces, if it knows them."""
        return {}

    def compile(self) -> RowFunction | None:
        """Return a function of one row that uses numpy only, or None if there is none."""
        return None

    def summary(self) -> TransformationSummary:
        """Return the fitted values as a table."""
        return TransformationSummary(self.title, {self.title: Sheet.of(self.describe())})

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the fields as readable JSON."""
        super().save(folder)
        if "estimator" in {field.name for field in fields(self)}:
            from modules.values.estimators import write_estimator

            estimator = getattr(self, "estimator")  # noqa: B009
            write_estimator(estimator, folder / _ESTIMATOR, trusted_types(self.__module__))
        return {"title": self.title}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        plain = cls.read_fields(folder)
        if (folder / _ESTIMATOR).exists():
            from modules.values.estimators import read_estimator

            trusted = trusted_types(cls.__module__)
            plain["estimator"] = read_estimator(folder / _ESTIMATOR, trusted, cls.__module__)
        return cls(**plain)


@dataclass(frozen=True)
class TransformationSummary(Summary):
    """The fitted values of a transformation, one row per column."""

    @property
    def sheet(self) -> Sheet:
        """The table."""
        return next(iter(self.sheets.values()))

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        table = self.sheet.to_json()
        rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        return {"title": self.title, "fitted": rows}
