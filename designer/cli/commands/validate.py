"""``designer validate``: problems of a pipeline, found without running it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    datasets_for,
    examples,
    json_option,
    modules_of,
    workspace_option,
)
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.pipeline.problem import Problem

_COLORS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@click.command(
    epilog=examples(
        "designer validate prices.pipeline.json",
        "designer validate prices.pipeline.json --json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@json_option
@click.pass_context
def validate(ctx: click.Context, file: Path, folder: Path | None, as_json: bool) -> None:
    """Check the pipeline in FILE and list its problems.

    The exit status is 2 if there are errors; warnings and hints alone are fine.
    """
    from designer.pipeline.file import PipelineFileError

    try:
        problems = _problems(file, folder)
    except PipelineFileError as error:
        if not as_json:
            raise InputError(error.message, error.hint) from error
        from designer.pipeline.problem import Problem

        problems = [Problem("error", error.message, error.hint)]
    valid = all(problem.severity != "error" for problem in problems)
    if as_json:
        print_json({"valid": valid, "problems": [problem.to_json() for problem in problems]})
    else:
        _print(problems, file)
    ctx.exit(0 if valid else 2)


def _problems(file: Path, folder: Path | None) -> list[Problem]:
    from designer.pipeline.file import read
    from designer.pipeline.validation import validate as find_problems
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    pipeline = read(file, workspace.modules_folder)
    return find_problems(
        pipeline,
        modules_of(workspace),
        base=file.absolute().parent,
        datasets=datasets_for(pipeline, workspace),
    )


def _print(problems: list[Problem], file: Path) -> None:
    for problem in problems:
        severity = click.style(f"{problem.severity}:", fg=_COLORS[problem.severity], bold=True)
        target = ".".join(filter(None, (problem.node, problem.port or problem.parameter)))
        click.echo(f"{severity} {f'{target}: ' if target else ''}{problem.message}")
        if problem.hint:
            click.echo(f"    {problem.hint}")
    counts: Counter[str] = Counter(problem.severity for problem in problems)
    parts = [
        f"{counts[severity]} {severity}{'s' if counts[severity] > 1 else ''}"
        for severity in _COLORS
        if counts[severity]
    ]
    ending = "can't run" if counts["error"] else "is valid"
    click.echo(f"“{file.name}” {ending}{': ' if parts else ''}{', '.join(parts)}.")
