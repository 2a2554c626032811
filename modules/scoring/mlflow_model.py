"""The loader of models that are registered with MLflow: no pickle, no designer.

MLflow calls :func:`_load_pyfunc` with the model's data: the folder of a stored
:class:`modules.contract.TrainedModel`, or that of an inference pipeline (see
:mod:`modules.scoring`). Only trusted types are read.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import set_columns
from modules.scoring import ALLOWABLE, PLAN, EffectsNotAllowed, Scorer
from modules.values import TrainedModel
from modules.values.saved import check_self_contained

if TYPE_CHECKING:
    import pandas as pd


ALLOW = "MODELDESK_ALLOW"
"""Environment variable with the effects that a pipeline may have, ``code,reads`` for example:
MLflow itself can't pass them on. See :data:`modules.scoring.ALLOWABLE`."""


class TrainedModelFunction:
    """A trained model as MLflow calls it: from a frame to the score columns."""

    def __init__(self, model: TrainedModel) -> None:
        self.model = model

    def predict(
        self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return the score columns, one row for each row of the input.

        Raises
        ------
        ModuleError
            If a feature is missing or can't be read; it is an MlflowException too.
        """
        with _as_mlflow_errors():
            return self._score(_frame(model_input))

    def _score(self, frame: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        from modules.contract.data_table import DataTable, kind_of

        changed: dict[str, Any] = {}
        for column in self.model.features:
            if column.name not in frame:
                continue
            values = frame[column.name]
            kind = kind_of(values.dtype)
            if column.kind == "datetime" and kind == "string":
                changed[column.name] = _moments(values)
            elif column.kind == "boolean" and values.dtype == object:
                changed[column.name] = _truths(values)
            elif column.kind in ("integer", "number") and values.isna().all():
                # A column of only nulls doesn't have a type.
                changed[column.name] = pd.Series(float("nan"), values.index, dtype="float64")
        table = DataTable(set_columns(frame, changed) if changed else frame)
        return self.model.score(table).frame


class PipelineFunction:
    """An inference pipeline as MLflow calls it.

    With one input it accepts a frame, otherwise a mapping from each input to its rows;
    with one output it returns a frame, otherwise such a mapping.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return the outputs for the rows of a request.

        Parameters
        ----------
        params : mapping, optional
            Pipeline parameters.

        Raises
        ------
        ModuleError
            For the first problem in the rows; it is an MlflowException too.
        """
        with _as_mlflow_errors():
            return self._score_inputs(model_input, params or {})

    def _score_inputs(self, model_input: Any, params: Mapping[str, Any]) -> Any:
        import pandas as pd

        if len(self.scorer.inputs) == 1:
            name = next(iter(self.scorer.inputs))
            inputs = {name: self._rows(name, _frame(model_input))}
        elif isinstance(model_input, Mapping):
            inputs = {
                name: self._rows(name, pd.DataFrame(list(rows)))
                for name, rows in model_input.items()
            }
        else:
            listed = ", ".join(f"“{name}”" for name in self.scorer.inputs)
            raise ModuleError(
                "input-unknown",
                "The rows of each input are required.",
                f"Send the inputs {listed}.",
            )
        results = self.scorer.score(inputs, params)
        if len(results) == 1:
            return pd.DataFrame(next(iter(results.values())))
        return results

    def _rows(self, name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
        from modules.requests.tables import plain_values

        columns = {str(key): plain_values(frame[key]) for key in frame.columns}
        # MLflow fills optional columns that weren't sent with nulls.
        for column in self.scorer.inputs[name].columns if name in self.scorer.inputs else ():
            values = columns.get(column.name)
            if column.optional and values and all(value is None for value in values):
                del columns[column.name]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _load_pyfunc(path: str) -> TrainedModelFunction | PipelineFunction:
    """Return the object that MLflow calls; MLflow finds this function by its name.

    Raises
    ------
    ModuleError
        If the folder doesn't contain a model, it is damaged or not trusted, or has an effect
        that the environment variable :data:`ALLOW` doesn't name.
    """
    allowed = os.environ.get(ALLOW, "").replace(",", " ").split()
    try:
        return load(Path(path), allowed)
    except EffectsNotAllowed as error:
        names = ",".join(name for name in ALLOWABLE if name in {*allowed, *error.names})
        hint = f"If you trust its author, set the environment variable {ALLOW} to {names}."
        raise EffectsNotAllowed(error.effects, hint) from None


def load(folder: Path, allowed: Collection[str]) -> TrainedModelFunction | PipelineFunction:
    """Return the object that MLflow calls.

    Parameters
    ----------
    allowed : collection of str
        Effects that a pipeline may have; see :data:`modules.scoring.ALLOWABLE`.

    Raises
    ------
    ModuleError
        If the folder doesn't contain a model, it is damaged or not trusted, or has another
        effect.
    """
    from modules.values import storage

    if (folder / PLAN).is_file():
        return PipelineFunction(Scorer(folder, allowed=allowed))
    check_self_contained(folder)
    value = storage.load(folder)
    if not isinstance(value, TrainedModel):
        raise ModuleError("not-a-model", f"A {type(value).__name__} isn't a trained model.")
    return TrainedModelFunction(value)


def _frame(model_input: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(model_input, pd.DataFrame):
        return model_input
    if isinstance(model_input, Mapping):
        single = all(not isinstance(v, (list, tuple)) for v in model_input.values())
        return pd.DataFrame([dict(model_input)] if single else dict(model_input))
    if isinstance(model_input, (list, tuple)) and all(
        isinstance(row, Mapping) for row in model_input
    ):
        return pd.DataFrame(list(model_input))
    raise ModuleError(
        "not-a-table",
        "The model needs a table with named columns.",
        "Send it as dataframe_split or dataframe_records.",
    )


def _moments(values: pd.Series) -> pd.Series:
    import pandas as pd

    try:
        return pd.to_datetime(values, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise ModuleError(
            "not-a-date",
            f"Column “{values.name}” must contain dates such as 2024-05-31T14:30:00.",
            column=str(values.name),
        ) from error


def _truths(values: pd.Series) -> pd.Series:
    try:
        return values.astype("boolean")
    except (ValueError, TypeError) as error:
        raise ModuleError(
            "wrong-type",
            f"Column “{values.name}” must be true or false.",
            "Send it without quotes.",
            column=str(values.name),
        ) from error


@contextmanager
def _as_mlflow_errors() -> Iterator[None]:
    """Raise errors so that MLflow's server responds with status 400 and their message.

    For any other exception it only reports an unexpected error.
    """
    try:
        yield
    except ModuleError as error:
        raise _mlflow_error_class()(error) from error


@functools.cache
def _mlflow_error_class() -> Callable[[ModuleError], ModuleError]:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

    class InvalidRows(ModuleError, MlflowException):
        """The rows are invalid."""

        def __init__(self, error: ModuleError) -> None:
            ModuleError.__init__(self, error.code, error.message, column=error.column)
            sentences = f"{error.message} {error.hint}".strip()
            MlflowException.__init__(self, sentences, INVALID_PARAMETER_VALUE)

        def __reduce__(self) -> tuple[Any, ...]:
            return ModuleError.from_json, (self.to_json(),)

    return InvalidRows
