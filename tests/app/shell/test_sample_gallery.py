"""Samples are found by task and by search."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from designer import paths
from designer.app.shell.sample_gallery import SampleGallery
from designer.app.shell.samples import WITHOUT_MODEL
from designer.catalog import Catalog


@pytest.fixture
def gallery(qtbot, catalog: Catalog) -> SampleGallery:
    made = SampleGallery(paths.samples(), catalog)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shown(gallery: SampleGallery) -> list[str]:
    return [card.sample.path.name.partition(".")[0] for card in gallery.cards if card.isVisible()]


def press(gallery: SampleGallery, task: str) -> None:
    (button,) = [each for each in gallery.tasks if each.text() == task]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def places(widgets: list[QWidget]) -> list[tuple[int, int]]:
    return [(each.x(), each.y()) for each in widgets if each.isVisible()]


def test_a_task_shows_its_samples_at_the_top(gallery: SampleGallery) -> None:
    everything = shown(gallery)
    assert len(everything) == len(gallery.cards)
    tasks = [button.text() for button in gallery.tasks]
    assert {"Regression", "Classification", "Clustering", "Forecasting"} < set(tasks)
    assert tasks[0] == "All"
    assert tasks[-1] == WITHOUT_MODEL
    first = places(gallery.cards)[0]
    press(gallery, "Forecasting")
    assert shown(gallery) == ["carbon_dioxide_forecast"]
    assert places(gallery.cards) == [first]
    press(gallery, "Text")
    assert shown(gallery) == ["text_topics"]
    press(gallery, "All")
    assert shown(gallery) == everything
    # Each sample is found by at least one task.
    found: set[str] = set()
    for task in tasks[1:]:
        press(gallery, task)
        assert shown(gallery)
        found |= set(shown(gallery))
    assert found == set(everything)


def test_typing_searches_title_description_and_modules(gallery: SampleGallery) -> None:
    gallery.search.setFocus()
    QTest.keyClicks(gallery.search, "smote")
    assert shown(gallery) == ["phone_churn"]
    gallery.search.clear()
    QTest.keyClicks(gallery.search, "roll calls")
    assert shown(gallery) == ["senate_votes"]
    press(gallery, "Clustering")
    assert shown(gallery) == []
    assert gallery.nothing.isVisible()
    assert gallery.nothing.text() == "No sample matches “roll calls” in Clustering."
    gallery.search.clear()
    assert not gallery.nothing.isVisible()
    assert "iris_clustering" in shown(gallery)


def test_the_keyboard_reaches_what_is_shown(gallery: SampleGallery, qtbot) -> None:
    opened: list[Path] = []
    gallery.chosen.connect(opened.append)
    gallery.search.setFocus()
    QTest.keyClicks(gallery.search, "carbon")
    for _ in gallery.tasks:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() in gallery.cards:
            break
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    while QApplication.focusWidget() not in gallery.cards:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert [path.name for path in opened] == ["carbon_dioxide_forecast.pipeline.json"]
