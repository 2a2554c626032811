"""The page of a group in the Properties panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.errors import explained
from designer.app.document.labels import end_label, node_label
from designer.app.panels.problems import ORDER, without_title
from designer.app.panels.property_pages import (
    Apply,
    label,
    line,
    text_box,
    write,
)
from designer.app.widgets import counts
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.pipeline import grouping
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Group, Link, Pipeline
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec

_SHORT = 12
"""Characters of a button that fits beside another."""

SHOWN = 12
"""Longer lists are cut and the rest is counted."""


class GroupPage(QWidget):
    """Title, comment, contents, and problems of a group, and its commands.

    Signals
    -------
    command_requested : str
        The id of a command, for the group that is selected.
    """

    COMMANDS: tuple[tuple[str, str, str], ...] = (
        ("run_to_here", tr("Run to here"), tr("Run the group and what it needs")),
        ("fold", tr("Collapse"), tr("Show the group as one card, or all of its modules")),
        ("ungroup", tr("Ungroup"), tr("Remove the frame and keep the modules")),
        (
            "turn_into_module",
            tr("Turn into a module…"),
            tr("Use the group as a module in pipelines"),
        ),
    )
    heading = tr("Group")
    kind = ""

    command_requested = Signal(str)

    def __init__(self, name: str, specs: Mapping[str, ModuleSpec], apply: Apply) -> None:
        super().__init__()
        self._name = name
        self._specs = specs
        self._apply = apply
        self._pipeline = Pipeline()
        self.title = QLineEdit()
        self.title.setPlaceholderText(tr("Shown on the frame"))
        self.title.setAccessibleName(tr("Title of the group"))
        on_typed(self.title, self._on_title)
        self.comment: QPlainTextEdit = text_box("", tr("Comment"))
        self.comment.setPlaceholderText(tr("Purpose of this group"))
        self.comment.setFixedHeight(72)
        self.comment.textChanged.connect(self._on_comment)
        self.count = label("", "muted")
        self.inputs, self.outputs, self.problems = _Lines(), _Lines(), _Lines()
        self.buttons: dict[str, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(label(self.heading, "title"))
        head.addWidget(label(f"{self.kind} {name}".lstrip(), "muted"))
        layout.addLayout(head)
        layout.addLayout(self._commands())
        layout.addLayout(_field(tr("Title"), self.title))
        layout.addLayout(_field(tr("Comment"), self.comment))
        layout.addWidget(line())
        layout.addWidget(self.count)
        for title, lines in (
            (tr("Inputs"), self.inputs),
            (tr("Outputs"), self.outputs),
            (tr("Problems"), self.problems),
        ):
            lines.set_title(title)
            layout.addWidget(lines)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the group as it is now; false if it is gone or of another kind."""
        group = pipeline.groups.get(self._name, Group(self._name))
        if self._name not in group_ids(pipeline) or not self.fits(group):
            return False
        self._pipeline = pipeline
        if self.title.text() != group.title:
            show_text(self.title, group.title)
        write(self.comment, group.comment)
        members = grouping.members_of(pipeline, self._name)
        nodes = [name for name in members if name in pipeline.nodes]
        inner = [name for name in members if name in group_ids(pipeline)]
        notes = [name for name in members if name in pipeline.notes]
        counted = (
            counts.modules(len(nodes)) or tr("No modules. Drag some onto the frame."),
            counts.groups(len(inner)),
            counts.notes(len(notes)),
        )
        self.count.setText(", ".join(text for text in counted if text))
        into, out = grouping.links_across(pipeline, self._name)
        self.inputs.show_lines(self._link_texts(into))
        self.outputs.show_lines(self._link_texts(out))
        self.buttons["run_to_here"].setEnabled(bool(nodes))
        if "fold" in self.buttons:
            self.buttons["fold"].setText(tr("Expand") if group.collapsed else tr("Collapse"))
        return True

    def fits(self, group: Group) -> bool:
        """Return whether this is the page for a group."""
        return group.shared is None

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show the problems of the nodes in the group."""
        within = f"{self._name}/"
        inside = (each for name, each in problems.items() if f"{name}/".startswith(within))
        found = [one for each in inside for one in each]
        found.sort(key=lambda problem: ORDER[problem.severity])
        self.problems.show_lines(
            [self._problem_text(problem) for problem in found],
            ["error" if problem.severity == "error" else "warning" for problem in found],
        )

    def insert_below_commands(self, widget: QWidget) -> None:
        """Add a part of the page between the commands and the title."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(2, widget)

    def _commands(self) -> QGridLayout:
        """Return the buttons, in two columns that fit a narrow panel."""
        grid = QGridLayout()
        grid.setSpacing(8)
        cell = 0
        for name, text, tip in self.COMMANDS:
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, name=name: self.command_requested.emit(name))
            self.buttons[name] = button
            # A long one fills a row.
            width = 2 if len(text) > _SHORT else 1
            cell += cell % width
            grid.addWidget(button, cell // 2, cell % 2, 1, width)
            cell += width
        return grid

    def _link_texts(self, links: Sequence[Link]) -> list[str]:
        pipeline, specs = self._pipeline, self._specs
        return [
            f"{end_label(pipeline, specs, source, is_output=True)}  →  "
            f"{end_label(pipeline, specs, target, is_output=False)}"
            for source, target in links
        ]

    def _problem_text(self, problem: Problem) -> str:
        node = self._pipeline.nodes.get(problem.node or "")
        spec = self._specs.get(node.module) if node else None
        if problem.node == self._name:
            return explained(problem)
        where = node_label(self._pipeline, self._specs, problem.node or "")
        return f"{where}: {without_title(problem, spec)} {problem.hint}".rstrip()

    def _on_title(self, text: str) -> None:
        name = self._name
        self._apply(
            tr("Change title"),
            lambda p: grouping.set_group(p, name, title=text),
            (tr("group title"), name),
        )

    def _on_comment(self) -> None:
        name, text = self._name, self.comment.toPlainText()
        group = self._pipeline.groups.get(name, Group(name))
        if text == group.comment:
            return
        self._apply(
            tr("Change comment"),
            lambda p: grouping.set_group(p, name, comment=text),
            (tr("group comment"), name),
        )


class _Lines(QWidget):
    """A title and a list of sentences below; hidden if there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._title = label("", "heading")
        self._layout.addWidget(self._title)
        self._labels: list[QLabel] = []
        self._shown: tuple[list[str], list[str]] = ([], [])
        self.hide()

    def set_title(self, title: str) -> None:
        """Set the heading."""
        self._title.setText(title)

    def texts(self) -> list[str]:
        """Return the sentences that are shown."""
        return [each.text() for each in self._labels]

    def show_lines(self, texts: Sequence[str], roles: Sequence[str] = ()) -> None:
        """Show sentences, each in the style of a role."""
        wanted = (list(texts), list(roles))
        if wanted == self._shown:
            return
        self._shown = wanted
        for old in self._labels:
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._labels = [
            label(text, roles[index] if roles else "") for index, text in enumerate(texts[:SHOWN])
        ]
        if len(texts) > SHOWN:
            self._labels.append(
                label(tr("and {number} more").format(number=len(texts) - SHOWN), "muted")
            )
        for each in self._labels:
            self._layout.addWidget(each)
        self.setVisible(bool(texts))


def _field(title: str, editor: QWidget) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setSpacing(3)
    box.addWidget(label(title))
    box.addWidget(editor)
    return box
