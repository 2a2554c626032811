"""Start-up: from the command line to a window."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from designer import __version__, paths
from designer.app import theme
from designer.app.garbage import GarbageCollector
from designer.app.libraries import Libraries
from designer.app.main_window import MainWindow, chosen_workspace
from designer.app.settings import Settings
from designer.catalog import load_catalog


def open_window(file: Path | str | None = None) -> int:
    """Open the application and return when it is closed.

    Parameters
    ----------
    file : Path or str, optional
        A pipeline to open; without one the start page is shown.

    Returns
    -------
    int
        The exit status.
    """
    app = make_application(sys.argv)
    collector = GarbageCollector(app)
    settings = Settings()
    theme.apply(app, settings.theme)
    window = make_window(settings)
    window.show()
    if file is not None:
        window.files.open_path(Path(file))
    on_shown(window)
    # Everything heavy waits until the person sees the window.
    QTimer.singleShot(0, window.files.offer_recovery)
    libraries = Libraries(app)
    libraries.loaded.connect(collector.keep)
    QTimer.singleShot(300, window, lambda: get_ready(window, libraries))
    _heed_signals(window)
    # Python sees a signal only when it runs: a glance now and then is enough.
    glance = QTimer(window)
    glance.start(500)
    glance.timeout.connect(lambda: None)
    collector.keep()
    status = int(app.exec())
    libraries.close()
    collector.end()
    return status


def on_shown(window: MainWindow) -> None:
    """Called once the window is shown, before anything starts behind it; for tests."""


def make_window(settings: Settings) -> MainWindow:
    """Return a window, not shown yet, whose palette has the person's own modules too."""
    workspace = chosen_workspace(settings)
    catalog = load_catalog(workspace.own_modules)
    window = MainWindow(settings, catalog, workspace=workspace)
    if catalog.problems:
        first, *others = catalog.problems
        more = f" {len(others)} more can't be loaded either." if others else ""
        window.bar.show_lasting(
            f"A module of yours can't be loaded: {first}{more}", severity="warning", kind="modules"
        )
    return window


def get_ready(window: MainWindow, libraries: Libraries) -> None:
    """Start the workers, and import what the first result needs, without waiting for it."""
    window.controller.warm_up()
    libraries.load()


def application_icon() -> QIcon:
    """Return the icon of the application's windows."""
    return QIcon(str(paths.resources() / "modeldesk.svg"))


def make_application(arguments: list[str]) -> QApplication:
    """Return the Qt application, made if there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setDesktopFileName("modeldesk")
    app = QApplication(arguments[:1])
    app.setApplicationName("ModelDesk")
    app.setApplicationVersion(__version__)
    app.setWindowIcon(application_icon())
    return app


def _heed_signals(window: MainWindow) -> None:
    """Let Ctrl+C close the window, and SIGTERM end it."""

    def interrupt() -> None:
        # It asks about changes; whoever presses Ctrl+C again wants no question.
        if QApplication.activeModalWidget() is None:
            window.close()
        else:
            window.end()

    # Soon, and not amidst whatever Python code the signal has come upon.
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, window, interrupt))
    # Nobody is there to answer: logging out, for example.
    signal.signal(signal.SIGTERM, lambda *_: QTimer.singleShot(0, window, window.end))
