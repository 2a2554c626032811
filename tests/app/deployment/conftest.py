"""A background for the widgets, a backend without processes, and answers to questions."""

from __future__ import annotations

import pytest
from fake_backend import FakeBackend
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from designer.app.deployment.background import Background


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.close()


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def answer(qtbot):
    """Press a button of the question that comes up next; returns what was asked."""
    asked: list[str] = []

    def press(words: str) -> list[str]:
        def look() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                QTimer.singleShot(20, look)
                return
            asked.append(box.text())
            next(b for b in box.buttons() if b.text().replace("&", "") == words).click()

        QTimer.singleShot(0, look)
        return asked

    return press
