"""Helpers of the tests that look for texts that are cut off, and for widgets that overlap."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QLabel, QToolButton, QWidget

USUAL_PIXELS = 15
"""Of a usual font."""


def clipped(page: QWidget) -> list[str]:
    """Return the labels and buttons whose text doesn't fit."""
    found = []
    for widget in page.findChildren(QLabel):
        if not widget.isVisible() or not widget.text() or widget.hasScaledContents():
            continue
        wrapped = widget.wordWrap()
        height = widget.heightForWidth(widget.width()) if wrapped else widget.sizeHint().height()
        if widget.height() < height:
            found.append(f"label “{widget.text()}”: {widget.height()} of {height}")
        # A label of one line that ends in an ellipsis has a smaller hint by itself.
        if not wrapped and widget.width() < widget.minimumSizeHint().width():
            found.append(f"label “{widget.text()}”: {widget.width()} wide")
    for widget in page.findChildren(QAbstractButton):
        if not widget.isVisible() or not widget.text() or isinstance(widget, QToolButton):
            continue
        # A button may be a little lower than it asks for, but no lower than its text.
        needed = min(widget.sizeHint().height(), widget.fontMetrics().height() + 6)
        if widget.height() < needed:
            found.append(f"button “{widget.text()}”")
    return found


def overlapping(page: QWidget) -> list[str]:
    """Return the widgets of one parent's layout that lie on each other or outside of it."""
    found = []
    for parent in [page, *page.findChildren(QWidget)]:
        layout = parent.layout()
        if layout is None or not parent.isVisible():
            continue
        inside = [layout.itemAt(place).widget() for place in range(layout.count())]
        shown = [each for each in inside if each is not None and each.isVisible()]
        for place, each in enumerate(shown):
            if not parent.rect().contains(each.geometry()):
                found.append(f"{each} is outside of {parent}")
            found += [
                f"{each} is on {other}"
                for other in shown[place + 1 :]
                if each.geometry().intersects(other.geometry())
            ]
    return found
