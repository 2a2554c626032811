"""Editing in the window by keys, menus and the clipboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from window_desk import CONTROL, SHIFT, add, key, linked, nodes

from designer.app.canvas import CanvasTarget, LinkTarget, NodeTarget, NoteTarget, PortTarget
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline


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


def test_comment_disable_and_regenerate(window):
    add(window, "split_data")

    def write() -> None:
        dialog = QApplication.activeModalWidget()
        # There is room for a sentence.
        assert dialog.width() >= 400
        QTest.keyClicks(dialog.findChild(QLineEdit), "why")
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(0, write)
    window.modules.comment()
    assert window.document.pipeline.nodes["split_data"].comment == "why"
    window.modules.toggle_disabled()
    assert window.document.pipeline.nodes["split_data"].disabled
    window.modules.regenerate()
    assert window.document.pipeline.nodes["split_data"].extra["reuse"] is False
    window.modules.regenerate()
    assert "reuse" not in window.document.pipeline.nodes["split_data"].extra


def test_a_search_is_given_to_azure(window):
    """The command is for cards that search; the choice is undone like any other edit."""
    command = window.actions_by_id["search_on_azure"]
    add(window, "split_data")
    assert not command.isEnabled()
    assert command.toolTip() == "Select an Automated ML card."
    add(window, "automated_training")
    window.canvas.select(["automated_training"])
    assert command.isEnabled()
    assert not command.isChecked()
    command.trigger()
    nodes = window.document.pipeline.nodes
    assert nodes["automated_training"].extra == {"azure": {"automl_job": True}}
    assert command.isChecked()
    command.trigger()
    assert window.document.pipeline.nodes["automated_training"].extra == {}
    window.edits.undo()
    assert command.isChecked()


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
    menu = window.menus.menu(target)
    assert wanted <= {action.text().partition("\t")[0] for action in menu.actions()}
    menu.deleteLater()


def test_the_menu_of_a_node_lists_its_outputs_and_selects_it(window):
    window.document.apply("Insert", lambda p: linked())
    menu = window.menus.menu(NodeTarget("split_data"))
    submenu = next(a.menu() for a in menu.actions() if a.text() == "Visualize")
    assert len(submenu.actions()) == 2
    assert window.canvas.selection() == ["split_data"]
    menu.deleteLater()


def test_the_menu_of_a_link_deletes_it(window):
    window.document.apply("Insert", lambda p: linked())
    menu = window.menus.menu(LinkTarget(window.document.pipeline.links[0]))
    next(a for a in menu.actions() if a.text() == "Delete link").trigger()
    assert window.document.pipeline.links == ()
    menu.deleteLater()


def test_a_note_is_added_where_the_menu_was_opened(window):
    menu = window.menus.menu(CanvasTarget(40, 60))
    next(a for a in menu.actions() if a.text().startswith("Add note")).trigger()
    window.canvas.finish_writing()
    (note,) = window.document.pipeline.notes.values()
    assert note.position == (40, 60)
    assert window.menus.menu(NoteTarget(note.id)).actions()
    menu.deleteLater()


def test_pipeline_parameters_are_added_renamed_and_removed(window):
    from designer.app.dialogs.pipeline_parameters import PipelineParameters
    from designer.pipeline.model import PipelineParameter

    pipeline = edits.add_parameter(linked(), PipelineParameter("seed", "integer", 1))
    pipeline = edits.bind_parameter(pipeline, "split_data", "seed", "seed")
    dialog = PipelineParameters(pipeline, window)
    dialog.table.item(0, 0).setText("start")
    dialog.table.item(0, 2).setText("many")
    dialog.accept()
    assert dialog.message.text() == "start: “many” isn't an integer."
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
