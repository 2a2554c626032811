"""A new module from the window: named, written, in the palette, and opened in the editor."""

from __future__ import annotations

from modal_desk import in_dialog
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.library.new_module import NewModule


def test_a_module_is_written_and_opened(desk, tmp_path):
    opened = []
    desk.library.open_file = lambda path: bool(opened.append(path)) or True

    def act(dialog: NewModule) -> None:
        assert not dialog.create_button.isEnabled()
        QTest.keyClicks(dialog.name, "Split Data")
        assert "There is a module “split_data” already." in dialog.message.text()
        assert not dialog.create_button.isEnabled()
        dialog.name.clear()
        QTest.keyClicks(dialog.name, "My Forest")
        assert dialog.message.text() == "File: my_forest.py"
        dialog.kind.setCurrentIndex(dialog.kind.findData("learner"))
        QTest.keyClick(dialog.name, Qt.Key.Key_Return)

    in_dialog(NewModule, act)
    desk.actions_by_id["new_module"].trigger()
    file = tmp_path / "workspace" / "modules" / "my_forest.py"
    assert opened == [file]
    assert (file.parent / "tests" / "test_my_forest.py").is_file()
    assert desk.catalog["my_forest"].category_title == "My Modules"
    assert "my_forest" in desk.palette_panel.visible_modules()
    assert desk.library.is_own("my_forest")
    assert not desk.library.is_own("split_data")
    desk.palette_panel.edit_requested.emit("my_forest")
    assert opened == [file, file]


def test_without_an_editor_the_path_is_told(desk, tmp_path):
    desk.library.open_file = lambda path: False
    in_dialog(NewModule, lambda dialog: (dialog.name.setText("Cap Values"), dialog.accept()))
    desk.actions_by_id["new_module"].trigger()
    assert str(tmp_path / "workspace" / "modules" / "cap_values.py") in desk.bar.text.text() or (
        "No editor can be started" in desk.statusBar().currentMessage()
    )
