"""The forms of the dialogs."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from designer.app.shell import theme
from designer.app.widgets.form import Form


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
