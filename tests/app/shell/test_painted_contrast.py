"""What is painted has the contrast that the colors of the themes promise: measured in pixels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QSpinBox,
    QTableWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from run_desk import show, splitting
from test_theme import STORED, contrast

from designer.app.shell import theme
from designer.pipeline import edits

EDGE, TEXT = 3.0, 4.5
"""Least contrasts of WCAG 2.2, in 1.4.11 and 1.4.3."""


@pytest.fixture(params=STORED)
def colors(request, qapp):
    theme.apply(qapp, request.param)
    yield theme.current()
    theme.apply(qapp, "light")


@pytest.fixture
def page(colors, qtbot):
    """A dialog with widgets of every kind in a column; returns a function that shows it."""
    made = QDialog()
    qtbot.addWidget(made)
    column = QVBoxLayout(made)
    # So that no button is the default one unless it is asked for.
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show(*widgets: QWidget) -> QImage:
        for widget in widgets:
            column.addWidget(widget)
        with qtbot.waitActive(made):
            made.show()
            made.activateWindow()
        return picture(made)

    show.window = made
    return show


def picture(widget: QWidget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()


def area(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def strongest(image: QImage, line: QRect, ground: str) -> float:
    """Return the highest contrast with a color in a line of pixels."""
    ratio = image.devicePixelRatio()
    scaled = QRect(
        round(line.x() * ratio),
        round(line.y() * ratio),
        max(1, round(line.width() * ratio)),
        max(1, round(line.height() * ratio)),
    ).intersected(image.rect())
    pixels = {
        image.pixel(x, y)
        for x in range(scaled.left(), scaled.right() + 1)
        for y in range(scaled.top(), scaled.bottom() + 1)
    }
    return max(contrast(QColor(pixel).name(), ground) for pixel in pixels)


def edges(image: QImage, box: QRect, ground: str, depth: int = 3) -> list[float]:
    """Return the contrasts of the four edges of a box, in the middle of each, with its ground."""
    center = box.center()
    return [
        strongest(image, line, ground)
        for line in (
            QRect(box.left(), center.y(), depth, 1),
            QRect(box.right() + 1 - depth, center.y(), depth, 1),
            QRect(center.x(), box.top(), 1, depth),
            QRect(center.x(), box.bottom() + 1 - depth, 1, depth),
        )
    ]


@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox, QComboBox, QPlainTextEdit, QPushButton])
@pytest.mark.parametrize("focus", [False, True])
def test_fields_and_buttons_have_an_edge(page, colors, kind, focus):
    field, other = kind(), QLineEdit()
    if isinstance(field, QPushButton):
        field.setAutoDefault(False)
    page(field, other)
    (field if focus else other).setFocus()
    image = picture(page.window)
    assert min(edges(image, area(field, page.window), colors.window)) >= EDGE


def test_the_default_button_and_its_ring_are_seen(page, colors):
    field, button = QLineEdit(), QPushButton("Run")
    button.setDefault(True)
    page(field, button)
    field.setFocus()
    box = area(button, page.window)
    without = picture(page.window)
    button.setFocus()
    image = picture(page.window)
    # The ring, against what is around it and against the inside.
    assert min(edges(image, box, colors.window)) >= EDGE
    inside = QColor(image.pixel(box.left() + 6, box.center().y())).name()
    assert min(edges(image, box, inside)) >= EDGE
    # The inside changes too, so that the ring is no matter of a thin line.
    before = QColor(without.pixel(box.left() + 6, box.center().y())).name()
    assert contrast(before, inside) >= EDGE
    assert strongest(image, box.adjusted(4, 4, -4, -4), inside) >= TEXT


def test_the_icon_of_a_primary_button_is_seen_with_and_without_the_focus(page, colors):
    field, button = QLineEdit(), QPushButton()
    button.setProperty("primary", True)
    button.setIcon(theme.icon("new", "on_accent"))
    page(field, button)
    for focused in (field, button):
        focused.setFocus()
        image = picture(page.window)
        box = area(button, page.window)
        ground = QColor(image.pixel(box.left() + 6, box.center().y())).name()
        assert strongest(image, box.adjusted(6, 6, -6, -6), ground) >= EDGE


def test_a_checked_button_has_an_edge(page, colors):
    button = QToolButton()
    button.setText("All")
    button.setCheckable(True)
    button.setChecked(True)
    page(button, QLineEdit())
    box = area(button, page.window)
    assert min(edges(picture(page.window), box, colors.window)) >= EDGE


def test_selected_rows_have_edges_and_readable_text(page, colors):
    tree = QTreeWidget()
    for name in ("one", "two", "three"):
        tree.addTopLevelItem(QTreeWidgetItem([name]))
    tree.setCurrentItem(tree.topLevelItem(1))
    plain = QListWidget()
    plain.addItems(["one", "two", "three"])
    plain.setCurrentRow(1)
    table = QTableWidget(3, 1)
    table.setCurrentCell(1, 0)
    image = page(tree, plain, table)
    for view in (tree, plain, table):
        index = view.model().index(1, 0)
        rect = view.visualRect(index)
        rect.moveTopLeft(view.viewport().mapTo(page.window, rect.topLeft()))
        x = rect.center().x()
        for line in (QRect(x, rect.top(), 1, 2), QRect(x, rect.bottom() - 1, 1, 2)):
            assert strongest(image, line, colors.surface) >= EDGE, type(view)
            assert strongest(image, line, colors.chosen) >= EDGE, type(view)
        if view is not table:
            assert strongest(image, rect.adjusted(3, 4, -3, -4), colors.chosen) >= TEXT


def test_the_entry_of_a_menu_under_the_pointer_has_an_edge(colors, qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("One")
    chosen = menu.addAction("Two")
    off = menu.addAction("Three")
    off.setEnabled(False)
    menu.popup(QPoint(50, 50))
    menu.setActiveAction(chosen)
    image = picture(menu)
    box = menu.actionGeometry(chosen)
    assert min(edges(image, box, colors.raised)) >= EDGE
    text = box.adjusted(4, 3, -4, -3)
    assert strongest(image, text, colors.chosen) >= TEXT
    menu.close()


def test_scroll_bars_are_seen(page, colors):
    for direction in (Qt.Orientation.Vertical, Qt.Orientation.Horizontal):
        bar = QScrollBar(direction)
        bar.setRange(0, 100)
        bar.setPageStep(100)
        if direction == Qt.Orientation.Vertical:
            bar.setFixedHeight(120)
        image = page(bar)
        box = area(bar, page.window)
        # The handle begins at the start of the bar.
        across = box.adjusted(2, 2, -2, -2)
        for ground in (colors.window, colors.surface):
            assert strongest(image, across, ground) >= EDGE


def test_cards_links_and_notes_are_seen_on_the_canvas(colors, window):
    theme.apply(QApplication.instance(), colors.name)
    pipeline = splitting()
    data, split = pipeline.nodes
    pipeline, lone = edits.add_node(pipeline, "select_columns_in_dataset", position=(400, 0))
    pipeline = edits.set_disabled(pipeline, lone, True)
    show(window, pipeline)
    window.canvas.select([])
    viewer, graph = window.canvas.viewer, window.canvas.graph
    window.canvas.zoom_reset()
    viewer.centerOn(graph.bounds([data]).center() + QPointF(60, 80))
    image = picture(viewer.viewport())

    def box(node: str) -> QRect:
        return viewer.mapFromScene(graph.bounds([node])).boundingRect()

    upper, lower = box(data), box(split)
    # The edge of a card, on the right where no bar in the color of its category is.
    edge = QRect(upper.right() - 12, upper.center().y(), 16, 1)
    assert strongest(image, edge, colors.canvas) >= EDGE
    # The link between the cards crosses each line between them.
    middle = (upper.bottom() + lower.top()) // 2
    across = QRect(upper.left(), middle, upper.width(), 1)
    assert strongest(image, across, colors.canvas) >= EDGE
    # The title of the disabled card.
    assert strongest(image, box(lone).adjusted(60, 10, -30, -30), colors.canvas) >= TEXT
    # The same link over notes of each color.
    at = window.document.pipeline.nodes[split].position
    for color in ("yellow", "blue", "green", "pink", "grey"):
        noted, note = edits.add_note(
            pipeline, "", position=(at[0] - 40, at[1] - 80), size=(320, 70)
        )
        noted = edits.set_note(noted, note, color=color)
        show(window, noted)
        image = picture(viewer.viewport())
        ground = QColor(image.pixel(upper.left() - 10, middle)).name()
        assert ground != colors.canvas
        assert strongest(image, across, ground) >= EDGE, color
        window.document.undo_stack.undo()
