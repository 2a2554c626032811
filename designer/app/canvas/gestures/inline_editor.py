"""Editing on the canvas: a field over the item until the focus leaves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QWidget

from designer.app.canvas.graph import Graph
from designer.app.canvas.viewer import Viewer
from designer.pipeline.model import Pipeline

if TYPE_CHECKING:
    _Field = QWidget
else:
    # Qt allows one of its own classes among the bases.
    _Field = object

Done = Callable[[str | None], None]


class AskForEdit(Protocol):
    """Requests an edit of the pipeline."""

    def __call__(self, text: str, function: Callable[[Pipeline], Pipeline], /) -> None:
        """Request it under an undo title."""


class InlineEditor:
    """Lets the user write into one item of a canvas at a time.

    Parameters
    ----------
    make_room : callable
        Moves what is in the way of a field that has opened.
    """

    def __init__(
        self, viewer: Viewer, graph: Graph, edit: AskForEdit, make_room: Callable[[], None]
    ) -> None:
        self.viewer = viewer
        self.graph = graph
        self.edit = edit
        self._make_room = make_room
        self.editor: InlineField | None = None
        self._name = ""

    def begin(self, name: str) -> None:
        """Open the field over an item."""
        self.finish()
        item, viewer = self.item(name), self.viewer
        assert item is not None
        viewer.show_area(self.area(item))
        item.editing = True
        item.update()
        self.editor = self.field(viewer.viewport(), item, lambda text: self._keep(name, text))
        area = self.area(item)
        corners = viewer.to_view(area.topLeft()), viewer.to_view(area.bottomRight())
        self.editor.cover(QRectF(*corners), viewer.zoom())
        self._name = name
        self._make_room()

    def follow(self) -> None:
        """Close the field without keeping its text if its item is no longer visible."""
        if self.editor is not None and not self.is_seen(self._name):
            self.editor.finish(keep=False)

    def finish(self) -> None:
        """Close the field and keep its text."""
        if self.editor is not None:
            self.editor.finish()

    def is_seen(self, name: str) -> bool:
        """Return whether there is still something to write into."""
        item = self.item(name)
        return item is not None and bool(item.isVisible())

    @abstractmethod
    def item(self, name: str) -> Any:
        """Return the item that is written into; None if it is gone."""

    @abstractmethod
    def area(self, item: Any) -> QRectF:
        """Return the part of it that the field covers, in the scene."""

    @abstractmethod
    def field(self, parent: QWidget, item: Any, done: Done) -> InlineField:
        """Return a field that contains what is written there now."""

    @abstractmethod
    def keep(self, name: str, item: Any, text: str) -> None:
        """Ask for the text in the pipeline, if it is another one."""

    def _keep(self, name: str, text: str | None) -> None:
        self.editor = None
        item = self.item(name)
        if item is None:
            return
        item.editing = False
        item.update()
        if text is not None:
            self.keep(name, item, text)


class InlineField(_Field):
    """Base of the fields; comes before a Qt widget that edits text.

    ``done`` is called once with what was written, or None if the user canceled with Esc.
    """

    def set_up(self, parent: QWidget, done: Done, title: str) -> None:
        """Remember the callback for the end, and name the field for screen readers."""
        self._home = parent.parentWidget() or parent
        self._done: Done | None = done
        self.setAccessibleName(title)

    @abstractmethod
    def written(self) -> str:
        """Return what is in the field."""

    @abstractmethod
    def ends(self, event: Any) -> bool:
        """Return whether this key finishes the input."""

    @abstractmethod
    def cover(self, area: QRectF, zoom: float) -> None:
        """Cover the item, given in pixels of the parent."""

    def show_at(self, area: QRectF) -> None:
        """Show the field there, and let the user write."""
        self.setGeometry(area.toRect())
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, keep: bool = True) -> None:
        """Close, with or without what was written."""
        done, self._done = self._done, None
        if done is None:
            return
        text = self.written() if keep else None
        if self.hasFocus():
            # Qt would focus the next widget.
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        self.deleteLater()
        done(text)

    def keyPressEvent(self, event: Any) -> None:
        """Finish, or cancel with Esc; the canvas mustn't get these keys."""
        if event.key() == Qt.Key.Key_Escape:
            self.finish(keep=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.ends(event):
            self.finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """Keep what was written when the user goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
