"""Helpers of the tests of tabs: a window with two pipelines, and what its tabs show."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar
from run_desk import scripting, show
from window_desk import CONTROL, close, key

from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

RIGHT = QTabBar.ButtonPosition.RightSide


def new_tab(window):
    """Open another tab with the keyboard, and an empty pipeline in it."""
    key(window, Qt.Key.Key_T, CONTROL)
    page = window.window().current
    page.files.new()
    page.canvas.setFocus()
    QApplication.processEvents()
    return page


def close_others(window) -> None:
    """Close every pipeline but the one of a window."""
    for each in window.windows.all():
        if each is not window:
            close(each)


def texts(frame) -> list[str]:
    return [frame.tabs.tabText(index) for index in range(frame.tabs.count())]


def spoken(frame) -> list[str]:
    """Return what a screen reader calls the tabs."""
    bar = QAccessible.queryAccessibleInterface(frame.tabs)
    tabs = (bar.child(index) for index in range(bar.childCount()))
    return [
        tab.text(QAccessible.Text.Name)
        for tab in tabs
        if tab is not None and tab.role() == QAccessible.Role.PageTab
    ]


def click(frame, index: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    QTest.mouseClick(frame.tabs, button, pos=frame.tabs.tabRect(index).center())
    QApplication.processEvents()


def close_button(frame, index: int):
    return frame.tabs.tabButton(index, RIGHT)


def saved(path: Path, pipeline: Pipeline) -> Path:
    pipeline_file.write(pipeline, path)
    return path


def start_endless(window, gate: Path) -> None:
    """Start a run that continues until a file exists."""
    script = (
        "import os, time\n"
        "def azureml_main(a=None, b=None):\n"
        f"    while not os.path.exists({str(gate)!r}):\n"
        "        time.sleep(0.05)\n"
        "    return a,\n"
    )
    show(window, scripting(script))
    window.runs.start([], anyway=True)
