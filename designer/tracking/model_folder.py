"""A trained model, or an inference pipeline, as a folder in MLflow's own form."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.packaging.environment import OURS, conda_programs
from designer.packaging.plug_ins import bundled_plug_ins, requirements_of_values
from designer.packaging.snapshot import write_snapshot
from designer.tracking.model_signature import fitting, signature_of
from designer.tracking.settings import TrackingError
from modules.contract import ModuleError
from modules.programs import distributions
from modules.scoring import EVERYTHING, Scorer
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd

LOADER = "modules.scoring.mlflow_model"
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
    """The content of a model for MLflow.

    Parameters
    ----------
    folder : Path
        A stored trained model or a scoring folder.
    example : pandas.DataFrame or None
        Made-up input rows.
    about : mapping of str to str
        Facts about the model: ``task``, ``label``, ``learner``, ``kind``.
    pipeline : Path or None
        The inference pipeline as a user edited it; its paths start beside the model.
    """

    folder: Path
    example: pd.DataFrame | None
    about: Mapping[str, str]
    requires: tuple[str, ...] = ()
    pipeline: Path | None = None


def trained_model(folder: Path) -> ModelContent:
    """Inspect a stored trained model.

    Raises
    ------
    TrackingError
        If there is none, or it can't be read.
    """
    from designer.engine.store.output_check import check_output
    from modules.values import storage

    try:
        check_output(folder)
        model = storage.load(folder)
    except ModuleError as error:
        raise TrackingError(error.message, error.hint, wrong_input=True) from None
    if not isinstance(model, TrainedModel):
        raise TrackingError(
            f"A {type(model).__name__} isn't a trained model.",
            "Choose a node that trains one.",
            wrong_input=True,
        )
    about = {
        "kind": "trained model",
        "task": model.task,
        "label": model.label or "",
        "learner": model.title,
        "classes": ", ".join(map(str, model.classes[:50])),
    }
    return ModelContent(folder, _example(model), about, requirements_of_values(folder))


def scoring_folder(folder: Path) -> ModelContent:
    """Inspect the folder of the user's own inference pipeline.

    Raises
    ------
    TrackingError
        If there is none, or it can't be read.
    """
    import pandas as pd

    try:
        scorer = Scorer(folder, allowed=EVERYTHING)
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
    requires = requirements_of_values(folder, scorer.modules)
    return ModelContent(folder, example, about, requires, pipeline if pipeline.is_file() else None)


def _example(model: TrainedModel) -> pd.DataFrame | None:
    """Return made-up rows of a model's features; None if it can't score them."""
    from modules.contract import DataTable
    from modules.requests.schema import RequestSchema
    from modules.requests.tables import table_of
    from modules.requests.values import RequestColumn
    from modules.scoring.examples import made_up_rows

    known = model.known_values
    schema = RequestSchema(
        tuple(
            RequestColumn(
                column.name,
                column.kind,
                values=tuple(known[column.name]) if known.get(column.name) else None,
            )
            for column in model.features
        )
    )
    rows = made_up_rows(schema, None)
    if not rows:
        return None
    frame = table_of(schema.read(rows), schema).frame
    try:
        model.score(DataTable(frame))
    except ModuleError:
        return None
    return frame


@contextlib.contextmanager
def written(content: ModelContent, requires: Iterable[str] = ()) -> Iterator[Path]:
    """Write a model in MLflow's form into a folder that is there during the block."""
    import mlflow.pyfunc

    scratch = Path(tempfile.mkdtemp(prefix="modeldesk-model-"))
    try:
        # The name becomes that of the folder inside the model.
        data = scratch / "model"
        shutil.copytree(content.folder, data)
        target, code = scratch / "mlflow", scratch / "code"
        needed = (*content.requires, *requires)
        write_snapshot(code, requires=needed)
        signature = signature_of(content.folder, content.example)
        mlflow.pyfunc.save_model(
            path=str(target),
            loader_module=LOADER,
            data_path=str(data),
            code_paths=[str(path) for path in sorted(code.iterdir())],
            conda_env=environment(needed),
            signature=signature,
            input_example=fitting(content.example, signature),
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
        Distributions beyond :data:`REQUIRED`; what isn't installed is left out. A plug-in, whose
        files are included, is replaced by its requirements.
    """
    from packaging.requirements import Requirement

    plug_ins = bundled_plug_ins(requires)
    asked = (*REQUIRED, *requires, *(each for plug_in in plug_ins for each in plug_in.requires))
    names = dict.fromkeys(Requirement(each).name for each in distributions(asked))
    travel = {OURS, *(plug_in.name for plug_in in plug_ins)}
    pins = []
    for name in names:
        if name in travel:
            continue
        with contextlib.suppress(metadata.PackageNotFoundError):
            # A version of this computer's own making, “2.3+cu118”, is on no index.
            pins.append(f"{name}=={metadata.version(name).partition('+')[0]}")
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "name": "modeldesk",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", *conda_programs(asked), "pip", {"pip": pins}],
    }
