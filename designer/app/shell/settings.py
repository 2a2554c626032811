"""Settings that are kept between two starts: preferences, recent files, layout.

The settings are in one INI file: in the workspace that the environment variable
``MODELDESK_WORKSPACE`` names, otherwise in the user's configuration folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from designer.app.shell.theme import MODES

RECENT_LIMIT = 12
"""Maximum number of recent files."""


class Settings(QObject):
    """The settings, typed; a value that can't be read counts as not set.

    Parameters
    ----------
    path : Path, optional
        The INI file; by default the user's own.
    """

    recent_changed = Signal()

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or default_path()
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """One of :data:`designer.app.shell.theme.MODES`."""
        value = self._text("theme", "system")
        return value if value in MODES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    @property
    def store_limit_gb(self) -> int:
        """Size to which stored results are kept, in gigabytes."""
        return self._integer("store_limit_gb", 20, 1, 10_000)

    @store_limit_gb.setter
    def store_limit_gb(self, value: int) -> None:
        self._store.setValue("store_limit_gb", value)

    @property
    def memory_limit_gb(self) -> int | None:
        """Memory that a step may use, in gigabytes; None for most of the computer's."""
        return self._integer("memory_limit_gb", 0, 0, 100_000) or None

    @memory_limit_gb.setter
    def memory_limit_gb(self, value: int | None) -> None:
        self._store.setValue("memory_limit_gb", value or 0)

    @property
    def cores(self) -> int | None:
        """How many workers a run may use; None for one a core."""
        return self._integer("cores", 0, 0, 1024) or None

    @cores.setter
    def cores(self, value: int | None) -> None:
        self._store.setValue("cores", value or 0)

    @property
    def workspace(self) -> Path | None:
        """The workspace folder that the user chose; None for the usual one."""
        text = self._text("workspace", "")
        return Path(text) if text else None

    @workspace.setter
    def workspace(self, value: Path | None) -> None:
        self._store.setValue("workspace", str(value) if value else "")

    @property
    def autosave_seconds(self) -> int:
        """Seconds after a change until the recovery file has it."""
        return self._integer("autosave_seconds", 1, 1, 600)

    @autosave_seconds.setter
    def autosave_seconds(self, value: int) -> None:
        self._store.setValue("autosave_seconds", value)

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


def default_path() -> Path:
    """Return where the settings are."""
    workspace = os.environ.get("MODELDESK_WORKSPACE")
    if workspace:
        return Path(workspace) / "settings.ini"
    from platformdirs import user_config_path

    return user_config_path("modeldesk", appauthor=False) / "settings.ini"
