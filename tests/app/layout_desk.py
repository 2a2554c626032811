"""Helpers of the tests that look for texts that are cut off, and for widgets that overlap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from designer.app.widgets.fields.choosing import ChoiceBox

USUAL_PIXELS = 15
"""Of a usual font."""

LEAST_TARGET = 24
"""Pixels of what can be pressed, as WCAG 2.2 asks in 2.5.8."""

SMALL = QSize(1340, 690)
"""What a window has of the screen of a small laptop, 1366 × 768."""


def clipped(page: QWidget) -> list[str]:
    """Return the labels, buttons, boxes, and headers whose text doesn't fit."""
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
    found += [f"button “{each.text()}”" for each in _buttons(page) if _is_cut(each)]
    found += [
        f"box “{box.currentText()}”"
        for box in page.findChildren(QComboBox)
        if box.isVisible() and not isinstance(box, ChoiceBox) and _room(box) < _asked(box)
    ]
    for header in page.findChildren(QHeaderView):
        found += _cut_titles(header)
    return found


def small_targets(page: QWidget) -> list[str]:
    """Return the buttons that are smaller than :data:`LEAST_TARGET`."""
    return [
        f"{type(button).__name__} {button.accessibleName() or button.text()}: {button.size()}"
        for button in _buttons(page)
        if min(button.width(), button.height()) < LEAST_TARGET
    ]


def faults_of(page: QWidget) -> list[str]:
    return clipped(page) + overlapping(page) + small_targets(page)


def is_whole(qtbot, page: QWidget) -> None:
    """Wait until no text is cut, as some of it comes late."""
    found: list[str] = []

    def look() -> bool:
        found[:] = faults_of(page)
        return not found

    try:
        qtbot.waitUntil(look, timeout=5_000)
    except qtbot.TimeoutError:
        pytest.fail("\n".join(found))


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


def _buttons(page: QWidget) -> Iterator[QAbstractButton]:
    return (
        each
        for each in page.findChildren(QAbstractButton)
        # Icons in a line are Qt's own, and without text; the whole line does the same.
        if each.isVisible() and not isinstance(each.parent(), QLineEdit)
    )


def _is_cut(button: QAbstractButton) -> bool:
    if not button.text():
        return False
    shown = button.text().replace("&", "")
    metrics = button.fontMetrics()
    # A button may be a little lower than it asks for, but no lower than its text.
    if button.height() < min(button.sizeHint().height(), metrics.height() + 6):
        return True
    if isinstance(button, QPushButton):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = button.style().subElementRect(part, option, button)
        icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
        return room.width() < metrics.horizontalAdvance(shown) + icon
    if isinstance(button, (QCheckBox, QRadioButton)):
        return button.width() < button.sizeHint().width()
    if isinstance(button, QToolButton):
        texts = button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
        written = texts or button.icon().isNull()
        return written and button.width() < metrics.horizontalAdvance(shown)
    return False


def _room(box: QComboBox) -> int:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    control = QStyle.ComplexControl.CC_ComboBox
    return box.style().subControlRect(control, option, part, box).width()


def _asked(box: QComboBox) -> int:
    return 0 if box.isEditable() else box.fontMetrics().horizontalAdvance(box.currentText())


def _cut_titles(header: QHeaderView) -> list[str]:
    """Return the titles of columns that are wider than these."""
    if not header.isVisible() or header.orientation() == Qt.Orientation.Vertical:
        return []
    model = header.model()
    found = []
    for place in range(header.count()):
        title = model.headerData(place, Qt.Orientation.Horizontal)
        room = header.sectionSize(place)
        ends = header.textElideMode() != Qt.TextElideMode.ElideNone
        if (
            title
            and not ends
            and not header.isSectionHidden(place)
            and room < header.sectionSizeHint(place)
        ):
            found.append(f"title “{title}”: {room} of {header.sectionSizeHint(place)}")
    return found
