"""docs/adding-a-command.md, followed: a command of the window and one of the command line."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from followed_page import files_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import add

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.shell.main_window import MainWindow
from designer.app.shell.window_parts import WindowParts
from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

ACTIONS, PARTS, SUB_COMMAND = (
    "designer/app/document/enable_actions.py",
    "designer/app/shell/window_parts.py",
    "designer/cli/commands/count.py",
)

AddFile = Callable[[str, str], ModuleType]


def test_the_command_is_in_menu_and_palette_has_its_shortcut_and_can_be_undone(
    add_file: AddFile, open_window: Callable[[], MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = files_of("adding-a-command.md")
    added = add_file(ACTIONS, page[ACTIONS])
    make_actions = WindowParts._make_actions
    lines = compile(textwrap.dedent(page[PARTS]), PARTS, "exec")

    def with_the_lines_of_the_page(self: WindowParts) -> None:
        make_actions(self)
        exec(lines, vars(added) | {"self": self, "document": self.document})

    monkeypatch.setattr(WindowParts, "_make_actions", with_the_lines_of_the_page)
    window = open_window()
    action = window.actions_by_id["enable_all"]
    edit = next(each.menu() for each in window.menuBar().actions() if each.text() == "&Edit")
    assert action in edit.actions()
    assert not action.isEnabled()
    assert action.toolTip() == "Enable all modules: only when the pipeline isn't empty."

    add(window, "split_data")
    window.document.apply("Disable", lambda p: edits.set_disabled(p, "split_data", True))
    palette = CommandPalette(window.commands, window)
    palette.search.setText("enable all")
    assert palette.list.topLevelItemCount() == 1
    palette.deleteLater()
    window.canvas.setFocus()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window, Qt.Key.Key_E, modifiers)
    QApplication.processEvents()
    assert not window.document.pipeline.nodes["split_data"].disabled
    window.document.undo_stack.undo()
    assert window.document.pipeline.nodes["split_data"].disabled


def test_the_sub_command_is_in_the_help_and_works(add_file: AddFile, tmp_path: Path) -> None:
    add_file(SUB_COMMAND, files_of("adding-a-command.md")[SUB_COMMAND])
    file = tmp_path / "prices.pipeline.json"
    pipeline, _ = edits.add_node(Pipeline(), "split_data")
    write(pipeline, file)

    def designer(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, list(words))
        return result.exit_code, result.output

    assert "\n  count " in designer("--help")[1]
    assert "designer count prices.pipeline.json" in designer("count", "--help")[1]
    assert designer("count", str(file)) == (0, "Modules: 1\n")
    status, printed = designer("count", str(file), "--json")
    assert (status, json.loads(printed)) == (0, {"modules": 1})
    status, printed = designer("count", str(tmp_path / "no.pipeline.json"))
    assert status == 2
    assert "There is no file" in printed
