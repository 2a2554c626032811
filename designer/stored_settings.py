"""The settings that are stored: a user's own, and those of a workspace.

Window and commands read the same two files. :mod:`designer.settings` treats both as one list.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from designer.private_files import make_folder
from designer.records import DamagedRecordError, Record, read_record, write_record
from designer.texts import N_

Section = Literal["General", "Appearance", "Runs", "Folders", "Advanced"]

Effect = Literal["now", "start"]
"""When a change takes effect: at once, or at the next start."""


@dataclass(frozen=True)
class About:
    """How a setting is shown.

    Parameters
    ----------
    section : str
        The page of the preferences.
    title, help : str
        Its name, and one sentence.
    effect : str
        When a change takes effect in the window.
    unit : str
        What a number counts (``bytes``, ``s``, ``%``), ``folder`` for a path, or nothing.
    choices : dict of str to str, optional
        Titles of values.
    unset : str
        What no value means.
    """

    section: Section
    title: str
    help: str
    effect: Effect = "now"
    unit: str = ""
    choices: dict[str, str] | None = None
    unset: str = ""


class UserSettings(Record):
    """The user's settings; what isn't in the file has its default."""

    language: Annotated[
        Literal["system", "en", "de"],
        About(
            "General",
            N_("Language"),
            N_("Language of the window. The command line is in English."),
            "start",
            choices={"system": N_("Follow the system"), "en": "English", "de": "Deutsch"},
        ),
    ] = "system"
    autosave: Annotated[
        bool,
        About(
            "General",
            N_("Autosave"),
            N_("Keep unsaved changes, so that they can be restored after a crash."),
        ),
    ] = True
    autosave_seconds: Annotated[
        int,
        Field(ge=1, le=600),
        About(
            "General",
            N_("Autosave delay"),
            N_("Time from a change until it is kept."),
            unit="s",
        ),
    ] = 1
    theme: Annotated[
        Literal["system", "light", "dark", "contrast-light", "contrast-dark"],
        About(
            "Appearance",
            N_("Theme"),
            N_("Colors of the window."),
            choices={
                "system": N_("Follow the system"),
                "light": N_("Light"),
                "dark": N_("Dark"),
                "contrast-light": N_("Light with high contrast"),
                "contrast-dark": N_("Dark with high contrast"),
            },
        ),
    ] = "system"
    text_size: Annotated[
        int,
        Field(ge=50, le=200),
        About(
            "Appearance",
            N_("Text size"),
            N_("Size of text, as a share of the system's."),
            unit="%",
        ),
    ] = 100
    motion: Annotated[
        Literal["system", "reduced", "full"],
        About(
            "Appearance",
            N_("Motion"),
            N_("Whether cards of running steps are animated."),
            choices={
                "system": N_("Follow the system"),
                "reduced": N_("Reduced"),
                "full": N_("Full"),
            },
        ),
    ] = "system"
    workspace: Annotated[
        str,
        About(
            "Folders",
            N_("Workspace folder"),
            N_("Where datasets, runs, stored results, models, and endpoints are."),
            "start",
            unit="folder",
            unset=N_("The usual folder"),
        ),
    ] = ""


class WorkspaceSettings(Record):
    """The settings of a workspace; what isn't in its file has its default."""

    cores: Annotated[
        Annotated[int, Field(ge=1, le=1024)] | None,
        About(
            "Runs",
            N_("Parallel steps"),
            N_("Number of steps that run at the same time."),
            "start",
            unset=N_("One for each core"),
        ),
    ] = None
    memory_limit: Annotated[
        Annotated[int, Field(gt=0)] | None,
        About(
            "Runs",
            N_("Memory limit per step"),
            N_("A step that needs more memory fails instead of slowing the computer down."),
            "start",
            unit="bytes",
            unset=N_("80 % of the memory"),
        ),
    ] = None
    store_limit: Annotated[
        Annotated[int, Field(ge=0)] | None,
        About(
            "Runs",
            N_("Result storage limit"),
            N_("Beyond it, stored results that weren't used for the longest time are deleted."),
            "start",
            unit="bytes",
            unset="20 GB",
        ),
    ] = None
    tracking: Annotated[
        bool,
        About(
            "Runs",
            N_("Record runs in MLflow"),
            N_("Keep parameters and metrics of finished runs for comparisons."),
        ),
    ] = True
    tracking_uri: Annotated[
        str | None,
        About(
            "Advanced",
            N_("MLflow tracking server"),
            N_("URI of a server that records runs and models. Passwords aren't allowed in it."),
            unset=N_("A file in the workspace"),
        ),
    ] = None
    module_folders: Annotated[
        list[str],
        About(
            "Folders",
            N_("Folders of modules"),
            N_("Folders with your own modules. Their code runs when ModelDesk starts."),
            unit="folder",
        ),
    ] = Field(default_factory=list)


def settings_file() -> Path:
    """Return the file of the user's settings.

    It is in the workspace that the environment variable ``MODELDESK_WORKSPACE`` names, otherwise
    in the user's configuration folder.
    """
    workspace = os.environ.get("MODELDESK_WORKSPACE")
    if workspace:
        return Path(workspace) / "settings.json"
    from platformdirs import user_config_path

    return user_config_path("modeldesk", appauthor=False) / "settings.json"


def read_settings(
    path: Path | None = None, on_damage: Callable[[str], object] = lambda message: None
) -> UserSettings:
    """Return the user's settings; a value that can't be used counts as not set.

    A file with such a value, or that can't be read, is kept beside under another name.

    Parameters
    ----------
    path : Path, optional
        Default: :func:`settings_file`.
    on_damage : callable
        Receives one sentence about what is wrong and where the file was kept.
    """
    path = path or settings_file()
    try:
        return read_record(path, UserSettings) or UserSettings()
    except DamagedRecordError as error:
        sound = _sound_values(path)
        # A file that can't even be read stays where it is.
        kept = None if isinstance(error.__cause__, OSError) else _set_aside(path, sound)
        message = f"{error.message} Settings that can't be read have their defaults."
        on_damage(f"{message} The file was kept as “{kept}”." if kept else message)
        return UserSettings(**sound)


def write_settings(settings: UserSettings, path: Path | None = None) -> None:
    """Write the user's settings.

    Raises
    ------
    OSError
        If they can't be written.
    """
    path = path or settings_file()
    make_folder(path.parent)
    write_record(path, settings.plain())


def chosen_workspace() -> Path | None:
    """Return the workspace folder that the user chose.

    None for the usual one, and if the environment variable ``MODELDESK_WORKSPACE`` names one.
    """
    if os.environ.get("MODELDESK_WORKSPACE"):
        return None
    folder = _sound_values(settings_file()).get("workspace")
    return Path(folder) if folder else None


def chosen_language() -> str:
    """Return the language that the user chose, ``system`` by default.

    It is read before the window can report that the file is damaged, so that stays as it is.
    """
    return str(_sound_values(settings_file()).get("language", "system"))


def _sound_values(path: Path) -> dict[str, Any]:
    """Return the values of a damaged file that can be used."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    sound = {}
    for name, value in content.items() if isinstance(content, dict) else ():
        try:
            UserSettings.model_validate({name: value})
        except ValidationError:
            continue
        sound[name] = value
    return sound


def _set_aside(path: Path, sound: dict[str, Any]) -> Path | None:
    """Give a damaged file another name, and write what is sound; None if that fails."""
    numbers = itertools.count(1)
    names = (path.with_name(f"{path.stem}.damaged-{each}{path.suffix}") for each in numbers)
    kept = next(name for name in names if not name.exists())
    try:
        os.replace(path, kept)
        write_record(path, sound)
    except OSError:
        return None
    return kept
