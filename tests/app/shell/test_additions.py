"""A panel and a command are each added by one entry; nothing else of the window knows them."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from designer.app.shell.commands import Commands, command


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
