"""``designer run``: run the pipeline in a file."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    datasets_for,
    examples,
    json_option,
    modules_of,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.run_report import ProblemsError, print_summary, run_to_end
from designer.cli.run_values import nodes_until, parameters_option, texts_of, until_option
from designer.run_values import parameter_values, with_settings

if TYPE_CHECKING:
    from designer.engine.run_handle import RunHandle
    from designer.pipeline.model import Pipeline
    from designer.pipeline.problem import Problem
    from designer.workspace import Workspace
    from modules.contract import ModuleSpec


@click.command(
    epilog=examples(
        "designer run prices.pipeline.json",
        "designer run prices.pipeline.json --until split_data",
        "designer run prices.pipeline.json --set split_data.fraction=0.8 --json",
        "designer run prices.pipeline.json --param rows=1000",
        "designer run prices.pipeline.json --target dask:tcp://10.0.0.5:8786",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "settings",
    metavar="NODE.PARAM=VALUE",
    multiple=True,
    help="Parameter of a node to set for this run. Can be repeated.",
)
@parameters_option
@until_option
@click.option("--no-reuse", is_flag=True, help="Run every step, even if its result is stored.")
@click.option(
    "--target",
    default="local",
    show_default=True,
    metavar="local|dask:ADDRESS",
    help="Where the steps run: on this computer, or on the workers of a Dask scheduler, which "
    "must see the workspace and the pipeline's folder under the same paths.",
)
@click.option(
    "--memory-limit",
    type=click.FloatRange(min=0.1),
    metavar="GB",
    help="Memory that each step may use, in GB. Default: the setting of the workspace, or 80 % "
    "of the memory of the computer that runs it.",
)
@workspace_option
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    file: Path,
    settings: tuple[str, ...],
    given: tuple[str, ...],
    until: tuple[str, ...],
    no_reuse: bool,
    target: str,
    memory_limit: float | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Run the pipeline in FILE.

    Results are kept in the workspace, and steps that haven't changed aren't run again.
    The exit status is 0 if every step succeeded, 1 if one failed or the run was
    cancelled (Ctrl+C), and 2 if the file or an option is wrong. Progress goes to
    stderr, results to stdout.
    """
    cluster = _cluster(target)
    if cluster is None:
        from designer.engine.executors.forking import prepare

        # Start this first: it continues while this process imports what it needs. If it fails,
        # whatever is in the way is reported where it matters.
        with contextlib.suppress(OSError):
            prepare()
    from designer.cli.run_progress import RunProgress
    from designer.engine import Engine
    from designer.engine.executors.cluster import ClusterError
    from designer.pipeline.file import read
    from designer.tracking.trigger import record_runs
    from designer.workspace import Workspace

    pipeline = read(file, Workspace(folder).modules_folder)
    base = file.absolute().parent
    workspace = readable_workspace(folder, "")
    catalog = modules_of(workspace)
    pipeline, wrong = with_settings(pipeline, catalog, settings)
    parameters, unfit = parameter_values(pipeline, texts_of(given))
    nodes, unknown = nodes_until(pipeline, until)
    _check(pipeline, catalog, base, workspace, nodes, [*wrong, *unfit, *unknown])
    limit = None if memory_limit is None else int(memory_limit * 1e9)
    with (
        Engine(workspace, catalog, cluster=cluster, memory_limit=limit) as engine,
        RunProgress(pipeline) as progress,
    ):
        record_runs(engine)

        def start() -> RunHandle:
            return engine.start(
                pipeline,
                base=base,
                to=nodes,
                parameters=parameters,
                reuse=not no_reuse,
                on_event=progress.take,
                source=file,
            )

        try:
            result = run_to_end(start)
        except ClusterError as error:
            raise InputError(str(error), error.hint) from None
    if as_json:
        print_json(result.to_json())
    else:
        print_summary(result)
    ctx.exit(0 if result.status == "completed" else 1)


def _cluster(target: str) -> str | None:
    """Return the address of the scheduler that a target names."""
    kind, _, address = target.partition(":")
    if target == "local":
        return None
    if kind == "dask" and address:
        return address
    raise InputError(f"“{target}” isn't a compute target.", "Use local or dask:ADDRESS.")


def _check(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
    nodes: list[str],
    given: list[Problem],
) -> None:
    """End with status 2 if the values given for the run or what is to run have errors."""
    from designer.pipeline.validation import validate

    problems = list(given)
    wanted = pipeline.ancestors(nodes) if nodes else set(pipeline.nodes)
    datasets = datasets_for(pipeline, workspace)
    # A wrong value is reported once.
    reported = {(problem.node, problem.parameter) for problem in given if problem.parameter}
    problems += (
        problem
        for problem in validate(pipeline, specs, base=base, datasets=datasets)
        if problem.severity == "error"
        and (problem.node is None or problem.node in wanted)
        and (problem.node, problem.parameter) not in reported
    )
    if problems:
        raise ProblemsError(problems)
