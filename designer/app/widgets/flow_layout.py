"""Layouts in rows: of cards, and of what is in a bar."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget


class FlowLayout(QLayout):
    """Lays cards out in rows, as many in each as fit; hidden ones take no space.

    Parameters
    ----------
    card : QSize
        The smallest size of a card.
    """

    def __init__(self, parent: QWidget, card: QSize, gap: int = 16) -> None:
        super().__init__(parent)
        self._card = card
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self._gap = gap

    def addItem(self, item: QLayoutItem) -> None:
        """See Qt."""
        self._items.append(item)

    def count(self) -> int:
        """See Qt."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """See Qt."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """See Qt."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """See Qt."""
        return True

    def heightForWidth(self, width: int) -> int:
        """See Qt."""
        around = self.contentsMargins()
        inside = width - around.left() - around.right()
        height = self._arrange(QRect(0, 0, inside, 0), move=False)
        return height + around.top() + around.bottom()

    def sizeHint(self) -> QSize:
        """See Qt."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """See Qt."""
        return self._card if self._items else QSize()

    def setGeometry(self, area: QRect) -> None:
        """See Qt."""
        super().setGeometry(area)
        self._arrange(area.marginsRemoved(self.contentsMargins()), move=True)

    def _arrange(self, area: QRect, *, move: bool) -> int:
        y = area.y()
        rows = self._rows(area.width())
        for row in rows:
            height = max(size.height() for _, size in row)
            if move:
                self._place(row, QRect(area.x(), y, area.width(), height), len(rows))
            y += height + self._gap
        return max(y - self._gap - area.y(), 0)

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Return what is in each row, and how large."""
        rows: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint() if item.sizeHint().isValid() else self._card
            size = size.expandedTo(item.minimumSize())
            if rows and used + self._gap + size.width() <= width:
                used += self._gap + size.width()
                rows[-1].append((item, size))
            else:
                used = size.width()
                rows.append([(item, size)])
        return rows

    def _place(self, row: list[tuple[QLayoutItem, QSize]], line: QRect, rows: int) -> None:
        x = line.x()
        for item, size in row:
            self._move(item, QRect(QPoint(x, line.y()), size), line)
            x += size.width() + self._gap

    def _move(self, item: QLayoutItem, place: QRect, line: QRect) -> None:
        item.setGeometry(QStyle.visualRect(QGuiApplication.layoutDirection(), line, place))


class BarLayout(FlowLayout):
    """Lays out labels, fields, and buttons in a line, or in several where that is too narrow.

    Parameters
    ----------
    end : int, optional
        The position from which on widgets are at the end of the line, if one line is enough.
    filler : int, optional
        The position of a widget that has what its line leaves.
    """

    def __init__(
        self, parent: QWidget, gap: int = 8, end: int | None = None, filler: int | None = None
    ) -> None:
        super().__init__(parent, QSize(), gap)
        self._end = end
        self._filler = filler

    def minimumSize(self) -> QSize:
        """Return room for each widget alone."""
        least = QSize(0, 0)
        for item in self._items:
            if not item.isEmpty():
                least = least.expandedTo(item.minimumSize())
        return least.grownBy(self.contentsMargins())

    def sizeHint(self) -> QSize:
        """Return room for all widgets in a line."""
        sizes = [each.sizeHint() for each in self._items if not each.isEmpty()]
        wide = sum(size.width() for size in sizes) + self._gap * max(len(sizes) - 1, 0)
        size = QSize(wide, max((size.height() for size in sizes), default=0))
        return size.grownBy(self.contentsMargins())

    def _place(self, row: list[tuple[QLayoutItem, QSize]], line: QRect, rows: int) -> None:
        free = line.width() - sum(size.width() + self._gap for _, size in row) + self._gap
        last = self._items[self._end :] if self._end is not None and rows == 1 else []
        filler = None if self._filler is None else self._items[self._filler]
        x, moved = line.x(), False
        for item, size in row:
            if item is filler:
                size = QSize(size.width() + max(free, 0), size.height())
            if not moved and item in last:
                x, moved = x + max(free, 0), True
            # A widget that is wider than the line ends where that does.
            narrow = size.boundedTo(QSize(line.width(), size.height()))
            top = line.y() + (line.height() - size.height()) // 2
            self._move(item, QRect(QPoint(x, top), narrow), line)
            x += size.width() + self._gap
