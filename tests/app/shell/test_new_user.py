"""The way of a new user from the empty start page to an evaluation, with every input counted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import close

from designer import paths
from designer.app.shell import theme
from designer.app.shell.main_window import MainWindow

COPY, LEFT, NONE = (
    Qt.DropAction.CopyAction,
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
)


class Person:
    """Somebody with a mouse and a keyboard, who counts."""

    def __init__(self, window, qtbot) -> None:
        self.window, self.qtbot = window, qtbot
        self.drags = self.clicks = self.keys = 0

    def click(self, widget, at: QPoint | None = None) -> None:
        self.clicks += 1
        QTest.mouseClick(widget, LEFT, NONE, at or widget.rect().center())
        QApplication.processEvents()

    def press(self, code) -> None:
        self.keys += 1
        QTest.keyClick(QApplication.focusWidget() or self.window, code)
        QApplication.processEvents()

    def type(self, text: str) -> None:
        self.activate()
        self.enter(text)

    def enter(self, text: str) -> None:
        """Type a text where the focus is, and press Enter."""
        for letter in text:
            self.keys += 1
            QTest.keyClicks(QApplication.focusWidget(), letter)
            QApplication.processEvents()
        self.press(Qt.Key.Key_Return)

    def activate(self) -> None:
        """Do what a window manager does when the window of a list is gone."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
        with self.qtbot.waitActive(self.window):
            self.window.activateWindow()

    def drop_file(self, path) -> None:
        self.drags += 1
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        viewport = self.window.canvas.viewer.viewport()
        at = QPoint(viewport.width() // 2, 90)
        for kind in (QDragEnterEvent, QDragMoveEvent):
            event = kind(at, COPY, data, LEFT, NONE)
            QApplication.sendEvent(viewport, event)
            assert event.isAccepted()
        QApplication.sendEvent(viewport, QDropEvent(at.toPointF(), COPY, data, LEFT, NONE))
        QApplication.processEvents()


@pytest.fixture
def fresh(qapp, qtbot, settings, catalog, engine, samples):
    """A window as it is at the first start: the start page, and no pipeline."""
    from window_desk import LentEngine

    theme.apply(qapp, "light")
    window = MainWindow(
        settings,
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    window.window().resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    yield window
    close(window)


@pytest.mark.long
def test_adult_income_from_the_start_page_to_the_evaluation(fresh, qtbot):
    window, person = fresh, Person(fresh, qtbot)
    person.click(window.start_page.new)
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        person.drop_file(paths.samples() / "data" / "adult_income.csv")
    for text in ("cle", "spl"):
        person.type(text)
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        person.type("tra")
    # Its label, which the panel on the right asks for.
    label = window.properties.fields["label_column"].editor
    assert not label.line.visibleRegion().isEmpty()
    person.click(label.line)
    with qtbot.waitSignal(window.checker.settled, timeout=60_000):
        person.enter("income")
    assert window.document.pipeline.nodes["train_model"].parameters["label_column"] == ["income"]
    person.click(window.canvas.viewer.viewport(), _card(window, "train_model"))
    for text in ("boosted", "sco", "eva"):
        person.type(text)
    person.activate()
    with qtbot.waitSignal(window.controller.finished, timeout=240_000):
        person.press(Qt.Key.Key_F5)

    pipeline = window.document.pipeline
    assert {f"{link.source} > {link.target}" for link in pipeline.links} == {
        "dataset.dataset > clean_missing_data.dataset",
        "clean_missing_data.cleaned_dataset > split_data.dataset",
        "split_data.results_dataset1 > train_model.dataset",
        "two_class_boosted_decision_tree.untrained_model > train_model.untrained_model",
        "train_model.trained_model > score_model.trained_model",
        "split_data.results_dataset2 > score_model.dataset",
        "score_model.scored_dataset > evaluate_model.scored_dataset",
    }
    assert window.controller.results["evaluate_model"].error is None
    assert window.controller.results["evaluate_model"].outputs
    assert person.drags <= 8
    assert person.clicks <= 6
    assert person.keys <= 40


def _card(window, name: str) -> QPoint:
    center = window.canvas.graph.bounds([name]).center()
    return window.canvas.viewer.to_view(center).toPoint()
