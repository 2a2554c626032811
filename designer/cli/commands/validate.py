"""``designer validate``: problems of a pipeline, found without running it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer import paths
from designer.cli.errors import InputError
from designer.cli.listing import (
    datasets_for,
    examples,
    json_option,
    modules_of,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.run_report import with_code

if TYPE_CHECKING:
    from designer.pipeline.problem import Problem

_COLORS = {"error": "red", "warning": "yellow", "hint": "cyan"}


def _explain(ctx: click.Context, _: click.Parameter, code: str | None) -> None:
    """Print the page about a code instead of checking a file."""
    if code is None:
        return
    folder = paths.guide() / "problems"
    known = sorted(page.stem for page in folder.glob("*.md") if page.stem != "README")
    code = code.strip("[]")
    if code not in known:
        from designer.pipeline.problem import near

        raise InputError(f"There is no problem “{code}”.", near(code, known, "codes"))
    lines = (folder / f"{code}.md").read_text("utf-8").split("\n")
    text = "\n".join(line for line in lines if not line.startswith("[All problems]"))
    # On a terminal a link is its text.
    click.echo(re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).strip())
    ctx.exit()


@click.command(
    epilog=examples(
        "designer validate prices.pipeline.json",
        "designer validate prices.pipeline.json --json",
        "designer validate --explain column-not-found",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--explain",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Explain a code of a problem: cause, remedy, and an example.",
)
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

        problems = [Problem("error", error.message, error.hint, code="pipeline-file")]
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
        click.echo(f"{severity} {f'{target}: ' if target else ''}{with_code(problem)}")
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
