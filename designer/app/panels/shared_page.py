"""The page of a shared module's card in the Properties panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.background.errors import explained
from designer.app.document.binding import bindable, binding, unbinding
from designer.app.panels.editor import Context
from designer.app.panels.field import Field
from designer.app.panels.group_page import GroupPage
from designer.app.panels.property_pages import Apply, label, line
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Group, Node, Pipeline, SharedUse
from designer.pipeline.parameters import UNSET, same_json
from designer.pipeline.problem import Problem
from designer.pipeline.shared.describing import parameter_of
from designer.pipeline.shared.groups import interface_of
from designer.pipeline.shared.names import help_of, title_of
from designer.texts import tr
from modules.contract import ModuleSpec


class SharedPage(GroupPage):
    """Parameters, help, and version of a card of a shared module, and its commands.

    Parameters
    ----------
    use : SharedUse
        The module.
    context_of : callable
        From the id of a node inside to what the editors of its parameters need.

    Signals
    -------
    left
        A field is left.
    """

    COMMANDS = (
        ("open_module", tr("Open module"), tr("Change the module wherever it is used")),
        ("run_to_here", tr("Run to here"), tr("Run the module and what it needs")),
        ("keep_version", tr("Keep this version"), tr("Keep the module as it is now")),
        ("take_newest", tr("Take the newest"), tr("Follow the changes of the module again")),
        ("ungroup", tr("Ungroup"), tr("Keep a copy of the module's content instead of the card")),
    )
    kind = tr("Shared module")

    left = Signal()

    def __init__(
        self,
        name: str,
        use: SharedUse,
        specs: Mapping[str, ModuleSpec],
        apply: Apply,
        context_of: Callable[[str], Context],
    ) -> None:
        self._use = use
        self.heading = title_of(use)
        self.fields: dict[str, Field] = {}
        self._ends: dict[str, Endpoint] = {}
        super().__init__(name, specs, apply)
        self.title.setPlaceholderText(title_of(use))
        box = QVBoxLayout()
        box.setSpacing(14)
        self.help = label(help_of(use.definition) if use.definition else "")
        self.help.setWordWrap(True)
        self.help.setVisible(bool(self.help.text()))
        box.addWidget(self.help)
        kept = (
            tr("Version {version} is kept.").format(version=use.version)
            if use.version
            else tr("Newest version.")
        )
        self.version = label(kept, "muted")
        box.addWidget(self.version)
        if use.definition is not None:
            for each in interface_of(use).parameters:
                parameter = parameter_of(use.definition, each.end, specs)
                if parameter is None:
                    continue
                inside = f"{name}/{each.end.node}"
                self._ends[each.name] = Endpoint(inside, each.end.port)
                usual = self._usual(each.end)
                changes: dict[str, Any] = {"name": each.name, "title": each.title, "when": {}}
                if usual is not UNSET:
                    changes |= {"default": usual, "required": False}
                field = Field(replace(parameter, **changes), context_of(inside))
                field.edited.connect(self._on_edited)
                field.left.connect(self.left)
                field.bind_requested.connect(self._bind)
                field.unbind_requested.connect(self._unbind)
                self.fields[each.name] = field
                box.addWidget(field)
        box.addWidget(line())
        holder = QWidget()
        box.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(box)
        self.insert_below_commands(holder)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the card as it is now; false if it is gone or another module."""
        if not super().follow(pipeline):
            return False
        kept = bool(self._use.version)
        self.buttons["keep_version"].setEnabled(not kept and self._use.definition is not None)
        self.buttons["take_newest"].setEnabled(kept)
        for name, field in self.fields.items():
            node = self._node(name)
            value = node.parameters.get(self._ends[name].port, UNSET) if node else UNSET
            usual = self._usual(self._inner(name))
            if value is UNSET and usual is not UNSET:
                # The module's own value was reset to the default of the parameter.
                spec = self._specs.get(node.module) if node else None
                found = spec.parameter_by_name.get(self._ends[name].port) if spec else None
                value = found.default if found else UNSET
            elif usual is not UNSET and same_json(value, usual):
                value = UNSET
            field.set_value(value, bindable(field.parameter, pipeline.parameters))
        return True

    def fits(self, group: Group) -> bool:
        """Return whether this is the page for a card, as its module is now."""
        use, old = group.shared, self._use
        return use is not None and (
            (use.name, use.version, use.problem) == (old.name, old.version, old.problem)
            and use.definition is old.definition
        )

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show the problems of the card and of the nodes inside; at a field those of it."""
        super().show_problems(problems)
        for name, field in self.fields.items():
            end = self._ends[name]
            found = [each for each in problems.get(end.node, ()) if each.parameter == end.port]
            text = "\n".join(explained(each) for each in found)
            error = any(each.severity == "error" for each in found)
            field.set_message(text, "error" if error or not found else "warning")

    def _inner(self, name: str) -> Endpoint:
        """Return the parameter within the module."""
        end = self._ends[name]
        return Endpoint(end.node[len(self._name) + 1 :], end.port)

    def _usual(self, end: Endpoint) -> Any:
        """Return the value that the module has; ``UNSET`` where it has the default."""
        definition = self._use.definition
        node = definition.nodes.get(end.node) if definition else None
        return node.parameters.get(end.port, UNSET) if node else UNSET

    def _node(self, name: str) -> Node | None:
        return self._pipeline.nodes.get(self._ends[name].node)

    def _on_edited(self, name: str, value: Any) -> None:
        node, parameter = self._ends[name]
        wanted = self._usual(self._inner(name)) if value is UNSET else value
        verb = tr("Reset") if value is UNSET else tr("Set")
        self._apply(
            f"{verb} {in_sentence(self.fields[name].parameter.title)}",
            lambda p: edits.set_parameter(p, node, parameter, wanted),
            ("parameter", node, parameter),
        )

    def _bind(self, name: str, bound: Any) -> None:
        self.left.emit()
        field, known = self.fields[name], self._pipeline.parameters
        self._apply(*binding([self._ends[name]], bound, field.parameter, field.value, known))

    def _unbind(self, name: str) -> None:
        self._apply(*unbinding([self._ends[name]], self._pipeline, self._usual(self._inner(name))))
