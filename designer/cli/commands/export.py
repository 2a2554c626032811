"""``designer export``: a pipeline as code."""

from __future__ import annotations

from pathlib import Path

import click

from designer.cli.errors import InputError
from designer.cli.listing import datasets_for, examples, modules_of, workspace_option
from designer.cli.run_report import print_problems


class _ExportCommand(click.Command):
    """A command that knows the targets, found when they are needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, the target after the file."""
        from designer.export import TARGETS

        target = click.Option(
            ["--to", "target"],
            type=click.Choice(list(TARGETS)),
            required=True,
            help="Kind of code to write.",
        )
        file, *rest = super().get_params(ctx)
        return [file, target, *rest]


@click.command(
    cls=_ExportCommand,
    epilog=examples(
        "designer export prices.pipeline.json --to python -o prices.py",
        "designer export prices.pipeline.json --to python -o prices.py --with-layout",
        "designer export prices.pipeline.json --to notebook -o prices.ipynb",
        "designer export prices.pipeline.json --to sklearn -o prices.py",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write; an existing one is replaced.",
)
@click.option(
    "--with-layout",
    is_flag=True,
    help="Add the id and position of each card in trailing comments.",
)
@click.option(
    "--with-results/--without-results",
    default=None,
    help="Add code that writes the results as files. Default: only in scripts, as their option "
    "--results.",
)
@workspace_option
def export(
    file: Path,
    target: str,
    output: Path,
    with_layout: bool,
    with_results: bool | None,
    folder: Path | None,
) -> None:
    """Export the pipeline in FILE as code that gives the same results.

    A script prints the metrics, and pipeline parameters are options of its command line. A
    notebook shows tables and charts; its cells have the results of the last run that still
    belong to the pipeline. Both need the modules package and its libraries, not the rest of
    ModelDesk; a script for scikit-learn alone (sklearn) doesn't need ModelDesk at all.
    The exit status is 2 if the pipeline or an option is wrong; then nothing is written.
    """
    from designer.engine.results import stored_outputs
    from designer.export import TARGETS, ExportError
    from designer.pipeline.file import read
    from designer.workspace import Workspace

    workspace, kind = Workspace(folder), TARGETS[target]
    pipeline = read(file, workspace.modules_folder)
    if output.exists() and output.samefile(file):
        raise InputError("The code would overwrite the pipeline.", "Choose another -o.")
    specs = modules_of(workspace)
    try:
        script = kind.script(
            pipeline,
            specs,
            file=file,
            folder=output.absolute().parent,
            workspace=workspace,
            datasets=datasets_for(pipeline, workspace),
            with_layout=with_layout,
            with_results=kind.writes_results if with_results is None else with_results,
        )
    except ExportError as error:
        print_problems(error.problems)
        raise click.exceptions.Exit(2) from None
    results = {}
    if kind.fill is not None:
        results = stored_outputs(workspace, pipeline, file, specs)
    text = kind.content(script, results)
    try:
        output.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"“{output}” can't be written: {error.strerror}.") from None
    for problem in script.warnings:
        click.secho(f"Warning: {problem.message}", fg="yellow", err=True)
        click.secho(f"    {problem.hint}", err=True) if problem.hint else None
    click.echo(f"“{output}” contains the pipeline. {kind.next_step.format(output)}")
