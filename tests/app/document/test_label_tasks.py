"""Learners are listed by what the label is, before the first run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import key

from designer.app.document.label_tasks import suited_tasks
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract.columns import Column

PEOPLE = "age,color,city,rating,kept\n" + "\n".join(
    f"{20 + index}.5,{'red' if index % 2 else 'blue'},{'abc'[index % 3]},{index % 5},{index % 2}"
    for index in range(60)
)


@pytest.mark.parametrize(
    ("kind", "values", "first"),
    [
        ("string", ["no", "yes"], "two-class"),
        ("string", ["a", "b", "c"], "multiclass"),
        ("string", None, "two-class"),
        ("boolean", None, "two-class"),
        ("integer", ["0", "1"], "two-class"),
        ("integer", None, "regression"),
        ("number", None, "regression"),
        ("number", ["0.0", "1.0"], "two-class"),
    ],
)
def test_tasks_of_a_label(kind, values, first):
    assert suited_tasks(Column("y", kind), values)[0] == first


def training(label: str) -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": PEOPLE})
    pipeline, train = edits.add_node(
        pipeline, "train_model", position=(0, 200), parameters={"label_column": [label]}
    )
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(train, "dataset"))


def listed(window, qtbot, label: str) -> list[str]:
    """Type “boosted” with Train Model selected, once the columns are known."""
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        window.document.apply("Build", lambda _: training(label))
    window.canvas.select(["train_model"])
    window.canvas.setFocus()
    for letter in "BOOSTED":
        key(window, getattr(Qt.Key, f"Key_{letter}"))
    entries = window.canvas.quick_add.model
    found = [entries.index(row).data() for row in range(entries.rowCount())]
    assert window.canvas.quick_add.note.text() == f"First: learners for the label “{label}”."
    key(window, Qt.Key.Key_Escape)
    return found


@pytest.mark.long
def test_the_right_boosted_tree_comes_first(window, qtbot):
    assert listed(window, qtbot, "color")[0] == "Two-Class Boosted Decision Tree"
    assert listed(window, qtbot, "city")[0] == "Multiclass Boosted Decision Tree"
    assert listed(window, qtbot, "age")[0] == "Boosted Decision Tree Regression"


def test_the_positive_class_is_offered_from_the_data(window, qtbot):
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        window.document.apply("Build", lambda _: training("color"))
    window.canvas.select(["train_model"])
    editor = window.properties.fields["positive_class"].editor
    values = [editor.box.itemText(index) for index in range(editor.box.count())]
    assert values == ["blue", "red"]
    editor.line.setFocus()
    key(window, Qt.Key.Key_Down)
    assert window.document.pipeline.nodes["train_model"].parameters["positive_class"] == "blue"
    # Another label, other values.
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        window.document.apply(
            "Set", lambda p: edits.set_parameter(p, "train_model", "label_column", ["city"])
        )
    values = [editor.box.itemText(index) for index in range(editor.box.count())]
    assert values == ["a", "b", "c"]


def test_strata_are_offered_from_the_data(window, qtbot):
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": PEOPLE})
    pipeline, split = edits.add_node(
        pipeline, "split_data", position=(0, 200), parameters={"stratified": True}
    )
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        window.document.apply("Build", lambda _: pipeline)
    window.canvas.select([split])
    editor = window.properties.fields["stratification_column"].editor
    assert [editor.box.itemText(index) for index in range(editor.box.count())] == [
        *("age", "color", "city", "rating", "kept")
    ]
    editor.line.setFocus()
    QTest.keyClicks(QApplication.focusWidget(), "color")
    key(window, Qt.Key.Key_Return)
    assert window.document.pipeline.nodes[split].parameters["stratification_column"] == ["color"]
