"""``designer run``: run the pipeline in a file."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.engine import RunHandle, RunResult
    from designer.pipeline.model import Pipeline
    from designer.workspace import Workspace
    from modules.contract import ModuleSpec


@click.command()
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
    help="Where the steps run.",
)
@click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder to use.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
    cancelled, 2 if the file or an option is wrong.
    """
    _check_target(target)
    from designer.catalog import load_catalog
    from designer.cli.run_progress import RunProgress
    from designer.engine import Engine
    from designer.pipeline.file import read
    from designer.workspace import Workspace

    pipeline = read(file)
    base = file.absolute().parent
    workspace = Workspace(folder)
    catalog = load_catalog(_own_modules(workspace))
    for problem in catalog.problems:
        click.secho(f"A module can't be loaded. {problem}", fg="yellow", err=True)
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
        result = _wait(handle)
    if as_json:
        print_json(result.to_json())
    else:
        _print_summary(result)
    ctx.exit(0 if result.status == "completed" else 1)


def with_settings(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], settings: tuple[str, ...]
) -> Pipeline:
    """Return a pipeline with parameters of nodes set from ``NODE.PARAM=VALUE`` texts.

    Raises
    ------
    InputError
        If one is not of this form, or names what there is not.
    """
    from designer.pipeline.parameters import set_parameter
    from designer.pipeline.problem import near
    from modules.step import parse_value

    for setting in settings:
        place, equals, text = setting.partition("=")
        node_id, dot, name = place.rpartition(".")
        if not equals or not dot:
            raise InputError(f"--set takes NODE.PARAM=VALUE, not “{setting}”.")
        node = pipeline.nodes.get(node_id)
        if node is None:
            raise InputError(
                f"There is no node “{node_id}” to set.", near(node_id, pipeline.nodes, "nodes")
            )
        spec = specs.get(node.module)
        if spec is None:
            raise InputError(f"The module “{node.module}” of “{node_id}” is not installed.")
        parameter = spec.parameter_by_name.get(name)
        if parameter is None:
            known = near(name, spec.parameter_by_name, "parameters")
            raise InputError(f"“{node_id}” has no parameter “{name}”.", known)
        value = parse_value(text, parameter.kind)
        if parameter.optional and text == "null":
            value = None
        try:
            parameter.read(value)
        except ValueError as error:
            raise InputError(f"“{node_id}”: {error}") from None
        stored = {"$secret": value} if parameter.kind == "secret" else value
        pipeline = set_parameter(pipeline, node_id, name, stored)
    return pipeline


def parameter_values(pipeline: Pipeline, values: tuple[str, ...]) -> dict[str, Any]:
    """Return values of pipeline parameters from ``NAME=VALUE`` texts.

    Raises
    ------
    InputError
        If one is not of this form, names no parameter or has a value of another type.
    """
    from designer.pipeline.problem import near
    from modules.step import parse_value

    allowed: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "text": (str,),
    }
    parameters = {}
    for setting in values:
        name, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"--param takes NAME=VALUE, not “{setting}”.")
        parameter = pipeline.parameters.get(name)
        if parameter is None:
            known = near(name, pipeline.parameters, "pipeline parameters")
            raise InputError(f"The pipeline has no parameter “{name}”.", known)
        value = parse_value(text, parameter.type)
        kinds = allowed.get(parameter.type, (object,))
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(
                f"The pipeline parameter “{name}” is of type {parameter.type}; “{text}” is not."
            )
        parameters[name] = value
    return parameters


def _check_target(target: str) -> None:
    if target == "local":
        return
    if target.startswith("dask:"):
        raise InputError(
            "Running on a Dask cluster is not available in this version.",
            "Leave --target out to run on this computer.",
        )
    raise InputError(f"“{target}” is not a target.", "Targets are local and dask:ADDRESS.")


def _own_modules(workspace: Workspace) -> Path | None:
    """Return the folder of the person's own modules, if there is one."""
    folder = workspace.folder / "modules"
    return folder if folder.is_dir() else None


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
    for problem in problems:
        place = ".".join(filter(None, (problem.node, problem.port or problem.parameter)))
        click.echo(f"Error: {f'{place}: ' if place else ''}{problem.message}", err=True)
        if problem.hint:
            click.echo(f"    {problem.hint}", err=True)
    raise click.exceptions.Exit(2)


def _wait(handle: RunHandle) -> RunResult:
    """Wait for the end of a run; an interrupt cancels it."""
    with _interrupts_cancel(handle):
        while (result := handle.wait(0.5)) is None:
            pass
    return result


@contextlib.contextmanager
def _interrupts_cancel(handle: RunHandle) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: handle.cancel())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_summary(result: RunResult) -> None:
    counts: dict[str, int] = {}
    for node in result.nodes.values():
        counts[node.status] = counts.get(node.status, 0) + 1
    parts = ", ".join(f"{count} {status}" for status, count in counts.items())
    click.echo(f"Run {result.id} {result.status} in {result.seconds:.1f} s: {parts or 'no steps'}.")
    for node_id, metrics in result.metrics.items():
        click.echo(f"{node_id}:")
        width = max(len(name) for name in metrics) if metrics else 0
        for name, value in metrics.items():
            shown = "undefined" if value is None else f"{value:.6g}"
            click.echo(f"  {name:<{width}}  {shown}")
