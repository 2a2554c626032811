"""How wide the panels beside the canvas are: nothing in them is cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from window_desk import TABLE

from designer.pipeline import edits, grouping


def rows(palette):
    """Every module of the palette as Qt numbers it."""
    model = palette.model
    for row in range(model.rowCount()):
        category = model.index(row, 0)
        for place in range(model.rowCount(category)):
            yield model.index(place, 0, category)


def test_the_titles_of_all_modules_are_whole_at_first(window):
    window.window().resize(1920, 1000)
    QApplication.processEvents()
    tree = window.palette_panel.tree
    assert tree.isVisible()
    cut = [
        index.data()
        for index in rows(window.palette_panel)
        if tree.sizeHintForIndex(index).width() > tree.visualRect(index).width()
    ]
    assert not cut


def test_a_title_that_is_cut_off_is_told_by_the_tooltip(window):
    window.workbench.setSizes([180, 800, 300])
    QApplication.processEvents()
    tree = window.palette_panel.tree
    index = next(i for i in rows(window.palette_panel) if "Boosted" in i.data())
    tree.scrollTo(index)
    at = tree.visualRect(index).center()
    event = QHelpEvent(QEvent.Type.ToolTip, at, tree.viewport().mapToGlobal(at))
    QApplication.sendEvent(tree.viewport(), event)
    assert QToolTip.text().startswith(index.data())
    QToolTip.hideText()


@pytest.mark.parametrize("chosen", ["nothing", "note", "node", "group"])
def test_the_properties_fit_in_their_least_width(window, chosen):
    names = {"nothing": []}

    def build(pipeline):
        pipeline, note = edits.add_note(pipeline, "Read me", position=(300, 0))
        pipeline, node = edits.add_node(pipeline, "enter_data_manually", parameters=TABLE)
        pipeline, other = edits.add_node(pipeline, "dataset", position=(0, 200))
        grouped, group = grouping.group(pipeline, [other])
        names.update(note=[note], node=[node], group=[group])
        return grouped

    window.document.apply("Build", build)
    window.canvas.select(names[chosen])
    window.workbench.setSizes([300, 900, 1])
    QApplication.processEvents()
    panel = window.properties
    side = window.workbench.sides["right"]
    right = side.mapToGlobal(QPoint(side.width(), 0)).x()
    assert panel.mapToGlobal(QPoint(panel.width(), 0)).x() <= right
    view = panel.viewport()
    for child in panel.page.findChildren(QWidget):
        if child.isVisible():
            assert child.mapTo(view, QPoint(child.width(), 0)).x() <= view.width() - 10, child


@pytest.mark.long
def test_the_properties_of_every_module_fit_too(window, catalog):
    window.workbench.setSizes([300, 900, 1])
    panel = window.properties
    names = {}

    def add_all(pipeline):
        for name in catalog:
            pipeline, node = edits.add_node(pipeline, name)
            names[node] = name
        return pipeline

    window.document.apply("Add", add_all)
    for node, name in names.items():
        panel.show_selection([node])
        QApplication.processEvents()
        view = panel.viewport().width()
        assert panel.widget().minimumSizeHint().width() <= view, name
        assert panel.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
