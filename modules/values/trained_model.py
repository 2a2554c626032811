"""Fitted models that score new rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.columns import Column
from modules.contract.json_files import read_json
from modules.contract.sheet import Sheet
from modules.contract.value import Summary, Value

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract.data_table import DataTable
    from modules.values.compiled_model import CompiledModel


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedModel(
    Value,
    title="trained model",
    description="A fitted model, which scores new rows.",
    colors=("#2f8050", "#6fcf97"),
    shape="square",
    icon="model",
    view="model",
    is_report=True,
):
    """A fitted model with everything needed to score new rows.

    A subclass is a frozen dataclass beside its training code. It implements :meth:`score`, and
    if possible :meth:`compile` and :meth:`sheets`. Its own fields are stored as JSON and
    numpy arrays, as in :class:`modules.contract.value.Value`; for other content it overrides
    :meth:`save` and :meth:`load`.

    Parameters
    ----------
    title, task : str
        As in the :class:`UntrainedModel`.
    features : tuple of Column
        The columns that the model reads, as in training.
    label : str or None
        The column that it predicts.
    classes : tuple
        JSON scalars in the order of the model's class codes.
    positive : object or None
        The positive class of a two-class model.
    learner : str
        Dotted name of the module that made the learner.
    parameters : mapping
        The learner's parameters.
    versions : mapping of str to str
        Versions of the libraries that influence the result.
    """

    title: str
    task: str
    features: tuple[Column, ...] = ()
    label: str | None = None
    classes: tuple[Any, ...] = ()
    positive: Any = None
    learner: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    fields_file = "model.json"

    def score(self, table: DataTable) -> DataTable:
        """Return the score columns alone, one row for each row of the table.

        They have the score role, and the table has a ``Scoring`` with the meaning of the
        columns and the learner.

        Raises
        ------
        ModuleError
            If a feature is missing from the table or can't be read.
        """
        raise NotImplementedError

    def compile(self) -> CompiledModel | None:
        """Return the model as plain numbers, to serve it with numpy only; None if there is no
        such form.
        """
        return None

    def sheets(self) -> Mapping[str, Sheet]:
        """Return tables of fitted values by title: coefficients or cluster centers, for example."""
        return {}

    @property
    def members(self) -> Sequence[TrainedModel]:
        """The models whose predictions it combines; none if it predicts by itself."""
        return ()

    @property
    def tree_count(self) -> int:
        """The number of trees that can be drawn; 0 if it doesn't consist of trees."""
        return 0

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values of each string and category column in training."""
        return {}

    @property
    def average_row(self) -> Mapping[str, Any] | None:
        """An average training row, which explanations compare with; None if there is none.

        Means of numbers and Booleans, of datetimes in days since 1970, and the most frequent
        value of other columns.
        """
        return None

    def describe(self) -> pd.DataFrame:
        """Return the columns that the model reads."""
        import pandas as pd

        return pd.DataFrame(self.features, columns=["column", "kind", "role"])

    def summary(self) -> ModelSummary:
        """Return the model as plain data for display."""
        return ModelSummary(
            self.title,
            dict(self.sheets()),
            self.task,
            self.label,
            tuple(str(value) for value in self.classes),
            None if self.positive is None else str(self.positive),
            tuple(self.features),
            dict(self.parameters),
            dict(self.versions),
            self.tree_count,
        )

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model's metadata as JSON, and its arrays."""
        super().save(folder)
        return {"title": self.title}

    @classmethod
    def modules_named(cls, folder: Path) -> tuple[str, ...]:
        """Return the learner's module, which declares the types in a stored estimator."""
        learner = read_json(folder / cls.fields_file).get("learner")
        return (learner,) if isinstance(learner, str) and learner else ()

    @classmethod
    def read_fields(cls, folder: Path) -> dict[str, Any]:
        """Return the stored fields as keyword arguments."""
        plain = super().read_fields(folder)
        plain["features"] = tuple(Column(**column) for column in plain["features"])
        plain["classes"] = tuple(plain["classes"])
        return plain


@dataclass(frozen=True)
class ModelSummary(Summary):
    """A trained model as plain data; see :class:`TrainedModel`."""

    task: str
    label: str | None
    classes: tuple[str, ...]
    positive: str | None
    features: tuple[Column, ...]
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    trees: int = 0

    def tables(self) -> Mapping[str, Sheet]:
        """Return what the model predicts from what, and what it learned."""
        facts = {
            "Task": self.task,
            "Label": self.label,
            "Classes": ", ".join(self.classes),
            "Features": ", ".join(column.name for column in self.features),
        }
        rows = tuple((name, value) for name, value in facts.items() if value)
        return {self.title: Sheet(("", ""), rows), **self.sheets}

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        return {
            "title": self.title,
            "parameters": dict(self.parameters),
            "label": self.label,
            "classes": list(self.classes),
            "features": [column._asdict() for column in self.features],
            "learned": {title: sheet.to_json() for title, sheet in self.sheets.items()},
        }
