"""``designer inference``: the inference pipeline of the last run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    examples,
    json_option,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from designer.workspace import Workspace


@click.command(
    epilog=examples(
        "designer inference prices.pipeline.json -o live.pipeline.json",
        "designer inference prices.pipeline.json -o live.pipeline.json --update",
        "designer inference prices.pipeline.json --kind batch -o b.pipeline.json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["real-time", "batch"]),
    default="real-time",
    show_default=True,
    help="Whether requests or a whole dataset are scored.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Inference pipeline file to write; models are stored in a folder beside it.",
)
@click.option(
    "--score",
    "scores",
    metavar="NODE",
    multiple=True,
    help="Include only this scoring step. Can be repeated.",
)
@click.option(
    "--update",
    "is_update",
    is_flag=True,
    help="Update the existing OUTPUT from the last run; your edits in it are kept.",
)
@workspace_option
@json_option
def inference(
    file: Path,
    kind: str,
    target: Path,
    scores: tuple[str, ...],
    is_update: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Create the inference pipeline of the last run of the pipeline in FILE.

    The trained model replaces the training, fitted transformations are applied
    unchanged, and rows come from requests. The replacements and their reasons are printed.
    """
    from designer.engine.results import base_of
    from designer.inference.conversion_job import make_inference
    from designer.pipeline.file import dumps, loads, read, write
    from designer.workspace import Workspace

    now = read(file, Workspace(folder).modules_folder)
    workspace = readable_workspace(folder, "runs")
    run, ran = _last_run(workspace, file)
    if target.exists() and os.path.samefile(target, file):
        raise InputError("The inference pipeline would overwrite the training pipeline.")
    if is_update and not target.exists():
        raise InputError(f"There is no file “{target}” to update.", "Omit --update.")
    if target.exists() and not is_update:
        raise InputError(
            f"“{target}” already exists.", "Use --update to update it, or choose another -o."
        )
    made = make_inference(
        {
            "pipeline": dumps(ran),
            "run": run,
            "base": str(base_of(run)),
            "values": str(values_folder(target)),
            "target": str(target.absolute().parent),
            "kind": kind,
            "scores": scores,
            "source": os.path.relpath(file.absolute(), target.absolute().parent)
            if file.absolute().anchor == target.absolute().anchor
            else str(file.absolute()),
            "modules": list(map(str, workspace.own_modules)),
            "inference": dumps(read(target, workspace.modules_folder)) if is_update else None,
        }
    )
    if "error" in made:
        raise InputError(made["error"]["message"], made["error"]["hint"])
    pipeline = loads(made["pipeline"])
    write(pipeline, target)
    messages = list(made["messages"])
    if _differ(now, ran):
        messages.append(
            "The pipeline has changed since that run; the inference pipeline is from the "
            "version that ran."
        )
    if as_json:
        print_json({"file": str(target), "run": run["run"], "messages": messages} | _ends(pipeline))
        return
    for text in messages:
        click.echo(f"- {text}")
    click.echo(f"The inference pipeline of run {run['run']} is in “{target}”.")


def values_folder(file: Path) -> Path:
    """Return the folder beside an inference pipeline's file that keeps its values."""
    from designer.pipeline.file import SUFFIX

    return file.absolute().parent / f"{file.name.removesuffix(SUFFIX)}.values"


def _last_run(workspace: Workspace, file: Path) -> tuple[dict[str, Any], Pipeline]:
    from designer.engine.results import read_pipeline, read_record

    run = workspace.latest_run(file)
    if run is None:
        raise InputError(f"“{file.name}” hasn't been run yet.", f"Run it: designer run {file}")
    return read_record(workspace, run), read_pipeline(workspace.run_folder(run))


def _differ(one: Pipeline, two: Pipeline) -> bool:
    """Return whether two pipelines would run differently."""

    def meaning(pipeline: Pipeline) -> Any:
        nodes = {
            name: (node.module, node.version, dict(node.parameters), node.disabled)
            for name, node in pipeline.nodes.items()
        }
        return nodes, set(pipeline.links), dict(pipeline.parameters)

    return bool(meaning(one) != meaning(two))


def _ends(pipeline: Pipeline) -> dict[str, list[str]]:
    from designer.pipeline.own_modules import WEB_SERVICE, WEB_SERVICE_INPUT

    ends: dict[str, list[str]] = {"inputs": [], "outputs": []}
    for node in pipeline.nodes.values():
        if node.module in WEB_SERVICE:
            kind = "inputs" if node.module == WEB_SERVICE_INPUT else "outputs"
            default = "input1" if kind == "inputs" else "output1"
            ends[kind].append(str(node.parameters.get("name", default)))
    return {kind: sorted(names) for kind, names in ends.items()}
