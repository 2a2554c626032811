"""Data of a loop that no one registers: a file, or a step that reads a database or a folder.

Each new content becomes a version of a dataset of the loop, so that rounds, held rows, and lineage
are those of registered data.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from designer.dataset_record import split_reference
from designer.deployment.problem import ServingError
from designer.paths import absolute_path
from designer.pipeline.own_modules import DATASET
from designer.retraining.loop import STEP, Loop
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec

SETTLED = 10.0
"""Seconds without a change after which a file counts as written completely."""


def data_named(workspace: Workspace, endpoint: str, pipeline: Path, text: str) -> dict[str, str]:
    """Return the fields of a loop for what its data was called.

    Parameters
    ----------
    text : str
        A registered dataset, a file, or a step of the pipeline.

    Raises
    ------
    ServingError
        If the pipeline can't be read.
    """
    if split_reference(text)[0] in workspace.dataset_store.names():
        return {"dataset": text}
    own = own_dataset(endpoint)
    file = Path(text).expanduser().absolute()
    if file.exists():
        return {"dataset": own, "source": str(file)}
    if text in read_pipeline(workspace, pipeline).nodes:
        return {"dataset": own, "source": f"{STEP}{text}"}
    return {"dataset": text}


def own_dataset(endpoint: str) -> str:
    """Return the dataset whose versions are made of the source of an endpoint's loop."""
    return f"{endpoint} data"


def source_named(text: str, base: Path) -> str:
    """Return the source that a user has written, a file or a step; looks at nothing.

    Parameters
    ----------
    base : Path
        The folder of the pipeline, where files are looked for.
    """
    if text.isidentifier():
        return f"{STEP}{text}"
    return str(absolute_path(text, base)) if text else ""


def reading_steps(pipeline: Pipeline, loop: Loop, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the nodes that read the source of a loop.

    Raises
    ------
    ServingError
        If there are none, or the source can't be one.
    """
    if loop.step:
        check_step(pipeline, loop.step, specs)
        return [loop.step]
    file, base = Path(loop.source), Path(loop.pipeline).parent
    found = []
    for id, node in pipeline.nodes.items():
        path = node.parameters.get("path")
        if node.module == DATASET and isinstance(path, str) and absolute_path(path, base) == file:
            found.append(id)
    if not found:
        raise ServingError(
            f"The pipeline doesn't read “{file}”.",
            "Choose a file that one of its Dataset modules reads.",
        )
    if not file.is_file():
        raise ServingError(f"“{file}” isn't a file.", "Choose the file with the training data.")
    return found


def is_due(loop: Loop, now: float) -> str:
    """Return a mark of what may have new data; empty if nothing has. Quick.

    Parameters
    ----------
    now : float
        Seconds since 1970.

    Raises
    ------
    ServingError
        If the file is gone.
    """
    if loop.step:
        hours = (now - loop.read_at) / 3600
        return f"{loop.read_at:.0f}" if not 0 <= hours < loop.read_hours else ""
    if not loop.source:
        return ""
    mark, changed = mark_of(Path(loop.source))
    # Its time of change can't be set, as that of modification can. One in the future counts.
    return mark if mark != loop.mark and not 0 <= time.time() - changed < SETTLED else ""


def from_file(pipeline: Pipeline, node: str, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    """Return a pipeline in which a step is a Dataset, with the same id and links."""
    from designer.pipeline import edits
    from designer.pipeline.model import Endpoint

    if pipeline.nodes[node].module == DATASET:
        return pipeline
    targets = [link.target for link in pipeline.links if link.source.node == node]
    made = edits.remove(pipeline, [node])
    made, _ = edits.add_node(made, DATASET, node_id=node)
    output = specs[DATASET].outputs[0].name
    for target in targets:
        made = edits.connect(made, Endpoint(node, output), target)
    return made


def check_step(pipeline: Pipeline, step: str, specs: Mapping[str, ModuleSpec]) -> None:
    """Check that a step reads data: it has no inputs, and one table.

    Raises
    ------
    ServingError
        If it doesn't.
    """
    from modules.contract import DataTable

    node = pipeline.nodes.get(step)
    if node is None:
        raise ServingError(f"The pipeline has no step “{step}”.", "Choose one that reads the data.")
    spec = specs.get(node.module)
    tables = [port for port in spec.outputs if port.types == (DataTable,)] if spec else []
    if pipeline.inputs_of(step) or spec is None or len(tables) != len(spec.outputs) or not tables:
        raise ServingError(
            f"“{step}” doesn't read the data.", "Choose a step that has no inputs and one table."
        )


def read_pipeline(workspace: Workspace, file: Path) -> Pipeline:
    """Return the pipeline in a file.

    Raises
    ------
    ServingError
        If it can't be read.
    """
    from designer.pipeline.file import PipelineFileError, read

    try:
        return read(file, workspace.modules_folder)
    except PipelineFileError as error:
        raise ServingError(error.message, error.hint) from error


def mark_of(file: Path) -> tuple[str, float]:
    """Return a mark of a file, and when it was changed, in seconds since 1970.

    Raises
    ------
    ServingError
        If it is gone.
    """
    try:
        found = file.stat()
    except OSError as error:
        raise ServingError(
            f"“{file}” can't be read: {error.strerror}.", "Restore it, or switch retraining off."
        ) from None
    mark = f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
    return mark, max(found.st_mtime, found.st_ctime)
