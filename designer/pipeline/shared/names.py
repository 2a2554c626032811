"""What shared modules are called, and their help."""

from __future__ import annotations

from designer.pipeline.model import Pipeline, SharedUse


def title_of(use: SharedUse) -> str:
    """Return the title of the module that a group is."""
    return module_title(use.name, use.definition)


def module_title(name: str, definition: Pipeline | None) -> str:
    """Return the title of a module; its name if it has none."""
    title = definition.interface.title if definition and definition.interface else ""
    return " ".join(title.split()) or name


def help_of(definition: Pipeline) -> str:
    """Return the help of a module: its description, and its notes from top to bottom."""
    notes = sorted(definition.notes.values(), key=lambda note: note.position[::-1])
    texts = [definition.description, *(note.text for note in notes)]
    return "\n\n".join(text.strip() for text in texts if text.strip())
