"""Registered datasets in the list that opens on the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.workspace import Workspace

FOLDER_SEEN = 10_000
"""Milliseconds until a change of the folder must be seen, on a busy machine too."""


@pytest.fixture
def registered(window, tmp_path, qtbot):
    """“Iris flowers” is registered by another program; none is at the end."""
    file = tmp_path / "flowers.csv"
    file.write_text("petal,kind\n1.4,setosa\n", "utf-8")
    workspace = Workspace(window.workspace.folder)
    workspace.register_dataset("Iris flowers", file, description="Fisher, 1936")
    palette = window.palette_panel
    qtbot.waitUntil(lambda: palette.visible_datasets() == ["Iris flowers"], timeout=FOLDER_SEEN)
    yield workspace
    for name in workspace.datasets():
        workspace.dataset_store.remove(name)


def offered(window) -> list[str]:
    quick_add = window.canvas.quick_add
    assert quick_add.isVisible()
    return [quick_add.model.index(row).data() for row in range(quick_add.model.rowCount())]


def write(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)
    QApplication.processEvents()


def only_node(window):
    (node,) = window.document.pipeline.nodes.values()
    return node


@pytest.mark.parametrize(
    ("code", "modifiers"), [(Qt.Key.Key_Space, CONTROL), (Qt.Key.Key_Tab, Qt.NoModifier)]
)
def test_a_dataset_is_found_by_its_name_and_added(window, registered, code, modifiers):
    key(window, code, modifiers)
    assert offered(window)[0] == "Iris flowers"
    write("iris")
    assert offered(window) == ["Iris flowers"]
    index = window.canvas.quick_add.model.index(0)
    assert "Fisher, 1936" in index.data(Qt.ItemDataRole.ToolTipRole)
    key(window, Qt.Key.Key_Return)
    node = only_node(window)
    assert (node.module, node.id) == ("dataset", "iris_flowers")
    assert node.parameters == {"path": "dataset:Iris flowers"}
    assert window.actions_by_id["undo"].text() == "Undo add “Iris flowers”"


def test_a_dataset_removed_meanwhile_is_offered_no_longer(window, registered, qtbot):
    registered.dataset_store.remove("Iris flowers")
    palette = window.palette_panel
    qtbot.waitUntil(lambda: palette.visible_datasets() == [], timeout=FOLDER_SEEN)
    key(window, Qt.Key.Key_Tab)
    assert "Iris flowers" not in offered(window)


@pytest.mark.parametrize(("port", "down", "fits"), [(0, False, True), (1, True, False)])
def test_a_link_let_go_offers_a_dataset_only_where_it_can_feed_it(
    window, registered, port, down, fits
):
    window.modules.add_at_center("split_data")
    window.canvas.fit()
    QApplication.processEvents()
    viewer = window.canvas.viewer
    item = window.canvas.graph.nodes["split_data"]
    view = (item.inputs[0], item.outputs[0])[port]
    start = viewer.to_view(item.pos() + view.center).toPoint()
    end = start + QPoint(0, 90 if down else -90)
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(viewer.viewport(), left, pos=start)
    for step in (0.3, 0.7, 1.0):
        QTest.mouseMove(viewer.viewport(), start + (end - start) * step)
        QApplication.processEvents()
    QTest.mouseRelease(viewer.viewport(), left, pos=end)
    QApplication.processEvents()
    assert ("Iris flowers" in offered(window)) is fits
    if not fits:
        key(window, Qt.Key.Key_Escape)
        return
    write("iris")
    key(window, Qt.Key.Key_Return)
    pipeline = window.document.pipeline
    assert pipeline.nodes["iris_flowers"].parameters == {"path": "dataset:Iris flowers"}
    (link,) = pipeline.links
    assert (link.source.node, link.target.node) == ("iris_flowers", "split_data")
