"""Pages of the Properties panel if no single node is selected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Node, Pipeline
from modules.contract import ModuleSpec

Apply = Callable[..., None]
"""Accepts the undo title of an edit, its function, and its merge key."""

TEXT_MARGIN = 7
"""Pixels around a text of several lines, which then starts where that of one line does."""

SUMMED_UP = 20
"""How many selected nodes are named."""


def build_head(
    layout: QVBoxLayout, node: Node, spec: ModuleSpec | None, on_help: Callable[[str], object]
) -> None:
    """Show what a node is."""
    head = QHBoxLayout()
    head.addWidget(label(spec.title if spec else node.module, "title"), 1)
    if spec:
        help_button = QToolButton()
        help_button.setIcon(theme.icon("help", "text_muted"))
        help_button.setToolTip("Help for this module (F1)")
        help_button.setAccessibleName("Help for this module")
        help_button.clicked.connect(lambda: on_help(spec.id))
        head.addWidget(help_button, 0, Qt.AlignmentFlag.AlignTop)
    top = QVBoxLayout()
    top.setSpacing(2)
    top.addLayout(head)
    name = label(breakable(node.id), "muted")
    name.setAccessibleName(node.id)
    top.addWidget(name)
    layout.addLayout(top)
    if spec and spec.summary:
        layout.addWidget(label(spec.summary, "muted"))
    if spec is None:
        layout.addWidget(label("This module isn't installed. Its parameters are kept.", "error"))


class NotePage(QWidget):
    """Shows and edits a note."""

    def __init__(self, name: str, apply: Apply) -> None:
        super().__init__()
        self._name = name
        self.text = text_box("", "Text of the note")
        self.text.setMinimumHeight(140)
        layout = page_layout(self)
        layout.addWidget(label("Note", "title"))
        layout.addWidget(self.text)

        def edit() -> None:
            new = self.text.toPlainText()
            apply("Edit note", lambda p: edits.set_note(p, name, text=new), ("note", name))

        self.text.textChanged.connect(edit)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the note as it is now; false if it is gone."""
        note = pipeline.notes.get(self._name)
        if note is not None:
            write(self.text, note.text)
        return note is not None


class SummaryPage(QWidget):
    """Summarizes several nodes, groups, and notes."""

    def __init__(
        self, pipeline: Pipeline, specs: Mapping[str, ModuleSpec], names: Sequence[str]
    ) -> None:
        super().__init__()
        layout = page_layout(self)
        groups = group_ids(pipeline)
        parts = [
            count_text(sum(name in pipeline.nodes for name in names), "module"),
            count_text(sum(name in groups for name in names), "group"),
            count_text(sum(name in pipeline.notes for name in names), "note"),
        ]
        layout.addWidget(label(_listed([part for part in parts if part]), "title"))
        layout.addWidget(label("Select one to see and change it.", "muted"))
        lines = []
        for name in names:
            if name in groups:
                title = pipeline.groups[name].title if name in pipeline.groups else ""
                lines.append(f"{title.strip() or 'Group'}  ·  {name}")
            elif name in pipeline.nodes:
                spec = specs.get(pipeline.nodes[name].module)
                lines.append(f"{spec.title if spec else pipeline.nodes[name].module}  ·  {name}")
        for text in lines[:SUMMED_UP]:
            layout.addWidget(label(text))
        if len(lines) > SUMMED_UP:
            layout.addWidget(label(f"and {len(lines) - SUMMED_UP} more", "muted"))

    def follow(self, pipeline: Pipeline) -> bool:
        """Ask to be created again: it is short, and the selection may be gone."""
        return False


class PipelinePage(QWidget):
    """Shows the pipeline itself: its description and how large it is."""

    def __init__(self, title: str, apply: Apply) -> None:
        super().__init__()
        self.text = text_box("", "Description of the pipeline")
        self.text.setPlaceholderText("Purpose of this pipeline")
        self.text.setFixedHeight(120)
        self._size = label("", "muted")
        layout = page_layout(self)
        layout.addWidget(label(title, "title"))
        layout.addWidget(label("Select a module to see and change its parameters.", "muted"))
        description = QVBoxLayout()
        description.setSpacing(3)
        description.addWidget(label("Description"))
        description.addWidget(self.text)
        layout.addLayout(description)
        layout.addWidget(self._size)

        def edit() -> None:
            new = self.text.toPlainText()
            apply("Edit description", lambda p: edits.set_description(p, new), "description")

        self.text.textChanged.connect(edit)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the pipeline as it is now; it is always there."""
        write(self.text, pipeline.description)
        nodes = count_text(len(pipeline.nodes), "module") or "No modules"
        links = count_text(len(pipeline.links), "link") or "no links"
        self._size.setText(f"{nodes}, {links}")
        return True


def label(text: str, role: str = "") -> QLabel:
    """Return a wrapping label, in the style of a role."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if role:
        made.setProperty("role", role)
    return made


def breakable(name: str) -> str:
    """Return a name of the code that a narrow label can break within."""
    return re.sub(r"([_./])", "\\1\u200b", name)


def line() -> QFrame:
    """Return a thin line across."""
    made = QFrame()
    made.setFixedHeight(1)
    made.setStyleSheet(f"background: {theme.current().border};")
    return made


def count_text(number: int, word: str) -> str:
    """Return a count with its word; empty for none."""
    if not number:
        return ""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def text_box(text: str, name: str) -> QPlainTextEdit:
    """Return a field for several lines, which Tab leaves."""
    box = QPlainTextEdit(text)
    box.setTabChangesFocus(True)
    box.document().setDocumentMargin(TEXT_MARGIN)
    box.setAccessibleName(name)
    return box


def write(box: QPlainTextEdit, text: str) -> None:
    """Show a text; where it is shown already, the cursor stays."""
    if box.toPlainText() != text:
        blocked = box.blockSignals(True)
        box.setPlainText(text)
        box.blockSignals(blocked)


def _listed(parts: Sequence[str]) -> str:
    """Return “2 modules, 1 group and 1 note”."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def page_layout(page: QWidget) -> QVBoxLayout:
    """Return the layout of a page."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(14)
    return layout
