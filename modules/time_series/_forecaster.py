"""Forecasters and their models, as modules exchange them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from modules.contract import ModuleError
from modules.contract.columns import Column
from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.time_series._fitted_series import FittedSeries
from modules.time_series._series import FORECAST, SeriesTable
from modules.values import TrainedModel, UntrainedModel

TASK = "forecasting"


@dataclass(frozen=True, eq=False, kw_only=True)
class ForecastModel(FittedSeries, TrainedModel):
    """Fitted series as a model. A subclass inherits :meth:`ahead` from its fit."""

    def score(self, table: DataTable) -> DataTable:
        """Return the forecasts for the rows of a table, with bounds for 95 %."""
        table.require((self.time, *self.groups), port="dataset")
        found, _ = self.at_times(table.frame, 0.95)
        label = self.label if self.label in table.names else None
        scoring = Scoring("regression", FORECAST, label, learner=self.title)
        return DataTable(found, dict.fromkeys(found.columns, Role.SCORE), scoring)

    def label_of(self, index: int) -> str:
        """Return the name of a series for display."""
        return ", ".join(map(str, self.keys[index])) or str(self.label)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the series with the last period of each."""
        import numpy as np

        shown = range(min(len(self.keys), MOST_ROWS))
        last = self.calendar.times(np.asarray(self.ends[: len(shown)]) - 1)
        rows = tuple((self.label_of(at), str(last[at])) for at in shown)
        return {"Series": Sheet(("Series", "Last period"), rows)}


@dataclass(frozen=True, eq=False)
class Forecaster(UntrainedModel):
    """A learner for series.

    A subclass names ``function``, which fits series with the parameters of the module as
    keywords, the class of its models, and the libraries that decide the result.
    """

    function: ClassVar[Callable[..., FittedSeries]]
    model: ClassVar[type[ForecastModel]]
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "pandas")

    @property
    def method(self) -> Callable[[SeriesTable], FittedSeries]:
        """What fits series.

        It raises a ModuleError if one is too short.
        """
        return partial(type(self).function, **self.parameters)

    def train(self, table: DataTable, data: SeriesTable) -> ForecastModel:
        """Return a model of the series of a table.

        Raises
        ------
        ModuleError
            If one is too short.
        """
        from importlib.metadata import version

        kinds = {column.name: column.kind for column in table.columns}
        return self.model(
            title=self.title,
            task=TASK,
            features=tuple(Column(name, kinds[name]) for name in (data.time, *data.groups)),
            label=data.value,
            learner=self.learner,
            parameters=dict(self.parameters),
            versions={name: version(name) for name in self.libraries},
            **self.fitted(table, data),
        )

    def fitted(self, table: DataTable, data: SeriesTable) -> Mapping[str, Any]:
        """Return the fields of a model, besides those that all models have."""
        return vars(self.method(data))


def forecaster(learner: UntrainedModel) -> Forecaster:
    """Return a learner for series.

    Raises
    ------
    ModuleError
        If it is for something else.
    """
    if not isinstance(learner, Forecaster):
        raise ModuleError(
            "wrong-learner",
            f"{learner.title} can't forecast a series.",
            "Link a forecaster, for example Seasonal Naive Forecaster.",
            port="untrained_model",
        )
    return learner
