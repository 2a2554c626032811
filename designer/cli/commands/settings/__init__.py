"""``designer settings``: what you have chosen, for the window and for commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import ListGroup, examples, json_option, print_grid, workspace_option
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.settings import StoredSettings


@click.group(cls=ListGroup)
def settings() -> None:
    """Show and change settings, those of Preferences in the window."""


@settings.command(
    "list", epilog=examples("designer settings list", "designer settings list --json")
)
@workspace_option
@json_option
def list_settings(folder: Path | None, as_json: bool) -> None:
    """List all settings with their values."""
    from designer.settings import all_settings

    stored = _settings(folder)
    values = {name: stored.value(name) for name in all_settings()}
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "value": value,
                    "default": all_settings()[name].default,
                    "section": all_settings()[name].about.section,
                    "description": all_settings()[name].about.help,
                }
                for name, value in values.items()
            ]
        )
        return
    rows = [
        (name, each.shown(values[name]), "" if stored.is_default(name) else "yes", each.about.help)
        for name, each in all_settings().items()
    ]
    print_grid(("Setting", "Value", "Changed", "Description"), rows)


@settings.command("get", epilog=examples("designer settings get theme"))
@click.argument("name")
@workspace_option
@json_option
def get_setting(name: str, folder: Path | None, as_json: bool) -> None:
    """Print the value of the setting NAME."""
    from designer.settings import SettingError, find

    try:
        setting, value = find(name), _settings(folder).value(name)
    except SettingError as error:
        raise InputError(error.message, error.hint) from None
    if as_json:
        print_json({"name": name, "value": value})
    else:
        click.echo("\n".join(value) if setting.kind == "folders" else setting.shown(value))


@settings.command(
    "set",
    epilog=examples(
        "designer settings set theme dark",
        "designer settings set store_limit 50GB",
        "designer settings set module_folders ~/modules /srv/team-modules",
    ),
)
@click.argument("name")
@click.argument("values", nargs=-1, required=True)
@workspace_option
def set_setting(name: str, values: tuple[str, ...], folder: Path | None) -> None:
    """Change the setting NAME to VALUES: one value, or several folders.

    The window uses the new value from its next start.
    """
    _change(folder, name, values)


@settings.command(
    "reset", epilog=examples("designer settings reset theme", "designer settings reset --all")
)
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Reset every setting.")
@workspace_option
def reset_settings(names: tuple[str, ...], everything: bool, folder: Path | None) -> None:
    """Give the settings NAMES their defaults."""
    from designer.settings import all_settings

    if bool(names) == everything:
        raise InputError("Nothing was reset.", "Name settings, or use --all, and not both.")
    for name in all_settings() if everything else names:
        _change(folder, name, None)


def _change(folder: Path | None, name: str, values: Any) -> None:
    from designer.settings import SettingError, find

    stored = _settings(folder)
    try:
        if values is None:
            stored.reset(name)
        else:
            stored.set(name, find(name).read(values))
    except SettingError as error:
        raise InputError(error.message, error.hint) from None


def _settings(folder: Path | None) -> StoredSettings:
    from designer.settings import StoredSettings
    from designer.workspace import Workspace

    return StoredSettings(
        Workspace(folder), on_damage=lambda message: click.secho(message, fg="yellow", err=True)
    )
