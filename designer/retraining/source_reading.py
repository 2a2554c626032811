"""Reads the source of a loop: what it contains becomes a version of the loop's dataset."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.problem import ServingError
from designer.retraining.loop import Loop, Loops
from designer.retraining.sources import check_step, mark_of, read_pipeline
from designer.workspace import Workspace

if TYPE_CHECKING:
    from modules.contract import ModuleSpec


def refresh(loops: Loops, loop: Loop, specs: Mapping[str, ModuleSpec], now: float) -> Loop:
    """Make what the source contains now the latest version of the loop's dataset.

    Content that the latest version has already adds none.

    Returns
    -------
    Loop
        With the mark of what was read; it is stored.

    Raises
    ------
    ServingError
        If it can't be read, or changes meanwhile.
    """
    if not loop.source:
        return loop
    if loop.step:
        read: dict[str, Any] = {"read_at": now}
        _register_step(loops.workspace, loop, specs)
    else:
        read = {"mark": _register_file(loops.workspace, loop)}
    with loops.locked(loop.endpoint):
        if loop.endpoint in loops.names():
            loops.put(loops.get(loop.endpoint).model_copy(update=read))
    return loop.model_copy(update=read)


def _register_file(workspace: Workspace, loop: Loop) -> str:
    from designer.engine.preview import dataset_facts

    file = Path(loop.source)
    before, _ = mark_of(file)
    try:
        made = workspace.register_dataset(
            loop.dataset, file, description=str(file), table=dataset_facts(file)
        )
    except (ValueError, OSError) as error:
        raise ServingError(f"“{file}” can't be read: {error}", wrong_input=False) from error
    if mark_of(file)[0] != before:
        workspace.dataset_store.remove(f"{loop.dataset}@{made.version}")
        raise ServingError(
            f"“{file}” was changed while it was read.", "It is read again later.", wrong_input=False
        )
    return before


def _register_step(workspace: Workspace, loop: Loop, specs: Mapping[str, ModuleSpec]) -> None:
    from designer.engine import Engine
    from designer.retraining.held_rows import write_table
    from designer.retraining.training import run_failed
    from modules.contract import DataTable
    from modules.values.storage import load

    pipeline = read_pipeline(workspace, Path(loop.pipeline))
    check_step(pipeline, loop.step, specs)
    with Engine(workspace, specs) as engine:
        # The address is the same, and what is there is what matters.
        result = engine.run(pipeline, base=Path(loop.pipeline).parent, to=[loop.step], reuse=False)
    if result.status != "completed":
        raise run_failed("Reading the data failed", result)
    (output,) = result.nodes[loop.step].outputs.values()
    table = load(output.path)
    assert isinstance(table, DataTable)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{loop.step}.parquet"
        write_table(table.frame, file)
        columns = [[column.name, column.kind] for column in table.columns]
        facts = {"rows": len(table), "columns": columns}
        workspace.register_dataset(loop.dataset, file, description=loop.step, table=facts)
