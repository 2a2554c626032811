"""Commands of the view: zoom, theme, help, preferences."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from designer import paths
from designer.app.canvas import Canvas
from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.guide import Guide
from designer.app.dialogs.information import About, ModuleHelp, Shortcuts
from designer.app.document.selection import Selection
from designer.app.panels import palette
from designer.app.panels.outline import outline
from designer.app.shell import theme
from designer.app.shell.commands import Commands, command
from designer.app.shell.navigation import Navigation
from designer.app.shell.settings import Settings
from designer.app.shell.workbench import Workbench
from designer.catalog import Catalog
from designer.examples import example
from designer.texts import tr


class ViewActions:
    """The commands that change only the view.

    Parameters
    ----------
    add_example : callable
        Adds an example of a module.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        canvas: Canvas,
        workbench: Workbench,
        selection: Selection,
        navigation: Navigation,
        commands: Commands,
        focus_pane: Callable[[bool], object],
        add_example: Callable[[str], object],
        parent: QWidget,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._canvas = canvas
        self._workbench = workbench
        self._selection = selection
        self._navigation = navigation
        self._commands = commands
        self._focus_pane = focus_pane
        self._add_example = add_example
        self._parent = parent

    @command(
        tr("Zoom in"),
        "Ctrl++ Ctrl+=",
        icon="zoom-in",
        help=tr("Zoom in."),
        needs="pipeline",
        menus=("View 1.1", "Tools 5.2"),
    )
    def zoom_in(self) -> None:
        """Zoom in."""
        self._canvas.zoom_in()

    @command(
        tr("Zoom out"),
        "Ctrl+-",
        icon="zoom-out",
        help=tr("Zoom out."),
        needs="pipeline",
        menus=("View 1.2", "Tools 5.1"),
    )
    def zoom_out(self) -> None:
        """Zoom out."""
        self._canvas.zoom_out()

    @command(
        tr("Actual size"),
        "Ctrl+0",
        icon="zoom-reset",
        help=tr("Show at 100 %."),
        needs="pipeline",
        menus="View 1.3",
    )
    def zoom_reset(self) -> None:
        """Show actual size."""
        self._canvas.zoom_reset()

    @command(
        tr("Fit to window"),
        "Ctrl+9",
        icon="fit",
        help=tr("Show the whole pipeline."),
        needs="content",
        menus=("View 1.4", "Tools 5.3", "Canvas 3.1"),
    )
    def fit(self) -> None:
        """Show the whole pipeline."""
        self._canvas.fit()

    @command(
        tr("Map"),
        "Ctrl+4",
        help=tr("Show or hide the map of the canvas."),
        needs="pipeline",
        menus="Panels 1.4",
        checked=lambda self: self._canvas.wants_minimap,
    )
    def minimap(self) -> None:
        """Show the map in the corner of the canvas where it isn't in the way, or never."""
        canvas = self._canvas
        canvas.set_minimap_visible(not canvas.wants_minimap)
        self._commands.update()

    @command(
        tr("Modules and outline"),
        "Ctrl+1",
        help=tr("Show or hide the panels on the left."),
        needs="pipeline",
        menus="Panels 1.1",
        checked=lambda self: self._workbench.side_visible("left"),
    )
    def panels_left(self) -> None:
        """Show or hide modules and outline."""
        self._toggle("left")

    @command(
        tr("Code and results"),
        "Ctrl+5",
        help=tr("Show or hide the panel beside the canvas."),
        needs="pipeline",
        menus="Panels 1.5",
        checked=lambda self: self._workbench.side_visible("beside"),
    )
    def panels_beside(self) -> None:
        """Show or hide the code."""
        self._toggle("beside")

    @command(
        tr("Properties"),
        "Ctrl+2",
        help=tr("Show or hide the panel on the right."),
        needs="pipeline",
        menus="Panels 1.2",
        checked=lambda self: self._workbench.side_visible("right"),
    )
    def panels_right(self) -> None:
        """Show or hide the properties."""
        self._toggle("right")

    @command(
        tr("Problems, log, and runs"),
        "Ctrl+3",
        help=tr("Show or hide the panels below."),
        needs="pipeline",
        menus="Panels 1.3",
        checked=lambda self: self._workbench.side_visible("below"),
    )
    def panels_below(self) -> None:
        """Show or hide problems, log, and runs."""
        self._toggle("below")

    @command(
        tr("Search modules"),
        "Ctrl+F",
        icon="search",
        help=tr("Go to the search field."),
        menus="View 3.1",
    )
    def search_modules(self) -> None:
        """Put the cursor into the search field of the palette."""
        self._navigation.show_panel("modules")
        self._workbench.panel(palette.PANEL).focus_search()

    @command(tr("Next pane"), "F6", help=tr("Go to the next part of the window."), menus="View 3.3")
    def next_pane(self) -> None:
        """Put the focus into the next part of the window."""
        self._focus_pane(True)

    @command(
        tr("Previous pane"),
        "Shift+F6",
        help=tr("Go to the previous part of the window."),
        menus="View 3.4",
    )
    def previous_pane(self) -> None:
        """Put the focus into the previous part of the window."""
        self._focus_pane(False)

    def find_node(self, text: str) -> None:
        """Show the nodes of the pipeline that fit a text, and select the first of them."""
        self._navigation.show_panel("outline")
        self._workbench.panel(outline.PANEL).look_for(text)

    @command(
        tr("All commands…"),
        "Ctrl+Shift+P",
        help=tr("Search for a command and run it."),
        menus="View 3.2",
    )
    def command_palette(self) -> None:
        """Let the user search for a command and run it."""
        dialog = CommandPalette(self._commands, self._parent)
        if dialog.exec() and dialog.chosen:
            self._commands.actions[dialog.chosen].trigger()

    @command(
        tr("Follow the system"),
        help=tr("Use the system theme."),
        menus="Theme 1.1",
        checked=lambda self: self._settings.theme == "system",
    )
    def theme_system(self) -> None:
        """Follow the system."""
        self._set_theme("system")

    @command(
        tr("Light"),
        help=tr("Use the light theme."),
        menus="Theme 1.2",
        checked=lambda self: self._settings.theme == "light",
    )
    def theme_light(self) -> None:
        """Use the light theme."""
        self._set_theme("light")

    @command(
        tr("Dark"),
        help=tr("Use the dark theme."),
        menus="Theme 1.3",
        checked=lambda self: self._settings.theme == "dark",
    )
    def theme_dark(self) -> None:
        """Use the dark theme."""
        self._set_theme("dark")

    @command(
        tr("Light with high contrast"),
        help=tr("Use the light theme with high contrast."),
        menus="Theme 1.4",
        checked=lambda self: self._settings.theme == "contrast-light",
    )
    def theme_contrast_light(self) -> None:
        """Use the light theme with high contrast."""
        self._set_theme("contrast-light")

    @command(
        tr("Dark with high contrast"),
        help=tr("Use the dark theme with high contrast."),
        menus="Theme 1.5",
        checked=lambda self: self._settings.theme == "contrast-dark",
    )
    def theme_contrast_dark(self) -> None:
        """Use the dark theme with high contrast."""
        self._set_theme("contrast-dark")

    @command(
        tr("Light or dark"),
        icon="theme",
        help=tr("Switch between light and dark."),
        menus="Tools end 1",
    )
    def switch_theme(self) -> None:
        """Go from light to dark or back."""
        now = theme.current()
        kind = "contrast-" if now.name.startswith("contrast") else ""
        self._set_theme(kind + ("light" if now.dark else "dark"))

    @command(
        tr("Help for the module"),
        "F1",
        icon="help",
        help=tr("Show the help of the module."),
        needs="one",
        menus=("Help 1.1", "Node 5"),
    )
    def help_module(self) -> None:
        """Show the help of the selected node's module."""
        spec = self._selection.spec_of(self._selection.node())
        if spec is not None:
            self.show_help(spec.id)

    def show_help(self, module: str) -> None:
        """Show the help of a module in a separate window."""
        spec = self._catalog.get(module)
        if spec is not None:
            hint = self._catalog.install_hint(spec)
            help_window = ModuleHelp(
                spec, hint, self._parent, with_example=example(spec, self._catalog) is not None
            )
            help_window.example_requested.connect(self._add_example)
            help_window.show()

    @command(
        tr("Guide"),
        "Shift+F1",
        icon="info",
        help=tr("Open the guide, which is on this computer."),
        menus="Help 1.05",
    )
    def guide(self) -> None:
        """Show the guide in a separate window."""
        Guide(paths.guide(), self._parent).show()

    def show_problem(self, code: str) -> None:
        """Show the page about a kind of problem; the page of all of them for an unknown one."""
        guide = Guide(paths.guide(), self._parent)
        page = f"problems/{code}.md"
        guide.show_page(page if guide.has(page) else "problems/README.md")
        guide.show()

    @command(
        tr("Keyboard shortcuts"),
        "Ctrl+/",
        icon="list",
        help=tr("List all shortcuts."),
        menus="Help 1.2",
    )
    def shortcuts(self) -> None:
        """List all shortcuts."""
        Shortcuts(self._commands, self._parent).exec()

    @command(tr("About ModelDesk"), icon="info", help=tr("Version and license."), menus="Help 2")
    def about(self) -> None:
        """Show version and license."""
        About(self._parent).exec()

    def _toggle(self, side: str) -> None:
        workbench = self._workbench
        workbench.set_side_visible(side, not workbench.side_visible(side))

    def _set_theme(self, mode: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._settings.theme = mode
        theme.apply(app, mode)
        self._commands.update()
