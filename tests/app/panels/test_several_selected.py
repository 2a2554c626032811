"""One parameter of several selected modules, changed with mouse and keys."""

from __future__ import annotations

import pytest
from property_desk import type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import CONTROL, add, key

from designer.pipeline import edits


def values(window, name: str) -> dict[str, object]:
    pipeline = window.document.pipeline
    return {node: pipeline.nodes[node].parameters.get(name) for node in pipeline.nodes}


@pytest.fixture
def learners(window):
    """Two learners of a kind, both selected."""
    add(window, "two_class_boosted_decision_tree", "two_class_boosted_decision_tree")
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    return window.properties.page


def test_a_number_of_both_is_typed_once_and_undone_once(window, learners):
    name = "trees"
    field = learners.fields[name]
    type_into(field.editor.box.lineEdit(), "50")
    assert set(values(window, name).values()) == {50}
    window.edits.undo()
    assert set(values(window, name).values()) == {None}


def test_different_values_are_shown_and_made_the_same(qtbot, window, learners):
    first, second = window.document.pipeline.nodes
    name = "trees"
    window.document.apply("Set", lambda p: edits.set_parameter(p, second, name, 7))
    differing = learners.differing[name]
    assert not learners.fields[name].isVisible()
    assert differing.values.text() == "Different values: 100, 7"
    window.workbench.show_panel("properties")
    window.properties.ensureWidgetVisible(differing)
    qtbot.mouseClick(differing.button, Qt.MouseButton.LeftButton)
    # A default isn't stored.
    assert values(window, name) == {first: None, second: None}
    assert learners.fields[name].isVisible()


def test_modules_of_two_kinds_share_what_means_the_same(window):
    add(window, "two_class_boosted_decision_tree", "boosted_decision_tree_regression")
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    page = window.properties.page
    assert "trees" in page.fields
    type_into(page.fields["trees"].editor.box.lineEdit(), "12")
    assert set(values(window, "trees").values()) == {12}
    for code in "ab":
        QTest.keyClicks(page.fields["trees"].editor.box.lineEdit(), code)
    # What is typed is kept, as in the field of one module.
    assert len(set(map(str, values(window, "trees").values()))) == 1


def test_modules_without_a_common_parameter_say_so(window):
    add(window, "split_data", "linear_regression")
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    page = window.properties.page
    assert not set(page.fields) - {"seed"}
