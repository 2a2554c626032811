"""The way of Tab through the window, and that what it reaches can be seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QTabBar, QTreeView, QWidget
from window_desk import SHIFT, add, key

from designer.app.shell import theme


@pytest.fixture
def full(window):
    """A window in which a step is selected and something is said, the focus on the canvas."""
    add(window, "split_data")
    window.bar.show_message("Something has happened.", [("One", list), ("Two", list)])
    window.canvas.setFocus()
    QApplication.processEvents()
    return window


def area_of(window, widget: QWidget) -> str:
    sides = window.workbench.sides
    areas = {
        "tools": window.toolbar,
        "modules": sides["left"],
        "canvas": window.canvas,
        "code": sides["beside"],
        "properties": sides["right"],
        "below": sides["below"],
        "message": window.bar,
        "status": window.statusBar(),
    }
    return next(name for name, area in areas.items() if area.isAncestorOf(widget))


def way(window, *, back: bool = False) -> list[QWidget]:
    """Press Tab until the focus is where it was, and return where it has been."""
    start = QApplication.focusWidget()
    found = [start]
    for _ in range(200):
        focus = QApplication.focusWidget()
        QTest.keyClick(focus, Qt.Key.Key_Tab, SHIFT if back else Qt.KeyboardModifier.NoModifier)
        QApplication.processEvents()
        focus = QApplication.focusWidget()
        if focus is start:
            return found
        assert focus not in found
        found.append(focus)
    raise AssertionError("Tab never came back")


def areas(window, widgets: list[QWidget]) -> list[str]:
    names: list[str] = []
    for widget in widgets:
        name = area_of(window, widget)
        if names[-1:] != [name]:
            names.append(name)
    return names


def test_tab_goes_through_the_window_as_it_is_read(full):
    window = full
    around = way(window)
    assert areas(window, around) == [
        "canvas",
        "properties",
        "below",
        "message",
        "status",
        "tools",
        "modules",
    ]
    texts = [w.text() for w in around if area_of(window, w) == "message" and w.text()]
    assert texts == ["One", "Two"]
    assert around.index(window.palette_panel.search) < around.index(window.palette_panel.tree)
    fields = [field.editor for field in window.properties.fields.values() if field.isVisible()]
    places = [next(i for i, w in enumerate(around) if e is w or e.isAncestorOf(w)) for e in fields]
    assert places == sorted(places)


def test_tab_goes_from_field_to_field_past_their_buttons(full):
    window = full
    split = window.properties.fields
    split["fraction"].editor.box.setFocus()
    QTest.keyClicks(split["fraction"].editor.box, "0.4")
    assert split["fraction"].reset.isVisible()
    around = way(window)
    buttons = [b for field in split.values() for b in (field.reset, field.help, field.more)]
    assert not set(around) & set(buttons)
    for each in split.values():
        if each.isVisible():
            assert any(each.editor is w or each.editor.isAncestorOf(w) for w in around)


def test_each_button_of_a_field_is_called_after_its_parameter(full):
    fields = full.properties.fields.values()
    buttons = [b for field in fields for b in (field.reset, field.help, field.more)]
    names = [button.accessibleName() for button in buttons]
    assert len(set(names)) == len(names)
    assert {"Help for this parameter: Random seed", "More: Random seed"} <= set(names)


def test_f6_goes_from_pane_to_pane_and_shift_f6_back(full):
    window = full
    expected = ["properties", "below", "message", "status", "tools", "modules", "canvas"]
    for names, shift in ((expected, False), ([*reversed(expected[:-1]), "canvas"], True)):
        visited = []
        for _ in names:
            modifiers = SHIFT if shift else Qt.KeyboardModifier.NoModifier
            key(window, Qt.Key.Key_F6, modifiers)
            visited.append(area_of(window, QApplication.focusWidget()))
        assert visited == names


def test_f6_leads_to_what_is_used_in_a_pane(full):
    window = full
    key(window, Qt.Key.Key_F6)
    field = window.properties.fields["mode"]
    focus = QApplication.focusWidget()
    assert not isinstance(focus, QTabBar)
    assert window.properties.isAncestorOf(focus)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_F6, SHIFT)
    assert QApplication.focusWidget() is window.palette_panel.search
    assert field.isVisible()


def test_shift_and_tab_go_the_same_way_back(full):
    window = full
    window.palette_panel.search.setFocus()
    forward = way(window)
    assert QApplication.focusWidget() is window.palette_panel.search
    # Backwards the canvas, too, is left at once where nothing else stands on it.
    assert way(window, back=True) == [forward[0], *reversed(forward[1:])]


def test_tab_reaches_nothing_that_is_hidden(full):
    window = full
    window.workbench.set_side_visible("left", False)
    window.workbench.set_side_visible("below", False)
    window.bar.hide()
    around = way(window)
    assert areas(window, around) == ["canvas", "properties", "status", "tools"]
    assert all(widget.isVisible() for widget in around)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_tab_reaches_looks_another_way(full, qapp, name):
    window = full
    theme.apply(qapp, name)
    try:
        around = way(window)
        checks = [w for w in around if isinstance(w, QCheckBox)]
        trees = [w for w in around if isinstance(w, QTreeView)]
        assert checks
        assert trees
        for widget in around:
            before = around[around.index(widget) - 1]
            before.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            plain = pixels(window, widget)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            assert pixels(window, widget) != plain, widget
    finally:
        theme.apply(qapp, "light")


def pixels(window, widget: QWidget) -> QImage:
    """Return what is seen of a widget, without the cursor that blinks in a field."""
    on_canvas = area_of(window, widget) == "canvas"
    image = (window.canvas if on_canvas else widget).grab().toImage()
    whole = isinstance(widget, (QCheckBox, QTabBar))
    return image if whole else image.copy(0, 0, image.width(), 3)
