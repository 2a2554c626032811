"""The menus that a right click on the canvas opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from designer.app.canvas import (
    CanvasTarget,
    GroupTarget,
    LinkTarget,
    NodeTarget,
    NoteTarget,
    PortTarget,
    Target,
)
from designer.app.shell import commands, theme
from designer.pipeline import edits

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow


def context_menu(window: MainWindow, target: Target) -> QMenu:
    """Return the menu for what was clicked; it is selected before."""
    menu = QMenu(window)
    if isinstance(target, NodeTarget):
        _select(window, target.id)
        _fill(window, menu, commands.NODE_MENU, target.id)
    elif isinstance(target, NoteTarget):
        _select(window, target.id)
        _fill(window, menu, commands.NOTE_MENU)
    elif isinstance(target, GroupTarget):
        _select(window, target.id)
        _fill(window, menu, commands.GROUP_MENU)
    elif isinstance(target, PortTarget):
        _port_menu(window, menu, target)
    elif isinstance(target, LinkTarget):
        link = target.link
        remove = menu.addAction(theme.icon("unlink"), "Delete link")
        remove.triggered.connect(
            lambda: window.edits.apply("Remove link", lambda p: edits.disconnect(p, [link]))
        )
        menu.addAction(theme.icon("table"), "Visualize").triggered.connect(
            lambda: window.runs.show_output(link.source.node, link.source.port)
        )
    else:
        _canvas_menu(window, menu, target)
    return menu


def open_context_menu(window: MainWindow, target: Target, place: QPoint) -> None:
    """Open the menu for what was clicked."""
    menu = context_menu(window, target)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(place)


def _select(window: MainWindow, name: str) -> None:
    if name not in window.canvas.selection():
        window.canvas.select([name])


def _fill(
    window: MainWindow, menu: QMenu, entries: Iterable[str | None], node: str | None = None
) -> None:
    def outputs(parent: QMenu) -> None:
        spec = window.spec_of(node) if node else None
        if spec is None or not spec.outputs:
            return
        several = len(spec.outputs) > 1
        into = parent.addMenu(theme.icon("table"), "Visualize") if several else parent
        for port in spec.outputs:
            text = port.title.replace("&", "&&") if several else "Visualize"
            if port is spec.outputs[0]:
                # The shortcut of the command, which shows the first output.
                text += f"\t{commands.shortcut_text(commands.BY_ID['visualize'])}"
            action = into.addAction(text)
            action.setIcon(theme.icon("table"))
            action.triggered.connect(
                lambda _=False, port=port: window.runs.show_output(str(node), port.name)
            )

    def register(parent: QMenu) -> None:
        if window.dataset_actions.file_of(node) is not None:
            parent.addAction(window.actions_by_id["register_dataset"])

    special = {commands.OUTPUTS: outputs, "register_dataset": register}
    commands.fill_menu(menu, entries, window.actions_by_id, special)


def _port_menu(window: MainWindow, menu: QMenu, target: PortTarget) -> None:
    pipeline = window.document.pipeline
    source: tuple[str, str] | None = (target.id, target.port)
    if not target.is_output:
        source = pipeline.inputs_of(target.id).get(target.port)
    show = menu.addAction(theme.icon("table"), "Visualize")
    show.setEnabled(source is not None)
    if source is not None:
        node, port = source
        show.triggered.connect(lambda: window.runs.show_output(node, port))
    links = [
        link
        for link in pipeline.links
        if (link.source if target.is_output else link.target) == (target.id, target.port)
    ]
    if links:
        words = "Delete link" if len(links) == 1 else f"Delete {len(links)} links"
        menu.addAction(theme.icon("unlink"), words).triggered.connect(
            lambda: window.edits.apply("Remove links", lambda p: edits.disconnect(p, links))
        )


def _canvas_menu(window: MainWindow, menu: QMenu, target: CanvasTarget) -> None:
    _fill(window, menu, commands.CANVAS_MENU)
    note = window.actions_by_id["add_note"]
    for action in menu.actions():
        if action is note:
            here = menu.addAction(note.icon(), note.text())
            here.triggered.connect(lambda: window.edits.add_note((target.x, target.y)))
            menu.insertAction(note, here)
            menu.removeAction(note)
            break
