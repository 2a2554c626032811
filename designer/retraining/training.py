"""Trains and packs the challenger of a round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from designer.deployment.deploying import pack
from designer.deployment.problem import ServingError
from designer.retraining.loop import Loop
from designer.retraining.sources import from_file
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.results import RunResult
    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec

PACKAGE = "package"
"""The challenger's scoring package in the folder of its round."""


@dataclass(frozen=True)
class Challenger:
    """A challenger that was trained.

    Parameters
    ----------
    run : str
        The id of its run.
    label : str
        The column that it predicts.
    allowed : tuple of str
        Effects that its package may have.
    """

    run: str
    label: str
    allowed: tuple[str, ...]


def train(
    workspace: Workspace,
    loop: Loop,
    pipeline: Pipeline,
    nodes: list[str],
    data: Path,
    folder: Path,
    specs: Mapping[str, ModuleSpec],
    on_step: Callable[[str], object],
) -> Challenger:
    """Run a training pipeline on the rows for training, and write its scoring package.

    Parameters
    ----------
    nodes : list of str
        Those that read the dataset; they read ``data`` instead.
    folder : Path
        The folder of the round.
    on_step : callable
        Receives what begins.

    Raises
    ------
    ServingError
        If a step fails, or the pipeline can't be served.
    """
    from designer.engine import Engine
    from designer.pipeline.file import write
    from designer.pipeline.parameters import UNSET, set_parameter
    from designer.tracking.trigger import record_runs

    for node in nodes:
        for name in pipeline.nodes[node].parameters.keys() - {"path"}:
            # The file was read with them, and written again with its types.
            pipeline = set_parameter(pipeline, node, name, UNSET)
        pipeline = set_parameter(from_file(pipeline, node, specs), node, "path", str(data))
    source = folder / Path(loop.pipeline).name
    write(pipeline, source)
    on_step("Training the challenger")
    with Engine(workspace, specs) as engine:
        record_runs(engine)
        result = engine.run(pipeline, base=Path(loop.pipeline).parent, source=source)
    if result.status != "completed":
        raise run_failed("Training failed", result)
    on_step("Packing the challenger")
    packed = pack(workspace, source, folder / PACKAGE, loop.endpoint)
    label = loop.label or _label(result)
    return Challenger(packed.run, label, tuple(sorted(packed.package.allowed)))


def run_failed(what: str, result: RunResult) -> ServingError:
    """Return why a run has no result, with the step that failed."""
    for node, each in result.nodes.items():
        if each.status == "failed" and each.error:
            hint = str(each.error.get("hint") or "")
            return ServingError(
                f"{what} in “{node}”: {each.error['message']}", hint, wrong_input=False
            )
    reason = result.error or "The run was canceled."
    return ServingError(f"{what}: {reason}", wrong_input=False)


def _label(result: RunResult) -> str:
    """Return the column that the trained model predicts."""
    from modules.values import TrainedModel
    from modules.values.storage import load

    found = []
    for node in result.nodes.values():
        for output in node.outputs.values():
            if output.type == TrainedModel.port_type.name:
                model = load(output.path)
                found += [model.label] if isinstance(model, TrainedModel) and model.label else []
    if len(set(found)) != 1:
        what = "several labels" if found else "no label"
        raise ServingError(
            f"The models of the pipeline predict {what}.", "Name the column: --label COLUMN."
        )
    return str(found[0])
