"""The menus that a right click on the canvas opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from designer.app.canvas import (
    Canvas,
    CanvasTarget,
    GroupTarget,
    LinkTarget,
    NodeTarget,
    NoteTarget,
    PortTarget,
    Target,
)
from designer.app.document.selection import Selection
from designer.app.shell import theme
from designer.app.shell.commands import Commands
from designer.app.shell.commands.menus import CANVAS, GROUP, NODE, NOTE, OUTPUTS
from designer.app.widgets.direction import DirectedMenu
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.texts import tr


class ContextMenus:
    """Makes the menu for what was clicked.

    Parameters
    ----------
    apply : callable
        Applies an edit under an undo title.
    add_note : callable
        Adds a note at a position of the canvas.
    paste : callable
        Pastes at a position of the canvas.
    show_output : callable
        Shows the result at a port of a node.
    file_of : callable
        Returns the file that a node reads and that could be registered; None for no such.
    """

    def __init__(
        self,
        commands: Commands,
        canvas: Canvas,
        selection: Selection,
        apply: Callable[[str, Callable[[Pipeline], Pipeline]], object],
        add_note: Callable[[tuple[float, float]], object],
        paste: Callable[[tuple[float, float]], object],
        show_output: Callable[[str, str], object],
        file_of: Callable[[str | None], Path | None],
    ) -> None:
        self._commands = commands
        self._canvas = canvas
        self._selection = selection
        self._apply = apply
        self._add_note = add_note
        self._paste = paste
        self._show_output = show_output
        self._file_of = file_of

    def open(self, target: Target, position: QPoint) -> None:
        """Open the menu for what was clicked, at a position of the screen."""
        menu = self.menu(target)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def menu(self, target: Target) -> QMenu:
        """Return the menu for what was clicked, which is selected first."""
        menu = DirectedMenu(self._canvas)
        if isinstance(target, NodeTarget):
            self._select(target.id)
            self._fill_for_node(menu, target.id)
        elif isinstance(target, NoteTarget):
            self._select(target.id)
            self._commands.fill(menu, NOTE)
        elif isinstance(target, GroupTarget):
            self._select(target.id)
            self._commands.fill(menu, GROUP)
        elif isinstance(target, PortTarget):
            self._fill_for_port(menu, target)
        elif isinstance(target, LinkTarget):
            link = target.link
            delete = menu.addAction(theme.icon("unlink"), tr("Delete link"))
            delete.triggered.connect(
                lambda: self._apply(tr("Delete link"), lambda p: edits.disconnect(p, [link]))
            )
            menu.addAction(theme.icon("table"), tr("Visualize")).triggered.connect(
                lambda: self._show_output(link.source.node, link.source.port)
            )
        else:
            self._fill_for_canvas(menu, target)
        return menu

    def _select(self, name: str) -> None:
        if name not in self._canvas.selection():
            self._canvas.select([name])

    def _fill_for_node(self, menu: QMenu, node: str) -> None:
        def outputs(parent: QMenu) -> None:
            spec = self._selection.spec_of(node)
            if spec is None or not spec.outputs:
                return
            several = len(spec.outputs) > 1
            into = parent.addMenu(theme.icon("table"), tr("Visualize")) if several else parent
            for port in spec.outputs:
                text = port.title.replace("&", "&&") if several else tr("Visualize")
                if port is spec.outputs[0]:
                    # The shortcut of the command, which shows the first output.
                    text += f"\t{self._commands.by_id['visualize'].shortcut_text()}"
                action = into.addAction(text)
                action.setIcon(theme.icon("table"))
                action.triggered.connect(
                    lambda _=False, port=port: self._show_output(node, port.name)
                )

        def register(parent: QMenu) -> None:
            if self._file_of(node) is not None:
                parent.addAction(self._commands.actions["register_dataset"])

        self._commands.fill(menu, NODE, {OUTPUTS: outputs, "register_dataset": register})

    def _fill_for_port(self, menu: QMenu, target: PortTarget) -> None:
        pipeline = self._canvas.graph.pipeline
        source: tuple[str, str] | None = (target.id, target.port)
        if not target.is_output:
            source = pipeline.inputs_of(target.id).get(target.port)
        show = menu.addAction(theme.icon("table"), tr("Visualize"))
        show.setEnabled(source is not None)
        if source is not None:
            node, port = source
            show.triggered.connect(lambda: self._show_output(node, port))
        links = [
            link
            for link in pipeline.links
            if (link.source if target.is_output else link.target) == (target.id, target.port)
        ]
        if links:
            text = (
                tr("Delete link")
                if len(links) == 1
                else tr("Delete {number} links").format(number=len(links))
            )
            menu.addAction(theme.icon("unlink"), text).triggered.connect(
                lambda: self._apply(text, lambda p: edits.disconnect(p, links))
            )

    def _fill_for_canvas(self, menu: QMenu, target: CanvasTarget) -> None:
        def here(
            name: str, act: Callable[[tuple[float, float]], object]
        ) -> Callable[[QMenu], None]:
            def fill(parent: QMenu) -> None:
                command = self._commands.actions[name]
                text = f"{command.text()}\t{self._commands.by_id[name].shortcut_text()}"
                action = parent.addAction(command.icon(), text.rstrip())
                action.triggered.connect(lambda: act((target.x, target.y)))

            return fill

        acts = {"add_note": self._add_note, "paste": self._paste}
        self._commands.fill(menu, CANVAS, {name: here(name, act) for name, act in acts.items()})
