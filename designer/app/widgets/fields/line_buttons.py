"""Buttons and icons inside of a line for text, each with a name for a screen reader.

Qt's own stay as small as they are however large the text is.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QLineEdit, QToolButton

from designer.app.shell import theme
from designer.app.widgets.text_scale import scaled
from designer.texts import tr

_LEAST = 24
"""Pixels of a button's edge."""

_ICON, _AROUND = 16, 8


def add_icon(field: QLineEdit, icon: QIcon) -> QAction:
    """Put an icon at the beginning of a field; pressing it goes to the field."""
    action = QAction(icon, tr("Go to the field"), field)
    action.triggered.connect(lambda: field.setFocus())
    _buttons_of(field).add(action, leading=True)
    return action


def let_clear(field: QLineEdit) -> None:
    """Let a field be cleared by a button at its end."""
    action = QAction(theme.icon("close", "text_muted"), tr("Clear"), field)
    action.setVisible(bool(field.text()))
    action.triggered.connect(lambda: _clear(field))
    field.textChanged.connect(lambda text: action.setVisible(bool(text)))
    _buttons_of(field).add(action)


def add_enter_button(
    field: QLineEdit, icon: QIcon, text: str, act: Callable[[], object]
) -> QAction:
    """Put a button into a search field that does what Enter does.

    Parameters
    ----------
    text : str
        What it does, for the tooltip and a screen reader.

    Returns
    -------
    QAction
        To hide it where there is nothing to choose.
    """
    action = QAction(icon, text, field)
    action.triggered.connect(lambda: act())
    _buttons_of(field).add(action)
    return action


class _Buttons(QObject):
    """Those of a field: keeps them at its ends, and the text between them."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._leading: list[QToolButton] = []
        self._trailing: list[QToolButton] = []
        field.installEventFilter(self)

    def add(self, action: QAction, *, leading: bool = False) -> None:
        """Add a button that is there as long as its action is visible."""
        button = QToolButton(self._field)
        button.setDefaultAction(action)
        button.setProperty("inline", True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        (self._leading if leading else self._trailing).append(button)
        action.changed.connect(self._arrange)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the field's size, its text's size, and its direction."""
        if event.type() in _MOVING:
            self._arrange()
        return False

    @property
    def _field(self) -> QLineEdit:
        field = self.parent()
        assert isinstance(field, QLineEdit)
        return field

    def _arrange(self) -> None:
        field = self._field
        edge = max(_LEAST, scaled(_ICON) + _AROUND)
        used = []
        for buttons in (self._leading, self._trailing):
            at = 0
            for button in reversed(buttons) if buttons is self._trailing else buttons:
                shown = button.defaultAction().isVisible()
                button.setVisible(shown)
                if not shown:
                    continue
                on_left = (buttons is self._leading) != field.isRightToLeft()
                x = at + _FRAME if on_left else field.width() - _FRAME - at - edge
                button.setGeometry(QRect(x, (field.height() - edge) // 2, edge, edge))
                at += edge
            # The field has some room at its ends by itself.
            used.append(max(at - _INDENT, 0))
        first, last = reversed(used) if field.isRightToLeft() else used
        margins = field.textMargins()
        if (margins.left(), margins.right()) != (first, last):
            field.setTextMargins(first, 0, last, 0)


_MOVING = (
    QEvent.Type.Resize,
    QEvent.Type.FontChange,
    QEvent.Type.StyleChange,
    QEvent.Type.LayoutDirectionChange,
    QEvent.Type.Show,
)

_FRAME, _INDENT = 2, 4


def _buttons_of(field: QLineEdit) -> _Buttons:
    found = field.findChild(_Buttons)
    return found if isinstance(found, _Buttons) else _Buttons(field)


def _clear(field: QLineEdit) -> None:
    """Clear a field as the user would, who can undo it."""
    field.selectAll()
    field.del_()
    field.setFocus()
