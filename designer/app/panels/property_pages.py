"""Pages of the Properties panel if no single node is selected."""

from __future__ import annotations

import re
from collections.abc import Callable

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
from designer.app.widgets import counts
from designer.app.widgets.plain_help import plain_help
from designer.pipeline import edits
from designer.pipeline.model import Node, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec

Apply = Callable[..., None]
"""Accepts the undo title of an edit, its function, and its merge key."""

TEXT_MARGIN = 7
"""Pixels around a text of several lines, which then starts where that of one line does."""


def build_head(
    layout: QVBoxLayout, node: Node, spec: ModuleSpec | None, on_help: Callable[[str], object]
) -> None:
    """Show what a node is."""
    head = QHBoxLayout()
    head.addWidget(label(spec.title if spec else node.module, "title"), 1)
    if spec:
        help_button = QToolButton()
        help_button.setIcon(theme.icon("help", "text_muted"))
        help_button.setToolTip(tr("Help for this module (F1)"))
        help_button.setAccessibleName(tr("Help for this module"))
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
        layout.addWidget(label(plain_help(spec.summary), "muted"))
    if spec is None:
        layout.addWidget(
            label(tr("This module isn't installed. Its parameters are kept."), "error")
        )


class NotePage(QWidget):
    """Shows and edits a note."""

    def __init__(self, name: str, apply: Apply) -> None:
        super().__init__()
        self._name = name
        self.text = text_box("", tr("Text of the note"))
        self.text.setMinimumHeight(140)
        layout = page_layout(self)
        layout.addWidget(label(tr("Note"), "title"))
        layout.addWidget(self.text)

        def edit() -> None:
            new = self.text.toPlainText()
            apply(tr("Edit note"), lambda p: edits.set_note(p, name, text=new), ("note", name))

        self.text.textChanged.connect(edit)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the note as it is now; false if it is gone."""
        note = pipeline.notes.get(self._name)
        if note is not None:
            write(self.text, note.text)
        return note is not None


class PipelinePage(QWidget):
    """Shows the pipeline itself: its description and how large it is."""

    def __init__(self, title: str, apply: Apply) -> None:
        super().__init__()
        self.text = text_box("", tr("Description of the pipeline"))
        self.text.setPlaceholderText(tr("Purpose of this pipeline"))
        self.text.setFixedHeight(120)
        self._size = label("", "muted")
        layout = page_layout(self)
        layout.addWidget(label(title, "title"))
        layout.addWidget(label(tr("Select a module to see and change its parameters."), "muted"))
        description = QVBoxLayout()
        description.setSpacing(3)
        description.addWidget(label(tr("Description")))
        description.addWidget(self.text)
        layout.addLayout(description)
        layout.addWidget(self._size)

        def edit() -> None:
            new = self.text.toPlainText()
            apply(tr("Edit description"), lambda p: edits.set_description(p, new), "description")

        self.text.textChanged.connect(edit)

    def follow(self, pipeline: Pipeline) -> bool:
        """Show the pipeline as it is now; it is always there."""
        write(self.text, pipeline.description)
        nodes = counts.modules(len(pipeline.nodes)) or tr("No modules")
        links = counts.links(len(pipeline.links)) or tr("no links")
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


def page_layout(page: QWidget) -> QVBoxLayout:
    """Return the layout of a page."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(14)
    return layout
