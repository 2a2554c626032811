"""The window in a font that is one and a half times, or twice, as large."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QToolButton, QWidget
from run_desk import show, splitting

from designer.app.shell import theme
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START

PIXELS = 15
"""Of a usual font."""

LEAST_TARGET = 24
"""Pixels of what can be pressed, as WCAG 2.2 asks in 2.5.8."""


@pytest.fixture
def font(qapp):
    """Make the application's font larger, and small again afterwards."""
    usual = QFont(qapp.font())

    def larger(times: float) -> None:
        made = QFont(usual)
        made.setPixelSize(round(PIXELS * times))
        qapp.setFont(made)
        theme.apply(qapp, "light")

    yield larger
    qapp.setFont(usual)
    theme.apply(qapp, "light")


@pytest.fixture(params=[1.5, 2.0])
def large(request, font):
    font(request.param)
    return request.param


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
    for widget in page.findChildren(QAbstractButton):
        if not widget.isVisible() or not widget.text() or isinstance(widget, QToolButton):
            continue
        if widget.height() < widget.sizeHint().height():
            found.append(f"button “{widget.text()}”")
    return found


def test_no_text_is_cut_off_on_any_page(large, window, qtbot):
    show(window, splitting())
    window.canvas.select(["split_data"])
    for page in (EDITING, START, DEPLOYMENT, SCHEDULES):
        window.navigation.show(page)
        # What is learned from a sample may come in between.
        qtbot.waitUntil(lambda: not clipped(window))


def test_titles_and_the_canvas_follow_the_font(large, window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    labels = window.properties.page.findChildren(QLabel)
    title = next(label for label in labels if label.text() == "Split Data")
    assert title.fontInfo().pixelSize() == round(PIXELS * large)
    window.canvas.zoom_reset()
    assert window.canvas.viewer.zoom() == pytest.approx(round(PIXELS * large) / PIXELS)
    assert window.status.zoom.text() == "100 %"


def test_what_can_be_pressed_is_large_enough(window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    small = [
        f"{type(button).__name__} {button.accessibleName() or button.text()}: {button.size()}"
        for button in window.findChildren(QAbstractButton)
        # Icons in a line are Qt's own; the whole line does the same.
        if button.isVisible()
        and not isinstance(button.parent(), QLineEdit)
        and min(button.width(), button.height()) < LEAST_TARGET
    ]
    assert small == []
