"""Numbers as people type them, in every field that takes one."""

from __future__ import annotations

import pytest
from property_desk import stored, type_into
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.dialogs.pipeline_parameters import PipelineParameters
from designer.app.dialogs.run_values import RunValues
from designer.app.widgets.fields.number_box import DecimalBox
from designer.app.widgets.numbers import list_hint, parse_number
from designer.app.widgets.row_form import Field as RequestField
from designer.pipeline import edits
from designer.pipeline.model import Pipeline, PipelineParameter


def test_typing_a_number_is_one_step_of_undo(panel):
    type_into(panel.fields["count"].editor.box.lineEdit(), "10")
    assert stored(panel) == {"count": 10}
    assert panel.document.undo_stack.undoText() == "Set how many"
    panel.document.undo_stack.undo()
    assert stored(panel) == {}
    assert panel.fields["count"].editor.box.value() == 5


def test_arrows_step_sensibly_and_stay_within_the_limits(panel):
    box = panel.fields["share"].editor.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert stored(panel)["share"] == 0.55
    for _ in range(15):
        QTest.keyClick(box, Qt.Key.Key_Up)
    assert stored(panel)["share"] == 1.0
    count = panel.fields["count"].editor.box
    count.setFocus()
    for _ in range(9):
        QTest.keyClick(count, Qt.Key.Key_Down)
    assert stored(panel)["count"] == 1


def test_what_is_no_number_is_kept_and_explained(panel, qtbot):
    line = panel.fields["count"].editor.box.lineEdit()
    type_into(line, "many")
    field = panel.fields["count"]
    assert not field.message.isVisible()
    qtbot.waitUntil(lambda: field.message.isVisible(), timeout=10_000)
    assert "“many” isn't an integer" in field.message.text()
    assert line.text() == "many"
    assert stored(panel) == {"count": "many"}
    panel.show_selection([])
    panel.show_selection(["everything"])
    assert panel.fields["count"].editor.box.lineEdit().text() == "many"
    assert panel.fields["count"].message.isVisible()


def test_a_number_outside_of_the_limits_names_them(panel, qtbot):
    type_into(panel.fields["count"].editor.box.lineEdit(), "99")
    panel.fields["share"].editor.box.setFocus()
    assert "from 1 to 10" in panel.fields["count"].message.text()


def test_an_optional_number_can_be_not_set(panel):
    line = panel.fields["maybe"].editor.box.lineEdit()
    assert line.placeholderText() == "Not set"
    type_into(line, "2.5")
    assert stored(panel) == {"maybe": 2.5}
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert stored(panel) == {}


def leave(panel) -> None:
    """Go on to another field, as Tab does."""
    panel.fields["only_rows"].editor.line.setFocus()
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0,7", 0.7), (",25", 0.25), ("0,125", 0.125), ("2e-1", 0.2), ("7,5e-1", 0.75)],
)
def test_a_decimal_comma_is_taken_and_shown_as_a_point(panel, typed, meant):
    line = panel.fields["share"].editor.box.lineEdit()
    type_into(line, typed)
    assert stored(panel) == {"share": meant}
    assert line.text() == typed, "nothing changes under the fingers"
    leave(panel)
    assert line.text() == (str(meant) if "," in typed else typed)
    assert not panel.fields["share"].message.isVisible()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1,234,567", 1234567), ("1 234,5", 1234.5),
     ("1'234", 1234), ("-1,5", -1.5), ("12,3456", 12.3456)],
)  # fmt: skip
def test_numbers_in_groups_have_one_meaning(typed, meant):
    assert parse_number(typed) == meant


@pytest.mark.parametrize("typed", ["1,2,3", "12,34,567", "0.5, 0.3", "1.2.3", ",", "1,", "1,5e999"])
def test_what_is_no_number_stays_a_text(typed):
    assert parse_number(typed) == typed


def test_a_number_of_two_meanings_is_left_to_the_person(panel):
    line = panel.fields["maybe"].editor.box.lineEdit()
    type_into(line, "1,500")
    leave(panel)
    assert line.text() == "1,500"
    message = panel.fields["maybe"].message
    assert message.isVisible()
    assert message.text() == "“1,500” isn't a number. Enter 1.5 or 1500."
    type_into(line, "1.5")
    leave(panel)
    assert not message.isVisible()
    assert stored(panel) == {"maybe": 1.5}


def test_a_field_of_whole_numbers_takes_thousands_and_refuses_parts(panel):
    line = panel.fields["count"].editor.box.lineEdit()
    type_into(line, "1,000")
    leave(panel)
    assert stored(panel) == {"count": 1000}
    assert line.text() == "1000"
    type_into(line, "2,5")
    leave(panel)
    assert "2.5 isn't an integer" in panel.fields["count"].message.text()


def test_values_of_a_run_take_a_comma_and_say_what_is_ambiguous(qtbot):
    pipeline = edits.add_parameter(Pipeline(), PipelineParameter("share", "number", 0.5))
    pipeline = edits.add_parameter(pipeline, PipelineParameter("rows", "integer", 10))
    dialog = RunValues(pipeline, {})
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for name, text in (("share", "0,7"), ("rows", "1,000")):
        dialog.fields[name].clear()
        QTest.keyClicks(dialog.fields[name], text)
    assert dialog.values() == {"share": 0.7, "rows": 1000}
    dialog.fields["share"].clear()
    QTest.keyClicks(dialog.fields["share"], "1,500")
    dialog.accept()
    assert dialog.message.text() == "share: “1,500” isn't a number. Enter 1.5 or 1500."
    assert dialog.isVisible()


def test_the_default_of_a_pipeline_parameter_takes_a_comma(qtbot):
    pipeline = edits.add_parameter(Pipeline(), PipelineParameter("share", "number", 0.5))
    dialog = PipelineParameters(pipeline)
    qtbot.addWidget(dialog)
    dialog.table.item(0, 2).setText("0,7")
    assert dialog.apply(pipeline).parameters["share"].default == 0.7


def test_the_form_of_a_request_takes_a_comma(qtbot):
    field = RequestField({"name": "price", "kind": "number"})
    qtbot.addWidget(field.editor)
    QTest.keyClicks(field.editor, "9,5")
    assert field.value() == 9.5


@pytest.mark.parametrize("language", [QLocale.Language.German, QLocale.Language.English])
def test_a_box_with_limits_takes_point_and_comma_in_every_language(qtbot, language):
    before = QLocale()
    QLocale.setDefault(QLocale(language))
    try:
        box = DecimalBox()
        qtbot.addWidget(box)
        box.setRange(0, 5000)
        box.setDecimals(2)
        for typed in ("0.75", "0,75"):
            box.setValue(1)
            box.selectAll()
            QTest.keyClicks(box, typed)
            assert box.value() == 0.75
            assert box.text() == "0.75"
        box.setValue(4096)
        assert box.text() == "4096.00"
    finally:
        QLocale.setDefault(before)


LISTS = [
    ("group_data_into_bins", {"mode": "custom edges"}, "edges"),
    (
        "partition_and_sample",
        {"mode": "assign to folds", "partitioner": "partition with customized proportions"},
        "proportions",
    ),
]


@pytest.mark.long
@pytest.mark.parametrize(("module", "parameters", "name"), LISTS)
def test_decimal_commas_in_a_list_are_told_how_it_is_written(
    window, qtbot, module, parameters, name
):
    window.document.apply(
        "Add", lambda p: edits.add_node(p, module, parameters=parameters, node_id="one")[0]
    )
    window.canvas.select(["one"])
    field = window.properties.fields[name]
    for typed, said in (
        ("0,5; 0,3", "Enter 0.5, 0.3."),
        ("0,5 0,3 1", "Enter 0.5, 0.3, 1."),
        ("0,5", "Interpreted as 0, 5. For decimals, enter 0.5."),
        ("0,2, 0,3", "Interpreted as 0, 2, 0, 3. For decimals, enter 0.2, 0.3."),
    ):
        type_into(field.editor.line, typed)
        qtbot.waitUntil(lambda said=said: field.message.text() == said, timeout=10_000)
        assert field.message.isVisible()
        assert window.document.pipeline.nodes["one"].parameters[name] == typed
    for plain in ("10, 20, 50", "10,20,50", "0.5, 0.3"):
        type_into(field.editor.line, plain)
        qtbot.waitUntil(lambda: not field.message.isVisible(), timeout=10_000)


def test_what_a_list_of_numbers_means_is_what_its_hint_says():
    from modules.data_transformation.group_data_into_bins import _custom_edges

    assert list_hint("1,5").startswith("Interpreted as 1, 5.")
    assert _custom_edges("1,5") == [1, 5]
    assert list_hint("a,b; 1,2") == ""
    assert list_hint("") == ""
