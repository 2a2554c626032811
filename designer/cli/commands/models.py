"""``designer models``: the registry of trained models."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    ListGroup,
    click_error,
    examples,
    json_option,
    print_grid,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.workspace import Workspace


@click.group(cls=ListGroup)
def models() -> None:
    """Register trained models, and list, show, and delete them."""


@models.command("list", epilog=examples("designer models list", "designer models list --json"))
@workspace_option
@json_option
def list_models(folder: Path | None, as_json: bool) -> None:
    """List the registered models."""
    from designer.tracking import registry
    from designer.workspace import Workspace

    found = _call(registry.models, Workspace(folder))
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("There are no registered models.")
        return
    rows = []
    for each in found:
        latest = each["latest"] or {}
        rows.append(
            (
                each["name"],
                str(latest.get("version", "–")),
                _aliases(each["aliases"]),
                latest.get("task", ""),
                latest.get("learner", ""),
                latest.get("run", ""),
            )
        )
    print_grid(("Model", "Latest", "Aliases", "Task", "Learner", "Run"), rows)


@models.command(
    "show",
    epilog=examples("designer models show prices", "designer models show prices --version latest"),
)
@click.argument("name")
@click.option("--version", "number", help="Version, alias, or “latest” to show.")
@workspace_option
@json_option
def show_model(name: str, number: str | None, folder: Path | None, as_json: bool) -> None:
    """Show a model's versions, or one version and its origin."""
    from designer.tracking import registry
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if number is not None:
        found = _call(registry.version, workspace, name, number)
        print_json(found) if as_json else _print_version(found)
        return
    found = _call(registry.model, workspace, name)
    if as_json:
        print_json(found)
        return
    if found["description"]:
        click.echo(found["description"])
    rows = [
        (
            each["version"],
            ", ".join(each["aliases"]),
            _moment(each["created"]),
            each["learner"] or each["kind"],
            each["run"],
            each["description"],
        )
        for each in found["versions"]
    ]
    print_grid(("Version", "Aliases", "Registered", "Learner", "Run", "Description"), rows)


@models.command(
    "compare",
    epilog=examples("designer models compare prices", "designer models compare prices 3 champion"),
)
@click.argument("name")
@click.argument("versions", metavar="[VERSION]...", nargs=-1)
@workspace_option
@json_option
def compare_versions(
    name: str, versions: tuple[str, ...], folder: Path | None, as_json: bool
) -> None:
    """Compare versions of a model: the data they were trained on, and their metrics."""
    from designer.lineage.model_comparison import compare_models
    from designer.workspace import Workspace

    found = _call(compare_models, Workspace(folder), name, versions)
    if as_json:
        print_json(found)
        return
    rows = []
    for part in ("data", "metrics"):
        for key in dict.fromkeys(key for each in found for key in each[part]):
            values = (each[part].get(key) for each in found)
            shown = [f"{v:.6g}" if isinstance(v, float) else str(v or "–") for v in values]
            rows.append((key, *shown))
    rows.append(("Run", *(each["run"] or "–" for each in found)))
    print_grid((name, *(f"Version {each['version']}" for each in found)), rows)


@models.command(
    "card",
    epilog=examples("designer models card prices", "designer models card prices -o prices.md"),
)
@click.argument("name")
@click.option("--version", "number", default="latest", help="Version or alias. Default: latest.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write. Default: stdout."
)
@workspace_option
@json_option
def model_card(
    name: str, number: str, output: Path | None, folder: Path | None, as_json: bool
) -> None:
    """Write a model card in Markdown: data, preparation, settings, metrics, limits."""
    from designer.tracking import model_card as cards
    from designer.workspace import Workspace

    card = _call(cards.model_card, Workspace(folder), name, number)
    if output is not None:
        try:
            output.write_text(card, "utf-8")
        except OSError as error:
            raise InputError(f"“{output}” can't be written: {error.strerror}.") from None
    if as_json:
        print_json({"name": name, "file": str(output) if output else None, "card": card})
    elif output is None:
        click.echo(card, nl=False)
    else:
        click.echo(f"The card of “{name}” is in “{output}”.")


@models.command(
    "register",
    epilog=examples(
        "designer models register cars.pipeline.json train_model --name cars",
        "designer models register cars.pipeline.json train --name cars --alias top",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("node")
@click.option("--name", required=True, help="Name of the model.")
@click.option("--run", help="Run to take the model from. Default: the latest run of FILE.")
@click.option("--description", default="", help="Description of this version.")
@click.option("--alias", "aliases", multiple=True, help="Alias for this version. Can be repeated.")
@workspace_option
@json_option
def register_model(
    file: Path,
    node: str,
    name: str,
    run: str | None,
    description: str,
    aliases: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Register the trained model of NODE, or NODE.PORT, in the last run of FILE."""
    from designer.tracking import registry

    workspace = readable_workspace(folder, "runs")
    if run is None:
        if not file.exists():
            raise InputError(f"There is no file “{file}”.")
        run = workspace.latest_run(file)
        if run is None:
            raise InputError(f"“{file.name}” hasn't been run yet.", f"Run it: designer run {file}")
    node_id, _, port = node.partition(".")
    found = _call(
        registry.register,
        workspace,
        name,
        run,
        node_id,
        port,
        description=description,
        aliases=aliases,
    )
    if as_json:
        print_json(found)
    else:
        click.echo(f"“{name}” is registered as version {found['version']}.")


@models.command(
    "alias",
    epilog=examples("designer models alias prices best 3", "designer models alias prices best"),
)
@click.argument("name")
@click.argument("alias")
@click.argument("version", required=False)
@workspace_option
@json_option
def set_alias(
    name: str, alias: str, version: str | None, folder: Path | None, as_json: bool
) -> None:
    """Point ALIAS to a version; without VERSION, the alias is removed."""
    from designer.tracking import registry
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    _call(registry.set_alias, workspace, name, alias, version)
    if as_json:
        print_json({"name": name, "alias": alias, "version": version})


@models.command(
    "delete",
    epilog=examples("designer models delete prices --version 3", "designer models delete prices"),
)
@click.argument("name")
@click.option("--version", "number", help="Delete only this version.")
@workspace_option
@json_option
def delete_model(name: str, number: str | None, folder: Path | None, as_json: bool) -> None:
    """Delete a model with all its versions, or one version."""
    from designer.tracking import registry
    from designer.workspace import Workspace

    deleted = _call(registry.delete, Workspace(folder), name, number)
    if as_json:
        print_json({"name": name, "deleted": deleted})
    else:
        what = "version" if len(deleted) == 1 else "versions"
        click.echo(f"“{name}”: {what} {', '.join(deleted)} deleted.")


def _call(
    function: Callable[..., Any], workspace: Workspace, *arguments: Any, **options: Any
) -> Any:
    """Call a function of the registry; translate its errors."""
    from designer.tracking import TrackingError

    try:
        return function(workspace, *arguments, **options)
    except TrackingError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and _is_of(workspace, cause.filename):
            raise workspace.trouble(cause) from None
        raise click_error(error) from None


def _is_of(workspace: Workspace, name: Any) -> bool:
    """Return whether a file is of the workspace, or a folder that it would be in."""
    if not isinstance(name, str):
        return False
    path = Path(name)
    return path.is_relative_to(workspace.folder) or workspace.folder.is_relative_to(path)


def _print_version(found: dict[str, Any]) -> None:
    click.echo(f"{found['name']}, version {found['version']}")
    if found["description"]:
        click.echo(found["description"])
    rows = [
        ("Aliases", ", ".join(found["aliases"])),
        ("Registered", _moment(found["created"])),
        ("Kind", found["kind"]),
        ("Task", found["task"]),
        ("Learner", found["learner"]),
        ("Label", found["label"]),
        ("Run", found["run"]),
        ("Node", found["node"]),
        ("Pipeline", found["pipeline"]),
        ("For MLflow", found["uri"]),
        ("Folder", found["folder"] or found["source"]),
        *((f"Data of {key}", value) for key, value in found["data"].items()),
        *(
            (name, "undefined" if value is None else f"{value:.6g}")
            for name, value in found["metrics"].items()
        ),
    ]
    print_grid(("", ""), [row for row in rows if row[1]])


def _aliases(aliases: dict[str, str]) -> str:
    return ", ".join(f"{alias} → {number}" for alias, number in aliases.items())


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
