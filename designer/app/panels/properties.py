"""The Properties panel: the selection, its parameters, its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from designer.app.background.engine_caller import EngineCaller
from designer.app.datasets.datasets import RegisteredDataset
from designer.app.document.document import Document
from designer.app.panels.editor import Context
from designer.app.panels.field import Field
from designer.app.panels.group_page import GroupPage
from designer.app.panels.node_page import NodePage
from designer.app.panels.panel import Panel, PanelContext
from designer.app.panels.ports.port_section import ColumnsOf
from designer.app.panels.property_pages import NotePage, PipelinePage
from designer.app.panels.script_editor import ScriptEditor
from designer.app.panels.selection_page import SelectionPage
from designer.app.panels.shared_page import SharedPage
from designer.app.shell import theme
from designer.app.views.background import Caller, Tasks
from designer.composed_texts import in_language
from designer.engine.stored_table import frequent_values
from designer.pipeline import edits
from designer.pipeline.identifiers import group_ids, without_members
from designer.pipeline.model import SharedUse
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.columns import Column

Page = NodePage | NotePage | GroupPage | PipelinePage | SelectionPage

ERROR_DELAY = 500
"""Milliseconds without input before an error is shown: “1e” may become “1e-3”."""


class Properties(QScrollArea):
    """Shows and edits the selection.

    Parameters
    ----------
    columns : callable
        From a node's id and the name of an input port to the columns there.
    reader : Caller, optional
        Reads the first rows of data for a preview; without it there is none.
    resolve : callable
        From a path parameter to the absolute path that it means.
    datasets : callable
        Returns the registered datasets.
    may_look : callable
        From a node's id to whether the files that it names may be looked at.
    stored, sampled : callable
        From a node's id and the name of an input to the folder of the table that the last run
        had there; and, with a column, to the column's values before a run. None if unknown.
    outputs : callable
        From an output to its columns; None while they are unknown.

    Signals
    -------
    failed : str
        An edit couldn't be done; one sentence.
    help_requested, log_requested, explained : str
        A module's id, a node's id.
    node_requested : str
        The id of a node to select.
    command_requested : str
        The id of a command, for what is selected.
    """

    failed = Signal(str)
    help_requested = Signal(str)
    log_requested = Signal(str)
    explained = Signal(str)
    output_requested = Signal(str, str)
    install_requested = Signal(str)
    node_requested = Signal(str)
    command_requested = Signal(str)

    def __init__(
        self,
        document: Document,
        specs: Mapping[str, ModuleSpec],
        columns: Callable[[str, str], Sequence[Column] | None] = lambda node, port: None,
        parent: QWidget | None = None,
        *,
        reader: Caller | None = None,
        resolve: Callable[[str], str] = lambda path: path,
        datasets: Callable[[], Sequence[RegisteredDataset]] = tuple,
        may_look: Callable[[str], bool] = lambda node: True,
        stored: Callable[[str, str], str | None] = lambda node, port: None,
        sampled: Callable[[str, str, str], Sequence[str] | None] = lambda node, port, name: None,
        outputs: ColumnsOf = lambda end: None,
    ) -> None:
        super().__init__(parent)
        # Its fields accept the focus, and focusing scrolls to them.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(260)
        self._document = document
        self._specs = specs
        self._columns = columns
        self._reader = reader
        self._resolve = resolve
        self._datasets = datasets
        self._may_look = may_look
        self._stored = stored
        self._sampled = sampled
        self._outputs = outputs
        self._selection: tuple[str, ...] = ()
        self._sought: Field | None = None
        self._problems: Mapping[str, Sequence[Problem]] = {}
        self._result: Any = None
        self._stale = False
        self._error_timer = QTimer(self)
        self._error_timer.setSingleShot(True)
        self._error_timer.setInterval(ERROR_DELAY)
        self._error_timer.timeout.connect(self._show_messages)
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        document.changed.connect(self._on_document)
        document.path_changed.connect(self._rebuild)
        theme.notifier().changed.connect(self._rebuild)
        self._rebuild()

    @property
    def node(self) -> str | None:
        """The node shown; None for none or several."""
        return self._selection[0] if len(self._selection) == 1 else None

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of the nodes shown, by the names of their parameters."""
        with_fields = (NodePage, SelectionPage, SharedPage)
        return self.page.fields if isinstance(self.page, with_fields) else {}

    def set_specs(self, specs: Mapping[str, ModuleSpec]) -> None:
        """Use another catalog."""
        self._specs = specs
        self._rebuild()

    def show_selection(self, ids: Sequence[str]) -> None:
        """Show a node, a note, a group, or how many of each."""
        selection = tuple(ids)
        if selection != self._selection:
            self._document.end_merge()
            self._selection = selection
            self._result = None
            self._rebuild()

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show the problems, by node."""
        self._problems = problems
        # Only what is being typed waits.
        if not self._error_timer.isActive() or not isinstance(self.page, NodePage):
            self._show_messages()

    def show_result(self, result: Any, stale: bool = False) -> None:
        """Show the result of the node's last run: a ``NodeResult``, or None."""
        if (result, stale) != (self._result, self._stale):
            self._result = result
            self._stale = stale
            if isinstance(self.page, NodePage):
                self.page.show_result(result, stale)

    def focus_parameter(self, name: str = "") -> None:
        """Scroll to a parameter and put the cursor into it; by default the first one."""
        shown = {key: field for key, field in self.fields.items() if not field.isHidden()}
        field = shown.get(name) if name else next(iter(shown.values()), None)
        if field is not None:
            field.focus_editor()
            self._sought = field
            if isinstance(field.editor, ScriptEditor):
                field.editor.go_to_error()
            self._bring(field)

    def focus_inputs(self) -> None:
        """Put the focus into the list of the first input without a link, or else the first."""
        ports = self.page.ports if isinstance(self.page, NodePage) else None
        if ports is not None and (field := ports.first_input()) is not None:
            field.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(field, 0, 40)

    def commit(self) -> None:
        """Commit what is being typed, before the pipeline is saved or run."""
        for field in self.fields.values():
            field.editor.commit()

    def refresh(self) -> None:
        """Update the known columns, the registered datasets, and the first rows of data."""
        if isinstance(self.page, NodePage):
            self.page.follow(self._document.pipeline)
        for field in self.fields.values():
            refresh = getattr(field.editor, "refresh", None)
            if refresh is not None:
                refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the focused field in view while the layout above it changes."""
        if watched is self.widget() and event.type() in (
            QEvent.Type.Resize,
            QEvent.Type.LayoutRequest,
        ):
            # Once the layouts are updated.
            QTimer.singleShot(0, self, self._keep_sought)
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling by the user ends that."""
        self._sought = None
        super().wheelEvent(event)

    def _on_scrolled(self) -> None:
        self._sought = None

    def _keep_sought(self) -> None:
        field, focused = self._sought, self.focusWidget()
        if field is None:
            return
        gone = field not in self.fields.values()
        if gone or (focused is not None and not field.isAncestorOf(focused)):
            self._sought = None
        else:
            self._bring(field)

    def _bring(self, field: Field) -> None:
        """Scroll to a field, in a script to the cursor."""
        self.ensureWidgetVisible(field, 0, 40)
        page = self.widget()
        if isinstance(field.editor, ScriptEditor) and page is not None:
            code = field.editor.code
            point = code.viewport().mapTo(page, code.cursorRect().center())
            self.ensureVisible(point.x(), point.y(), 0, 60)

    def _on_document(self) -> None:
        if not self.page.follow(self._document.pipeline):
            self._rebuild()
        elif isinstance(self.page, NodePage):
            self._error_timer.start()

    def _rebuild(self) -> None:
        self.page: Page = self._make_page()
        outer = QWidget()
        outer.setObjectName("properties")
        layout = QVBoxLayout(outer)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.addWidget(self.page)
        layout.addStretch(1)
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()
        self.setWidget(outer)
        self.page.follow(self._document.pipeline)
        if isinstance(self.page, NodePage):
            self.page.show_result(self._result, self._stale)
        self._show_messages()

    def _make_page(self) -> Page:
        """Return the page of a node, a note, a group, the pipeline, or several of these."""
        pipeline = self._document.pipeline
        groups = group_ids(pipeline)
        chosen = without_members(self._selection)
        known = [n for n in chosen if n in pipeline.nodes or n in pipeline.notes or n in groups]
        if not known:
            return PipelinePage(self._document.title, self._apply)
        if len(known) > 1:
            nodes = [name for name in known if name in pipeline.nodes]
            contexts = {name: self._context(name) for name in nodes}
            selected = SelectionPage(pipeline, self._specs, known, contexts, self._apply)
            selected.left.connect(self._on_left)
            return selected
        (name,) = known
        if name in pipeline.nodes:
            return self._node_page(name)
        if name in pipeline.notes:
            return NotePage(name, self._apply)
        shared = pipeline.groups[name].shared if name in pipeline.groups else None
        if shared is not None:
            page: GroupPage = self._shared_page(name, shared)
        else:
            page = GroupPage(name, self._specs, self._apply)
        page.command_requested.connect(self.command_requested)
        return page

    def _shared_page(self, name: str, use: SharedUse) -> SharedPage:
        page = SharedPage(name, use, self._specs, self._apply, self._context)
        page.left.connect(self._on_left)
        return page

    def _context(self, name: str) -> Context:
        """Return what the editors of a node's parameters need."""
        return Context(
            self._document.base,
            lambda port: self._columns(name, port),
            self._datasets,
            lambda: self._may_look(name),
        )

    def _node_page(self, name: str) -> NodePage:
        node = self._document.pipeline.nodes[name]
        context = self._context(name)
        page = NodePage(
            node,
            self._specs.get(node.module),
            context,
            self._apply,
            specs=self._specs,
            outputs=self._outputs,
            reader=self._reader,
            resolve=self._resolve,
        )
        tasks = Tasks(page, self._reader)

        def values(port: str, column: str, done: Callable[[list[str]], None]) -> None:
            folder = self._stored(name, port)
            sampled = self._sampled(name, port, column)
            if folder is not None:
                tasks.run(frequent_values, folder, column, done=done, failed=lambda *_: None)
            elif sampled:
                done(list(sampled))

        context.values = values
        page.left.connect(self._on_left)
        page.help_requested.connect(self.help_requested)
        page.log_requested.connect(self.log_requested)
        page.explained.connect(self.explained)
        page.node_requested.connect(self.node_requested)
        page.output_requested.connect(self.output_requested)
        page.install_requested.connect(self.install_requested)
        return page

    def _show_messages(self) -> None:
        if isinstance(self.page, (NodePage, GroupPage)):
            self.page.show_problems(self._problems)

    def _on_left(self) -> None:
        self._document.end_merge()
        if self._error_timer.isActive():
            self._error_timer.stop()
            self._show_messages()

    def _apply(self, text: str, function: Any, merge: Any = None) -> None:
        try:
            self._document.apply(text, function, merge)
        except edits.EditError as error:
            self.failed.emit(in_language(str(error)))


def _make(context: PanelContext) -> Properties:
    document = context.document
    return Properties(
        document,
        context.catalog,
        context.known.at_input,
        reader=EngineCaller(context.controller.engine),
        resolve=lambda path: str(context.workspace.resolve(path, document.base)),
        datasets=context.datasets.all,
        may_look=context.agreements.may_look,
        stored=context.known.stored_at_input,
        sampled=context.known.values_at_input,
        outputs=context.known.at_output,
    )


PANEL = Panel("properties", tr("Properties"), "right", _make)
