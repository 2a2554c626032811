"""Menu bar, tool bar and status bar, filled from the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from designer.app.shell import commands, theme

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar."""

    def add_recent(menu: QMenu) -> None:
        recent = menu.addMenu(theme.icon("history"), "Open recent")
        recent.aboutToShow.connect(lambda: _fill_recent(window, recent))

    for title, entries in commands.MENUS:
        menu = window.menuBar().addMenu(title)
        # What can't be done yet says why.
        menu.setToolTipsVisible("deploy" in entries)
        commands.fill_menu(menu, entries, window.actions_by_id, {commands.RECENT: add_recent})


def build_tool_bar(window: MainWindow) -> QToolBar:
    """Return the tool bar, added to the window."""
    bar = QToolBar("Tools")
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(18, 18))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.toggleViewAction().setVisible(False)
    for name in commands.TOOLBAR:
        if name is None:
            bar.addSeparator()
            continue
        if name == commands.PLACE:
            bar.addWidget(window.compute_targets.make_button())
            continue
        bar.addAction(window.actions_by_id[name])
        button = bar.widgetForAction(window.actions_by_id[name])
        if name == "run" and isinstance(button, QToolButton):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addAction(window.actions_by_id["switch_theme"])
    window.addToolBar(bar)
    return bar


class StatusLine(QObject):
    """What the status bar always shows: the run, problems, zoom."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._run = ("", "")
        self._bar = window.statusBar()
        self._bar.setSizeGripEnabled(False)
        self.run = QLabel()
        self.run.setContentsMargins(6, 0, 6, 0)
        self.problems = _flat_button("Show the list of problems")
        self.problems.clicked.connect(window.runs.show_problems)
        self.zoom = _flat_button("Actual size")
        self.zoom.clicked.connect(window.views.zoom_reset)
        self.zoom.setMinimumWidth(58)
        self.back = _flat_button("Back to the pipeline")
        self.back.setText("Back to the pipeline")
        self.back.clicked.connect(lambda: window.show_start(False))
        for widget in (self.back, self.run, self.problems, self.zoom):
            self._bar.addPermanentWidget(widget)
        # The same whatever is shown, so that nothing above it jumps.
        self._bar.setFixedHeight(self.zoom.sizeHint().height() + 6)
        self.show_zoom(1.0)
        self.show_problems("")
        self.show_run("", "")
        theme.notifier().changed.connect(self._color_run)

    def show_run(self, status: str, text: str) -> None:
        """Show how the run stands."""
        self._run = (status, text)
        self.run.setText(text)
        self.run.setVisible(bool(text))
        self._color_run()

    def show_problems(self, text: str) -> None:
        """Show how many problems there are."""
        self.problems.setText(text)
        self.problems.setVisible(bool(text))

    def show_zoom(self, zoom: float) -> None:
        """Show the scale of the canvas; 1 is life size."""
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def _color_run(self) -> None:
        colors = theme.current()
        color = {
            "running": colors.running,
            "completed": colors.success,
            "failed": colors.error,
        }.get(self._run[0], colors.text_muted)
        self.run.setStyleSheet(f"color: {color};")


def _fill_recent(window: MainWindow, menu: QMenu) -> None:
    menu.clear()
    for path in window.settings.recent:
        action = menu.addAction(path.name.replace("&", "&&"))
        action.setStatusTip(str(path))
        action.triggered.connect(lambda _=False, path=path: window.files.open_path(path))
    if menu.isEmpty():
        menu.addAction("No recent pipelines").setEnabled(False)
    else:
        menu.addSeparator()
        menu.addAction("Clear this list").triggered.connect(window.settings.clear_recent)


def _flat_button(tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setToolTip(tip)
    return button
