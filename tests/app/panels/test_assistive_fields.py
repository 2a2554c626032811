"""Fields, boxes, and lists that assistive technology uses, without keys or a pointer."""

from __future__ import annotations

import pytest
from assistive_desk import DESCRIPTION, NAME, act, children, enter, select_row, spoken
from property_desk import stored
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.panels.palette import Palette
from designer.app.widgets.fields.choosing import ChoiceBox


@pytest.fixture
def box(qtbot):
    box = ChoiceBox()
    box.addItems(["one", "two", "three"])
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    box.chosen = []
    box.activated.connect(box.chosen.append)
    return box


@pytest.mark.parametrize("opened", [False, True], ids=["closed", "open"])
def test_selecting_in_the_list_of_a_box_chooses(box, opened):
    if opened:
        box.showPopup()
    select_row(box.view(), "three")
    assert box.currentText() == "three"
    assert box.chosen == [2]
    assert not box.view().isVisible()
    # As often as one likes, and back to what was chosen before.
    select_row(box.view(), "one")
    select_row(box.view(), "three")
    assert box.chosen == [2, 0, 2]


def test_what_is_chosen_by_other_means_can_be_chosen_again(box):
    select_row(box.view(), "three")
    box.setCurrentIndex(0)
    QApplication.processEvents()
    select_row(box.view(), "three")
    assert box.currentText() == "three"
    assert box.chosen == [2, 2]


def test_the_first_column_is_chosen_where_none_is(panel):
    box = panel.fields["label"].editor.box
    assert (box.currentText(), box.itemText(0)) == ("", "age")
    select_row(box.view(), "age")
    assert stored(panel)["label"] == ["age"]
    # Also after another one was typed.
    enter(box.lineEdit(), "weight")
    assert stored(panel)["label"] == ["weight"]
    select_row(box.view(), "name")
    select_row(box.view(), "age")
    assert stored(panel)["label"] == ["age"]


def test_the_arrow_keys_in_an_open_list_choose_nothing_before_enter(box):
    box.setFocus()
    box.showPopup()
    for _ in range(2):
        QTest.keyClick(box.view(), Qt.Key.Key_Down)
        QApplication.processEvents()
    assert box.chosen == []
    QTest.keyClick(box.view(), Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert box.chosen == []
    assert box.currentText() == "one"


def test_a_box_without_a_visible_label_has_a_spoken_one(box):
    box.set_spoken_label("Number")
    labels = spoken(box).relations(QAccessible.RelationFlag.Label)
    assert [each.text(NAME) for each, _ in labels] == ["Number"]
    assert box.accessibleName() == "Number"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("only_rows", "some", "some"),
        ("path", "data/cars.csv", "data/cars.csv"),
        ("password", "key", {"$secret": "key"}),
        ("encoding", "utf-8", "utf-8"),
        ("count", "7", 7),
        ("maybe", "0.25", 0.25),
        ("words", "a\nb", "a\nb"),
        ("label", "price", ["price"]),
    ],
)
def test_a_text_that_is_set_is_the_value_of_its_field(panel, name, text, value):
    editor = panel.page.fields[name].editor
    field = getattr(editor, "line", None) or getattr(editor, "text", None) or editor.box
    enter(field, text)
    assert stored(panel)[name] == value
    panel.document.undo_stack.undo()
    assert name not in stored(panel)
    # What the window shows by itself is nobody's input.
    assert panel.document.undo_stack.canRedo()


def test_choices_are_checked_and_unchecked(panel):
    boxes = panel.page.fields["parts"].editor.list
    select_row(boxes, "Day")
    assert stored(panel)["parts"] == ["year", "month", "day"]
    select_row(boxes, "Year")
    assert stored(panel)["parts"] == ["month", "day"]
    select_row(boxes, "Year")
    assert stored(panel)["parts"] == ["year", "month", "day"]


def test_a_number_is_read_and_set_with_its_limits(panel):
    field = panel.page.fields["count"].editor.box
    number = spoken(field).valueInterface()
    assert (number.currentValue(), number.minimumValue(), number.maximumValue()) == (5, 1, 10)
    number.setCurrentValue(8)
    assert stored(panel)["count"] == 8
    assert isinstance(stored(panel)["count"], int)
    panel.document.undo_stack.undo()
    assert number.currentValue() == 5


def test_a_large_integer_keeps_every_digit(panel):
    field = panel.page.fields["count"].editor.box
    field.set_value(12345678901234567)
    assert field.value() == 12345678901234567
    field.set_value(10**400)
    assert field.value() == 10**400


def test_a_module_is_selected_explained_and_added(qtbot, catalog):
    palette = Palette(catalog)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    enter(palette.search, "Linear Regression")
    select_row(palette.tree, "Bayesian Ridge Regression")
    assert "Bayesian" in palette.help.toPlainText()
    add = button(palette, "Add to the pipeline")
    with qtbot.waitSignal(palette.module_chosen) as chosen:
        act(spoken(add))
    assert chosen.args == ["bayesian_ridge_regression"]
    enter(palette.search, "nothing like it")
    assert not add.isVisible()


@pytest.mark.usefixtures("listening")
def test_a_module_is_selected_in_its_category(qtbot, catalog):
    palette = Palette(catalog)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    rows = {each.text(NAME): each for each in children(spoken(palette.tree))}
    title = catalog["bayesian_ridge_regression"].category.title
    assert rows["Bayesian Ridge Regression"].text(DESCRIPTION) == f"level 2, in {title}"
    select_row(palette.tree, "Bayesian Ridge Regression")
    assert "Bayesian" in palette.help.toPlainText()
    categories = [palette.model.index(row, 0) for row in range(palette.model.rowCount())]
    for each in categories:
        palette.tree.collapse(each)
    QApplication.processEvents()
    select_row(palette.tree, title)
    assert [each.data() for each in categories if palette.tree.isExpanded(each)] == [title]


def test_a_command_is_selected_and_run(window):
    dialog = CommandPalette(window.commands, window)
    dialog.open()
    enter(dialog.search, "zoom")
    rows = [each.text(NAME) for each in children(spoken(dialog.list))]
    assert {"Zoom in", "Zoom out"} <= set(rows)
    select_row(dialog.list, "Zoom out")
    act(spoken(button(dialog, "Run the selected command")))
    assert dialog.chosen == "zoom_out"
    dialog.deleteLater()


def test_every_button_in_a_field_has_a_name(window):
    lines = window.findChildren(QLineEdit)
    buttons = [each for line in lines for each in line.findChildren(QToolButton)]
    assert len(buttons) > 4
    assert [each.parent() for each in buttons if not spoken(each).text(NAME)] == []


def button(widget, name: str):
    return next(
        each for each in widget.findChildren(QToolButton) if spoken(each).text(NAME) == name
    )
