"""Several pipelines in tabs of one window: each with its undo, run, focus, and questions."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAccessible, QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from run_desk import LONG, splitting
from tab_desk import (
    click,
    close_button,
    close_others,
    new_tab,
    saved,
    spoken,
    start_endless,
    texts,
)
from window_desk import CONTROL, SHIFT, add, close, key, linked, nodes

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

KEY = Qt.Key


@pytest.fixture
def pair(window):
    """Two tabs, the second one opened with the keyboard and in front."""
    second = new_tab(window)
    yield window, second
    close_others(window)
    # The last one of all is taken apart by whoever started the application.
    close(second)


def answer_in_turn(*words: str) -> list[object]:
    """Press these buttons of the questions that come up; returns the tabs that were in front."""
    waiting, asked, boxes = list(words), [], []

    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box not in boxes:
            boxes.append(box)
            parent = box.parentWidget()
            assert parent.isVisible()
            asked.append(parent)
            word = waiting.pop(0)
            next(b for b in box.buttons() if b.text().replace("&", "") == word).click()
        if waiting:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)
    return asked


def open_menu(frame, index: int) -> QMenu:
    """Open the menu of a tab with the keyboard."""
    frame.tabs.setCurrentIndex(index)
    frame.tabs.menu_requested.emit(index, frame.tabs.mapToGlobal(QPoint(0, 20)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    action = next(each for each in menu.actions() if each.text() == text)
    assert action.isEnabled()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    QApplication.processEvents()


def drop(widget, *files) -> None:
    """Drag files to a widget, and drop them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(QPoint(9, 9), *how))
    QApplication.sendEvent(widget, QDropEvent(QPointF(9, 9), *how))
    QApplication.processEvents()


def test_one_pipeline_has_the_whole_window_and_no_tabs(window, qtbot):
    frame = window.window()
    assert not frame.strip.isVisible()
    assert window.size() == frame.size()
    assert QAccessible.queryAccessibleInterface(frame).role() == QAccessible.Role.Window
    second = new_tab(window)
    assert frame.strip.isVisible()
    assert second.height() == frame.height() - frame.strip.height()
    key(window, KEY.Key_W, CONTROL)
    assert second.closed
    assert not frame.strip.isVisible()
    qtbot.waitUntil(lambda: window.size() == frame.size())


def test_each_tab_has_its_own_pipeline_and_undo(pair):
    first, second = pair
    frame = first.window()
    assert second.window() is frame
    add(second, "clean_missing_data", "normalize_data")
    click(frame, 0)
    add(first, "split_data")
    key(first, KEY.Key_Z, CONTROL)
    assert (nodes(first), len(nodes(second))) == ([], 2)
    key(first, KEY.Key_PageDown, CONTROL)
    assert second.isVisible()
    key(second, KEY.Key_Z, CONTROL)
    assert (nodes(first), nodes(second)) == ([], ["clean_missing_data"])
    key(second, KEY.Key_PageUp, CONTROL)
    key(first, KEY.Key_Z, CONTROL | SHIFT)
    assert (nodes(first), nodes(second)) == (["split_data"], ["clean_missing_data"])


def test_the_focus_returns_to_where_it_was_in_the_tab(pair):
    first, second = pair
    second.palette_panel.search.setFocus()
    key(second, KEY.Key_Tab, CONTROL)
    assert first.isAncestorOf(QApplication.focusWidget())
    first.canvas.setFocus()
    key(first, KEY.Key_Tab, CONTROL | SHIFT)
    assert QApplication.focusWidget() is second.palette_panel.search
    click(first.window(), 0)
    assert first.canvas.isAncestorOf(QApplication.focusWidget())


def test_a_tab_shows_name_and_changes_and_says_them(pair, tmp_path):
    first, second = pair
    frame = first.window()
    path = saved(tmp_path / "cars & more.pipeline.json", linked())
    assert second.files.open_path(path)
    add(first, "split_data")
    assert texts(frame) == ["*Untitled", "cars && more"]
    assert spoken(frame) == ["Untitled, unsaved changes", "cars & more"]
    assert frame.tabs.tabToolTip(1) == str(path)
    assert "Unsaved changes" in frame.tabs.tabToolTip(0)
    assert frame.windowTitle() == "cars & more – ModelDesk"
    click(frame, 0)
    assert frame.windowTitle() == "*Untitled – ModelDesk"


def test_a_tab_closes_by_its_button_which_asks_about_changes(pair, answer):
    first, second = pair
    frame = first.window()
    add(first, "split_data")
    button = close_button(frame, 0)
    assert min(button.width(), button.height()) >= 24
    assert button.accessibleName() == "Close Untitled"
    asked = answer_in_turn("Cancel")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [first]
    assert frame.pages() == [first, second]
    assert nodes(first) == ["split_data"]
    answer_in_turn("Discard")
    QTest.mouseClick(close_button(frame, 0), Qt.MouseButton.LeftButton)
    assert frame.pages() == [second]
    assert second.isVisible()


def test_the_middle_button_closes_a_tab(pair):
    first, second = pair
    frame = first.window()
    click(frame, 1, Qt.MouseButton.MiddleButton)
    assert second.closed
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(second)
    assert first.windows.all() == [first]
    assert first.isVisible()


def test_the_window_asks_about_each_tab_and_stays_if_one_is_to_stay(pair):
    first, second = pair
    frame = first.window()
    add(first, "split_data")
    add(second, "clean_missing_data")
    asked = answer_in_turn("Discard", "Cancel")
    key(second, KEY.Key_W, CONTROL | SHIFT)
    assert asked == [second, first]
    assert frame.pages() == [first, second]
    assert (nodes(first), nodes(second)) == (["split_data"], ["clean_missing_data"])
    # The first one is in front, where the user wanted to stay.
    asked = answer_in_turn("Discard", "Discard")
    frame.close()
    assert asked == [first, second]
    assert first.closed
    assert second.closed
    assert not frame.isVisible()


def test_the_other_tabs_are_closed_together(pair):
    first, second = pair
    third = new_tab(second)
    frame = first.window()
    choose(open_menu(frame, 1), "Close other tabs")
    assert frame.pages() == [second]
    assert first.closed
    assert third.closed
    # The fixture closes the first one of all.
    assert not frame.strip.isVisible()


def test_tabs_are_moved_by_keys_and_by_the_mouse(pair, qtbot):
    first, second = pair
    frame = first.window()
    key(second, KEY.Key_PageUp, CONTROL | SHIFT)
    assert frame.pages() == [second, first]
    assert second.isVisible()
    key(second, KEY.Key_PageDown, CONTROL | SHIFT)
    assert frame.pages() == [first, second]
    add(first, "split_data")
    bar = frame.tabs
    start, end = bar.tabRect(0).center(), bar.tabRect(1).center() + QPoint(20, 0)
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 11):
        QTest.mouseMove(bar, start + (end - start) * step / 10)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end)
    qtbot.waitUntil(lambda: frame.pages() == [second, first])
    assert texts(frame) == ["Untitled", "*Untitled"]
    click(frame, 0)
    assert second.isVisible()


def test_a_run_goes_on_while_another_tab_is_edited(pair, qtbot, tmp_path):
    first, second = pair
    frame = first.window()
    heard: list[str] = []
    first.announcer.announced.connect(heard.append)
    click(frame, 0)
    start_endless(first, tmp_path / "gate")
    qtbot.waitUntil(lambda: not frame.tabs.tabIcon(0).isNull(), timeout=LONG)
    click(frame, 1)
    heard.clear()
    add(second, "split_data")
    key(second, KEY.Key_Z, CONTROL)
    assert first.controller.running
    assert "," in spoken(frame)[0]
    told: list[str] = []
    frame.announcer.announced.connect(told.append)
    with qtbot.waitSignal(first.controller.finished, timeout=LONG) as finished:
        (tmp_path / "gate").touch()
    assert finished.args[0] == "completed"
    # What isn't shown says nothing; the window says which pipeline's run has ended.
    assert heard == []
    assert len(told) == 1
    assert told[0].startswith("Untitled: Completed")
    assert "Completed" in spoken(frame)[0]
    click(frame, 0)
    assert frame.tabs.tabIcon(0).isNull()
    assert first.controller.output("execute_python_script", "result_dataset") is not None


def test_a_tab_moves_to_a_new_window_while_its_run_goes_on(pair, qtbot, tmp_path):
    first, second = pair
    frame = first.window()
    start_endless(second, tmp_path / "gate")
    qtbot.waitUntil(lambda: second.controller.running, timeout=LONG)
    choose(open_menu(frame, 1), "Move tab to new window")
    other = second.window()
    assert other is not frame
    assert (frame.pages(), other.pages()) == ([first], [second])
    assert other.isVisible()
    assert second.isVisible()
    assert not frame.strip.isVisible()
    assert second.controller.running
    add(second, "split_data")
    key(second, KEY.Key_Z, CONTROL)
    with qtbot.waitSignal(second.controller.finished, timeout=LONG) as finished:
        (tmp_path / "gate").touch()
    assert finished.args[0] == "completed"
    # And back into the first one, by the menu that it has without tabs too.
    key(second, KEY.Key_W, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.setActiveAction(next(a for a in menu.actions() if a.text() == "Move tab to window"))
    QTest.keyClick(menu, KEY.Key_Right)
    within = QApplication.activePopupWidget()
    assert within is not menu
    assert [action.text() for action in within.actions()] == ["Untitled"]
    QTest.keyClick(within, KEY.Key_Return)
    assert frame.pages() == [first, second]
    assert second.isVisible()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(other)
    assert first.windows.frames() == [frame]


def test_a_file_that_is_open_leads_to_its_tab(pair, tmp_path):
    first, second = pair
    path = saved(tmp_path / "one.pipeline.json", linked())
    assert first.files.open_path(path)
    (tmp_path / "folder").mkdir()
    assert second.isVisible()
    assert second.files.open_path(tmp_path / "folder" / ".." / "one.pipeline.json")
    assert first.isVisible()
    assert not second.isVisible()
    assert nodes(second) == []


def test_a_file_is_opened_in_a_new_tab(window, monkeypatch, tmp_path):
    path = saved(tmp_path / "one.pipeline.json", linked())
    other = saved(tmp_path / "two.pipeline.json", splitting())
    add(window, "split_data")
    frame = window.window()
    monkeypatch.setattr(
        "designer.app.document.file_actions.QFileDialog.getOpenFileName", lambda *_: (str(path), "")
    )
    window.actions_by_id["open_in_new_tab"].trigger()
    assert texts(frame) == ["*Untitled", "one"]
    window.settings.add_recent(other)
    # What was deleted meanwhile doesn't take the menus with it.
    window.canvas.select(list(window.document.pipeline.nodes))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    (menu,) = (m for m in window.menuBar().findChildren(QMenu) if m.title() == "Open recent")
    menu.aboutToShow.emit()
    (within,) = (action.menu() for action in menu.actions() if action.menu() is not None)
    next(each for each in within.actions() if each.text() == other.name).trigger()
    assert texts(frame) == ["*Untitled", "one", "two"]
    assert frame.current.document.pipeline == splitting()
    # Opened again, it isn't opened twice.
    next(each for each in within.actions() if each.text() == path.name).trigger()
    assert texts(frame) == ["*Untitled", "one", "two"]
    assert frame.current.path == path
    close_others(window)


@pytest.mark.parametrize("where", ["canvas", "window"])
def test_files_that_are_dropped_open_in_tabs(window, tmp_path, where):
    files = [saved(tmp_path / f"{name}.pipeline.json", linked()) for name in ("one", "two")]
    frame = window.window()
    drop(frame if where == "window" else window.canvas.viewer.viewport(), *files)
    # Nothing was open in the first tab.
    assert texts(frame) == ["one", "two"]
    add(window, "split_data")
    more = [saved(tmp_path / f"{name}.pipeline.json", linked()) for name in ("three", "four")]
    frame.show_page(window)
    drop(frame if where == "window" else window.canvas.viewer.viewport(), *more)
    assert texts(frame) == ["*one", "two", "three", "four"]
    close_others(window)


def test_work_of_several_tabs_is_restored_in_tabs(window):
    for name in ("split_data", "clean_missing_data", "normalize_data"):
        file = RecoveryFile(window.recovery_folder)
        text = pipeline_file.dumps(edits.add_node(Pipeline(), name)[0])
        file.write(None, lambda text=text: text).result(timeout=10)
        file.close(keep=True)
    window.files.offer_recovery()
    (button,) = (each for each in window.bar.buttons if each.text() == "Restore all")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    pages = window.window().pages()
    assert [nodes(page) for page in pages] == [
        ["split_data"],
        ["clean_missing_data"],
        ["normalize_data"],
    ]
    assert all(page.document.dirty for page in pages)
    assert pages[-1].isVisible()
    assert not window.bar.isVisible()
    close_others(window)
    window.document.undo_stack.setClean()
    window.document.close()
    assert find_recoveries(window.recovery_folder) == []


def test_a_session_that_is_ended_keeps_the_work_of_every_tab(pair):
    first, second = pair
    add(first, "split_data")
    add(second, "clean_missing_data")
    first.windows.end()
    found = find_recoveries(first.recovery_folder)
    kept = sorted(node for each in found for node in pipeline_file.loads(each.text).nodes)
    assert kept == ["clean_missing_data", "split_data"]
    for each in found:
        each.discard()


def test_tabs_are_used_by_keys_alone(window):
    frame = window.window()
    add(window, "split_data")
    key(window, KEY.Key_T, CONTROL)
    second = frame.current
    # The start page is there with the focus on its first button.
    assert QApplication.focusWidget() is second.start_page.new
    key(second, KEY.Key_Return)
    assert second.navigation.editing
    for _ in range(12):
        key(second, KEY.Key_F6)
        if QApplication.focusWidget() is frame.tabs:
            break
    assert QApplication.focusWidget() is frame.tabs
    key(second, KEY.Key_Left)
    assert window.isVisible()
    assert QApplication.focusWidget() is frame.tabs
    # Tab continues in the page that is shown.
    key(window, KEY.Key_Tab)
    assert window.isAncestorOf(QApplication.focusWidget())
    key(window, KEY.Key_Tab, SHIFT)
    assert QApplication.focusWidget() is frame.tabs
    key(window, KEY.Key_Right)
    key(second, KEY.Key_Delete)
    assert second.closed
    assert frame.pages() == [window]
    assert window.isAncestorOf(QApplication.focusWidget())


def test_each_key_goes_from_tab_to_tab_and_around(pair):
    first, second = pair
    for code, modifiers in (
        (KEY.Key_PageDown, CONTROL),
        (KEY.Key_PageUp, CONTROL),
        (KEY.Key_Tab, CONTROL),
        (KEY.Key_Tab, CONTROL | SHIFT),
    ):
        for before, after in ((first, second), (second, first)):
            before.window().show_page(before)
            key(before, code, modifiers)
            assert after.isVisible()
            assert not before.isVisible()
    frame = first.window()
    frame.show_page(second)
    key(second, KEY.Key_W, CONTROL)
    assert frame.pages() == [first]


def test_the_menu_key_opens_the_menu_of_the_current_tab(pair):
    first, second = pair
    frame = first.window()
    frame.tabs.setFocus()
    at = frame.tabs.rect().center()
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(frame.tabs, QContextMenuEvent(reason, at, frame.tabs.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    choose(menu, "Move tab left")
    assert frame.pages() == [second, first]


def test_commands_of_tabs_need_several(window):
    names = ("next_tab", "previous_tab", "move_tab_left", "move_to_new_window", "close_other_tabs")
    assert not any(window.actions_by_id[name].isEnabled() for name in names)
    second = new_tab(window)
    assert all(window.actions_by_id[name].isEnabled() for name in names)
    assert all(second.actions_by_id[name].isEnabled() for name in names)
    close_others(window)
    assert not any(window.actions_by_id[name].isEnabled() for name in names)


def test_the_last_tab_closes_the_window(window, qtbot):
    frame = window.window()
    with qtbot.waitSignal(window.windows.ended):
        key(window, KEY.Key_W, CONTROL)
    assert window.closed
    assert not frame.isVisible()
    close(window)
    assert not shiboken6.isValid(frame)


def test_with_one_tab_ctrl_tab_opens_no_list_of_modules(window):
    window.canvas.setFocus()
    key(window, KEY.Key_Tab, CONTROL)
    assert not window.canvas.quick_add.isVisible()
    key(window, KEY.Key_Tab)
    assert window.canvas.quick_add.isVisible()
