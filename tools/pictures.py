"""Save pictures of the screens of the window into a folder, to look at them.

``python tools/pictures.py FOLDER [--size 1280x720] [--themes light,dark] [--sample NAME]
[--language de] [--text-size 200]`` opens a sample, runs it, and goes through pages, panels, results
with their tabs, and dialogs, without a display. ``QT_SCALE_FACTOR=2`` before it makes pictures for
a screen of twice the resolution.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QListWidget, QTabWidget, QWidget

from designer import paths, texts
from designer.catalog import load_catalog
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow

PAGES = ("show_endpoints", "show_models", "show_schedules", "show_retraining")
DIALOGS = (
    "about", "command_palette", "comment", "compute_azureml_v2", "deploy", "guide", "new_module",
    "pipeline_parameters", "preferences", "recent_messages", "register_dataset", "rename",
    "run_script", "schedule", "shortcuts", "show_lineage",
)  # fmt: skip
"""Commands that open one; what is opened is closed without accepting it."""

LIMIT = 300.0
"""Seconds to wait for a run."""

RESULT_LIMIT = 60.0
"""Seconds to wait until a result is read."""

DIALOG_LIMIT = 10.0
"""Seconds to wait for a dialog."""


class Camera:
    """Saves what is shown, in each theme.

    Parameters
    ----------
    apply : callable
        Applies a theme.
    """

    def __init__(self, apply: Callable[[str], None], folder: Path, themes: list[str]) -> None:
        self._apply = apply
        self._folder = folder
        self._themes = themes

    def shoot(self, widget: QWidget, name: str) -> None:
        """Save a widget in each theme."""
        for each in self._themes:
            self._apply(each)
            wait(0.4)
            plain = "".join(sign if sign.isalnum() else "-" for sign in name)
            file = self._folder / f"{plain}-{each}.png"
            widget.grab().save(str(file))
            print(file, flush=True)

    def shoot_dialog(self, name: str, act: Callable[[], object]) -> None:
        """Save the dialog or window that an act opens, and close it."""
        before = visible_windows()
        ended: list[bool] = []

        def look() -> None:
            # A modal dialog has its own event loop, so all of this happens in it.
            opened = QApplication.activeModalWidget() or next(
                iter(visible_windows() - before), None
            )
            if opened is None or ended:
                return
            timer.stop()
            wait(0.5)
            sections = opened.findChild(QListWidget) if name == "preferences" else None
            for row in range(sections.count() if sections else 1):
                if sections:
                    sections.setCurrentRow(row)
                self.shoot(opened, f"{name} {row}" if sections else name)
            if isinstance(opened, QDialog):
                opened.reject()
            else:
                opened.close()
            ended.append(True)

        timer = QTimer(interval=200)
        timer.timeout.connect(look)
        timer.start()
        QTimer.singleShot(0, act)
        if not wait_until(lambda: ended, DIALOG_LIMIT):
            timer.stop()
            print(f"{name}: nothing was opened.", flush=True)


def main() -> None:
    """Read the arguments, and go through the screens."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--sample", default="automobile_price")
    parser.add_argument("--language", default="en", choices=texts.LANGUAGES)
    parser.add_argument("--text-size", type=int, default=100)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    # Before the window's code, of which the texts are translated when it is imported.
    texts.use(given.language)

    from designer.app.library.translation import translated
    from designer.app.shell import main as application
    from designer.app.shell import theme
    from designer.app.shell.main_window import MainWindow
    from designer.app.shell.settings import Settings
    from designer.app.widgets.text_scale import set_text_size

    width, height = map(int, given.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        use_screen(width, height, Path(folder) / "screens.json")
        app = application.make_application(sys.argv[:1])
    set_text_size(given.text_size)
    themes = given.themes.split(",")
    theme.apply(app, themes[0])
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(
            Settings(Path(folder) / "settings.ini"),
            translated(load_catalog()),
            workspace=Workspace(Path(folder) / "workspace"),
        )
        window.window().resize(width, height)
        window.show()
        window.get_ready()
        wait(1.0)
        camera = Camera(lambda mode: theme.apply(app, mode), given.folder, themes)
        visit(window, camera, given.sample)
        window.document.undo_stack.setClean()
        window.close()


def use_screen(width: int, height: int, file: Path) -> None:
    """Let the application have a screen of a size, to which dialogs fit theirs."""
    scale = float(os.environ.get("QT_SCALE_FACTOR", "1"))
    screen = {
        "name": "screen",
        "x": 0,
        "y": 0,
        "width": round(width * scale),
        "height": round(height * scale),
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


def visit(window: MainWindow, camera: Camera, sample: str) -> None:
    """Go through the screens."""
    whole, act = window.window(), window.commands.actions
    camera.shoot(whole, "start")
    act["new"].trigger()
    camera.shoot(whole, "empty")
    window.files.open_path(paths.samples() / f"{sample}.pipeline.json")
    ended: list[str] = []
    window.controller.finished.connect(lambda status, _: ended.append(status))
    wait(1.0)
    window.runs.run()
    wait_until(lambda: ended, LIMIT)
    window.canvas.select([])
    camera.shoot(whole, "pipeline")
    for side in ("below", "left"):
        for tabs in window.workbench.sides[side].window().findChildren(QTabWidget):
            if tabs is window.workbench.sides[side]:
                shoot_tabs(camera, tabs, side, whole)
    act["panels_beside"].trigger()
    wait(2.0)
    camera.shoot(whole, "code")
    act["panels_beside"].trigger()
    for node, content in window.document.pipeline.nodes.items():
        window.canvas.select([node])
        wait(0.5)
        camera.shoot(whole, f"properties of {node}")
        spec = window.catalog[content.module]
        for port in spec.outputs:
            shoot_result(window, camera, node, port.name)
    window.commands.update()
    for name in DIALOGS:
        if act[name].isEnabled():
            camera.shoot_dialog(name, act[name].trigger)
    for name in PAGES:
        act[name].trigger()
        wait(2.0)
        camera.shoot(whole, name)


def shoot_result(window: MainWindow, camera: Camera, node: str, port: str) -> None:
    """Save each tab of the window of a result."""
    from designer.app.views.opening import ResultView

    window.runs.show_output(node, port)
    if not wait_until(window.runs.result_windows, DIALOG_LIMIT):
        return
    (result,) = window.runs.result_windows()
    shown = result.findChildren(ResultView)
    wait_until(lambda: not any(each.reading for each in shown), RESULT_LIMIT)
    wait(2.0)
    tabs = [each for each in result.findChildren(QTabWidget) if each.isVisible()]
    if tabs:
        shoot_tabs(camera, tabs[0], f"{node} {port}", result)
    else:
        camera.shoot(result, f"{node} {port}")
    result.close()
    wait_until(lambda: not window.runs.result_windows(), DIALOG_LIMIT)


def shoot_tabs(camera: Camera, tabs: QTabWidget, name: str, whole: QWidget) -> None:
    """Save a widget with each of its tabs."""
    for index in range(tabs.count()):
        tabs.setCurrentIndex(index)
        wait(1.5)
        camera.shoot(whole, f"{name} {tabs.tabText(index)}")
    tabs.setCurrentIndex(0)


def visible_windows() -> set[QWidget]:
    """Return the windows and dialogs on the screen."""
    kinds = (Qt.WindowType.Window, Qt.WindowType.Dialog)
    windows = QApplication.topLevelWidgets()
    return {each for each in windows if each.isVisible() and each.windowType() in kinds}


def wait(seconds: float) -> None:
    """Let the event loop turn for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(done: Callable[[], object], seconds: float) -> bool:
    """Let the event loop turn until something holds; return whether it does."""
    for _ in range(round(seconds * 10)):
        if done():
            return True
        wait(0.1)
    return bool(done())


if __name__ == "__main__":
    main()
