"""A question that waits for one of a few answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QMessageBox, QWidget

Answer = QMessageBox.StandardButton

WIDTH = 340
"""Pixels of the explanation below a question, at least."""


def ask(
    parent: QWidget,
    title: str,
    text: str,
    answers: Mapping[Answer, str],
    *,
    explanation: str = "",
    usual: Answer = Answer.Cancel,
    warning: bool = False,
    settled: tuple[SignalInstance[Any], Answer] | None = None,
) -> Answer:
    """Ask, and return the answer; closing the question is Cancel.

    Parameters
    ----------
    answers : mapping of Answer to str
        The text of each button; empty for the usual text. Cancel is always there.
    usual : Answer
        The answer of Enter.
    settled : (signal, Answer), optional
        The answer that is used without the user once the signal arrives.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning if warning else QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setText(text)
    if explanation:
        box.setInformativeText(explanation)
        # By itself it is as wide as the question, and the explanation a narrow column.
        box.setStyleSheet(f"#qt_msgbox_informativelabel {{ min-width: {WIDTH}px }}")
    for answer, text in ({Answer.Cancel: ""} | dict(answers)).items():
        button = box.addButton(answer)
        if text:
            button.setText(text)
    box.setDefaultButton(usual)
    if settled is not None:
        signal, answer = settled
        signal.connect(box.button(answer).click)
    chosen = Answer(box.exec())
    box.deleteLater()
    return chosen
