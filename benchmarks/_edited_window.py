"""The program that ``kills.py`` kills: the real window, edited by events without a pause.

Called as ``_edited_window.py edit SEED LOW HIGH``, it edits every LOW to HIGH seconds until it
is ended, and prints a JSON line for each edit: its time and a digest of the pipeline. Called as
``_edited_window.py reopen``, it restores what is offered, prints the digest of that, and ends.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.shell import main as application
from designer.app.shell.main_window import MainWindow
from designer.pipeline import file

SCRIPT = "execute_python_script"
KEYS = "abcdefgh = 1(2)"


def digest(window: MainWindow) -> str:
    """Return a digest of the open pipeline."""
    return hashlib.sha256(file.dumps(window.document.pipeline).encode()).hexdigest()


def tell(**content: object) -> None:
    """Print a JSON line."""
    print(json.dumps(content), flush=True)


def edit(seed: int, low: float, high: float) -> Callable[[MainWindow], None]:
    """Return what edits a window by keys and commands, at random moments."""
    chance = random.Random(seed)

    def on_shown(window: MainWindow) -> None:
        window.files.new()
        window.modules.add_at_center(SCRIPT)

        def act() -> None:
            kind = chance.random()
            if kind < 0.15:
                window.modules.add_at_center("split_data")
            elif kind < 0.25:
                window.canvas.setFocus()
                keys = Qt.KeyboardModifier.ControlModifier
                QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Z, keys)
            else:
                window.canvas.select([SCRIPT])
                field = window.properties.fields.get("script")
                if field is None:
                    window.modules.add_at_center(SCRIPT)
                else:
                    field.editor.code.setFocus()
                    QTest.keyClicks(field.editor.code, chance.choice(KEYS))
            tell(time=time.monotonic(), digest=digest(window))
            QTimer.singleShot(round(1000 * chance.uniform(low, high)), window, act)

        QTimer.singleShot(0, window, act)

    return on_shown


def reopen(window: MainWindow) -> None:
    """Restore what the window offers."""

    def look() -> None:
        button = next((each for each in window.bar.buttons if each.text() == "Restore"), None)
        if not window.bar.isVisible() or button is None:
            QTimer.singleShot(20, window, look)
            return
        offered = window.bar.text.text()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        tell(offered=offered, digest=digest(window), dirty=window.document.dirty)
        window.document.undo_stack.setClean()
        window.close()

    QTimer.singleShot(0, window, look)


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    application.on_shown = (
        reopen if what == "reopen" else edit(int(numbers[0]), *map(float, numbers[1:]))
    )
    sys.exit(application.open_window())
