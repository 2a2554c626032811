"""``designer export``: a pipeline as Python code."""

from __future__ import annotations

from pathlib import Path

import click

from designer.cli.errors import InputError
from designer.cli.listing import datasets_for, examples, modules_of, workspace_option
from designer.cli.run_report import print_problems


@click.command(
    epilog=examples(
        "designer export prices.pipeline.json --to python -o prices.py",
        "designer export prices.pipeline.json --to python -o prices.py --with-layout",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Choice(["python"]),
    required=True,
    help="Kind of code to write.",
)
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
@workspace_option
def export(file: Path, target: str, output: Path, with_layout: bool, folder: Path | None) -> None:
    """Export the pipeline in FILE as code that gives the same results.

    The script needs the modules package and its libraries, not the rest of ModelDesk. Pipeline
    parameters are options of its command line; it prints the metrics, and writes the results
    with --results FOLDER.
    The exit status is 2 if the pipeline or an option is wrong; then nothing is written.
    """
    from designer.export import ExportError, python_script
    from designer.pipeline.file import read
    from designer.workspace import Workspace

    pipeline = read(file)
    if output.exists() and output.samefile(file):
        raise InputError("The script would overwrite the pipeline.", "Choose another -o.")
    workspace = Workspace(folder)
    try:
        script = python_script(
            pipeline,
            modules_of(workspace),
            file=file,
            folder=output.absolute().parent,
            workspace=workspace,
            datasets=datasets_for(pipeline, workspace),
            with_layout=with_layout,
        )
    except ExportError as error:
        print_problems(error.problems)
        raise click.exceptions.Exit(2) from None
    try:
        output.write_text(script.text, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"“{output}” can't be written: {error.strerror}.") from None
    for problem in script.warnings:
        click.secho(f"Warning: {problem.message}", fg="yellow", err=True)
        click.secho(f"    {problem.hint}", err=True) if problem.hint else None
    click.echo(f"“{output}” contains the pipeline. Run it: python {output} --results results")
