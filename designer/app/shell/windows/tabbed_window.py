"""A window of the application: pipelines in tabs."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.window_layout import SMALLEST
from designer.app.shell.windows.pipeline_tabs import CLOSE, PipelineTabs
from designer.app.shell.windows.pipeline_window import PipelineWindow, close_pages
from designer.app.widgets.announcer import Announcer
from designer.app.widgets.text_scale import text_scale
from designer.pipeline import file as pipeline_file
from designer.pipeline.shared.library import SUFFIX as MODULE_SUFFIX
from designer.texts import tr


class TabbedWindow(QMainWindow):
    """A window around pipelines; with one of them, it shows no tabs.

    A page keeps all that belongs to its pipeline, menus and status bar too: the window has only
    the tabs, and shows one page at a time.

    Signals
    -------
    tab_requested : PipelineWindow
        Another tab is to be opened beside this one.
    emptied
        The last page has left it.

    Attributes
    ----------
    strip : QWidget
        The row with the tabs.
    announcer : Announcer
        Announces what happens in tabs that aren't shown.
    """

    tab_requested = Signal(object)
    emptied = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("frame")
        self.setAcceptDrops(True)
        self.setMinimumSize(SMALLEST)
        self._pages: list[PipelineWindow] = []
        self._focus: dict[PipelineWindow, QWidget] = {}
        self._runs: dict[PipelineWindow, str] = {}
        self._news: set[PipelineWindow] = set()
        self.announcer = Announcer(self)
        self.tabs = PipelineTabs()
        self.add = QToolButton()
        self.add.setAutoRaise(True)
        # Keys have the command.
        self.add.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.add.setIcon(theme.icon("add"))
        self.add.setFixedSize(CLOSE * text_scale())
        self.add.setIconSize(QSize(14, 14) * text_scale())
        self.add.setAccessibleName(tr("New tab"))
        self.add.setToolTip(tr("New tab"))
        self.strip = QWidget()
        self.strip.setObjectName("tabStrip")
        self.strip.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.strip.hide()
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(4)
        row.addWidget(self.tabs)
        row.addWidget(self.add)
        row.addStretch()
        self._stack = QStackedWidget()
        # In a main window, because a screen reader ignores what is in other top-level widgets.
        inside = QWidget()
        self.setCentralWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(self._on_current)
        self.tabs.tabMoved.connect(self._on_moved)
        self.tabs.close_requested.connect(lambda index: self._pages[index].close())
        self.tabs.menu_requested.connect(self._open_menu)
        self.add.clicked.connect(lambda: self.tab_requested.emit(self.current))

    @property
    def current(self) -> PipelineWindow | None:
        """The page that is shown."""
        index = self.tabs.currentIndex()
        return self._pages[index] if 0 <= index < len(self._pages) else None

    def pages(self) -> list[PipelineWindow]:
        """Return the pages in the order of their tabs."""
        return list(self._pages)

    def take(self, page: PipelineWindow) -> None:
        """Add a page at the end, without showing it."""
        page.frame = self
        self._pages.append(page)
        self._runs[page] = page.tab.run
        self._stack.addWidget(page)
        self.tabs.add()
        page.described.connect(self._describe)
        page.windowTitleChanged.connect(self._show_title)
        page.closing.connect(self._on_closing)
        self._count()

    def release(self, page: PipelineWindow) -> None:
        """Let go of a page that moves to another window; it is hidden then."""
        self._remove(page)
        page.frame = None
        page.setParent(None)
        if not self._pages:
            self.emptied.emit()
            self.deleteLater()

    def _remove(self, page: PipelineWindow) -> None:
        page.described.disconnect(self._describe)
        page.windowTitleChanged.disconnect(self._show_title)
        page.closing.disconnect(self._on_closing)
        index = self._pages.index(page)
        if len(self._pages) == 1:
            self.hide()
        # First another page comes to the front, so that nothing flashes.
        self._pages.pop(index)
        self.tabs.removeTab(index)
        self._stack.removeWidget(page)
        self._focus.pop(page, None)
        self._runs.pop(page)
        self._news.discard(page)
        self._count()

    def show_page(self, page: PipelineWindow) -> None:
        """Show the window with this page."""
        self.tabs.setCurrentIndex(self._pages.index(page))
        self.show()

    def bring_to_front(self, page: PipelineWindow) -> None:
        """Show this page over the other windows, with the keyboard."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show_page(page)
        self.raise_()
        self.activateWindow()

    def step(self, offset: int) -> None:
        """Show the page so many tabs further, past the end from the start."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + offset) % len(self._pages))

    def move_page(self, page: PipelineWindow, offset: int) -> None:
        """Move a tab so many positions, as far as there are any."""
        index = self._pages.index(page)
        self.tabs.moveTab(index, min(max(index + offset, 0), len(self._pages) - 1))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Continue with Tab from the tabs as in the page."""
        page = self.current
        return page.focusNextPrevChild(forward) if page is not None else False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files of pipelines where nothing else does."""
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open them."""
        page = self.current
        if page is not None:
            event.acceptProposedAction()
            page.open_files(_dropped(event))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close all pages, or none if the user wants to stay in one."""
        event.setAccepted(close_pages(self._pages))

    def _on_current(self, index: int) -> None:
        """Show the page of a tab, with the focus where it was."""
        if not 0 <= index < len(self._pages):
            return
        before, page = self._stack.currentWidget(), self._pages[index]
        held = self.focusWidget()
        inside = held is not None and before is not None and before.isAncestorOf(held)
        if inside and isinstance(before, PipelineWindow) and held is not None:
            self._focus[before] = held
        self._stack.setCurrentWidget(page)
        back = self._focus.pop(page, None)
        alive = back is not None and shiboken6.isValid(back)  # type: ignore[no-untyped-call]
        if inside and back is not None and alive and back.isVisible():
            back.setFocus(Qt.FocusReason.OtherFocusReason)
        if page in self._news:
            self._news.remove(page)
            self._describe()
        self._show_title()

    def _on_closing(self, page: object) -> None:
        """Let go of a page that is closed; it is hidden here until it is deleted.

        Without a parent, all that is in it would get the style sheet once more.
        """
        if isinstance(page, PipelineWindow):
            self._remove(page)
            page.frame = None
            if not self._pages:
                self.emptied.emit()
                # Whoever made the page may keep it for longer than its window.
                page.destroyed.connect(self.deleteLater)

    def _on_moved(self, origin: int, target: int) -> None:
        self._pages.insert(target, self._pages.pop(origin))

    def _count(self) -> None:
        """Update what depends on the number of pages."""
        self.strip.setVisible(len(self._pages) > 1)
        self._describe()
        for page in self._pages:
            page.tabs_changed()

    def _describe(self) -> None:
        """Update the tabs, and announce a run that has ended in one that isn't shown."""
        for index, page in enumerate(self._pages):
            text = page.tab
            ended = self._runs[page] == "running" != text.run
            self._runs[page] = text.run
            if ended and page is not self.current:
                self._news.add(page)
                self.announcer.say(
                    tr("{title}: {text}").format(title=text.title, text=text.run_text)
                )
            self.tabs.describe(index, text, news=page in self._news)

    def _show_title(self) -> None:
        if self.current is not None:
            self.setWindowTitle(self.current.windowTitle())

    def _open_menu(self, index: int, at: QPoint) -> None:
        menu = self._pages[index].tab_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)


def _dropped(event: QDropEvent) -> list[Path]:
    """Return the files of pipelines that are dragged."""
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [each for each in files if each.name.endswith((pipeline_file.SUFFIX, MODULE_SUFFIX))]
