"""Writing the title of a group in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from designer.app import theme
from designer.app.canvas.inks import font
from designer.pipeline import grouping

if TYPE_CHECKING:
    from designer.app.canvas.canvas import Canvas

_LEAST = (160.0, 26.0)


class TitleWriting:
    """Lets the person write the title of one group at a time."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.editor: TitleEditor | None = None

    def begin(self, name: str) -> None:
        """Open the field over the title of a group."""
        self.finish()
        canvas = self._canvas
        item = canvas.graph.frames.items[name]
        canvas.viewer.show_area(item.title_rect())
        item.editing = True
        item.update()
        viewer = canvas.viewer
        self.editor = TitleEditor(
            viewer.viewport(), item.subject.title, lambda text: self._keep(name, text)
        )
        strip = item.title_rect()
        corners = viewer.to_view(strip.topLeft()), viewer.to_view(strip.bottomRight())
        self.editor.lie_over(QRectF(*corners), viewer.zoom())

    def finish(self) -> None:
        """Close the field and keep the title."""
        if self.editor is not None:
            self.editor.finish()

    def _keep(self, name: str, text: str | None) -> None:
        self.editor = None
        item = self._canvas.graph.frames.items.get(name)
        if item is None:
            return
        item.editing = False
        item.update()
        if text is not None and text != item.subject.title:
            self._canvas.edit(
                "Change title", lambda pipeline: grouping.set_group(pipeline, name, title=text)
            )


class TitleEditor(QLineEdit):
    """A field that lies over a title until the focus leaves it.

    Parameters
    ----------
    done : callable
        Called once with the new title, or None if the person gave up with Escape.
    """

    def __init__(self, parent: QWidget, text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(text, parent)
        self._home = parent.parentWidget() or parent
        self._done: Callable[[str | None], None] | None = done
        self.setAccessibleName("Title of the group")
        self.setPlaceholderText("Title of the group")
        self.selectAll()

    def lie_over(self, area: QRectF, zoom: float) -> None:
        """Take the place of a title, given in pixels of the parent."""
        colors = theme.current()
        self.setFont(font(min(max(14.0 * zoom, 12.0), 28.0)))
        self.setStyleSheet(
            f"QLineEdit {{ background: {colors.raised}; color: {colors.text}; padding: 0 6px;"
            f" border: 2px solid {colors.selection}; border-radius: 6px; }}"
        )
        width, height = max(area.width() - 8, _LEAST[0]), max(area.height() - 4, _LEAST[1])
        self.setGeometry(QRectF(area.left() + 4, area.top() + 2, width, height).toRect())
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, keep: bool = True) -> None:
        """Close, with or without what was written."""
        done, self._done = self._done, None
        if done is None:
            return
        text = self.text().strip() if keep else None
        if self.hasFocus():
            # Qt would give it to whatever widget comes next.
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        self.deleteLater()
        done(text)

    def keyPressEvent(self, event: Any) -> None:
        """Finish with Enter, give up with Escape; the canvas must not see either."""
        if event.key() == Qt.Key.Key_Escape:
            self.finish(keep=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """Keep what was written when the person goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
