"""What a user enters into a line, by keys or by assistive technology."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QLineEdit, QWidget

_SHOWING = "showing"


def on_typed(line: QLineEdit, slot: Callable[[str], object]) -> None:
    """Call a function with each text that the user enters.

    Qt's ``textEdited`` is silent where a screen reader, dictation, or a braille display sets the
    text. All else that sets it uses :func:`show_text` or :func:`showing`.
    """
    line.textChanged.connect(lambda text: None if is_showing(line) else slot(text))


def show_text(line: QLineEdit, text: str) -> None:
    """Show a text that the user didn't enter."""
    with showing(line):
        line.setText(text)


@contextmanager
def showing(widget: QWidget) -> Iterator[None]:
    """Change a line, the box that it is in, or a list without the user having done it."""
    before = widget.property(_SHOWING)
    widget.setProperty(_SHOWING, True)
    try:
        yield
    finally:
        widget.setProperty(_SHOWING, before)


def is_showing(widget: QWidget) -> bool:
    """Return whether the window itself is changing a widget."""
    return bool(widget.property(_SHOWING))
