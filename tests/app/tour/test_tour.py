"""The tour, taken with mouse and keyboard: it follows what is done, however it is done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, add, key

from designer import paths
from designer.app.shell import theme
from designer.app.tour.callout import Callout, beside
from designer.app.tour.script import Script
from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

LEFT = Qt.MouseButton.LeftButton
LONG = 120_000


@pytest.fixture
def touring(window, qtbot):
    """A window at the first step of the tour, started on the start page."""
    window.window().resize(1280, 720)
    window.files.show_start_page()
    announced: list[str] = []
    window.announcer.announced.connect(announced.append)
    window.heard = announced
    QTest.mouseClick(window.start_page.tour, LEFT)
    shows(window, qtbot, "Clean Missing Data")
    yield window
    if window.tour.active:
        window.tour.leave()


def callout(window) -> Callout | None:
    found = [w for w in QApplication.allWidgets() if isinstance(w, Callout) and w.isVisible()]
    assert len(found) <= 1
    return found[0] if found else None


def shows(window, qtbot, text: str) -> Callout:
    """Wait until the callout shows a text."""

    def found() -> bool:
        shown = callout(window)
        return shown is not None and text in shown.text.text()

    qtbot.waitUntil(found, timeout=LONG)
    shown = callout(window)
    assert shown is not None
    return shown


def click_card(window, node: str, *, double: bool = False) -> None:
    viewer = window.canvas.viewer
    center = window.canvas.graph.bounds([node]).center()
    at = viewer.to_view(center).toPoint()
    QTest.mouseClick(viewer.viewport(), LEFT, pos=at)
    if double:
        QTest.mouseDClick(viewer.viewport(), LEFT, pos=at)
    QApplication.processEvents()


def type_module(window, qtbot, node: str, title: str) -> None:
    """Do what the tour asks for: click a card, type a title, and press Enter."""
    with qtbot.waitActive(window):
        window.activateWindow()
    click_card(window, node)
    for letter in title:
        QTest.keyClicks(QApplication.focusWidget(), letter)
        QApplication.processEvents()
    key(window, Qt.Key.Key_Return)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    with qtbot.waitActive(window):
        window.activateWindow()


def choose(window, name: str, text: str) -> None:
    """Choose an entry of a field's list with the keyboard."""
    box = window.properties.fields[name].editor.box
    box.setFocus()
    QTest.keyClicks(QApplication.focusWidget(), text)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    QApplication.processEvents()


@pytest.mark.long
def test_the_tour_is_taken_by_hand_to_the_score(touring, qtbot):
    window = touring
    assert shows(window, qtbot, "Clean Missing Data").count.text() == "1 of 10"
    type_module(window, qtbot, "dataset", "Clean Missing Data")
    shows(window, qtbot, "Set “Cleaning mode”")
    choose(window, "cleaning_mode", "Remove entire row")
    shows(window, qtbot, "Split Data")
    type_module(window, qtbot, "clean_missing_data", "Split Data")
    shows(window, qtbot, "type “Train Model”")
    type_module(window, qtbot, "split_data", "Train Model")
    shows(window, qtbot, "to “price”")
    qtbot.waitUntil(
        lambda: window.properties.fields["label_column"].editor.box.findText("price") >= 0,
        timeout=LONG,
    )
    choose(window, "label_column", "price")
    shows(window, qtbot, "Linear Regression")
    type_module(window, qtbot, "train_model", "Linear Regression")
    shows(window, qtbot, "Score Model")
    type_module(window, qtbot, "train_model", "Score Model")
    shows(window, qtbot, "Evaluate Model")
    type_module(window, qtbot, "score_model", "Evaluate Model")
    last = shows(window, qtbot, "Press Run")
    assert last.count.text() == "9 of 10"
    qtbot.waitUntil(
        lambda: not window.checker.errors_in(window.document.pipeline.nodes), timeout=LONG
    )
    run = window.toolbar.widgetForAction(window.actions_by_id["run"])
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        QTest.mouseClick(run, LEFT)
    shows(window, qtbot, "Double-click Evaluate Model")
    click_card(window, "evaluate_model", double=True)
    end = shows(window, qtbot, "coefficient of determination")
    # It is where the score is.
    (result,) = window.runs.result_windows()
    assert end.window() is result
    assert end.text.text() in window.heard
    assert "1 of 10: Click Dataset, type “Clean Missing Data”, and press Enter." in window.heard
    QTest.mouseClick(end.close_button, LEFT)
    assert not window.tour.active


def test_undo_leads_back_and_another_way_counts_too(touring, qtbot):
    window = touring
    with qtbot.waitSignal(window.document.changed):
        add(window, "clean_missing_data")
    # Not linked to the data, which is the next step then.
    shown = shows(window, qtbot, "")
    if not window.document.pipeline.links:
        assert "Drag from" in shows(window, qtbot, "Drag from").text.text()
    while window.document.undo_stack.canUndo() and len(window.document.pipeline.nodes) > 1:
        key(window, Qt.Key.Key_Z, CONTROL)
    shown = shows(window, qtbot, "type “Clean Missing Data”")
    assert shown.count.text() == "1 of 10"


def test_esc_leaves_it_and_it_is_resumed_where_it_was(touring, qtbot):
    window = touring
    type_module(window, qtbot, "dataset", "Clean Missing Data")
    shows(window, qtbot, "Set “Cleaning mode”")
    while window.tour.active:
        before = window.canvas.selected_areas(), QApplication.focusWidget()
        key(window, Qt.Key.Key_Escape)
        assert not window.tour.active or before != (
            window.canvas.selected_areas(),
            QApplication.focusWidget(),
        )
    assert callout(window) is None
    assert window.document.pipeline.nodes
    window.files.show_start_page()
    assert window.start_page.tour.text() == "Resume the tour"
    window.start_page.tour.setFocus()
    key(window, Qt.Key.Key_Return)
    assert shows(window, qtbot, "Click Clean Missing Data to").count.text() == "2 of 10"
    assert len(window.document.pipeline.nodes) == 2
    window.document.undo_stack.setClean()
    key(window, Qt.Key.Key_N, CONTROL)
    assert not window.tour.active
    assert window.start_page.tour.text() == "Take the tour"


@pytest.mark.parametrize("size", [(1280, 720), (800, 600)])
def test_the_callout_never_covers_its_target_and_takes_no_focus(touring, qtbot, size):
    window = touring
    window.window().resize(*size)
    held = QApplication.focusWidget()
    for built in (
        lambda: None,
        lambda: type_module(window, qtbot, "dataset", "Clean Missing Data"),
    ):
        built()
        qtbot.waitUntil(lambda: callout(window) is not None)
        shown = callout(window)
        target = window.tour._target(window.tour.step)
        qtbot.waitUntil(lambda s=shown: s._target == window.tour._target(window.tour.step))
        target = window.tour._target(window.tour.step)
        assert not shown.geometry().intersects(target)
        assert window.rect().contains(shown.geometry())
    assert held is None or not isinstance(held, Callout)


@pytest.mark.parametrize(
    "target",
    [
        QRect(10, 100, 200, 40),
        QRect(1000, 100, 260, 40),
        QRect(600, 0, 80, 30),
        QRect(600, 690, 80, 30),
        QRect(200, 300, 900, 40),
    ],
)
@pytest.mark.parametrize("height", [110, 300])
def test_beside_is_never_over(target, height):
    place = beside(target, QSize(310, height), QSize(1280, 720))
    assert not place.intersects(target)
    assert QRect(0, 0, 1280, 720).contains(place)


@pytest.mark.long
def test_it_is_drawn_in_every_theme(touring, qtbot, qapp):
    shown = shows(touring, qtbot, "Clean Missing Data")
    for name in ("light", "dark", "contrast-light", "contrast-dark"):
        theme.apply(qapp, name)
        QApplication.processEvents()
        picture = shown.grab().toImage()
        middle = picture.pixelColor(picture.width() // 2, 14 * round(picture.devicePixelRatio()))
        assert middle.name() == theme.current().accent
    theme.apply(qapp, "light")


def test_the_steps_lead_to_a_pipeline_without_problems():
    """Each step's own edit, one after the other, in a pipeline without a window."""
    catalog = load_catalog()
    goal = pipeline_file.read(paths.resources() / "tour.pipeline.json")
    script = Script(goal, catalog)
    assert script.step(Pipeline(), completed=False) is None
    built = Pipeline()
    texts: list[str] = []
    for node in goal.nodes.values():
        built, _ = edits.add_node(built, node.module)
        if node.module == script.first.module:
            continue
        step = script.step(built, completed=False)
        assert step is not None
        texts.append(step.text)
    assert texts[0] == "Drag from “Dataset” of Dataset to Clean Missing Data."
    step = script.step(goal, completed=False)
    assert step is not None
    assert (step.text, step.number, step.of) == ("Press Run.", 9, 10)
    step = script.step(goal, completed=True)
    assert step is not None
    assert (step.node, step.number) == ("evaluate", 10)
    assert (paths.samples() / str(script.first.parameters["path"])).is_file()


def test_leaving_by_the_mouse(touring, qtbot):
    shown = shows(touring, qtbot, "Clean Missing Data")
    QTest.mouseClick(shown.close_button, LEFT, pos=QPoint(5, 5))
    assert callout(touring) is None
    assert touring.tour.can_resume


def test_a_field_that_is_not_shown_is_led_to(touring, qtbot):
    window = touring
    type_module(window, qtbot, "dataset", "Clean Missing Data")
    shows(window, qtbot, "Set “Cleaning mode”")
    click_card(window, "dataset")
    shows(window, qtbot, "Click Clean Missing Data to see its parameters.")
    click_card(window, "clean_missing_data")
    shows(window, qtbot, "Set “Cleaning mode”")
