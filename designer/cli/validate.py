"""``designer validate``: what is wrong with a pipeline, without running it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.pipeline import Pipeline
    from designer.pipeline.problem import Problem

_COLORS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def validate(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Say everything that is wrong with the pipeline in FILE.

    The exit status is 2 if there are errors; warnings and hints alone are fine.
    """
    from designer.pipeline.file import PipelineFileError

    try:
        problems = _problems(file)
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


def _problems(file: Path) -> list[Problem]:
    from designer.catalog import load_catalog
    from designer.pipeline.file import read
    from designer.pipeline.validation import validate as find_problems

    pipeline = read(file)
    catalog = load_catalog()
    for problem in catalog.problems:
        click.secho(f"A module can't be loaded. {problem}", fg="yellow", err=True)
    return find_problems(
        pipeline, catalog, base=file.absolute().parent, datasets=_registered(pipeline)
    )


def _registered(pipeline: Pipeline) -> set[str] | None:
    """Return the names of the registered datasets, where the pipeline uses any."""
    if not any(value.startswith("dataset:") for value in _texts(pipeline)):
        return None
    from designer.workspace import Workspace

    return set(Workspace().datasets())


def _texts(pipeline: Pipeline) -> Iterator[str]:
    values: list[Any] = [parameter.default for parameter in pipeline.parameters.values()]
    for node in pipeline.nodes.values():
        values += node.parameters.values()
    yield from (value for value in values if isinstance(value, str))


def _print(problems: list[Problem], file: Path) -> None:
    for problem in problems:
        severity = click.style(f"{problem.severity}:", fg=_COLORS[problem.severity], bold=True)
        place = ".".join(filter(None, (problem.node, problem.port or problem.parameter)))
        click.echo(f"{severity} {f'{place}: ' if place else ''}{problem.message}")
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
