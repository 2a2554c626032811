"""The forms of the dialogs."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QSplitter, QWidget

from designer.app.shell import theme
from designer.app.widgets.form import Form
from designer.app.widgets.row_form import RowForm


@pytest.mark.parametrize("kind", [QLineEdit, QComboBox])
def test_a_label_stands_at_the_middle_of_its_field(qapp, qtbot, kind):
    theme.apply(qapp, "light")
    window = QWidget()
    qtbot.addWidget(window)
    form = Form(window)
    first, second = kind(), kind()
    form.addRow("Name", first)
    form.insertRow(0, "Target", second)
    window.resize(300, 200)
    window.show()
    for field in (first, second):
        label = form.labelForField(field)
        assert abs(label.geometry().center().y() - field.geometry().center().y()) <= 1


def test_the_fields_of_a_row_are_never_under_the_scroll_bar(qapp, qtbot):
    theme.apply(qapp, "light")
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    form, beside = RowForm(), QWidget()
    splitter.addWidget(form)
    splitter.addWidget(beside)
    splitter.setChildrenCollapsible(False)
    splitter.resize(700, 300)
    splitter.show()
    columns = [
        {"name": f"installment_rate_in_percentage_{index}", "type": "string", "values": ["A"]}
        for index in range(20)
    ]
    form.show_columns({"row": columns}, "")
    splitter.setSizes([10, 690])
    qtbot.waitUntil(form.verticalScrollBar().isVisible)
    for field in form.fields.values():
        right = field.editor.mapTo(form, field.editor.rect().topRight()).x()
        assert right <= form.viewport().geometry().right()
