"""Sentences that a screen reader reads out at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


class Announcer(QObject):
    """Announces what changes without the focus: a selection, a refusal, the end of a run.

    Parameters
    ----------
    window : QWidget
        In which it happens.

    Signals
    -------
    announced : str
        The sentence.
    """

    announced = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def say(self, text: str, *, urgent: bool = False) -> None:
        """Announce a sentence; nothing about a pipeline in a tab that isn't shown.

        Parameters
        ----------
        urgent : bool
            It interrupts what is being read.
        """
        if not text or not self._window.isVisible():
            return
        event = QAccessibleAnnouncementEvent(self._window, text)
        if urgent:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
        self.announced.emit(text)
