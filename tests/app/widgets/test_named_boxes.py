"""Boxes in the cells of a table, which nothing of Python's refers to."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QApplication, QTableWidget

from designer.app.widgets.fields.choosing import ChoiceBox


def test_a_named_box_stays_in_its_cell(qtbot):
    table = QTableWidget(1, 1)
    qtbot.addWidget(table)
    box = ChoiceBox()
    box.addItems(["integer", "number"])
    table.setCellWidget(0, 0, box)
    box.set_spoken_label("Type of rows")
    del box
    with qtbot.waitExposed(table):
        table.show()
    gc.collect()
    QApplication.processEvents()
    found = table.cellWidget(0, 0)
    assert isinstance(found, ChoiceBox)
    assert found.accessibleName() == "Type of rows"
    assert found.currentText() == "integer"
