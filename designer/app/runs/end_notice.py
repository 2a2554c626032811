"""The desktop's notification of the end of a long run that no one watches."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from designer.app.document.document import Document
from designer.app.runs.run_controller import RunController
from designer.texts import tr

LONG_RUN = 30.0
"""Seconds from which the end of a run is worth a notification."""

_STATUS = {"cancelled": "interrupted"}

InBackground = Callable[[Callable[[], object], Callable[[object], object]], None]


class EndNotice:
    """Notifies the user of the end of a long run if no window of the program is active.

    Parameters
    ----------
    in_background : callable
        Calls a function on a thread, and another one with its result in this one.
    window : QWidget
        Its entry in the task bar asks for attention.
    """

    def __init__(
        self,
        controller: RunController,
        document: Document,
        in_background: InBackground,
        window: QWidget,
    ) -> None:
        self._controller = controller
        self._document = document
        self._in_background = in_background
        self._window = window
        controller.finished.connect(self._on_finished)

    def _on_finished(self, status: str, text: str) -> None:
        if self._controller.seconds < LONG_RUN or QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        run, pipeline = self._controller.run_id or "", str(self._document.path or tr("Untitled"))
        self._in_background(lambda: _send(pipeline, status, run, text), lambda _: None)


def _send(pipeline: str, status: str, run: str, text: str) -> None:
    from designer.scheduling.channels import Desktop
    from designer.scheduling.errors import ScheduleError
    from designer.scheduling.news import News

    news = News("", pipeline, _STATUS.get(status, status), run, text, time.time())
    with contextlib.suppress(ScheduleError):
        # A desktop without notifications: the task bar has to do.
        Desktop().send(news)
