"""All settings as one list, whichever file each is in: for the preferences and the command line.

>>> settings = StoredSettings(Workspace())
>>> settings.set("text_size", 125)
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from designer.records import Record
from designer.stored_settings import (
    About,
    UserSettings,
    WorkspaceSettings,
    read_settings,
    write_settings,
)
from designer.texts import tr
from designer.workspace import Workspace

Kind = Literal["switch", "choice", "number", "size", "text", "folder", "folders"]

_SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

_SWITCHES = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


class SettingError(ValueError):
    """A setting can't have a value, or there is no such setting.

    Parameters
    ----------
    message, hint : str
        What is wrong, and what to do; one sentence each.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Setting:
    """One setting.

    Parameters
    ----------
    about : About
        Its texts, in English.
    default : object
        Its value if it isn't set.
    of_workspace : bool
        It belongs to a workspace, otherwise to the user.
    """

    name: str
    about: About
    default: Any
    of_workspace: bool
    model: type[Record]
    limits: tuple[int, int]

    @property
    def kind(self) -> Kind:
        """How it is edited."""
        if self.about.unit == "folder":
            return "folders" if isinstance(self.default, list) else "folder"
        if self.about.unit == "bytes":
            return "size"
        if self.about.choices:
            return "choice"
        if isinstance(self.default, bool):
            return "switch"
        return "number" if self.limits[1] else "text"

    def read(self, texts: Sequence[str]) -> Any:
        """Return the value that texts, the words of a command line, mean.

        Raises
        ------
        SettingError
            If they mean none.
        """
        if self.kind == "folders":
            return [os.path.abspath(os.path.expanduser(text)) for text in texts]
        if len(texts) != 1:
            raise SettingError(
                f"“{self.name}” has one value, but {len(texts)} were entered.",
                "Enter one value, in quotation marks if it contains spaces.",
            )
        (text,) = texts
        if self.kind == "folder":
            return os.path.abspath(os.path.expanduser(text)) if text else ""
        if self.kind == "switch":
            if text.lower() not in _SWITCHES:
                raise self._wrong(text, "Enter on or off.")
            return _SWITCHES[text.lower()]
        if self.kind == "size":
            return self._bytes(text)
        if self.kind == "number":
            try:
                return int(text.removesuffix(self.about.unit).strip() if self.about.unit else text)
            except ValueError:
                raise self._wrong(text, f"Enter {self._range()}.") from None
        return text

    def check(self, value: Any) -> None:
        """Raise what is wrong with a value.

        Raises
        ------
        SettingError
            If it can't be used.
        """
        try:
            self.model.model_validate({self.name: value})
        except ValidationError:
            raise self._wrong(value, f"Enter {self._range()}.") from None
        for folder in [value] if self.kind == "folder" else value if self.kind == "folders" else ():
            if folder:
                _check_folder(folder, exists=self.kind == "folders")
        if self.kind == "folders" and len(set(map(os.path.realpath, value))) < len(value):
            raise SettingError("A folder is listed twice.", "Remove one of the two.")

    def shown(self, value: Any) -> str:
        """Return a value as text, in the language that is used."""
        if value is None or value == "":
            return tr(self.about.unset)
        if self.kind == "switch":
            return tr("On") if value else tr("Off")
        if self.about.choices:
            return tr(self.about.choices[value])
        if self.kind == "size":
            return size_text(value)
        if self.kind == "folders":
            return os.pathsep.join(value) or tr("None")
        unit = {"%": " %", "s": " s"}.get(self.about.unit, "")
        return f"{value}{unit}"

    def _bytes(self, text: str) -> int:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?b)", text.strip(), re.IGNORECASE)
        if not found:
            raise self._wrong(text, "Enter a number with a unit, for example 20GB.")
        units = {name.lower(): size for name, size in _SIZES.items()}
        return round(float(found[1]) * units[found[2].lower()])

    def _range(self) -> str:
        if self.about.choices:
            return f"one of: {', '.join(self.about.choices)}"
        if self.kind == "number":
            return f"an integer from {self.limits[0]} to {self.limits[1]}"
        return "a positive number of bytes" if self.kind == "size" else "a text"

    def _wrong(self, value: Any, hint: str) -> SettingError:
        return SettingError(f"“{self.name}” can't be “{value}”.", hint)


class StoredSettings:
    """The settings of the user and of a workspace: read, changed, and reset.

    Parameters
    ----------
    path : Path, optional
        The user's file; by default the usual one.
    on_damage : callable
        Receives one sentence if that file is damaged.
    """

    def __init__(
        self,
        workspace: Workspace,
        path: Path | None = None,
        on_damage: Callable[[str], object] = lambda message: None,
    ) -> None:
        self._workspace = workspace
        self._path = path
        self._on_damage = on_damage

    def value(self, name: str) -> Any:
        """Return the value of a setting.

        Raises
        ------
        SettingError
            If there is none of this name.
        DamagedRecordError
            If the workspace's settings can't be read.
        """
        setting = find(name)
        return self._stored(setting).get(name, setting.default)

    def is_default(self, name: str) -> bool:
        """Return whether a setting has its default; see :meth:`value`."""
        return bool(self.value(name) == find(name).default)

    def set(self, name: str, value: Any) -> None:
        """Change a setting, and write it.

        Raises
        ------
        SettingError
            If there is none of this name, or it can't have this value.
        DamagedRecordError
            If the workspace's settings can't be read: the others would be lost.
        OSError
            If it can't be written.
        """
        setting = find(name)
        setting.check(value)
        if name == "tracking_uri":
            self._set_tracking_uri(value)
        elif setting.of_workspace:
            stored = None if value == setting.default else value
            self._workspace.change_settings(**{name: stored})
        else:
            content = {**self._stored(setting), name: value}
            write_settings(UserSettings(**content), self._path)

    def reset(self, name: str) -> None:
        """Give a setting its default; see :meth:`set`."""
        setting = find(name)
        if setting.of_workspace:
            self._workspace.change_settings(**{name: None})
            return
        content = {other: each for other, each in self._stored(setting).items() if other != name}
        write_settings(UserSettings(**content), self._path)

    def _stored(self, setting: Setting) -> Mapping[str, Any]:
        if setting.of_workspace:
            return self._workspace.settings
        return read_settings(self._path, self._on_damage).plain()

    def _set_tracking_uri(self, value: str | None) -> None:
        from designer.tracking.settings import TrackingError, use_server

        try:
            use_server(self._workspace, value or None)
        except TrackingError as error:
            raise SettingError(error.message, error.hint) from error


@cache
def all_settings() -> Mapping[str, Setting]:
    """Return every setting by its name, in the order of the preferences."""
    return {
        name: setting
        for model, of_workspace in ((UserSettings, False), (WorkspaceSettings, True))
        for name, setting in _settings_of(model, of_workspace).items()
    }


def find(name: str) -> Setting:
    """Return a setting.

    Raises
    ------
    SettingError
        If there is none of this name.
    """
    known = all_settings()
    if name not in known:
        raise SettingError(f"There is no setting “{name}”.", f"Use one of: {', '.join(known)}.")
    return known[name]


def size_text(size: float) -> str:
    """Return a number of bytes as text, ``1.5 GB`` for example."""
    for unit, factor in reversed(_SIZES.items()):
        if size >= factor:
            return f"{round(size / factor, 1):g} {unit}"
    return "0 B"


def _settings_of(model: type[Record], of_workspace: bool) -> dict[str, Setting]:
    schema = model.model_json_schema()["properties"]
    return {
        name: Setting(
            name,
            next(part for part in each.metadata if isinstance(part, About)),
            each.get_default(call_default_factory=True),
            of_workspace,
            model,
            _limits(schema[name]),
        )
        for name, each in model.model_fields.items()
    }


def _limits(schema: Mapping[str, Any]) -> tuple[int, int]:
    """Return the smallest and the largest number; (0, 0) for other types."""
    for part in (schema, *schema.get("anyOf", ())):
        if "minimum" in part and "maximum" in part:
            return part["minimum"], part["maximum"]
    return 0, 0


def _check_folder(folder: str, *, exists: bool) -> None:
    path = Path(folder)
    if not path.is_absolute():
        raise SettingError(f"“{folder}” isn't a full path.", "Enter the path from the root.")
    if path.is_dir():
        if os.access(path, os.R_OK | os.X_OK):
            return
        raise SettingError(f"“{folder}” can't be read.", "Check its permissions.")
    if path.exists():
        raise SettingError(f"“{folder}” isn't a folder.", "Choose a folder.")
    if exists:
        raise SettingError(f"There is no folder “{folder}”.", "Choose a folder that exists.")
