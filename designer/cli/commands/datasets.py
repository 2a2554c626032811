"""``designer datasets``: the registered files of the workspace."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    ListGroup,
    examples,
    json_option,
    print_grid,
    readable_workspace,
    report_damage,
    workspace_option,
)
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.workspace import Workspace


@click.group(cls=ListGroup)
def datasets() -> None:
    """Register datasets, and list, show, and delete them."""


@datasets.command(
    "list", epilog=examples("designer datasets list", "designer datasets list --json")
)
@workspace_option
@json_option
def list_datasets(folder: Path | None, as_json: bool) -> None:
    """List the registered datasets."""
    workspace = readable_workspace(folder, "datasets")
    found = [
        _about(workspace, name, path) for name, path in workspace.datasets(report_damage).items()
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("There are no registered datasets.")
        return
    rows = [
        (each["name"], each["file"], _size(each["bytes"]), each["description"]) for each in found
    ]
    print_grid(("Dataset", "File", "Size", "Description"), rows)


@datasets.command(
    "add",
    epilog=examples(
        "designer datasets add prices.csv",
        "designer datasets add prices.csv --name may --replace",
    ),
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the dataset. Default: the file name without its extension.")
@click.option("--description", default="", help="Description of the dataset.")
@click.option("--replace", is_flag=True, help="Replace an existing dataset of the same name.")
@workspace_option
@json_option
def add_dataset(
    path: Path,
    name: str | None,
    description: str,
    replace: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Copy the file or folder at PATH into the workspace under a name."""
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if not path.exists():
        raise InputError(f"There is no file “{path}”.")
    path = path.absolute()
    name = path.stem if name is None else name
    if name in workspace.datasets() and not replace:
        raise InputError(
            f"A dataset “{name}” already exists.", "Choose another --name, or use --replace."
        )
    try:
        copy = workspace.register_dataset(name, path, description=description)
    except ValueError as error:
        raise InputError(str(error)) from None
    except shutil.Error as error:
        # Of a folder: a list of what couldn't be copied.
        first = error.args[0][0] if error.args and error.args[0] else ("", "", str(error))
        raise click.ClickException(f"“{first[0]}” couldn't be copied:  {first[2]}") from None
    if as_json:
        print_json(_about(workspace, name, copy))
    else:
        click.echo(f"“{name}” is registered. Use it in a pipeline as dataset:{name}")


@datasets.command(
    "show",
    epilog=examples("designer datasets show prices", "designer datasets show prices --rows 20"),
)
@click.argument("name")
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Number of table rows to print.",
)
@workspace_option
@json_option
def show_dataset(name: str, rows: int, folder: Path | None, as_json: bool) -> None:
    """Show a dataset: its path, columns, and first rows."""
    workspace = readable_workspace(folder, "datasets")
    path = _path(workspace, name)
    about = _about(workspace, name, path) | _content(path, rows)
    if as_json:
        print_json(about)
        return
    click.echo(f"{name}: {path} ({_size(about['bytes'])})")
    if about["registered"]:
        click.echo(f"Registered {_moment(about['registered'])}")
    if about["description"]:
        click.echo(about["description"])
    if "columns" not in about:
        click.echo(f"Not shown as a table: {about['problem']}")
        return
    count = len(about["columns"])
    click.echo(f"{about['rows']:,} rows × {count} columns")
    print_grid(("Column", "Kind"), [(each["name"], each["kind"]) for each in about["columns"]])
    if about["data"]:
        click.echo()
        cells = [
            ["" if value is None else str(value) for value in row.values()] for row in about["data"]
        ]
        print_grid([each["name"] for each in about["columns"]], cells)


@datasets.command("delete", epilog=examples("designer datasets delete prices"))
@click.argument("name")
@workspace_option
@json_option
def delete_dataset(name: str, folder: Path | None, as_json: bool) -> None:
    """Delete a dataset from the workspace; the file it was copied from is kept."""
    workspace = readable_workspace(folder, "datasets")
    try:
        workspace.remove_dataset(name)
    except KeyError as error:
        raise _no_dataset(workspace, name, error) from None
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        click.echo(f"“{name}” was deleted.")


def _path(workspace: Workspace, name: str) -> Path:
    try:
        return workspace.dataset(name)
    except KeyError as error:
        raise _no_dataset(workspace, name, error) from None


def _no_dataset(workspace: Workspace, name: str, error: KeyError) -> click.ClickException:
    from designer.pipeline.problem import near
    from designer.records import DamagedRecordError

    if isinstance(error.__cause__, DamagedRecordError):
        return click.ClickException(f"{error.args[0]}\nHint: {error.__cause__.hint}")
    return InputError(str(error.args[0]), near(name, workspace.datasets(), "datasets"))


def _about(workspace: Workspace, name: str, path: Path) -> dict[str, Any]:
    record = workspace.dataset_record(name)
    files = path.rglob("*") if path.is_dir() else [path]
    return {
        "name": name,
        "file": path.name,
        "path": str(path),
        "bytes": sum(each.stat().st_size for each in files if each.is_file()),
        "description": record.description,
        "registered": record.registered,
    }


def _content(path: Path, rows: int) -> dict[str, Any]:
    """Return rows, columns and the first data of a table, or why it can't be read as one."""
    from designer.catalog import load_catalog
    from designer.pipeline.own_modules import DATASET
    from modules.contract import ModuleError

    spec = load_catalog()[DATASET]
    try:
        (table,) = spec(**spec.read_parameters({"path": str(path)}))
    except ModuleError as error:
        return {"problem": error.message}
    except (OSError, ValueError) as error:
        return {"problem": str(error)}
    from modules.requests.tables import rows_of

    return {
        "rows": len(table),
        "columns": [column._asdict() for column in table.columns],
        "data": rows_of(table.slice(0, rows)),
    }


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
