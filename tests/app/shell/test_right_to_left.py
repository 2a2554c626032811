"""The window from right to left."""

from __future__ import annotations

import pytest
from focus_desk import stops
from layout_desk import clipped, overlapping
from PySide6.QtCore import QLocale, QPoint, QSize, Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStyleOptionMenuItem,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from run_desk import LONG, run, show, splitting
from window_desk import add

from designer.app.canvas import NodeTarget
from designer.app.code.code_text import CodeText
from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.information import ModuleHelp, Shortcuts
from designer.app.shell import theme
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from designer.app.views.sheet_view import SheetView
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.flow_layout import FlowLayout
from designer.pipeline.model import Pipeline
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column
from modules.contract.sheet import Sheet

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture(autouse=True)
def from_right_to_left(qapp):
    """Set the direction of languages such as Arabic."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_palette_is_on_the_right_and_the_properties_on_the_left(window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()

    def left(widget):
        return widget.mapTo(window, QPoint(0, 0)).x()

    assert left(window.properties) < left(window.canvas) < left(window.palette_panel)


@pytest.mark.parametrize("page", [EDITING, START, DEPLOYMENT, SCHEDULES])
def test_nothing_overlaps_on_any_page(window, qtbot, page):
    show(window, splitting())
    window.canvas.select(["split_data"])
    window.navigation.show(page)
    qtbot.waitUntil(lambda: overlapping(window) + clipped(window) == [], timeout=20_000)


def test_a_result_has_no_overlaps(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (result,) = window.runs.result_windows()
    qtbot.waitUntil(lambda: len(stops(result)) > 3, timeout=LONG)
    qtbot.waitUntil(lambda: overlapping(result) + clipped(result) == [], timeout=20_000)


def test_dialogs_have_no_overlaps(window, qtbot):
    columns = [Column("age", "integer"), Column("גיל", "number")]
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    picker = ColumnPicker("Columns", rules, columns, parent=window)
    spec = window.catalog["split_data"]
    for dialog in (picker, Shortcuts(window.commands, window), ModuleHelp(spec, None, window)):
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        assert overlapping(dialog) + clipped(dialog) == []
        dialog.close()


def leading(text: str, part: str) -> bool:
    """Return whether a part of a text is on the left of the rest where lines begin on the right."""
    layout = QTextLayout(text)
    option = QTextOption()
    option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    places = {
        at: line.glyphRuns(at, 1)[0].boundingRect().center().x()
        for at, letter in enumerate(text)
        if letter not in MARKS
    }
    inside = range(text.index(part), text.index(part) + len(part))
    rest = [x for at, x in places.items() if at not in inside]
    return max(places[at] for at in inside) < min(rest)


MARKS = "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}\N{LEFT-TO-RIGHT MARK} "
"""What isn't drawn."""


def drawn(view, row: int, column: int) -> str:
    """Return the text that a list draws in a cell."""
    index = view.model().index(row, column)
    option = QStyleOptionViewItem()
    view.itemDelegateForIndex(index).initStyleOption(option, index)
    return option.text


def test_numbers_are_on_the_left_of_what_they_count(window, qtbot):
    show(window, Pipeline())
    add(window, "train_model")
    window.checker.check_now()
    qtbot.waitUntil(lambda: bool(window.status.problems.text()))
    assert not leading("75 %", "75"), "Qt orders it by itself, and the test shows nothing"
    for shown in (window.status.problems, window.status.zoom):
        text = shown.text()
        assert leading(text, "".join(filter(str.isdigit, text))), text
        assert not set(MARKS[:2]) & set(shown.accessibleName())


def test_an_ellipsis_is_at_the_end_of_english(window, qtbot):
    assert leading("Open…", "…"), "Qt puts it there by itself, and the test shows nothing"
    actions = [each.text() for each in window.actions_by_id.values() if "…" in each.text()]
    assert len(actions) > 5
    page = QWidget()
    button, hebrew = QPushButton("Browse…", page), QPushButton("פתח…", page)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    for text in (*actions, button.text()):
        assert not leading(text, "…"), text
    assert hebrew.text() == "פתח…"


def entries(menu: QMenu) -> dict[str, str]:
    """Return the shortcuts that a menu and those in it draw, by the texts beside them."""
    menu.aboutToShow.emit()
    found = {}
    for action in menu.actions():
        if action.menu() is not None:
            found |= entries(action.menu())
        elif not action.shortcut().isEmpty():
            option = QStyleOptionMenuItem()
            menu.initStyleOption(option, action)
            text, _, keys = option.text.partition("\t")
            found[text] = keys
    return found


def test_the_keys_of_a_command_are_drawn_in_the_order_in_which_they_are_pressed(window):
    assert not leading("Ctrl+,", "Ctrl"), "Qt orders it by itself, and the test shows nothing"
    show(window, splitting())
    window.canvas.select(["split_data"])
    context = window.menus.menu(NodeTarget("split_data"))
    bar = [action.menu() for action in window.menuBar().actions()]
    found = {}
    for menu in (*bar, context, window.tab_menu()):
        found |= entries(menu)
    assert len(found) > 30
    assert {keys for keys in found.values() if not keys.strip(MARKS)[-1].isalnum()}
    for text, keys in found.items():
        first, plus, _ = keys.partition("+")
        assert not plus or leading(keys, first), text


def test_a_box_that_is_too_narrow_ends_in_its_ellipsis(qtbot, qapp):
    theme.apply(qapp, "light")
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    narrow, shortened = ChoiceBox(), ChoiceBox()
    column.addWidget(narrow)
    column.addWidget(shortened)
    narrow.addItem("Azure Kubernetes Service")
    for box in (narrow, shortened):
        box.setFixedWidth(160)
        # So that none has a ring.
        box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    with qtbot.waitExposed(page):
        page.show()
    drawn = narrow.grab().toImage()
    # What is drawn is a start of the text in its own direction.
    for length in range(1, len(narrow.currentText())):
        shortened.clear()
        start = narrow.currentText()[:length].rstrip()
        shortened.addItem(f"{start}…\N{LEFT-TO-RIGHT MARK}")
        QApplication.processEvents()
        if shortened.grab().toImage() == drawn:
            return
    pytest.fail("The ellipsis isn't at the end.")


def test_cells_keep_their_direction_and_are_copied_without_marks(qtbot):
    sheet = SheetView(Sheet(("Change",), (("-0.5 %",), ("Fold (2)",))), "Changes")
    qtbot.addWidget(sheet)
    with qtbot.waitExposed(sheet):
        sheet.show()
    assert leading(drawn(sheet, 0, 0), "-0.5")
    assert leading(drawn(sheet, 1, 0), "Fold")
    sheet.selectAll()
    sheet.copy()
    copied = QApplication.clipboard().text()
    assert "-0.5 %" in copied
    assert not set(MARKS[:2]) & set(copied)
    QApplication.clipboard().clear()


def test_lists_of_the_window_keep_directions(window, qtbot):
    lists = [
        view
        for view in window.findChildren(QAbstractItemView)
        if not isinstance(view.parent(), (QComboBox, QHeaderView)) and view.model() is not None
    ]
    # Those that a combo box or a completer opens are Qt's own.
    own = [view for view in lists if not isinstance(view.window(), QFrame)]
    assert len(own) > 5
    for view in own:
        if not isinstance(view, QHeaderView):
            shown = view.itemDelegate().displayText("12 rows", QLocale())
            assert leading(shown, "12"), view.accessibleName()


def groups_of_ink(button: QWidget) -> list[tuple[int, int]]:
    """Return the first and last columns of what is drawn, where three columns are free between."""
    image = button.grab().toImage()
    ground = image.pixel(1, image.height() // 2)
    inked = [
        x
        for x in range(2, image.width() - 2)
        if any(image.pixel(x, y) != ground for y in range(4, image.height() - 4))
    ]
    found: list[tuple[int, int]] = []
    for x in inked:
        if found and x - found[-1][1] <= 3:
            found[-1] = (found[-1][0], x)
        else:
            found.append((x, x))
    return found


def test_the_arrow_of_the_compute_target_is_beside_its_text(window, qapp):
    button = next(
        each for each in window.toolbar.findChildren(QToolButton) if each.text() == "This computer"
    )
    first, *rest = groups_of_ink(button)
    assert first[1] - first[0] <= 10
    assert rest[-1][1] > button.width() * 0.8
    assert button.width() == sum(button.sizeHint().toTuple()[:1])


def test_rows_of_cards_begin_on_the_right(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page, QSize(60, 24))
    cards = [QToolButton() for _ in range(5)]
    for card in cards:
        card.setFixedSize(60, 24)
        flow.addWidget(card)
    page.resize(200, 200)
    with qtbot.waitExposed(page):
        page.show()
    assert [card.geometry().right() for card in cards[:2]] == [199, 199 - 76]
    assert cards[2].x() == 140
    assert overlapping(page) == []


def test_program_text_stays_on_the_left(qtbot):
    code = CodeText("python")
    qtbot.addWidget(code)
    code.setPlainText("print(1)")
    with qtbot.waitExposed(code):
        code.show()
    assert code.layoutDirection() == Qt.LayoutDirection.LeftToRight
    assert code.cursorRect().x() < code.width() // 2


def test_what_lies_on_another_is_found(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    first, second = QLabel("first"), QLabel("second")
    row.addWidget(first)
    row.addWidget(second)
    page.show()
    assert overlapping(page) == []
    first.move(second.pos())
    assert len(overlapping(page)) == 1
