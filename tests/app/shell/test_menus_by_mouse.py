"""Commands that are reached by the mouse, through the menus."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from run_desk import LONG
from window_desk import CONTROL, close, key

from designer.app.dialogs.guide import Guide
from designer.app.shell.settings import Settings
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

LEFT = Qt.MouseButton.LeftButton
PLACES = {"one": (0.0, 0.0), "two": (300.0, 100.0), "three": (900.0, 260.0)}


def pick(window, qtbot, *path: str) -> None:
    """Click a menu of the menu bar, and entries down to a command."""
    bar = window.menuBar()
    first = next(each for each in bar.actions() if each.text().replace("&", "") == path[0])
    qtbot.mouseClick(bar, LEFT, pos=bar.actionGeometry(first).center())
    menu: QMenu = first.menu()
    for text in path[1:]:
        qtbot.waitUntil(menu.isVisible, timeout=LONG)
        action = next(each for each in menu.actions() if each.text().replace("&", "") == text)
        assert action.isEnabled()
        qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
        menu = action.menu() or menu
    QApplication.processEvents()


def come_back(window, qtbot) -> None:
    """Activate the window, which Qt's offscreen platform doesn't when a menu closes."""
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None, timeout=LONG)
    with qtbot.waitActive(window.window()):
        window.window().activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: window.canvas.isAncestorOf(QApplication.focusWidget()), timeout=LONG)


@pytest.fixture
def scattered(window):
    """Three cards, all selected by keys."""
    pipeline = Pipeline()
    for name, position in PLACES.items():
        pipeline, _ = edits.add_node(pipeline, "split_data", position=position, node_id=name)
    window.document.apply("Build", lambda _: pipeline)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    return window


def positions(window) -> list[tuple[float, float]]:
    return [node.position for node in window.document.pipeline.nodes.values()]


def test_a_second_window_opens_from_the_menu(window, qtbot):
    pick(window, qtbot, "Window", "New window")
    first, second = window.windows.all()
    assert first is window
    try:
        with qtbot.waitActive(second):
            second.activateWindow()
        QTest.mouseClick(second.start_page.new, LEFT)
        assert second.document is not first.document
    finally:
        close(second)


def test_selected_cards_are_aligned_and_spread_from_the_menu(scattered, qtbot):
    pick(scattered, qtbot, "Pipeline", "Align", "Left edges")
    assert positions(scattered) == [(0, 0), (0, 100), (0, 260)]
    pick(scattered, qtbot, "Pipeline", "Align", "Equal gaps down")
    assert positions(scattered) == [(0, 0), (0, 130), (0, 260)]
    for before in ([(0, 0), (0, 100), (0, 260)], list(PLACES.values())):
        come_back(scattered, qtbot)
        key(scattered, Qt.Key.Key_Z, CONTROL)
        assert positions(scattered) == before


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_of_the_canvas_is_saved_from_the_menu(
    scattered, qtbot, suffix, tmp_path, monkeypatch
):
    file = tmp_path / f"flow.{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    pick(scattered, qtbot, "File", "Save picture…")
    if suffix == "svg":
        assert file.read_text("utf-8").count("Split Data") >= len(PLACES)
    else:
        assert QImage(str(file)).width() > 900


def test_the_guide_opens_from_the_menu(window, qtbot):
    pick(window, qtbot, "Help", "Guide")
    (guide,) = window.findChildren(Guide)
    assert guide.isVisible()


def test_results_open_beside_the_canvas_once_the_menu_says_so(window, qtbot):
    assert not window.settings.results_beside
    pick(window, qtbot, "View", "Results beside the canvas")
    assert Settings(window.settings.path).results_beside
    pick(window, qtbot, "View", "Results beside the canvas")
    assert not Settings(window.settings.path).results_beside
