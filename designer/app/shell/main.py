"""Start-up: from the command line to a window."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QTimer, QTranslator
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from designer import __version__, paths
from designer.app.background.errors import explained
from designer.app.library.translation import translated
from designer.app.shell import motion, theme
from designer.app.shell.main_window import GET_READY, MainWindow
from designer.app.shell.preload import Preloader
from designer.app.shell.settings import Settings, chosen_workspace
from designer.app.shell.windows.tabbed_window import TabbedWindow
from designer.app.shell.windows.windows import Windows
from designer.app.widgets.qt_gc import GarbageCollector
from designer.app.widgets.text_scale import set_text_size
from designer.catalog import load_catalog
from designer.records import DamagedRecordError
from designer.texts import language
from designer.workspace import Workspace


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
    set_text_size(settings.user.text_size)
    motion.choose(settings.user.motion)
    theme.apply(app, settings.theme)
    window = make_window(settings)
    window.show()
    if file is not None:
        window.files.open_path(Path(file))
    on_shown(window)
    # Everything heavy waits until the window is shown.
    QTimer.singleShot(0, window, window.files.offer_recovery)
    libraries = Preloader(app)
    libraries.loaded.connect(collector.keep)
    QTimer.singleShot(GET_READY, window, lambda: get_ready(window, libraries))
    windows = window.windows
    previous_handlers = _handle_signals(windows)
    # Python handles a signal only while it runs: a regular short call is enough.
    glance = QTimer(app)
    glance.start(500)
    glance.timeout.connect(lambda: None)
    collector.keep()
    # Qt counts windows, and may count one that is no longer visible.
    windows.ended.connect(lambda: app.exit(0))
    status = int(app.exec()) if windows.all() else 0
    libraries.close()
    take_apart(windows, previous_handlers)
    collector.end()
    return status


def on_shown(window: MainWindow) -> None:
    """Called once the window is shown, before anything starts behind it; for tests."""


def make_window(settings: Settings) -> MainWindow:
    """Return a window, not shown yet, whose palette has the user's own modules too."""
    workspace = chosen_workspace(settings)
    catalog = translated(load_catalog(*workspace.own_modules))
    window = MainWindow(settings, catalog, workspace=workspace)
    window.module_watch.show_problems()
    _report_damage(window, workspace)
    return window


def _report_damage(window: MainWindow, workspace: Workspace) -> None:
    """Name the records of the workspace that can't be read."""
    damaged: list[DamagedRecordError] = []
    try:
        workspace.settings  # noqa: B018
    except DamagedRecordError as error:
        damaged.append(error)
    workspace.datasets(damaged.append)
    for text in [explained(each) for each in damaged] + window.settings.damage:
        window.bar.show_lasting(text, severity="warning", kind="damage")


def get_ready(window: MainWindow, libraries: Preloader) -> None:
    """Start the workers, and import what the first result needs, without waiting for it."""
    if not window.closed:
        window.get_ready()
        libraries.load()


def take_apart(windows: Windows, previous_handlers: Mapping[int, Any]) -> None:
    """Let Qt delete the windows while Python and the application are whole.

    At its exit Python would free the rest in an arbitrary order, and
    PySide would delete the rest without holding Python's lock: an event handler or a
    graphics item that is reached then is one that is gone already.

    Parameters
    ----------
    previous_handlers : mapping of int to object
        What signals did before they were the windows'.
    """
    # The system may have ended the application without closing them.
    windows.end()
    for number, before in previous_handlers.items():
        # The signal handler keeps a reference to the windows.
        signal.signal(number, before or signal.SIG_DFL)
    plots = sys.modules.get("pyqtgraph")
    if plots is not None:
        # It would put every item without a scene into one at the exit; there is none left.
        plots.setConfigOption("exitCleanup", False)
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, (MainWindow, TabbedWindow)):
            widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


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
    if language() != "en":
        # The texts of Qt's own buttons and dialogs.
        translator = QTranslator(app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{language()}", folder):
            app.installTranslator(translator)
    return app


def _handle_signals(windows: Windows) -> dict[int, Any]:
    """Let Ctrl+C close the windows, and SIGTERM end them; return what they did before."""

    def interrupt() -> None:
        # It asks about changes; a second Ctrl+C ends without a question.
        if QApplication.activeModalWidget() is None:
            windows.close_all()
        else:
            windows.end()

    # Soon, and not in the middle of arbitrary Python code. For SIGTERM
    # no user can answer: logging out, for example.
    acts = {signal.SIGINT: interrupt, signal.SIGTERM: windows.end}
    return {
        number: signal.signal(number, lambda *_, act=act: QTimer.singleShot(0, windows, act))
        for number, act in acts.items()
    }
