"""The window: editing by keys and mouse, files, recovery, start page."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QLabel, QMessageBox

from designer.app import commands, theme
from designer.app.canvas import CanvasTarget, LinkTarget, NodeTarget, NoteTarget, PortTarget
from designer.app.context_menus import context_menu
from designer.app.recovery import RecoveryFile, left_behind
from designer.app.settings import Settings
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def nodes(window) -> list[str]:
    return list(window.document.pipeline.nodes)


def add(window, *modules: str) -> None:
    for module in modules:
        window.edits.add_at_center(module)


def key(window, code, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, code, modifiers)
    QApplication.processEvents()


def linked() -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", position=(0, 0))
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 150))
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))


def test_a_module_of_the_palette_comes_to_the_canvas_and_is_selected(window):
    window.palette_panel.focus_search()
    QTest.keyClicks(window.palette_panel.search, "split data")
    QTest.keyClick(window.palette_panel.search, Qt.Key.Key_Return)
    assert nodes(window) == ["split_data"]
    assert window.canvas.selection() == ["split_data"]
    assert window.properties.node == "split_data"


def test_keys_undo_copy_paste_duplicate_and_delete(window):
    add(window, "split_data")
    window.canvas.setFocus()
    key(window, Qt.Key.Key_D, CONTROL)
    assert nodes(window) == ["split_data", "split_data_2"]
    assert window.canvas.selection() == ["split_data_2"]
    key(window, Qt.Key.Key_C, CONTROL)
    key(window, Qt.Key.Key_V, CONTROL)
    assert len(nodes(window)) == 3
    key(window, Qt.Key.Key_A, CONTROL)
    assert len(window.canvas.selection()) == 3
    key(window, Qt.Key.Key_X, CONTROL)
    assert nodes(window) == []
    key(window, Qt.Key.Key_Z, CONTROL)
    assert len(nodes(window)) == 3
    key(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert nodes(window) == []
    key(window, Qt.Key.Key_V, CONTROL)
    assert len(nodes(window)) == 3
    key(window, Qt.Key.Key_Delete)
    assert nodes(window) == []


def test_what_is_copied_is_text_for_an_editor(window):
    add(window, "split_data")
    window.edits.copy()
    text = QApplication.clipboard().text()
    assert list(pipeline_file.loads(text).nodes) == ["split_data"]


@pytest.mark.parametrize("text", ["hello", '{"a": 1}', "[]", ""])
def test_pasting_other_text_changes_nothing(window, text):
    data = QMimeData()
    data.setText(text)
    QApplication.clipboard().setMimeData(data)
    window.edits.paste()
    assert nodes(window) == []
    assert not window.document.dirty


def test_undo_and_redo_name_the_step(window):
    add(window, "split_data")
    assert "Split Data" in window.actions_by_id["undo"].text()
    assert not window.actions_by_id["redo"].isEnabled()
    window.edits.undo()
    assert window.actions_by_id["redo"].isEnabled()


def test_the_problem_list_leads_to_the_node_and_the_parameter(window, qtbot):
    with qtbot.waitSignal(window.checker.checked, timeout=10_000):
        add(window, "dataset")
    wrong = window.problems.problems()[0]
    assert (wrong.node, wrong.parameter, wrong.severity) == ("dataset", "path", "error")
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
        window.focus_node("split_data", name)
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


def test_rename_comment_and_disable(window, monkeypatch):
    add(window, "split_data")
    answers = iter([("parts", True), ("why", True), ("Not allowed", True)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: next(answers))
    window.edits.rename()
    assert nodes(window) == ["parts"]
    assert window.canvas.selection() == ["parts"]
    window.edits.comment()
    assert window.document.pipeline.nodes["parts"].comment == "why"
    window.edits.rename()
    assert nodes(window) == ["parts"]
    assert "can't be an id" in window.statusBar().currentMessage()
    window.edits.toggle_disabled()
    assert window.document.pipeline.nodes["parts"].disabled
    window.edits.regenerate()
    assert window.document.pipeline.nodes["parts"].extra["reuse"] is False
    window.edits.regenerate()
    assert "reuse" not in window.document.pipeline.nodes["parts"].extra


def test_commands_are_enabled_only_where_they_make_sense(window):
    enabled = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert {"new", "open", "paste", "add_module"} <= enabled
    assert not {"undo", "cut", "run", "cancel", "rename", "visualize"} & enabled
    add(window, "split_data")
    assert window.actions_by_id["run"].isEnabled()
    assert window.actions_by_id["rename"].isEnabled()


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (NodeTarget("split_data"), {"Run to here", "View log", "Delete", "Help for the module"}),
        (PortTarget("split_data", "dataset", False), {"Visualize", "Delete link"}),
        (PortTarget("enter_data_manually", "dataset", True), {"Visualize", "Delete link"}),
        (CanvasTarget(10, 20), {"Add module…", "Add note", "Select all", "Fit to window"}),
    ],
)
def test_context_menus_offer_what_fits(window, target, wanted):
    window.document.apply("Insert", lambda p: linked())
    menu = context_menu(window, target)
    assert wanted <= {action.text() for action in menu.actions()}
    menu.deleteLater()


def test_the_menu_of_a_node_lists_its_outputs_and_selects_it(window):
    window.document.apply("Insert", lambda p: linked())
    menu = context_menu(window, NodeTarget("split_data"))
    submenu = next(a.menu() for a in menu.actions() if a.text() == "Visualize")
    assert len(submenu.actions()) == 2
    assert window.canvas.selection() == ["split_data"]
    menu.deleteLater()


def test_the_menu_of_a_link_deletes_it(window):
    window.document.apply("Insert", lambda p: linked())
    menu = context_menu(window, LinkTarget(window.document.pipeline.links[0]))
    next(a for a in menu.actions() if a.text() == "Delete link").trigger()
    assert window.document.pipeline.links == ()
    menu.deleteLater()


def test_a_note_is_added_where_the_menu_was_opened(window):
    menu = context_menu(window, CanvasTarget(40, 60))
    next(a for a in menu.actions() if a.text() == "Add note").trigger()
    window.canvas.finish_note()
    (note,) = window.document.pipeline.notes.values()
    assert note.position == (40, 60)
    assert context_menu(window, NoteTarget(note.id)).actions()
    menu.deleteLater()


def test_a_dropped_data_file_becomes_a_dataset(window, tmp_path):
    file = tmp_path / "cars.csv"
    file.write_text("a\n1\n")
    window.document.save(tmp_path / "p.pipeline.json")
    window.canvas.files_dropped.emit([str(file)], 100.0, 100.0)
    assert window.document.pipeline.nodes["dataset"].parameters == {"path": "cars.csv"}


def test_a_dropped_pipeline_is_opened(window, tmp_path):
    pipeline_file.write(linked(), tmp_path / "p.pipeline.json")
    window.canvas.files_dropped.emit([str(tmp_path / "p.pipeline.json")], 0.0, 0.0)
    assert window.document.path == tmp_path / "p.pipeline.json"
    assert window.windowTitle() == "p – ModelDesk"


def test_save_as_gives_the_file_its_suffix_and_remembers_it(window, monkeypatch, tmp_path):
    add(window, "split_data")
    assert window.windowTitle().startswith("*")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    window.canvas.select([])
    window.canvas.setFocus()
    key(window, Qt.Key.Key_S, CONTROL)
    saved = tmp_path / "mine.pipeline.json"
    assert "split_data" in json.dumps(json.loads(saved.read_text()))
    assert window.windowTitle() == "mine – ModelDesk"
    assert window.settings.recent == [saved]
    assert "mine" in [label.text() for label in window.properties.findChildren(QLabel)]


def test_a_save_that_fails_says_so_and_keeps_the_work(window, tmp_path):
    add(window, "split_data")
    window.document.save(tmp_path / "p.pipeline.json")
    add(window, "join_data")
    (tmp_path / "p.pipeline.json").unlink()
    (tmp_path / "p.pipeline.json").mkdir()
    window.document.keep_mine()
    assert not window.files.save()
    assert window.bar.isVisible()
    assert [button.text() for button in window.bar.buttons] == ["Save as…"]
    assert len(nodes(window)) == 2
    assert window.document.dirty


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"[1]", b"\xff\xfe\x00", b'{"format": "modeldesk-pipeline", "version": 99}'],
)
def test_a_file_that_is_no_pipeline_is_explained_in_one_sentence(window, tmp_path, content):
    add(window, "split_data")
    bad = tmp_path / "bad.pipeline.json"
    bad.write_bytes(content)
    window.document.undo_stack.setClean()
    assert not window.files.open_path(bad)
    assert window.bar.isVisible()
    assert "Traceback" not in window.bar.text.text()
    assert nodes(window) == ["split_data"]


def test_a_recent_file_that_is_gone_is_forgotten(window, tmp_path):
    gone = tmp_path / "gone.pipeline.json"
    window.settings.add_recent(gone)
    assert not window.files.open_path(gone)
    assert window.settings.recent == []


def test_changes_are_not_lost_without_asking(window, monkeypatch, tmp_path):
    add(window, "split_data")
    other = tmp_path / "other.pipeline.json"
    pipeline_file.write(linked(), other)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Cancel)
    assert not window.files.open_path(other)
    assert nodes(window) == ["split_data"]
    assert not window.close()
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Discard)
    assert window.files.open_path(other)
    assert "enter_data_manually" in nodes(window)


def test_a_change_on_disk_is_offered(window, qtbot, tmp_path):
    path = tmp_path / "p.pipeline.json"
    pipeline_file.write(Pipeline(), path)
    window.files.open_path(path)
    pipeline_file.write(linked(), path)
    qtbot.waitUntil(lambda: window.bar.isVisible(), timeout=10_000)
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert len(nodes(window)) == 2
    assert not window.bar.isVisible()


def test_work_of_a_crashed_session_is_offered_and_restored(window, tmp_path):
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    window.files.offer_recovery()
    assert [button.text() for button in window.bar.buttons] == ["Restore", "Discard"]
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert len(nodes(window)) == 2
    assert window.document.dirty
    assert left_behind(window.recovery_folder) == []


def test_work_of_a_crashed_session_can_be_discarded(window):
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    window.files.offer_recovery()
    QTest.mouseClick(window.bar.buttons[1], Qt.MouseButton.LeftButton)
    assert left_behind(window.recovery_folder) == []
    assert not window.bar.isVisible()


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

    dialog = Shortcuts(window)
    rows = dialog.list
    shown = {rows.topLevelItem(i).text(0) for i in range(rows.topLevelItemCount())}
    with_keys = [command for command in commands.COMMANDS if command.keys]
    assert {commands.title_with_context(each, each.title) for each in with_keys} <= shown
    dialog.deleteLater()


def test_every_command_has_a_handler_and_every_action_runs_it(window):
    assert set(window.actions_by_id) == {command.id for command in commands.COMMANDS}


def test_the_theme_switches_and_is_remembered(window):
    window.views.theme_dark()
    assert theme.current().name == "dark"
    assert window.settings.theme == "dark"
    assert window.actions_by_id["theme_dark"].isChecked()
    window.views.switch_theme()
    assert theme.current().name == "light"


def test_panels_are_hidden_and_shown_and_remembered(window):
    window.views.panels_below()
    assert not window.problems.isVisible()
    assert not window.actions_by_id["panels_below"].isChecked()
    kept = window.workbench.state()
    window.views.panels_below()
    assert window.problems.isVisible()
    window.workbench.restore(kept["across"], kept["down"], kept["hidden"])
    assert not window.problems.isVisible()


def test_preferences_take_effect(window):
    def use() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.theme.setCurrentIndex(2)
        dialog.store_limit.setValue(7)
        dialog.autosave.setValue(30)
        dialog.accept()

    QTimer.singleShot(0, use)
    window.views.preferences()
    assert theme.current().name == "dark"
    assert window.workspace.settings["store_limit"] == 7_000_000_000
    assert Settings(window.settings.path).autosave_seconds == 30
    window.views.theme_light()


def test_the_start_page_lists_samples_and_recent_files(qtbot, qapp, tmp_path, catalog, settings):
    from window_desk import close

    from designer.app.main_window import MainWindow

    folder = tmp_path / "samples"
    folder.mkdir()
    pipeline_file.write(
        edits.set_description(linked(), "Splits some data."), folder / "split_it.pipeline.json"
    )
    (folder / "broken.pipeline.json").write_text("{")
    settings.add_recent(tmp_path / "mine.pipeline.json")
    window = MainWindow(settings, catalog, workspace=Workspace(tmp_path / "w"), samples=folder)
    window.show()
    qtbot.waitExposed(window)
    page = window.start_page
    assert page.isVisible()
    assert [card.text() for card in page.cards] == ["Split it"]
    assert len(page.recent_buttons()) == 1
    QTest.mouseClick(page.cards[0], Qt.MouseButton.LeftButton)
    assert window.document.path == folder / "split_it.pipeline.json"
    assert not page.isVisible()
    window.files.show_start_page()
    assert page.isVisible()
    QTest.mouseClick(window.status.back, Qt.MouseButton.LeftButton)
    assert not page.isVisible()
    close(window)


def test_pipeline_parameters_are_added_renamed_and_removed(window):
    from designer.app.dialogs.pipeline_parameters import PipelineParameters
    from designer.pipeline.model import PipelineParameter

    pipeline = edits.add_parameter(linked(), PipelineParameter("seed", "integer", 1))
    pipeline = edits.bind_parameter(pipeline, "split_data", "seed", "seed")
    dialog = PipelineParameters(pipeline, window)
    dialog.table.item(0, 0).setText("start")
    dialog.table.item(0, 2).setText("many")
    dialog.accept()
    assert dialog.message.text() == "start: “many” is not a whole number."
    dialog.table.item(0, 2).setText("5")
    QTest.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    changed = dialog.apply(pipeline)
    assert changed.parameters["start"].default == 5
    assert changed.nodes["split_data"].parameters["seed"] == {"$parameter": "start"}
    assert "parameter" in changed.parameters
    dialog.table.selectRow(0)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.apply(pipeline).nodes["split_data"].parameters["seed"] == 1
    dialog.deleteLater()


def test_a_right_click_on_a_node_opens_its_menu(window):
    add(window, "split_data")
    view = window.canvas.viewer.viewport()
    asked = []
    window.canvas.menu_requested.disconnect()
    window.canvas.menu_requested.connect(lambda target, place: asked.append(target))
    item = window.canvas.graph.nodes["split_data"]
    place = window.canvas.viewer.mapFromScene(item.mapToScene(80, 15))
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=place)
    QApplication.sendEvent(
        view,
        QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, QPoint(place), view.mapToGlobal(QPoint(place))
        ),
    )
    assert asked[0] == NodeTarget("split_data")


def test_urls_in_the_clipboard_are_no_pipeline(window):
    data = QMimeData()
    data.setUrls([QUrl("file:///etc/passwd")])
    QApplication.clipboard().setMimeData(data)
    window.edits.paste()
    assert nodes(window) == []


def test_what_was_copied_can_be_pasted_after_the_window_has_closed(window):
    add(window, "split_data")
    window.edits.copy()
    window.document.undo_stack.setClean()
    window.close()
    board = QApplication.clipboard()
    assert not board.mimeData().hasFormat(pipeline_file.MIME)
    assert list(pipeline_file.loads(board.text()).nodes) == ["split_data"]


@pytest.mark.parametrize("code", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_start_page_is_used_by_keyboard(window, qtbot, samples, code):
    window.actions_by_id["show_start_page"].trigger()
    QApplication.processEvents()
    assert QApplication.focusWidget() is window.start_page.new
    key(window, code)
    assert window.editing


def test_return_opens_the_recent_file_that_has_the_focus(window, tmp_path):
    path = tmp_path / "p.pipeline.json"
    pipeline_file.write(linked(), path)
    window.settings.add_recent(path)
    window.actions_by_id["show_start_page"].trigger()
    for _ in range(2):
        key(window, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.start_page.recent_buttons()[0]
    key(window, Qt.Key.Key_Return)
    assert window.document.path == path


def test_a_dataset_without_a_file_shows_no_preview_and_says_what_is_wrong_once(window, qtbot):
    add(window, "dataset", "split_data")
    message = window.properties.node_message
    qtbot.waitUntil(
        lambda: message.text().startswith("The input “Dataset” is not connected"), timeout=10_000
    )
    window.canvas.select(["dataset"])
    assert window.properties._preview.isHidden()
    field = window.properties.fields["path"]
    field.editor.line.setText("cars.csv")
    field.editor.line.textEdited.emit("cars.csv")
    assert not window.properties._preview.isHidden()


def test_a_sample_is_saved_elsewhere_and_stays_as_it_is(window, monkeypatch, samples, tmp_path):
    (samples / "data").mkdir()
    (samples / "data" / "cars.csv").write_text("a\n1\n")
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "data/cars.csv"})
    sample = samples / "cars.pipeline.json"
    pipeline_file.write(pipeline, sample)
    before = sample.read_bytes()
    window.files.open_path(sample)
    add(window, "split_data")
    offered = []

    def choose(parent, title, start, *_):
        offered.append(start)
        return str(tmp_path / "own" / "mine"), ""

    (tmp_path / "own").mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    assert window.files.save()
    assert sample.read_bytes() == before
    assert len(offered) == 1
    assert not offered[0].startswith(str(samples))
    saved = pipeline_file.read(tmp_path / "own" / "mine.pipeline.json")
    data = tmp_path / "own" / saved.nodes["dataset"].parameters["path"]
    assert data.resolve() == (samples / "data" / "cars.csv").resolve()
    # From now on it is a file like any other.
    add(window, "join_data")
    assert window.files.save()
    assert len(offered) == 1


def test_what_is_pasted_elsewhere_still_finds_its_file(window, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "cars.csv").write_text("a\n1\n")
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "cars.csv"})
    pipeline_file.write(pipeline, folder / "p.pipeline.json")
    window.files.open_path(folder / "p.pipeline.json")
    window.canvas.select_all()
    window.edits.copy()
    window.edits.paste()
    stored = [node.parameters["path"] for node in window.document.pipeline.nodes.values()]
    assert stored == ["cars.csv", "cars.csv"]
    window.document.undo_stack.setClean()
    window.files.new()
    window.edits.paste()
    (node,) = window.document.pipeline.nodes.values()
    assert (window.document.base / node.parameters["path"]).resolve() == folder / "cars.csv"
    # As text, which may go anywhere, it tells nothing of this computer.
    assert str(tmp_path) not in QApplication.clipboard().text()
