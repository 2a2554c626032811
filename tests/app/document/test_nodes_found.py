"""The search of the palette leads on to the nodes of the pipeline where no module is found."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.pipeline import edits


def search(window, text: str) -> None:
    key(window, Qt.Key.Key_F, CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), text)


def test_return_goes_to_the_node_that_no_module_is_called_as(window):
    for name in ("first_cut", "last_cut"):
        window.document.apply(
            "Add",
            lambda p, name=name: edits.add_node(
                p, "split_data", node_id=name, position=(0, 4000 if name == "last_cut" else 0)
            )[0],
        )
    search(window, "last_cut")
    palette = window.palette_panel
    assert palette.empty.isVisible()
    assert "Find it in the pipeline" in palette.empty.text()
    key(window, Qt.Key.Key_Return)
    assert window.canvas.selection() == ["last_cut"]
    area = window.canvas.graph.bounds(["last_cut"])
    assert window.canvas.viewer.visible_area().contains(area)
    assert window.outline.isVisible()
    assert window.outline.search.text() == "last_cut"


def test_the_link_goes_there_too_and_says_so_when_there_is_none(window):
    window.document.apply("Add", lambda p: edits.add_node(p, "split_data", node_id="cut")[0])
    search(window, "zzz <b>")
    palette = window.palette_panel
    assert "zzz &lt;b&gt;" in palette.empty.text()
    palette.empty.linkActivated.emit("nodes")
    assert window.outline.isVisible()
    assert window.outline.empty.isVisible()
    assert window.outline.empty.text() == "No module matches “zzz <b>”."
    assert window.canvas.selection() == []
    window.outline.search.setText("cut")
    assert not window.outline.empty.isVisible()
    assert window.outline.list.isVisible()
