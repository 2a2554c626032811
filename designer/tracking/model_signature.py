"""The signature of a model in MLflow's form: what its columns are, and example rows that fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.tracking.settings import TrackingError
from modules.contract import ModuleError
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, TensorSpec


def signature_of(folder: Path, example: pd.DataFrame | None) -> ModelSignature | None:
    """Return the signature of the user's own model; None for one of several inputs.

    Raises
    ------
    TrackingError
        If it can't score its own example rows.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec, Schema

    from modules.scoring import EVERYTHING
    from modules.scoring.mlflow_model import PipelineFunction, load

    function = load(folder, EVERYTHING)
    parameters = None
    if isinstance(function, PipelineFunction):
        scorer = function.scorer
        if len(scorer.inputs) != 1:
            # A signature has one table; this model takes the rows of each input by name.
            return None
        columns = _request_columns(next(iter(scorer.inputs.values())).columns)
        declared = [
            ParamSpec(name, _type_of(value), value)
            for name, value in scorer.parameters.items()
            if isinstance(value, (bool, int, float, str))
        ]
        parameters = ParamSchema(declared) if declared else None
    else:
        columns = _feature_columns(function.model)
    outputs = None
    if example is not None and len(example):
        try:
            result = function.predict(example)
        except ModuleError as error:
            raise TrackingError(
                f"The model can't score its own example rows: {error.message}", error.hint
            ) from None
        if hasattr(result, "dtypes"):
            outputs = Schema(_frame_columns(result))
    inputs = Schema(columns) if columns else None
    return ModelSignature(inputs, outputs, parameters)


def fitting(example: pd.DataFrame | None, signature: ModelSignature | None) -> pd.DataFrame | None:
    """Return the example rows in the types that the signature names; None if they don't fit."""
    if example is None or not len(example) or signature is None or signature.inputs is None:
        return None
    try:
        return _typed(example, signature.inputs.inputs)
    except (ValueError, TypeError):
        return None


def _feature_columns(model: TrainedModel) -> list[ColSpec | TensorSpec]:
    from mlflow.types import ColSpec

    known = model.known_values
    return [
        ColSpec(_asked_type(column.kind, known.get(column.name)), column.name)
        for column in model.features
    ]


def _request_columns(columns: Sequence[Any]) -> list[ColSpec | TensorSpec]:
    from mlflow.types import ColSpec

    return [
        ColSpec(
            "string" if column.zone else _asked_type(column.kind, column.values),
            column.name,
            required=not column.optional,
        )
        for column in columns
    ]


def _frame_columns(frame: pd.DataFrame) -> list[ColSpec | TensorSpec]:
    from mlflow.types import ColSpec

    from modules.contract.data_table import kind_of

    return [ColSpec(_column_type(kind_of(frame[name].dtype)), str(name)) for name in frame]


def _asked_type(kind: str, known: Sequence[Any] | None = None) -> Any:
    """Return the type of a column that callers send.

    MLflow refuses a frame's integers where numbers are declared, and the other way
    round; from JSON it makes 41 of 41.5, and true of “false”, without a word. So it is
    given no types here, and the model itself reports what is wrong.
    """
    if kind in ("integer", "number", "boolean"):
        return _any_type()
    return _column_type(kind, known)


def _column_type(kind: str, known: Sequence[Any] | None = None) -> Any:
    plain = {
        "integer": "long",
        "number": "double",
        "boolean": "boolean",
        "datetime": "datetime",
        "string": "string",
    }
    if kind in plain:
        return plain[kind]
    values = list(known or ())
    if all(isinstance(value, str) for value in values):
        return "string"
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "long"
    return _any_type()


def _any_type() -> Any:
    from mlflow.types import schema

    return schema.AnyType()


def _type_of(value: bool | int | float | str) -> str:
    names: dict[type, str] = {bool: "boolean", int: "long", float: "double"}
    return names.get(type(value), "string")


def _typed(frame: pd.DataFrame, declared: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd

    columns = {}
    for column in declared:
        if column.name not in frame:
            continue
        values = frame[column.name]
        kind = getattr(column.type, "name", "")
        if kind == "long":
            values = pd.to_numeric(values).astype("int64")
        elif kind == "double":
            values = pd.to_numeric(values).astype("float64")
        elif kind == "datetime":
            values = pd.to_datetime(values, format="ISO8601")
        elif kind == "string":
            values = values.astype("str").astype(object).where(values.notna(), None)
        elif isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype(values.cat.categories.dtype)
        columns[column.name] = values
    return pd.DataFrame(columns)
