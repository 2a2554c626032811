"""The property panel: what is selected, its parameters, its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.document import Document
from designer.app.panels.binding import bindable, new_parameter
from designer.app.panels.data_preview import DataPreview, has_preview
from designer.app.panels.editor import Context
from designer.app.panels.field import Field
from designer.app.panels.field_messages import messages
from designer.app.panels.group_page import GroupPage
from designer.app.panels.property_pages import (
    NotePage,
    PipelinePage,
    build_head,
    build_summary,
    label,
    line,
)
from designer.app.panels.result_card import ResultCard
from designer.app.panels.script_editor import ScriptEditor, error_line
from designer.app.views.background import Caller
from designer.pipeline import edits
from designer.pipeline.identifiers import group_ids, without_members
from designer.pipeline.model import Node
from designer.pipeline.parameters import UNSET, bound_parameter
from designer.pipeline.problem import Problem
from modules.contract import ModuleSpec
from modules.contract.columns import Column

ERROR_DELAY = 500
"""Milliseconds of quiet before a wrong value is called wrong: “1e” may become “1e-3”."""


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

    Signals
    -------
    failed : str
        An edit could not be done; one sentence.
    help_requested, log_requested : str
        A module's id, a node's id.
    command_requested : str
        The id of a command, for what is selected.
    """

    failed = Signal(str)
    help_requested = Signal(str)
    log_requested = Signal(str)
    output_requested = Signal(str, str)
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
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(260)
        self._document = document
        self._specs = specs
        self._columns = columns
        self._reader = reader
        self._resolve = resolve
        self._preview: DataPreview | None = None
        self._selection: tuple[str, ...] = ()
        self._page: NotePage | PipelinePage | GroupPage | None = None
        self._shown: tuple[str, str] | None = None
        self._problems: Mapping[str, Sequence[Problem]] = {}
        self._result: Any = None
        self._stale = False
        self.fields: dict[str, Field] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(ERROR_DELAY)
        self._rest.timeout.connect(self._show_messages)
        document.changed.connect(self._on_document)
        document.path_changed.connect(self._rebuild)
        theme.notifier().changed.connect(self._rebuild)
        self._rebuild()

    @property
    def node(self) -> str | None:
        """The node shown; None for none or several."""
        return self._selection[0] if len(self._selection) == 1 else None

    def set_specs(self, specs: Mapping[str, ModuleSpec]) -> None:
        """Use another catalogue."""
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
        """Show what is wrong, by node."""
        self._problems = problems
        # Only what is being typed waits.
        if not self._rest.isActive() or self._page is not None:
            self._show_messages()

    def show_result(self, result: Any, stale: bool = False) -> None:
        """Show what came of the node's last run: a ``NodeResult``, or None."""
        if (result, stale) != (self._result, self._stale):
            self._result = result
            self._stale = stale
            if self._shown is not None:
                self._card.show_result(result, stale)
                self._show_error_line()

    def focus_parameter(self, name: str) -> None:
        """Scroll to a parameter and put the cursor into it."""
        field = self.fields.get(name)
        if field is not None and not field.isHidden():
            field.focus_editor()
            self.ensureWidgetVisible(field, 0, 40)
            page = self.widget()
            if isinstance(field.editor, ScriptEditor) and page is not None:
                code = field.editor.code
                field.editor.go_to_error()
                place = code.viewport().mapTo(page, code.cursorRect().center())
                self.ensureVisible(place.x(), place.y(), 0, 60)

    def commit(self) -> None:
        """Take over what is being typed, before the pipeline is saved or run."""
        for field in self.fields.values():
            field.editor.commit()

    def refresh_columns(self) -> None:
        """Take in columns that have become known."""
        for field in self.fields.values():
            refresh = getattr(field.editor, "refresh", None)
            if refresh is not None:
                refresh()

    def _on_document(self) -> None:
        if self._page is not None and self._page.follow(self._document.pipeline):
            return
        node = self._document.pipeline.nodes.get(self.node or "")
        if node is None or self._shown != (node.id, node.module):
            self._rebuild()
            return
        self._show_values(node)
        self._rest.start()

    def _rebuild(self) -> None:
        pipeline = self._document.pipeline
        self.fields = {}
        self._shown = None
        self._preview = None
        page = QWidget()
        page.setObjectName("properties")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(14)
        chosen = without_members(self._selection)
        present = [name for name in chosen if name in pipeline.nodes]
        self._page = self._page_of(chosen)
        if self._page is not None:
            self._page.follow(pipeline)
            layout.addWidget(self._page)
        elif len(chosen) == 1 and present:
            self._build_node(layout, pipeline.nodes[present[0]])
        else:
            build_summary(layout, pipeline, self._specs, chosen)
        layout.addStretch(1)
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()
        self.setWidget(page)
        if self._shown is not None:
            self._show_values(pipeline.nodes[self._shown[0]])
            self._card.show_result(self._result, self._stale)
            self._show_error_line()
        self._show_messages()

    def _page_of(self, chosen: Sequence[str]) -> NotePage | PipelinePage | GroupPage | None:
        """Return the page of a group, a note or the pipeline; None for nodes and several."""
        pipeline = self._document.pipeline
        groups = group_ids(pipeline)
        known = [n for n in chosen if n in pipeline.nodes or n in pipeline.notes or n in groups]
        if not known:
            return PipelinePage(self._document.title, self._apply)
        if len(known) > 1 or known[0] in pipeline.nodes:
            return None
        if known[0] in pipeline.notes:
            return NotePage(known[0], self._apply)
        page = GroupPage(known[0], self._specs, self._apply)
        page.command_requested.connect(self.command_requested)
        return page

    def _build_node(self, layout: QVBoxLayout, node: Node) -> None:
        spec = self._specs.get(node.module)
        build_head(layout, node, spec, self.help_requested.emit)
        self._card = ResultCard()
        self._card.log_requested.connect(lambda: self.log_requested.emit(node.id))
        self._card.output_requested.connect(lambda port: self.output_requested.emit(node.id, port))
        layout.addWidget(self._card)
        self.node_message = label("", "error")
        self.node_message.hide()
        layout.addWidget(self.node_message)
        if spec is not None and self._reader is not None and has_preview(spec):
            self._preview = DataPreview(self._reader)
            layout.addWidget(self._preview)
        context = Context(self._document.base, lambda port: self._columns(node.id, port))
        for parameter in spec.parameters if spec else ():
            field = Field(parameter, context)
            field.edited.connect(self._on_edited)
            field.left.connect(self._on_left)
            field.bind_requested.connect(self._bind)
            field.unbind_requested.connect(self._unbind)
            self.fields[parameter.name] = field
            layout.addWidget(field)
        layout.addWidget(line())
        comment = QVBoxLayout()
        comment.setSpacing(3)
        comment.addWidget(label("Comment"))
        self.comment = QLineEdit(node.comment)
        self.comment.setPlaceholderText("Shown on the card")
        self.comment.setAccessibleName("Comment")
        self.comment.textEdited.connect(self._on_comment)
        self.comment.editingFinished.connect(self._on_left)
        comment.addWidget(self.comment)
        layout.addLayout(comment)
        self._shown = (node.id, node.module)

    def _show_values(self, node: Node) -> None:
        spec = self._specs.get(node.module)
        pipeline = self._document.pipeline
        if self.comment.text() != node.comment:
            self.comment.setText(node.comment)
        if spec is None:
            return
        values = {
            name: known.default
            if (known := pipeline.parameters.get(bound_parameter(value) or "")) is not None
            else value
            for name, value in node.parameters.items()
        }
        for parameter in spec.parameters:
            field = self.fields[parameter.name]
            value = node.parameters.get(parameter.name, UNSET)
            field.set_value(value, bindable(parameter, pipeline.parameters))
            field.setVisible(spec.applies(parameter, values))
        if self._preview is not None:
            chosen = all(values.get(p.name) for p in spec.parameters if p.required)
            self._preview.setVisible(chosen)
            if chosen:
                self._preview.show_data(spec.id, self._readable(spec, values))

    def _readable(self, spec: ModuleSpec, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters that mean the same in another process: paths are absolute."""
        readable = dict(values)
        for parameter in spec.parameters:
            path = readable.get(parameter.name)
            if parameter.kind == "path" and isinstance(path, str) and path:
                try:
                    readable[parameter.name] = self._resolve(path)
                except KeyError:
                    continue
        return readable

    def _show_messages(self) -> None:
        """Say under each field what is wrong with it, and above them what is wrong at all."""
        if isinstance(self._page, GroupPage):
            self._page.show_problems(self._problems)
            return
        node = self._document.pipeline.nodes.get(self.node or "")
        if self._shown is None or node is None:
            return
        problems = self._problems.get(node.id, ())
        found, rest = messages(node, self._specs.get(node.module), problems)
        for name, field in self.fields.items():
            field.set_message(*found.get(name, ("", "error")))
        self.node_message.setText("\n".join(rest))
        self.node_message.setVisible(bool(rest))

    def _show_error_line(self) -> None:
        error = self._result.error if self._result is not None and not self._stale else None
        for name, field in self.fields.items():
            if isinstance(field.editor, ScriptEditor):
                field.editor.code.set_error_line(error_line(error or {}, name))

    def _on_edited(self, name: str, value: Any) -> None:
        node = self.node
        if node is None:
            return
        title = self.fields[name].parameter.title
        verb = "Reset" if value is UNSET else "Set"
        self._apply(
            f"{verb} {title[:1].lower()}{title[1:]}",
            lambda p: edits.set_parameter(p, node, name, value),
            ("parameter", node, name),
        )

    def _on_comment(self, text: str) -> None:
        node = self.node
        if node is not None:
            self._apply(
                "Change comment", lambda p: edits.set_comment(p, node, text), ("comment", node)
            )

    def _on_left(self) -> None:
        self._document.end_merge()
        if self._rest.isActive():
            self._rest.stop()
            self._show_messages()

    def _bind(self, name: str, parameter: Any) -> None:
        node = self.node
        if node is None:
            return
        self._document.end_merge()
        if parameter is not None:
            self._apply(
                "Bind to pipeline parameter",
                lambda p: edits.bind_parameter(p, node, name, parameter),
            )
            return
        field = self.fields[name]
        new = new_parameter(field.parameter, field.value, self._document.pipeline.parameters)
        self._apply(
            "New pipeline parameter",
            lambda p: edits.bind_parameter(edits.add_parameter(p, new), node, name, new.name),
        )

    def _unbind(self, name: str) -> None:
        node = self.node
        pipeline = self._document.pipeline
        if node is None:
            return
        bound = bound_parameter(pipeline.nodes[node].parameters.get(name))
        known = pipeline.parameters.get(bound or "")
        value = known.default if known is not None else UNSET
        self._apply("Use a value of its own", lambda p: edits.set_parameter(p, node, name, value))

    def _apply(self, text: str, function: Any, merge: Any = None) -> None:
        try:
            self._document.apply(text, function, merge)
        except edits.EditError as error:
            self.failed.emit(str(error))
