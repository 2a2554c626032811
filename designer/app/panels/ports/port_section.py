"""The inputs and outputs of a module in the Properties panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from designer.app.document.column_labels import columns_label
from designer.app.document.labels import end_label
from designer.app.panels.ports.input_field import NOT_LINKED, InputField
from designer.app.panels.ports.wide_button import WideButton
from designer.app.panels.property_pages import Apply, label
from designer.app.shell import theme
from designer.app.widgets.sentence_case import in_sentence
from designer.composed_texts import in_language
from designer.pipeline.model import Endpoint, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.columns import Column
from modules.contract.module_spec import Port

ColumnsOf = Callable[[Endpoint], Sequence[Column] | None]
"""From an output to its columns; None while they are unknown."""


class PortSection(QWidget):
    """Each input with the output that it is linked to, each output with what it feeds.

    Links are added, moved, and deleted here without a pointer.

    Parameters
    ----------
    node : str
        A node's id.
    spec : ModuleSpec
        Of its module.

    Attributes
    ----------
    inputs : dict of str to InputField
        By the names of the ports.

    Signals
    -------
    left
        A choice is complete.
    node_requested : str
        The id of a node to select.
    """

    left = Signal()
    node_requested = Signal(str)

    def __init__(
        self,
        node: str,
        spec: ModuleSpec,
        specs: Mapping[str, ModuleSpec],
        columns: ColumnsOf,
        apply: Apply,
    ) -> None:
        super().__init__()
        self._node = node
        self._spec = spec
        self._specs = specs
        self._columns = columns
        self.inputs: dict[str, InputField] = {}
        self.outputs: dict[str, _Output] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        if spec.inputs:
            layout.addWidget(label(tr("Inputs"), "heading"))
        for port in spec.inputs:
            field = InputField(Endpoint(node, port.name), port, specs, apply)
            field.left.connect(self.left)
            self.inputs[port.name] = field
            layout.addWidget(field)
        if spec.outputs:
            layout.addSpacing(6)
            layout.addWidget(label(tr("Outputs"), "heading"))
        for port in spec.outputs:
            output = _Output(port)
            output.node_requested.connect(self.node_requested)
            self.outputs[port.name] = output
            layout.addWidget(output)

    def first_input(self) -> InputField | None:
        """Return the first required input without a link, or else the first input."""
        fields = list(self.inputs.values())
        missing = (
            self.inputs[port.name]
            for port in self._spec.inputs
            if not port.optional and not self.inputs[port.name].linked
        )
        return next(missing, fields[0] if fields else None)

    def follow(self, pipeline: Pipeline) -> None:
        """Show links and columns as they are now."""
        sources = pipeline.inputs_of(self._node)
        for port in self._spec.inputs:
            field, source = self.inputs[port.name], sources.get(port.name)
            field.follow(pipeline)
            field.show_kind(_kind(port, self._columns(source) if source else None))
        links = pipeline.links_from.get(self._node, ())
        for port in self._spec.outputs:
            end = Endpoint(self._node, port.name)
            targets = [link.target for link in links if link.source == end]
            self.outputs[port.name].show_targets(
                {
                    end_label(pipeline, self._specs, target, is_output=False): target.node
                    for target in targets
                },
                _kind(port, self._columns(end)),
            )


class _Output(QWidget):
    """An output: its type, its columns, and buttons that lead to what it feeds."""

    node_requested = Signal(str)

    def __init__(self, port: Port) -> None:
        super().__init__()
        self._title = port.title
        self._targets: dict[str, str] = {}
        self.buttons: list[QPushButton] = []
        self.kind = label("", "muted")
        self.none = label(NOT_LINKED, "muted")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)
        for widget in (label(port.title), self.kind, self.none):
            self._layout.addWidget(widget)

    def show_targets(self, targets: Mapping[str, str], kind: str) -> None:
        """Show what the output feeds: node ids by the text of a button."""
        self.kind.setText(kind)
        self.kind.setVisible(kind != self._title)
        self.none.setVisible(not targets)
        if targets == self._targets:
            return
        self._targets = dict(targets)
        for old in self.buttons:
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.buttons = []
        for text, node in targets.items():
            button = WideButton(text)
            button.setIcon(theme.icon("link"))
            button.setToolTip(tr("Go to {text}").format(text=text))
            button.setAccessibleName(
                tr("{title} feeds {text}").format(title=self._title, text=text)
            )
            button.clicked.connect(lambda _=False, node=node: self.node_requested.emit(node))
            self._layout.addWidget(button)
            self.buttons.append(button)


def _kind(port: Port, columns: Sequence[Column] | None) -> str:
    """Return “Dataset, optional: 3 columns: age, name, price”."""
    kind = in_sentence(port.phrase).removeprefix("an ").removeprefix("a ")
    text = in_language(kind) or tr("unknown type")
    text = f"{text[:1].upper()}{text[1:]}{tr(', optional') if port.optional else ''}"
    return f"{text}. {columns_label(columns)}" if columns is not None else text
