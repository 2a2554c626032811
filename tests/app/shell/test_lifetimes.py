"""What outlives what: icons, threads that report late, and the window at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from designer.app.shell.main import get_ready, make_window
from designer.app.shell.preload import Preloader
from designer.app.widgets.main_thread import MainThreadInvoker

PATIENCE = 120
"""Seconds after which an effect that is waited for counts as missing, on a busy machine too."""

ICON = """
import gc, sys
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication
from designer.app.shell import theme

app = QApplication(sys.argv)
theme.apply(app, "light")
for _ in range(50):
    icon = theme.icon("run")
    changed = QIcon(icon)
    changed.addPixmap(QPixmap(8, 8))
    del icon
    gc.collect()
    assert changed.pixmap(QSize(16, 16), 2.0).width() == 32
print("whole")
"""

ENDING = """
import signal, sys
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from designer.app.shell import main

before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
windows = []

def on_shown(window):
    windows.append(window)
    window.files.new()
    window.modules.add_at_center("split_data")
    window.document.undo_stack.setClean()
    end = QApplication.quit if sys.argv[1] == "system" else window.close
    if sys.argv[1] == "stray":
        windows.append(QWidget())
        windows[1].show()
    QTimer.singleShot(0, window, end)

if __name__ == "__main__":
    main.on_shown = on_shown
    status = main.open_window()
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    names = ("main", "frame")
    left = [w for w in QApplication.topLevelWidgets() if w.objectName() in names]
    print(status, shiboken6.isValid(windows[0]), windows[0].closed, left, before == after)
"""


def carried_out(script: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "script.py"
    file.write_text(script, "utf-8")
    variables = {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": "2",
        "MODELDESK_WORKSPACE": str(folder / "workspace"),
        "PYTHONFAULTHANDLER": "1",
    }
    return subprocess.run(
        [sys.executable, str(file), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
        timeout=PATIENCE,
    )


def test_an_icon_that_is_changed_outlives_the_one_it_was_copied_from(tmp_path):
    done = carried_out(ICON, tmp_path)
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr


@pytest.mark.parametrize(
    "who", ["person", *(pytest.param(who, marks=pytest.mark.long) for who in ("system", "stray"))]
)
def test_the_window_is_gone_before_python_ends(tmp_path, who):
    done = carried_out(ENDING, tmp_path, who)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0 False True [] True"
    assert "Traceback" not in done.stderr


def test_a_window_that_is_closed_at_once_gets_nothing_ready(qtbot, settings):
    window = make_window(settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    libraries = Preloader(QApplication.instance())
    assert window.close()
    get_ready(window, libraries)
    assert not libraries.loading
    libraries.close()
    libraries.deleteLater()


def test_a_relay_is_not_closed_while_another_thread_is_posting(qapp):
    relay = MainThreadInvoker()
    posting, closed = threading.Event(), threading.Event()
    order: list[str] = []

    class Slow:
        """A signal that another thread is still giving when the relay is closed."""

        def emit(self, function) -> None:
            posting.set()
            closed.wait(0.3)
            order.append("posted")

    relay._posted = Slow()
    poster = threading.Thread(target=lambda: relay.post(lambda: None))
    poster.start()
    assert posting.wait(PATIENCE)
    relay.close()
    order.append("closed")
    closed.set()
    poster.join(PATIENCE)
    assert order == ["posted", "closed"]
    relay.post(lambda: None)
    assert order == ["posted", "closed"]
    shiboken6.delete(relay)
