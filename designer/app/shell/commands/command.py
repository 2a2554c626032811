"""What a command is, and what it may need."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QKeySequence


@dataclass(frozen=True)
class Command:
    """One thing that a person can do.

    Parameters
    ----------
    id : str
        The name of the method that does it.
    text : str
        As in menus; an ellipsis says that it asks first.
    keys : tuple of str
        Shortcuts, the first one shown.
    icon : str
        Name of an icon; empty for none.
    help : str
        One sentence for tooltip and command palette.
    needs : tuple of str
        Conditions that must hold; see :data:`CONDITIONS`.
    on_canvas : bool
        The shortcut works only while the canvas has the focus, because text
        fields use the same keys.
    checkable : bool
        The command is a switch.
    context : str
        What its text is about, where it stands without the menu that says so.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    help: str = ""
    needs: tuple[str, ...] = ()
    on_canvas: bool = False
    checkable: bool = False
    context: str = ""

    @property
    def title(self) -> str:
        """The text without its ellipsis."""
        return self.text.removesuffix("…")


CONDITIONS = {
    "pipeline": "a pipeline is open",
    "content": "the pipeline is not empty",
    "selection": "something is selected",
    "nodes": "a module is selected",
    "one": "exactly one module is selected",
    "group": "a group, or a module in one, is selected",
    "idle": "nothing runs",
    "remote": "the pipeline runs on Azure ML",
    "sdk_v1": "Azure ML's SDK v1 is installed",
    "sdk_v2": "Azure ML's SDK v2 is installed",
    "running": "a pipeline runs",
    "undo": "there is a step to undo",
    "redo": "there is a step to do again",
    "ran": "the pipeline has been run to its end",
    "inference": "an inference pipeline is open",
    "deployable": "the pipeline has been run, or is an inference pipeline",
    "converted": "the inference pipeline was made or updated just now",
}
"""What a command may need, in words that follow “only when”."""


def tooltip(command: Command) -> str:
    """Return the text that explains a command, with its shortcut."""
    keys = shortcut_text(command)
    return f"{command.title} ({keys})" if keys else command.title


def shortcut_text(command: Command, *, every: bool = False) -> str:
    """Return the shortcuts of a command as the platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [QKeySequence(key).toString(native) for key in command.keys]
    return ", ".join(keys if every else keys[:1])


def title_with_context(command: Command, text: str) -> str:
    """Return the text of a command as it reads without its menu around it."""
    return f"{command.context}: {text[:1].lower()}{text[1:]}" if command.context else text
