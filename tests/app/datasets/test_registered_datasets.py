"""Registered datasets in the window: list, add, choose, register, remove."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from window_desk import nodes

from designer.app.canvas import NodeTarget
from designer.app.dialogs.register_dataset import RegisterDataset
from designer.dataset_store import DatasetStore
from designer.workspace import Workspace

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ELSEWHERE = 10_000
"""Milliseconds until a change of the folder must be seen, on a busy machine too."""


@pytest.fixture
def elsewhere(window):
    """The window's workspace as another program sees it; empty again at the end."""
    workspace = Workspace(window.workspace.folder)
    yield workspace
    for name in workspace.datasets():
        workspace.dataset_store.remove(name)


@pytest.fixture
def flowers(tmp_path):
    file = tmp_path / "flowers.csv"
    file.write_text("petal,kind\n1.4,setosa\n4.7,virginica\n", "utf-8")
    return file


@pytest.fixture
def registered(window, elsewhere, flowers, qtbot):
    """“Iris flowers” is registered while the window is open."""
    elsewhere.register_dataset("Iris flowers", flowers, description="Fisher, 1936")
    qtbot.waitUntil(lambda: listed(window) == ["Iris flowers"], timeout=ELSEWHERE)
    return "Iris flowers"


def listed(window) -> list[str]:
    return window.palette_panel.visible_datasets()


def row_of(window, name: str):
    model = window.palette_panel.model
    category = model.index(0, 0)
    assert category.data() == "Datasets"
    rows = [model.index(row, 0, category) for row in range(model.rowCount(category))]
    return next(row for row in rows if row.data() == name)


def only_node(window):
    (node,) = window.document.pipeline.nodes.values()
    return node


def in_dialog(act) -> None:
    """Do something in the dialog that comes up next."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, RegisterDataset):
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def press(button) -> None:
    QTest.mouseClick(button, LEFT)


def write(line, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def menu_of(node: str, window) -> list[str]:
    menu = window.menus.menu(NodeTarget(node))
    texts = [action.text() for action in menu.actions()]
    menu.deleteLater()
    return texts


def test_without_datasets_the_palette_has_modules_only(window):
    assert listed(window) == []
    assert window.palette_panel.model.index(0, 0).data() != "Datasets"


def test_what_is_registered_elsewhere_is_listed_first_and_goes_when_it_is_removed(
    window, elsewhere, registered, qtbot
):
    tree = window.palette_panel.tree
    assert tree.isExpanded(window.palette_panel.model.index(0, 0))
    assert "Fisher, 1936" in row_of(window, registered).data(Qt.ItemDataRole.ToolTipRole)
    elsewhere.dataset_store.remove(registered)
    qtbot.waitUntil(lambda: listed(window) == [], timeout=ELSEWHERE)


def test_a_change_elsewhere_leaves_collapsed_categories_and_the_search_alone(
    window, elsewhere, registered, flowers, qtbot
):
    palette = window.palette_panel
    palette.tree.collapse(palette.model.index(1, 0))
    closed = palette.model.index(1, 0).data()
    elsewhere.register_dataset("another", flowers)
    qtbot.waitUntil(lambda: len(listed(window)) == 2, timeout=ELSEWHERE)
    assert palette.model.index(1, 0).data() == closed
    assert not palette.tree.isExpanded(palette.model.index(1, 0))
    assert palette.tree.isExpanded(palette.model.index(2, 0))
    QTest.keyClicks(palette.search, "iris")
    elsewhere.dataset_store.remove("another")
    elsewhere.register_dataset("iris two", flowers)
    qtbot.waitUntil(lambda: "iris two" in listed(window), timeout=ELSEWHERE)
    assert palette.search.text() == "iris"


def test_search_finds_a_dataset_and_return_adds_it(window, registered):
    palette = window.palette_panel
    QTest.keyClicks(palette.search, "flow")
    assert listed(window) == [registered]
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    node = only_node(window)
    assert node.module == "dataset"
    assert node.parameters == {"path": "dataset:Iris flowers"}
    assert window.canvas.graph.nodes["iris_flowers"].subtitle == registered
    assert window.canvas.selection() == ["iris_flowers"]
    assert window.actions_by_id["undo"].text() == "Undo add “Iris flowers”"


def test_a_double_click_adds_a_dataset(window, registered):
    tree = window.palette_panel.tree
    place = tree.visualRect(row_of(window, registered)).center()
    QTest.mouseClick(tree.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(tree.viewport(), LEFT, NONE, place)
    assert only_node(window).parameters == {"path": "dataset:Iris flowers"}


def test_a_dataset_is_dragged_onto_the_canvas(window, registered):
    data = window.palette_panel.model.mimeData([row_of(window, registered)])
    view = window.canvas.viewer.viewport()
    at = QPoint(view.width() // 2, view.height() // 2)
    action, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    for event in (
        QDragEnterEvent(at, action, data, buttons, NONE),
        QDragMoveEvent(at, action, data, buttons, NONE),
        QDropEvent(QPointF(at), action, data, buttons, NONE),
    ):
        QApplication.sendEvent(view, event)
        assert event.isAccepted()
    node = only_node(window)
    assert node.parameters == {"path": "dataset:Iris flowers"}
    assert node.id == "iris_flowers"


@pytest.mark.parametrize(
    ("name", "ids"), [("v1.2 new", ["v1_2_new", "v1_2_new_2"]), ("Доход", ["dataset", "dataset_2"])]
)
def test_each_node_gets_an_id_of_its_own_after_the_dataset(
    window, elsewhere, flowers, qtbot, name, ids
):
    elsewhere.register_dataset(name, flowers)
    qtbot.waitUntil(lambda: listed(window) == [name], timeout=ELSEWHERE)
    for _ in ids:
        window.palette_panel.tree.setCurrentIndex(row_of(window, name))
        window.palette_panel.tree.setFocus()
        QTest.keyClick(window.palette_panel.tree, Qt.Key.Key_Return)
    assert nodes(window) == ids


def test_the_path_field_offers_datasets_and_shows_the_chosen_one_by_name(window, registered, qtbot):
    window.modules.add_at_center("dataset")
    editor = window.properties.fields["path"].editor
    assert editor.registered.isVisible()
    pick_from(editor, registered)
    assert only_node(window).parameters["path"] == "dataset:Iris flowers"
    window.canvas.setFocus()
    assert editor.line.text() == "Iris flowers"
    # Who edits it sees what is stored, and can write a file instead.
    with qtbot.waitActive(window):
        window.activateWindow()
    press(editor.line)
    qtbot.waitUntil(editor.line.hasFocus)
    assert editor.line.text() == "dataset:Iris flowers"
    write(editor.line, "other.csv")
    window.canvas.setFocus()
    assert editor.line.text() == "other.csv"
    assert only_node(window).parameters["path"] == "other.csv"


def pick_from(editor, name: str) -> None:
    def pick() -> None:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            QTimer.singleShot(20, pick)
            return
        action = next(each for each in menu.actions() if each.text() == name)
        QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())

    QTimer.singleShot(0, pick)
    press(editor.registered)


def test_the_path_field_offers_none_that_the_module_cannot_read(
    window, elsewhere, registered, tmp_path, qtbot
):
    other = tmp_path / "notes.docx"
    other.write_bytes(b"PK")
    elsewhere.register_dataset("notes", other)
    qtbot.waitUntil(lambda: len(listed(window)) == 2, timeout=ELSEWHERE)
    window.modules.add_at_center("dataset")
    editor = window.properties.fields["path"].editor
    texts = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            QTimer.singleShot(20, look)
            return
        texts.extend(action.text() for action in menu.actions())
        menu.close()

    QTimer.singleShot(0, look)
    press(editor.registered)
    assert texts == [registered]
    window.modules.add_at_center("export_data")
    assert not window.properties.fields["path"].editor.registered.isVisible()


def test_the_offer_comes_with_the_first_dataset(window, elsewhere, flowers, qtbot):
    window.modules.add_at_center("dataset")
    button = window.properties.fields["path"].editor.registered
    assert not button.isVisible()
    elsewhere.register_dataset("first", flowers)
    qtbot.waitUntil(button.isVisible, timeout=ELSEWHERE)


def test_a_node_s_file_is_registered_and_the_node_reads_the_dataset(
    window, elsewhere, flowers, qtbot
):
    window.modules.files_dropped([flowers], 0, 0)
    (name,) = nodes(window)
    assert "Register dataset…" in menu_of(name, window)

    def fill(dialog: RegisterDataset) -> None:
        assert dialog.name.text() == "flowers"
        write(dialog.name, "a/b")
        assert "can't be the name" in dialog.message.text()
        assert not dialog.register.isEnabled()
        write(dialog.name, "Iris flowers")
        assert not dialog.message.isVisible()
        write(dialog.description, "Fisher, 1936")
        press(dialog.register)

    in_dialog(fill)
    window.actions_by_id["register_dataset"].trigger()
    qtbot.waitUntil(lambda: listed(window) == ["Iris flowers"], timeout=ELSEWHERE)
    assert elsewhere.dataset("Iris flowers").read_bytes() == flowers.read_bytes()
    assert elsewhere.dataset_store.find("Iris flowers").version.description == "Fisher, 1936"
    # It is listed a moment before the node reads it.
    qtbot.waitUntil(
        lambda: only_node(window).parameters["path"] == "dataset:Iris flowers", timeout=ELSEWHERE
    )
    assert "Register dataset…" not in menu_of(name, window)
    window.edits.undo()
    assert "dataset:" not in only_node(window).parameters["path"]


def test_a_name_that_is_taken_gets_a_version_as_the_dialog_says(
    window, elsewhere, registered, tmp_path, qtbot
):
    better = tmp_path / "better.csv"
    better.write_text("petal\n1\n", "utf-8")

    def fill(dialog: RegisterDataset) -> None:
        write(dialog.file, str(better))
        assert dialog.name.text() == "better"
        assert not dialog.version.isVisible()
        write(dialog.name, registered)
        assert "next version of “Iris flowers”" in dialog.version.text()
        assert dialog.version.isVisible()
        assert not dialog.use.isVisible()
        press(dialog.register)

    in_dialog(fill)
    window.actions_by_id["register_dataset"].trigger()
    qtbot.waitUntil(
        lambda: [each.file.name for each in window.datasets.all()] == ["better.csv"],
        timeout=ELSEWHERE,
    )
    assert listed(window) == [registered]
    assert elsewhere.dataset(f"{registered}@1").name == "flowers.csv"


def test_a_file_that_is_not_there_is_not_registered(window, elsewhere, tmp_path):
    said = []

    def fill(dialog: RegisterDataset) -> None:
        write(dialog.file, str(tmp_path / "none.csv"))
        said.append((dialog.message.text(), dialog.register.isEnabled()))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    in_dialog(fill)
    window.actions_by_id["register_dataset"].trigger()
    assert said == [(f"File “{tmp_path / 'none.csv'}” doesn't exist.", False)]
    assert elsewhere.datasets() == {}


def test_only_a_node_that_reads_a_file_offers_to_register_it(window, flowers):
    window.modules.add_at_center("split_data")
    assert "Register dataset…" not in menu_of(nodes(window)[0], window)
    window.modules.add_at_center("dataset")
    assert "Register dataset…" not in menu_of("dataset", window)


def choose_removal(window, name: str) -> None:
    """Choose in the menu of a right click on a dataset."""
    tree = window.palette_panel.tree
    place = tree.visualRect(row_of(window, name)).center()
    at = tree.viewport().mapToGlobal(place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, at)
    QApplication.sendEvent(tree.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.text() == "Delete dataset…")
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())


def test_a_dataset_is_removed_after_a_question_and_its_file_stays(
    window, elsewhere, registered, flowers, answer, qtbot
):
    asked = answer("Cancel")
    choose_removal(window, registered)
    qtbot.waitUntil(lambda: bool(asked), timeout=ELSEWHERE)
    assert asked == ["Delete “Iris flowers”?"]
    assert list(elsewhere.datasets()) == [registered]
    answer("Delete")
    choose_removal(window, registered)
    qtbot.waitUntil(lambda: listed(window) == [], timeout=ELSEWHERE)
    assert elsewhere.datasets() == {}
    assert flowers.exists()


def test_the_menu_of_a_module_deletes_nothing(window, registered):
    tree, model = window.palette_panel.tree, window.palette_panel.model
    place = tree.visualRect(model.index(0, 0, model.index(1, 0))).center()
    at = tree.viewport().mapToGlobal(place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, at)
    QApplication.sendEvent(tree.viewport(), event)
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    menu.close()
    assert texts == ["Add to the pipeline", "Add an example", "New module…"]


OPENING = """
import sys
from designer.app.shell import theme
from designer.app.shell.main import make_application, make_window
from designer.app.shell.settings import Settings

app = make_application(sys.argv)
settings = Settings()
theme.apply(app, settings.theme)
window = make_window(settings)
window.show()
app.processEvents()
listed = window.palette_panel.visible_datasets()
window.dataset_actions.add_at_center(listed[0])
app.processEvents()
print(listed, sorted({"pandas", "numpy", "pyarrow", "sklearn"} & sys.modules.keys()))
window.document.undo_stack.setClean()
window.close()
"""


@pytest.mark.long
def test_listing_and_adding_datasets_imports_nothing_heavy(tmp_path, flowers):
    folder = tmp_path / "workspace"
    Workspace(folder).register_dataset("Iris flowers", flowers)
    script = tmp_path / "opening.py"
    script.write_text(OPENING, "utf-8")
    variables = {"QT_QPA_PLATFORM": "offscreen", "MODELDESK_WORKSPACE": str(folder)}
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['Iris flowers'] []"


def test_versions_are_shown_with_what_changed_added_and_deleted(
    window, elsewhere, registered, flowers, qtbot, monkeypatch
):
    threads = []
    for function in ("versions", "remove"):
        original = getattr(DatasetStore, function)

        def seen(*values, original=original):
            threads.append(threading.current_thread())
            return original(*values)

        monkeypatch.setattr(DatasetStore, function, seen)
    flowers.write_text("petal,color\n1.4,red\n", "utf-8")
    table = {"rows": 1, "columns": [["petal", "number"], ["color", "string"]]}
    elsewhere.register_dataset(registered, flowers, table=table)
    window.palette_panel.versions_requested.emit(registered)
    dialog = window.dataset_actions.versions
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 2, timeout=ELSEWHERE)
    rows = [dialog.list.topLevelItem(row) for row in range(dialog.list.topLevelItemCount())]
    assert [row.text(0) for row in rows] == ["2", "1"]
    assert rows[0].text(3) == "1"
    assert rows[0].text(5) == "other content"
    assert elsewhere.dataset_store.find(registered).version.hash in dialog.hash.text()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    press(dialog.add)
    assert only_node(window).parameters["path"] == "dataset:Iris flowers@1"

    def confirm() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            press(box.button(QMessageBox.StandardButton.Yes))
        else:
            QTimer.singleShot(20, confirm)

    QTimer.singleShot(0, confirm)
    press(dialog.delete)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 1, timeout=ELSEWHERE)
    assert dialog.list.topLevelItem(0).text(0) == "2"
    # A store on a slow drive doesn't keep the window from answering.
    assert len(threads) >= 3
    assert threading.main_thread() not in threads
    dialog.close()


def test_the_path_field_pins_a_version_and_follows_the_latest_again(window, registered):
    window.modules.add_at_center("dataset")
    editor = window.properties.fields["path"].editor
    pick_from(editor, registered)
    pick_from(editor, "Pin version 1")
    assert only_node(window).parameters["path"] == "dataset:Iris flowers@1"
    window.canvas.setFocus()
    assert editor.line.text() == "Iris flowers, version 1"
    pick_from(editor, "Follow the latest version")
    assert only_node(window).parameters["path"] == "dataset:Iris flowers"
