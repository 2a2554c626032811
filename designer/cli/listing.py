"""Shared parts of the commands that list, show, and change things of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from designer.catalog import Catalog
    from designer.pipeline.model import Pipeline
    from designer.records import DamagedRecordError
    from designer.tracking import TrackingError
    from designer.workspace import Workspace

workspace_option = click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, readable=False),
    help="Workspace folder. Default: MODELDESK_WORKSPACE, or your user workspace.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON document, for programs."
)


class FullHelpGroup(click.Group):
    """A group whose help shows whole sentences; click truncates them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [
            (name, command.get_short_help_str(limit=1000))
            for name, command in found.items()
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class ListGroup(FullHelpGroup):
    """A group that lists without a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines to copy."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def near_file(file: Path, name: str) -> Path:
    """Return the file of a name beside a pipeline's file, or in the current folder."""
    beside = file.absolute().parent / name
    return beside if beside.is_file() else Path(name)


def modules_of(workspace: Workspace) -> Catalog:
    """Return all modules, the user's own in the workspace included.

    What can't be loaded is reported on stderr.
    """
    from designer.catalog import load_catalog

    own = workspace.own_modules
    catalog = load_catalog(*own)
    for problem in catalog.problems:
        what = "Your own modules can't be read."
        if problem.source not in map(str, own):
            what = "A module can't be loaded."
        click.secho(f"{what} {problem}", fg="yellow", err=True)
    return catalog


def report_damage(error: DamagedRecordError | TrackingError) -> None:
    """Report on stderr what isn't in a list because its record can't be read."""
    click.secho(f"{error.message} {error.hint}".rstrip(), fg="yellow", err=True)


def readable_workspace(folder: Path | None, part: str) -> Workspace:
    """Return a workspace a part of which is accessible.

    Raises
    ------
    InputError
        If it can't: it would seem to be empty.
    """
    from designer.workspace import Workspace, WorkspaceError

    workspace = Workspace(folder)
    try:
        workspace.check(part)
    except WorkspaceError as error:
        raise InputError(error.message, error.hint) from None
    return workspace


def datasets_for(pipeline: Pipeline, workspace: Workspace) -> set[str]:
    """Return the references to registered datasets; none if the pipeline names none of them.

    Raises
    ------
    InputError
        If the pipeline names one and the workspace isn't accessible.
    """
    from designer.workspace import DATASET_PREFIX

    values: list[Any] = [parameter.default for parameter in pipeline.parameters.values()]
    for node in pipeline.nodes.values():
        values += node.parameters.values()
    if not any(isinstance(value, str) and value.startswith(DATASET_PREFIX) for value in values):
        return set()
    return set(readable_workspace(workspace.folder, "datasets").dataset_store.references())


def click_error(error: TrackingError) -> click.ClickException:
    """Return an error of tracking as one that ends the command with 1, or 2 for wrong input."""
    if error.wrong_input:
        return InputError(error.message, error.hint)
    return click.ClickException(
        f"{error.message}\nHint: {error.hint}" if error.hint else error.message
    )


def print_grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as wide as the terminal, or at full width elsewhere."""
    from rich.table import Table
    from rich.text import Text

    console = wide_console()
    grid = Table(show_edge=False, pad_edge=False, show_header=any(headings))
    for index, heading in enumerate(headings):
        # The first column identifies the line and is never wrapped.
        grid.add_column(Text(heading), overflow="fold", no_wrap=index == 0)
    for row in rows:
        grid.add_row(*(Text(cell if len(cell) <= _CELL else cell[:_CELL] + "…") for cell in row))
    console.print(grid)


def wide_console() -> Console:
    """Return a console as wide as the terminal, or as what is printed where there is none."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=1_000_000)


_CELL = 120
"""Characters of a cell that are shown."""
