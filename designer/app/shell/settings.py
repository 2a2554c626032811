"""What the window keeps between two starts: the user's settings, recent files, layout.

What the user has chosen is in one file with what commands read (designer/stored_settings.py);
what the window remembers by itself is in an INI file beside it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from designer.stored_settings import UserSettings, read_settings, settings_file, write_settings
from designer.workspace import Workspace

RECENT_LIMIT = 12
"""Maximum number of recent files."""


class Settings(QObject):
    """The settings, typed; a value that can't be read counts as not set.

    Parameters
    ----------
    path : Path, optional
        The INI file; by default the user's own. The user's settings are in the same folder.

    Attributes
    ----------
    damage : list of str
        Sentences about a file of settings that couldn't be read.

    Signals
    -------
    changed : str
        The name of a setting that the user has changed.
    """

    recent_changed = Signal()
    changed = Signal(str)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or settings_file().with_name("window.ini")
        self.user_path = self.path.with_name("settings.json")
        self.damage: list[str] = []
        self._user = read_settings(self.user_path, self.damage.append)
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)

    @property
    def user(self) -> UserSettings:
        """What the user has chosen."""
        return self._user

    def reload(self) -> None:
        """Read again what the user has chosen: it was changed."""
        self._user = read_settings(self.user_path, self.damage.append)

    def announce(self, name: str) -> None:
        """Let every window apply a setting that was changed in the file."""
        self.reload()
        self.changed.emit(name)

    @property
    def theme(self) -> str:
        """One of :data:`designer.app.shell.theme.MODES`."""
        return self._user.theme

    @theme.setter
    def theme(self, value: str) -> None:
        self.reload()
        content = {**self._user.plain(), "theme": value}
        self._user = UserSettings(**content)
        # Where it can't be written, it is lost at the end.
        with suppress(OSError):
            write_settings(self._user, self.user_path)

    @property
    def autosave_seconds(self) -> int | None:
        """Seconds after a change until the recovery file has it; None: never."""
        return self._user.autosave_seconds if self._user.autosave else None

    @property
    def results_beside(self) -> bool:
        """Whether results open beside the canvas, and not in windows."""
        return bool(self._integer("results_beside", 0, 0, 1))

    @results_beside.setter
    def results_beside(self, value: bool) -> None:
        self._store.setValue("results_beside", int(value))

    @property
    def export_target(self) -> str:
        """The kind of code that was exported last; empty for none."""
        return self._text("export/target", "")

    @export_target.setter
    def export_target(self, value: str) -> None:
        self._store.setValue("export/target", value)

    @property
    def export_layout(self) -> bool:
        """Whether exported code has the ids and positions of cards."""
        return bool(self._integer("export/layout", 0, 0, 1))

    @export_layout.setter
    def export_layout(self, value: bool) -> None:
        self._store.setValue("export/layout", int(value))

    def export_results(self, target: str, default: bool) -> bool:
        """Return whether exported code of a kind writes the results as files."""
        return bool(self._integer(f"export/results_{target}", int(default), 0, 1))

    def set_export_results(self, target: str, value: bool) -> None:
        """Keep whether exported code of a kind writes the results as files."""
        self._store.setValue(f"export/results_{target}", int(value))

    @property
    def recent(self) -> list[Path]:
        """Recently opened files, latest first."""
        value: Any = self._store.value("recent", [])
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(name) for name in names if isinstance(name, str) and name]

    def add_recent(self, path: Path) -> None:
        """Add a file at the top of the recent files."""
        self._set_recent([path, *(other for other in self.recent if other != path)])

    def remove_recent(self, path: Path) -> None:
        """Remove a recent file from the list."""
        self._set_recent([other for other in self.recent if other != path])

    def clear_recent(self) -> None:
        """Clear the list of recent files."""
        self._set_recent([])

    def state(self, name: str) -> QByteArray | None:
        """Return a saved geometry or layout; None if there is none."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def set_state(self, name: str, value: QByteArray) -> None:
        """Save a geometry or layout."""
        self._store.setValue(f"layout/{name}", value)

    def save(self) -> None:
        """Write what changed to the file."""
        self._store.sync()

    def _set_recent(self, paths: list[Path]) -> None:
        self._store.setValue("recent", [str(path) for path in paths[:RECENT_LIMIT]])
        self.recent_changed.emit()

    def _text(self, name: str, default: str) -> str:
        value = self._store.value(name, default)
        return value if isinstance(value, str) else default

    def _integer(self, name: str, default: int, low: int, high: int) -> int:
        value: Any = self._store.value(name, default)
        try:
            return min(max(int(value), low), high)
        except (TypeError, ValueError):
            return default


def chosen_workspace(settings: Settings) -> Workspace:
    """Return the workspace of the settings; MODELDESK_WORKSPACE comes first."""
    named = os.environ.get("MODELDESK_WORKSPACE")
    return Workspace(
        None if named or not settings.user.workspace else Path(settings.user.workspace)
    )
