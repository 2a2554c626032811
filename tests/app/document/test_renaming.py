"""Another id for a node, asked for with F2."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from window_desk import add, key, nodes


@pytest.fixture
def asked(window):
    """Press F2, and do something with the dialog that comes up; it is closed in the end."""

    def ask(act) -> None:
        said: list[BaseException] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QDialog) or not dialog.isAncestorOf(focused()):
                QTimer.singleShot(20, look)
                return
            try:
                act(dialog)
            except BaseException as error:
                said.append(error)
            finally:
                if dialog.isVisible():
                    dialog.reject()

        QTimer.singleShot(0, look)
        key(window, Qt.Key.Key_F2)
        if said:
            raise said[0]

    return ask


def focused() -> QWidget:
    """Return what has the focus; nothing has it while windows change."""
    return QApplication.focusWidget() or QWidget()


def type_over(text: str) -> None:
    """Write what the field holds from then on: it is selected whole."""
    QTest.keyClicks(focused(), text)


def press_return() -> None:
    QTest.keyClick(focused(), Qt.Key.Key_Return)


def test_a_node_gets_another_id_and_stays_selected(window, asked):
    add(window, "split_data")

    def rename(dialog) -> None:
        type_over("parts")
        press_return()

    asked(rename)
    assert nodes(window) == ["parts"]
    assert window.canvas.selection() == ["parts"]


def test_an_id_that_cannot_be_stays_to_be_mended(window, asked):
    add(window, "split_data")

    def rename(dialog) -> None:
        type_over("My Features")
        press_return()
        assert dialog.isVisible()
        assert dialog.id.text() == "My Features"
        assert dialog.message.isVisible()
        assert "can't be an id" in dialog.message.text()
        dialog.id.selectAll()
        type_over("my_features")
        assert not dialog.message.isVisible()
        press_return()

    asked(rename)
    assert nodes(window) == ["my_features"]


def test_an_id_that_is_taken_is_refused_at_once(window, asked):
    add(window, "split_data", "clean_missing_data")
    window.canvas.select(["split_data"])

    def rename(dialog) -> None:
        type_over("clean_missing_data")
        assert "taken" in dialog.message.text()

    asked(rename)
    assert nodes(window) == ["split_data", "clean_missing_data"]


def test_the_title_has_room(window, asked):
    add(window, "split_data")

    def look(dialog) -> None:
        # Beside the title a window has its icon and up to three buttons.
        title = dialog.fontMetrics().horizontalAdvance(dialog.windowTitle())
        assert dialog.width() > title + 240

    asked(look)
