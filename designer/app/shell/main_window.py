"""The main window: puts document, canvas, panels, and runs together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QVBoxLayout, QWidget

from designer.app.background.errors import explained
from designer.app.deployment.inference.conversion import Converted
from designer.app.document.clipboard import leave_text
from designer.app.document.recovery import Recovery
from designer.app.shell import theme, window_layout
from designer.app.shell.commands.menus import TAB, WINDOWS_FOR_TAB
from designer.app.shell.connections import connect
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from designer.app.shell.settings import Settings
from designer.app.shell.tab_order import focus_next, focus_pane
from designer.app.shell.toolbars import StatusLine, fill_menu_bar, make_tool_bar
from designer.app.shell.window_parts import WindowParts
from designer.app.shell.windows.pipeline_window import PipelineWindow, TabText
from designer.app.shell.windows.windows import Windows
from designer.app.widgets.direction import DirectedMenu
from designer.catalog import Catalog
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.engine import Engine

GET_READY = 300
"""Milliseconds after it is shown until a window starts what works behind it."""


class MainWindow(WindowParts):
    """A pipeline in the window of the application, or in one of its tabs.

    Parameters
    ----------
    catalog : Catalog
        The modules.
    make_engine : callable, optional
        Makes the engine; by default one in the window's workspace.
    windows : Windows, optional
        The windows that it joins; by default it is the first.
    in_tab_beside : PipelineWindow, optional
        The pipeline in whose window it is a tab; by default it gets a new window.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        *,
        workspace: Workspace | None = None,
        make_engine: Callable[[], Engine] | None = None,
        samples: Path | None = None,
        windows: Windows | None = None,
        in_tab_beside: PipelineWindow | None = None,
    ) -> None:
        with theme.styled_at_once():
            super().__init__(
                settings,
                catalog,
                workspace=workspace,
                make_engine=make_engine,
                samples=samples,
                windows=windows,
            )
            self._add_pages()
            self.status = StatusLine(self.statusBar(), self)
            frame = self.windows.place(self, in_tab_beside)
        if in_tab_beside is None:
            window_layout.place(frame, self.settings)
        self.setObjectName("main")
        self._closed = False
        self._ending = False
        self._leaving = False
        self._run = ""
        self._lay_out()
        connect(self, self.status)
        self.files.opened.connect(self.on_opened)
        self.document.path_changed.connect(self._show_title)
        self.document.dirty_changed.connect(lambda _: self._show_title())
        self.runs.progress_shown.connect(self._show_run)
        self.navigation.page_changed.connect(self._show_page)
        self.bar.make_room = self.make_room
        self.navigation.show(START)
        self.windows.add(self)

    @property
    def path(self) -> Path | None:
        """See base."""
        return self.document.path

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def on_opened(self) -> None:
        """Show the pipeline that was just opened."""
        self.navigation.opened = True
        if self.controller.ends_when_left:
            self.messages.show(tr("The run was canceled: another pipeline is open."))
        self.runs.forget()
        self.known.forget()
        self.agreements.forget()
        path = self.document.path
        if path is not None and self.files.is_sample(path):
            self.agreements.adopt()
        self.bar.forget_pipeline()
        self.memory.open(path)
        if self.memory.damage is not None:
            damage = self.memory.damage
            self.bar.show_message(explained(damage), severity="warning")
        self.compute_targets.show()
        self.deployment.on_opened()
        self.navigation.show(EDITING)
        self.canvas.select([])
        self.log.start(self.document.pipeline.nodes)
        self.reports.show()
        self.status.show_run("", "")
        self.checker.pipeline_changed(self.document.pipeline, self.document.base)
        if path is not None:
            self.controller.recall(path)
        self.history.opened()
        QTimer.singleShot(0, self.canvas, self.canvas.fit)
        self.canvas.setFocus()

    def show_report(self, title: str, made: Converted) -> None:
        """Show the replacements in the inference pipeline."""
        self.deployment.inference.show_report(title, made)

    def open_beside(self, text: str, *, made_here: bool = True) -> MainWindow:
        """See base."""
        other = self.make_another(self)
        other.document.restore(Recovery(Path(), None, time.time(), text))
        other.on_opened()
        closed = self.agreements.closed(self.document.pipeline, self.document.base)
        if made_here and not closed:
            other.agreements.adopt()
        other.show()
        return other

    def make_another(self, beside: PipelineWindow, in_tab: bool = False) -> MainWindow:
        """See base."""
        other = MainWindow(
            self.settings,
            self.catalog,
            workspace=self.workspace,
            samples=self.samples,
            windows=self.windows,
            in_tab_beside=beside if in_tab else None,
        )
        if not in_tab:
            window_layout.put_beside(other.window(), beside.window())
        QTimer.singleShot(GET_READY, other, other.get_ready)
        return other

    def get_ready(self) -> None:
        """Start the workers and what looks after modules and schedules, without waiting."""
        if not self._closed:
            self.controller.warm_up()
            self.module_watch.start()
            self.schedules.start()

    def make_room(self, change: Callable[[], object]) -> None:
        """Shrink the panels below for the message bar, not the canvas."""

        def lay_out() -> None:
            change()
            # The second time with the height that the text needs in the width it got.
            for _ in range(2):
                self.bar.settle()
                self._column.activate()

        self.workbench.resize_below(lay_out)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc close the message bar, leave the start page, and go back to the canvas."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.tour.active:
            self.tour.leave()
        elif not self.bar.isHidden():
            self.bar.dismiss()
        elif self.navigation.editing:
            self.canvas.setFocus()
        elif self.navigation.opened:
            self.navigation.show(EDITING)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go from the tools over palette, canvas, and properties to what is below."""
        return focus_next(self, self._areas(), forward)

    def focus_pane(self, forward: bool) -> None:
        """See base."""
        focus_pane(self, self._areas(), forward)

    def _areas(self) -> list[QWidget]:
        """Return the parts of the window as they are read."""
        sides = self.workbench.sides
        tabs = [] if self.frame is None else [self.frame.strip]
        return [
            *tabs,
            self.toolbar,
            self.deployment.report,
            sides["left"],
            self.canvas,
            sides["beside"],
            sides["right"],
            sides["below"],
            self.pages,
            self.bar,
            self.statusBar(),
        ]

    @property
    def tab(self) -> TabText:
        """See base."""
        if not self.navigation.editing and not self.navigation.opened:
            return TabText(tr("Start page"))
        document = self.document
        return TabText(document.title, document.path, document.dirty, *self.status.run_state)

    def tab_menu(self) -> QMenu:
        """See base."""
        menu = DirectedMenu(self)
        self.commands.fill(menu, TAB, {WINDOWS_FOR_TAB: self.window_actions.list_other_windows})
        return menu

    def tabs_changed(self) -> None:
        """See base."""
        self.commands.update()

    def open_path(self, path: Path) -> bool:
        """See base."""
        return self.files.open_path(path)

    def open_files(self, paths: Sequence[Path]) -> None:
        """See base."""
        self.window_actions.open_files(paths)

    def restore(self, recovery: Recovery) -> None:
        """See base."""
        self.files.restore(recovery)

    def may_leave(self) -> bool:
        """See base."""
        return self.files.may_leave()

    def leave(self) -> None:
        """See base."""
        self._leaving = True
        self.close()

    def end(self) -> None:
        """See base."""
        self._ending = True
        question = QApplication.activeModalWidget()
        if question is not None:
            question.close()
        self.properties.commit()
        self.document.write_recovery(ending=True)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about changes, then end everything that works in the background."""
        if self._closed:
            event.accept()
            return
        # It may have to end while it asks.
        asks = not (self._ending or self._leaving)
        if asks and not self.files.may_leave() and not self._ending:
            event.ignore()
            return
        self._closed = True
        # So that the panels are stored with their height without it.
        self.bar.end()
        if self.tour.active:
            self.tour.leave()
        self.results.close()
        window_layout.remember(self.window(), self.settings, self.workbench)
        self.closing.emit(self)
        self.hide()
        leave_text(QApplication.clipboard(), self.edits.copied)
        self.runs.close()
        self.compute_targets.close()
        self.publishing.close()
        self.dataset_actions.close()
        self.scripts.close()
        self.lineage.close()
        self.module_watch.close()
        self.deployment.close()
        self.schedules.close()
        # The engine first: what still works on a sample ends with it.
        self.controller.close()
        self.checker.close()
        self.document.close(keep_recovery=self._ending and self.document.dirty)
        event.accept()
        self.ended.emit()

    def _add_pages(self) -> None:
        self.pages = QStackedWidget()
        self._pages: dict[str, QWidget] = {
            START: self.start_page,
            EDITING: self.workbench,
            DEPLOYMENT: self.deployment.page,
            SCHEDULES: self.schedules.page,
        }
        for page in self._pages.values():
            self.pages.addWidget(page)
        central = QWidget()
        self._column = QVBoxLayout(central)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.deployment.report)
        self._column.addWidget(self.shared.trail)
        self._column.addWidget(self.pages, 1)
        self._column.addWidget(self.bar)
        self.setCentralWidget(central)

    def _lay_out(self) -> None:
        fill_menu_bar(
            self.menuBar(),
            self.commands,
            self.settings,
            self.files.open_path,
            self.window_actions.open_in_tab,
            self.window_actions.list_windows,
            self.window_actions.list_other_windows,
        )
        targets = self.compute_targets.make_button(lambda menu: self.commands.fill(menu, "Run on"))
        self.toolbar = make_tool_bar(self.commands, targets)
        self.addToolBar(self.toolbar)
        self.workbench.share_width()
        window_layout.restore_panels(self.settings, self.workbench)

    def _show_page(self) -> None:
        navigation = self.navigation
        self.pages.setCurrentWidget(self._pages[navigation.page])
        self._show_title()
        self.toolbar.setVisible(navigation.editing)
        self.status.zoom.setVisible(navigation.editing)
        self.status.back.setVisible(not navigation.editing and navigation.opened)
        self.commands.update()

    def _show_title(self) -> None:
        """Show what is open, and whether it has changed."""
        if not self.navigation.editing and not self.navigation.opened:
            self.setWindowTitle("ModelDesk")
        else:
            mark = "*" if self.document.dirty else ""
            self.setWindowTitle(f"{mark}{self.document.title} – ModelDesk")
        self.described.emit()

    def _show_run(self, status: str, text: str) -> None:
        """Show on the tab that a run has started or ended, not how far it is."""
        if self.status.run_state[0] != self._run:
            self._run = self.status.run_state[0]
            self.described.emit()
