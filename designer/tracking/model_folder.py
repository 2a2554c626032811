"""A trained model, or an inference pipeline, as a folder in MLflow's own form."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.tracking.settings import TrackingError
from modules.contract import ModuleError, TrainedModel
from modules.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, TensorSpec

LOADER = "modules.mlflow_model"
"""The module that MLflow loads a model with; it travels with the model."""

REQUIRED = (
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "scikit-learn",
    "skops",
    "threadpoolctl",
)
"""Distributions that every model needs where it is loaded."""

EXAMPLE_ROWS = 5

PIPELINE = "pipeline.pipeline.json"
"""The inference pipeline, beside the folder that it was made into, in a package and a model."""


@dataclass(frozen=True)
class ModelContent:
    """What is to become a model of MLflow.

    Parameters
    ----------
    folder : Path
        A stored trained model or a scoring folder.
    example : pandas.DataFrame or None
        Some rows that it takes.
    about : mapping of str to str
        What to say of it: ``task``, ``label``, ``learner``, ``kind``.
    pipeline : Path or None
        The inference pipeline as a person edited it; its paths start beside the model.
    """

    folder: Path
    example: pd.DataFrame | None
    about: Mapping[str, str]
    requires: tuple[str, ...] = ()
    pipeline: Path | None = None


def trained_model(folder: Path, example: pd.DataFrame | None) -> ModelContent:
    """Look at a stored trained model.

    Raises
    ------
    TrackingError
        If there is none, or it can't be read.
    """
    from modules.contract import storage

    try:
        model = storage.load(folder)
    except ModuleError as error:
        raise TrackingError(error.message, error.hint, wrong_input=True) from None
    if not isinstance(model, TrainedModel):
        raise TrackingError(
            f"A {type(model).__name__} is not a trained model.",
            "Name a node that trains one.",
            wrong_input=True,
        )
    about = {
        "kind": "trained model",
        "task": model.task,
        "label": model.label or "",
        "learner": model.title,
        "classes": ", ".join(map(str, model.classes[:50])),
    }
    return ModelContent(folder, example, about, _learner_requires(model.learner))


def scoring_folder(folder: Path) -> ModelContent:
    """Look at the folder of an inference pipeline.

    Raises
    ------
    TrackingError
        If there is none, or it can't be read.
    """
    import pandas as pd

    try:
        scorer = Scorer(folder)
    except ModuleError as error:
        raise TrackingError(error.message, error.hint, wrong_input=True) from None
    rows = next(iter(scorer.samples.values()), []) if len(scorer.inputs) == 1 else []
    about = {
        "kind": "inference pipeline",
        "inputs": ", ".join(scorer.inputs),
        "outputs": ", ".join(scorer.outputs),
    }
    example = pd.DataFrame(rows[:EXAMPLE_ROWS]) if rows else None
    pipeline = folder.parent / PIPELINE
    return ModelContent(folder, example, about, pipeline=pipeline if pipeline.is_file() else None)


@contextlib.contextmanager
def written(content: ModelContent, requires: Iterable[str] = ()) -> Iterator[Path]:
    """Write a model in MLflow's form into a folder that is there during the block."""
    import mlflow.pyfunc

    import modules

    scratch = Path(tempfile.mkdtemp(prefix="modeldesk-model-"))
    try:
        # The name becomes that of the folder inside the model.
        data = scratch / "model"
        shutil.copytree(content.folder, data)
        target = scratch / "mlflow"
        signature = _signature(content)
        mlflow.pyfunc.save_model(
            path=str(target),
            loader_module=LOADER,
            data_path=str(data),
            code_paths=[str(Path(modules.__file__ or "").parent)],
            conda_env=environment((*content.requires, *requires)),
            signature=signature,
            input_example=_fitting(content, signature),
            metadata={"modeldesk": dict(content.about)},
        )
        if content.pipeline is not None:
            shutil.copyfile(content.pipeline, target / "data" / PIPELINE)
        yield target
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def environment(requires: Iterable[str] = ()) -> dict[str, Any]:
    """Return a conda environment with the versions that are installed here.

    Parameters
    ----------
    requires : iterable of str
        Distributions beyond :data:`REQUIRED`; what is not installed is left out.
    """
    pins = []
    for name in dict.fromkeys((*REQUIRED, *requires)):
        with contextlib.suppress(metadata.PackageNotFoundError):
            # A version of this computer's own making, “2.3+cu118”, is on no index.
            pins.append(f"{name}=={metadata.version(name).partition('+')[0]}")
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "name": "modeldesk",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": pins}],
    }


def _signature(content: ModelContent) -> ModelSignature | None:
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec, Schema

    from modules.mlflow_model import PipelineFunction, _load_pyfunc

    function = _load_pyfunc(str(content.folder))
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
    if content.example is not None and len(content.example):
        try:
            result = function.predict(content.example)
        except ModuleError as error:
            raise TrackingError(
                f"The model can't score its own example rows: {error.message}", error.hint
            ) from None
        if hasattr(result, "dtypes"):
            outputs = Schema(_frame_columns(result))
    inputs = Schema(columns) if columns else None
    return ModelSignature(inputs, outputs, parameters)  # type: ignore[arg-type]


def _feature_columns(model: TrainedModel) -> list[ColSpec | TensorSpec]:
    from mlflow.types import ColSpec

    known = dict(zip(model.encoder.names_, model.encoder.categories_, strict=True))
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

    MLflow refuses a frame's whole numbers where numbers are declared, and the other way
    round; from JSON it makes 41 of 41.5, and true of “false”, without a word. So it is
    told nothing of these types, and the model itself says what is wrong.
    """
    from mlflow.types.schema import AnyType

    if kind in ("integer", "number", "boolean"):
        return AnyType()
    return _column_type(kind, known)


def _column_type(kind: str, known: Sequence[Any] | None = None) -> Any:
    from mlflow.types.schema import AnyType

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
    return AnyType()


def _type_of(value: bool | int | float | str) -> str:
    names: dict[type, str] = {bool: "boolean", int: "long", float: "double"}
    return names.get(type(value), "string")


def _fitting(content: ModelContent, signature: ModelSignature | None) -> pd.DataFrame | None:
    """Return the example rows in the types that the signature names; None if they don't fit."""
    frame = content.example
    if frame is None or not len(frame) or signature is None or signature.inputs is None:
        return None
    try:
        return _typed(frame, signature.inputs.inputs)
    except (ValueError, TypeError):
        return None


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


def _learner_requires(learner: str) -> tuple[str, ...]:
    """Return what the module of a learner needs, beyond what every model does."""
    from modules.contract.specification import specification

    if not learner.startswith("modules."):
        return ()
    try:
        found = importlib.import_module(learner)
        return specification(getattr(found, learner.rpartition(".")[2])).requires
    except (ImportError, AttributeError, TypeError, ValueError):
        return ()
