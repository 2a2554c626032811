"""``designer datasets``: the registered files of the workspace."""

from __future__ import annotations

import shutil
import time
from itertools import pairwise
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
from designer.dataset_record import changes

if TYPE_CHECKING:
    from designer.dataset_record import DatasetVersion
    from designer.dataset_store import FoundDataset
    from designer.workspace import Workspace


@click.group(cls=ListGroup)
def datasets() -> None:
    """Register datasets and their versions; list, show, and delete them."""


@datasets.command(
    "list", epilog=examples("designer datasets list", "designer datasets list --json")
)
@workspace_option
@json_option
def list_datasets(folder: Path | None, as_json: bool) -> None:
    """List the registered datasets, each with its latest version."""
    workspace = readable_workspace(folder, "datasets")
    store = workspace.dataset_store
    found = [
        _about(workspace, name, version) for name, version in store.on_each(report_damage).items()
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("There are no registered datasets.")
        return
    rows = [
        (
            each["name"],
            str(each["version"]),
            each["file"],
            _size(each["bytes"]),
            each["description"],
        )
        for each in found
    ]
    print_grid(("Dataset", "Version", "File", "Size", "Description"), rows)


@datasets.command(
    "add",
    epilog=examples(
        "designer datasets add prices.csv",
        "designer datasets add may.csv --name prices",
    ),
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the dataset. Default: the file name without its extension.")
@click.option("--description", default="", help="Description of this version.")
@workspace_option
@json_option
def add_dataset(
    path: Path,
    name: str | None,
    description: str,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Copy the file or folder at PATH into the workspace under a name.

    If the name exists, this adds a version. Pipelines read the latest version as
    dataset:NAME, and a specific one as dataset:NAME@3. Content that the latest version
    already has adds none.
    """
    from designer.engine.preview import dataset_facts
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if not path.exists():
        raise InputError(f"There is no file “{path}”.")
    path = path.absolute()
    name = path.stem if name is None else name
    try:
        workspace.dataset_store.check(name, path)
        before = workspace.dataset_store.names()
        newest = workspace.dataset_store.versions(name)[:1] if name in before else []
        version = workspace.register_dataset(
            name, path, description=description, table=dataset_facts(path)
        )
    except ValueError as error:
        raise InputError(str(error)) from None
    except shutil.Error as error:
        # Of a folder: a list of what couldn't be copied.
        first = error.args[0][0] if error.args and error.args[0] else ("", "", str(error))
        raise click.ClickException(f"“{first[0]}” couldn't be copied:  {first[2]}") from None
    if as_json:
        print_json(_about(workspace, name, version))
        return
    if newest and newest[0].version == version.version:
        click.echo(f"“{name}” already has this content: version {version.version}.")
        return
    click.echo(f"“{name}” is registered, version {version.version}.")
    if newest:
        click.echo(f"Changes from version {newest[0].version}: {_list(newest[0], version)}.")
    click.echo(
        f"Use it in a pipeline as dataset:{name}, or only this version as "
        f"dataset:{name}@{version.version}"
    )


@datasets.command(
    "versions",
    epilog=examples(
        "designer datasets versions prices", "designer datasets versions prices --json"
    ),
)
@click.argument("name")
@workspace_option
@json_option
def list_versions(name: str, folder: Path | None, as_json: bool) -> None:
    """List the versions of a dataset, newest first, with what changed in each."""
    workspace = readable_workspace(folder, "datasets")
    try:
        found = workspace.dataset_store.versions(name, report_damage)
    except KeyError as error:
        raise _no_dataset(workspace, name, error) from None
    changed = [changes(before, after) for after, before in pairwise(found)] + [[]]
    if as_json:
        print_json(
            [
                _about(workspace, name, version) | {"changes": each}
                for version, each in zip(found, changed, strict=True)
            ]
        )
        return
    rows = [
        (
            str(version.version),
            _moment(version.registered or 0),
            version.file,
            "" if version.rows is None else f"{version.rows:,}",
            _size(version.bytes),
            version.hash[:12],
            ", ".join(each),
        )
        for version, each in zip(found, changed, strict=True)
    ]
    print_grid(("Version", "Registered", "File", "Rows", "Size", "Hash", "Changes"), rows)


@datasets.command(
    "show",
    epilog=examples("designer datasets show prices", "designer datasets show prices@2 --rows 20"),
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
    """Show a dataset: its path, columns, and first rows.

    NAME@3 is version 3, NAME the latest one.
    """
    workspace = readable_workspace(folder, "datasets")
    found = _find(workspace, name)
    about = _about(workspace, found.name, found.version) | _content(found.path, rows)
    if as_json:
        print_json(about)
        return
    click.echo(f"{found.name}, version {about['version']}: {found.path} ({_size(about['bytes'])})")
    if about["registered"]:
        click.echo(f"Registered {_moment(about['registered'])}")
    click.echo(f"Hash {about['hash']}")
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


@datasets.command(
    "delete",
    epilog=examples("designer datasets delete prices", "designer datasets delete prices@1 --force"),
)
@click.argument("name")
@click.option("--force", is_flag=True, help="Delete it even if something uses it.")
@workspace_option
@json_option
def delete_dataset(name: str, force: bool, folder: Path | None, as_json: bool) -> None:
    """Delete a dataset, or one version of it, from the workspace.

    The file it was copied from is kept. What pipelines, runs, and endpoints use is deleted only
    with --force.
    """
    from designer.lineage.dataset_uses import dataset_uses

    workspace = readable_workspace(folder, "datasets")
    try:
        uses = [] if force else dataset_uses(workspace, name)
        if uses:
            raise InputError(
                f"“{name}” is in use: {'; '.join(uses)}.",
                "Use --force to delete it; what used it can't be repeated then.",
            )
        workspace.dataset_store.remove(name)
    except KeyError as error:
        raise _no_dataset(workspace, name, error) from None
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        click.echo(f"“{name}” was deleted.")


def _find(workspace: Workspace, reference: str) -> FoundDataset:
    try:
        return workspace.dataset_store.find(reference)
    except KeyError as error:
        raise _no_dataset(workspace, reference, error) from None


def _no_dataset(workspace: Workspace, name: str, error: KeyError) -> click.ClickException:
    from designer.pipeline.problem import near
    from designer.records import DamagedRecordError

    if isinstance(error.__cause__, DamagedRecordError):
        return click.ClickException(f"{error.args[0]}\nHint: {error.__cause__.hint}")
    return InputError(
        str(error.args[0]), near(name, workspace.dataset_store.references(), "datasets")
    )


def _about(workspace: Workspace, name: str, version: DatasetVersion) -> dict[str, Any]:
    return {
        "name": name,
        "version": version.version,
        "file": version.file,
        "path": str(workspace.dataset_store.path(version)),
        "hash": version.hash,
        "bytes": version.bytes,
        "rows": version.rows,
        "description": version.description,
        "registered": version.registered,
    }


def _list(before: DatasetVersion, after: DatasetVersion) -> str:
    return ", ".join(changes(before, after))


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
