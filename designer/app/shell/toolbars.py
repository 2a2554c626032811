"""Menu bar, toolbar, and status bar, filled with commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QStatusBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.commands import Commands
from designer.app.shell.commands.menus import (
    COMPUTE_TARGET,
    MENU_BAR,
    OTHER_WINDOWS,
    RECENT,
    TOOLS,
    TOOLS_END,
    WINDOWS,
    add_menu,
)
from designer.app.shell.settings import Settings
from designer.app.widgets.direction import isolated
from designer.app.widgets.text_scale import text_scale
from designer.texts import tr


def fill_menu_bar(
    bar: QMenuBar,
    commands: Commands,
    settings: Settings,
    open_file: Callable[[Path], object],
    open_in_tab: Callable[[Path], object],
    list_windows: Callable[[QMenu], None],
    list_other_windows: Callable[[QMenu], None],
) -> None:
    """Fill the menu bar.

    Parameters
    ----------
    open_file, open_in_tab : callable
        Open one of the recent files, here or in another tab.
    list_windows : callable
        Adds the pipelines that are open to a menu.
    list_other_windows : callable
        Adds the windows to which a tab can be moved to a menu.
    """

    def add_recent(menu: QMenu) -> None:
        recent = add_menu(menu, tr("Open recent"), theme.icon("history"))
        recent.aboutToShow.connect(lambda: _fill_recent(recent, settings, open_file, open_in_tab))

    for title in MENU_BAR:
        name = title.replace("&", "")
        menu = add_menu(bar, tr(title))
        # Disabled commands show the reason.
        menu.setToolTipsVisible(name == "Deploy")
        special = {
            RECENT: add_recent,
            WINDOWS: list_windows,
            OTHER_WINDOWS: list_other_windows,
        }
        commands.fill(menu, name, special)


def make_tool_bar(commands: Commands, target_button: QToolButton) -> QToolBar:
    """Return the tool bar.

    Parameters
    ----------
    target_button : QToolButton
        The drop-down of compute targets.
    """
    bar = QToolBar(tr("Tools"))
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.toggleViewAction().setVisible(False)
    for name in commands.entries(TOOLS):
        if name is None:
            bar.addSeparator()
        elif name == COMPUTE_TARGET:
            bar.addWidget(target_button)
        else:
            bar.addAction(commands.actions[name])
    run = bar.widgetForAction(commands.actions["run"])
    if isinstance(run, QToolButton):
        run.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addActions([commands.actions[str(name)] for name in commands.entries(TOOLS_END)])
    return bar


_LEAST_TARGET = 24
"""Pixels of what can be pressed."""


class StatusLine(QObject):
    """The permanent part of the status bar: run, problems, zoom.

    Attributes
    ----------
    problems, zoom, back : QToolButton
        To click for the list of problems, for the actual size and for the open pipeline.
    run_state : tuple of str and str
        What the run does, or how it ended, and that in words.
    """

    def __init__(self, bar: QStatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self.run_state = ("", "")
        bar.setSizeGripEnabled(False)
        self.run = QLabel()
        self.run.setContentsMargins(6, 0, 6, 0)
        self.problems = _flat_button(tr("Show the list of problems"))
        self.zoom = _flat_button(tr("Actual size"))
        self.zoom.setMinimumWidth(58)
        self.back = _flat_button(tr("Back to the pipeline"))
        self.back.setText(tr("Back to the pipeline"))
        for widget in (self.back, self.run, self.problems, self.zoom):
            bar.addPermanentWidget(widget)
        bar.installEventFilter(self)
        _fit_height(bar)
        self.show_zoom(1.0)
        self.show_problems("")
        self.show_run("", "")
        theme.notifier().changed.connect(self._color_run)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the bar follow the size of text."""
        if event.type() == QEvent.Type.FontChange and isinstance(watched, QStatusBar):
            _fit_height(watched)
        return False

    def show_run(self, status: str, text: str) -> None:
        """Show the progress of the run."""
        self.run_state = (status, text)
        self.run.setText(text)
        self.run.setVisible(bool(text))
        self._color_run()

    def show_problems(self, text: str) -> None:
        """Show how many problems there are."""
        self.problems.setText(isolated(text))
        self.problems.setAccessibleName(tr("Problems: {text}").format(text=text))
        self.problems.setVisible(bool(text))

    def show_zoom(self, zoom: float) -> None:
        """Show the scale of the canvas, relative to its actual size."""
        text = f"{zoom / text_scale() * 100:.0f} %"
        self.zoom.setText(isolated(text))
        self.zoom.setAccessibleName(tr("Zoom: {text}").format(text=text))

    def _color_run(self) -> None:
        colors = theme.current()
        color = {
            "running": colors.running,
            "completed": colors.success,
            "failed": colors.error,
        }.get(self.run_state[0], colors.text_muted)
        self.run.setStyleSheet(f"color: {color};")


def _fit_height(bar: QStatusBar) -> None:
    """Give the bar one height whatever is shown, so that nothing above it jumps."""
    line = QFontMetrics(QApplication.font()).height()
    bar.setFixedHeight(max(_LEAST_TARGET, line + 6) + 5)


def _fill_recent(
    menu: QMenu,
    settings: Settings,
    open_file: Callable[[Path], object],
    open_in_tab: Callable[[Path], object],
) -> None:
    menu.clear()
    _list_recent(menu, settings, open_file)
    if menu.isEmpty():
        menu.addAction(tr("No recent pipelines")).setEnabled(False)
    else:
        menu.addSeparator()
        _list_recent(menu.addMenu(tr("Open in new tab")), settings, open_in_tab)
        menu.addAction(tr("Clear this list")).triggered.connect(settings.clear_recent)


def _list_recent(menu: QMenu, settings: Settings, open_file: Callable[[Path], object]) -> None:
    for path in settings.recent:
        action = menu.addAction(path.name.replace("&", "&&"))
        action.setStatusTip(str(path))
        action.triggered.connect(lambda _=False, path=path: open_file(path))


def _flat_button(tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setToolTip(tip)
    return button
