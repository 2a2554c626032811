"""Everything that Tab reaches, on every page and in every dialog: its name, role, and ring."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QTabBar, QWidget
from run_desk import LONG, run, show, splitting

from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.information import ModuleHelp, Shortcuts
from designer.app.shell import theme
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""

TAB = Qt.FocusPolicy.TabFocus

NO_ROLE = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane)

PANELS = ("modules", "outline", "properties", "problems", "log", "runs", "trials", "code")

EDGE = 3
"""Pixels at each edge in which a ring is looked for: a blinking cursor is further inside."""


def stops(page: QWidget) -> list[QWidget]:
    """What Tab reaches in a page or dialog."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & TAB == TAB
        and widget.focusProxy() is None
        and widget.window() is page.window()
        and widget.isVisible()
        and widget.isEnabled()
    ]


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a widget."""
    spoken = QAccessible.queryAccessibleInterface(widget)
    if not isinstance(widget, QComboBox):
        return spoken.text(QAccessible.Text.Name)
    # On Linux, Qt gives the chosen entry as the name of a list; it is called after its label.
    labels = spoken.relations(QAccessible.RelationFlag.Label)
    return widget.accessibleName() or "".join(
        each.text(QAccessible.Text.Name) for each, _ in labels
    )


def faults(page: QWidget) -> list[str]:
    """Return what has no role, no name, or one that another has too."""
    found = []
    names: Counter[str] = Counter()
    for widget in stops(page):
        name = name_of(widget)
        names[name] += 1
        if QAccessible.queryAccessibleInterface(widget).role() in NO_ROLE:
            found.append(f"{widget} “{name}” has no role")
        if not name.strip() or "\u200b" in name:
            found.append(f"{widget} in {widget.parent()} has no name")
    return found + [
        f"“{name}” is there {count} times" for name, count in names.items() if count > 1
    ]


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast as WCAG 2.2 defines it."""

    def luminance(color: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (color.redF(), color.greenF(), color.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ring(window: QWidget, widget: QWidget) -> float:
    """Return how much some pixel at the edge of a widget changes with the focus."""
    other = next(each for each in stops(window) if each is not widget)
    pictures = []
    for each in (other, widget):
        each.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        pictures.append(picture(window, widget))
    before, after = pictures
    ratios = [
        contrast(before.pixelColor(x, y), after.pixelColor(x, y))
        for x in range(before.width())
        for y in range(before.height())
        if (at_edge(before, x, y) or isinstance(widget, QTabBar))
        and before.pixel(x, y) != after.pixel(x, y)
    ]
    return max(ratios, default=1.0)


def picture(window: QWidget, widget: QWidget) -> QImage:
    """Return what is seen of a widget; the canvas has its line around the view."""
    shown = window.canvas if widget is window.canvas.viewer else widget
    image = QPixmap(shown.size())
    # Most are transparent.
    image.fill(QColor(theme.current().window))
    shown.render(image, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    return image.toImage()


def at_edge(image: QImage, x: int, y: int) -> bool:
    return min(x, y, image.width() - 1 - x, image.height() - 1 - y) <= EDGE


@pytest.fixture
def full(window, qtbot):
    """A window with a pipeline that has run, a step of it selected."""
    show(window, splitting())
    run(window, qtbot)
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    return window


def test_every_stop_of_every_page_has_a_name_of_its_own(full):
    found = {}
    for name in PANELS:
        full.navigation.show_panel(name)
        QApplication.processEvents()
        found[name] = faults(full)
    for page in (START, DEPLOYMENT, SCHEDULES):
        full.navigation.show(page)
        QApplication.processEvents()
        found[page] = faults(full)
    assert {page: each for page, each in found.items() if each} == {}


def test_every_stop_of_every_dialog_has_a_name_of_its_own(full, qtbot):
    found = {}
    opened = []
    for command in full.commands.all():
        action = full.actions_by_id[command.id]
        if not command.text.endswith("…") or not action.isEnabled() or command.id == "save_as":
            continue

        def look(name: str = command.id, tries: int = 20) -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None:
                if tries:
                    QTimer.singleShot(20, lambda: look(name, tries - 1))
                return
            if not isinstance(dialog, QFileDialog):
                found[name] = faults(dialog)
                opened.append(type(dialog).__name__)
            dialog.close()

        QTimer.singleShot(0, look)
        action.trigger()
        # A command that opens no dialog: let the search for one end before the next.
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        full.navigation.show(EDITING)
        full.canvas.select(["split_data"])
    assert {"Preferences", "CommandPalette", "PipelineParameters", "DeployDialog"} <= set(opened)
    assert {name: each for name, each in found.items() if each} == {}


def test_dialogs_that_no_command_opens_alone_have_names_too(full, qtbot):
    columns = [Column("age", "integer"), Column("income", "number")]
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    picker = ColumnPicker("Columns", rules, columns, parent=full)
    more = ColumnPicker("Columns", rules, columns, parent=full)
    more.tabs.setCurrentIndex(1)
    more.rules.add.click()
    spec = full.catalog["split_data"]
    for dialog in (picker, more, Shortcuts(full.commands, full), ModuleHelp(spec, None, full)):
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        assert faults(dialog) == []
        dialog.close()


def test_every_stop_of_every_result_has_a_name_of_its_own(full, qtbot):
    full.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(lambda: len(full.runs.result_windows()) == 1, timeout=LONG)
    (result,) = full.runs.result_windows()
    qtbot.waitUntil(lambda: len(stops(result)) > 3, timeout=LONG)
    assert faults(result) == []


@pytest.mark.parametrize("mode", ["light", "dark", "contrast-light", "contrast-dark"])
def test_the_ring_around_the_focus_has_a_contrast_of_three(full, qapp, mode):
    theme.apply(qapp, mode)
    try:
        full.navigation.show_panel("problems")
        QApplication.processEvents()
        weak = {}
        for page in (EDITING, START):
            full.navigation.show(page)
            QApplication.processEvents()
            for widget in stops(full):
                if (ratio := ring(full, widget)) < 3.0:
                    weak[f"{type(widget).__name__} {name_of(widget)}"] = round(ratio, 2)
        assert weak == {}
    finally:
        theme.apply(qapp, "light")
