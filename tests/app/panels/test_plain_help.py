"""Help of modules, ports, and parameters without marks of their source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from assistive_desk import children, spoken
from PySide6.QtGui import QAccessible, QAccessibleInterface

from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.document.document import Document
from designer.app.panels.palette import Palette
from designer.app.panels.properties import Properties
from designer.pipeline import edits
from modules.contract import ModuleSpec

MARK = "``"


def has_marks(spec: ModuleSpec) -> bool:
    parts = (*spec.inputs, *spec.outputs, *spec.parameters)
    return any(MARK in text for text in (spec.summary, *(part.help for part in parts)))


def everything(found: QAccessibleInterface) -> Iterator[str]:
    """Return each name and description below an accessible object, and tool tips."""
    for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
        yield found.text(kind)
    yield getattr(found.object(), "toolTip", str)()
    for child in children(found):
        if child is not None:
            yield from everything(child)


@pytest.fixture
def marked(catalog) -> list[ModuleSpec]:
    found = [spec for spec in catalog.values() if has_marks(spec)]
    assert len(found) > 20
    return found


@pytest.mark.long
def test_nothing_of_the_properties_is_spoken_or_shown_with_marks(qtbot, catalog, marked):
    document = Document(catalog)
    panel = Properties(document, catalog, lambda node, port: None)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    found = []
    for spec in marked:
        document.apply("Add", lambda p, s=spec: edits.add_node(p, s.id, node_id=s.id)[0])
        panel.show_selection([spec.id])
        for field in panel.fields.values():
            if field.isVisible() and field.parameter.help:
                field.help.click()
                assert field.explanation.isVisible()
        found += [f"{spec.id}: {text}" for text in everything(spoken(panel)) if MARK in text]
    panel._error_timer.stop()
    document.close()
    assert found == []


def test_no_list_of_modules_shows_marks(qtbot, catalog, marked):
    palette = Palette(catalog)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    model = palette.tree.model()
    tips = [
        model.index(row, 0, model.index(group, 0)).data(role)
        for group in range(model.rowCount())
        for row in range(model.rowCount(model.index(group, 0)))
        for role in (0, 3)
    ]
    assert any("total = price * quantity" in tip for tip in tips)
    assert [tip for tip in tips if MARK in tip] == []
    assert [spec.id for spec in marked if MARK in QuickAddItem.module(spec).summary] == []
