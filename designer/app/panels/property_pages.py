"""What the property panel shows when no single node is selected."""

from __future__ import annotations

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
)

from designer.app import theme
from designer.pipeline import edits
from designer.pipeline.model import Node, Pipeline
from modules.contract import ModuleSpec

Apply = Callable[..., None]
"""Takes the words of an edit, its function, and what it merges with."""

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
    top.addWidget(label(node.id, "muted"))
    layout.addLayout(top)
    if spec and spec.summary:
        layout.addWidget(label(spec.summary, "muted"))
    if spec is None:
        layout.addWidget(
            label("This module is not known here. Its parameters are kept as they are.", "error")
        )


def build_note(layout: QVBoxLayout, pipeline: Pipeline, name: str, apply: Apply) -> None:
    """Show and edit a note."""
    layout.addWidget(label("Note", "title"))
    text = _text_box(pipeline.notes[name].text, "Text of the note")
    text.setMinimumHeight(140)

    def edit() -> None:
        new = text.toPlainText()
        apply("Edit note", lambda p: edits.set_note(p, name, text=new), ("note", name))

    text.textChanged.connect(edit)
    layout.addWidget(text)


def build_summary(
    layout: QVBoxLayout,
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    nodes: Sequence[str],
    notes: Sequence[str],
) -> None:
    """Show what several nodes and notes are."""
    parts = [count_words(len(nodes), "node"), count_words(len(notes), "note")]
    layout.addWidget(label(" and ".join(part for part in parts if part), "title"))
    layout.addWidget(label("Select one to see and change its parameters.", "muted"))
    for name in nodes[:SUMMED_UP]:
        node = pipeline.nodes[name]
        spec = specs.get(node.module)
        layout.addWidget(label(f"{spec.title if spec else node.module}  ·  {name}"))
    if len(nodes) > SUMMED_UP:
        layout.addWidget(label(f"and {len(nodes) - SUMMED_UP} more", "muted"))


def build_pipeline(layout: QVBoxLayout, pipeline: Pipeline, title: str, apply: Apply) -> None:
    """Show the pipeline itself: its description and how large it is."""
    layout.addWidget(label(title, "title"))
    layout.addWidget(label("Select a node to see and change its parameters.", "muted"))
    text = _text_box(pipeline.description, "Description of the pipeline")
    text.setPlaceholderText("What this pipeline is for")
    text.setFixedHeight(120)

    def edit() -> None:
        new = text.toPlainText()
        apply("Edit description", lambda p: edits.set_description(p, new), "description")

    text.textChanged.connect(edit)
    description = QVBoxLayout()
    description.setSpacing(3)
    description.addWidget(label("Description"))
    description.addWidget(text)
    layout.addLayout(description)
    nodes = count_words(len(pipeline.nodes), "node") or "No nodes"
    links = count_words(len(pipeline.links), "link") or "no links"
    layout.addWidget(label(f"{nodes}, {links}", "muted"))


def label(text: str, role: str = "") -> QLabel:
    """Return words that wrap, in the style of a role."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if role:
        made.setProperty("role", role)
    return made


def line() -> QFrame:
    """Return a thin line across."""
    made = QFrame()
    made.setFixedHeight(1)
    made.setStyleSheet(f"background: {theme.current().border};")
    return made


def count_words(number: int, word: str) -> str:
    """Return a count with its word; empty for none."""
    if not number:
        return ""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _text_box(text: str, name: str) -> QPlainTextEdit:
    box = QPlainTextEdit(text)
    box.setTabChangesFocus(True)
    box.setAccessibleName(name)
    return box
