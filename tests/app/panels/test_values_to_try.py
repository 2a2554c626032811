"""The field of a learner's parameter: one value, a list, or a range to try."""

from __future__ import annotations

import pytest
from property_desk import type_into
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from designer.app.document.document import Document
from designer.app.panels.properties import Properties
from designer.pipeline import edits


@pytest.fixture
def desk(qtbot, catalog):
    """Return a function that shows the panel of a learner."""
    panels = []

    def show(module: str) -> Properties:
        document = Document(catalog)
        document.apply("Add", lambda p: edits.add_node(p, module)[0])
        panel = Properties(document, catalog, lambda node, port: None)
        panels.append(panel)
        qtbot.addWidget(panel)
        panel.resize(320, 1400)
        panel.show_selection([module])
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activateWindow()
        panel.document = document
        return panel

    yield show
    for panel in panels:
        panel._error_timer.stop()
        panel.document.close()


def stored(panel) -> dict:
    (node,) = panel.document.pipeline.nodes.values()
    return dict(node.parameters)


def choose(field, text: str) -> None:
    """Click the small button of a field and an entry of its menu."""
    found = []

    def click() -> None:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            QTimer.singleShot(20, click)
            return
        action = next(each for each in menu.actions() if each.text() == text)
        found.append(action)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    QTimer.singleShot(20, click)
    QTest.mouseClick(field.vary, Qt.MouseButton.LeftButton)
    assert found


def test_a_number_becomes_a_list_and_one_value_again(desk):
    panel = desk("two_class_nearest_neighbors")
    field = panel.fields["neighbors"]
    choose(field, "List of values to try")
    assert stored(panel) == {"neighbors": {"$values": [1, 3, 5, 11, 25]}}
    assert not field.editor.isVisible()
    assert field.search.values.text() == "1, 3, 5, 11, 25"
    assert field.search.values.hasFocus()
    type_into(field.search.values, "2; 4")
    assert stored(panel) == {"neighbors": {"$values": [2, 4]}}
    assert field.search.values.text() == "2; 4"
    choose(field, "One value")
    assert stored(panel) == {"neighbors": 2}
    assert field.editor.isVisible()
    assert not field.search.isVisible()
    panel.document.undo_stack.undo()
    assert stored(panel) == {"neighbors": {"$values": [2, 4]}}
    assert field.search.isVisible()
    QTest.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    assert stored(panel) == {}


def test_a_range_has_ends_a_scale_and_points(desk):
    panel = desk("two_class_lightgbm")
    field = panel.fields["learning_rate"]
    choose(field, "Range of values to try")
    first = stored(panel)["learning_rate"]["$range"]
    assert 0 < first["from"] < first["to"] <= 1
    type_into(field.search.low.lineEdit(), "0.001")
    type_into(field.search.high.lineEdit(), "0.5")
    box = field.search.log
    if not box.isChecked():
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    type_into(field.search.points.lineEdit(), "7")
    assert stored(panel) == {
        "learning_rate": {"$range": {"from": 0.001, "to": 0.5, "log": True, "points": 7}}
    }
    choose(field, "List of values to try")
    values = stored(panel)["learning_rate"]["$values"]
    assert len(values) == 7
    assert (values[0], values[-1]) == (0.001, 0.5)
    assert values[1] / values[0] == pytest.approx(values[2] / values[1])


@pytest.mark.long
def test_what_is_wrong_is_kept_and_explained(desk, qtbot):
    panel = desk("two_class_nearest_neighbors")
    field = panel.fields["neighbors"]
    choose(field, "Range of values to try")
    type_into(field.search.low.lineEdit(), "0")
    qtbot.waitUntil(lambda: "0 isn't an integer of at least 1" in field.message.text())
    type_into(field.search.low.lineEdit(), "30")
    type_into(field.search.high.lineEdit(), "4")
    qtbot.waitUntil(lambda: "The range ends at 4, not above 30." in field.message.text())
    choose(field, "List of values to try")
    type_into(field.search.values, "3, many")
    qtbot.waitUntil(lambda: "“many” isn't an integer" in field.message.text())
    assert stored(panel) == {"neighbors": {"$values": [3, "many"]}}
    type_into(field.search.values, " ")
    qtbot.waitUntil(lambda: "has no values to try" in field.message.text())


def test_choices_switches_and_texts_are_lists(desk):
    panel = desk("two_class_nearest_neighbors")
    field = panel.fields["weights"] if "weights" in panel.fields else panel.fields["weighting"]
    name = field.parameter.name
    choose(field, "List of values to try")
    assert stored(panel) == {name: {"$values": ["uniform", "distance"]}}
    shown = field.search.values.list
    shown.setFocus()
    shown.setCurrentRow(0)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert stored(panel) == {name: {"$values": ["distance"]}}
    switch = next(f for f in panel.fields.values() if f.parameter.kind == "boolean")
    choose(switch, "List of values to try")
    assert switch.label.isVisible()
    assert stored(panel)[switch.parameter.name]["$values"] == [switch.parameter.default]
    network = desk("two_class_neural_network")
    nodes = network.fields["hidden_nodes"]
    choose(nodes, "List of values to try")
    nodes.search.values.setFocus()
    nodes.search.values.selectAll()
    QTest.keyClicks(nodes.search.values, "64, 32")
    QTest.keyClick(nodes.search.values, Qt.Key.Key_Return)
    QTest.keyClicks(nodes.search.values, "100")
    assert stored(network) == {"hidden_nodes": {"$values": ["64, 32", "100"]}}


def test_only_learners_have_it(desk):
    panel = desk("split_data")
    assert not any(field.vary.isVisible() for field in panel.fields.values())
