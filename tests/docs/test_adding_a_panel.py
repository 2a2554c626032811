"""docs/adding-a-panel.md, followed: the panel and its command come with one entry."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from followed_page import files_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import add

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.shell import panels
from designer.app.shell.main_window import MainWindow

PANEL, LIST = "designer/app/panels/counter.py", "designer/app/shell/panels.py"


@pytest.mark.long
def test_the_panel_is_shown_and_its_command_is_the_windows(
    add_file: Callable[[str, str], ModuleType],
    open_window: Callable[[], MainWindow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = files_of("adding-a-panel.md")
    counter = add_file(PANEL, page[PANEL])
    line = eval(f"[{page[LIST].strip()}]", {"counter": counter})
    monkeypatch.setattr(panels, "PANELS", [*panels.PANELS, *line])
    window = open_window()

    tabs = window.workbench.sides["left"]
    assert [tabs.tabText(i) for i in range(tabs.count())] == ["Modules", "Outline", "Counter"]
    assert not tabs.tabIcon(2).isNull()
    window.navigation.show_panel("counter")
    shown = tabs.currentWidget()
    assert isinstance(shown, counter.Counter)
    action = window.actions_by_id["reset_counter"]
    assert not action.isEnabled()
    assert action.toolTip() == "Reset the counter: only when a module is selected."

    add(window, "split_data")
    assert shown.text() == "New modules: 1"
    assert action.isEnabled()
    assert action.text() == "Reset new modules: 1"
    edit = next(each.menu() for each in window.menuBar().actions() if each.text() == "&Edit")
    assert edit.actions()[-1] is action
    assert edit.actions()[-2].isSeparator()
    palette = CommandPalette(window.commands, window)
    palette.search.setText("reset new")
    assert palette.list.topLevelItemCount() == 1
    palette.deleteLater()
    window.canvas.setFocus()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window, Qt.Key.Key_R, modifiers)
    QApplication.processEvents()
    assert shown.text() == "New modules: 0"
