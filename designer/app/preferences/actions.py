"""The command that opens the preferences, and what a changed setting does."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from designer.app.background.background import Background
from designer.app.canvas import Canvas
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.library.module_watch import ModuleWatch
from designer.app.preferences.consents import Consents
from designer.app.preferences.dialog import Preferences
from designer.app.preferences.locations import Locations
from designer.app.runs.run_controller import RunController
from designer.app.shell import motion, theme
from designer.app.shell.commands import Commands, command
from designer.app.shell.settings import Settings
from designer.app.widgets.text_scale import set_text_size, text_scale
from designer.paths import log_folder
from designer.settings import StoredSettings
from designer.texts import tr
from designer.workspace import Workspace


class PreferenceActions(QObject):
    """Shows the preferences, and puts what is changed into effect.

    Parameters
    ----------
    parent : QWidget
        The window, over which the dialog opens.
    """

    def __init__(
        self,
        settings: Settings,
        workspace: Workspace,
        document: Document,
        agreements: Agreements,
        controller: RunController,
        watch: ModuleWatch,
        canvas: Canvas,
        commands: Commands,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._workspace = workspace
        self._document = document
        self._agreements = agreements
        self._controller = controller
        self._watch = watch
        self._canvas = canvas
        self._commands = commands
        self._parent = parent
        self._scale = text_scale()
        settings.changed.connect(self.apply)

    @command(
        tr("Preferences…"),
        "Ctrl+,",
        icon="settings",
        help=tr("Change the settings of the application."),
        menus="File 4.2",
    )
    def preferences(self) -> None:
        """Show the preferences."""
        background = Background(self._parent)
        consents = Consents(self._agreements.given, self._agreements.withdraw)
        files = {
            tr("Logs"): log_folder(),
            tr("Settings"): self._settings.user_path,
            tr("Settings of the workspace"): self._workspace.folder / "workspace.json",
        }
        locations = Locations(self._workspace, files, background, lambda: self._controller.running)
        dialog = Preferences(
            StoredSettings(self._workspace, self._settings.user_path),
            locations,
            consents,
            self._parent,
        )
        dialog.changed.connect(self._settings.announce)
        locations.refresh()
        try:
            dialog.exec()
        finally:
            background.close()
            dialog.deleteLater()

    def apply(self, name: str) -> None:
        """Put a changed setting into effect in this window, if that needs no restart."""
        user = self._settings.user
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if name == "theme":
            theme.apply(app, user.theme)
            self._commands.update()
        elif name == "text_size":
            set_text_size(user.text_size)
            theme.apply(app, user.theme)
            before, self._scale = self._scale, text_scale()
            self._canvas.viewer.zoom_by(self._scale / before)
        elif name == "motion":
            motion.choose(user.motion)
        elif name in ("autosave", "autosave_seconds"):
            self._document.set_autosave_seconds(self._settings.autosave_seconds)
        elif name == "module_folders":
            self._watch.refresh()
