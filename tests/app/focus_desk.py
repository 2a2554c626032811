"""Helpers of the tests that go through everything that Tab reaches."""

from __future__ import annotations

from collections import Counter

import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPixmap, QRegion
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QListWidget,
    QTabBar,
    QTabWidget,
    QTreeView,
    QWidget,
)

from designer.app.shell import theme

TAB = Qt.FocusPolicy.TabFocus

walked: set[str] = set()
"""The names of the classes of all widgets that were looked at."""

NO_ROLE = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane)

MOST_CHOICES = 12
"""A longer list is one of values, which change nothing but a value."""

LONG = 60_000
"""Milliseconds that a window may take to become active on a busy machine."""

EDGE = 3
"""Pixels at each edge in which a ring is looked for: a blinking cursor is further inside."""


def stops(page: QWidget) -> list[QWidget]:
    """What Tab reaches in a page or dialog."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & TAB == TAB
        and widget.focusProxy() is None
        and widget.window() is page.window()
        and widget.isVisible()
        and widget.isEnabled()
    ]


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a widget."""
    spoken = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QTabBar):
        # Qt calls it as its current tab, which what is on that may be called too.
        return f"tabs, {spoken.text(QAccessible.Text.Name)}"
    if not isinstance(widget, QComboBox):
        return spoken.text(QAccessible.Text.Name)
    # On Linux, Qt gives the chosen entry as the name of a list; it is called after its label.
    labels = spoken.relations(QAccessible.RelationFlag.Label)
    return "".join(each.text(QAccessible.Text.Name) for each, _ in labels)


def faults(page: QWidget) -> list[str]:
    """Return what has no role, no name, or one that another has too."""
    found = []
    shown = (each for each in (page, *page.findChildren(QWidget)) if each.isVisible())
    walked.update(kind.__name__ for each in shown for kind in type(each).__mro__)
    names: Counter[str] = Counter()
    for widget in stops(page):
        name = name_of(widget)
        names[name] += 1
        if QAccessible.queryAccessibleInterface(widget).role() in NO_ROLE:
            found.append(f"{widget} “{name}” has no role")
        if not name.strip() or "\u200b" in name:
            found.append(f"{widget} in {widget.parent()} has no name")
        if isinstance(widget, QTreeView):
            found += [f"“{row}” in “{name}” has no level" for row in _without_level(widget)]
    return found + [
        f"“{name}” is there {count} times" for name, count in names.items() if count > 1
    ]


def _without_level(tree: QTreeView) -> list[str]:
    """Return the rows in other rows of which a screen reader doesn't say it."""
    model = tree.model()
    tops = [model.index(row, 0) for row in range(model.rowCount())]
    inner = [model.index(row, 0, top) for top in tops for row in range(model.rowCount(top))]
    return [
        each.data()
        for each in inner
        if "level 2" not in (each.data(Qt.ItemDataRole.AccessibleDescriptionRole) or "")
    ]


def faults_everywhere(page: QWidget) -> list[str]:
    """Return the faults of a page with each of its tabs, rows, and choices of its boxes."""
    found = _with_each_choice(page)
    for tabs in page.findChildren(QTabWidget):
        before = tabs.currentIndex()
        for index in range(tabs.count() if tabs.isVisible() else 0):
            tabs.setCurrentIndex(index)
            found += _with_each_choice(page)
        tabs.setCurrentIndex(before)
    for rows in page.findChildren(QListWidget):
        for index in range(min(rows.count(), MOST_CHOICES) if rows.isVisible() else 0):
            rows.setCurrentRow(index)
            found += _with_each_choice(page)
    return list(dict.fromkeys(found))


def _with_each_choice(page: QWidget) -> list[str]:
    found = faults(page)
    for box in [each for each in stops(page) if isinstance(each, QComboBox)]:
        before = box.currentIndex()
        for index in (*range(min(box.count(), MOST_CHOICES)), before):
            if not shiboken6.isValid(box) or not box.isVisible():
                break
            box.setCurrentIndex(index)
            box.activated.emit(index)
            QApplication.processEvents()
            found += faults(page)
    return found


def is_well(qtbot, page: QWidget) -> None:
    """Fail if something that Tab reaches has no name of its own, no role, or a weak ring."""
    wrong: dict[str, object] = {"names": faults(page)}
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=LONG)
    try:
        for mode in theme.MODES:
            if mode != "system":
                theme.apply(QApplication.instance(), mode)
                QApplication.processEvents()
                wrong[mode] = weak_rings(page)
    finally:
        theme.apply(QApplication.instance(), "light")
    assert {what: each for what, each in wrong.items() if each} == {}


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast as WCAG 2.2 defines it."""

    def luminance(color: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (color.redF(), color.greenF(), color.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ring(window: QWidget, widget: QWidget) -> float:
    """Return how much some pixel at the edge of a widget changes with the focus."""
    other = next((each for each in stops(window) if each is not widget), None)
    pictures = []
    for each in (other, widget):
        if each is None:
            widget.clearFocus()
        else:
            each.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        pictures.append(picture(window, widget))
    before, after = pictures
    ratios = [
        contrast(before.pixelColor(x, y), after.pixelColor(x, y))
        for x in range(before.width())
        for y in range(before.height())
        if (at_edge(before, x, y) or isinstance(widget, QTabBar))
        and before.pixel(x, y) != after.pixel(x, y)
    ]
    return max(ratios, default=1.0)


def weak_rings(page: QWidget) -> dict[str, float]:
    """Return the contrast of each ring below 3 to 1, by the widget's class and name."""
    found = {f"{type(each).__name__} {name_of(each)}": ring(page, each) for each in stops(page)}
    return {name: round(ratio, 2) for name, ratio in found.items() if ratio < 3.0}


def picture(window: QWidget, widget: QWidget) -> QImage:
    """Return what is seen of a widget; the canvas has its line around the view."""
    canvas = getattr(window, "canvas", None)
    shown = canvas if canvas is not None and widget is canvas.viewer else widget
    image = QPixmap(shown.size())
    # Most are transparent, and some are on what their parent paints.
    image.fill(QColor(theme.current().window))
    around = shown if shown.isWindow() else shown.parentWidget()
    part = QRegion(shown.rect() if around is shown else shown.geometry())
    QWidget.render(around, image, QPoint(), part, QWidget.RenderFlag.DrawChildren)
    return image.toImage()


def at_edge(image: QImage, x: int, y: int) -> bool:
    return min(x, y, image.width() - 1 - x, image.height() - 1 - y) <= EDGE
