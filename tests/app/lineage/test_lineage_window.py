"""The lineage of a run in the window: drawn, as a list, and as text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.lineage.lineage_dialog import LineageDialog
from designer.lineage.lineage import Item, Lineage

LONG = 90_000

FOUND = Lineage(
    (
        Item("endpoint:a", "endpoint", "served", (("Version", "2"),)),
        Item("model:a", "model", "a model with a very long name " * 4, (("Version", "3"),)),
        Item("run:a", "run", "people 20260101", (("Status", "completed"),)),
        Item("data:a", "data", "people@1", (("Hash", "abc"),)),
        Item("data:b", "data", "/数据/other.csv"),
        Item("code:a", "code", "no commit"),
    ),
    (
        ("endpoint:a", "model:a"),
        ("model:a", "run:a"),
        ("run:a", "data:a"),
        ("run:a", "data:b"),
        ("run:a", "code:a"),
    ),
    ("The model isn't there.",),
)


def test_what_something_comes_from_is_on_its_left_and_in_the_list(qtbot):
    dialog = LineageDialog("served")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.copy.isEnabled()
    dialog.show_lineage(FOUND.to_json(), FOUND.text())
    boxes = {id: box.pos() for id, box in dialog.scene.boxes.items()}
    assert boxes["endpoint:a"].x() > boxes["model:a"].x() > boxes["run:a"].x()
    assert boxes["run:a"].x() > boxes["data:a"].x() == boxes["data:b"].x() == boxes["code:a"].x()
    rows = {boxes[id].y() for id in ("data:a", "data:b", "code:a")}
    assert len(rows) == 3
    top = dialog.list.topLevelItem(0)
    assert (top.text(0), top.text(1)) == ("Endpoint", "served")
    assert dialog.missing.text() == "The model isn't there."
    # The keyboard moves through the list, and the drawing follows.
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_End)
    assert dialog.scene.boxes["code:a"].isSelected()
    # A click in the drawing is found in the list.
    box = dialog.scene.boxes["data:a"]
    point = dialog.view.mapFromScene(box.sceneBoundingRect().center())
    QTest.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert dialog.list.currentItem().text(1) == "people@1"
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == FOUND.text()


def test_the_boxes_follow_the_size_of_text(qtbot, font):
    font(1.0)
    dialog = LineageDialog("served")
    qtbot.addWidget(dialog)
    dialog.show_lineage(FOUND.to_json(), FOUND.text())
    with qtbot.waitExposed(dialog):
        dialog.show()
    boxes = dialog.scene.boxes
    before = {id: box.sceneBoundingRect().size() for id, box in boxes.items()}
    font(2.0)
    for id, box in boxes.items():
        assert box.sceneBoundingRect().height() > 1.8 * before[id].height()
        assert dialog.scene.sceneRect().contains(box.sceneBoundingRect())
        others = [each for name, each in boxes.items() if name != id]
        assert not any(box.collidesWithItem(each) for each in others)


def test_what_uses_something_is_on_its_right(qtbot):
    items = [("data:a", "data"), ("run:a", "run"), ("run:b", "run"), ("model:a", "model")]
    links = (("run:a", "data:a"), ("run:b", "data:a"), ("model:a", "run:a"))
    found = Lineage(tuple(Item(id, kind, id) for id, kind in items), links, forth=True)
    dialog = LineageDialog("a")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_lineage(found.to_json(), found.text())
    places = {id: box.x() for id, box in dialog.scene.boxes.items()}
    assert places["data:a"] < places["run:a"] == places["run:b"] < places["model:a"]
    # The same in the list: from the data to the model.
    top = dialog.list.topLevelItem(0)
    assert [top.child(row).text(1) for row in range(top.childCount())] == ["run:a", "run:b"]
    assert top.child(0).child(0).text(1) == "model:a"


def test_the_lineage_of_a_run_opens_from_the_list(window, qtbot):
    from window_desk import add

    add(window, "enter_data_manually")
    window.runs.run()
    qtbot.waitUntil(
        lambda: window.controller.run_id is not None and not window.controller.running, timeout=LONG
    )
    window.run_list.lineage_requested.emit(window.controller.run_id)
    dialog = window.lineage.dialog
    qtbot.waitUntil(lambda: dialog.scene is not None, timeout=LONG)
    kinds = [box.about["kind"] for box in dialog.scene.boxes.values()]
    assert kinds == ["run", "code"]
    dialog.close()
    window.lineage.show("run:none")
    dialog = window.lineage.dialog
    qtbot.waitUntil(lambda: dialog._stack.count() == 3, timeout=LONG)
    assert not dialog.copy.isEnabled()
    dialog.close()
