"""What Tab reaches in the Properties panel has a name of its own, for each module."""

from __future__ import annotations

import pytest
from focus_desk import faults, stops
from PySide6.QtWidgets import QApplication

from designer.app.document.document import Document
from designer.app.panels.properties import Properties
from designer.app.panels.rules_editor import RulesEditor
from designer.pipeline import edits
from modules.contract.columns import Column

COLUMNS = [Column("age", "integer"), Column("town", "string")]


@pytest.mark.long
def test_every_field_of_every_module_has_a_name_of_its_own(qtbot, catalog):
    document = Document(catalog)
    panel = Properties(document, catalog, lambda node, port: COLUMNS)
    qtbot.addWidget(panel)
    panel.resize(360, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    found, reached = {}, 0
    for name in catalog:
        document.apply("Add", lambda p, n=name: edits.add_node(p, n, node_id=n)[0])
        panel.show_selection([name])
        for field in panel.fields.values():
            if isinstance(field.editor, RulesEditor):
                field.editor.add.click()
                field.editor.add.click()
        try_values(panel)
        QApplication.processEvents()
        reached += len(stops(panel))
        if wrong := faults(panel):
            found[name] = wrong
        document.apply("Remove", lambda p, n=name: edits.remove(p, [n]))
    panel._error_timer.stop()
    document.close()
    assert reached > 1000
    assert found == {}


def test_every_kind_of_field_has_a_name_of_its_own(panel):
    assert len(stops(panel)) > 10
    assert faults(panel) == []


def try_values(panel: Properties) -> None:
    """Let each parameter that can be tuned be a list of values, and each other one a range."""
    tunable = [field for field in panel.fields.values() if field.vary.isVisible()]
    for index, field in enumerate(tunable):
        menu = field.vary.menu()
        menu.aboutToShow.emit()
        menu.actions()[1 + index % (len(menu.actions()) - 1)].trigger()
