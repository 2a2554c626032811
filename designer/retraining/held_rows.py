"""The rows that no model is trained on: the same ones in every version of the data.

Whether a row is held depends on its values alone. So a row of the held ones is still held when the
next version of the dataset has it too, and champion and challenger are both measured on rows that
neither has seen. Equal rows are held together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.problem import ServingError, serving_error
from designer.pipeline.own_modules import DATASET
from designer.records import DamagedRecordError
from designer.retraining.loop import Loop, Loops
from designer.retraining.sources import reading_steps
from designer.workspace import DATASET_PREFIX, Workspace

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec

LEAST_ROWS = 30
"""Held rows below which nothing is decided."""

TRAINING, HELD = "training.parquet", "held.parquet"

_PARTS = 1_000_000


@dataclass(frozen=True)
class SplitData:
    """Data of a round, in two files.

    Parameters
    ----------
    notes : tuple of str
        Sentences about the held rows, for the record of the round.
    """

    training: Path
    held: Path
    training_rows: int
    held_rows: int
    notes: tuple[str, ...]


def reading_nodes(pipeline: Pipeline, loop: Loop, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the nodes that read a loop's source, or the latest version of its dataset.

    Raises
    ------
    ServingError
        If there are none.
    """
    if loop.source:
        return reading_steps(pipeline, loop, specs)
    dataset = loop.dataset
    found = [
        id
        for id, node in pipeline.nodes.items()
        if node.module == DATASET and node.parameters.get("path") == f"{DATASET_PREFIX}{dataset}"
    ]
    if not found:
        raise ServingError(
            f"The pipeline doesn't read the latest version of the dataset “{dataset}”.",
            f"Set the file of its Dataset module to {DATASET_PREFIX}{dataset}.",
        )
    return found


def split(
    loops: Loops,
    loop: Loop,
    data: Path,
    parameters: Mapping[str, Any],
    specs: Mapping[str, ModuleSpec],
    folder: Path,
    champion: int,
) -> SplitData:
    """Write the rows for training and the held rows of a version of the dataset.

    Parameters
    ----------
    data : Path
        The version's file.
    parameters : mapping
        Parameters of the node that reads it.
    folder : Path
        Gets the files.
    champion : int
        The version of the endpoint whose training rows aren't compared.

    Raises
    ------
    ServingError
        If it isn't a table, or has too few rows.
    """
    import numpy as np

    frame = _read(specs, data, parameters)
    for column in filter(None, (loop.label, loop.group)):
        if column not in frame:
            raise ServingError(
                f"The dataset “{loop.dataset}” has no column “{column}”.",
                "Switch the loop on again with a column that it has.",
            )
    keys = row_keys(frame)
    is_held = keys % _PARTS < loop.held * _PARTS
    compared, notes = is_held, []
    seen = _seen_by(loops, loop, champion, specs)
    if seen is None:
        notes.append("What the champion was trained on isn't known; it may include held rows.")
    else:
        unseen = is_held & ~np.isin(keys, seen)
        known, rest = int(is_held.sum() - unseen.sum()), int(unseen.sum())
        if rest >= LEAST_ROWS:
            compared = unseen
        if known:
            notes.append(
                f"The champion was trained on {known:,} of {known + rest:,} held rows, "
                + ("which weren't compared." if compared is unseen else "which favors it.")
            )
    count = int(compared.sum())
    if count < LEAST_ROWS:
        raise ServingError(
            f"Only {count} rows could be held; a decision needs {LEAST_ROWS}.",
            "Register more rows, or hold a larger share.",
        )
    training, held = folder / TRAINING, folder / HELD
    write_table(frame[~is_held], training)
    write_table(frame[compared], held)
    return SplitData(training, held, int((~is_held).sum()), count, tuple(notes))


def row_keys(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """Return a number for each row that depends on its values and the names of the columns.

    Integers and Booleans count as the equal number, whatever type a version of the data has.
    """
    import numpy as np
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    plain: dict[str, Any] = {}
    for name in sorted(frame.columns):
        values = frame[name]
        if is_numeric_dtype(values.dtype) or is_bool_dtype(values.dtype):
            plain[name] = values.astype("float64")
        else:
            plain[name] = values.astype("str")
    keys = pd.util.hash_pandas_object(pd.DataFrame(plain), index=False)
    return np.asarray(keys, dtype=np.uint64)


def write_table(frame: pd.DataFrame, file: Path) -> None:
    """Write a table with its types, as Parquet."""
    import pyarrow.parquet as pq

    from modules.contract.arrow_conversion import to_arrow

    pq.write_table(to_arrow(frame.reset_index(drop=True)), file)


def _seen_by(
    loops: Loops, loop: Loop, champion: int, specs: Mapping[str, ModuleSpec]
) -> npt.NDArray[np.uint64] | None:
    """Return the keys of the rows that a version was trained on; None if they aren't known."""
    for round in loops.rounds(loop.endpoint):
        training = loops.round_folder(loop.endpoint, round.number) / TRAINING
        if round.version == champion and training.is_file():
            return row_keys(_read(specs, training, {}))
    found = _trained_on(loops.workspace, loops.records.about(loop.endpoint, champion), loop)
    return None if found is None else row_keys(_read(specs, *found))


def _trained_on(
    workspace: Workspace, about: Mapping[str, Any], loop: Loop
) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the version of the dataset that a run read, and how; None if that isn't known."""
    from designer.engine.results import read_pipeline, read_record

    run = about.get("run")
    if not run:
        return None
    if loop.source:
        return _same_content(workspace, str(run), loop)
    try:
        pipeline = read_pipeline(workspace.run_folder(run))
        for key, found in read_record(workspace, run).get("datasets", {}).items():
            if found["name"] == loop.dataset:
                path = workspace.dataset(f"{found['name']}@{found['version']}")
                return path, pipeline.nodes[key.rpartition(".")[0]].parameters
    except (DamagedRecordError, KeyError, OSError, ValueError):
        return None
    return None


def _same_content(
    workspace: Workspace, run: str, loop: Loop
) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the version of a loop's own dataset with the content that a run has read."""
    from designer.tracking.recording import mark_of

    read = {str(each.get("hash")) for each in (mark_of(workspace, run).get("data") or {}).values()}
    try:
        for version in workspace.dataset_store.versions(loop.dataset):
            if version.hash in read:
                return workspace.dataset_store.path(version), {}
    except KeyError:
        return None
    return None


def _read(
    specs: Mapping[str, ModuleSpec], path: Path, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    from modules.contract import ModuleError

    try:
        (table,) = specs[DATASET](**{**parameters, "path": str(path)})
    except ModuleError as error:
        raise serving_error(error) from error
    frame: pd.DataFrame = table.frame
    return frame
