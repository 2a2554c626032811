"""The page of several selected items in the Properties panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from designer.app.document.binding import bindable, binding, unbinding
from designer.app.panels.editor import Context
from designer.app.panels.field import Field
from designer.app.panels.property_pages import Apply, label, line, page_layout
from designer.app.widgets import counts
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline import edits
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.parameters import UNSET, bound_parameter
from designer.texts import tr
from modules.contract import ModuleSpec, Parameter, TypesOfColumns
from modules.contract.columns import Column

SUMMED_UP = 20
"""How many selected items are named."""

_NAMED = 4
"""How many different values are named."""


class SelectionPage(QWidget):
    """Names the selected items, and edits the parameters that all selected nodes have.

    Parameters
    ----------
    names : sequence of str
        The ids of nodes, groups, and notes.
    contexts : mapping of str to Context
        Of each of the nodes.

    Attributes
    ----------
    fields : dict of str to Field
        By the names of the parameters.

    Signals
    -------
    left
        The user has left a field, or starts something new.
    """

    left = Signal()

    def __init__(
        self,
        pipeline: Pipeline,
        specs: Mapping[str, ModuleSpec],
        names: Sequence[str],
        contexts: Mapping[str, Context],
        apply: Apply,
    ) -> None:
        super().__init__()
        self._names = tuple(names)
        self._specs = specs
        self._apply = apply
        self._pipeline = pipeline
        self._nodes = [name for name in names if name in pipeline.nodes]
        self._modules = [pipeline.nodes[name].module for name in self._nodes]
        self._layout = page_layout(self)
        self._summarize(pipeline)
        self.fields: dict[str, Field] = {}
        self.differing: dict[str, _Differing] = {}
        shared = self._shared() if len(self._nodes) > 1 else []
        if shared:
            self._layout.addWidget(line())
            hint = tr("A change applies to all selected modules.")
            self._layout.addWidget(label(hint, "muted"))
            self._add_fields(shared, _common(list(contexts.values())))
        elif len(self._nodes) > 1:
            self._layout.addWidget(label(tr("They have no parameter in common."), "muted"))

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the values as they are now; false if the page must be made again."""
        present = {*pipeline.nodes, *pipeline.notes, *group_ids(pipeline)}
        if not present.issuperset(self._names):
            return False
        if [pipeline.nodes[name].module for name in self._nodes] != self._modules:
            return False
        self._pipeline = pipeline
        for name, field in self.fields.items():
            values = self._values(field.parameter)
            same = all(value == values[0] for value in values)
            stored = [pipeline.nodes[node].parameters.get(name, UNSET) for node in self._nodes]
            field.set_value(stored[0], bindable(field.parameter, pipeline.parameters))
            applies = all(self._applies(node, field.parameter) for node in self._nodes)
            field.setVisible(applies and same)
            self.differing[name].setVisible(applies and not same)
            if not same:
                self.differing[name].show_values(values)
        return True

    def _summarize(self, pipeline: Pipeline) -> None:
        groups = group_ids(pipeline)
        parts = [
            counts.modules(len(self._nodes)),
            counts.groups(sum(name in groups for name in self._names)),
            counts.notes(sum(name in pipeline.notes for name in self._names)),
        ]
        self._layout.addWidget(label(_listed([part for part in parts if part]), "title"))
        lines = []
        for name in self._names:
            if name in groups:
                title = pipeline.groups[name].title if name in pipeline.groups else ""
                lines.append(f"{title.strip() or tr('Group')}  ·  {name}")
            elif name in pipeline.nodes:
                spec = self._specs.get(pipeline.nodes[name].module)
                lines.append(f"{spec.title if spec else pipeline.nodes[name].module}  ·  {name}")
        for text in lines[:SUMMED_UP]:
            self._layout.addWidget(label(text))
        if len(lines) > SUMMED_UP:
            self._layout.addWidget(
                label(tr("and {number} more").format(number=len(lines) - SUMMED_UP), "muted")
            )

    def _shared(self) -> list[Parameter]:
        """Return the parameters that every node has with the same meaning."""
        first, *rest = (self._specs.get(module) for module in self._modules)
        found = []
        for parameter in first.parameters if first else ():
            others = [spec.parameter_by_name.get(parameter.name) if spec else None for spec in rest]
            # Types are chosen for the columns of one file.
            if isinstance(parameter.marker, TypesOfColumns):
                continue
            if all(other is not None and _alike(parameter, other) for other in others):
                found.append(parameter)
        return found

    def _add_fields(self, shared: Sequence[Parameter], context: Context) -> None:
        tunable = all(spec.tunable for spec in map(self._specs.get, self._modules) if spec)
        for parameter in shared:
            field = Field(parameter, context, tunable=tunable)
            field.edited.connect(self._on_edited)
            field.left.connect(self.left)
            field.bind_requested.connect(self._bind)
            field.unbind_requested.connect(self._unbind)
            differing = _Differing(parameter)
            differing.button.clicked.connect(
                lambda _=False, parameter=parameter: self._unify(parameter)
            )
            self.fields[parameter.name] = field
            self.differing[parameter.name] = differing
            self._layout.addWidget(field)
            self._layout.addWidget(differing)

    def _values(self, parameter: Parameter) -> list[Any]:
        """Return the value of each node; the module's default where none is stored."""
        found = []
        for node, module in zip(self._nodes, self._modules, strict=True):
            spec = self._specs[module]
            default = spec.parameter_by_name[parameter.name].default
            found.append(self._pipeline.nodes[node].parameters.get(parameter.name, default))
        return found

    def _applies(self, node: str, parameter: Parameter) -> bool:
        spec = self._specs[self._pipeline.nodes[node].module]
        own = spec.parameter_by_name[parameter.name]
        return spec.applies(own, self._pipeline.nodes[node].parameters)

    def _unify(self, parameter: Parameter) -> None:
        self.left.emit()
        self._on_edited(parameter.name, self._values(parameter)[0])
        self.left.emit()
        self.fields[parameter.name].focus_editor()

    def _on_edited(self, name: str, value: Any) -> None:
        nodes = tuple(self._nodes)
        title = self.fields[name].parameter.title
        verb = tr("Reset") if value is UNSET else tr("Set")
        # What is one module's default isn't every module's.
        given = self.fields[name].parameter.default if value is UNSET else value
        resets = value is UNSET and len(set(self._modules)) == 1

        def change(pipeline: Pipeline) -> Pipeline:
            for node in nodes:
                spec = self._specs[pipeline.nodes[node].module]
                own = spec.parameter_by_name[name]
                is_default = not own.required and own.default == given
                to_store = UNSET if resets or is_default else given
                pipeline = edits.set_parameter(pipeline, node, name, to_store)
            return pipeline

        self._apply(
            tr("{verb} {in_sentence} of {number} modules").format(
                verb=verb, in_sentence=in_sentence(title), number=len(nodes)
            ),
            change,
            ("parameters", nodes, name),
        )

    def _bind(self, name: str, bound: Any) -> None:
        self.left.emit()
        field, known = self.fields[name], self._pipeline.parameters
        self._apply(*binding(self._ends(name), bound, field.parameter, field.value, known))

    def _unbind(self, name: str) -> None:
        default = self.fields[name].parameter.default
        self._apply(*unbinding(self._ends(name), self._pipeline, default))

    def _ends(self, name: str) -> list[Endpoint]:
        return [Endpoint(node, name) for node in self._nodes]


class _Differing(QWidget):
    """Replaces a field while the nodes have different values."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._parameter = parameter
        self.values: QLabel = label("", "muted")
        self.button = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(label(parameter.title))
        layout.addWidget(self.values)
        layout.addWidget(self.button)

    def show_values(self, values: Sequence[Any]) -> None:
        """Name the values, and offer the first one for all."""
        texts = list(dict.fromkeys(_text(value) for value in values))
        more = (
            tr(", and {number} more").format(number=len(texts) - _NAMED)
            if len(texts) > _NAMED
            else ""
        )
        self.values.setText(
            tr("Different values: {listed}{more}").format(
                listed=", ".join(texts[:_NAMED]), more=more
            )
        )
        self.button.setText(tr("Use {name} for all").format(name=_short(texts[0])))
        self.button.setToolTip(tr("Use {texts} for all selected modules").format(texts=texts[0]))
        self.button.setAccessibleName(f"{self._parameter.title}: use {texts[0]} for all")


def _alike(one: Parameter, other: Parameter) -> bool:
    """Return whether a value of one parameter means the same for another."""
    same = (one.title, one.kind, one.choices, one.minimum, one.maximum, one.optional)
    others = (other.title, other.kind, other.choices, other.minimum, other.maximum, other.optional)
    return same == others and one.marker == other.marker


def _common(contexts: Sequence[Context]) -> Context:
    """Return a context with the columns that all of the nodes have."""
    first = contexts[0]

    def columns(port: str) -> list[Column] | None:
        found = [each.columns(port) for each in contexts]
        if any(each is None for each in found):
            return None
        kept = [{column.name for column in each or ()} for each in found]
        return [one for one in found[0] or () if all(one.name in names for names in kept)]

    may_look = all(each.may_look() for each in contexts)
    return Context(first.base, columns, first.datasets, lambda: may_look)


def _listed(parts: Sequence[str]) -> str:
    """Return “2 modules, 1 group and 1 note”."""
    return (
        tr(" and ").join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
    )


def _text(value: Any) -> str:
    bound = bound_parameter(value)
    if bound is not None:
        return tr("the pipeline parameter “{bound}”").format(bound=bound)
    if isinstance(value, bool):
        return tr("Yes") if value else "No"
    if isinstance(value, list) and value:
        return ", ".join(map(str, value))
    return "nothing" if value in (None, "", []) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"
