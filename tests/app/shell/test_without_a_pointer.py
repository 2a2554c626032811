"""From the start page to a ROC curve by keys alone, and few of them."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from run_desk import LONG
from window_desk import CONTROL, add

from designer.app.shell.navigation import START
from designer.app.views.evaluation_view import EvaluationView
from designer.pipeline import edits

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

KEY = Qt.Key

MOST = 90
"""Keys for the whole way."""

PATH_KEYS = 26
"""What a path counts as, however long that of the test's folder is."""


@dataclass
class Typist:
    """Presses keys where the focus is, and counts them."""

    keys: int = 0

    def press(self, *codes: Qt.Key, control: bool = False) -> None:
        for code in codes:
            modifiers = CONTROL if control else Qt.KeyboardModifier.NoModifier
            QTest.keyClick(QApplication.focusWidget(), code, modifiers)
            QApplication.processEvents()
            self.keys += 1

    def type(self, text: str, *, counted: int | None = None) -> None:
        for letter in text:
            QTest.keyClicks(QApplication.focusWidget(), letter)
        self.keys += len(text) if counted is None else counted

    def add(self, text: str) -> None:
        """Type letters of a module, and choose the first one found."""
        self.type(text)
        self.press(KEY.Key_Return)


@pytest.fixture
def data(tmp_path):
    random.seed(1)
    rows = []
    for _ in range(200):
        age = random.randint(18, 80)
        rows.append(f"{age},{random.randint(1, 9)},{int(age + random.gauss(0, 15) > 50)}")
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["age,years,high", *rows]) + "\n", encoding="utf-8")
    return file


class Windows(QObject):
    """Notes which windows are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QWidget] = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_a_page_of_properties_never_takes_the_focus_from_the_canvas(window, qapp):
    windows = Windows()
    qapp.installEventFilter(windows)
    try:
        for module in ("two_class_logistic_regression", "train_model", "dataset", "join_data"):
            add(window, module)
        # A module whose libraries are missing shows a button to install them.
        missing = {"id": "far_away", "requires": ("no-such-distribution",)}
        spec = dataclasses.replace(window.catalog["join_data"], **missing)
        window.properties.set_specs({**window.catalog, "far_away": spec})
        window.document.apply("Add", lambda p: edits.add_node(p, "far_away", node_id="far")[0])
        window.canvas.select(["far"])
        assert window.properties.page.install.isVisible()
    finally:
        qapp.removeEventFilter(windows)
    assert not windows.shown
    assert QApplication.focusWidget() is window.canvas.viewer


@pytest.mark.long
def test_from_the_start_page_to_the_roc_curve(window, qtbot, data):
    window.navigation.show(START)
    window.start_page.setFocus()
    keys = Typist()
    keys.press(KEY.Key_N, control=True)
    keys.add("dat")
    keys.press(KEY.Key_Return)
    keys.type(str(data), counted=PATH_KEYS)
    keys.press(KEY.Key_Escape)
    keys.add("split")
    keys.add("train")
    keys.add("logis")
    keys.press(KEY.Key_Down, control=True)
    keys.press(KEY.Key_Return)
    keys.type("high")
    keys.press(KEY.Key_Return, KEY.Key_Escape)
    keys.add("score")
    keys.press(KEY.Key_J, control=True)
    keys.press(KEY.Key_Down, KEY.Key_Escape)
    keys.add("eval")
    links = {f"{link.source} > {link.target}" for link in window.document.pipeline.links}
    assert links == {
        "dataset.dataset > split_data.dataset",
        "split_data.results_dataset1 > train_model.dataset",
        "two_class_logistic_regression.untrained_model > train_model.untrained_model",
        "train_model.trained_model > score_model.trained_model",
        "split_data.results_dataset2 > score_model.dataset",
        "score_model.scored_dataset > evaluate_model.scored_dataset",
    }
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as finished:
        keys.press(KEY.Key_F5)
    assert finished.args[0] == "completed"
    keys.press(KEY.Key_I, control=True)

    def shown() -> list[EvaluationView]:
        views = (each.findChildren(EvaluationView) for each in window.runs.result_windows())
        return [view for found in views for view in found]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=LONG)
    assert shown()[0].tabs.currentWidget() is shown()[0].plots["roc"]
    assert keys.keys <= MOST
