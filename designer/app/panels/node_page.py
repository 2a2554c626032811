"""The page of a node in the Properties panel: its result, parameters, and comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from designer.app.datasets.data_preview import DataPreview, has_preview
from designer.app.document.binding import bindable, binding, unbinding
from designer.app.document.chosen_column import chosen_column, input_of
from designer.app.panels.editor import Context, DataSource
from designer.app.panels.field import Field
from designer.app.panels.field_messages import messages
from designer.app.panels.ports.port_section import ColumnsOf, PortSection
from designer.app.panels.property_pages import Apply, build_head, label, line, page_layout
from designer.app.panels.result_card import ResultCard
from designer.app.panels.script_editor import ScriptEditor, error_line
from designer.app.views.background import Caller
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.app.widgets.sentence_case import in_sentence
from designer.extras import missing_distributions
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.parameters import UNSET, bound_parameter
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec, PathOf
from modules.programs import distributions


class NodePage(QWidget):
    """Shows and edits a node.

    Parameters
    ----------
    spec : ModuleSpec or None
        Of its module; None for an unknown one.
    specs : mapping of str to ModuleSpec
        The catalog.
    outputs : callable
        From an output of any node to its columns; None while they are unknown.
    reader : Caller, optional
        Reads the first rows of data for a preview; without it there is none.
    resolve : callable
        From a path parameter to the absolute path that it means.

    Attributes
    ----------
    fields : dict of str to Field
        By the names of the parameters.

    Signals
    -------
    left
        The user has left a field, or starts something new.
    help_requested, log_requested, explained : str
        A module's id, a node's id.
    output_requested : str, str
        A node's id and the name of an output.
    node_requested : str
        The id of another node, to select.
    install_requested : str
        The id of a module whose libraries are missing.
    """

    left = Signal()
    help_requested = Signal(str)
    log_requested = Signal(str)
    explained = Signal(str)
    output_requested = Signal(str, str)
    node_requested = Signal(str)
    install_requested = Signal(str)

    def __init__(
        self,
        node: Node,
        spec: ModuleSpec | None,
        context: Context,
        apply: Apply,
        *,
        specs: Mapping[str, ModuleSpec],
        outputs: ColumnsOf = lambda end: None,
        reader: Caller | None = None,
        resolve: Callable[[str], str] = lambda path: path,
    ) -> None:
        super().__init__()
        self._name, self._module = node.id, node.module
        self._spec = spec
        self._pipeline = Pipeline()
        self._apply = apply
        self._resolve = resolve
        self._may_look = context.may_look
        self._reader = reader
        context.data = self._data
        context.column = self._column
        self._columns = context.columns
        self.fields: dict[str, Field] = {}
        self.preview: DataPreview | None = None
        layout = page_layout(self)
        build_head(layout, node, spec, self.help_requested.emit)
        self.card = ResultCard()
        self.card.explained.connect(self.explained)
        self.card.log_requested.connect(lambda: self.log_requested.emit(node.id))
        self.card.output_requested.connect(lambda port: self.output_requested.emit(node.id, port))
        layout.addWidget(self.card)
        self.message = label("", "error")
        self.message.hide()
        layout.addWidget(self.message)
        self.install = QPushButton(tr("Install libraries…"))
        self.install.clicked.connect(lambda: self.install_requested.emit(node.module))
        layout.addWidget(self.install)
        self.install.hide()
        if spec is not None and reader is not None and has_preview(spec):
            self.preview = DataPreview(reader)
            layout.addWidget(self.preview)
        for parameter in spec.parameters if spec else ():
            field = Field(parameter, context, tunable=spec is not None and spec.tunable)
            field.edited.connect(self._on_edited)
            field.left.connect(self.left)
            field.bind_requested.connect(self._bind)
            field.unbind_requested.connect(self._unbind)
            self.fields[parameter.name] = field
            layout.addWidget(field)
        self.ports: PortSection | None = None
        if spec is not None and (spec.inputs or spec.outputs):
            self.ports = PortSection(node.id, spec, specs, outputs, apply)
            self.ports.left.connect(self.left)
            self.ports.node_requested.connect(self.node_requested)
            layout.addWidget(line())
            layout.addWidget(self.ports)
        layout.addWidget(line())
        comment = QVBoxLayout()
        comment.setSpacing(3)
        comment.addWidget(label(tr("Comment")))
        self.comment = QLineEdit()
        self.comment.setPlaceholderText(tr("Shown on the card"))
        self.comment.setAccessibleName(tr("Comment"))
        on_typed(self.comment, self._on_comment)
        self.comment.editingFinished.connect(self.left)
        comment.addWidget(self.comment)
        layout.addLayout(comment)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the node as it is now; false if it is gone or another one."""
        node = pipeline.nodes.get(self._name)
        if node is None or node.module != self._module:
            return False
        self._pipeline = pipeline
        if self.comment.text() != node.comment:
            show_text(self.comment, node.comment)
            # A long text is read from its beginning.
            self.comment.setCursorPosition(0)
        if self._spec is not None:
            self._show_values(self._spec, node)
        if self.ports is not None:
            self.ports.follow(pipeline)
        return True

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show the problems of each field below it, and those of the node above."""
        node = self._pipeline.nodes.get(self._name)
        if node is None:
            # A field is left because undo has taken the node away.
            return
        found, rest = messages(node, self._spec, problems.get(self._name, ()))
        for name, field in self.fields.items():
            field.set_message(*found.get(name, ("", "error")))
        self.message.setText("\n".join(rest))
        self.message.setVisible(bool(rest))

    def show_result(self, result: Any, stale: bool) -> None:
        """Show the result of the last run: a ``NodeResult``, or None."""
        self.card.show_result(result, stale, self._spec.title if self._spec else "")
        error = result.error if result is not None and not stale else None
        for name, field in self.fields.items():
            if isinstance(field.editor, ScriptEditor):
                field.editor.code.set_error_line(error_line(error or {}, name))

    def _show_values(self, spec: ModuleSpec, node: Node) -> None:
        pipeline = self._pipeline
        values = self._values(node)
        decided = self._decided(spec, values)
        for parameter in spec.parameters:
            field = self.fields[parameter.name]
            value = node.parameters.get(parameter.name, UNSET)
            field.set_value(value, bindable(parameter, pipeline.parameters))
            # Parameters that don't apply to a file of this kind are ignored.
            field.setVisible(spec.applies(parameter, decided))
        needed = distributions(spec.requirements(values))
        self.install.setVisible(bool(missing_distributions(needed)))
        if self.preview is not None:
            chosen = all(values.get(p.name) for p in spec.parameters if p.required)
            self.preview.setVisible(chosen)
            if chosen and self._may_look():
                self.preview.show_data(spec.id, self._readable(spec, values))
            elif chosen:
                self.preview.show_closed()

    def _data(self) -> DataSource | None:
        spec, node = self._spec, self._pipeline.nodes.get(self._name)
        if spec is None or node is None or not self._may_look():
            return None
        readable = self._readable(spec, self._values(node))
        return DataSource(spec.id, readable, self._reader, has_preview(spec))

    def _column(self, name: str) -> tuple[str, str] | None:
        spec, node = self._spec, self._pipeline.nodes.get(self._name)
        parameter = spec.parameter_by_name.get(name) if spec else None
        if parameter is None or node is None:
            return None
        found = chosen_column(self._pipeline, node, parameter, self._columns)
        return (input_of(parameter), found.name) if found else None

    def _values(self, node: Node) -> dict[str, Any]:
        """Return the parameters with the values of pipeline parameters."""
        pipeline = self._pipeline
        return {
            name: known.default
            if (known := pipeline.parameters.get(bound_parameter(value) or "")) is not None
            else value
            for name, value in node.parameters.items()
        }

    def _decided(self, spec: ModuleSpec, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with ``auto`` replaced by what the file's name implies."""
        decided = dict(values)
        readable = self._readable(spec, values)
        for parameter in spec.parameters:
            marker, path = parameter.marker, readable.get(parameter.name)
            if not isinstance(marker, PathOf) or not marker.decides or not isinstance(path, str):
                continue
            default = spec.parameter_by_name[marker.decides].default
            found = marker.format_of(path)
            if found and values.get(marker.decides, default) == "auto":
                decided[marker.decides] = found
        return decided

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

    def _on_edited(self, name: str, value: Any) -> None:
        node = self._name
        title = self.fields[name].parameter.title
        verb = tr("Reset") if value is UNSET else tr("Set")
        self._apply(
            f"{verb} {in_sentence(title)}",
            lambda p: edits.set_parameter(p, node, name, value),
            ("parameter", node, name),
        )

    def _on_comment(self, text: str) -> None:
        node = self._name
        self._apply(
            tr("Change comment"), lambda p: edits.set_comment(p, node, text), ("comment", node)
        )

    def _bind(self, name: str, bound: Any) -> None:
        self.left.emit()
        field, ends = self.fields[name], [Endpoint(self._name, name)]
        known = self._pipeline.parameters
        self._apply(*binding(ends, bound, field.parameter, field.value, known))

    def _unbind(self, name: str) -> None:
        self._apply(*unbinding([Endpoint(self._name, name)], self._pipeline, UNSET))
