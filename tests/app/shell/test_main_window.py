"""The window: panels, lists, commands, preferences."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import add, nodes

from designer.app.shell import theme


def test_a_module_of_the_palette_comes_to_the_canvas_and_is_selected(window):
    window.palette_panel.focus_search()
    QTest.keyClicks(window.palette_panel.search, "split data")
    QTest.keyClick(window.palette_panel.search, Qt.Key.Key_Return)
    assert nodes(window) == ["split_data"]
    assert window.canvas.selection() == ["split_data"]
    assert window.properties.node == "split_data"


def test_the_problem_list_leads_to_the_node_and_the_parameter(window, qtbot):
    add(window, "dataset")
    # What is checked first may be the empty pipeline.
    qtbot.waitUntil(lambda: [each.node for each in window.problems.problems()] == ["dataset"])
    wrong = window.problems.problems()[0]
    assert (wrong.parameter, wrong.severity) == ("path", "error")
    assert window.status.problems.text() == "1 error"
    window.canvas.select([])
    item = window.problems.list.topLevelItem(0)
    place = window.problems.list.visualItemRect(item).center()
    view = window.problems.list.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert window.canvas.selection() == ["dataset"]
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert QApplication.focusWidget() is window.properties.fields["path"].editor.line


def test_escape_leads_from_a_parameter_back_to_the_canvas(window):
    add(window, "split_data")
    window.activateWindow()
    for name in ("mode", "fraction", "randomized"):
        window.navigation.show_node("split_data", name)
        assert window.properties.isAncestorOf(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        assert window.canvas.isAncestorOf(QApplication.focusWidget()), name
    assert window.canvas.selection() == ["split_data"]


def test_the_outline_finds_a_node(window):
    add(window, "split_data", "join_data")
    window.workbench.show_panel("outline")
    QTest.keyClicks(window.outline.search, "split")
    QTest.keyClick(window.outline.search, Qt.Key.Key_Return)
    assert window.canvas.selection() == ["split_data"]


def test_commands_are_enabled_only_where_they_make_sense(window):
    enabled = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert {"new", "open", "paste", "add_module"} <= enabled
    assert not {"undo", "cut", "run", "cancel", "rename", "visualize"} & enabled
    add(window, "split_data")
    assert window.actions_by_id["run"].isEnabled()
    assert window.actions_by_id["rename"].isEnabled()


def test_the_command_palette_runs_what_is_typed(window):
    add(window, "split_data")

    def use() -> None:
        dialog = QApplication.activeModalWidget()
        QTest.keyClicks(dialog.search, "duplic")
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)

    QTimer.singleShot(0, use)
    window.views.command_palette()
    assert nodes(window) == ["split_data", "split_data_2"]


def test_the_list_of_shortcuts_is_the_table(window):
    from designer.app.dialogs.information import Shortcuts

    dialog = Shortcuts(window.commands, window)
    rows = dialog.list
    shown = {rows.topLevelItem(i).text(0) for i in range(rows.topLevelItemCount())}
    with_keys = [command for command in window.commands.all() if command.keys]
    assert {window.commands.title(each) for each in with_keys} <= shown
    dialog.deleteLater()


def test_every_command_has_a_handler_and_every_action_runs_it(window):
    assert set(window.actions_by_id) == {command.id for command in window.commands.all()}


def test_the_theme_switches_and_is_remembered(window):
    window.views.theme_dark()
    assert theme.current().name == "dark"
    assert window.settings.theme == "dark"
    assert window.actions_by_id["theme_dark"].isChecked()
    window.views.switch_theme()
    assert theme.current().name == "light"


def test_every_theme_is_in_the_menu(window):
    entries = [each for each in window.commands.entries("Theme") if each]
    shown = []
    for entry in entries[1:]:
        window.actions_by_id[entry].trigger()
        shown.append(theme.current().name)
    assert entries[0] == "theme_system"
    assert shown == ["light", "dark", "contrast-light", "contrast-dark"]
    window.views.theme_light()


def test_panels_are_hidden_and_shown_and_remembered(window):
    window.views.panels_below()
    assert not window.problems.isVisible()
    assert not window.actions_by_id["panels_below"].isChecked()
    kept = window.workbench.state()
    window.views.panels_below()
    assert window.problems.isVisible()
    window.workbench.restore(**kept)
    assert not window.problems.isVisible()


def test_a_dataset_without_a_file_shows_no_preview_and_says_what_is_wrong_once(window, qtbot):
    add(window, "dataset", "split_data")
    message = window.properties.page.message
    qtbot.waitUntil(
        lambda: message.text().startswith("The input “Dataset” isn't connected"), timeout=10_000
    )
    window.canvas.select(["dataset"])
    assert window.properties.page.preview.isHidden()
    field = window.properties.fields["path"]
    field.editor.line.setText("cars.csv")
    field.editor.line.textEdited.emit("cars.csv")
    assert not window.properties.page.preview.isHidden()
