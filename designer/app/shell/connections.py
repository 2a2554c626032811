"""What the parts of the window tell each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from designer.app.shell.context_menus import open_context_menu
from modules.contract.columns import Column

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow
    from designer.pipeline.model import Pipeline


class Wiring:
    """Connects the signals of the parts of a window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._connect_canvas()
        self._connect_document()
        self._connect_panels()

    def _connect_canvas(self) -> None:
        window = self._window
        canvas = window.canvas
        canvas.edited.connect(self._on_edited)
        canvas.selection_changed.connect(self._on_selection)
        canvas.node_activated.connect(window.edit_node)
        canvas.node_opened.connect(window.runs.open_node)
        canvas.menu_requested.connect(lambda what, at: open_context_menu(window, what, at))
        canvas.files_dropped.connect(window.edits.files_dropped)
        canvas.message.connect(self._warn)
        canvas.zoom_changed.connect(window.status.show_zoom)

    def _connect_document(self) -> None:
        window = self._window
        document = window.document
        document.changed.connect(self._on_document)
        document.path_changed.connect(window.update_title)
        document.dirty_changed.connect(lambda _: window.update_title())
        document.disk_changed.connect(window.files.on_disk_changed)
        document.undo_stack.indexChanged.connect(lambda _: window.update_conditions())

    def _connect_panels(self) -> None:
        window = self._window
        window.palette_panel.module_chosen.connect(window.edits.add_at_center)
        window.palette_panel.nodes_requested.connect(window.views.find_node)
        window.outline.chosen.connect(window.focus_node)
        properties = window.properties
        properties.failed.connect(self._warn)
        properties.help_requested.connect(window.views.show_help)
        properties.log_requested.connect(window.runs.show_log)
        properties.output_requested.connect(window.runs.show_output)
        properties.command_requested.connect(lambda name: window.actions_by_id[name].trigger())
        window.problems.chosen.connect(lambda problem: window.reports.choose(problem))
        window.problems.activated.connect(lambda problem: window.reports.go_to(problem))
        window.checker.checked.connect(lambda: window.reports.show())
        window.checker.settled.connect(window.consent.offer)
        window.checker.learned.connect(self._on_learned)
        window.controller.recalled.connect(window.known.learn)
        window.start_page.new_requested.connect(window.files.new)
        window.start_page.open_requested.connect(window.files.open)
        window.start_page.file_requested.connect(window.files.open_path)
        window.bar.make_room = window.make_room
        window.workbench.sides_changed.connect(window.update_switches)

    def _warn(self, text: str) -> None:
        self._window.say(text, warning=True)

    def _on_document(self) -> None:
        window = self._window
        pipeline = window.document.pipeline
        window.canvas.show_pipeline(pipeline)
        window.outline.show_pipeline(pipeline, window.catalog)
        window.checker.pipeline_changed(pipeline, window.document.base)
        window.runs.pipeline_changed()
        window.log.set_nodes(pipeline.nodes)
        window.update_conditions()

    def _on_selection(self, names: list[str]) -> None:
        window = self._window
        window.properties.show_selection(names)
        window.outline.show_selection(names)
        window.runs.refresh()
        window.update_conditions()

    def _on_edited(self, text: str, function: object, merge: object) -> None:
        self._window.edits.apply(text, cast("Callable[[Pipeline], Pipeline]", function), merge)

    def _on_learned(self) -> None:
        window = self._window
        window.properties.refresh()
        known = window.known.all()
        window.canvas.set_port_info({end: _columns_text(found) for end, found in known.items()})


def _columns_text(columns: Sequence[Column]) -> str:
    names = ", ".join(column.name for column in columns[:12])
    more = " …" if len(columns) > 12 else ""
    return f"{len(columns)} columns: {names}{more}"
