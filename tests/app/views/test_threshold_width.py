"""The pane of the threshold in larger text."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from layout_desk import clipped
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from designer import texts
from designer.app.views.evaluation_view import EvaluationView
from modules.values import Evaluation, EvaluationReport

REPORT = EvaluationReport(
    "Two-Class Logistic Regression",
    "two-class",
    {"AUC": 0.8},
    thresholds=pd.DataFrame(
        {"threshold": [1.0, 0.6, 0.3], "true_positives": [0, 3, 5], "false_positives": [0, 1, 4]}
    ),
    positives=5,
    negatives=4,
    positive="yes",
    classes=("no", "yes"),
)


def evaluation(qtbot, opened) -> EvaluationView:
    widget = opened(Evaluation((REPORT,)), size=(2400, 900))
    qtbot.waitUntil(lambda: isinstance(widget.view, EvaluationView), timeout=30_000)
    return widget.view


@pytest.mark.parametrize("times", [1.0, 2.0])
def test_the_pane_is_as_wide_as_larger_text_asks(qtbot, opened, font, times):
    font(times)
    pane = evaluation(qtbot, opened).threshold
    assert pane.width() >= 330 * times
    assert clipped(pane) == []


def test_a_pane_on_the_screen_keeps_its_width_in_letters(qtbot, opened, font):
    font(1.0)
    view = evaluation(qtbot, opened)
    before = view.threshold.width()
    handle = view.threshold.parent().handle(1)
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(1, 50))
    qtbot.mouseMove(handle, QPoint(-80, 50))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(-80, 50))
    chosen = view.threshold.width()
    assert chosen > before
    font(2.0)
    qtbot.waitUntil(lambda: view.threshold.width() == 2 * chosen, timeout=5_000)
    assert clipped(view.threshold) == []
    font(1.0)
    qtbot.waitUntil(lambda: view.threshold.width() == chosen, timeout=5_000)


def test_the_metrics_of_the_pane_are_named_in_the_language(qtbot, opened, in_german):
    pane = evaluation(qtbot, opened).threshold
    named = {label.text() for label in pane.findChildren(QLabel)}
    assert {"Genauigkeit", "Balancierte Genauigkeit"} <= named
    assert not {"Accuracy", "Balanced accuracy"} & named


@pytest.fixture
def in_german() -> Iterator[None]:
    texts.use("de")
    yield
    texts.use("en")
