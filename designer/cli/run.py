"""``designer run``: run the pipeline in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, modules_of, workspace_option
from designer.cli.output import print_json
from designer.cli.run_report import print_problems, print_summary, wait_for
from designer.cli.run_values import parameter_values, with_settings

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from designer.workspace import Workspace
    from modules.contract import ModuleSpec


@click.command(
    epilog=examples(
        "designer run prices.pipeline.json",
        "designer run prices.pipeline.json --to split_data",
        "designer run prices.pipeline.json --set split_data.fraction=0.8 --json",
        "designer run prices.pipeline.json --param rows=1000",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "settings",
    metavar="NODE.PARAM=VALUE",
    multiple=True,
    help="Set a parameter of a node for this run; may be repeated.",
)
@click.option(
    "--param",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="Give a pipeline parameter a value; may be repeated.",
)
@click.option(
    "--to",
    metavar="NODE",
    multiple=True,
    help="Run only this node and what it needs; may be repeated.",
)
@click.option("--no-reuse", is_flag=True, help="Run every step, even if its result is stored.")
@click.option(
    "--target",
    default="local",
    show_default=True,
    metavar="local|dask:ADDRESS",
    help="Where the steps run. A Dask cluster is not available in this version.",
)
@workspace_option
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    file: Path,
    settings: tuple[str, ...],
    values: tuple[str, ...],
    to: tuple[str, ...],
    no_reuse: bool,
    target: str,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Run the pipeline in FILE.

    Results are kept in the workspace, and what has not changed is not run again.
    The exit status is 0 if every step succeeded, 1 if one failed or the run was
    cancelled (Ctrl+C), 2 if the file or an option is wrong. What the steps do is
    told on the standard error stream, what came of them on the standard output.
    """
    _check_target(target)
    from designer.cli.run_progress import RunProgress
    from designer.engine import Engine
    from designer.pipeline.file import read
    from designer.workspace import Workspace

    pipeline = read(file)
    base = file.absolute().parent
    workspace = Workspace(folder)
    catalog = modules_of(workspace)
    pipeline = with_settings(pipeline, catalog, settings)
    parameters = parameter_values(pipeline, values)
    _check(pipeline, catalog, base, workspace, to, as_json)
    with Engine(workspace, catalog) as engine, RunProgress(pipeline) as progress:
        handle = engine.start(
            pipeline,
            base=base,
            to=to,
            parameters=parameters,
            reuse=not no_reuse,
            on_event=progress.take,
            source=file,
        )
        result = wait_for(handle)
    if as_json:
        print_json(result.to_json())
    else:
        print_summary(result)
    ctx.exit(0 if result.status == "completed" else 1)


def _check_target(target: str) -> None:
    if target == "local":
        return
    if target.startswith("dask:"):
        raise InputError(
            "Running on a Dask cluster is not available in this version.",
            "Leave --target out to run on this computer.",
        )
    raise InputError(f"“{target}” is not a target.", "Targets are local and dask:ADDRESS.")


def _check(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
    to: tuple[str, ...],
    as_json: bool,
) -> None:
    """End with status 2 if what is to run has errors."""
    from designer.pipeline.problem import near
    from designer.pipeline.validation import validate

    for node in to:
        if node not in pipeline.nodes:
            raise InputError(f"There is no node “{node}”.", near(node, pipeline.nodes, "nodes"))
    wanted = pipeline.ancestors(to) if to else set(pipeline.nodes)
    problems = [
        problem
        for problem in validate(pipeline, specs, base=base, datasets=list(workspace.datasets()))
        if problem.severity == "error" and (problem.node is None or problem.node in wanted)
    ]
    if not problems:
        return
    if as_json:
        print_json({"valid": False, "problems": [problem.to_json() for problem in problems]})
    print_problems(problems)
    raise click.exceptions.Exit(2)
