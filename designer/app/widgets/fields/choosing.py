"""Lists to choose from, for those who reach them neither by keys nor with a pointer.

Assistive technology can select a row of Qt's lists, but neither press nor check it, and what it
selects doesn't become the current row.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QTreeView,
    QWidget,
)

from designer.app.widgets.direction import isolated
from designer.app.widgets.fields.typed_text import is_showing

_BY_HAND = (
    QEvent.Type.KeyPress,
    QEvent.Type.ShortcutOverride,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseMove,
)
"""Events that change a selection in Qt's own way."""

_WIDER = 4
"""Pixels between a text and the edges of the part that it is drawn in."""

_labeled: dict[int, ChoiceBox] = {}
"""Boxes with a label in them, as long as they exist.

Box and label refer to each other: Python would collect them while Qt shows them in a table's cell.
"""


class ChoiceBox(QComboBox):
    """A combo box in whose list selecting chooses, as clicking there does.

    A text that doesn't fit ends in an ellipsis, and is whole in the tooltip.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spoken: QLabel | None = None
        _Chooser(self)

    def set_spoken_label(self, name: str) -> None:
        """Name a box that no visible label belongs to.

        On Linux, Qt gives the chosen entry as the name, and a screen reader reads the label.
        """
        self.setAccessibleName(name)
        if self._spoken is None:
            self._spoken = QLabel(self)
            self._spoken.hide()
            self._spoken.setBuddy(self)
            key = id(self)
            _labeled[key] = self
            self.destroyed.connect(lambda: _labeled.pop(key))
        self._spoken.setText(name)

    def sizeHint(self) -> QSize:
        """Return the width of the longest text; Qt's own is a little too narrow for it."""
        return super().sizeHint() + QSize(_WIDER, 0)

    def minimumSizeHint(self) -> QSize:
        """Return the width that texts need, or that was set for some letters."""
        return super().minimumSizeHint() + QSize(_WIDER, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, and as much of its text as fits."""
        option = self._option()
        if option.currentText == self.currentText() or self.currentIndex() < 0:
            super().paintEvent(event)
            return
        option.currentText = isolated(option.currentText)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        """Show a text that is cut as the tooltip, where there is no other."""
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and not self.toolTip()
            and self._option().currentText != self.currentText()
        ):
            QToolTip.showText(event.globalPos(), self.currentText(), self)
            return True
        return super().event(event)

    def _option(self) -> QStyleOptionComboBox:
        """Return how the box is drawn, its text cut where it doesn't fit."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if not self.isEditable():
            control, part = (
                QStyle.ComplexControl.CC_ComboBox,
                QStyle.SubControl.SC_ComboBoxEditField,
            )
            room = self.style().subControlRect(control, option, part, self).width() - 2
            if not self.itemIcon(self.currentIndex()).isNull():
                room -= self.iconSize().width() + 4
            option.currentText = self.fontMetrics().elidedText(
                self.currentText(), Qt.TextElideMode.ElideRight, room
            )
        return option


def follow_selection(view: QAbstractItemView) -> None:
    """Make the row current that assistive technology selects in a list of single selection."""
    _Follower(view)


def open_selected(view: QAbstractItemView, act: Callable[[QModelIndex], object]) -> None:
    """Do with the row that assistive technology selects what Enter does with it.

    Parameters
    ----------
    act : callable
        Gets the index of the row, in the first column.
    """
    _Opener(view, act)


def check_selected(view: QAbstractItemView) -> None:
    """Check or uncheck the row that assistive technology selects, as the space bar does."""
    _Checker(view)


def expand_selected(tree: QTreeView) -> None:
    """Show the rows below the one that assistive technology selects, as Right does."""
    _Expander(tree)


class _Follower(QObject):
    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        # Keys and clicks change the selection first, and the current row a moment later.
        view.selectionModel().selectionChanged.connect(
            self._follow, Qt.ConnectionType.QueuedConnection
        )

    @Slot()
    def _follow(self) -> None:
        chosen = self._view.selectionModel().selectedIndexes()
        current = self._view.currentIndex()
        if chosen and chosen[0].siblingAtColumn(0) != current.siblingAtColumn(0):
            self._view.setCurrentIndex(chosen[0])


class _Chooser(QObject):
    def __init__(self, box: QComboBox) -> None:
        super().__init__(box)
        self._box = box
        box.view().selectionModel().selectionChanged.connect(
            self._choose, Qt.ConnectionType.QueuedConnection
        )

    @Slot()
    def _choose(self) -> None:
        box, view = self._box, self._box.view()
        chosen = view.selectionModel().selectedIndexes()
        shown = view.isVisible()
        current = view.currentIndex().row() if shown else box.currentIndex()
        if not chosen or chosen[0].row() == current:
            return
        row = chosen[0].row()
        if shown:
            box.hidePopup()
        box.setCurrentIndex(row)
        box.activated.emit(row)
        box.textActivated.emit(box.itemText(row))


class _Selected(QObject):
    """Handles a single row that is selected neither by hand nor by the window."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._by_hand = False
        self._row = QPersistentModelIndex()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._handle)
        for each in (view, view.viewport()):
            each.installEventFilter(self)
        view.selectionModel().selectionChanged.connect(self._note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note what comes from the keyboard or the pointer, until it has been handled."""
        if event.type() in _BY_HAND and not self._by_hand:
            self._by_hand = True
            QTimer.singleShot(0, self, self._forget)
        return False

    def on_row(self, index: QModelIndex) -> None:
        """Do something with the row."""
        raise NotImplementedError

    def make_current(self, index: QModelIndex) -> None:
        """Move the cursor to a row, and leave the selection as it is."""
        none = QItemSelectionModel.SelectionFlag.NoUpdate
        self._view.selectionModel().setCurrentIndex(index, none)

    @Slot()
    def _forget(self) -> None:
        self._by_hand = False

    @Slot(QItemSelection, QItemSelection)
    def _note(self, selected: QItemSelection, _: QItemSelection) -> None:
        if self._by_hand or is_showing(self._view):
            return
        rows = {index.siblingAtColumn(0) for index in selected.indexes()}
        if len(rows) == 1:
            self._row = QPersistentModelIndex(rows.pop())
            # The window makes a row current only after it has selected it.
            self._later.start()

    @Slot()
    def _handle(self) -> None:
        row = self._row
        if row.isValid():
            index = row.model().index(row.row(), 0, row.parent())
            if self._view.selectionModel().isSelected(index):
                self.on_row(index)


class _Opener(_Selected):
    def __init__(self, view: QAbstractItemView, act: Callable[[QModelIndex], object]) -> None:
        super().__init__(view)
        self._act = act

    def on_row(self, index: QModelIndex) -> None:
        """Make the row current, and open it; one that is made current otherwise isn't opened."""
        if index != self._view.currentIndex().siblingAtColumn(0):
            self.make_current(index)
            self._act(index)


class _Expander(_Selected):
    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree

    def on_row(self, index: QModelIndex) -> None:
        """Expand the row, if there are rows in it."""
        if self._tree.model().hasChildren(index):
            self._tree.expand(index)


class _Checker(_Selected):
    def on_row(self, index: QModelIndex) -> None:
        """Turn the check mark of the row."""
        role = Qt.ItemDataRole.CheckStateRole
        if index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            checked = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
            turned = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
            self._view.model().setData(index, turned, role)
        self.make_current(index)
        # So that the same row can be selected again.
        self._view.clearSelection()
