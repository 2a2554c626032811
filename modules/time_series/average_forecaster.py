"""Average Forecaster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from modules.contract import DataTable, Numbers, Serving, Tasks, module
from modules.contract.code import CodeStep, literal
from modules.contract.registry.automated import Combination
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.learning.ensembles.parts import LearnerOfLearners, loaded_parts
from modules.learning.number_lists import weights_in
from modules.time_series._fitted_series import FittedSeries
from modules.time_series._forecast_code import ForecasterFacts
from modules.time_series._forecaster import TASK, Forecaster, ForecastModel, forecaster
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

    from modules.time_series._series import SeriesTable

TITLE = "Average Forecaster"

_Learner = Annotated[UntrainedModel, Tasks(TASK)]
_More = Annotated[UntrainedModel | None, Tasks(TASK)]
_MODELS = "models"


def _code(step: CodeStep) -> None:
    known = [step.facts(port) for port in step.inputs]
    if not all(isinstance(facts, ForecasterFacts) for facts in known):
        step.refuse("one of its forecasters isn't known")
    weights = f"{step.helper(weights_in)}({step.source('weights')}, {len(known)})"
    if not step.is_bound("weights"):
        weights = literal(weights_in(step.value("weights"), len(known)))
    step.write(
        f"{step.outputs[0]} = {step.name('functools', 'partial')}({step.helper(fit_average)}, "
        f"methods=[{', '.join(step.inputs.values())}], weights={weights})"
    )
    step.know("untrained_model", ForecasterFacts(_title(len(known))))


@module(
    TITLE,
    outputs=("untrained_model",),
    keywords=("ensemble", "combine forecasts", "blend", "mean", "voting", "time series"),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    automated=Combination(
        "weights", lambda weights, seed: {"weights": ", ".join(map(str, weights))}
    ),
    code=_code,
)
def average_forecaster(
    model_1: _Learner,
    model_2: _Learner,
    model_3: _More = None,
    model_4: _More = None,
    model_5: _More = None,
    *,
    weights: Annotated[str, Numbers(), Field(title="Weights of the models")] = "",
) -> _Learner:
    """Train several forecasters and forecast the average of what they forecast.

    The average of different forecasts is often better than the best of them, because their errors
    partly cancel out.

    Parameters
    ----------
    model_1 : UntrainedModel
        A forecaster, for example Exponential Smoothing.
    model_2 : UntrainedModel
        Another one, best of a different kind.
    model_3 : UntrainedModel, optional
        A third one.
    model_4 : UntrainedModel, optional
        A fourth one.
    model_5 : UntrainedModel, optional
        A fifth one.
    weights : str
        A positive number for each connected model, separated by commas. Empty for equal weights.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Forecasting Model and Back-Test Forecast.

    Notes
    -----
    Bates and Granger (1969), The Combination of Forecasts. The bounds are averaged too, as if the
    errors of the models were fully correlated: where they aren't, those of the average are smaller
    than the bounds assume.
    """
    given = (model_1, model_2, model_3, model_4, model_5)
    learners = tuple(forecaster(each) for each in given if each is not None)
    weights_in(weights, len(learners))
    return AverageLearner(
        title=_title(len(learners)),
        task=TASK,
        learner=__name__,
        parameters={"weights": weights},
        learners=learners,
    )


def _title(count: int) -> str:
    return f"Average of {count} forecasters"


def fit_average(
    data: SeriesTable,
    *,
    methods: Sequence[Callable[[SeriesTable], FittedSeries]],
    weights: list[float],
) -> AverageFit:
    """Return the fits of several methods, with the weight of each."""
    fits = tuple(method(data) for method in methods)
    return AverageFit(**data.facts(), weights=weights, fits=fits)


@dataclass(frozen=True, eq=False, kw_only=True)
class AverageFit(FittedSeries):
    """Several fits of the same series.

    Parameters
    ----------
    weights : list of float
        One for each of them.
    fits : tuple of FittedSeries
        Of any kind.
    """

    weights: list[float]
    fits: tuple[FittedSeries, ...] = field(metadata=APART)

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts and bounds; see :class:`FittedSeries`."""
        import numpy as np

        found = [fit.ahead(index, steps, level) for fit in self.fits]
        return np.asarray(np.average(found, axis=0, weights=self.weights))


@dataclass(frozen=True, eq=False, kw_only=True)
class AverageModel(AverageFit, ForecastModel):
    """The fits as models."""

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the models with their shares."""
        total = sum(self.weights)
        rows = tuple(
            (getattr(fit, "title", ""), weight / total)
            for fit, weight in zip(self.fits, self.weights, strict=True)
        )
        return {"Models": Sheet(("Model", "Share"), rows), **super().sheets()}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the metadata as JSON, and each model beside it."""
        from modules.values.storage import save

        for number, model in enumerate(self.fits):
            assert isinstance(model, ForecastModel)
            save(model, folder / _MODELS / f"{number:04d}")
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(fits=loaded_parts(folder / _MODELS), **cls.read_fields(folder))


@dataclass(frozen=True, eq=False)
class AverageLearner(LearnerOfLearners, Forecaster):
    """The learner."""

    model = AverageModel

    @property
    def method(self) -> Callable[[SeriesTable], FittedSeries]:
        """What fits series with each learner."""
        methods = [learner.method for learner in self.learners]
        return partial(fit_average, methods=methods, weights=self._weights)

    def fitted(self, table: DataTable, data: SeriesTable) -> Mapping[str, Any]:
        """Return the fields of a model of models."""
        models = tuple(learner.train(table, data) for learner in self.learners)
        return {**data.facts(), "weights": self._weights, "fits": models}

    @property
    def _weights(self) -> list[float]:
        return weights_in(self.parameters["weights"], len(self.learners))
