"""A panel and a command are each added by one entry; nothing else of the window knows them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from window_desk import add, close

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.panels.panel import Panel, PanelContext
from designer.app.shell import panels
from designer.app.shell.commands import Commands, command
from designer.app.shell.main_window import MainWindow


class Counter(QLabel):
    """Shows how many modules the pipeline has."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__("0 modules")
        self._context = context
        self.reset = 0
        context.document.changed.connect(self._show)

    @command(
        "Reset the counter…",
        "Ctrl+Alt+R",
        icon="refresh",
        help="Begin to count again.",
        needs="nodes",
        menus=("Edit 9", "Node 2.7"),
        label=lambda self: f"Reset {self.text()}",
    )
    def reset_counter(self) -> None:
        self.reset += 1

    def _show(self) -> None:
        self.setText(f"{len(self._context.document.pipeline.nodes)} modules")


PANEL = Panel("counter", "Counter", "left", Counter, icon="list")


def test_a_panel_and_its_command_come_with_one_entry(
    qapp, qtbot, settings, catalog, engine, samples, monkeypatch
):
    monkeypatch.setattr(panels, "PANELS", [*panels.PANELS, PANEL])
    window = MainWindow(settings, catalog, workspace=engine.workspace, samples=samples)
    with qtbot.waitExposed(window):
        window.show()
    window.files.new()
    tabs = window.workbench.sides["left"]
    assert [tabs.tabText(i) for i in range(tabs.count())] == ["Modules", "Outline", "Counter"]
    assert not tabs.tabIcon(2).isNull()
    window.navigation.show_panel("counter")
    counter = tabs.currentWidget()
    assert isinstance(counter, Counter)
    action = window.actions_by_id["reset_counter"]
    assert not action.isEnabled()
    assert action.toolTip() == "Reset the counter: only when a module is selected."
    add(window, "split_data")
    assert counter.text() == "1 modules"
    assert action.isEnabled()
    assert action.text() == "Reset 1 modules"
    edit = next(a.menu() for a in window.menuBar().actions() if a.text() == "&Edit")
    assert edit.actions()[-1] is action
    assert edit.actions()[-2].isSeparator()
    palette = CommandPalette(window.commands, window)
    palette.search.setText("reset 1")
    assert palette.list.topLevelItemCount() == 1
    palette.deleteLater()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.canvas.setFocus()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window, Qt.Key.Key_R, modifiers)
    QApplication.processEvents()
    assert counter.reset == 1
    close(window)


class Switch:
    """A handler without any widget."""

    def __init__(self) -> None:
        self.on = False
        self.missing = ""

    @command(
        "Light",
        help="Switch the light.",
        menus="Theme 5",
        checked=lambda self: self.on,
        obstacle=lambda self: self.missing,
    )
    def toggle_light(self) -> None:
        self.on = not self.on and not self.missing


def test_a_switch_shows_what_its_object_says_and_why_it_is_out_of_order(qapp, qtbot):
    window = QLabel()
    qtbot.addWidget(window)
    commands = Commands(window, window)
    switch = Switch()
    commands.add(switch)
    commands.update()
    action = commands.actions["toggle_light"]
    assert action.isEnabled()
    assert not action.isChecked()
    action.trigger()
    assert switch.on
    assert action.isChecked()
    switch.missing = "There is no power."
    commands.update()
    assert not action.isEnabled()
    assert action.toolTip() == "There is no power."
    assert commands.title(commands.by_id["toggle_light"]) == "Theme: light"
    assert commands.entries("Theme") == ["toggle_light"]
