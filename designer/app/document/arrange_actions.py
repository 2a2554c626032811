"""Commands that align and distribute what is selected, and save the canvas as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from designer.app.canvas import Axis, Canvas, Side
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.shell.commands import command
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.texts import tr


class ArrangeActions:
    """The commands for the positions of items, and for the picture of all of them.

    Parameters
    ----------
    apply : callable
        Applies an edit under an undo title.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        document: Document,
        canvas: Canvas,
        messages: Messages,
        apply: Callable[[str, Callable[[Pipeline], Pipeline]], bool],
        parent: QWidget,
    ) -> None:
        self._document = document
        self._canvas = canvas
        self._messages = messages
        self._apply = apply
        self._parent = parent

    @command(
        tr("Left edges"),
        "Ctrl+Alt+Left",
        help=tr("Put the left edges of the selected items on one line."),
        needs="selection",
        menus="Align 1.1",
        obstacle=lambda self: self._too_few(2),
    )
    def align_left(self) -> None:
        """Align left edges."""
        self._align(tr("Align left"), "left")

    @command(
        tr("Centers"),
        help=tr("Put the selected items centered below each other."),
        needs="selection",
        menus="Align 1.2",
        obstacle=lambda self: self._too_few(2),
    )
    def align_center(self) -> None:
        """Align horizontal centers."""
        self._align(tr("Align centers"), "center")

    @command(
        tr("Right edges"),
        "Ctrl+Alt+Right",
        help=tr("Put the right edges of the selected items on one line."),
        needs="selection",
        menus="Align 1.3",
        obstacle=lambda self: self._too_few(2),
    )
    def align_right(self) -> None:
        """Align right edges."""
        self._align(tr("Align right"), "right")

    @command(
        tr("Upper edges"),
        "Ctrl+Alt+Up",
        help=tr("Put the upper edges of the selected items on one line."),
        needs="selection",
        menus="Align 2.1",
        obstacle=lambda self: self._too_few(2),
    )
    def align_top(self) -> None:
        """Align upper edges."""
        self._align(tr("Align top"), "top")

    @command(
        tr("Middles"),
        help=tr("Put the selected items at one height."),
        needs="selection",
        menus="Align 2.2",
        obstacle=lambda self: self._too_few(2),
    )
    def align_middle(self) -> None:
        """Align vertical centers."""
        self._align(tr("Align middles"), "middle")

    @command(
        tr("Lower edges"),
        "Ctrl+Alt+Down",
        help=tr("Put the lower edges of the selected items on one line."),
        needs="selection",
        menus="Align 2.3",
        obstacle=lambda self: self._too_few(2),
    )
    def align_bottom(self) -> None:
        """Align lower edges."""
        self._align(tr("Align bottom"), "bottom")

    @command(
        tr("Equal gaps across"),
        "Ctrl+Alt+H",
        help=tr("Make the gaps between the selected items equal, from left to right."),
        needs="selection",
        menus="Align 3.1",
        obstacle=lambda self: self._too_few(3),
    )
    def distribute_across(self) -> None:
        """Make horizontal gaps equal."""
        self._distribute(tr("Distribute across"), "across")

    @command(
        tr("Equal gaps down"),
        "Ctrl+Alt+V",
        help=tr("Make the gaps between the selected items equal, from top to bottom."),
        needs="selection",
        menus="Align 3.2",
        obstacle=lambda self: self._too_few(3),
    )
    def distribute_down(self) -> None:
        """Make vertical gaps equal."""
        self._distribute(tr("Distribute down"), "down")

    @command(
        tr("Save picture…"),
        help=tr("Save the whole pipeline as a picture: PNG or SVG."),
        needs="content",
        menus=("File 2.5", "Canvas 3.3"),
    )
    def save_picture(self) -> None:
        """Ask where to save a picture of the canvas, and save it."""
        base, name = self._document.base, self._document.title
        start = base / f"{name.removesuffix(pipeline_file.SUFFIX)}.png"
        chosen, _ = QFileDialog.getSaveFileName(
            self._parent,
            tr("Save picture"),
            str(start),
            tr("PNG image (*.png);;SVG drawing (*.svg)"),
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in (".png", ".svg"):
            path = path.with_name(f"{path.name}.png")
        if self._canvas.save_picture(path):
            self._messages.show(tr("Saved {name}.").format(name=path.name))
        else:
            text = tr("{name} can't be written. Choose another folder.").format(name=path.name)
            self._messages.show(text, warning=True)

    def _align(self, text: str, side: Side) -> None:
        selected = self._canvas.selected_areas()
        self._apply(text, lambda pipeline: selected.aligned(pipeline, side))

    def _distribute(self, text: str, axis: Axis) -> None:
        selected = self._canvas.selected_areas()
        self._apply(text, lambda pipeline: selected.distributed(pipeline, axis))

    def _too_few(self, least: int) -> str:
        enough = len(self._canvas.selected_areas().areas) >= least
        if enough:
            return ""
        return tr("Select two items or more.") if least == 2 else tr("Select three items or more.")
