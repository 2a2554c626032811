"""Fields, buttons, tabs, and trees in larger text."""

from __future__ import annotations

import pytest
from layout_desk import LEAST_TARGET
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QToolButton,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.line_buttons import add_enter_button, add_icon, let_clear
from designer.app.widgets.scrolling import TallArea
from designer.app.widgets.text_scale import indent, scaled

TIMES = pytest.mark.parametrize("times", [1.0, 1.5, 2.0])


@pytest.fixture
def page(qtbot):
    made = QDialog()
    qtbot.addWidget(made)
    column = QVBoxLayout(made)

    def show(*widgets: QWidget) -> QDialog:
        for widget in widgets:
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        with qtbot.waitExposed(made):
            made.show()
        return made

    return show


def ink(widget: QWidget, area: QRect) -> QRect:
    """Return the part of an area that isn't in the color of its corner."""
    image = widget.grab().toImage()
    ground = image.pixel(area.topLeft())
    spots = [
        (x, y)
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
        if image.pixel(x, y) != ground
    ]
    if not spots:
        return QRect()
    across, down = zip(*spots, strict=True)
    return QRect(QPoint(min(across), min(down)), QPoint(max(across), max(down)))


def written(button: QPushButton) -> int:
    """Return how wide the text of a button is drawn."""
    return ink(button, button.rect().adjusted(4, 4, -4, -4)).width()


@TIMES
def test_the_text_of_a_default_button_is_drawn_whole(page, font, times):
    font(times)
    narrow, wide = QPushButton("Create module"), QPushButton("Create module")
    wide.setMinimumWidth(600)
    window = page(narrow, wide)
    for button in (narrow, wide):
        button.setDefault(True)
        window.setFocus()
        QApplication.processEvents()
        assert button.isDefault()
        button.drawn = written(button)
    # Within a pixel, as letters may begin between two.
    assert abs(narrow.drawn - wide.drawn) <= 1


@TIMES
def test_icons_in_a_line_are_as_large_as_its_text(page, font, qtbot, times):
    font(1.0)
    field = QLineEdit("words")
    add_icon(field, theme.icon("search"))
    let_clear(field)
    page(field)
    font(times)
    qtbot.waitUntil(lambda: field.height() == field.sizeHint().height())
    icon, clear = sorted(field.findChildren(QToolButton), key=lambda each: each.x())
    for button in (icon, clear):
        assert min(button.width(), button.height()) >= LEAST_TARGET
        assert field.rect().contains(button.geometry())
        drawn = ink(button, button.rect())
        assert drawn.width() >= 8 * times
        assert button.iconSize() == QSize(scaled(16), scaled(16))
    # The text isn't under them.
    assert field.cursorRect().right() < clear.x()
    field.home(False)
    assert field.cursorRect().center().x() >= icon.geometry().right()


def test_a_line_is_cleared_by_its_button(page, qtbot):
    field = QLineEdit()
    let_clear(field)
    entered = []
    enter = add_enter_button(field, theme.icon("run"), "Add", lambda: entered.append(1))
    page(field)
    clear, add = field.findChildren(QToolButton)
    assert not clear.isVisible()
    field.setFocus()
    QTest.keyClicks(field, "words")
    assert clear.isVisible()
    assert clear.accessibleName() or clear.text() == "Clear"
    edited = []
    field.textEdited.connect(edited.append)
    QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert field.text() == ""
    # As if it were typed, and the field keeps the focus.
    assert edited == [""]
    assert field.hasFocus()
    assert not clear.isVisible()
    field.undo()
    assert field.text() == "words"
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    assert entered == [1]
    enter.setVisible(False)
    assert not add.isVisible()


def test_icons_are_at_the_other_ends_from_right_to_left(page):
    field = QLineEdit("words")
    add_icon(field, theme.icon("search"))
    let_clear(field)
    window = page(field)
    icon, clear = field.findChildren(QToolButton)
    assert icon.x() < clear.x()
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    assert icon.x() > clear.x()
    assert field.cursorRect().right() < icon.x()


def test_a_box_ends_in_an_ellipsis_where_it_is_narrow(page, qtbot):
    text = "Azure Kubernetes Service, with a key"
    box, shortened = ChoiceBox(), ChoiceBox()
    box.addItem(text)
    field = QLineEdit()
    page(field, box, shortened)
    field.setFocus()
    usual = picture(box)
    metrics = box.fontMetrics()
    box.setFixedWidth(200)
    shortened.setFixedWidth(200)
    QApplication.processEvents()
    assert picture(box) != usual
    # The same is drawn for a text that ends so by itself.
    for length in range(len(text), 0, -1):
        if metrics.horizontalAdvance(f"{text[:length]}…") < 200:
            shortened.clear()
            shortened.addItem(f"{text[:length].rstrip()}…")
            QApplication.processEvents()
            if picture(shortened) == picture(box):
                break
    else:
        pytest.fail("No shortened text is drawn.")
    assert box.currentText() == text
    hover(box)
    assert QToolTip.text() == text
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    box.setFixedWidth(600)
    QApplication.processEvents()
    hover(box)
    assert not QToolTip.isVisible()


@TIMES
def test_a_box_is_as_wide_as_its_texts(page, font, times):
    font(times)
    box, wide = ChoiceBox(), ChoiceBox()
    for each in (box, wide):
        each.addItems(["Python", "curl"])
    wide.setFixedWidth(400)
    field = QLineEdit()
    page(field, box, wide)
    field.setFocus()
    QApplication.processEvents()
    start = QRect(4, 4, box.width() // 2, box.height() - 8)
    assert box.width() < 300
    assert ink(box, start) == ink(wide, start)
    assert box.grab(start).toImage() == wide.grab(start).toImage()


def hover(widget: QWidget) -> None:
    place = widget.rect().center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


@TIMES
def test_tabs_that_do_not_fit_are_reached_by_large_buttons(page, font, times):
    font(times)
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    for number in range(12):
        tabs.addTab(QLabel(), f"A tab {number}")
    tabs.setFixedWidth(400)
    page(tabs)
    back, forth = tabs.tabBar().findChildren(QToolButton)
    for button in (back, forth):
        assert min(button.width(), button.height()) >= LEAST_TARGET
        assert ink(button, button.rect().adjusted(2, 2, -2, -2)).height() >= 6 * times
    assert not tabs.tabBar().tabRect(11).intersects(tabs.tabBar().rect())
    for _ in range(12):
        QTest.mouseClick(forth, Qt.MouseButton.LeftButton)
    last = tabs.tabBar().tabRect(11)
    assert tabs.tabBar().rect().contains(last.center())


@TIMES
def test_chevrons_of_trees_grow_with_the_text(page, font, times):
    font(1.0)
    tree = QTreeWidget()
    indent(tree, 14)
    top = QTreeWidgetItem(["One"])
    top.addChild(QTreeWidgetItem(["Two"]))
    tree.addTopLevelItem(top)
    page(tree)
    font(times)
    QApplication.processEvents()
    assert tree.indentation() == scaled(14)
    row = tree.visualItemRect(top)
    chevron = QRect(0, row.y(), row.x(), row.height())
    drawn = ink(tree.viewport(), chevron)
    assert drawn.height() >= 6 * times


@TIMES
def test_a_dialog_has_its_size_in_letters_and_fits_on_the_screen(page, font, times):
    font(times)
    window = page(QLabel("Text"))
    usual_size(window, 400, 300)
    room = window.screen().availableGeometry().size()
    wanted = QSize(scaled(400), scaled(300))
    assert window.size() == wanted.boundedTo(room - QSize(40, 40))


def test_a_form_that_is_higher_than_the_screen_is_scrolled(page, qtbot):
    inner = QVBoxLayout()
    fields = [QLineEdit() for _ in range(80)]
    for field in fields:
        inner.addWidget(field)
    area = TallArea(inner)
    window = page(area)
    room = window.screen().availableGeometry().height()
    window.resize(400, room)
    assert window.minimumSizeHint().height() < 300
    assert fields[0].visibleRegion().boundingRect().height() == fields[0].height()
    assert fields[-1].visibleRegion().isEmpty()
    fields[0].setFocus()
    QTest.keyClick(fields[0], Qt.Key.Key_Backtab)
    qtbot.waitUntil(lambda: not fields[-1].visibleRegion().isEmpty())
    assert area.focusPolicy() == Qt.FocusPolicy.NoFocus
