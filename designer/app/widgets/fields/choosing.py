"""Lists to choose from, for those who reach them neither by keys nor with a pointer.

Assistive technology can select a row of Qt's lists but not press it, and what it selects doesn't
become the current row.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QWidget


class ChoiceBox(QComboBox):
    """A combo box in whose list selecting chooses, as clicking there does."""

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
        self._spoken.setText(name)


def follow_selection(view: QAbstractItemView) -> None:
    """Make the row current that assistive technology selects in a list of single selection."""
    _Follower(view)


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
