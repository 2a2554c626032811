"""What the window shows and how: zoom, theme, help, preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.information import About, ModuleHelp, Shortcuts
from designer.app.dialogs.preferences import Preferences
from designer.app.shell import theme

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow

GIGABYTE = 1_000_000_000


class ViewActions:
    """Handlers of the commands that change nothing but what is seen."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def zoom_in(self) -> None:
        """Make everything larger."""
        self._window.canvas.zoom_in()

    def zoom_out(self) -> None:
        """Make everything smaller."""
        self._window.canvas.zoom_out()

    def zoom_reset(self) -> None:
        """Show life size."""
        self._window.canvas.zoom_reset()

    def fit(self) -> None:
        """Show the whole pipeline."""
        self._window.canvas.fit()

    def minimap(self) -> None:
        """Show the map in the corner of the canvas where it isn't in the way, or never."""
        canvas = self._window.canvas
        canvas.set_minimap_visible(not canvas.wants_minimap)
        self._window.update_switches()

    def panels_left(self) -> None:
        """Show or hide modules and outline."""
        self._toggle("left")

    def panels_right(self) -> None:
        """Show or hide the properties."""
        self._toggle("right")

    def panels_below(self) -> None:
        """Show or hide problems, log and runs."""
        self._toggle("below")

    def search_modules(self) -> None:
        """Put the cursor into the search field of the palette."""
        self._window.show_start(False)
        self._window.raise_panel("modules")
        self._window.palette_panel.focus_search()

    def find_node(self, text: str) -> None:
        """Show the nodes of the pipeline that fit a text, and select the first of them."""
        self._window.raise_panel("outline")
        self._window.outline.look_for(text)

    def command_palette(self) -> None:
        """Let the person search for a command and run it."""
        dialog = CommandPalette(self._window.actions_by_id, self._window)
        if dialog.exec() and dialog.chosen:
            self._window.actions_by_id[dialog.chosen].trigger()

    def theme_system(self) -> None:
        """Follow the system."""
        self._set_theme("system")

    def theme_light(self) -> None:
        """Use the light theme."""
        self._set_theme("light")

    def theme_dark(self) -> None:
        """Use the dark theme."""
        self._set_theme("dark")

    def switch_theme(self) -> None:
        """Go from light to dark or back."""
        self._set_theme("light" if theme.current().name == "dark" else "dark")

    def preferences(self) -> None:
        """Show the preferences and put what was changed into effect."""
        window = self._window
        dialog = Preferences(window.settings, window.workspace.folder, window)
        if dialog.exec():
            dialog.apply()
            self._set_theme(window.settings.theme)
            window.document.set_autosave_seconds(window.settings.autosave_seconds)
            limit = window.settings.store_limit_gb * GIGABYTE
            window.workspace.change_settings(store_limit=limit)

    def help_module(self) -> None:
        """Show the help of the selected node's module."""
        spec = self._window.spec_of(self._window.selected_node())
        if spec is not None:
            self.show_help(spec.id)

    def show_help(self, module: str) -> None:
        """Show the help of a module in a window of its own."""
        spec = self._window.catalog.get(module)
        if spec is not None:
            hint = self._window.catalog.install_hint(spec)
            ModuleHelp(spec, hint, self._window).show()

    def shortcuts(self) -> None:
        """List all shortcuts."""
        Shortcuts(self._window).exec()

    def about(self) -> None:
        """Tell version and licence."""
        About(self._window).exec()

    def _toggle(self, side: str) -> None:
        workbench = self._window.workbench
        workbench.set_side_visible(side, not workbench.side_visible(side))

    def _set_theme(self, mode: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._window.settings.theme = mode
        theme.apply(app, mode)
        self._window.update_switches()
