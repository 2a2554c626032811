"""Helpers of the tests of charts that the user makes of a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from designer.app.views.charts.table_chart_page import TableChartPage

LEFT = Qt.MouseButton.LeftButton
WAIT = 20_000


def charts(qtbot, view) -> TableChartPage:
    """Click on the tab."""
    bar = view.tabs.tabBar()
    at = next(index for index in range(bar.count()) if bar.tabText(index) == "Charts")
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(at).center())
    page = view.tabs.currentWidget().findChild(TableChartPage)
    drawn(qtbot, page)
    return page


def drawn(qtbot, page) -> None:
    """Wait until a chart is there and has its place, or a message instead."""

    def is_there() -> bool:
        if page.drawing or page.message.isVisible():
            return not page.drawing
        boxes = [plot.getViewBox() for plot in page.plot.plots]
        return all(
            box.sceneBoundingRect().width() > 50 and box.viewRange()[1] != [0, 1] for box in boxes
        )

    qtbot.waitUntil(is_there, timeout=WAIT)


def choose(qtbot, page, field: str, text: str) -> None:
    """Choose an entry of a field by keys."""
    box = page.form.kind if field == "kind" else page.form.fields[field]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(text)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == text
    drawn(qtbot, page)


def on_screen(page, x: float, y: float, panel: int = 0) -> QPoint:
    """Return where a point of a panel is, in the area that takes the mouse."""
    box = page.plot.plots[panel].getViewBox()
    return page.plot._area.mapFromScene(box.mapViewToScene(QPointF(x, y)))


def move(page, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the mouse; QTest's own move has no pressed button, and doesn't reach every widget."""
    area = page.plot._area.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(area.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(area, event)


def drag(qtbot, page, start: QPoint, end: QPoint) -> None:
    area = page.plot._area.viewport()
    move(page, start)
    qtbot.mousePress(area, LEFT, pos=start)
    for step in range(1, 6):
        move(page, start + (end - start) * step / 5, LEFT)
    qtbot.mouseRelease(area, LEFT, pos=end)


def turn_wheel(page, at: QPoint, notches: int) -> None:
    """Turn the wheel over a point; away from the user if the number is positive."""
    area = page.plot._area.viewport()
    for _ in range(abs(notches)):
        event = QWheelEvent(
            QPointF(at),
            QPointF(area.mapToGlobal(at)),
            QPoint(),
            QPoint(0, 120 if notches > 0 else -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(area, event)


def press(qtbot, page, name: str) -> None:
    button = next(b for b in page.findChildren(QToolButton) if b.accessibleName() == name)
    qtbot.mouseClick(button, LEFT)
