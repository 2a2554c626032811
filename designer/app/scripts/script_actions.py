"""The command that runs a script, and the windows of its runs."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from designer.app.background.errors import explained
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.scripts.script_run_window import ScriptRunWindow
from designer.app.shell.commands import command
from designer.engine.results import read_record
from designer.records import DamagedRecordError
from designer.scripts.configuration import ScriptConfiguration
from designer.scripts.configuration_file import write_configuration
from designer.scripts.problem import ScriptError
from designer.texts import tr
from designer.workspace import Workspace

_WAIT = 12_000
"""Milliseconds that a script has to end by itself when the window closes."""


class ScriptActions:
    """Runs scripts from the window.

    Parameters
    ----------
    on_end : callable
        Called when a script has ended.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        messages: Messages,
        on_end: Callable[[], object],
        parent: QWidget,
    ) -> None:
        self._workspace = workspace
        self._document = document
        self._messages = messages
        self._on_end = on_end
        self._parent = parent
        self._last: ScriptConfiguration | None = None
        self.windows: list[ScriptRunWindow] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @command(
        tr("Run a script…"),
        icon="run",
        help=tr("Run your own script, unchanged, and record the run."),
        menus=("Pipeline 2.7",),
    )
    def run_script(self) -> None:
        """Ask for a script and how it is run, and run it."""
        from designer.app.scripts.script_dialog import ScriptDialog

        dialog = ScriptDialog(self._workspace, self._last, self._document.base, self._parent)
        accepted = dialog.exec()
        configuration = None
        if accepted:
            with contextlib.suppress(ScriptError):
                configuration = dialog.configuration()
        dialog.deleteLater()
        if configuration is not None:
            self._last = configuration
            self._start(configuration)

    def show_run(self, run: str) -> None:
        """Show a finished run of a script."""
        try:
            record = read_record(self._workspace, run)
        except DamagedRecordError as error:
            self._messages.show(explained(error), warning=True)
            return
        if record:
            self._open(_name(record)).show_record(record)

    def close(self) -> None:
        """End the scripts in progress."""
        for window in list(self.windows):
            window.blockSignals(True)
            window.finish(_WAIT)
            window.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self, configuration: ScriptConfiguration) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix="modeldesk-", ignore_cleanup_errors=True
            )
        file = Path(self._folder.name) / f"{len(list(Path(self._folder.name).iterdir()))}.yml"
        write_configuration(configuration, file)
        window = self._open(configuration.script.name)
        window.ended.connect(self._on_end)
        window.start(file, self._workspace.folder)

    def _open(self, name: str) -> ScriptRunWindow:
        window = ScriptRunWindow(name, self._parent)
        self.windows.append(window)
        window.destroyed.connect(lambda: self.windows.remove(window))
        window.show()
        return window


def _name(record: dict[str, Any]) -> str:
    return Path(str(record.get("source") or "script")).name
